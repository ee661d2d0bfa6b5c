"""Calls during which somebody sets the wall clock, over and over: what was logged, beside what really took how long."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from livekit.agents import Agent, function_tool

from support.livekit.log import DELAYS_S, RecordedCall
from support.livekit.session import Reply, ScriptedCall, until
from support.livekit.stepped_clock import step
from voicetel.recorder.livekit import record
from voicetel.testing import capture_events

ANSWER = "We are open from eight to six."
REPLIES = (
    Reply(ANSWER, first_token_s=0.1),
    Reply(ANSWER, first_token_s=0.5),
    Reply(ANSWER, first_token_s=0.1),
    Reply("One moment.", tool=("look_up", {})),
    Reply(ANSWER, first_token_s=0.1),
)
"""In order: LiveKit sorts a conversation by the wall clock, so that the model is told the lines in a wrong one."""


@function_tool
async def look_up() -> str:
    """Look something up."""
    await asyncio.sleep(0.4)
    return "from eight to six"


async def set_clock(by_s: float, detour_s: float) -> None:
    """Set the clock, at once or, where there is a detour, in two steps with a tenth of a second between them."""
    if detour_s:
        step(detour_s)
        await asyncio.sleep(0.1)
    step(by_s - detour_s)


async def stepped_call(by_s: float, detour_s: float, delay_s: float, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Play it. ``by_s`` is how far the clock is set each time, ahead and back again; ``delay_s``, how long after each beginning."""
    call = ScriptedCall({})
    call.llm.in_order.extend(REPLIES)
    recorder = record(call.session, call_id=f"c-{delay_s}")
    began_s = time.monotonic()
    await call.start(Agent(instructions="", tools=[look_up]))
    for line, turn_s in (("While it plays.", 0.3), ("While it thinks.", 0.3), ("While I speak.", 0.6)):
        speaking = asyncio.create_task(call.says(line, turn_s))
        if line == "While I speak.":
            await asyncio.sleep(delay_s)
            await set_clock(by_s, detour_s)
        await speaking
        if line == "While it thinks.":
            await until(lambda: call.session.agent_state == "thinking")
            await asyncio.sleep(delay_s)
            await set_clock(-by_s, detour_s)
        await call.agent_starts()
        if line == "While it plays.":
            await asyncio.sleep(delay_s)
            await set_clock(by_s, detour_s)
        await call.agent_finishes()
        await asyncio.sleep(0.2)
    await call.says("While a tool runs.")
    await call.agent_starts()
    await asyncio.sleep(delay_s)
    await set_clock(-by_s, detour_s)
    await until(lambda: sum(m.text_content == ANSWER for m in call.witness.messages) == 4)
    await call.hang_up()
    lasted_s = time.monotonic() - began_s
    log = RecordedCall(call, recorder, events)
    return {"turns": log.turns, "ended": log.ended, "lasted_s": lasted_s}


async def stepped_calls(by_s: float, detour_s: float) -> list[dict[str, Any]]:
    """A call for each delay, one after the other: nobody sets a clock six times in half a second."""
    with capture_events() as events:
        return [await stepped_call(by_s, detour_s, delay_s, events) for delay_s in DELAYS_S]


def main(by_s: float, detour_s: float) -> None:
    """Write what happened as one JSON list."""
    sys.stdout.write(json.dumps(asyncio.run(stepped_calls(by_s, detour_s))))
