"""What the job and its room say of a call: who called whom, what was typed, how the line and the job ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from livekit import rtc
from livekit.agents import Agent, AgentStateChangedEvent
from livekit.agents.testing import fake_job_context

from support.livekit.log import operations
from support.livekit.session import ScriptedCall
from voicetel.recorder.livekit import record
from voicetel.testing import capture_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livekit.agents import JobContext


SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP


def agent(**options: Any) -> Agent:
    return Agent(instructions="You answer the telephone.", **options)


@contextlib.contextmanager
def running_job(job_id: str = "AJ_1") -> Iterator[JobContext]:
    """A job as LiveKit runs it, but for the worker around it."""
    with fake_job_context(job_id=job_id) as context:
        context._info.fake_job = False
        yield context
        context._tempdir.cleanup()


async def shut_down(job: JobContext, reason: str = "") -> None:
    """What the worker's process does when a job ends."""
    await asyncio.gather(*(callback(reason) for callback in job._shutdown_callbacks))


def line_drops(job: JobContext, reason: str) -> None:
    """The caller leaves the room."""
    leaver = SimpleNamespace(kind=SIP, identity="sip_1", disconnect_reason=rtc.DisconnectReason.Value(reason))
    job.room.emit("participant_disconnected", leaver)


async def test_job_gives_the_call_its_id_and_the_room_its_minutes() -> None:
    """Inside a job the call is the job, found again by its room, and LiveKit's own minutes are counted."""
    with running_job("AJ_7"), capture_events() as events:
        call = ScriptedCall({})
        recorder = record(call.session)
        await call.start(agent())
        await asyncio.sleep(0.2)
        await call.hang_up()

    assert recorder.call_id == "AJ_7"
    assert events[0]["tags"] == {"room": "fake-room", "job_id": "AJ_7"}
    ended: dict[str, Any] = events[-1]
    (transport,) = operations(ended, "transport")
    assert transport["provider"] == "livekit"
    assert transport["session_s"] == ended["duration_s"] >= 0.2


async def test_job_without_a_line_is_not_connected() -> None:
    """A dial that failed ends the call with the evidence that the agent's code gave, when the job shuts down."""
    with running_job() as job, capture_events() as events:
        recorder = record(ScriptedCall({}).session)
        recorder.note(sip_status=486)
        await shut_down(job, "nobody there")

    ended: dict[str, Any] = events[-1]
    assert (ended["event"], ended["end_reason"], ended["sip_status"]) == ("call_ended", "not_connected", 486)
    assert ended["tags"] == {"close_reason": "nobody there"}


@pytest.mark.parametrize(
    ("reason", "end_reason", "outcome"),
    [
        ("USER_UNAVAILABLE", "not_connected", "no_answer"),
        ("USER_REJECTED", "not_connected", "busy"),
        ("ROOM_DELETED", "agent_hangup", None),
        ("CLIENT_INITIATED", "caller_hangup", None),
    ],
)
async def test_line_says_why_it_ended(reason: str, end_reason: str, outcome: str | None) -> None:
    """The room's word for a line's end becomes ours, and stays beside it in the tags."""
    with running_job() as job, capture_events() as events:
        call = ScriptedCall({})
        record(call.session)
        await call.start(agent())
        line_drops(job, reason)
        await call.hang_up()

    ended: dict[str, Any] = events[-1]
    assert ended["end_reason"] == end_reason
    assert ended["tags"]["disconnect_reason"] == reason
    assert ended.get("outcome") == outcome


@pytest.mark.parametrize(
    ("kind", "attributes", "direction", "tags"),
    [
        (SIP, {"sip.ruleID": "SDR_1", "sip.callID": "SCL_1"}, "inbound", {"sip.callID": "SCL_1"}),
        (SIP, {}, "outbound", {}),
        (rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD, {}, "web", {"participant": "ann"}),
    ],
    ids=["called us", "we called", "browser"],
)
async def test_other_party_tells_who_called(
    kind: int, attributes: dict[str, str], direction: str, tags: dict[str, str]
) -> None:
    """Who is at the other end is learnt once they are there; a telephone number is never written down."""
    caller = SimpleNamespace(kind=kind, identity="ann", attributes=attributes | {"sip.phoneNumber": "+15550100"})
    with running_job(), capture_events() as events:
        call = ScriptedCall({})
        record(call.session, tags={"queue": "7"})
        call.session._room_io = SimpleNamespace(linked_participant=caller)  # type: ignore[assignment]
        call.session.emit(
            "agent_state_changed", AgentStateChangedEvent(old_state="initializing", new_state="listening")
        )

    first, second = events
    assert "direction" not in first
    assert (second["event"], second["direction"]) == ("call_started", direction)
    assert second["tags"] == {"room": "fake-room", "job_id": "AJ_1", "queue": "7"} | tags
    assert "+15550100" not in json.dumps(events)


