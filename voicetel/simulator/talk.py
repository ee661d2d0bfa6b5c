"""The course of one call: exchanges of a dialogue become turns with times, operations and JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from voicetel.simulator.agents import Agent
from voicetel.simulator.chance import Latency
from voicetel.simulator.data import table
from voicetel.simulator.dialogue import Exchange
from voicetel.simulator.operations import Operations

_SENTENCE_END = re.compile(r"(?<=[.!?]) ")
_SAME_SPAN_MS = 30
_MIN_MS_TO_CUT = 1_500

Span = list[int]


class Logged(NamedTuple):
    """One event of a call. Times are in ms from the call's start; ``body`` is its JSON after the envelope."""

    written_ms: int
    ts_ms: int
    event: str
    body: str


@dataclass(frozen=True, slots=True)
class Manner:
    """How this caller and this language sound."""

    user_ms_per_char: float
    agent_ms_per_char: float
    chars_per_token: float
    pause: Latency

    @classmethod
    def draw(cls, rng: Random, language: str) -> Manner:
        speech, caller = table("traffic")["speech"], table("traffic")["caller"]
        ms_per_char = speech[f"{language}_ms_per_char"]
        return cls(
            user_ms_per_char=ms_per_char * rng.lognormvariate(0, caller["pace_sigma"]),
            agent_ms_per_char=ms_per_char,
            chars_per_token=speech[f"{language}_chars_per_token"],
            pause=Latency.of(caller["pause_median_ms"], caller["pause_sigma"]),
        )


@dataclass(slots=True)
class _Turn:
    """A turn in the making. Times are in ms of the turn, which begins at ``ts_ms`` of the call."""

    ts_ms: int
    operations: Operations
    said_ms: int = 0
    spans: list[Span] = field(default_factory=list)

    def play(self, start_ms: int, audio_ms: int) -> int:
        """Play audio that is ready at ``start_ms``, after what is playing; return when it ends."""
        if self.spans and start_ms <= self.spans[-1][1] + _SAME_SPAN_MS:
            self.spans[-1][1] += audio_ms
        else:
            self.spans.append([start_ms, start_ms + audio_ms])
        return self.spans[-1][1]


