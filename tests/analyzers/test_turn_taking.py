"""Who spoke over whom, from events to figures worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.logs import Event, store_of
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.overview.analyze import analyze
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.turn_taking.turn_taking import turn_taking
from voicetel.analyzers.turns.turn_rows import turn_rows
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicetel.analyzers.turn_taking.results import TurnTaking
    from voicetel.results import Grouped

RULES = load_rules()
LIVEKIT = Path(__file__).parents[2] / "sample_logs/livekit"


def turn(number: int, at_s: float, call_id: str = "a", **fields: Any) -> Event:
    """A turn that begins ``at_s`` seconds into the minute. Sides are (start_ms, end_ms) pairs, or the whole object."""
    event: Event = {
        "v": 1,
        "event": "turn",
        "call_id": call_id,
        "turn": number,
        "ts": f"2026-11-02T09:00:{at_s:06.3f}Z",
    }
    for side in ("user", "agent"):
        if isinstance(value := fields.pop(side, None), tuple):
            event[side] = {"start_ms": value[0], "end_ms": value[1]}
        elif value is not None:
            event[side] = value
    return event | fields


def ended(duration_s: float, at_s: float = 59, call_id: str = "a") -> Event:
    """The end of a call."""
    moment = f"2026-11-02T09:00:{at_s:06.3f}Z"
    return {"v": 1, "event": "call_ended", "call_id": call_id, "ts": moment, "duration_s": duration_s}


def report(
    directory: Path, events: Iterable[Event], by: tuple[str, ...] = (), dead_air_s: float = 3
) -> Grouped[TurnTaking]:
    """The figures of a log."""
    with store_of(directory, events) as store:
        return turn_taking(analysis_context(store, Selection(by=by)), dead_air_s=dead_air_s)


def total(directory: Path, *events: Event, dead_air_s: float = 3) -> TurnTaking:
    """The figures over all calls of a log."""
    return report(directory, events, dead_air_s=dead_air_s).total


def test_a_barge_in_by_flag(tmp_path: Path) -> None:
    """The agent's turn of 1 s to 5 s is stopped by a caller who begins at 4.4 s: 600 ms too long, 4 of 8 s heard."""
    found = total(
        tmp_path,
        turn(1, 0, user=(0, 500), agent={"start_ms": 1000, "end_ms": 5000, "interrupted": True},
             operations=[{"stage": "tts", "audio_s": 5}, {"stage": "tts", "audio_s": 3}]),
        turn(2, 4.4, user=(0, 1600), agent={"start_ms": 2000, "end_ms": 3000, "interrupted": False}),
        ended(30),
    )  # fmt: skip
    overlaps = found.caller_over_agent
    assert (overlaps.count, overlaps.agent_turns, overlaps.per_turn) == (1, 2, 0.5)
    assert (overlaps.per_call, overlaps.per_minute) == (1.0, 2.0)
    assert (found.overrun_ms.n, found.overrun_ms.avg, found.overrun_ms.p95) == (1, 600.0, 600.0)
    assert (found.played.turns, found.played.share) == (1, 0.5)
    assert found.agent_over_caller.count == found.false_interruptions.count == 0


def test_a_barge_in_by_times(tmp_path: Path) -> None:
    """Without flags the caller's beginning inside the agent's audio tells; in a pause of the agent's it is none."""
    found = total(
        tmp_path,
        turn(1, 0, agent={"start_ms": 0, "end_ms": 5000, "spans": [[0, 2000], [3000, 5000]]}),
        turn(2, 2.5, user=(0, 300), agent=(1000, 4000)),
        turn(3, 5, user=(0, 300)),
    )
    assert found.caller_over_agent.count == 1
    assert (found.overrun_ms.n, found.overrun_ms.max) == (1, 1500.0)


@pytest.mark.parametrize("by", ["hangup", "agent", "error"])
def test_who_else_stops_the_agent_is_no_caller(tmp_path: Path, by: str) -> None:
    """A hang-up, the agent itself or an error is not an interruption."""
    flagged = {"start_ms": 0, "end_ms": 900, "interrupted": True, "interrupted_by": by}
    found = total(tmp_path, turn(1, 0, agent=flagged), turn(2, 0.5, user=(0, 1000)))
    assert (found.caller_over_agent.count, found.overrun_ms.n, found.played.turns) == (0, 0, 0)


