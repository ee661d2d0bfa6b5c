"""Conditions on calls, read and made into SQL.

    outcome = "fail" and duration_s > 180 and (interruption_count > 2 or sentiment < 0)

The words are the columns of ``voicetel calls --json``. A comparison with what is not known is neither true nor false, as in
SQL, so that only ``is null`` finds it. Values are bound, columns are looked up: nothing of the text becomes SQL.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from voicetel.analyzers.conditions.tokens import Token, fail, tokens
from voicetel.results import row_columns
from voicetel.results.figure import without_none
from voicetel.suggestion import did_you_mean_or_list

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

MAX_CHARACTERS = 10_000
MAX_COMPARISONS = 200
MAX_DEPTH = 50
"""Of parentheses and ``not``, one within the other."""
_WHOLE_DIGITS, _PLACES = 12, 9
"""A number that any column can be compared with exactly."""

_OPERATORS = {"=": "=", "==": "=", "!=": "<>", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_KEYWORDS = frozenset({"and", "or", "not", "in", "is", "null"})

Type = Literal["text", "number", "time"]


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL over the rows of ``calls --json``, with the values that it binds, and the columns that it reads."""

    sql: str
    values: tuple[tuple[str, object], ...]
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Column:
    type: Type
    is_double: bool


@dataclass(frozen=True, slots=True)
class _Operand:
    """One side of a comparison: a column, or a value that is still to be read as the type of the other side."""

    token: Token
    column: _Column | None


def parse_condition(text: str, tz: str = "UTC") -> Condition:
    """The condition that ``text`` says; its times are in the zone ``tz`` unless they have their own.

    Raises UsageError, one line that names what is wrong and where, with the likely right column.
    """
    if len(text) > MAX_CHARACTERS:
        fail(f"it is longer than {MAX_CHARACTERS:,} characters", MAX_CHARACTERS)
    parser = _Parser(list(tokens(text)), UTC if tz == "UTC" else ZoneInfo(tz))
    sql = parser.any_of_sql(0)
    if parser.next.kind != "end":
        fail(f"and, or or the end is expected, not {parser.next}", parser.next.position)
    return Condition(sql, tuple(parser.values.items()), frozenset(parser.columns))


@cache
def condition_columns() -> dict[str, _Column]:
    """The columns of a call by name."""
    from voicetel.analyzers.calls.results import CallRow  # noqa: PLC0415  its reports are imported by those that select

    found = {}
    for column in row_columns(CallRow):
        kind, _ = without_none(column.type)
        if not column.figure.omit_if_empty:
            type_: Type = "number" if kind in {int, float, Decimal} else "time" if kind is datetime else "text"
            found[column.name] = _Column(type_, kind is float)
    return found


