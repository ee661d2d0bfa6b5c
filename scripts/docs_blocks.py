"""What the pages in docs/ and the README do not say by hand: written into them by ``make docs``, held to by CI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from voicetel.events.fields import ENVELOPE, EVENT_DOCS, EVENTS, OPERATION, QUANTITIES, Field
from voicetel.events.metrics import LATENCIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Page(Protocol):
    """Where cog puts what is written."""

    def outl(self, text: str = "") -> None:
        """Write a line."""


def latencies(page: Page) -> None:
    """The table of latencies."""
    page.outl("| figure, ms | from → to |")
    page.outl("|---|---|")
    for each in LATENCIES:
        page.outl(f"| `{each.name}` | {each.doc} |")


def envelope(page: Page) -> None:
    """Fields of every line."""
    _fields(page, ENVELOPE)


def event(page: Page, name: str) -> None:
    """What one event is, and its fields."""
    page.outl(EVENT_DOCS[name])
    page.outl()
    _fields(page, (field for field in EVENTS[name] if field.name != "operations"))
    if any(field.name == "operations" for field in EVENTS[name]):
        page.outl("| `operations` | list | | The calls to providers; see [operations](#operations). |")


def operations(page: Page) -> None:
    """Fields of an operation that are not quantities."""
    _fields(page, (field for field in OPERATION if field not in QUANTITIES))


def quantities(page: Page) -> None:
    """What an operation can have used."""
    _fields(page, QUANTITIES)


def limits(page: Page) -> None:
    """Which values of a latency are impossible."""
    page.outl("| figure | impossible |")
    page.outl("|---|---|")
    for each in LATENCIES:
        page.outl(f"| `{each.name}` | below 0, above {each.limit_ms:,} ms |")


def _fields(page: Page, fields: Iterable[Field]) -> None:
    page.outl("| field | type | unit | meaning |")
    page.outl("|---|---|---|---|")
    for path, field in _flat(fields):
        page.outl(f"| `{path}` | {_kind(field)} | {field.unit} | {_meaning(field)} |")


def _flat(fields: Iterable[Field], prefix: str = "") -> Iterator[tuple[str, Field]]:
    for field in fields:
        yield prefix + field.name, field
        if field.kind == "object":
            yield from _flat(field.fields, f"{prefix}{field.name}.")


def _kind(field: Field) -> str:
    kinds = {"decimal": "string (a number)", "map": "object, string → string", "spans": "[[number, number], …]"}
    return kinds.get(field.kind, field.kind) + (", required" if field.required else "")


def _meaning(field: Field) -> str:
    words = ", ".join(f"`{word}`" for word in field.words)
    if words and field.open_words:
        return f"{field.doc} Known: {words}."
    return f"{field.doc} One of {words}." if words else field.doc