def test_the_agent_over_the_caller(tmp_path: Path) -> None:
    """The agent begins at 2 s while the caller of the next turn speaks from 1.5 s to 4 s: of two timed turns one."""
    found = total(
        tmp_path,
        turn(1, 0, user=(0, 1000), agent={"start_ms": 2000, "end_ms": 3000, "interrupted": False}),
        turn(2, 1.5, user=(0, 2500), agent={"start_ms": 3500, "end_ms": 4500, "interrupted": False}),
        turn(3, 7, agent={"text": "no times", "interrupted": False}),
        ended(60),
    )
    overlaps = found.agent_over_caller
    assert (overlaps.count, overlaps.agent_turns, overlaps.per_turn, overlaps.per_minute) == (1, 2, 0.5, 1.0)
    assert found.caller_over_agent.agent_turns == 3


def test_false_interruptions_stand_apart(tmp_path: Path) -> None:
    """A mark that takes an interruption back counts there and nowhere else."""
    mark = {"v": 1, "event": "mark", "call_id": "a", "ts": "2026-11-02T09:00:01Z", "kind": "false_interruption"}
    found = total(tmp_path, turn(1, 0, agent={"start_ms": 0, "end_ms": 2000, "interrupted": False}), mark)
    assert (found.false_interruptions.count, found.false_interruptions.per_turn) == (1, 1.0)
    assert found.caller_over_agent.count == 0


def test_talk_dead_air_and_monologues(tmp_path: Path) -> None:
    """Agent 0 to 2 and 3 to 4, caller 9 to 10, agent 10.5 to 12.5: silences of 1, 5 and 0.5 s."""
    events = (
        turn(1, 0, agent={"start_ms": 0, "end_ms": 4000, "spans": [[0, 2000], [3000, 4000]]}),
        turn(2, 9, user=(0, 1000), agent=(1500, 3500)),
    )
    found = total(tmp_path, *events)
    assert (found.agent_talk_s, found.caller_talk_s, found.talk_ratio) == (5.0, 1.0, 5 / 6)
    dead = found.dead_air
    assert (dead.above_s, dead.count, dead.total_s, dead.longest_s, dead.share) == (3.0, 1, 5.0, 5.0, 0.4)
    assert (found.longest_agent_s, found.longest_caller_s) == (3.0, 1.0)
    assert total(tmp_path, *events, dead_air_s=0.9).dead_air.count == 2
    assert total(tmp_path, *events, dead_air_s=5).dead_air.count == 0


def test_speech_of_one_side_that_overlaps_counts_once(tmp_path: Path) -> None:
    """A caller who speaks from 0 to 10 s and from 5 to 15 s spoke 15 s, also over an agent who speaks from 6 to 8 s."""
    first, second = turn(1, 0, user=(0, 10_000)), turn(2, 5, user=(0, 10_000))
    alone = total(tmp_path / "alone", first, second)
    assert (alone.caller_talk_s, alone.longest_caller_s) == (15.0, 15.0)
    both = total(tmp_path / "both", first, second, turn(3, 6, agent=(0, 2000)))
    assert (both.caller_talk_s, both.agent_talk_s, both.talk_ratio) == (15.0, 2.0, 2 / 17)
    under = total(
        tmp_path / "under", turn(1, 0, agent=(0, 10_000)), turn(2, 2, user=(0, 1000)), turn(3, 4, user=(0, 1000))
    )
    assert (under.caller_talk_s, under.agent_talk_s, under.longest_caller_s) == (2.0, 10.0, 2.0)


def test_a_call_with_speech_of_unknown_time_is_left_out_of_talk(tmp_path: Path) -> None:
    """Silence cannot be told from speech that nobody timed: such a call has no talk figures, the others keep theirs."""
    found = total(
        tmp_path,
        turn(1, 0, user=(0, 1000), agent=(1000, 2000)),
        turn(1, 0, call_id="b", user=(0, 1000)),
        turn(2, 30, call_id="b", user={"text": "and then?"}),
    )
    assert (found.calls, found.timed_calls, found.caller_talk_s, found.dead_air.count) == (2, 1, 1.0, 0)


