"""OpenAI: the organisation's costs and usage as its Admin API gives them, and the dashboard's CSV of both.

Source: the types of ``GET /v1/organization/costs`` and ``/v1/organization/usage/*`` in the package openai 3.57
(``openai.types.admin.organization``): pages of buckets of a day, times in seconds since 1970, UTC; input tokens include the
cached and the cache-write ones. The dashboard's CSV has the same fields as columns, with ``amount_value`` and
``amount_currency``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from voicetel.pricing import Quantities, billed_quantities
from voicetel.reconcile.document import InvoiceJson, InvoiceTable
from voicetel.reconcile.invoice import InvoiceLine, charge_of
from voicetel.reconcile.numbers import read_day, read_number
from voicetel.reconcile.providers.columns import Columns, table_lines
from voicetel.reconcile.providers.fields import bucket_day
from voicetel.reconcile.units import stage_of, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

NAME = "openai"

_USAGE = "organization.usage."
_COSTS = "organization.costs.result"

_TOKENS = {
    "input_tokens": "input_tokens",
    "input_cached_tokens": "cached_input_tokens",
    "input_cache_write_tokens": "cache_write_tokens",
    "output_tokens": "output_tokens",
    "output_audio_tokens": "output_audio_tokens",
    "input_cached_audio_tokens": "cached_input_audio_tokens",
}

_COST_COLUMNS = Columns(
    day="start_time_iso", model="line_item", amount="amount_value", currency="amount_currency", description="line_item"
)


def recognises(document: InvoiceTable | InvoiceJson) -> bool:
    """Whether a document is one of OpenAI's."""
    if isinstance(document, InvoiceTable):
        return document.has("start_time_iso", "amount_value") or document.has("start_time_iso", "num_model_requests")
    return any(
        isinstance(result, dict) and str(result.get("object", "")).startswith((_USAGE, _COSTS))
        for bucket in _buckets(document)
        for result in bucket.get("results") or ()
    )


def lines(document: InvoiceTable | InvoiceJson, zone: str) -> Iterator[InvoiceLine]:
    """What it says of each model and day."""
    if isinstance(document, InvoiceTable):
        if document.has("amount_value"):
            for line in table_lines(document, _COST_COLUMNS, provider=NAME, zone=zone):
                yield _of_item(line, line.model or "")
        else:
            for _, row in document.rows():
                yield from _usage(row, read_day(row.get("start_time_iso"), zone))
        return
    for bucket in _buckets(document):
        day = bucket_day(document.name, bucket.get("start_time"), zone, _length(bucket))
        for result in bucket.get("results") or ():
            if str(result.get("object", "")).startswith(_USAGE):
                yield from _usage(result, day)
            else:
                yield _cost(result, day)


def _buckets(document: InvoiceJson) -> Iterator[Mapping[str, Any]]:
    for value in document.objects():
        pages = value.get("data") if value.get("object") == "page" or "data" in value else [value]
        yield from (each for each in pages or () if isinstance(each, dict) and "results" in each)


def _length(bucket: Mapping[str, Any]) -> timedelta:
    start, end = bucket.get("start_time"), bucket.get("end_time")
    return timedelta(seconds=end - start) if isinstance(start, int) and isinstance(end, int) else timedelta(days=1)


def _usage(result: Mapping[str, Any], day: date) -> Iterator[InvoiceLine]:
    model = result.get("model") or None
    if (seconds := read_number(result.get("seconds"))) is not None:
        yield InvoiceLine(NAME, "stt", model, day, unit="audio_s", quantity=seconds)
        return
    if (characters := read_number(result.get("characters"))) is not None:
        yield InvoiceLine(NAME, "tts", model, day, unit="characters", quantity=characters)
        return
    used = {name: read_number(result.get(field)) for field, name in _TOKENS.items()}
    uncached_audio, cached_audio = read_number(result.get("input_audio_tokens")), used["cached_input_audio_tokens"]
    if uncached_audio is not None:
        used["input_audio_tokens"] = uncached_audio + (cached_audio or 0)
    logged = {name: value.numerator for name, value in used.items() if value is not None and value > 0}
    for unit, quantity in billed_quantities(Quantities.logged(logged), stage="llm").items():
        yield InvoiceLine(NAME, None, model, day, unit=unit, quantity=read_number(quantity))


def _cost(result: Mapping[str, Any], day: date) -> InvoiceLine:
    amount = result.get("amount") or {}
    item = str(result.get("line_item") or "")
    found = unit_of(str(result.get("quantity_unit") or ""), stage_of(item))
    quantity = read_number(result.get("quantity")) if found else None
    line = InvoiceLine(
        NAME,
        model=item or None,
        first_day=day,
        unit=found[0] if found and quantity is not None else None,
        quantity=quantity * found[1] if found and quantity is not None else None,
        amount=read_number(amount.get("value")),
        currency=str(amount.get("currency") or "usd").upper(),
    )
    return _of_item(line, item)


def _of_item(line: InvoiceLine, item: str) -> InvoiceLine:
    """A line of costs, whose line item is ``model, what of it``: gpt-4.1-mini-2025-04-14, cached input."""
    model, _, what = (part.strip() for part in item.partition(","))
    audio = "audio" in what
    unit = {
        "input": "input_audio_tokens" if audio else "input_tokens",
        "cached input": "cached_input_audio_tokens" if audio else "cached_input_tokens",
        "output": "output_audio_tokens" if audio else "output_tokens",
    }.get(what.replace("audio ", "").strip())
    return InvoiceLine(
        NAME,
        model=model or None,
        first_day=line.first_day,
        unit=unit or line.unit,
        quantity=line.quantity,
        amount=line.amount,
        currency=line.currency,
        charge=charge_of(item, line.amount),
    )
