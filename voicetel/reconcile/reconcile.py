"""Invoices held against the logs: each line with what was logged, and why the two differ."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from voicetel.pricing import amount_of, exact_sum, rounded_to_sum
from voicetel.pricing.money import EXACT, RATE_PLACES, ZERO, round_fraction
from voicetel.pricing.units import BILLABLE_BY_QUANTITY, RATE_KEYS
from voicetel.reconcile.causes import Cause, Ours, Part
from voicetel.reconcile.invoice import Charge
from voicetel.reconcile.logged import logged_usage
from voicetel.reconcile.matching import Pair, pairs
from voicetel.reconcile.results import CurrencyTotal, DifferencePart, ImpliedRate, ReconciledLine, Reconciliation
from voicetel.toml_document import path_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import RateCard
    from voicetel.reconcile.invoice import InvoiceLine
    from voicetel.reconcile.read import InvoiceSums

_OTHER_CHARGES = {Charge.CREDIT: Cause.CREDIT, Charge.MINIMUM: Cause.MINIMUM_FEE, Charge.TAX: Cause.TAX}

_USUAL_KEYS = (
    "per_minute",
    "per_1k_characters",
    "per_1m_input_tokens",
    "per_1m_cached_input_tokens",
    "per_1m_output_tokens",
)
"""The unit that a rate is written in where several could be."""

_SIGNIFICANT_DIGITS = 8


def reconcile(context: AnalysisContext, card: RateCard, invoices: InvoiceSums, *, zone: str = "UTC") -> Reconciliation:
    """Hold invoices against the selected calls of ``context``, priced by ``card``; days are those of ``zone``."""
    lines = [replace(line, provider=card.provider(line.provider)) for line in invoices.summed()]
    logged = logged_usage(context, card, {line.provider for line in lines}, zone)
    paired = [_with_usual_rate(pair, card) for pair in pairs(logged, lines, card.currency)]
    reconciled = [each for pair in paired for each in _reconciled(pair)]
    reconciled += [_other_charge(line, card.currency) for line in lines if line.charge is not Charge.USAGE]
    reconciled.sort(
        key=lambda each: (
            -abs(each.difference),
            each.provider,
            each.model or "",
            str(each.day),
            each.unit or "",
            each.currency,
        )
    )
    return Reconciliation(
        invoice_lines=invoices.count,
        zone=zone,
        card=card.source,
        lines=tuple(reconciled),
        totals=tuple(_totals(reconciled)),
        rates=tuple(_implied_rates(paired, card)),
    )


def _with_usual_rate(pair: Pair, card: RateCard) -> Pair:
    """What the logs know nothing of, and the invoice states no amount of, is valued at the card's rate."""
    line = pair.line
    if pair.ours is not None or pair.theirs is None or pair.theirs.amount is not None or not (line.stage and line.unit):
        return pair
    rate = card.rate_on(line.first_day, line.stage, line.provider, line.model) if line.first_day else None
    per_unit = getattr(rate, BILLABLE_BY_QUANTITY[line.unit].column) if rate else None
    return pair if per_unit is None else replace(pair, ours=Ours(amount=None, usual_rate=Fraction(per_unit)))


def _reconciled(pair: Pair) -> Iterator[ReconciledLine]:
    yield _line(pair, pair.parts)
    for currency, used in sorted(pair.others.items()):
        if used.amount:
            only_ours = Pair(replace(pair.line, currency=currency), used, None)
            yield _line(only_ours, [Part(Cause.CURRENCY, -used.amount)])


def _line(pair: Pair, parts: Sequence[Part]) -> ReconciledLine:
    line, ours, theirs = pair.line, pair.ours, pair.theirs
    mine = None if ours is None or ours.amount is None else amount_of(ours.amount)
    billed = None if theirs is None or theirs.amount is None else amount_of(theirs.amount)
    exact = sum((part.amount for part in parts), Fraction(0))
    stated = theirs is None or billed is not None
    difference = EXACT.subtract(billed or ZERO, mine or ZERO) if stated else amount_of(exact)
    return ReconciledLine(
        provider=line.provider,
        stage=line.stage,
        model=line.model,
        day=line.first_day,
        last_day=line.last_day,
        unit=line.unit,
        quantity_ours=_quantity(ours.quantity if ours and line.unit else None),
        quantity_theirs=_quantity(theirs.quantity if theirs else None),
        rate_ours=_rate(ours.rate if ours and line.unit else None),
        rate_theirs=_rate(theirs.rate if theirs else None),
        currency=line.currency,
        amount_ours=mine,
        amount_theirs=billed,
        difference=difference,
        causes=_difference_parts(parts, difference),
    )


