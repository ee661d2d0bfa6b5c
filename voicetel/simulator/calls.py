"""One whole call: who is called, whether anybody answers, what is said, how it ends and what of that is logged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from voicetel.simulator.data import table
from voicetel.simulator.dialogue import Dialogue, Ending, Exchange
from voicetel.simulator.pipelines.cascade import CascadeStack
from voicetel.simulator.pipelines.pipeline import Manner
from voicetel.simulator.scenarios import phrases, scenario
from voicetel.simulator.talk import CUT_BY_CALLER, Logged, Talk

if TYPE_CHECKING:
    from random import Random

    from voicetel.simulator.agents import Agent, Version

_MINUTE_MS = 60_000
_SIP = {"no_answer": (480, 408, 487), "busy": (486, 486, 600), "rejected": (404, 503, 403, 484)}
_REASONS = {
    "success": ("the caller got what they called for", "goal reached"),
    "fail": ("the caller left without it", "declined"),
    "voicemail": ("a machine answered",),
    "no_answer": ("nobody picked up",),
    "busy": ("line busy",),
}


class Call(NamedTuple):
    """A call as it was logged. ``outcome`` is the truth, unknown where the log keeps no evidence of it.

    ``hung_up_in`` is the state in which the caller hung up before the dialogue was over, where the log says so.
    """

    call_id: str
    agent_name: str
    agent_version: str
    campaign: str | None
    hung_up_in: str | None
    language: str
    outcome: str
    interruptions: int
    events: list[Logged]

    @property
    def ended(self) -> bool:
        """Whether its end was logged."""
        return any(logged.event == "call_ended" for logged in self.events)


@dataclass(slots=True)
class _Draft:
    """A call in the making."""

    rng: Random
    agent: Agent
    version: Version
    campaign: str | None
    language: str
    talk: Talk
    ending: Ending = field(default_factory=Ending)
    sip_status: int | None = None
    amd: str | None = None
    hung_up_in: str | None = None


def make_call(rng: Random, agent: Agent) -> Call:
    """Make up one call that ``agent`` takes. Times are in ms from its start; the events are in the order of their ``ts``."""
    language = agent.languages.draw(rng)
    version = agent.versions.draw(rng)
    pipeline = agent.stack.begin(rng, Manner.draw(rng, language), agent.prompt_tokens, version.slower)
    talk = Talk(rng, pipeline, log_eou=not agent.derived_eou)
    campaign = rng.choice(agent.campaigns) if agent.campaigns else None
    draft = _Draft(rng, agent, version, campaign, language, talk)
    talk.log("call_started", 0, _started(draft))
    if agent.direction == "outbound":
        _dial(draft)
    elif rng.random() < table("traffic")["caller"]["first_silent"]:
        _nobody_speaks(draft)
    else:
        _converse(draft)
    outcome = _end(draft)
    return Call(
        call_id=f"c-{rng.getrandbits(48):012x}",
        agent_name=agent.name,
        agent_version=version.name,
        campaign=campaign,
        hung_up_in=_hung_up_in(draft),
        language=language,
        outcome=outcome,
        interruptions=sum(f"{CUT_BY_CALLER}}}" in logged.body for logged in talk.events),
        events=talk.events,
    )


def _hung_up_in(draft: _Draft) -> str | None:
    said = any(
        logged.event == "call_ended" and '"end_reason":"caller_hangup"' in logged.body for logged in draft.talk.events
    )
    return draft.hung_up_in if said else None


def _started(draft: _Draft) -> str:
    rng, agent = draft.rng, draft.agent
    campaign = f',"campaign":"{draft.campaign}"' if draft.campaign else ""
    return (
        f',"agent_name":"{agent.name}","agent_version":"{draft.version.name}"{campaign},"direction":"{agent.direction}",'
        f'"language":"{draft.language}","source":"{agent.source}","tags":{{"room":"r-{rng.getrandbits(32):08x}"}}'
    )


def _dial(draft: _Draft) -> None:
    rng, shares = draft.rng, table("traffic")["outbound"]
    if draft.agent.no_answer is not None:
        shares = {**shares, "no_answer": draft.agent.no_answer}
    fate = rng.random()
    for kind in ("no_answer", "busy", "rejected"):
        fate -= shares[kind]
        if fate < 0:
            draft.sip_status = rng.choice(_SIP[kind])
            draft.talk.clock_ms = rng.randint(20_000, 45_000) if kind == "no_answer" else rng.randint(900, 6_000)
            draft.ending = Ending("fail" if kind == "rejected" else kind, None, "not_connected")
            return
    draft.talk.clock_ms = rng.randint(3_000, 19_000)
    draft.talk.mark("answered", draft.talk.clock_ms)
    if rng.random() < 0.7:
        draft.sip_status = 200
    if fate - shares["voicemail"] < 0:
        _meet_machine(draft)
        return
    if rng.random() < 0.7:
        draft.amd = "human" if rng.random() < 0.96 else "uncertain"
    _converse(draft)


def _meet_machine(draft: _Draft) -> None:
    """Let a voicemail greeting stand as the callee's words; the agent leaves a message or hangs up."""
    rng, words = draft.rng, phrases(draft.language)
    slots = scenario(draft.language, draft.agent.scenario, "outbound").fill(rng)
    message = rng.choice(words["voicemail_message"]).format_map(slots) if rng.random() < 0.6 else None
    greeting = rng.choice(words["voicemail_greeting"]).format_map(slots)
    draft.talk.exchange(Exchange("voicemail", greeting, message))
    if rng.random() < 0.6:
        draft.amd = "machine-vm"
    draft.ending = Ending("voicemail", "voicemail" if rng.random() < 0.5 else None, "agent_hangup")