def test_what_is_not_known_is_not_zero(tmp_path: Path) -> None:
    """A call of no speech and unknown length has rates and talk of None."""
    mark = {"v": 1, "event": "mark", "call_id": "a", "ts": "2026-11-02T09:00:01Z", "kind": "dtmf"}
    found = total(tmp_path, mark)
    assert (found.minutes, found.talk_ratio, found.agent_talk_s, found.longest_agent_s) == (None, None, None, None)
    assert (found.dead_air.total_s, found.dead_air.share, found.played.share) == (None, None, None)
    overlaps = found.caller_over_agent
    assert (overlaps.count, overlaps.per_turn, overlaps.per_call, overlaps.per_minute) == (0, None, 0.0, None)


def test_rates_per_minute_count_calls_of_known_length(tmp_path: Path) -> None:
    """An interruption in a call of unknown length is in the count and in no rate per minute."""
    flagged = {"start_ms": 0, "end_ms": 900, "interrupted": True}
    found = total(tmp_path, turn(1, 0, agent=flagged), turn(1, 0, call_id="b", agent=flagged), ended(120, call_id="b"))
    assert found.caller_over_agent.count == 2
    assert (found.minutes, found.caller_over_agent.per_minute) == (2.0, 0.5)


def test_groups_add_up(tmp_path: Path) -> None:
    """Each group has the figures of its calls, and together they are the total's."""
    started = {"v": 1, "event": "call_started", "ts": "2026-11-02T09:00:00Z"}
    flagged = {"start_ms": 0, "end_ms": 900, "interrupted": True}
    events = [
        started | {"call_id": "a", "language": "en"},
        turn(1, 0, agent=flagged),
        started | {"call_id": "b", "language": "ru"},
        turn(1, 0, call_id="b", agent=flagged),
        turn(2, 0.5, call_id="b", user=(0, 1000), agent={"interrupted": False}),
    ]
    found = report(tmp_path, events, by=("language",))
    assert [dict(each.group) for each in found.groups] == [{"language": "en"}, {"language": "ru"}]
    assert [each.figures.caller_over_agent.per_turn for each in found.groups] == [1.0, 0.5]
    assert [each.figures.overrun_ms.n for each in found.groups] == [0, 1]
    assert found.total.caller_over_agent.count == 2
    assert found.total.overrun_ms.n == 1