@dataclass(slots=True)
class Talk:
    """What was said so far in one call, and the events it left.

    ``clock_ms`` is when the last sound ended. ``barge_in_ms``: the caller has begun to speak over the agent.
    """

    rng: Random
    agent: Agent
    slower: float
    manner: Manner
    clock_ms: int = 0
    barge_in_ms: int | None = None
    turns: int = 0
    user_turns: int = 0
    interruptions: int = 0
    context_tokens: int = 0
    heard_ms: int = 0
    events: list[Logged] = field(default_factory=list)

    def log(self, event: str, ts_ms: int, body: str) -> None:
        """Log an event that is written when it happens."""
        self.events.append(Logged(ts_ms, ts_ms, event, body))

    def mark(self, kind: str, at_ms: int, value: str | None = None) -> None:
        rest = "" if value is None else f',"value":"{value}"'
        self.log("mark", at_ms, f',"kind":"{kind}"{rest}')

    def exchange(self, said: Exchange) -> None:
        """Let ``said`` happen: the caller's words, then the agent's reply."""
        if said.user is None:
            turn, user, decided_ms = self._unasked(said)
        else:
            turn, user, decided_ms = self._listen(said.user)
        if said.agent is None:
            self._write(turn, said, user, "")
            self.clock_ms = turn.ts_ms + decided_ms
            return
        reply = said.agent if said.filler is None else f"{said.filler} {said.agent}"
        if said.user is None:
            self._voice(turn, 0, reply)
        elif self.agent.realtime is not None:
            self._respond(turn, said, reply, decided_ms)
        else:
            self._answer(turn, said, decided_ms)
        self.context_tokens += self._tokens(reply) + 8
        self._speak(turn, said, user, reply)

    def _unasked(self, said: Exchange) -> tuple[_Turn, str, int]:
        silence_ms = self.rng.randint(250, 700)
        if said.mark is not None and said.mark[0] == "no_input":
            silence_ms += 6000
            self.mark("no_input", self.clock_ms + silence_ms)
        return _Turn(self.clock_ms + silence_ms, Operations(self.rng)), "", 0

    def _listen(self, text: str) -> tuple[_Turn, str, int]:
        rng, agent = self.rng, self.agent
        start_ms = self.barge_in_ms
        if start_ms is None:
            start_ms = self.clock_ms + self.manner.pause.draw(rng)
        said_ms = 240 + int(len(text) * self.manner.user_ms_per_char)
        turn = _Turn(start_ms, Operations(rng), said_ms)
        decided_ms = said_ms
        if agent.stt is not None:
            decided_ms = turn.operations.transcribe(agent.stt, said_ms, said_ms)
        if agent.eot is not None:
            decided_ms = max(decided_ms, turn.operations.judge(agent.eot, said_ms))
        else:
            decided_ms = max(decided_ms, said_ms + 600 + rng.randint(0, 60))
        self.user_turns += 1
        self.heard_ms += said_ms
        self.context_tokens += self._tokens(text) + 6
        user = f',"user":{{"text":"{text}","start_ms":0,"end_ms":{said_ms}}}'
        return turn, user, decided_ms

    def _tokens(self, text: str) -> int:
        return 2 + int(len(text) / self.manner.chars_per_token)

    def _overhead(self) -> int:
        low, high = table("traffic")["agent"]["overhead_ms"]
        return low + int(self.rng.random() * (high - low))

    def _answer(self, turn: _Turn, said: Exchange, decided_ms: int) -> None:
        """Answer with a language model and a voice, after a tool where the state has one."""
        assert self.agent.llm is not None
        assert said.agent is not None
        rng, llm, operations = self.rng, self.agent.llm, turn.operations
        shares = table("traffic")["agent"]
        start_ms = decided_ms + self._overhead()
        if self.agent.preemptive:
            if rng.random() < shares["discarded_attempt"]:
                begun_ms = int(turn.said_ms * rng.uniform(0.4, 0.9))
                operations.abandon(llm, begun_ms, turn.said_ms + rng.randint(0, 90), self._input_tokens())
            else:
                start_ms = operations.made[0].start_ms + (operations.made[0].ttfb_ms or 0) + self._overhead()
        if rng.random() < shares["failed_llm"]:
            start_ms = operations.fail(llm, start_ms) + self._overhead()
        if said.tool is not None:
            first_ms, ms_per_token = operations.generate(
                llm, start_ms, self._input_tokens(), rng.randint(16, 34), self.slower
            )
            called_ms = first_ms + int(20 * ms_per_token) + self._overhead()
            if said.filler is not None:
                self._voice(turn, max(called_ms, decided_ms), said.filler)
            start_ms = operations.use_tool(said.tool, max(called_ms, decided_ms), shares["failed_tool"])
            self.context_tokens += rng.randint(60, 160)
            start_ms += self._overhead()
        tokens = self._tokens(said.agent)
        first_ms, ms_per_token = operations.generate(llm, start_ms, self._input_tokens(), tokens, self.slower)
        self._voice(turn, max(first_ms, decided_ms), said.agent, ms_per_token)

    def _input_tokens(self) -> int:
        return self.agent.prompt_tokens + self.context_tokens

    def _voice(self, turn: _Turn, first_ms: int, text: str, ms_per_token: float = 0) -> None:
        """Speak ``text``, whose tokens come from ``first_ms`` on, sentence by sentence where the agent does so."""
        low, high = table("traffic")["agent"]["playout_ms"]
        if self.agent.tts is None:
            turn.play(first_ms + self.rng.randint(300, 600), int(len(text) * self.manner.agent_ms_per_char))
            return
        sentences = _SENTENCE_END.split(text) if self.agent.sentences else [text]
        ready_ms = first_ms + self._overhead()
        for sentence in sentences:
            ready_ms += int(min(len(sentence), 60) / self.manner.chars_per_token * ms_per_token)
            audio_ms = 90 + int(len(sentence) * self.manner.agent_ms_per_char)
            audible_ms = turn.operations.synthesise(self.agent.tts, ready_ms, sentence, audio_ms)
            turn.play(audible_ms + low + int(self.rng.random() * (high - low)), audio_ms)
            ready_ms += self._overhead()

    def _respond(self, turn: _Turn, said: Exchange, reply: str, decided_ms: int) -> None:
        """Answer with a speech-to-speech model: the tool's call is a response of its own, without audio."""
        assert self.agent.realtime is not None
        assert said.agent is not None
        rng, model, operations = self.rng, self.agent.realtime, turn.operations
        start_ms = decided_ms + self._overhead()
        if said.tool is not None:
            filler_ms = int(len(said.filler) * self.manner.agent_ms_per_char) if said.filler else 0
            tokens = self._realtime_tokens(rng.randint(16, 34), filler_ms)
            audible_ms = operations.respond(model, start_ms, tokens, filler_ms)
            if filler_ms:
                turn.play(audible_ms + rng.randint(6, 34), filler_ms)
            called_ms = audible_ms + filler_ms // 3 + rng.randint(20, 120)
            start_ms = operations.use_tool(said.tool, called_ms, table("traffic")["agent"]["failed_tool"])
            start_ms += self._overhead()
        audio_ms = int(len(said.agent) * self.manner.agent_ms_per_char)
        tokens = self._realtime_tokens(self._tokens(said.agent), audio_ms)
        turn.play(operations.respond(model, start_ms, tokens, audio_ms) + rng.randint(6, 34), audio_ms)

    def _realtime_tokens(self, text_tokens: int, audio_ms: int) -> str:
        """Ten tokens a second of audio heard, twenty of audio made; what earlier turns sent is mostly cached."""
        audio_in = self.heard_ms // 100
        total = self._input_tokens() + audio_in
        cached_audio = int(audio_in * 0.8)
        cached = min(total, self.agent.prompt_tokens // 64 * 64 + cached_audio)
        audio_out = audio_ms // 50
        return (
            f',"input_tokens":{total},"cached_input_tokens":{cached},"input_audio_tokens":{audio_in},'
            f'"cached_input_audio_tokens":{cached_audio},"output_tokens":{text_tokens + audio_out},'
            f'"output_audio_tokens":{audio_out}'
        )

    def _speak(self, turn: _Turn, said: Exchange, user: str, reply: str) -> None:
        """Play the reply as far as the caller lets it, and write the turn."""
        rng = self.rng
        spans = turn.spans
        start_ms, end_ms = spans[-1]
        self.barge_in_ms = None
        stopped = ""
        if (said.interrupted or said.hung_up) and end_ms - start_ms >= _MIN_MS_TO_CUT:
            cut_ms = start_ms + int((end_ms - start_ms) * rng.uniform(0.3, 0.85))
            reply = _played(reply, spans, cut_ms)
            spans[-1][1] = cut_ms
            if said.hung_up:
                stopped = ',"interrupted_by":"hangup"'
            else:
                self.barge_in_ms = turn.ts_ms + cut_ms - rng.randint(150, 400)
                self.interruptions += 1
        elif said.mark is not None and said.mark[0] == "false_interruption" and end_ms - start_ms >= _MIN_MS_TO_CUT:
            stop_ms = start_ms + int((end_ms - start_ms) * rng.uniform(0.2, 0.7))
            pause_ms = rng.randint(500, 1400)
            spans[-1:] = [[start_ms, stop_ms], [stop_ms + pause_ms, end_ms + pause_ms]]
            self.mark("false_interruption", turn.ts_ms + stop_ms + pause_ms)
        interrupted = "true" if stopped or self.barge_in_ms is not None else "false"
        first_ms, last_ms = spans[0][0], spans[-1][1]
        detail = "" if len(spans) == 1 else f',"spans":{str(spans).replace(" ", "")}'
        agent = f',"agent":{{"text":"{reply}","start_ms":{first_ms},"end_ms":{last_ms}{detail},"interrupted":{interrupted}{stopped}}}'
        self.clock_ms = turn.ts_ms + last_ms
        self._write(turn, said, user, agent)
        if said.mark is not None and said.mark[0] == "transfer":
            self.mark("transfer", self.clock_ms + 40, said.mark[1])

    def _write(self, turn: _Turn, said: Exchange, user: str, agent: str) -> None:
        self.turns += 1
        made = turn.operations.made
        over_ms = max([turn.spans[-1][1]] if turn.spans else [turn.said_ms + 5_000])
        operations = ",".join([one.json(over_ms) for one in made if one.start_ms < over_ms])
        body = f',"turn":{self.turns},"state_id":"{said.state}"{user}{agent}'
        if operations:
            body = f'{body},"operations":[{operations}]'
        if user and agent and not self.agent.derived_eou:
            body = f'{body},"eou_latency_ms":{turn.spans[0][0] - turn.said_ms}'
        end_ms = turn.ts_ms + (turn.spans[-1][1] if turn.spans else turn.said_ms + 700)
        self.events.append(Logged(end_ms, turn.ts_ms, "turn", body))


def _played(text: str, spans: list[Span], cut_ms: int) -> str:
    """Return the words of ``text`` that were heard when the last of ``spans`` stopped at ``cut_ms``."""
    total_ms = sum(end - start for start, end in spans)
    heard = 1 - (spans[-1][1] - cut_ms) / total_ms
    return text[: int(len(text) * heard)].rpartition(" ")[0]
