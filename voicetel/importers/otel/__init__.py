"""OpenTelemetry traces of LiveKit Agents and Pipecat: OTLP JSON lines, as a collector's file exporter writes them.

Spans as livekit-agents 1.8.9 and pipecat-ai 1.14.0 export them.
"""

from voicetel.importers.otel.otlp import read_spans, recognise
from voicetel.importers.otel.traces import read_trace
from voicetel.importers.source import Gives, Source

SOURCE = Source(
    name="otel",
    title="OpenTelemetry (LiveKit Agents, Pipecat)",
    exports="OTLP JSON lines: a collector's file exporter, or opentelemetry-exporter-otlp-json-file",
    recognise=recognise,
    read_spans=read_spans,
    read_trace=read_trace,
    revision=2,
    gives=Gives(
        response="per turn",
        stages="LiveKit: all, with times; Pipecat: STT, LLM, TTS, with times",
        transcript="both sides, unless lk.pii attributes are stripped",
        times="LiveKit: both sides, 0.1 ms; Pipecat: the caller's, and when the agent began",
        interruptions="per turn",
        cost="tokens and characters per turn, for the rate card",
        outcome="LiveKit: close reason, answering machines; Pipecat: none",
        missing="LiveKit: STT seconds, agent version, what callers said to a speech-to-speech model; "
        "Pipecat: when the agent fell silent, tools, why the call ended",
    ),
)
