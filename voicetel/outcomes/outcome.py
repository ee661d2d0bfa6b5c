"""How a call can end, and what its classification consists of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CallOutcome(StrEnum):
    """How a call ended, for whoever placed or took it."""

    SUCCESS = "success"
    """Somebody spoke, and what the call was for was reached."""
    FAIL = "fail"
    """What the call was for was not reached: refused, put off, wrong number, impossible, broken or never connected."""
    VOICEMAIL = "voicemail"
    """A machine that takes messages answered."""
    NO_ANSWER = "no_answer"
    """It rang and nobody took it, the network said that the callee cannot be reached, or a machine that asks who calls
    (call screening) or offers a menu answered, and nobody behind it."""
    BUSY = "busy"
    """The line was engaged or the call was rejected. A person who says to be busy is not this."""
    UNKNOWN = "unknown"
    """Nothing in the log tells."""


@dataclass(frozen=True, slots=True)
class Classification:
    """One outcome with how sure it is (0 to 1), why, and which rule said so."""

    outcome: CallOutcome
    confidence: float
    reason: str
    source: str
    """Name of the rule: logged, sip_status, final_state, amd, end_reason, marks, phrases, late_end_reason, brief, none."""


class Silent(str):
    """Why a rule decides nothing of a call."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one rule of the chain said of a call."""

    rule: str
    said: str
    """In words: the reason, or why the rule stayed silent."""
    classification: Classification | None
    """What the rule would have classified; None where it stayed silent."""
    decided: bool
    """True on the one step whose outcome stands."""
