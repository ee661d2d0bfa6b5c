"""How a call ended, in the words of the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_VERDICT_CONFIDENCE: Final = 0.8
"""How sure a vendor's own model is of whether a call succeeded."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What a vendor's word for the end of a call means. ``outcome`` only where the word is one."""

    end_reason: str | None = None
    outcome: str | None = None
    confidence: float | None = None
    amd: str | None = None
    sip_status: int | None = None

    def fields(self, because: str) -> dict[str, object]:
        """The fields of call_ended; ``because`` names the vendor's word."""
        fields = {
            "end_reason": self.end_reason,
            "amd": self.amd,
            "sip_status": self.sip_status,
            "outcome": self.outcome,
            "outcome_confidence": self.confidence,
            "outcome_reason": because if self.outcome else None,
        }
        return {name: value for name, value in fields.items() if value is not None}


def verdict(passed: bool, because: str) -> dict[str, object]:
    """What a vendor's model said of a call: pass or fail."""
    outcome = "success" if passed else "fail"
    return {"outcome": outcome, "outcome_confidence": _VERDICT_CONFIDENCE, "outcome_reason": because}
