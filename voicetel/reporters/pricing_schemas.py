"""JSON Schemas (2020-12) of bills and of what ``voicetel pricing`` says of a rate card."""

from __future__ import annotations

from voicetel.pricing.units import RATE_KEYS
from voicetel.reporters.schema_parts import (
    Schema,
    cost,
    count,
    day,
    document,
    list_of,
    money,
    number,
    object_of,
    quantities,
    share,
    text,
)


def cost_schema() -> Schema:
    """``voicetel cost --format json``. A line also has one member per dimension named in ``by``."""
    line = {
        "amount": money("Null: not one of the operations has a price.", optional=True),
        "share": share("Of the total."),
        "operations": count(),
        "unpriced_operations": count(),
        "quantities": quantities(),
    }
    return document("voicetel cost", {"by": list_of(text()), "lines": list_of(_line(line)), "cost": cost()})


def cost_comparison_schema() -> Schema:
    """``voicetel cost --compare --format json``: ``cost`` is by the first card, ``other_cost`` by the second."""
    amounts = {
        "amount": money("By the first card. Null: it prices nothing of it.", optional=True),
        "other_amount": money("By the second card.", optional=True),
        "difference": money("other_amount − amount.", optional=True, signed=True),
        "share": number("difference ÷ amount.", optional=True),
    }
    return document(
        "voicetel cost --compare",
        {
            "by": list_of(text()),
            "lines": list_of(_line(amounts)),
            "total": object_of(amounts),
            "cost": cost(),
            "other_cost": cost(),
        },
    )


def rates_schema() -> Schema:
    """``voicetel pricing show --format json``. A rate's members are the keys of its table in the card."""
    rate = object_of(
        {
            "key": text("The table of the card."),
            "effective_from": day("The first UTC day; null: from the beginning.", optional=True),
            "effective_to": day("The first UTC day on which it no longer applies.", optional=True),
            "multiplier": money(),
            "round_up_to_s": money(optional=True),
            "source": text("Where the price was read.", optional=True),
            "as_of": day("When it was read.", optional=True),
        }
    )
    rate["patternProperties"] = {f"^[a-z]{{3}}_({'|'.join(key.suffix for key in RATE_KEYS)})$": money()}
    model = {
        "stage": text(),
        "provider": text(optional=True),
        "model": text(optional=True),
        "first_day": day("Of its use in the logs, UTC."),
        "last_day": day(),
        "operations": count(),
        "billed_operations": count("Those whose provider said what it charged."),
        "unpriced": {
            **list_of(text()),
            "description": "Quantities that a rate, or a day without one, leaves uncovered.",
        },
        "rates": list_of(rate),
    }
    return document("voicetel pricing show", {"card": text(), "currency": text(), "models": list_of(object_of(model))})


def findings_schema() -> Schema:
    """``voicetel pricing check --format json``."""
    finding = {"kind": {"enum": ["far off", "unpriced", "withdrawn", "unused"]}, "text": text("Where and what.")}
    return document("voicetel pricing check", {"card": text(), "findings": list_of(object_of(finding))})


def estimate_schema() -> Schema:
    """``voicetel pricing estimate --format json``."""
    component = {
        "component": text(),
        "what": text("The provider and model that were assumed; empty where the logs say."),
        "per_minute": money("Null: it has no price.", optional=True),
    }
    per_minute = money("Null: nothing has a price, or no call a length.", optional=True)
    return document(
        "voicetel pricing estimate",
        {"card": text(), "currency": text(), "per_minute": per_minute, "components": list_of(object_of(component))},
    )


def _line(members: Schema) -> Schema:
    """A line of a bill: besides these members one for each thing that it is grouped by."""
    return {**object_of(members), "additionalProperties": text(optional=True)}
