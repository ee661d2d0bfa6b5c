"""What the JSON Schemas of answers are put together from: types with their limits, and parts that several answers have."""

from __future__ import annotations

from typing import Any

from voicetel.analyzers.cost.results import COMPONENTS
from voicetel.analyzers.overview.analyze import USAGE_NAMES
from voicetel.events.fields import QUANTITIES
from voicetel.reporters.json_report import SCHEMA_VERSION

Schema = dict[str, Any]


def document(title: str, members: Schema, optional: tuple[str, ...] = ()) -> Schema:
    """An answer that is one object, with its ``schema_version``."""
    return {**head(title), **object_of({"schema_version": {"const": SCHEMA_VERSION}, **members}, optional)}


def head(title: str) -> Schema:
    """What stands at the top of every schema."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}


def object_of(members: Schema, optional: tuple[str, ...] = ()) -> Schema:
    """An object with these members, all of them but the ``optional`` ones always, and no others."""
    required = [name for name in members if name not in optional]
    return {"type": "object", "properties": members, "required": required, "additionalProperties": False}


def list_of(items: Schema) -> Schema:
    """A list, empty or not."""
    return {"type": "array", "items": items}


def groups_of(members: Schema) -> Schema:
    """The members of an answer once per group, with the group's values by dimension."""
    group = {"type": "object", "additionalProperties": text(optional=True), "description": "Dimension → value."}
    return list_of(object_of({"group": group, **members}))


def text(doc: str = "", *, optional: bool = False) -> Schema:
    """Words; ``optional`` here and below: or null."""
    return _typed("string", doc, optional=optional)


def count(doc: str = "", *, optional: bool = False) -> Schema:
    """A whole number from 0."""
    return _typed("integer", doc, optional=optional, minimum=0)


def number(doc: str = "", *, optional: bool = False, **limits: float) -> Schema:
    """A number."""
    return _typed("number", doc, optional=optional, **limits)


def flag(doc: str = "", *, optional: bool = False) -> Schema:
    """True or false."""
    return _typed("boolean", doc, optional=optional)


def share(doc: str = "") -> Schema:
    """A share from 0 to 1 of what may be nothing: then it is null."""
    return _typed("number", doc, optional=True, minimum=0)


def money(doc: str = "", *, optional: bool = False, signed: bool = False) -> Schema:
    """An exact amount: a string of digits. A ``signed`` one can be below 0."""
    return _typed("string", doc, optional=optional, pattern=rf"^{'-?' if signed else ''}\d+(\.\d+)?$")


def moment(*, optional: bool = False) -> Schema:
    """A moment."""
    return _typed("string", "RFC 3339, UTC.", optional=optional, format="date-time")


def day(doc: str = "", *, optional: bool = False) -> Schema:
    """A day."""
    return _typed("string", doc, optional=optional, format="date")


def quantities() -> Schema:
    """What was used, those quantities that were logged."""
    members = {quantity.name: number(f"{quantity.doc} {quantity.unit}.", minimum=0) for quantity in QUANTITIES}
    return {"type": "object", "properties": members, "additionalProperties": False}


def usage() -> Schema:
    """The members that sum up what calls used."""
    return {name: number("Null: never logged.", optional=True, minimum=0) for name in USAGE_NAMES}


def cost() -> Schema:
    """What calls cost, and what of it is not known."""
    return object_of(
        {
            "currency": text(),
            "total": money("The sum of the components, exact. Null: nothing that was used has a price.", optional=True),
            **{name: money("Null: nothing of it has a price.", optional=True) for name in COMPONENTS},
            "per_call_avg": money("total ÷ calls.", optional=True),
            "per_minute": money("total ÷ minutes of calls whose length is known.", optional=True),
            "coverage": share("Share of the billable operations that have a price."),
            "unpriced": list_of(
                object_of(
                    {
                        "stage": text(),
                        "provider": text(optional=True),
                        "model": text(optional=True),
                        "operations": count(),
                        "quantities": quantities(),
                    }
                )
            ),
            "billed_in_other_currencies": {"type": "object", "additionalProperties": money()},
            "unmetered_user_turns": count("Turns of a caller with no STT quantity logged."),
            "card": text("Where the rates come from."),
            "notes": list_of(text()),
        }
    )


def _typed(kind: str, doc: str, *, optional: bool, **limits: object) -> Schema:
    about = {"description": doc} if doc else {}
    return {"type": [kind, "null"] if optional else kind, **limits, **about}