def _nobody_speaks(draft: _Draft) -> None:
    rng = draft.rng
    entry = scenario(draft.language, draft.agent.scenario, draft.agent.direction).states["greeting"]
    slots = scenario(draft.language, draft.agent.scenario, draft.agent.direction).fill(rng)
    draft.talk.exchange(Exchange("greeting", None, rng.choice(entry.agent).format_map(slots)))
    if rng.random() < 0.6:
        text = rng.choice(phrases(draft.language)["no_input_agent"])
        draft.talk.exchange(Exchange("greeting", None, text, mark=("no_input", None)))
    hung_up = rng.random() < 0.7
    draft.hung_up_in = "greeting" if hung_up else None
    draft.ending = Ending("unknown", None, "caller_hangup" if hung_up else "timeout")


def _converse(draft: _Draft) -> None:
    agent = draft.agent
    dialogue = Dialogue(
        draft.rng,
        scenario(draft.language, agent.scenario, agent.direction),
        draft.language,
        outbound=agent.direction == "outbound",
        hang_up=draft.version.hang_up,
    )
    for exchange in dialogue:
        draft.talk.exchange(exchange)
    draft.ending, draft.hung_up_in = dialogue.ending, dialogue.hung_up_in


def _end(draft: _Draft) -> str:
    """Log the end of the call; return its outcome, unknown where nothing of it is logged."""
    rng, talk, shares = draft.rng, draft.talk, table("traffic")["log"]
    talk.clock_ms += rng.randint(300, 1_500)
    if rng.random() < shares["no_call_ended"]:
        _die(draft)
        return "unknown"
    stack = draft.agent.stack
    if draft.agent.summary and talk.user_turns and isinstance(stack, CascadeStack):
        body = stack.sum_up(rng, talk.pipeline.context_tokens)
        talk.log("usage", talk.clock_ms, f',"operations":[{body}]')
    ending = draft.ending
    vague = rng.random() < shares["vague_end"] and draft.sip_status in {None, 200}
    if vague:
        ending = Ending("unknown", None, "")
    fields = [f',"duration_s":{talk.clock_ms / 1000:.1f}']
    if ending.final_state and rng.random() < shares["final_state"]:
        fields.append(f',"final_state":"{ending.final_state}"')
    if ending.end_reason:
        fields.append(f',"end_reason":"{ending.end_reason}"')
    if draft.sip_status is not None:
        fields.append(f',"sip_status":{draft.sip_status}')
    if draft.amd is not None and not vague:
        fields.append(f',"amd":"{draft.amd}"')
    fields.append(f',"operations":[{_sessions(draft.agent, talk)}]')
    if ending.outcome != "unknown" and rng.random() < shares["outcome"]:
        fields.append(_verdict(rng, ending.outcome))
    if talk.user_turns and rng.random() < shares["sentiment"]:
        fields.append(f',"sentiment":{_sentiment(rng, ending.outcome):.2f}')
    talk.log("call_ended", talk.clock_ms, "".join(fields))
    if ending.outcome != "unknown" and rng.random() < shares["reviewed"]:
        body = f'{_verdict(rng, ending.outcome)},"sentiment":{_sentiment(rng, ending.outcome):.2f}'
        talk.log("call_ended", talk.clock_ms + rng.randint(20, 240) * _MINUTE_MS, f'{body},"tags":{{"by":"review"}}')
    return draft.ending.outcome


def _die(draft: _Draft) -> None:
    """Let the process end in mid-call: the last events were never written."""
    events = draft.talk.events
    del events[draft.rng.randint(1, len(events)) :]


def _sessions(agent: Agent, talk: Talk) -> str:
    """Bill the connection; a telephone line only where somebody answered."""
    answered = [name for name in agent.transport if name == "livekit" or talk.turns]
    seconds = talk.clock_ms / 1000
    return ",".join(f'{{"stage":"transport","provider":"{name}","session_s":{seconds:.1f}}}' for name in answered)


def _verdict(rng: Random, outcome: str) -> str:
    text = f',"outcome":"{outcome}"'
    if rng.random() < 0.4:
        text = f'{text},"outcome_confidence":{rng.uniform(0.6, 0.99):.2f}'
    if rng.random() < 0.3:
        text = f'{text},"outcome_reason":"{rng.choice(_REASONS[outcome])}"'
    return text


def _sentiment(rng: Random, outcome: str) -> float:
    middle: Any = {"success": 0.35, "fail": -0.3}.get(outcome, 0.0)
    return max(-1.0, min(1.0, rng.gauss(middle, 0.3)))
