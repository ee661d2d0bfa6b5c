"""How calls were handled. None is unknown; each rate has beside it what it is a share of."""

from __future__ import annotations

from collections.abc import Mapping

from voicetel.analyzers.core.statistics import Statistics
from voicetel.results import CellFormat, figure, result

SLOW_THRESHOLDS_MS = ("800", "1500", "3000")
"""The thresholds above which a response is slow, in ms, unless others are asked for."""

CALL_TIME_MEASURES = ("first_word", "caller_silence", "handle_time")
"""The measures of call_times.sql."""

THRESHOLD_PATTERN = r"^[0-9]+(\.[0-9]{1,3})?$"


@result
class SlowShare:
    """Turns whose response took longer than one threshold."""

    turns: int = figure("Turns whose response took longer.")
    rate: float | None = figure("turns ÷ n.", unit="share")


@result
class SlowTurns:
    """Turns whose response was slow, by threshold."""

    n: int = figure("Turns whose response latency is known.", default=0)
    over: Mapping[str, SlowShare] = figure(
        "Threshold in ms → turns whose response took longer.",
        keys=SLOW_THRESHOLDS_MS,
        key_pattern=THRESHOLD_PATTERN,
        default_factory=dict,
    )


@result
class HandleTime:
    """Length of answered calls."""

    n: int = figure("Answered calls whose length is known.", default=0)
    avg: float | None = figure("Their mean length.", unit="s", default=None)
    p50: float | None = figure("The median.", unit="s", default=None)
    p90: float | None = figure("The 90th percentile.", unit="s", default=None)


@result
class Transfers:
    """Answered calls that ended, and whether they were passed on."""

    handled: int | None = figure(
        "Answered calls that have ended: what transfers and containment are shares of.", default=None
    )
    transferred: int | None = figure(
        "Of them, passed on: a mark `transfer`, or the end_reason `transfer`.", default=None
    )
    rate: float | None = figure(
        "transferred ÷ handled. Null where no call says how it ended.",
        unit="share",
        column="transfer_rate",
        default=None,
    )
    contained: int | None = figure("Of them, not passed on.", default=None)
    containment_rate: float | None = figure(
        "contained ÷ handled. Null where no call says how it ended.",
        unit="share",
        column="containment_rate",
        default=None,
    )


@result
class MarkedCalls:
    """Marks of one kind."""

    count: int | None = figure("Marks of this kind.", default=None)
    calls: int | None = figure("Calls that have any.", default=None)
    rate: float | None = figure(
        "Those calls ÷ all calls. Null where no selected call has any: such marks may not be logged.",
        unit="share",
        default=None,
    )


@result
class Timeouts:
    """Calls that ended because nothing came for too long."""

    calls: int | None = figure("Calls that ended with the end_reason `timeout`.", default=None)
    ended: int | None = figure("Ended calls that say why.", default=None)
    rate: float | None = figure("calls ÷ ended.", unit="share", default=None)


@result
class EndpointingSetting:
    """How much of the wait for the end of a turn is a setting, over turns that say so."""

    n: int = figure("Turns of which the wait and the setting are known.", default=0)
    avg_ms: float | None = figure("Mean of the part that is a setting.", unit="ms", default=None)
    share: float | None = figure("The part that is a setting ÷ the whole wait.", unit="share", default=None)


@result
class Confidence:
    """How sure transcribers were of what they wrote, 0 to 1."""

    n: int = figure("Turns that say so.", default=0)
    avg: float | None = figure("The mean.", unit="share", format=CellFormat.SCORE, default=None)


@result
class AgentSpeech:
    """How fast the agent spoke, over turns whose TTS says both characters and seconds."""

    turns: int = figure("Turns that say both.", default=0)
    characters: float | None = figure("Characters of their TTS operations that went well.", default=None)
    audio_s: float | None = figure("Audio made of them.", unit="s", default=None)
    characters_per_minute: float | None = figure("characters ÷ minutes of audio.", default=None)


@result
class Handling:
    """How the calls were handled, and how well the two sides understood each other."""

    slow_turns: SlowTurns = figure("Turns whose response was slow.", default=SlowTurns())
    first_word_ms: Statistics = figure(
        "The mark `answered`, else the call's first event → the agent's first audio, over calls.", default=Statistics()
    )
    caller_silence_ms: Statistics = figure(
        "Silence before the caller's first sound: from the end of the agent's audio, over calls.", default=Statistics()
    )
    handle_time_s: HandleTime = figure("Length of answered calls.", default=HandleTime())
    transfers: Transfers = figure("Answered calls that were passed on, and those that were not.", default=Transfers())
    no_input: MarkedCalls = figure("The caller said nothing when asked (mark `no_input`).", default=MarkedCalls())
    unheard: MarkedCalls = figure("Speech without a transcript (mark `unheard`).", default=MarkedCalls())
    timeouts: Timeouts = figure("Calls that ended for want of an answer.", default=Timeouts())
    endpointing_setting: EndpointingSetting = figure(
        "The part of endpointing that is a setting.", default=EndpointingSetting()
    )
    confidence: Confidence = figure("How sure transcribers were.", default=Confidence())
    agent_speech: AgentSpeech = figure("How fast the agent spoke.", default=AgentSpeech())
