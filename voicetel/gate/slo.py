"""slo.toml: the limits that a team holds its agents to, read and checked before any log is."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from voicetel.analyzers.core.dimensions import DIMENSIONS, TAG_PREFIX, Level, find_dimension
from voicetel.config_file import SLO_FILE, read_config
from voicetel.errors import UsageError
from voicetel.events.metrics import RESPONSE_LATENCY
from voicetel.gate.expectations import parse_expectation
from voicetel.gate.metrics import LINE_METRICS
from voicetel.gate.results import FileLocation, Limit
from voicetel.results import digits
from voicetel.suggestion import did_you_mean_or_list

if TYPE_CHECKING:
    from collections.abc import Iterable

LEVELS = ("fail", "warn")
NO_DATA = ("error", "warn")
DEFAULT_MIN_CALLS = 20

_TOP = ("limit", "defaults")
_DEFAULTS = ("level", "min_calls", "on_no_data", "where")
_KEYS = ("metric", "expect", "name", *_DEFAULTS)

_HEADER = re.compile(r"\s*\[\[\s*limit\s*\]\]\s*(?:#.*)?")


def load_slo(path: Path) -> tuple[Limit, ...]:
    """The limits of a file. Raises UsageError, one line with file, line and the likely right word."""
    text = read_config(path, str(path), hint=f"voicetel check --init > {path} writes one from your own logs")
    return parse_slo(text, source=str(path))


def response_bounds(path: Path | None = None) -> str | None:
    """The bounds that ./slo.toml, or another file, sets on the response of all calls: ms, with commas; None where it sets none.

    Raises UsageError as ``load_slo`` does.
    """
    file = path or Path(SLO_FILE)
    if not file.is_file():
        return None
    return ",".join(bounds_on_response(load_slo(file))) or None


def bounds_on_response(limits: Iterable[Limit]) -> tuple[str, ...]:
    """The bounds above which no response of all calls should be: ms, the lowest first, each once.

    A limit with ``where`` is about some calls, and one that asks for more than a bound says nothing of slow responses.
    """
    bounds = {
        round(limit.bound, 3)
        for limit in limits
        if limit.measure.metric.name == RESPONSE_LATENCY.name and not limit.where and limit.operator in {"<", "<="}
    }
    return tuple(digits(bound) for bound in sorted(bounds) if 0 <= bound <= RESPONSE_LATENCY.limit_ms)


def parse_slo(text: str, *, source: str) -> tuple[Limit, ...]:
    """The limits of a text that ``source`` names. Raises UsageError as ``load_slo`` does."""
    document = _Document(source, text)
    content = document.read()
    document.check_keys(content, _TOP, ())
    defaults = content.get("defaults", {})
    if not isinstance(defaults, dict):
        document.fail("defaults is not a table", line=document.line_of("defaults"))
    document.check_keys(defaults, _DEFAULTS, ("defaults",))
    tables = content.get("limit", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        document.fail("limit is not an array of tables", line=document.line_of("limit"), hint="write [[limit]]")
    if not tables:
        document.fail("there is no limit in it", hint="begin each with [[limit]]")
    return tuple(document.limit(number, {**defaults, **table}, table) for number, table in enumerate(tables))


@dataclass(frozen=True, slots=True)
class _Document:
    source: str
    text: str

    def read(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            match = re.search(r"\(at line (\d+)", str(error))
            message = re.sub(r" \(at .*\)$", "", str(error))
            self.fail(f"not valid TOML: {message}", line=int(match[1]) if match else None)

    def limit(self, number: int, values: dict[str, Any], own: dict[str, Any]) -> Limit:
        """The limit that is the ``number``-th of the file, from 0."""
        begin = self.line_of_limit(number)
        self.check_keys(own, _KEYS, ("limit", number))
        for key in ("metric", "expect"):
            if key not in values:
                self.fail(f"a limit has no {key}", line=begin, hint=f"add {key} = …")
        metric, expect = (self._text(values, key, number) for key in ("metric", "expect"))
        try:
            measure, operator, bound = parse_expectation(metric, expect)
        except UsageError as error:
            key = "metric" if "unknown metric" in str(error) else "expect"
            self.fail(str(error), line=self.line_of(key, number), hint=error.hint)
        where = self._where(values, number)
        if where and metric in LINE_METRICS:
            self.fail(
                f"{metric} counts lines, which belong to no call: it knows no where", line=self.line_of("where", number)
            )
        return Limit(
            measure=measure,
            operator=operator,
            bound=bound,
            where=where,
            level=self._word(values, "level", LEVELS, number),
            min_calls=self._count(values, "min_calls", number),
            on_no_data=self._word(values, "on_no_data", NO_DATA, number),
            name=self._text(values, "name", number) if "name" in values else None,
            location=FileLocation(self.source, begin),
        )

    def check_keys(self, table: dict[str, Any], known: tuple[str, ...], path: tuple[str | int, ...]) -> None:
        """Refuse a key that is not known."""
        for key in table:
            if key not in known:
                number = path[1] if len(path) > 1 and isinstance(path[1], int) else None
                self.fail(f"unknown key {key!r}", line=self.line_of(key, number), hint=did_you_mean_or_list(key, known))

    def _text(self, values: dict[str, Any], key: str, number: int) -> str:
        value = values[key]
        if not isinstance(value, str):
            self.fail(f"{key} is not text", line=self.line_of(key, number), hint="put it between quotes")
        return value

    def _word(self, values: dict[str, Any], key: str, known: tuple[str, ...], number: int) -> str:
        value = values.get(key, known[0])
        if value not in known:
            hint = did_you_mean_or_list(str(value), known)
            self.fail(f"{key} is {value!r}, not one of {', '.join(known)}", line=self.line_of(key, number), hint=hint)
        return str(value)

    def _count(self, values: dict[str, Any], key: str, number: int) -> int:
        value = values.get(key, DEFAULT_MIN_CALLS)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.fail(f"{key} is not a whole number from 1 up", line=self.line_of(key, number))
        return value

    def _where(self, values: dict[str, Any], number: int) -> dict[str, tuple[str, ...]]:
        where = values.get("where", {})
        line = self.line_of("where", number)
        if not isinstance(where, dict):
            self.fail("where is not a table", line=line, hint='write where = { agent_name = "…" }')
        found = {}
        tags = where.get("tag")
        if isinstance(tags, dict):  # tag.room without quotes
            named = {f"{TAG_PREFIX}{name}": value for name, value in tags.items()}
            where = {**{key: value for key, value in where.items() if key != "tag"}, **named}
        for key, value in where.items():
            try:
                find_dimension(key, Level.CALL, what="calls")
            except UsageError as error:
                finer = DIMENSIONS.get(key)
                hint = f"{key} is of {finer.level.plural}, and limits are on calls" if finer else error.hint
                self.fail(f"where: calls have no {key!r}", line=line, hint=hint)
            several = value if isinstance(value, list) else [value]
            if not several or not all(isinstance(each, str) for each in several):
                self.fail(f"where: {key} is neither text nor a list of texts", line=line)
            found[key] = tuple(several)
        return found

    def line_of_limit(self, number: int) -> int | None:
        """Where the ``number``-th [[limit]] begins; None in a file that writes them in another way."""
        begins = [line for line, text in enumerate(self.text.splitlines(), start=1) if _HEADER.fullmatch(text)]
        return begins[number] if number < len(begins) else None

    def line_of(self, key: str, number: int | None = None) -> int | None:
        """The line that states ``key``, within the ``number``-th limit if given; else where that limit begins."""
        begin = self.line_of_limit(number) if number is not None else 1
        if begin is None:
            return None
        wanted = re.compile(rf"""\s*(?:\[+\s*)?(["']?){re.escape(key)}\1\s*[.=\]]""")
        for line, text in list(enumerate(self.text.splitlines(), start=1))[begin - 1 :]:
            if number is not None and line > begin and _HEADER.fullmatch(text):
                break
            if wanted.match(text):
                return line
        return begin if number is not None else None

    def fail(self, problem: str, *, line: int | None = None, hint: str | None = None) -> NoReturn:
        """Refuse the file."""
        raise UsageError(f"{FileLocation(self.source, line)}: {problem}", hint=hint)
