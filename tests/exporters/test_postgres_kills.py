"""Exports that are killed, from either side, at moments all over their course; and exports at the same time."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from support.exports.exported import call
from support.exports.exporter import Exporter
from voicetel.errors import VoicetelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.exports.exported import Target

KILLS = 50
ROUNDS = 20
CALLS = 24
TABLES = ("call_metrics", "call_logs", "operations")


@pytest.fixture
def filled(target: Target) -> Target:
    """A schema that has been made, and logs whose export takes many transactions."""
    target.log(call("first"))
    target.export()
    target.log([event for n in range(CALLS) for event in call(f"call {n}", 4, minute=n)])
    return target


def test_a_client_killed_at_any_moment_leaves_whole_calls(filled: Target) -> None:
    """SIGKILL at 50 moments: what is there is whole batches, and a run that is left alone completes them."""
    randomly = random.Random(1)
    with Exporter(filled) as process:
        took_s = process.timed_export()
    expected = contents(filled)
    broken_off = 0
    for process in exporters(filled, KILLS):
        empty(filled)
        process.begin()
        time.sleep(randomly.uniform(0, took_s))
        process.kill()
        assert_whole_calls(filled)
        broken_off += filled.value("SELECT count(*) FROM {}.call_metrics") < len(expected[0])
    filled.export()
    assert contents(filled) == expected
    assert broken_off > KILLS // 4


def test_a_backend_killed_at_any_moment_leaves_whole_calls(filled: Target) -> None:
    """The server ends the connection at 50 moments: one line says so, and the next run goes on from there."""
    randomly = random.Random(2)
    with Exporter(filled) as process:
        took_s = process.timed_export()
        expected = contents(filled)
        broken_off = 0
        for _ in range(KILLS):
            empty(filled)
            process.begin()
            time.sleep(randomly.uniform(0, took_s))
            kill_backend(filled)
            answer = process.answer()
            assert_whole_calls(filled)
            if answer != "done":
                broken_off += 1
                assert "\n" not in answer
                assert "call " not in answer
                process.begin()
                assert process.answer() == "done"
            assert contents(filled) == expected
    assert broken_off > KILLS // 4


def test_two_exports_at_once_give_what_one_gives(filled: Target) -> None:
    """In 20 rounds both end well: the second waits for the first and finds nothing to do."""
    with Exporter(filled) as one, Exporter(filled) as other:
        one.timed_export()
        other.timed_export()
        expected = contents(filled)
        for _ in range(ROUNDS):
            empty(filled)
            one.begin()
            other.begin()
            assert (one.answer(), other.answer()) == ("done", "done")
            assert contents(filled) == expected


def test_an_export_waits_for_another_and_says_so_when_it_is_too_long(filled: Target, monkeypatch: Any) -> None:
    """The lock is given up for after a while, in one line."""
    monkeypatch.setattr("voicetel.exporters.postgres.database.LOCK_WAIT_S", 1)
    held = threading.Event()
    release = threading.Event()

    def hold() -> None:
        with filled.server.session() as session:
            session(f"SELECT pg_advisory_lock(hashtextextended('voicetel export {filled.schema}', 0)) IS NULL")
            held.set()
            release.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(30)
        said = r"another export into .* has been running for 1 s: server process \d+, connected since 20\S+ \S+ UTC"
        with pytest.raises(VoicetelError, match=said) as caught:
            filled.export()
        assert "pg_terminate_backend(" in str(caught.value.hint)
    finally:
        release.set()
        holder.join()


def exporters(target: Target, number: int) -> Iterator[Exporter]:
    """So many exporters that are ready to begin; others get ready meanwhile."""
    waiting = [Exporter(target), Exporter(target)]
    for _ in range(number):
        process = waiting.pop(0)
        assert process.answer() == "ready"
        yield process
        waiting.append(Exporter(target))
    for process in waiting:
        process.kill()


def empty(target: Target) -> None:
    """Take everything out of the tables. Waits for what a killed client has left behind on the server."""
    target.server.run(f"TRUNCATE {', '.join(f'{target.quoted}.{name}' for name in TABLES)}")


def kill_backend(target: Target) -> None:
    """End the export's connection, if it has one."""
    target.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'voicetel'")


def assert_whole_calls(target: Target) -> None:
    """Every call that is there has all its turns and operations, and nothing is there of another."""
    broken = target.rows(
        f"""
        SELECT call_id FROM {target.quoted}.call_metrics
        FULL JOIN (SELECT call_id, count(*) AS turns FROM {target.quoted}.call_logs GROUP BY call_id) AS t USING (call_id)
        FULL JOIN (SELECT call_id, count(*) AS ops FROM {target.quoted}.operations GROUP BY call_id) AS o USING (call_id)
        WHERE turn_count IS DISTINCT FROM turns OR ops IS DISTINCT FROM 3 * turns + 1
        """
    )
    assert broken == []


def contents(target: Target) -> list[list[dict[str, Any]]]:
    """What the tables hold, but for when it came there."""
    tables = [target.table(name) for name in TABLES]
    for row in tables[0]:
        del row["created_at"], row["updated_at"]
    return tables
