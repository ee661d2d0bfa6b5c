"""Every provider's export against logs that differ from it in one known way at a time: the cause, and the amount by hand.

Two requests are logged, one on each of two days; every export is made of the same rows, so that what a provider's format can
state is compared, and nothing else. A request is 60 s, 1,000 characters or 1,000,000 tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from support.invoices import CARD, cause_list, operation_at, reconciled
from voicetel.pricing import amount_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from voicetel.reconcile import Reconciliation

FIRST, SECOND = datetime(2026, 11, 2, 9, tzinfo=UTC), datetime(2026, 11, 3, 9, tzinfo=UTC)
MORE_RATES = """
[tts.cartesia]
usd_per_1k_characters = 0.05
[stt.elsewhere]
usd_per_minute = 0.006
"""


@dataclass(frozen=True)
class Row:
    """One request as it is billed: of ``quantity``, for ``amount``. ``extra`` is a line that is no usage."""

    at: datetime
    quantity: float
    amount: Fraction = Fraction(0)
    currency: str = "USD"
    extra: str = ""


@dataclass(frozen=True)
class Case:
    """A provider: what it is called in logs, what one request uses and costs, and how its exports are written."""

    provider: str
    stage: str
    unit: str
    quantity: float
    price: str
    export: Callable[[Sequence[Row]], list[Any]]
    model: str | None = None
    has_amounts: bool = True
    knows_currencies: bool = True
    knows_credits: bool = True
    days_in_zones: bool = True
    """Its export has times, or days of the zone that is asked for; False: buckets of UTC days."""

    @property
    def cost(self) -> Fraction:
        """Of one request, by the card."""
        return Fraction(self.price)


def usage_rows(rows: Sequence[Row]) -> list[Row]:
    """Those that are for something used."""
    return [row for row in rows if not row.extra]


def seconds(at: datetime) -> int:
    """The beginning of its UTC day, in seconds since 1970."""
    return int(datetime(at.year, at.month, at.day, tzinfo=UTC).timestamp())


def openai(rows: Sequence[Row]) -> list[Any]:
    """Costs by line item, and usage, in buckets of a day."""
    costs = [
        {"object": "bucket", "start_time": seconds(row.at), "end_time": seconds(row.at) + 86_400, "results": [{
            "object": "organization.costs.result", "line_item": row.extra or "gpt-4.1-mini, input",
            "amount": {"value": float(row.amount), "currency": row.currency.lower()},
        }]}
        for row in rows
    ]  # fmt: skip
    usage = [
        {"object": "bucket", "start_time": seconds(row.at), "end_time": seconds(row.at) + 86_400, "results": [{
            "object": "organization.usage.completions.result", "model": "gpt-4.1-mini-2025-04-14",
            "input_tokens": row.quantity, "output_tokens": 0, "num_model_requests": 1,
        }]}
        for row in usage_rows(rows)
    ]  # fmt: skip
    return [{"object": "page", "data": costs}, {"object": "page", "data": usage}]


def deepgram(rows: Sequence[Row]) -> list[Any]:
    """Dollars by line item, and hours by model."""
    billing = [{"dollars": float(row.amount), "grouping": {"start": f"{row.at:%Y-%m-%d}", "line_item": row.extra or "streaming::nova-3"}} for row in rows]  # fmt: skip
    usage = [{"total_hours": row.quantity / 3600, "grouping": {"start": f"{row.at:%Y-%m-%d}", "models": ["nova-3"]}} for row in usage_rows(rows)]  # fmt: skip
    return [{"results": billing}, {"results": usage}]


def elevenlabs(rows: Sequence[Row]) -> list[Any]:
    """Characters along an axis of days."""
    days = sorted({seconds(row.at) for row in rows})
    used = [sum(row.quantity for row in rows if seconds(row.at) == day) for day in days]
    return [{"time": days, "usage": {"eleven_flash_v2_5": used}}]


def cartesia(rows: Sequence[Row]) -> list[Any]:
    """Credits in buckets of a day."""
    buckets = [{"start_ts": f"{row.at:%Y-%m-%d}T00:00:00.000Z", "end_ts": f"{row.at + timedelta(days=1):%Y-%m-%d}T00:00:00.000Z", "credits": row.quantity} for row in rows]  # fmt: skip
    return [{"data": buckets}]


def twilio_records(rows: Sequence[Row]) -> list[Any]:
    """Daily records, in minutes."""
    return [{"usage_records": [
        {"category": row.extra or "calls", "description": row.extra or "Calls", "usage": str(row.quantity / 60), "usage_unit": "minutes",
         "price": str(float(row.amount)), "price_unit": row.currency.lower(), "start_date": f"{row.at:%Y-%m-%d}", "end_date": f"{row.at:%Y-%m-%d}"}
        for row in rows
    ]}]  # fmt: skip


def twilio_calls(rows: Sequence[Row]) -> list[Any]:
    """The list of calls: prices below 0."""
    return [{"calls": [
        {"sid": f"CA{number}", "start_time": f"{row.at:%a, %d %b %Y %H:%M:%S} +0000", "duration": str(int(row.quantity)),
         "price": str(-float(row.amount)), "price_unit": row.currency}
        for number, row in enumerate(rows)
    ]}]  # fmt: skip


def livekit(rows: Sequence[Row]) -> list[Any]:
    """One session a file, in both of its forms."""
    first, *others = rows
    documents: list[Any] = [{"roomId": "RM_1", "roomName": "a", "startTime": f"{first.at:%Y-%m-%dT%H:%M:%SZ}", "connectionMinutes": first.quantity / 60}]  # fmt: skip
    return documents + [
        {"session": {"sessionId": "RM_2", "roomName": "b", "startedAt": f"{row.at:%Y-%m-%dT%H:%M:%SZ}"}, "detail": {"connectionSeconds": f"{row.quantity:g}"}}
        for row in others
    ]  # fmt: skip


def google(rows: Sequence[Row]) -> list[Any]:
    """Rows of BigQuery's export; a credit stands beside the cost of a row."""
    credited = [float(row.amount) for row in rows if row.extra]
    return [[
        {"service": {"description": "Cloud Speech API"}, "sku": {"description": "Speech-to-Text transcription"}, "cost": float(row.amount),
         "usage_start_time": f"{row.at:%Y-%m-%d %H:%M:%S} UTC", "usage": {"amount": row.quantity, "unit": "seconds"}, "currency": row.currency,
         "credits": [{"name": "Free tier", "amount": each} for each in credited] if number == 0 else []}
        for number, row in enumerate(usage_rows(rows))
    ]]  # fmt: skip


