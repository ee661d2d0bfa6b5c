"""Which usage of the logs a line of an invoice is about."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from voicetel.reconcile.causes import ROUNDED, Ours, Theirs, shifts
from voicetel.reconcile.invoice import Charge, InvoiceLine
from voicetel.reconcile.models import family_of, same_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicetel.reconcile.logged import UsageKey

_MAX_SPAN_DAYS = 3_700


@dataclass(frozen=True, slots=True)
class Pair:
    """What the invoice says beside what the logs say. One of the two may be None: that side knows nothing of it.

    ``shifted``: how much of their quantity is of a neighbouring day of ours.
    """

    line: InvoiceLine
    ours: Ours | None
    theirs: Theirs | None
    shifted: Fraction = Fraction(0)


def pairs(ours: Mapping[UsageKey, Ours], lines: Sequence[InvoiceLine], currency: str) -> list[Pair]:
    """Every line of usage with the usage of the logs that it is about, then what the invoice does not know.

    A usage is claimed once, by the line that says most about itself: of a model before a whole provider's. Usage that no
    line claims is paired with None where an invoice of that provider covers its day.
    """
    left = defaultdict[tuple[str, date], dict["UsageKey", Ours]](dict)
    for key, used in ours.items():
        left[key.provider, key.day][key] = used
    usage = [line for line in lines if line.charge is Charge.USAGE]
    found = []
    for line in sorted(usage, key=_vagueness):
        claimed = list(_claimed(line, left))
        for key in claimed:
            del left[key.provider, key.day][key]
        mine = _together([ours[key] for key in claimed], {key.unit for key in claimed}) if claimed else None
        about = line if line.stage or not claimed else replace(line, stage=claimed[0].stage)
        found.append(Pair(about, mine, Theirs(line.quantity, line.amount)))
    spans = _spans(usage)
    for (provider, day), rest in sorted(left.items()):
        if provider in spans and spans[provider][0] <= day <= spans[provider][1]:
            found += [Pair(_line_of(key, currency), used, None) for key, used in rest.items() if used.amount]
    return _shifted(found)


def _vagueness(line: InvoiceLine) -> tuple[bool, bool, bool, int]:
    return line.model is None, line.unit is None, line.stage is None, len(list(_days(line)))


def _days(line: InvoiceLine) -> Iterator[date]:
    if line.first_day is not None:
        last = line.last_day or line.first_day
        for number in range(min((last - line.first_day).days, _MAX_SPAN_DAYS) + 1):
            yield line.first_day + timedelta(days=number)


def _claimed(line: InvoiceLine, left: Mapping[tuple[str, date], Mapping[UsageKey, Ours]]) -> Iterator[UsageKey]:
    days = list(_days(line)) or sorted({day for provider, day in left if provider == line.provider})
    for day in days:
        for key, used in left.get((line.provider, day), {}).items():
            if (
                (line.stage is None or line.stage == key.stage)
                and (line.model is None or same_model(line.model, key.model))
                and (key.unit in (line.unit, None) if line.unit else used.amount is not None)
            ):
                yield key


def _together(several: Sequence[Ours], units: set[str | None]) -> Ours:
    """Usage of several kinds as one. Quantities of different units do not add up: there is none then."""
    amounts = [each.amount for each in several if each.amount is not None]
    connected = [each.connected for each in several if each.connected is not None]
    steps = {step for each in several for step in each.rounded}
    one = len(units) == 1 and units != {None}
    return Ours(
        quantity=sum((each.quantity for each in several), Fraction(0)) if one else Fraction(0),
        amount=sum(amounts, Fraction(0)) if amounts else None,
        cancelled=sum((each.cancelled for each in several), Fraction(0)),
        rounded={step: sum((each.rounded.get(step, each.quantity) for each in several), Fraction(0)) for step in steps},
        connected=sum(connected, Fraction(0)) if connected else None,
    )


def _spans(lines: Sequence[InvoiceLine]) -> dict[str, tuple[date, date]]:
    """Provider → first and last day that its invoices are about."""
    found: dict[str, tuple[date, date]] = {}
    for line in lines:
        first, last = (line.first_day, line.last_day or line.first_day)
        if first is None or last is None:
            first, last = date.min, date.max
        known = found.get(line.provider, (first, last))
        found[line.provider] = min(first, known[0]), max(last, known[1])
    return found


def _line_of(key: UsageKey, currency: str) -> InvoiceLine:
    return InvoiceLine(key.provider, key.stage, key.model, key.day, unit=key.unit, currency=currency)


def _shifted(found: Sequence[Pair]) -> list[Pair]:
    """The pairs with what of their quantities is of a neighbouring day, in the order of their days."""
    series: defaultdict[tuple[object, ...], list[Pair]] = defaultdict(list)
    rest = []
    for pair in found:
        line = pair.line
        edition = family_of(line.model) if line.model else None
        if line.first_day is None or line.last_day not in (None, line.first_day) or line.unit is None:
            rest.append(pair)
        else:
            series[line.provider, line.stage, edition, line.unit].append(pair)
    moved = []
    for pairs_of_series in series.values():
        in_order = sorted(pairs_of_series, key=lambda pair: pair.line.first_day or date.min)
        moved += [pair for run in _runs(in_order) for pair in _shift_run(run)]
    return [*moved, *rest]


def _runs(in_order: Sequence[Pair]) -> Iterator[list[Pair]]:
    """Stretches of consecutive days, each day once."""
    run: list[Pair] = []
    for pair in in_order:
        if run and (pair.line.first_day or date.min) - (run[-1].line.first_day or date.min) != timedelta(days=1):
            yield run
            run = []
        run.append(pair)
    if run:
        yield run


def _shift_run(run: Sequence[Pair]) -> Iterator[Pair]:
    rate = next((pair.ours.rate for pair in run if pair.ours and pair.ours.rate is not None), None)
    if rate is None or any(pair.theirs and pair.theirs.quantity is None for pair in run):
        yield from run
        return
    nothing = Fraction(0)
    known = [
        (pair.theirs.quantity if pair.theirs else nothing, pair.ours.quantity if pair.ours else nothing) for pair in run
    ]
    differences = [_beyond_rounding(billed or nothing, used) for billed, used in known]
    for pair, moved in zip(run, shifts(differences), strict=True):
        if not moved:
            yield pair
            continue
        mine = pair.ours or Ours(amount=nothing, usual_rate=rate)
        yield replace(pair, ours=mine, theirs=pair.theirs or Theirs(nothing, nothing), shifted=moved)


def _beyond_rounding(billed: Fraction, used: Fraction) -> Fraction:
    """What two quantities differ by; nothing where the invoice's figures are but rounded."""
    return Fraction(0) if abs(billed - used) <= billed * ROUNDED else billed - used
