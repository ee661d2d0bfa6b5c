"""Pipecat: one line beside a worker records its call.

>>> from voicetel.recorder.pipecat import record
>>> worker = PipelineWorker(pipeline, params=PipelineParams(enable_metrics=True, enable_usage_metrics=True))
>>> record(worker, agent_name="clinic", transport=transport)
"""

from __future__ import annotations

from voicetel.recorder.pipecat.missing import PipecatMissingError

try:
    from voicetel.recorder.pipecat.call_recorder import CallRecorder
    from voicetel.recorder.pipecat.recording import record
except ImportError as error:
    if (error.name or "").partition(".")[0] != "pipecat":
        raise
    raise PipecatMissingError from error

__all__ = ["CallRecorder", "PipecatMissingError", "record"]