def test_the_recorded_barge_ins_equal_livekits_own() -> None:
    """Interrupted messages and false interruptions of the recorded sessions, as LiveKit flagged them."""
    lines = [
        json.loads(line) for path in sorted(LIVEKIT.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]
    agents = [line["agent"] for line in lines if line["event"] == "turn" and "agent" in line]
    stopped = [agent for agent in agents if agent["interrupted"] and agent.get("interrupted_by", "caller") == "caller"]
    taken_back = [line for line in lines if line.get("kind") == "false_interruption"]
    with open_store([str(LIVEKIT)], RULES, cache=False) as store:
        found = turn_taking(analysis_context(store)).total
        (turns,) = store.connection.execute("SELECT count(*) FROM interrupted_turns").fetchone() or (0,)
    assert len(stopped) == 2
    assert (found.caller_over_agent.count, found.caller_over_agent.agent_turns) == (len(stopped), len(agents))
    assert turns == len(stopped)
    assert found.false_interruptions.count == len(taken_back) == 1
    assert found.overrun_ms.max is not None
    assert 0 < found.overrun_ms.max < 1000


def test_the_count_is_that_of_the_report(tmp_path: Path) -> None:
    """``interruptions`` and ``analyze`` give one number, and every one of it has its turn unless it was only logged."""
    samples = [str(LIVEKIT.parent)]
    with open_store(samples, RULES, cache=False) as store:
        counted = analyze(store, load_card("list")).total.interruptions
        found = turn_taking(analysis_context(store)).total.caller_over_agent
        (turns,) = store.connection.execute("SELECT count(*) FROM interrupted_turns").fetchone() or (0,)
    assert (found.count, found.agent_turns, found.per_turn) == (counted.count, counted.agent_turns, counted.rate)
    assert turns == found.count


def test_some_calls_at_a_time_are_as_good_as_all_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in memory together makes no difference."""
    samples = [str(LIVEKIT.parent)]
    with open_store(samples, RULES, cache=False) as store:
        context = analysis_context(store, Selection(by=("language",)))
        at_once = turn_taking(context)
        monkeypatch.setattr("voicetel.analyzers.turn_taking.turn_taking.TURNS_AT_ONCE", 5)
        assert turn_taking(context) == at_once
        (of_last_part, of_all) = (
            context.rows(f"SELECT count(*) FROM {name}")[0][0] for name in ("turn_times", "turns")
        )
    assert of_last_part < of_all
    assert (at_once.total.caller_over_agent.agent_turns or 0) > 10


def test_spans_say_when_the_agent_spoke_where_its_beginning_and_end_are_not_logged(tmp_path: Path) -> None:
    """The agent speaks from 1 s to 3 s and from 4 s to 6 s; a caller who begins at 5 s interrupts it, one at 9 s does not."""
    spans = {"spans": [[1000, 3000], [4000, 6000]]}
    events = (
        turn(1, 0, agent=spans),
        turn(2, 5, user=(0, 500), agent={"spans": [[1000, 2000]]}),
        turn(3, 9, user=(0, 300)),
    )
    found = total(tmp_path, *events).caller_over_agent
    assert (found.count, found.agent_turns, found.per_turn) == (1, 2, 0.5)
    of_turns = report(tmp_path, events, by=("turn",)).groups
    assert [each.figures.caller_over_agent.count for each in of_turns] == [1, 0, 0]
    assert stopped_turns(tmp_path, *events) == [True, False, None]


@pytest.mark.parametrize(("logged", "stopped"), [(0, False), (2, None)])
def test_a_logged_count_goes_before_the_times_of_turns(tmp_path: Path, logged: int, stopped: bool | None) -> None:
    """The caller begins inside the agent's audio: of no turn that tells more than the count that was logged for the call."""
    spoken = [{"stage": "tts", "audio_s": 6}]
    events = (
        turn(1, 0, agent=(0, 5000), operations=spoken),
        turn(2, 2, user=(0, 500)),
        ended(30) | {"interruption_count": logged},
    )
    found = total(tmp_path, *events)
    assert found.caller_over_agent.count == logged
    assert (found.overrun_ms.n, found.played.turns) == (0, 0)
    assert stopped_turns(tmp_path, *events) == [stopped, None]
    without = total(tmp_path / "without", *events[:2])
    assert (without.caller_over_agent.count, without.overrun_ms.max, without.played.share) == (1, 3000.0, 5 / 6)


def test_audio_that_ends_before_it_begins_has_no_times(tmp_path: Path) -> None:
    """From 3 s to 1 s is no time: whether the caller interrupted is not known."""
    events = (turn(1, 0, agent=(3000, 1000)), turn(2, 2, user=(0, 500)))
    found = total(tmp_path, *events).caller_over_agent
    assert (found.count, found.agent_turns, found.per_turn) == (None, 1, None)
    assert stopped_turns(tmp_path, *events) == [None, None]


def test_spans_that_overlap_are_heard_once(tmp_path: Path) -> None:
    """Spans of 0 to 10 s and of 5 to 15 s are 15 s of 20 that were made; a caller who begins at 12 s waits 3 s for silence."""
    agent = {"spans": [[0, 10_000], [5000, 15_000]], "interrupted": True}
    events = turn(1, 0, agent=agent, operations=[{"stage": "tts", "audio_s": 20}]), turn(2, 12, user=(0, 500))
    found = total(tmp_path, *events)
    assert (found.played.turns, found.played.share) == (1, 0.75)
    assert (found.overrun_ms.n, found.overrun_ms.max) == (1, 3000.0)
    assert (found.agent_talk_s, found.longest_agent_s) == (15.0, 15.0)


def test_the_agent_stops_where_its_latest_span_ends(tmp_path: Path) -> None:
    """Spans of 4 to 6 s and of 0 to 3 s, in this order: a caller who begins at 5 s waits for the end at 6 s, not at 3 s."""
    events = turn(1, 0, agent={"spans": [[4000, 6000], [0, 3000]]}), turn(2, 5, user=(0, 500), agent=(6000, 7000))
    found = total(tmp_path, *events)
    assert (found.caller_over_agent.count, found.overrun_ms.n, found.overrun_ms.max) == (1, 1, 1000.0)
    assert (found.agent_talk_s, found.caller_talk_s, found.dead_air.longest_s) == (6.0, 0.5, 5.0)
    assert found.agent_over_caller.agent_turns == 2


def stopped_turns(directory: Path, *events: Event) -> list[bool | None]:
    """Whether the caller stopped the agent, turn by turn, as exports have it."""
    with store_of(directory, events) as store:
        context = analysis_context(store)
        turn_rows(context)
        return [stopped for (stopped,) in context.rows("SELECT was_interrupted FROM turn_rows ORDER BY turn_index")]
