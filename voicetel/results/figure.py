"""Fields of a result that carry name, unit, meaning and format once.

A result is what a command answers: a frozen dataclass made with ``@result``, each field with a ``figure``. JSON, JSON
Schema, CSV, tables and the reference in docs/ are made from these fields alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints

Class = TypeVar("Class")

_METADATA = "figure"


class CellFormat(StrEnum):
    """How the cells of a column are written for people.

    ``quantity`` is an amount as it was logged, to at most three decimal places; ``mean`` a mean or a rate, to at most one,
    below one to two digits.

    ``key`` is the name of a group, ``whole`` a text that is never shortened.
    """

    TEXT = "text"
    KEY = "key"
    COUNT = "count"
    MS = "ms"
    SECONDS = "seconds"
    MONEY = "money"
    QUANTITY = "quantity"
    MEAN = "mean"
    SHARE = "share"
    SCORE = "score"
    TIME = "time"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Figure:
    """What is known of a field beside its name and type.

    ``unit``: ms, s, min, share (0 to 1), score, money, or what is counted. ``title`` and ``drop_priority`` are for tables:
    see ``Column``. ``minimum``, ``maximum`` and ``choices`` bound the values; ms, s, min, shares
    and money are not below 0 unless ``signed``. ``keys`` are the members of a mapping, each
    with its meaning; ``keys_optional``: not all of them need be there;
    ``key_pattern``: what the keys look like that nobody can list. ``inline``: the members stand among those of the object
    around it. ``omit_if_empty``: left out where there is nothing. ``hidden``: neither in JSON nor in CSV. ``column`` is its
    name in CSV where that is not the path to it, ``prefix`` what stands before the names of its members there, ``in_rows``
    whether CSV has it; ``rows`` marks the list that CSV has a row for each of. ``member`` is its name in JSON where Python cannot say it. ``row_of``: a mapping that is a row of that result, its columns
    as members. ``schema`` takes the place of what would
    be made of the type.
    """

    doc: str = ""
    unit: str = ""
    format: CellFormat | None = None
    title: str | None = None
    drop_priority: int = 0
    minimum: float | None = None
    maximum: float | None = None
    signed: bool = False
    choices: tuple[Any, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    keys_optional: bool = False
    key_pattern: str | None = None
    inline: bool = False
    omit_if_empty: bool = False
    hidden: bool = False
    column: str | None = None
    prefix: str | None = None
    in_rows: bool = True
    rows: bool = False
    member: str | None = None
    row_of: type | None = None
    schema: Mapping[str, Any] | None = None


PLAIN = Figure()


def figure(
    doc: str = "", *, default: Any = MISSING, default_factory: Any = MISSING, keys: Any = (), **about: Any
) -> Any:
    """A field of a result. ``about`` are the fields of ``Figure``; ``keys`` may be names alone, without meanings."""
    named = keys.items() if isinstance(keys, Mapping) else ((key, "") for key in keys)
    metadata = {_METADATA: Figure(doc, keys=tuple(named), **about)}
    if default_factory is not MISSING:
        return field(default_factory=default_factory, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass_transform(frozen_default=True, field_specifiers=(figure,))
def result(cls: type[Class]) -> type[Class]:
    """Make a frozen dataclass of a class with figures."""
    return dataclass(frozen=True, slots=True)(cls)


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a result: its name, its type with everything resolved, and its figure."""

    name: str
    type: Any
    figure: Figure

    @property
    def json_name(self) -> str:
        """What JSON calls it."""
        return self.figure.member or self.name


@cache
def figures_of(cls: type) -> tuple[tuple[str, Figure], ...]:
    """(field name, figure) of a result's fields, in their order."""
    return tuple((each.name, each.metadata.get(_METADATA, PLAIN)) for each in fields(cls))


@cache
def members_of(kind: Any) -> tuple[Member, ...]:
    """The fields of a result's type, which may be a generic one with its parameter."""
    cls = get_origin(kind) or kind
    bound = dict(zip(getattr(cls, "__parameters__", ()), get_args(kind), strict=False))
    hints = get_type_hints(cls)
    return tuple(Member(name, _bound(hints[name], bound), about) for name, about in figures_of(cls))


def without_none(kind: Any) -> tuple[Any, bool]:
    """(the type, whether it may be None)."""
    if get_origin(kind) not in {Union, UnionType}:
        return kind, False
    others = tuple(each for each in get_args(kind) if each is not NoneType)
    return (others[0] if len(others) == 1 else Union[others]), len(others) < len(get_args(kind))  # noqa: UP007  made at run time


def is_result(kind: Any) -> bool:
    """Whether a type is a result, and so an object with members."""
    return is_dataclass(get_origin(kind) or kind)


def _bound(hint: Any, bound: Mapping[Any, Any]) -> Any:
    """A type with the parameters of its class filled in."""
    if hint in bound:
        return bound[hint]
    wanted = getattr(hint, "__parameters__", ())
    return hint[tuple(bound.get(each, each) for each in wanted)] if wanted and bound else hint
