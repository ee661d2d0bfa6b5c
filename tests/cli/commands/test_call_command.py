"""``voicetel call``: one conversation, by id or the beginning of one."""

from __future__ import annotations

import gzip
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.logs import Event, write_log
from support.results import HOSTILE
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.conversation.conversation import conversation, find_call
from voicetel.errors import ExitCode, UsageError
from voicetel.outcomes import load_rules
from voicetel.pricing import exact_sum, list_prices, parse_card
from voicetel.simulator import simulate
from voicetel.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

CARD = """
currency = "USD"
[stt.deepgram]
usd_per_minute = 0.6
list_check = false
[llm.groq]
usd_per_1m_input_tokens = 100
usd_per_1m_output_tokens = 1000
list_check = false
[transport.livekit]
usd_per_minute = 0.06
list_check = false
"""


def event(what: str, second: int, **fields: Any) -> Event:
    """A line of the call ``c-7f3a``."""
    return {"v": 1, "event": what, "ts": f"2026-11-02T09:00:{second:02d}Z", "call_id": "c-7f3a"} | fields


CALL = [
    event("call_started", 0, agent_name="clinic", agent_version="2", direction="inbound", language="en"),
    event(
        "turn",
        3,
        turn=1,
        state_id="ask_day",
        user={"text": "Which days have you got? [bold]", "start_ms": 0, "end_ms": 1000},
        agent={"text": "Monday.", "start_ms": 1500, "end_ms": 4000, "interrupted": True},
        operations=[
            {"stage": "stt", "provider": "deepgram", "model": "nova-3", "start_ms": 1000, "ttfb_ms": 100, "audio_s": 2},
            {"stage": "llm", "provider": "groq", "model": "llama", "start_ms": 1200, "ttfb_ms": 50, "duration_ms": 200}
            | {"input_tokens": 100, "output_tokens": 20},
            {"stage": "tool", "name": "find_slots", "start_ms": 1250, "duration_ms": 50, "status": "error"},
        ],
    ),
    event("mark", 8, kind="transfer", value="queue-7"),
    event(
        "call_ended",
        10,
        duration_s=10,
        outcome="fail",
        outcome_confidence=0.75,
        outcome_reason="no slot",
        operations=[{"stage": "transport", "provider": "livekit", "session_s": 10}],
    ),
]
OTHER = [line | {"call_id": name} for name in ("c-7f99", "d-1") for line in CALL]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of three calls and a card that prices them; returns the folder of the log."""
    (tmp_path / "card.toml").write_text(CARD)
    write_log(tmp_path / "logs" / "calls.jsonl", [*OTHER, *CALL])
    return tmp_path / "logs"


def show(log: Path, call_id: str = "c-7f3a", *args: str) -> Any:
    """``voicetel call`` on the log."""
    return run("call", call_id, log, "--no-cache", "--pricing", log.parent / "card.toml", *args)


def test_the_conversation_is_shown_with_words_times_and_cost(log: Path) -> None:
    """The whole answer, worked out by hand: 48 characters of axis stand for the turn's 4 seconds."""
    shown = show(log)
    assert shown.code == 0
    assert shown.out.splitlines()[:25] == [
        "c-7f3a · 2026-11-02 09:00:00 UTC · 10 s · clinic 2 · inbound · en",
        "",
        "Outcome   fail, confidence 0.75",
        "Why       no slot (logged)",
        "Turns     1; interrupted 1 of 1 agent turn (100.0 %)",
        "Response  p50 500, p95 500, max 500 ms",
        "Cost      USD 0.0600: STT 0.0200, LLM 0.0300, Transport 0.0100",
        "",
        "Turn 1    +0:03.0 · ask_day · response 500 ms · interrupted by the caller",
        "caller    Which days have you got? [bold]",
        "agent     Monday.",
        "",
        "          model                  ms  0 to 4.0 s                                              used      cost",
        "caller                               ▒▒▒▒▒▒▒▒▒▒▒▒",
        "stt       nova-3                100              ─                                            2 s    0.0200",
        "gap                             200               ·  ··",
        "llm       llama              50/200                ─━━                                 100→20 tok    0.0300",
        "tool      error: find_slots      50                 ━",
        "agent                                                  █████████████████████████████✕",
        "",
        "+0:08.0   transfer queue-7",
        "",
        "Beside the turns  provider  model  used              cost",
        "transport         livekit          10 s connected  0.0100",
        "",
    ]


