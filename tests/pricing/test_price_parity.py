"""price() against a plain reference and against SQL made from the same table."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from fractions import Fraction

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from voicetel.pricing import Quantities, Rate, amount_of, exact_sum, price, rounded_to_sum
from voicetel.pricing.money import ninths_of
from voicetel.pricing.units import BILLABLES, EXACT_AMOUNT_MACRO, RATE_COLUMNS, STAGES, billed_sql, rounded_up_sql

NAMES = [field.name for field in fields(Quantities)]

rates_per_unit = st.none() | st.integers(0, 20 * 9 * 10**18).map(lambda ninths: Fraction(ninths, 9 * 10**18))
amounts = st.none() | st.decimals(min_value=0, max_value=100_000, places=6, allow_nan=False)
all_rates = st.builds(
    Rate,
    key=st.just("llm.x"),
    stage=st.sampled_from(STAGES),
    round_up_to_s=st.none() | st.sampled_from([Decimal(1), Decimal(60), Decimal("0.5"), Decimal(6)]),
    **dict.fromkeys(RATE_COLUMNS, rates_per_unit),
)
all_quantities = st.builds(Quantities, **dict.fromkeys(NAMES, amounts))


def reference(rate: Rate, q: Quantities) -> Fraction:
    """The rules of the design, spelled out one by one in fractions."""

    def known(value: Decimal | Fraction | None) -> Fraction:
        return Fraction(value or 0)

    cached_audio = known(q.cached_input_audio_tokens)
    cached_text = max(known(q.cached_input_tokens) - cached_audio, Fraction(0))
    fresh_audio = max(known(q.input_audio_tokens) - cached_audio, Fraction(0))
    written = known(q.cache_write_tokens)
    text = max(known(q.input_tokens) - fresh_audio - cached_audio - cached_text - written, Fraction(0))
    total = (
        text * known(rate.per_input_token)
        + cached_text * known(rate.per_cached_input_token)
        + written * known(rate.per_cache_write_token)
        + fresh_audio * known(rate.per_input_audio_token)
        + cached_audio * known(rate.per_cached_input_audio_token)
    )
    spoken = known(q.output_audio_tokens)
    total += max(known(q.output_tokens) - spoken, Fraction(0)) * known(rate.per_output_token)
    total += spoken * known(rate.per_output_audio_token)
    seconds = known(q.session_s)
    if rate.stage in ("stt", "tts") and q.audio_s is not None:
        seconds = known(q.audio_s)
    if rate.round_up_to_s is not None:
        step = Fraction(rate.round_up_to_s)
        seconds = -(-seconds // step) * step
    total += seconds * known(rate.per_second)
    total += known(q.characters) * known(rate.per_character)
    total += known(q.requests) * known(rate.per_request)
    return total + known(q.calls) * known(rate.per_call)


@given(all_rates, all_quantities)
def test_price_is_exactly_the_reference(rate: Rate, quantities: Quantities) -> None:
    """Whatever the rate and the quantities, the amount is the reference's to the last digit, and never negative."""
    priced = price(rate, quantities)
    assert priced.exact == reference(rate, quantities)
    assert priced.amount == amount_of(priced.exact)
    assert priced.amount >= 0
    assert not set(priced.unpriced) & {line.quantity for line in priced.lines}


@given(all_quantities)
def test_what_has_no_rate_is_listed_and_never_costs_nothing(quantities: Quantities) -> None:
    """Without a rate there is no line to add up, and whatever was used is named."""
    priced = price(None, quantities)
    assert priced.lines == ()
    assert bool(priced.unpriced) == any((getattr(quantities, name) or 0) > 0 for name in NAMES)


@given(st.lists(st.tuples(st.sampled_from("abc"), all_rates, all_quantities), min_size=1, max_size=8))
def test_sums_reconcile_in_every_grouping(rows: list[tuple[str, Rate, Quantities]]) -> None:
    """The total over groups is the total over rows, to the last digit, in any order, exactly and as decimals."""
    exact = [(group, price(rate, quantities).exact) for group, rate, quantities in rows]
    total = sum((amount for _, amount in reversed(exact)), Fraction(0))
    groups = [sum((amount for name, amount in exact if name == group), Fraction(0)) for group in "abc"]
    assert sum(groups, Fraction(0)) == total
    assert (
        exact_sum(rounded_to_sum(groups)) == amount_of(total) == exact_sum(rounded_to_sum([each for _, each in exact]))
    )