async def test_second_session_of_a_job_is_a_call_of_its_own() -> None:
    """Two sessions in one job, as in a warm transfer, do not mix their turns."""
    with running_job("AJ_8"), capture_events():
        first, second = record(ScriptedCall({}).session), record(ScriptedCall({}).session)
    assert [first.call_id, second.call_id] == ["AJ_8", "AJ_8-2"]


async def test_tagger_and_answering_machine_are_evidence() -> None:
    """What the job's tagger holds when the call ends stands in its end."""
    with running_job() as job, capture_events() as events:
        call = ScriptedCall({})
        record(call.session)
        await call.start(agent())
        job.tagger.add("lk.amd:machine-vm")
        job.tagger.success("message left")
        await call.hang_up()

    ended: dict[str, Any] = events[-1]
    assert ended["amd"] == "machine-vm"
    assert (ended["outcome"], ended["outcome_reason"]) == ("success", "message left")


async def test_verdict_after_the_end_is_written_too() -> None:
    """A job that judges its call after the session closed adds the verdict to the end that is already written."""
    with running_job() as job, capture_events() as events:
        call = ScriptedCall({})
        record(call.session)
        await call.start(agent())
        await call.hang_up()
        job.tagger.fail("nothing was booked")
        await shut_down(job)

    first, second = [event for event in events if event["event"] == "call_ended"]
    assert "outcome" not in first
    assert (second["outcome"], second["outcome_reason"]) == ("fail", "nothing was booked")
    assert "duration_s" not in second


async def test_reason_of_the_job_stands_in_the_end() -> None:
    """A job that shuts down under an open session closes it: its reason is in the tags, whoever comes first."""
    with running_job() as job, capture_events() as events:
        call = ScriptedCall({})
        record(call.session)
        await call.start(agent())
        await shut_down(job, "maintenance")

    (ended,) = [event for event in events if event["event"] == "call_ended"]
    assert ended["end_reason"] == "agent_hangup"
    assert ended["tags"] == {"close_reason": "job_shutdown", "shutdown_reason": "maintenance"}


async def test_reason_that_comes_after_the_end() -> None:
    """LiveKit closes the session first and gives its reason then: the end is said once more."""
    with running_job() as job, capture_events() as events:
        call = ScriptedCall({})
        record(call.session)
        await call.start(agent())
        await call.session.aclose()
        await shut_down(job, "job crashed")

    first, second = [event for event in events if event["event"] == "call_ended"]
    assert (first["end_reason"], second["end_reason"]) == ("agent_hangup", "error")
    assert second["tags"] == {"close_reason": "user_initiated", "shutdown_reason": "job crashed"}
    assert "duration_s" not in second


@pytest.mark.parametrize(
    "reason", ["room disconnected", "job crashed", "", "user initiated", "error", "timeout", "participant left"]
)
async def test_caller_who_hung_up_ended_the_call(reason: str) -> None:
    """What becomes of the job after the caller's line dropped says nothing about the call, and costs it no line."""
    with running_job() as job, capture_events() as events:
        call = ScriptedCall({})
        record(call.session)
        await call.start(agent())
        await call.hang_up()
        await shut_down(job, reason)

    (ended,) = [event for event in events if event["event"] == "call_ended"]
    assert (ended["end_reason"], ended["tags"]) == ("caller_hangup", {"close_reason": "participant_disconnected"})


@pytest.mark.parametrize(
    ("reason", "end_reason"),
    [
        ("SERVER_SHUTDOWN", "error"),
        ("CONNECTION_TIMEOUT", "error"),
        ("ROOM_CLOSED", "caller_hangup"),
        ("ROOM_DELETED", "agent_hangup"),
        ("CLIENT_INITIATED", "agent_hangup"),
    ],
)
async def test_agent_that_loses_its_room(reason: str, end_reason: str) -> None:
    """Why the agent itself left the room says what the session's close does not."""
    with running_job() as job, capture_events() as events:
        call = ScriptedCall({})
        record(call.session)
        await call.start(agent())
        job.room.emit("disconnected", rtc.DisconnectReason.Value(reason))
        await call.session.aclose()

    ended: dict[str, Any] = events[-1]
    assert ended["end_reason"] == end_reason
    assert ended["tags"]["disconnect_reason"] == reason


async def test_answered_line_and_typed_digits() -> None:
    """The moment a line is answered is a mark, once; digits are marks that do not say which."""
    caller = SimpleNamespace(kind=SIP, identity="sip_1", attributes={"sip.callStatus": "ringing"})
    with running_job() as job, capture_events() as events:
        recorder = record(ScriptedCall({}).session)
        job.room.emit("participant_attributes_changed", {"sip.callStatus": "ringing"}, caller)
        caller.attributes["sip.callStatus"] = "active"
        for _ in range(2):
            job.room.emit("participant_attributes_changed", {"sip.callStatus": "active"}, caller)
        for digit in "41":
            job.room.emit("sip_dtmf_received", rtc.SipDTMF(code=ord(digit), digit=digit, participant=None))
        recorder.end()

    marks = [(event["kind"], event.get("value")) for event in events if event["event"] == "mark"]
    assert marks == [("answered", None), ("dtmf", "1"), ("dtmf", "1")]