def vapi(rows: Sequence[Row]) -> list[Any]:
    """Calls with their parts."""
    return [[
        {"orgId": "o", "assistantId": "a", "startedAt": f"{row.at:%Y-%m-%dT%H:%M:%SZ}",
         "costs": [{"type": "vapi", "minutes": row.quantity / 60, "cost": float(row.amount)}]}
        for row in rows
    ]]  # fmt: skip


def retell(rows: Sequence[Row]) -> list[Any]:
    """Calls with products in cents."""
    return [[
        {"call_id": "x", "start_timestamp": int(row.at.timestamp() * 1000), "call_cost": {
            "total_duration_seconds": row.quantity,
            "product_costs": [{"product": "us_telephony", "cost": float(row.amount * 100), "unit_price": 0.1}],
        }}
        for row in rows
    ]]  # fmt: skip


def table(rows: Sequence[Row]) -> list[Any]:
    """Any other's CSV."""
    lines = [f"{row.at:%Y-%m-%dT%H:%M:%SZ},{'' if row.extra else row.quantity},{float(row.amount)},{row.currency},{row.extra}" for row in rows]  # fmt: skip
    return ["\n".join(["when,seconds,cost,currency,what", *lines])]


COLUMNS = "day=when,quantity=seconds,unit==seconds,amount=cost,currency=currency,description=what,stage==stt"
CASES = {
    "openai": Case("openai", "llm", "input_tokens", 1_000_000, "0.4", openai, "gpt-4.1-mini", days_in_zones=False),
    "deepgram": Case("deepgram", "stt", "audio_s", 60, "0.006", deepgram, "nova-3", knows_currencies=False),
    "elevenlabs": Case(
        "elevenlabs", "tts", "characters", 1_000, "0.05", elevenlabs, "eleven_flash_v2_5", has_amounts=False, days_in_zones=False
    ),
    "cartesia": Case("cartesia", "tts", "characters", 1_000, "0.05", cartesia, has_amounts=False, days_in_zones=False),
    "twilio records": Case("twilio", "transport", "session_s", 60, "0.012", twilio_records),
    "twilio calls": Case("twilio", "transport", "session_s", 60, "0.012", twilio_calls, knows_credits=False),
    "livekit": Case("livekit", "transport", "session_s", 60, "0.004", livekit, has_amounts=False),
    "google": Case("google", "stt", "audio_s", 60, "0.016", google),
    "vapi": Case("vapi", "platform", "session_s", 60, "0.05", vapi, knows_currencies=False, knows_credits=False),
    "retell": Case("retell", "transport", "session_s", 60, "0.06", retell, "us_telephony", knows_currencies=False, knows_credits=False),
    "any other": Case("elsewhere", "stt", "audio_s", 60, "0.006", table),
}  # fmt: skip
ALL = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
WITH_AMOUNTS = pytest.mark.parametrize(
    "case", [each for each in CASES.values() if each.has_amounts], ids=[name for name in CASES if CASES[name].has_amounts]
)  # fmt: skip
TIMED = pytest.mark.parametrize(
    "case",
    [each for each in CASES.values() if each.unit.endswith("_s")],
    ids=[name for name in CASES if CASES[name].unit.endswith("_s")],
)


