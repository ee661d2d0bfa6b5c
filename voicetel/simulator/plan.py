"""What is asked for, checked and shared out among files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from voicetel.errors import UsageError
from voicetel.simulator.data import table
from voicetel.simulator.faults import FAULTS
from voicetel.simulator.log_file import TYPICAL_CALL_BYTES, Task
from voicetel.simulator.planted.kinds import PLANTS
from voicetel.suggestion import did_you_mean_or_list

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_START = date(2026, 11, 2)
DEFAULT_FILE_BYTES = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Logs of either ``calls`` calls or some ``size_bytes`` bytes, on ``days`` days from ``start`` on."""

    calls: int | None
    size_bytes: int | None
    seed: int
    faults: tuple[str, ...]
    plants: tuple[str, ...]
    start: date
    days: int
    file_bytes: int

    def check(self) -> None:
        """Raise UsageError where the order makes no sense."""
        if (self.calls is None) == (self.size_bytes is None):
            raise UsageError("a simulation needs either a number of calls or a size")
        for name in ("calls", "size_bytes", "days", "file_bytes"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UsageError(f"{name} must be at least 1, not {value}")
        for kind in self.faults:
            if kind not in FAULTS:
                raise UsageError(f"unknown fault {kind!r}", hint=did_you_mean_or_list(kind, FAULTS))
        for kind in self.plants:
            if kind not in PLANTS:
                raise UsageError(f"nothing called {kind!r} can be planted", hint=did_you_mean_or_list(kind, PLANTS))
        least = table("planted")["slow_day"]["least_days"]
        if "slow_day" in self.plants and self.days < least:
            raise UsageError(f"a slow day can be told from others where there are at least {least} days")

    @property
    def slow_day(self) -> date:
        """The middle one of the days: the one that a slow day is planted on."""
        return self.start + timedelta(days=self.days // 2)

    def tasks(self, out_dir: Path) -> list[Task]:
        """Share the order out among the days by the profile of the week, and each day's part among its writers."""
        total_bytes = self.size_bytes or (self.calls or 0) * TYPICAL_CALL_BYTES
        days = [self.start + timedelta(days=day) for day in range(self.days)]
        weights = [table("traffic")["by_weekday"][day.weekday()] for day in days]
        shares = [weight / sum(weights) for weight in weights]
        writers = [max(1, -int(-total_bytes * share // self.file_bytes)) for share in shares]
        files = [
            (day, share / count) for day, share, count in zip(days, shares, writers, strict=True) for _ in range(count)
        ]
        amounts = _whole_parts(self.calls or self.size_bytes or 0, [share for _, share in files])
        return [
            Task(
                path=out_dir / f"calls-{day.isoformat()}-{number:05d}.jsonl",
                seed=self.seed,
                number=number,
                day=day,
                calls=None if self.calls is None else amount,
                size_bytes=amount if self.calls is None else amount * TYPICAL_CALL_BYTES,
                faults=self.faults,
                plants=self.plants,
                is_slow_day=day == self.slow_day,
            )
            for number, ((day, _), amount) in enumerate(zip(files, amounts, strict=True))
            if amount
        ]


def _whole_parts(amount: int, shares: list[float]) -> list[int]:
    """Split ``amount`` into whole numbers in the ratio of ``shares``, which add up to 1, without losing any."""
    parts, given, reached = [], 0, 0.0
    for share in shares:
        reached += share
        parts.append(round(amount * reached) - given)
        given += parts[-1]
    return parts
