"""The two ends of a call's audio, in real time: the caller's line and the agent's loudspeaker."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from livekit import rtc
from livekit.agents.voice import io

SAMPLE_RATE = 16_000
FRAME_S = 0.02
_LOUD = 8_000


@dataclass(frozen=True)
class Pace:
    """How fast everyone is. The defaults are a test's: a call of a few seconds."""

    stt_final_s: float = 0.06
    vad_hangover_s: float = 0.1
    endpointing_s: float = 0.2
    tts_first_byte_s: float = 0.05
    tts_times_faster: float = 20.0
    characters_per_s: float = 80.0
    interruption_s: float = 0.1
    false_interruption_s: float = 0.25
    pausable: bool = True
    preemptive: bool = False
    preemptive_tts: bool = False
    vad: bool = True
    away_s: float | None = None


def frame_of(loud: bool, seconds: float = FRAME_S) -> rtc.AudioFrame:
    """A stretch of voice, or of silence."""
    samples = round(SAMPLE_RATE * seconds)
    level = _LOUD if loud else 0
    return rtc.AudioFrame(level.to_bytes(2, "little") * samples, SAMPLE_RATE, 1, samples)


def is_loud(frame: rtc.AudioFrame) -> bool:
    """Whether a stretch is voice."""
    return frame.data[0] > _LOUD // 2


class Microphone(io.AudioInput):
    """The caller's line: a frame every 20 ms, in step with the clock."""

    def __init__(self) -> None:
        super().__init__(label="scripted caller")
        self._loud_frames = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._next_at: float | None = None
        self._spoken_at: list[float] = []

    async def __anext__(self) -> rtc.AudioFrame:
        now = time.monotonic()
        self._next_at = now + FRAME_S if self._next_at is None else max(self._next_at + FRAME_S, now - 0.2)
        await asyncio.sleep(max(0.0, self._next_at - now))
        if not self._loud_frames:
            return frame_of(loud=False)
        self._loud_frames -= 1
        self._spoken_at.append(time.time())
        if not self._loud_frames:
            self._quiet.set()
        return frame_of(loud=True)

    async def speak(self, seconds: float) -> tuple[float, float]:
        """Voice on the line for so long; gives its first and last moment."""
        self._spoken_at = []
        self._quiet.clear()
        self._loud_frames = max(1, round(seconds / FRAME_S))
        await self._quiet.wait()
        return self._spoken_at[0] - FRAME_S, self._spoken_at[-1]


class Screen(io.TextOutput):
    """Where the agent's words are shown; the loudspeaker asks it how much had been heard."""

    def __init__(self) -> None:
        super().__init__(label="scripted screen", next_in_chain=None)
        self.text = ""
        self._ended = False

    async def capture_text(self, text: str) -> None:
        if self._ended:
            self.text, self._ended = "", False
        self.text += text

    def flush(self) -> None:
        self._ended = True


class Loudspeaker(io.AudioOutput):
    """Plays what it is given in real time and reports starts, ends and how far it got."""

    def __init__(self, pace: Pace, screen: Screen) -> None:
        super().__init__(
            label="scripted loudspeaker",
            capabilities=io.AudioOutputCapabilities(pause=pace.pausable),
            sample_rate=SAMPLE_RATE,
        )
        self._pace = pace
        self._screen = screen
        self._pushed_s = 0.0
        self._played_s = 0.0
        self._running_since: float | None = None
        self._started = False
        self._going = asyncio.Event()
        self._going.set()
        self._flushed = False
        self._task: asyncio.Task[None] | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        self._flushed = False
        self._pushed_s += frame.duration
        if self._going.is_set():
            self._run()

    def _run(self) -> None:
        if self._running_since is None:
            self._running_since = time.monotonic()
        if not self._started:
            self._started = True
            self.on_playback_started(created_at=time.time())

    def _position_s(self) -> float:
        running_s = 0.0 if self._running_since is None else time.monotonic() - self._running_since
        return min(self._pushed_s, self._played_s + running_s)

    def flush(self) -> None:
        super().flush()
        if self._pushed_s and not self._flushed:
            self._flushed = True
            self._task = asyncio.create_task(self._play_out())

    async def _play_out(self) -> None:
        while (left_s := self._pushed_s - self._position_s()) > 0 or not self._going.is_set():
            await self._going.wait()
            await asyncio.sleep(left_s)
        self._finish(interrupted=False)

    def clear_buffer(self) -> None:
        if self._pushed_s:
            self._finish(interrupted=True)

    def _finish(self, *, interrupted: bool) -> None:
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        position_s = self._position_s()
        self._pushed_s = self._played_s = 0.0
        self._running_since, self._task = None, None
        self._started = self._flushed = False
        self.on_playback_finished(
            playback_position=position_s,
            interrupted=interrupted,
            synchronized_transcript=self._heard(position_s) if interrupted else None,
        )

    def _heard(self, position_s: float) -> str:
        text = self._screen.text[: round(position_s * self._pace.characters_per_s)]
        return text if text == self._screen.text else text.rpartition(" ")[0]

    def pause(self) -> None:
        super().pause()
        self._going.clear()
        if self._running_since is not None:
            self._played_s = self._position_s()
            self._running_since = None

    def resume(self) -> None:
        super().resume()
        self._going.set()
        if self._pushed_s > self._played_s:
            self._run()
