"""HTML and SVG as text. What is not ``Markup`` already is escaped here, so that nothing of a log is ever markup."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from typing import TYPE_CHECKING, TypeAlias

from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

_VOID = frozenset(("br", "input", "meta", "link"))
_SVG_VOID = frozenset(("rect", "line", "circle", "path"))


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"
Attribute: TypeAlias = "str | float | bool | None"

NOTHING = Markup()


def text(value: str) -> Markup:
    """A text as HTML shows it: markup literal, and what turns or hides text as a visible escape."""
    return Markup(escape(visible(value)))


def join(*children: Child) -> Markup:
    """Children one after the other: markup as it is, other text escaped, None left out."""
    return Markup("".join(_pieces(children)))


def element(tag: str, *children: Child, **attributes: Attribute) -> Markup:
    """One element. ``class_`` and ``aria_label`` are written ``class`` and ``aria-label``; None and False leave one out."""
    written = "".join(
        f" {_name(name)}" if value is True else f' {_name(name)}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    if tag in _VOID:
        return Markup(f"<{tag}{written}>")
    inner = join(*children)
    if tag in _SVG_VOID and not inner:
        return Markup(f"<{tag}{written}/>")
    return Markup(f"<{tag}{written}>{inner}</{tag}>")


def embedded_json(name: str, value: object) -> Markup:
    """Data for the page's script, which no browser reads as markup: ASCII, with no <, > or &."""
    written = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for char in "<>&":
        written = written.replace(char, f"\\u{ord(char):04x}")
    return Markup(f'<script type="application/json" id="{name}">{written}</script>')


def policy(style: str, script: str = "") -> Markup:
    """The meta element that lets a browser apply this style, run this script, and do nothing else."""
    allowed = f"script-src '{_digest(script)}'; " if script else ""
    content = f"default-src 'none'; {allowed}style-src '{_digest(style)}'; base-uri 'none'; form-action 'none'"
    return Markup(f'<meta http-equiv="Content-Security-Policy" content="{content}">')


def _digest(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"


def _pieces(children: Iterable[Child]) -> Iterable[str]:
    for child in children:
        if isinstance(child, Markup):
            yield child
        elif isinstance(child, str):
            yield text(child)
        elif child is not None:
            yield from _pieces(child)


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _value(value: str | float | bool) -> str:
    if isinstance(value, Markup):
        return value
    return text(value) if isinstance(value, str) else number(value)


def number(value: float) -> str:
    """A coordinate: two places at most, no zeros at the end."""
    written = f"{value:z.2f}"
    return written.rstrip("0").rstrip(".") if "." in written else written