@dataclass(slots=True)
class _Parser:
    """Reads tokens from left to right; each method returns SQL."""

    tokens: Sequence[Token]
    zone: tzinfo
    index: int = 0
    comparison_count: int = 0
    values: dict[str, object] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)

    @property
    def next(self) -> Token:
        """What comes next."""
        return self.tokens[self.index]

    def take(self) -> Token:
        """What comes next, which is then behind."""
        token = self.next
        self.index += token.kind != "end"
        return token

    def accept(self, *words: str) -> bool:
        """Whether these words come next; they are then behind."""
        coming = [token.word for token in self.tokens[self.index : self.index + len(words)]]
        if coming != list(words):
            return False
        self.index += len(words)
        return True

    def expect(self, word: str) -> None:
        """Refuse anything but this word."""
        if not self.accept(word):
            fail(f"{word} is expected, not {self.next}", self.next.position)

    def any_of_sql(self, depth: int) -> str:
        """Conditions with ``or`` between them."""
        found = [self.all_of_sql(depth)]
        while self.accept("or"):
            found.append(self.all_of_sql(depth))
        return f"({' OR '.join(found)})" if len(found) > 1 else found[0]

    def all_of_sql(self, depth: int) -> str:
        """Conditions with ``and`` between them."""
        found = [self.term_sql(depth)]
        while self.accept("and"):
            found.append(self.term_sql(depth))
        return f"({' AND '.join(found)})" if len(found) > 1 else found[0]

    def term_sql(self, depth: int) -> str:
        """A comparison, a condition in parentheses, or the opposite of either."""
        if depth > MAX_DEPTH:
            fail(f"more than {MAX_DEPTH} parentheses and nots stand within each other", self.next.position)
        if self.accept("not"):
            return f"(NOT {self.term_sql(depth + 1)})"
        if self.accept("("):
            found = self.any_of_sql(depth + 1)
            self.expect(")")
            return found
        return self.comparison_sql()

    def comparison_sql(self) -> str:
        """An operand, and what is said of it."""
        self.comparison_count += 1
        if self.comparison_count > MAX_COMPARISONS:
            fail(f"there are more than {MAX_COMPARISONS} comparisons", self.next.position)
        left = self.operand()
        if self.accept("is", "not", "null"):
            return f"({self.column_name(left)} IS NOT NULL)"
        if self.accept("is", "null"):
            return f"({self.column_name(left)} IS NULL)"
        if self.accept("not", "in"):
            return f"(NOT {self.one_of_sql(left)})"
        if self.accept("in"):
            return self.one_of_sql(left)
        operator = self.take()
        if operator.word not in _OPERATORS:
            fail(f"=, !=, <, <=, >, >=, in or is null is expected, not {operator}", operator.position)
        right = self.operand()
        return f"({self.operand_sql(left, right)} {_OPERATORS[operator.word]} {self.operand_sql(right, left)})"

    def operand(self) -> _Operand:
        """A column or a value."""
        token = self.take()
        if token.kind in {"text", "number"}:
            return _Operand(token, None)
        if token.kind != "word" or token.word in _KEYWORDS:
            fail(f"a column or a value is expected, not {token}", token.position)
        known = condition_columns()
        column = known.get(token.word)
        if column is None:
            hint = (
                did_you_mean_or_list(token.word, known, cutoff=0.5)
                or "the columns are those of `voicetel calls --json`"
            )
            fail(
                f"calls have no column {token.text!r}",
                token.position,
                f"{hint}{'' if hint.endswith('?') else '.'} Text stands between quotes.",
            )
        self.columns.add(token.word)
        return _Operand(token, column)

    def one_of_sql(self, left: _Operand) -> str:
        """Values in parentheses, one of which is wanted."""
        self.column_name(left)
        self.expect("(")
        found = [self.operand_sql(self.operand(), left)]
        while self.accept(","):
            found.append(self.operand_sql(self.operand(), left))
        self.expect(")")
        return f"({' OR '.join(f'{self.column_name(left)} = {each}' for each in found)})"

    def column_name(self, operand: _Operand) -> str:
        """The column that an operand is. Refuses a value."""
        if operand.column is None:
            fail(f"a column is expected, not {operand.token}", operand.token.position)
        return operand.token.word

    def operand_sql(self, operand: _Operand, other: _Operand) -> str:
        """SQL for one side of a comparison with ``other``."""
        token = operand.token
        if operand.column is not None:
            if other.column is not None and other.column.type != operand.column.type:
                fail(
                    f"{token.word} is a {operand.column.type}, {other.token.word} a {other.column.type}", token.position
                )
            is_mixed = other.column is not None and operand.column.type == "number"
            return f"CAST({token.word} AS DOUBLE)" if is_mixed else token.word
        if other.column is None:
            fail("one side of a comparison is a column", token.position)
        if (token.kind == "number") != (other.column.type == "number"):
            kinds = {"text": "text, between quotes", "number": "a number", "time": "a time, between quotes"}
            fail(f"{other.token.word} is {kinds[other.column.type]}, and {token} is not", token.position)
        name = f"condition_{len(self.values)}"
        self.values[name] = self.value(token, other.column.type)
        return f"CAST(${name} AS DOUBLE)" if other.column.is_double else f"${name}"

    def value(self, token: Token, type_: Type) -> object:
        """What a value says as one of a type."""
        if type_ == "text":
            return token.value
        if type_ == "number":
            whole, _, places = token.text.lstrip("+-").partition(".")
            if len(whole) > _WHOLE_DIGITS or len(places) > _PLACES:
                fail(
                    f"{token} has more than {_WHOLE_DIGITS} digits before the point or {_PLACES} after it",
                    token.position,
                )
            return Decimal(token.text)
        try:
            moment = datetime.fromisoformat(token.value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC).replace(tzinfo=None)
        except (ValueError, OverflowError):
            fail(f"{token} is no date or time", token.position, "write it as 2026-11-02 or 2026-11-02T09:00")
