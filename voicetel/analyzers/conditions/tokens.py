"""The words of a condition, with where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn

from voicetel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["text", "number", "operator", "word", "end"]

_TOKEN = re.compile(
    r"""(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")"""
    r"|(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?![\w.]))"
    r"|(?P<operator><=|>=|<>|!=|==|=|<|>|\(|\)|,)"
    r"|(?P<word>[A-Za-z_][A-Za-z_0-9.]*)",
    re.ASCII,
)
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Token:
    """One word; ``position`` counts characters from 1."""

    kind: Kind
    text: str
    position: int

    @property
    def word(self) -> str:
        """As keywords and operators are compared."""
        return self.text.lower() if self.kind in {"word", "operator"} else ""

    @property
    def value(self) -> str:
        """The text between the quotes, in which two quotes stand for one."""
        quote = self.text[0]
        return self.text[1:-1].replace(quote * 2, quote)

    def __str__(self) -> str:
        if self.kind == "end":
            return "the end"
        return self.text if self.kind == "text" else repr(self.text)


def tokens(text: str) -> Iterator[Token]:
    """The words of a condition, and an end. Raises UsageError for what is none."""
    at = 0
    while (at := at + len(_SPACE.match(text, at)[0])) < len(text):  # type: ignore[index]  # it matches anywhere
        found = _TOKEN.match(text, at)
        if not found:
            quoted = text[at] in "'\""
            fail(f"{'the quote' if quoted else repr(text[at])} {'has no end' if quoted else 'means nothing'}", at + 1)
        yield Token(found.lastgroup, found[0], at + 1)  # type: ignore[arg-type]  # the groups are the kinds
        at = found.end()
    yield Token("end", "", len(text) + 1)


def fail(problem: str, position: int, hint: str | None = None) -> NoReturn:
    """Refuse a condition."""
    raise UsageError(f"--where: {problem}, at character {position}", hint=hint)
