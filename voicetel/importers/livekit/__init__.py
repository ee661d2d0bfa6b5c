"""LiveKit's session report: ``JobContext.make_session_report(session).to_dict()`` as JSON, of livekit-agents 1.8.9."""

from voicetel.importers.livekit.report import read_call, recognise
from voicetel.importers.source import Gives, Source

SOURCE = Source(
    name="livekit",
    title="LiveKit session report",
    exports="json.dump(ctx.make_session_report(session).to_dict(), file, default=str)",
    recognise=recognise,
    read_call=read_call,
    revision=2,
    gives=Gives(
        response="per turn",
        stages="STT, end of turn, LLM first token of the last step, TTS first byte; tools with times",
        transcript="both sides",
        times="both sides, ms",
        interruptions="per turn",
        cost="tokens, characters and seconds of the session, for the rate card",
        outcome="close reason; lk.success and lk.fail tags",
        missing="the first LLM step of a tool turn, whole LLM time, tokens per turn, cancelled attempts",
    ),
)
