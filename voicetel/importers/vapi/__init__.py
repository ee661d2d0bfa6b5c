"""Vapi: end-of-call-report webhooks, ``GET /call`` and ``GET /call/{id}``.

Fields as in vapi_server_sdk 3.0.0: Call, Artifact, ServerMessageEndOfCallReport, PerformanceMetrics, CallCostsItem.
"""

from voicetel.importers.source import Gives, Source
from voicetel.importers.vapi.calls import read_call, recognise

SOURCE = Source(
    name="vapi",
    title="Vapi",
    exports="end-of-call-report webhooks, GET /call, GET /call/{id}",
    recognise=recognise,
    read_call=read_call,
    revision=2,
    gives=Gives(
        response="per turn",
        stages="STT, end of turn, LLM first token, TTS first byte, per turn; tools with times",
        transcript="both sides, with how sure the transcriber was",
        times="both sides, ms",
        interruptions="a count; which turns, where the times agree with it",
        cost="per component, as charged",
        outcome="end reason, success evaluation where it is pass or fail",
        missing="when a stage began, tokens and audio per turn, what a cut reply would have been",
    ),
)
