"""One call to a provider, as a framework or another system's log reports it.

Timestamps are seconds since the epoch, on one clock; durations are seconds. What is not known is None and stays out
of the event.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Operation:
    """One call to a provider. ``quantities`` are those of ``voicetel.events.fields.QUANTITIES``, by name.

    ``cost`` is what the provider itself charged, in ``currency`` (ISO 4217): exact, so never a float. Both or neither.
    """

    stage: str
    provider: str | None = None
    model: str | None = None
    name: str | None = None
    request_id: str | None = None
    start_s: float | None = None
    ttfb_s: float | None = None
    duration_s: float | None = None
    setting_s: float | None = None
    status: str | None = None
    error: str | None = None
    quantities: Mapping[str, float] = field(default_factory=dict)
    cost: Decimal | None = None
    currency: str | None = None

    def cancelled(self) -> Operation:
        """Give the same operation as one that was given up; what it used stays billed."""
        return self if self.status == "error" else replace(self, status="cancelled")

    def fields(self, origin_s: float | None) -> dict[str, object]:
        """Give the operation as it stands in an event whose ``ts`` is ``origin_s``; without one it has no ``start_ms``."""
        started = None if origin_s is None else milliseconds(self.start_s, origin_s)
        timing = {
            "start_ms": started,
            "ttfb_ms": milliseconds(self.ttfb_s),
            "duration_ms": milliseconds(self.duration_s),
            "setting_ms": milliseconds(self.setting_s),
        }
        named = {"stage": self.stage, "provider": self.provider, "model": self.model, "name": self.name}
        outcome = {"request_id": self.request_id, "status": self.status, "error": self.error}
        charged = {"cost": None if self.cost is None else f"{self.cost:f}", "currency": self.currency}
        return known_fields({**named, **outcome, **timing, **self.quantities, **charged})


def operation_list(operations: Iterable[Operation], origin_s: float | None) -> list[dict[str, object]]:
    """Give operations in the order they began, the sooner answered first; those of unknown beginning come last."""
    return [operation.fields(origin_s) for operation in sorted(operations, key=_order)]


def _order(operation: Operation) -> tuple[float, float]:
    if operation.start_s is None:
        return (math.inf, 0)
    return (operation.start_s, operation.duration_s or operation.ttfb_s or 0)


def milliseconds(seconds: float | None, since_s: float = 0.0) -> float | None:
    """To a tenth of a millisecond; frameworks measure no finer, and whole numbers read better."""
    if seconds is None:
        return None
    value = round(float(seconds - since_s) * 1000, 1)
    return int(value) if value.is_integer() else value


def known_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """Leave out what is None."""
    return {name: value for name, value in fields.items() if value is not None}