def _difference_parts(parts: Sequence[Part], difference: Decimal) -> tuple[DifferencePart, ...]:
    amounts = rounded_to_sum([part.amount for part in parts], difference) if parts else []
    return tuple(
        DifferencePart(part.cause.value, amount, _quantity(part.quantity), part.step_s)
        for part, amount in zip(parts, amounts, strict=True)
    )


def _other_charge(line: InvoiceLine, currency: str) -> ReconciledLine:
    pair = Pair(replace(line, unit=None, currency=line.currency or currency), None, None)
    amount = line.amount or Fraction(0)
    found = _line(pair, [Part(_OTHER_CHARGES[line.charge], amount)])
    billed = amount_of(amount)
    return replace(
        found,
        amount_theirs=billed,
        difference=billed,
        causes=_difference_parts([Part(_OTHER_CHARGES[line.charge], amount)], billed),
    )


def _totals(lines: Sequence[ReconciledLine]) -> Iterator[CurrencyTotal]:
    for currency in sorted({line.currency for line in lines}):
        own = [line for line in lines if line.currency == currency]
        by_cause: defaultdict[tuple[str, int | None], list[Decimal]] = defaultdict(list)
        for line in own:
            for part in line.causes:
                by_cause[part.cause, part.step_s].append(part.amount)
        summed = [DifferencePart(cause, exact_sum(each), None, step) for (cause, step), each in by_cause.items()]
        difference = exact_sum(line.difference for line in own)
        stated = [line.amount_theirs for line in own if line.amount_theirs is not None]
        theirs = exact_sum(stated) if stated else None
        yield CurrencyTotal(
            currency=currency,
            amount_ours=exact_sum(line.amount_ours for line in own if line.amount_ours is not None),
            amount_theirs=theirs,
            difference=difference,
            share=float(difference / abs(theirs)) if theirs else None,
            causes=tuple(sorted(summed, key=lambda part: (-abs(part.amount), part.cause))),
        )


def _implied_rates(paired: Sequence[Pair], card: RateCard) -> Iterator[ImpliedRate]:
    """For each model and quantity with a cause ``rate``, that of the whole time: amounts ÷ quantities.

    Not of what the provider itself charged: the card prices none of it.
    """
    sums: defaultdict[tuple[str, str, str | None, str], list[Fraction]] = defaultdict(lambda: [Fraction(0)] * 4)
    for pair in paired:
        line, ours, theirs = pair.line, pair.ours, pair.theirs
        if not (ours and theirs and line.stage and line.unit) or line.currency != card.currency or ours.is_charged:
            continue
        if any(part.cause is Cause.RATE for part in pair.parts):
            added = (theirs.quantity, theirs.amount, ours.quantity, ours.amount)
            of = sums[line.stage, line.provider, line.model, line.unit]
            sums[line.stage, line.provider, line.model, line.unit] = [
                total + (more or Fraction(0)) for total, more in zip(of, added, strict=True)
            ]
    for (stage, provider, model, unit), (billed, amount, used, mine) in sorted(sums.items(), key=str):
        if billed and used:
            key, units = _key(unit)
            table = path_text((stage, provider, *([model] if model else [])))
            name = f"{card.currency.lower()}_{key}"
            yield ImpliedRate(table, name, _significant(amount / billed * units), _significant(mine / used * units))


def _key(unit: str) -> tuple[str, int]:
    """The key of a rate card that prices a quantity, and how many units of it."""
    column = BILLABLE_BY_QUANTITY[unit].column
    keys = [key for key in RATE_KEYS if key.column == column]
    usual = next((key for key in keys if key.suffix in _USUAL_KEYS), keys[0])
    return usual.suffix, usual.units


def _significant(value: Fraction) -> Decimal:
    exact = round_fraction(abs(value), 30)
    places = _SIGNIFICANT_DIGITS - 1 - exact.adjusted() if exact else 0
    return round_fraction(value, max(places, 0))


def _quantity(value: Fraction | None) -> Decimal | None:
    return None if value is None else round_fraction(value, 6)


def _rate(value: Fraction | None) -> Decimal | None:
    return None if value is None else round_fraction(value, RATE_PLACES)