def held(folder: Path, case: Case, logged: Sequence[datetime], rows: Sequence[Row], **about: Any) -> Reconciliation:
    """An export of ``rows`` against one request at each of ``logged``."""
    used = about.pop("used", case.quantity)
    events = [
        operation_at(f"{at:%Y-%m-%dT%H:%M:%SZ}", case.stage, case.provider, case.model, **{case.unit: used})
        for at in logged
    ]
    if case.export is table:
        from voicetel.cli.commands.costs.reconcile import _pairs
        from voicetel.reconcile.providers.columns import parse_columns

        about |= {"columns": parse_columns(_pairs(COLUMNS), "--columns"), "provider": case.provider}
    return reconciled(folder, events, *case.export(rows), card=CARD + MORE_RATES, **about)


def billed(case: Case, *moments: datetime, times: Fraction = Fraction(1), currency: str = "USD") -> list[Row]:
    """A request at each, at ``times`` the card's rate."""
    return [Row(at, case.quantity, case.cost * times, currency) for at in moments]


def exact(amount: Fraction) -> str:
    """As a result has it."""
    return f"{amount_of(amount).normalize():f}"


def differing(found: Reconciliation) -> list[tuple[str, str]]:
    """(cause, amount) of every difference that is more than the last digit of a double."""
    known = [(cause, amount) for cause, amount in cause_list(found) if cause != "precision"]
    return [(cause, exact(Fraction(amount).limit_denominator(10**12))) for cause, amount in known]


@ALL
def test_nothing_differs(tmp_path: Path, case: Case) -> None:
    """What is billed as it was logged has no cause, and no difference."""
    found = held(tmp_path, case, [FIRST, SECOND], billed(case, FIRST, SECOND))
    assert differing(found) == []
    assert all(abs(line.difference) < 10**-15 for line in found.lines)
    assert sum(Fraction(line.amount_ours or 0) for line in found.lines) == 2 * case.cost


@ALL
def test_a_call_that_is_missing_from_the_logs(tmp_path: Path, case: Case) -> None:
    """One more is billed on the second day: what it costs."""
    found = held(tmp_path, case, [FIRST, SECOND], billed(case, FIRST, SECOND, SECOND))
    assert differing(found) == [("missing_in_logs", exact(case.cost))]