@given(st.lists(st.fractions(0, 10**6), min_size=1, max_size=20), st.integers(-3, 3))
def test_what_is_apportioned_adds_up(parts: list[Fraction], off: int) -> None:
    """To the total, or to one nearby that is asked for; every part is as good as its 24th place."""
    total = amount_of(sum(parts, Fraction(0)))
    found = rounded_to_sum(parts)
    assert exact_sum(found) == total
    unit = Fraction(1, 10**24)
    assert all(abs(Fraction(each) - part) < unit for each, part in zip(found, parts, strict=True))
    assert all(each == 0 for each, part in zip(found, parts, strict=True) if part == 0)
    wanted = total + off * Decimal("1e-24") if parts and max(parts) > 1 else total
    assert exact_sum(rounded_to_sum(parts, wanted)) == wanted


@given(st.lists(all_quantities, min_size=1, max_size=6), all_rates)
def test_pricing_the_sum_of_what_is_billed_is_the_sum_of_the_prices(rows: list[Quantities], rate: Rate) -> None:
    """Billed quantities add up before they are priced: per operation and per call give the same amount."""
    lines = [line for row in rows for line in price(rate, row).lines]
    summed = {name: exact_sum(line.billed for line in lines if line.quantity == name) for name in NAMES}
    rate_of = {line.quantity: line.rate for line in lines}
    from_sums = sum((Fraction(summed[name]) * rate_of[name] for name in rate_of), Fraction(0))
    assert from_sums == sum((price(rate, row).exact for row in rows), Fraction(0))


def sql_amount() -> str:
    """SQL for an operation's amount, made from the table of billables."""
    terms = []
    for billable in BILLABLES:
        billed = billed_sql(billable)
        if billable.basis == "time":
            billed = rounded_up_sql(billed, "round_up_to_s")
        terms.append(f"coalesce(CAST({billed} AS DECIMAL(15,6)) * {billable.column}, 0)")
    return " + ".join(terms)


@settings(max_examples=40)
@given(st.lists(st.tuples(all_rates, all_quantities), min_size=1, max_size=5))
def test_sql_made_from_the_table_gives_the_same_digits(rows: list[tuple[Rate, Quantities]]) -> None:
    """DuckDB over DECIMAL(24,18) ninths and DECIMAL(15,6) quantities agrees with price() row by row."""
    types = {"row": "INTEGER", "stage": "VARCHAR", "round_up_to_s": "DECIMAL(15,6)"}
    types |= dict.fromkeys(NAMES, "DECIMAL(15,6)") | dict.fromkeys(RATE_COLUMNS, "DECIMAL(24,18)")
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t ({', '.join(f'{name} {kind}' for name, kind in types.items())})")
        for number, (rate, quantities) in enumerate(rows):
            values = [number, rate.stage, rate.round_up_to_s]
            rates = [getattr(rate, name) for name in RATE_COLUMNS]
            values += [getattr(quantities, name) for name in NAMES]
            values += [None if each is None else ninths_of(each) for each in rates]
            connection.execute(f"INSERT INTO t VALUES ({', '.join('?' * len(values))})", values)
        connection.execute(EXACT_AMOUNT_MACRO)
        amounts_in_sql = connection.execute(f"SELECT exact_amount({sql_amount()}) FROM t ORDER BY row").fetchall()
    expected = [price(rate, quantities).amount for rate, quantities in rows]
    assert [amount for (amount,) in amounts_in_sql] == expected


@given(all_rates, all_quantities)
def test_once_a_card_prices_tokens_no_kind_of_token_goes_unseen(rate: Rate, quantities: Quantities) -> None:
    """With any token rate, every kind that was used is on the bill or listed as unpriced."""
    tokens = {billable.quantity: billable.column for billable in BILLABLES if billable.basis == "tokens"}
    used = set(price(None, quantities, stage=rate.stage).unpriced) & set(tokens)
    priced = price(rate, quantities)
    if any(getattr(rate, column) is not None for column in tokens.values()):
        assert used <= {line.quantity for line in priced.lines} | set(priced.unpriced)
