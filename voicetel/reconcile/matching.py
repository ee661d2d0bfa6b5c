"""Which usage of the logs a line of an invoice is about."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from voicetel.reconcile.causes import ROUNDED, Cause, Ours, Part, Theirs, causes, difference, shifts
from voicetel.reconcile.invoice import Charge, InvoiceLine
from voicetel.reconcile.joint_charges import with_joint_charges
from voicetel.reconcile.models import family_of, same_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicetel.reconcile.logged import LoggedUsage, UsageKey

    _Unclaimed = defaultdict[tuple[str, date], dict[UsageKey, Ours]]

_MAX_SPAN_DAYS = 3_700


@dataclass(frozen=True, slots=True)
class Pair:
    """What the invoice says beside what the logs say. One of the two may be None: that side knows nothing of it.

    Both are in the currency of ``line``. ``others`` is what the logs have of it in other currencies: currency → usage. ``shifted``: how
    much of their quantity is of a neighbouring day of ours.
    """

    line: InvoiceLine
    ours: Ours | None
    theirs: Theirs | None
    shifted: Fraction = Fraction(0)
    others: Mapping[str, Ours] = field(default_factory=dict)

    @property
    def parts(self) -> list[Part]:
        """What the difference comes from; with ``others`` the currency alone: what they would be in this one is not known."""
        if not self.others:
            return causes(self.ours, self.theirs, self.shifted)
        total = difference(self.ours, self.theirs)
        return [Part(Cause.CURRENCY, total)] if total else []


def pairs(logged: LoggedUsage, lines: Sequence[InvoiceLine], currency: str) -> list[Pair]:
    """Every line of usage with the usage of the logs that it is about, then what the invoice does not know.

    A usage is claimed once: what the provider charged in another currency than the card's, ``currency``, by a line in that
    currency where there is one, and all else by the line that says most about itself, of a model before a whole provider's. Usage that
    no line claims is paired with None where an invoice of that provider covers its day.
    """
    left: _Unclaimed = defaultdict(dict)
    for key, used in logged.usage.items():
        left[key.provider, key.day][key] = used
    usage = [line for line in lines if line.charge is Charge.USAGE]
    claims = _claims([line for line in usage if (line.quantity, line.amount) != (None, None)], left, currency)
    ours = with_joint_charges(logged, claims)
    found = [
        pair for line, claimed in claims for pair in _compared(line, {key: ours[key] for key in claimed}, currency)
    ]
    spans = _spans(usage)
    for (provider, day), rest in sorted(left.items()):
        if provider in spans and spans[provider][0] <= day <= spans[provider][1]:
            found += [Pair(_line_of(key), ours[key], None) for key in rest if ours[key].amount]
    return _shifted(found)


def _claims(
    lines: Sequence[InvoiceLine], left: _Unclaimed, currency: str
) -> list[tuple[InvoiceLine, dict[UsageKey, Ours]]]:
    """The lines, those that say most about themselves first, each with the usage that it takes from what is ``left``."""
    in_order = sorted(lines, key=lambda line: (*_vagueness(line), line.currency not in ("", currency)))
    # What was charged in another currency is on a bill in it, however vague; what the card prices may be on a bill in any.
    claims = [(line, {} if line.currency == currency else _claim(line, left, line.currency)) for line in in_order]
    for line, claimed in claims:
        claimed.update(_claim(line, left, line.currency or currency))
        if not _is_made_up(line, claimed):
            claimed.update(_claim(line, left))
    return claims


def _claim(line: InvoiceLine, left: _Unclaimed, currency: str | None = None) -> dict[UsageKey, Ours]:
    """Take what a line is about from what is ``left``: in one currency, or in any."""
    keys = [key for key in _matching(line, left) if currency in (None, key.currency)]
    return {key: left[key.provider, key.day].pop(key) for key in keys}


def _is_made_up(line: InvoiceLine, claimed: Mapping[UsageKey, Ours]) -> bool:
    """Whether the quantity of a line that states an amount needs no usage in other currencies."""
    if not (claimed and line.currency and line.quantity is not None):
        return False
    return _beyond_rounding(line.quantity, _together(claimed).quantity) <= 0


def _compared(line: InvoiceLine, claimed: Mapping[UsageKey, Ours], currency: str) -> Iterator[Pair]:
    stage = line.stage or next((key.stage for key in claimed), None)
    about = replace(line, stage=stage, currency=line.currency or currency)
    used = {
        code: _together({key: each for key, each in claimed.items() if key.currency == code})
        for code in {key.currency for key in claimed}
    }
    if line.amount is not None:
        yield Pair(about, used.pop(about.currency, None), Theirs(line.quantity, line.amount), others=used)
        return
    # It states a quantity alone: as much as was charged in other currencies is in those, the rest in the card's.
    rest = line.quantity or Fraction(0)
    *charged, last = sorted(used, key=lambda code: (code == currency, code)) or [currency]
    for code in charged:
        billed = min(rest, used[code].quantity)
        rest -= billed
        yield Pair(replace(about, currency=code), used[code], Theirs(billed))
    yield Pair(replace(about, currency=last), used.get(last), Theirs(rest))


def _vagueness(line: InvoiceLine) -> tuple[bool, bool, bool, int]:
    return line.model is None, line.unit is None, line.stage is None, len(list(_days(line)))


def _days(line: InvoiceLine) -> Iterator[date]:
    if line.first_day is not None:
        last = line.last_day or line.first_day
        for number in range(min((last - line.first_day).days, _MAX_SPAN_DAYS) + 1):
            yield line.first_day + timedelta(days=number)


def _matching(line: InvoiceLine, left: _Unclaimed) -> Iterator[UsageKey]:
    days = list(_days(line)) or sorted({day for provider, day in left if provider == line.provider})
    for day in days:
        for key, used in left.get((line.provider, day), {}).items():
            if (
                (line.stage is None or line.stage == key.stage)
                and (line.model is None or same_model(line.model, key.model))
                and (key.unit in (line.unit, None) if line.unit else used.amount is not None)
            ):
                yield key


def _together(claimed: Mapping[UsageKey, Ours]) -> Ours:
    """Usage of several kinds in one currency as one. Quantities of different units do not add up: there is none then.

    What was charged without any quantity adds its amount alone.
    """
    several, units = claimed.values(), {key.unit for key in claimed if key.unit}
    amounts = [each.amount for each in several if each.amount is not None]
    connected = [each.connected for each in several if each.connected is not None]
    steps = {step for each in several for step in each.rounded}
    return Ours(
        quantity=sum((each.quantity for each in several), Fraction(0)) if len(units) == 1 else Fraction(0),
        amount=sum(amounts, Fraction(0)) if amounts else None,
        cancelled=sum((each.cancelled for each in several), Fraction(0)),
        rounded={step: sum((each.rounded.get(step, each.quantity) for each in several), Fraction(0)) for step in steps},
        connected=sum(connected, Fraction(0)) if connected else None,
        is_charged=any(each.is_charged for each in several),
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


def _line_of(key: UsageKey) -> InvoiceLine:
    return InvoiceLine(key.provider, key.stage, key.model, key.day, unit=key.unit, currency=key.currency)


def _shifted(found: Sequence[Pair]) -> list[Pair]:
    """The pairs with what of their quantities is of a neighbouring day, in the order of their days."""
    series: defaultdict[tuple[object, ...], list[Pair]] = defaultdict(list)
    rest = []
    for pair in found:
        line = pair.line
        edition = family_of(line.model) if line.model else None
        if line.first_day is None or line.last_day not in (None, line.first_day) or line.unit is None or pair.others:
            rest.append(pair)
        else:
            series[line.provider, line.stage, edition, line.unit, line.currency].append(pair)
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