@ALL
def test_a_call_that_is_not_billed(tmp_path: Path, case: Case) -> None:
    """One more was logged on the second day."""
    later = SECOND + timedelta(hours=1)
    found = held(tmp_path, case, [FIRST, SECOND, later], billed(case, FIRST, SECOND))
    assert differing(found) == [("missing_in_invoice", exact(-case.cost))]


@WITH_AMOUNTS
def test_another_rate(tmp_path: Path, case: Case) -> None:
    """A quarter more for the same: on both days a quarter of what it costs; and the rate, ready to be pasted."""
    found = held(tmp_path, case, [FIRST, SECOND], billed(case, FIRST, SECOND, times=Fraction(5, 4)))
    assert differing(found) == [("rate", exact(case.cost / 4))] * 2
    (rate,) = found.rates
    assert Fraction(rate.value) == Fraction(rate.card_value) * Fraction(5, 4)


@TIMED
def test_rounding_up(tmp_path: Path, case: Case) -> None:
    """Two requests of 40 s are billed as whole minutes: 40 s more."""
    later = FIRST + timedelta(hours=1)
    found = held(tmp_path, case, [FIRST, later], billed(case, FIRST, later), used=40)
    assert differing(found) == [("rounding_up", exact(case.cost * Fraction(40, 60)))]
    assert found.lines[0].causes[0].step_s == 60


@pytest.mark.parametrize("case", [case for case in CASES.values() if case.knows_credits and case.has_amounts])
def test_a_credit(tmp_path: Path, case: Case) -> None:
    """It is a line of its own, and explains itself alone."""
    rows = [*billed(case, FIRST, SECOND), Row(FIRST, 0, Fraction(-1, 1000), extra="credit")]
    assert differing(held(tmp_path, case, [FIRST, SECOND], rows)) == [("credit", "-0.001")]


@pytest.mark.parametrize("case", [case for case in CASES.values() if case.knows_currencies and case.has_amounts])
def test_a_second_currency(tmp_path: Path, case: Case) -> None:
    """Amounts are never converted: what is billed in EUR stands beside what it costs in USD."""
    rows = [*billed(case, FIRST), *billed(case, SECOND, currency="EUR")]
    found = held(tmp_path, case, [FIRST, SECOND], rows)
    assert sorted(differing(found)) == sorted([("currency", exact(case.cost)), ("currency", exact(-case.cost))])
    assert [total.currency for total in found.totals] == ["EUR", "USD"]


@ALL
def test_a_day_that_begins_in_another_zone(tmp_path: Path, case: Case) -> None:
    """A call of 7:30 UTC on the 3rd is of the 2nd in Los Angeles, where the provider's days are; and nothing is missing."""
    night = datetime(2026, 11, 3, 7, 30, tzinfo=UTC)
    logged = [FIRST, night, SECOND]
    if case.days_in_zones and case.export in (twilio_records, deepgram):
        rows = billed(case, FIRST, FIRST, SECOND)
        assert differing(held(tmp_path, case, logged, rows, zone="America/Los_Angeles")) == []
    else:
        rows = billed(case, FIRST, night, SECOND)
        assert differing(held(tmp_path, case, logged, rows)) == []
        rows = billed(case, FIRST, FIRST, SECOND)
    shifted = held(tmp_path, case, logged, rows)
    assert sorted(differing(shifted)) == sorted(
        [("day_boundary", exact(case.cost)), ("day_boundary", exact(-case.cost))]
    )


@pytest.mark.parametrize("case", [case for case in CASES.values() if not case.days_in_zones])
def test_days_of_utc_are_no_days_of_another_zone(tmp_path: Path, case: Case) -> None:
    """Buckets that begin at midnight of UTC are refused where days of Los Angeles are asked for."""
    with pytest.raises(Exception, match=r"its days begin at 1[67]:00 in America/Los_Angeles"):
        held(tmp_path, case, [FIRST], billed(case, FIRST), zone="America/Los_Angeles")