def test_json_has_the_same_call_with_every_figure(log: Path) -> None:
    """Texts, spans, latencies, operations with their costs, and the row that `voicetel calls` gives."""
    answer = show(log, "c-7f3a", "--json").json
    (turn,) = answer["turns"]
    assert (turn["user"]["text"], turn["agent"]["spans"]) == ("Which days have you got? [bold]", [[1500, 4000]])
    assert (turn["eou_latency_ms"], turn["unattributed_ms"], turn["gaps"]) == (500, 200, [[1100, 1200], [1400, 1500]])
    assert [(each["stage"], each["cost"]) for each in turn["operations"]] == [
        ("stt", "0.02"),
        ("llm", "0.03"),
        ("tool", None),
    ]
    assert answer["marks"][0]["value"] == "queue-7"
    listed = run("calls", log, "--no-cache", "--json", "--pricing", log.parent / "card.toml").json
    assert answer["call"] == next(each for each in listed if each["call_id"] == "c-7f3a")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("c-7f", "2 calls begin with 'c-7f'; one of c-7f3a, c-7f99"),
        ("c-7f3b", "no call in {log} is called 'c-7f3b'; did you mean c-7f3a?"),
        ("zzz", "no call in {log} is called 'zzz'; `voicetel calls` lists them"),
        ("", "3 calls begin with ''; one of c-7f3a, c-7f99, d-1"),
    ],
)
def test_an_id_that_means_no_single_call_is_one_line(log: Path, wanted: str, message: str) -> None:
    """The candidates, or the likely right id and where it was looked for, and exit code 2."""
    shown = show(log, wanted)
    assert (shown.code, shown.out, shown.err) == (2, "", f"error: {message.format(log=log)}\n")


def test_a_unique_beginning_of_an_id_is_enough(log: Path) -> None:
    """`d` is d-1; a whole id wins over a longer one that begins with it."""
    assert show(log, "d").out.startswith("d-1 · ")
    write_log(log / "more.jsonl", [line | {"call_id": "d-12"} for line in CALL])
    assert show(log, "d-1").out.startswith("d-1 · ")


def test_words_come_out_of_compressed_and_growing_logs(log: Path) -> None:
    """A packed log has its words, and so has one whose last line is not whole yet."""
    lines = (log / "calls.jsonl").read_bytes()
    (log / "calls.jsonl").unlink()
    (log / "packed.jsonl.gz").write_bytes(gzip.compress(lines))
    expected = show(log).out
    assert "Which days have you got?" in expected
    (log / "packed.jsonl.gz").unlink()
    (log / "growing[1].jsonl").write_bytes(lines + b'{"v":1,"event":"tu')
    assert show(log).out == expected


