"""Retell: webhooks ``{event, call}``, ``GET /v2/get-call/{id}``, ``POST /v3/list-calls`` (no words in its pages).

Fields as in retell-sdk 6.2.13: PhoneCallResponse, WebCallResponse, CallListResponse.
"""

from voicetel.importers.retell.calls import read_call, recognise
from voicetel.importers.source import Gives, Source

SOURCE = Source(
    name="retell",
    title="Retell",
    exports="call_ended and call_analyzed webhooks, GET /v2/get-call/{id}, POST /v3/list-calls",
    recognise=recognise,
    read_call=read_call,
    gives=Gives(
        response="per turn",
        stages="LLM, TTS, STT per turn where there are as many as answers, else percentiles as tags; tools without times",
        transcript="both sides; none in pages of the list",
        times="both sides, by words (approximate)",
        interruptions="by overlap of words",
        cost="per product, as charged",
        outcome="disconnection reason, call_successful, sentiment",
        missing="when a stage began, tokens in and out, when a tool ran; calls that never connected have no time "
        "but in the webhook",
    ),
)
