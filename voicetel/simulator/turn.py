"""One turn in the making: what was played when, what was asked of providers, and its JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from voicetel.simulator.dialogue import Exchange
    from voicetel.simulator.pipelines.models import Model

_SAME_SPAN_MS = 30
_MIN_SPAN_MS_TO_STOP = 1_500
_OPEN_END_MS = 5_000


@dataclass(slots=True)
class Operation:
    """One call to a provider. Times are in ms of the turn; ``used`` is JSON of its quantities, after a comma."""

    head: str
    start_ms: int
    ttfb_ms: int | None = None
    duration_ms: int | None = None
    status: str = ""
    used: str = ""

    def json(self, over_ms: int) -> str:
        """Write the operation as it stood at ``over_ms``, the end of the turn: what still ran then was cancelled."""
        duration, status, ttfb = self.duration_ms, self.status, self.ttfb_ms
        if duration is not None and self.start_ms + duration > over_ms:
            duration = over_ms - self.start_ms
            status = status or ',"status":"cancelled"'
        text = f'{self.head},"start_ms":{self.start_ms}'
        if ttfb is not None and (duration is None or ttfb <= duration):
            text = f'{text},"ttfb_ms":{ttfb}'
        if duration is not None:
            text = f'{text},"duration_ms":{duration}'
        return f"{text}{status}{self.used}}}"


@dataclass(slots=True)
class Turn:
    """A turn that begins at ``ts_ms`` of the call; every other time counts from there, in ms.

    ``said_ms`` is when the caller fell silent, 0 where the agent speaks unasked. ``spans`` are the agent's audio.
    """

    ts_ms: int
    said_ms: int = 0
    spans: list[list[int]] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)

    def record(
        self,
        model: Model,
        rng: Random,
        start_ms: int,
        *,
        ttfb_ms: int | None = None,
        duration_ms: int | None = None,
        status: str = "",
        used: str = "",
    ) -> None:
        """Add an operation of ``model``."""
        self.operations.append(Operation(model.operation(rng), start_ms, ttfb_ms, duration_ms, status, used))

    def play(self, ready_ms: int, audio_ms: int) -> int:
        """Play audio that is there at ``ready_ms``, after what is playing; return when it ends."""
        if self.spans and ready_ms <= self.spans[-1][1] + _SAME_SPAN_MS:
            self.spans[-1][1] += audio_ms
        else:
            self.spans.append([ready_ms, ready_ms + audio_ms])
        return self.spans[-1][1]

    @property
    def stoppable(self) -> bool:
        """Whether the agent speaks long enough for somebody to cut in."""
        start_ms, end_ms = self.spans[-1]
        return end_ms - start_ms >= _MIN_SPAN_MS_TO_STOP

    def stop(self, share: float, text: str) -> str:
        """Stop playback for good after ``share`` of the last span; return the words of ``text`` that were heard."""
        total_ms = sum(end - start for start, end in self.spans)
        start_ms, end_ms = self.spans[-1]
        cut_ms = start_ms + int((end_ms - start_ms) * share)
        self.spans[-1][1] = cut_ms
        played_share = 1 - (end_ms - cut_ms) / total_ms
        return text[: int(len(text) * played_share)].rpartition(" ")[0]

    def pause(self, share: float, pause_ms: int) -> int:
        """Fall silent for ``pause_ms`` after ``share`` of the last span, then go on; return when it goes on."""
        start_ms, end_ms = self.spans[-1]
        stop_ms = start_ms + int((end_ms - start_ms) * share)
        self.spans[-1:] = [[start_ms, stop_ms], [stop_ms + pause_ms, end_ms + pause_ms]]
        return stop_ms + pause_ms

    @property
    def end_ms(self) -> int:
        """When the last sound of the turn was heard."""
        return self.spans[-1][1] if self.spans else self.said_ms

    def json(self, number: int, said: Exchange, played: str, interrupted: str, *, log_eou: bool) -> str:
        """Write the turn, from ``turn`` on. ``played`` are the agent's words, ``interrupted`` JSON of how it stopped."""
        text = f',"turn":{number},"state_id":"{said.state}"'
        if said.user is not None:
            text = f'{text},"user":{{"text":"{said.user}","start_ms":0,"end_ms":{self.said_ms}}}'
        if self.spans:
            spans = "" if len(self.spans) == 1 else f',"spans":{str(self.spans).replace(" ", "")}'
            first_ms, last_ms = self.spans[0][0], self.spans[-1][1]
            text = f'{text},"agent":{{"text":"{played}","start_ms":{first_ms},"end_ms":{last_ms}{spans},{interrupted}}}'
        over_ms = self.end_ms if self.spans else self.said_ms + _OPEN_END_MS
        made = ",".join([one.json(over_ms) for one in self.operations if one.start_ms < over_ms])
        if made:
            text = f'{text},"operations":[{made}]'
        if self.spans and said.user is not None and log_eou:
            text = f'{text},"eou_latency_ms":{self.spans[0][0] - self.said_ms}'
        return text