def test_words_come_from_standard_input(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `-` for a path the log is read once and still gives its words."""
    with (log / "calls.jsonl").open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert "Which days have you got?" in run("call", "c-7f3a", "-").out


def test_the_cached_store_holds_no_words(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run shows the words, though the cache has none of them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for _ in range(2):
        assert "Which days have you got?" in run("call", "c-7f3a", log).out
    stores = list((tmp_path / "cache").rglob("*.parquet"))
    assert stores
    assert not any(b"Which days have" in store.read_bytes() for store in stores)


def test_hostile_text_is_shown_as_visible_escapes(tmp_path: Path) -> None:
    """Nothing that a terminal obeys gets through from ids, states, words, models, marks or reasons."""
    lines = [
        event("turn", 1, turn=1, state_id=HOSTILE, user={"text": HOSTILE}, agent={"text": HOSTILE, "start_ms": 1})
        | {"operations": [{"stage": HOSTILE, "provider": HOSTILE, "model": HOSTILE, "start_ms": 0, "ttfb_ms": 5}]},
        event("mark", 2, kind=HOSTILE, value=HOSTILE),
        event("call_ended", 3, outcome="fail", outcome_reason=HOSTILE),
    ]
    write_log(tmp_path / "calls.jsonl", [line | {"call_id": f"c{HOSTILE}"} for line in lines])
    for name in ("table", "md", "json"):
        shown = run("call", "c", tmp_path, "--no-cache", "--format", name)
        assert shown.code == 0
        assert not set(shown.out) & set("\x1b\x07\u202e\u2028")
    assert "[bold]" in run("call", "c", tmp_path, "--no-cache").out


def test_a_call_has_no_csv(log: Path) -> None:
    """Said before anything is read."""
    shown = show(log, "c-7f3a", "--format", "csv")
    assert (shown.code, shown.err) == (2, "error: one call has no CSV; it is written as table, json, md or html\n")


def test_an_id_without_any_calls_says_that_there_are_none(tmp_path: Path) -> None:
    """Exit code 4, as for every command without data."""
    (tmp_path / "calls.jsonl").write_text("")
    assert run("call", "c", tmp_path, "--no-cache").code == 4


def test_costs_and_gaps_of_operations_add_up_to_the_figures_of_the_call(tmp_path: Path) -> None:
    """Over made-up calls: operation by operation in Python, per call in SQL, the same digits."""
    simulate(tmp_path, calls=9, seed=11, workers=1)
    per_call = parse_card(
        'currency = "USD"\n[stt.deepgram]\nusd_per_call = 0.01\nusd_per_minute = 0.3\nround_up_to_s = 7\n'
        "[tts.cartesia]\nusd_per_1k_characters = 0.015\n[transport.livekit]\nusd_per_call = 0.5",
        source="card",
    )
    rules = load_rules()
    with open_store([str(tmp_path)], rules, cache=False) as store:
        for card in (list_prices(), per_call):
            for row in calls(store, card).to_pylist():
                talk = conversation(store, card, row["call_id"])
                assert dict(talk.call) == row
                operations = [each for turn in talk.turns for each in turn.operations] + list(talk.operations)
                amounts = [each.cost for each in operations if each.cost is not None]
                assert exact_sum(amounts) == (row["cost_total"] or Decimal(0))
                for turn in talk.turns:
                    known = turn.latencies.get("unattributed_ms")
                    if known is not None:
                        assert sum(end - begin for begin, end in turn.gaps) == pytest.approx(known)
                    assert all(speech is None or speech.text for speech in (turn.user, turn.agent))


def test_an_unknown_id_is_looked_for_among_ids_not_among_words(tmp_path: Path) -> None:
    """A call id that is quoted in somebody's words is no call."""
    write_log(tmp_path / "calls.jsonl", [event("turn", 1, turn=1, user={"text": json.dumps({"call_id": "x-1"})})])
    with (
        open_store([str(tmp_path)], load_rules(), cache=False) as store,
        pytest.raises(UsageError, match="no call is called 'x-1'"),
    ):
        find_call(store, "x-1")


def test_words_are_redacted_where_asked(tmp_path: Path) -> None:
    """Numbers and addresses are gone from what is shown; the log keeps them."""
    words = {"text": "Call me at +7 912 345-67-89 or anna@example.com, order 17."}
    log = write_log(tmp_path / "calls.jsonl", [event("turn", 3, turn=1, user=words)])
    plain = run("call", "c-7f3a", log, "--no-cache").out
    assert "345-67-89" in plain
    redacted = run("call", "c-7f3a", log, "--no-cache", "--redact-pattern", "order [0-9]+").out
    assert not any(secret in redacted for secret in ("345-67-89", "anna@example.com", "order 17"))
    assert "Call me at" in redacted


@pytest.mark.parametrize("bound", ["321", "654"])
def test_the_page_of_a_call_draws_the_limits_of_a_file(log: Path, tmp_path: Path, bound: str) -> None:
    """The bound of --slo is the one that turns are held to; a file that is not there is one line."""
    limits = tmp_path / "limits.toml"
    limits.write_text(f'[[limit]]\nmetric = "eou_latency_ms"\nexpect = "p95 < {bound}"\n')
    page = run("call", "c-7f3a", log, "--no-cache", "-f", "html", "--slo", limits).out
    assert f"the red dashes are {bound} ms" in page
    gone = run("call", "c-7f3a", log, "--no-cache", "-f", "html", "--slo", tmp_path / "gone.toml")
    assert (gone.code, gone.out, gone.err.count("\n")) == (2, "", 1)


def test_the_scale_of_a_page_reaches_what_begins_after_a_tool(tmp_path: Path) -> None:
    """Bars that begin long after the answer are on the scale, and whether anyone interrupted stays unknown."""
    model = {"stage": "llm", "provider": "groq", "model": "llama", "ttfb_ms": 50, "duration_ms": 200}
    later = [{**model, "start_ms": 1200}, {**model, "start_ms": 4300}]
    turn = {"user": {"start_ms": 0, "end_ms": 1000}, "agent": {}, "eou_latency_ms": 500, "operations": later}
    write_log(tmp_path / "calls.jsonl", [event("turn", 1, turn=1, **turn)])
    page = tmp_path / "call.html"
    written = run("call", "c-7f3a", tmp_path, "--no-cache", "-o", page)
    assert (written.code, written.out) == (0, "")
    assert written.err.startswith(f"{page}: ")
    shown = page.read_text()
    # The later request begins 3,300 ms after the caller stops, and 900 ms more are shown.
    assert "−1,500 to 4,200 ms" in shown
    assert "n/a of 1 agent turn<" in shown


def test_logs_before_the_call_are_told_their_order(tmp_path: Path) -> None:
    """Whoever swaps the two is told what to type."""
    turn = {"v": 1, "event": "turn", "ts": "2026-11-02T09:00:00Z", "call_id": "c 1", "turn": 1}
    log = write_log(tmp_path / "calls.jsonl", [turn])
    swapped = run("call", log, "c 1")
    assert swapped.code == ExitCode.USAGE
    assert swapped.err.strip() == (
        f"error: c 1: no such file or directory; the call comes before the logs: voicetel call 'c 1' {log}"
    )
    assert run("call", "c 1", log).code == 0
    assert "the call comes before" not in run("call", "c 1", tmp_path / "other").err


def test_a_call_of_the_name_of_a_file_is_no_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With logs on stdin; and an id may be longer than a file's name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clinic").mkdir()
    for call_id in ("clinic", "c" * 256, "ц" * 200):
        turn = {"v": 1, "event": "turn", "ts": "2026-11-02T09:00:00Z", "call_id": call_id, "turn": 1}
        log = write_log(tmp_path / "calls.jsonl", [turn])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(log.read_bytes())))
        assert run("call", call_id, "-", "--pricing", "list").code == 0
        assert run("call", call_id, log, "--pricing", "list").code == 0
