"""What the Pipecat recorder costs the pipeline that it observes.

    python bench/pipecat_observer.py [seconds of talk]

A scripted pipeline (the frames of a call, one after the other, as fast as the event loop takes them) runs in turns with
nobody watching, with an observer of Pipecat's that does nothing, and with the recorder. Measured are how long an audio
frame takes through the pipeline from end to end, and what one frame costs in the recorder's observer, which runs in a
task of its own: p50 and p99, in µs. What the recorder adds is the difference to the observer that does nothing.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
import warnings
from typing import TYPE_CHECKING

warnings.simplefilter("ignore", DeprecationWarning)

from loguru import logger  # noqa: E402
from pipecat.frames import frames  # noqa: E402
from pipecat.observers.base_observer import BaseObserver, FramePushed  # noqa: E402
from pipecat.pipeline.pipeline import Pipeline  # noqa: E402
from pipecat.pipeline.worker import PipelineParams, PipelineWorker  # noqa: E402
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor  # noqa: E402
from pipecat.workers.runner import WorkerRunner  # noqa: E402

from voicetel.recorder import EventWriter  # noqa: E402
from voicetel.recorder.pipecat import record  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

RATE = 16_000
AUDIO = b"\x10\x20" * (RATE // 50)
STEPS = 5
ROUNDS = 6


class Step(FrameProcessor):
    """Passes on, and notes when the last of them has an audio frame."""

    def __init__(self, arrived: asyncio.Event | None = None) -> None:
        super().__init__()
        self._arrived = arrived
        self.arrived_ns = 0

    async def process_frame(self, frame: frames.Frame, direction: FrameDirection) -> None:
        """Pass on."""
        await super().process_frame(frame, direction)
        if self._arrived is not None and isinstance(frame, frames.InputAudioRawFrame):
            self.arrived_ns = time.perf_counter_ns()
            self._arrived.set()
        await self.push_frame(frame, direction)


def call(seconds: int) -> list[frames.Frame]:
    """The frames of a call: a turn every ten seconds."""
    made: list[frames.Frame] = []
    for second in range(seconds):
        made += [frames.InputAudioRawFrame(AUDIO, RATE, 1) for _ in range(50)]
        match second % 10:
            case 0:
                made += [frames.VADUserStartedSpeakingFrame(), frames.UserStartedSpeakingFrame()]
            case 3:
                made += [frames.VADUserStoppedSpeakingFrame(stop_secs=0.2), frames.UserStoppedSpeakingFrame()]
                made += [frames.LLMContextUserTurnFrame("Hi.", ""), frames.BotStartedSpeakingFrame()]
                made += [frames.LLMTextFrame("word ") for _ in range(40)]
            case 7:
                made += [frames.BotStoppedSpeakingFrame(), frames.LLMContextAssistantTurnFrame("Hello.", "")]
    return made


class Nothing(BaseObserver):
    """An observer that does nothing."""

    def __init__(self) -> None:
        super().__init__(observe_every_push=False)

    async def on_push_frame(self, data: FramePushed) -> None:
        """Do nothing."""


async def run(seconds: int, watch: Callable[[PipelineWorker], object]) -> list[int]:
    """Nanoseconds of each audio frame through the pipeline."""
    arrived = asyncio.Event()
    line, last = Step(), Step(arrived)
    worker = PipelineWorker(
        Pipeline([line, *(Step() for _ in range(STEPS)), last]),
        params=PipelineParams(enable_metrics=True, enable_usage_metrics=True),
        enable_rtvi=False,
        enable_turn_tracking=False,
        idle_timeout_secs=None,
    )
    watch(worker)
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    await asyncio.sleep(0.3)
    taken_ns: list[int] = []
    for frame in call(seconds):
        begin_ns = time.perf_counter_ns()
        await line.push_frame(frame)
        if isinstance(frame, frames.InputAudioRawFrame):
            await arrived.wait()
            arrived.clear()
            taken_ns.append(last.arrived_ns - begin_ns)
    await worker.queue_frame(frames.EndFrame())
    await running
    return taken_ns


def recorded(worker: PipelineWorker, log_dir: str, taken_ns: list[int]) -> None:
    """Record the worker, with a stopwatch around the observer."""
    recorder = record(worker, writer=EventWriter(log_dir))
    observe = recorder.observer.on_push_frame

    async def timed(data: FramePushed) -> None:
        begin_ns = time.perf_counter_ns()
        await observe(data)
        taken_ns.append(time.perf_counter_ns() - begin_ns)

    recorder.observer.on_push_frame = timed  # type: ignore[method-assign]


def percentiles(taken_ns: list[int]) -> str:
    """p50 and p99 in µs."""
    ordered = sorted(taken_ns)
    return "".join(f"{ordered[len(ordered) * part // 100] / 1000:9.1f}" for part in (50, 99))


async def main() -> None:
    """Measure in turns and print the table."""
    logger.remove()
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    bare, idle, with_recorder, observer = list[int](), list[int](), list[int](), list[int]()
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            bare += await run(seconds, lambda worker: None)
            idle += await run(seconds, lambda worker: worker.add_observer(Nothing()))
            with_recorder += await run(seconds, lambda worker: recorded(worker, folder, observer))
    rows = {
        "through the pipeline, nobody observes": bare,
        "through the pipeline, an observer that does nothing": idle,
        "through the pipeline, recorded": with_recorder,
        "in the recorder's observer, per frame, on its own task": observer,
    }
    print(f"{f'µs, {len(bare)} audio frames each way, {STEPS + 2} processors':58}{'p50':>9}{'p99':>9}")
    for name, taken_ns in rows.items():
        print(f"{name:58}{percentiles(taken_ns)}")


if __name__ == "__main__":
    asyncio.run(main())
