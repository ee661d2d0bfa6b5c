"""Parts of a difference: they add up, and each names what the arithmetic shows."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicetel.reconcile.causes import Cause, Ours, Part, Theirs, causes, difference, shifts

amounts = st.fractions(-(10**6), 10**6)
quantities = st.fractions(0, 10**9)
all_ours = st.none() | st.builds(
    Ours,
    quantity=quantities,
    amount=st.none() | st.fractions(0, 10**6),
    cancelled=quantities,
    rounded=st.dictionaries(st.sampled_from([1, 15, 60]), quantities),
    connected=st.none() | quantities,
)
all_theirs = st.none() | st.builds(Theirs, quantity=st.none() | quantities, amount=st.none() | amounts)


@given(all_ours, all_theirs, st.just(Fraction(0)) | st.fractions(-(10**6), 10**6))
def test_the_parts_add_up_to_the_difference(ours: Ours | None, theirs: Theirs | None, shifted: Fraction) -> None:
    """To the last digit, whatever the two sides say."""
    parts = causes(ours, theirs, shifted)
    assert sum((part.amount for part in parts), Fraction(0)) == difference(ours, theirs)


@given(st.lists(st.fractions(-100, 100), max_size=12))
def test_what_moves_from_day_to_day_adds_up_to_nothing(differences: list[Fraction]) -> None:
    """And no day's difference is turned round by it."""
    moved = shifts(differences)
    assert sum(moved, Fraction(0)) == 0
    assert all(abs(each - taken) <= abs(each) for each, taken in zip(differences, moved, strict=True))


MINUTE = Fraction(1, 100)


def mine(quantity: int, **about: object) -> Ours:
    """So many seconds at 0.01."""
    return Ours(Fraction(quantity), quantity * MINUTE, **about)  # type: ignore[arg-type]


def theirs(quantity: float | None, amount: str | None) -> Theirs:
    """What an invoice says."""
    exact = None if quantity is None else Fraction(str(quantity))
    return Theirs(exact, None if amount is None else Fraction(amount))


@pytest.mark.parametrize(
    ("ours", "invoice", "expected"),
    [
        (mine(100), theirs(100, "1"), []),
        (mine(100), theirs(100, "1.5"), [(Cause.RATE, "0.5")]),
        (mine(100), theirs(130, "1.3"), [(Cause.MISSING_IN_LOGS, "0.3")]),
        (mine(100), theirs(70, "0.7"), [(Cause.MISSING_IN_INVOICE, "-0.3")]),
        (mine(100), theirs(130, "2.6"), [(Cause.MISSING_IN_LOGS, "0.3"), (Cause.RATE, "1.3")]),
        (mine(100, cancelled=Fraction(20)), theirs(80, "0.8"), [(Cause.CANCELLED, "-0.2")]),
        (mine(100, rounded={60: Fraction(180)}), theirs(180, "1.8"), [(Cause.ROUNDING_UP, "0.8")]),
        (mine(100, rounded={60: Fraction(180)}), theirs(180, "3.6"), [(Cause.ROUNDING_UP, "0.8"), (Cause.RATE, "1.8")]),
        (mine(100, connected=Fraction(150)), theirs(150, "1.5"), [(Cause.SILENCE, "0.5")]),
        (mine(100), theirs(0, "5"), [(Cause.MISSING_IN_INVOICE, "-1"), (Cause.MINIMUM_FEE, "5")]),
        (mine(100), theirs(None, "1.2"), [(Cause.AMOUNT_ONLY, "0.2")]),
        (mine(100), theirs(120, None), [(Cause.MISSING_IN_LOGS, "0.2")]),
        (mine(100), None, [(Cause.NOT_IN_INVOICE, "-1")]),
        (None, theirs(100, "1"), [(Cause.NOT_IN_LOGS, "1")]),
        (Ours(Fraction(100)), theirs(100, "1"), [(Cause.NO_RATE, "1")]),
    ],
)
def test_each_cause_by_hand(ours: Ours | None, invoice: Theirs | None, expected: list[tuple[Cause, str]]) -> None:
    """The amounts are quantity × our rate, and what remains is the rate's."""
    assert [(part.cause, part.amount) for part in causes(ours, invoice)] == [
        (cause, Fraction(amount)) for cause, amount in expected
    ]


def test_time_is_rounded_up_to_the_step_that_fits() -> None:
    """Of whole seconds, quarters and whole minutes the one that explains it."""
    rounded = {1: Fraction(101), 15: Fraction(135), 60: Fraction(240)}
    (part,) = causes(mine(100, rounded=rounded), theirs(135, "1.35"))
    assert part == Part(Cause.ROUNDING_UP, Fraction("0.35"), Fraction(35), 15)


def test_what_an_invoice_rounds_is_still_recognised() -> None:
    """Hours to four places: the remainder is named by itself."""
    found = causes(mine(100_000, cancelled=Fraction(20_000)), theirs(80_000.5, "800.005"))
    assert [(part.cause, part.quantity) for part in found] == [
        (Cause.CANCELLED, Fraction(-20_000)),
        (Cause.MISSING_IN_LOGS, Fraction(1, 2)),
    ]


def test_a_day_that_begins_elsewhere() -> None:
    """30 of the first day are billed on the second."""
    assert shifts([Fraction(-30), Fraction(30)]) == [Fraction(-30), Fraction(30)]
    assert shifts([Fraction(-30), Fraction(50), Fraction(0)]) == [Fraction(-30), Fraction(30), Fraction(0)]
    (part,) = causes(mine(100), theirs(70, "0.7"), Fraction(-30))
    assert part == Part(Cause.DAY_BOUNDARY, Fraction("-0.3"), Fraction(-30))
