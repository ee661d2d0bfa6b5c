"""Which of the calls that are listed are drawn as a waterfall."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

_UNSUCCESSFUL = ("fail", "unknown")


def notable_calls(calls: pa.Table, number: int) -> list[int]:
    """The places of ``number`` calls: a third the slowest, a third the most expensive, a third failed or of unknown outcome.

    A call that is two of these counts once, and the next one takes its place. In the order of the table.
    """
    slowest = _ranked(calls.column("eou_latency_ms_max").to_pylist())
    expensive = _ranked(calls.column("cost_total").to_pylist())
    outcomes = calls.column("outcome").to_pylist()
    unsuccessful = [place for place in slowest if outcomes[place] in _UNSUCCESSFUL]
    chosen: dict[int, None] = {}
    for some in zip_longest(slowest, expensive, unsuccessful):
        for place in some:
            if place is not None and len(chosen) < number:
                chosen[place] = None
    return sorted(chosen)


def _ranked(values: Sequence[Any]) -> list[int]:
    """Places, that of the highest value first, those without one last."""
    return sorted(range(len(values)), key=lambda place: (values[place] is None, -(values[place] or 0)))
