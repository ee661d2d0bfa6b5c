"""ElevenLabs Agents: ``GET /v1/convai/conversations/{id}``, webhooks post_call_transcription and call_initiation_failure.

Fields as in elevenlabs 2.78.0: GetConversationResponseModel, ConversationHistoryTranscriptCommonModel,
ConversationTurnMetrics. The names of the metrics stand in no model: they are those of real conversations.
"""

from voicetel.importers.elevenlabs.calls import read_call, recognise
from voicetel.importers.source import Gives, Source

SOURCE = Source(
    name="elevenlabs",
    title="ElevenLabs Agents",
    exports="post_call_transcription webhooks, GET /v1/convai/conversations/{id}",
    recognise=recognise,
    read_call=read_call,
    revision=2,
    gives=Gives(
        response="per turn",
        stages="STT, end of turn, LLM first token, TTS first byte; tools with lengths",
        transcript="both sides; none in pages of the list",
        times="whole seconds: the order, no audio times",
        interruptions="per turn",
        cost="LLM and platform in USD where charging has prices; credits as a tag",
        outcome="call result, success, why it ended, by words",
        missing="audio times, so talk, dead air and unattributed time; money of conversations that have credits only",
    ),
)
