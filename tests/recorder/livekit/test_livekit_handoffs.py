"""Hand-overs from agent to agent, swept over how long the next agent takes: one turn, with its response latency."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from livekit.agents import Agent, RunContext, function_tool

from support.livekit.log import DELAYS_S, RecordedCall, operations, sweep
from support.livekit.session import Pace, Reply, ScriptedCall, until
from voicetel.recorder.livekit import SessionRecorder, record
from voicetel.recorder.writer import captures

if TYPE_CHECKING:
    from collections.abc import Callable

BILL = "My bill is wrong."
HELLO = "Billing, good morning."
ASKS_FOR_BILLING = Reply(tool=("to_billing", {}), input_tokens=40, output_tokens=8)


class Says(Agent):
    """Says its first words itself, after a while."""

    def __init__(self, delay_s: float, **options: Any) -> None:
        super().__init__(instructions="You know every bill.", **options)
        self.delay_s = delay_s

    async def on_enter(self) -> None:
        await asyncio.sleep(self.delay_s)
        self.session.say(HELLO)


class SaysAndWaits(Says):
    """Waits until its first words have been played."""

    async def on_enter(self) -> None:
        await asyncio.sleep(self.delay_s)
        await self.session.say(HELLO)


class Generates(Says):
    """Has the model make its first words."""

    async def on_enter(self) -> None:
        await asyncio.sleep(self.delay_s)
        await self.session.generate_reply(instructions="Greet the caller.")


class Silent(Says):
    """Waits for the caller to speak."""

    async def on_enter(self) -> None:
        await asyncio.sleep(self.delay_s)


def desk(next_agent: Callable[[], Agent], *, by_itself: bool = False, words: str = "") -> Agent:
    """An agent that hands over: it returns the next one, with words to say or without, or tells the session itself."""

    @function_tool
    async def to_billing(context: RunContext[Any]) -> Any:
        """Hand over to billing."""
        if by_itself:
            context.session.update_agent(next_agent())
            return None
        return (next_agent(), words) if words else next_agent()

    return Agent(instructions="You answer the telephone.", tools=[to_billing])


async def handed_over(
    name: str, agent: Agent, *, replies: dict[str, Reply] | None = None, pace: Pace | None = None, goes_on: bool = False
) -> tuple[ScriptedCall, SessionRecorder]:
    """A caller who asks for another agent, and says goodbye to it or hangs up."""
    call = ScriptedCall({BILL: ASKS_FOR_BILLING, **(replies or {})}, pace=pace)
    recorder = record(call.session, call_id=name)
    await call.start(agent)
    await call.says(BILL)
    await until(lambda: any(HELLO in (m.text_content or "") for m in call.witness.messages))
    if goes_on:
        await call.agent_finishes()
        await call.says("Thanks, bye.")
        await call.agent_answers()
    await call.hang_up()
    return call, recorder


def check(log: RecordedCall, text: str = HELLO) -> dict[str, Any]:
    """The first turn is the whole of it: the caller's words, the next agent's, and LiveKit's own latency."""
    turn: dict[str, Any] = log.turns[0]
    assert turn["user"]["text"] == BILL
    assert turn["agent"]["text"] == text
    assert turn["agent"]["interrupted"] is False
    assert turn["eou_latency_ms"] == pytest.approx(turn["agent"]["start_ms"] - turn["user"]["end_ms"], abs=0.3)
    first = next(message for message in log.call.witness.messages if message.role == "assistant")
    if "e2e_latency" in first.metrics:
        assert turn["eou_latency_ms"] == pytest.approx(first.metrics["e2e_latency"] * 1000, abs=0.3)
    assert [tool["name"] for tool in operations(turn, "tool")] == ["to_billing"]
    assert [mark["kind"] for mark in log.of("mark")].count("handoff") == 1
    assert not log.of("usage")
    return turn


@pytest.mark.parametrize("kind", [Says, SaysAndWaits, Generates])
async def test_next_agent_that_takes_its_time(kind: type[Says]) -> None:
    """However long the next agent waits before its first words, they answer the caller who asked for it."""
    greeting = {"Greet the caller.": Reply(HELLO, input_tokens=60, output_tokens=5)}
    logs = await sweep(
        DELAYS_S,
        lambda delay_s: handed_over(f"{kind.__name__}-{delay_s}", desk(lambda: kind(delay_s)), replies=greeting),
    )
    for delay_s, log in logs.items():
        turn = check(log)
        assert len(log.turns) == 1, delay_s
        assert turn["eou_latency_ms"] >= delay_s * 1000 - 2
        assert [llm["input_tokens"] for llm in operations(turn, "llm")] == ([40, 60] if kind is Generates else [40])


async def test_next_agent_whose_voice_takes_its_time() -> None:
    """The same where it is synthesis that takes long, in a call that goes on: the next turn is the caller's next words."""
    bye = {"Thanks, bye.": Reply("Goodbye.", input_tokens=70, output_tokens=2)}
    logs = await sweep(
        DELAYS_S,
        lambda delay_s: handed_over(
            f"tts-{delay_s}",
            desk(lambda: Says(0.0)),
            replies=bye,
            pace=Pace(tts_first_byte_s=delay_s),
            goes_on=True,
        ),
    )
    for delay_s, log in logs.items():
        check(log)
        assert [turn["turn"] for turn in log.turns] == [1, 2], delay_s
        assert log.turns[1]["user"]["text"] == "Thanks, bye."
        assert log.turns[1]["agent"]["text"] == "Goodbye."


@pytest.mark.parametrize("by_itself", [False, True], ids=["the tool returns it", "the tool tells the session"])
async def test_words_of_both_agents(by_itself: bool) -> None:
    """A first agent that says that it connects and a next one that greets answer the caller together."""
    said = "I am connecting you."
    replies = {BILL: Reply(said, tool=("to_billing", {})), "tool:to_billing": Reply("You are through.")}
    logs = await sweep(
        DELAYS_S,
        lambda delay_s: handed_over(
            f"both-{delay_s}", desk(lambda: Says(delay_s), by_itself=by_itself), replies=replies
        ),
    )
    for delay_s, log in logs.items():
        turn = check(log, f"{said} {HELLO}")
        assert len(log.turns) == 1, delay_s
        assert len(turn["agent"].get("spans", [1])) <= 2


async def test_next_agent_that_says_nothing() -> None:
    """A next agent that waits for the caller leaves their turn unanswered; what it says later answers their next words."""

    async def play(delay_s: float) -> tuple[ScriptedCall, SessionRecorder]:
        call = ScriptedCall({BILL: ASKS_FOR_BILLING, "Hello?": Reply(HELLO)})
        recorder = record(call.session, call_id=f"silent-{delay_s}")
        await call.start(desk(lambda: Silent(delay_s)))
        await call.says(BILL)
        # It is in the log as soon as the next agent has declined it, not only when the caller speaks again.
        await until(lambda: any(e["event"] == "turn" and e["call_id"] == recorder.call_id for e in captures[-1]))
        await call.says("Hello?")
        await call.agent_answers()
        await call.hang_up()
        return call, recorder

    for delay_s, log in (await sweep(DELAYS_S, play)).items():
        asked, answered = log.turns
        assert "agent" not in asked, delay_s
        assert "eou_latency_ms" not in asked
        assert (answered["user"]["text"], answered["agent"]["text"]) == ("Hello?", HELLO)
