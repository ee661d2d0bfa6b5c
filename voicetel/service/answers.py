"""The answer of a report to a program: the JSON of the command, letter for letter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.calls.calls import list_calls, rate_notes_of
from voicetel.analyzers.calls.pagination import Pagination
from voicetel.analyzers.conversation.conversation import conversation, find_call, without_text
from voicetel.analyzers.conversation.turn_range import parse_turns
from voicetel.analyzers.core.no_calls import no_calls_error, require_calls, require_lines
from voicetel.analyzers.report.report import calls_report
from voicetel.analyzers.request import Request
from voicetel.analyzers.validation.validation import validation
from voicetel.choices import split_values
from voicetel.errors import UsageError
from voicetel.gate.check import check_limits, measures_and_dimensions
from voicetel.gate.compare import compare, measures_named
from voicetel.gate.expectations import parse_fail_on
from voicetel.gate.samples.take import sample
from voicetel.gate.slo import bounds_on_response
from voicetel.gate.split import parse_split, split_at
from voicetel.reporters.html.options import slow_ms
from voicetel.reporters.json_text import json_list, json_text
from voicetel.reporters.layouts.calls import sort_column
from voicetel.service import times
from voicetel.service.filters import selection
from voicetel.service.parameters import FILTERS, parameters_of, values_of
from voicetel.sql.query import query_calls
from voicetel.sql.relations import RELATIONS
from voicetel.sql.results import answer_of, relations_of
from voicetel.sql.run import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from voicetel.analyzers.core.selection import Selection
    from voicetel.gate.metric import Measure
    from voicetel.gate.samples.sample import Sample
    from voicetel.gate.split import Split
    from voicetel.registry import Report
    from voicetel.service.served_logs import ServedLogs
    from voicetel.store import Store


@dataclass(frozen=True, slots=True)
class Answer:
    """What a report says. ``document`` is what JSON holds; ``total`` the rows that there are, where some of them were asked for.

    ``total`` is None where all are there, or where it is not known how many there are. ``rate_notes`` are sentences on rates far off
    their list price, for which rows alone have no place.
    """

    report: Report
    document: Any
    total: int | None = None
    rate_notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The JSON of the command, letter for letter."""
        return "".join(json_list(self.document)) if self.report.is_rows else json_text(self.document)


def answer(served: ServedLogs, report: Report, given: Mapping[str, Sequence[object]]) -> Answer:
    """Read what is new, and ask. ``given`` has the values of parameters by name, each as a list, JSON values or texts.

    Raises UsageError for parameters that mean nothing, NoDataError where there are no such calls, and any other VoicetelError
    that the command would end with.
    """
    values = values_of(parameters_of(report), given)
    if report.name == "sql-schema":
        return Answer(report, report.json(relations_of(RELATIONS)))
    report.check_dimensions(split_values(values.get("by")))
    with served.open() as store:
        asked = _Asked(served, store, report, values)
        return _ANSWERS.get(report.name, _reported)(asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A report, the logs and what was said beside its name."""

    served: ServedLogs
    store: Store
    report: Report
    values: Mapping[str, Any]

    def selection(self) -> Selection:
        """The calls that are asked for."""
        names = [each.name for each in FILTERS if each.name in self.values]
        return selection(**{name: self.values[name] for name in names}, by=self.values.get("by"))

    def request(self) -> Request:
        """The same as analyzers take it."""
        return Request(self.store, self.selection(), self.served.card(), self.served.rules())

    def sample(self, measures: Sequence[Measure], dimensions: Sequence[str] = ()) -> Sample:
        """What limits and comparisons are about, with the values of ``dimensions``. Raises NoDataError where there are no calls."""
        wanted = self.selection()
        found = sample(self.store, self.served.card(), wanted, dimensions=dimensions, measures=measures)
        if not len(found):
            raise no_calls_error(self.store, wanted)
        return found


def _reported(asked: _Asked) -> Answer:
    options = {option.name: option.value(asked.values[option.name]) for option in asked.report.options}
    return Answer(asked.report, asked.report.json(asked.report.ask(asked.request(), options)))


def _calls(asked: _Asked) -> Answer:
    request = asked.request()
    sort = asked.values["sort"]
    if sort is not None:
        sort = sort_column(sort, request.selection.by)
    found = list_calls(request, Pagination(sort, asked.values["limit"], asked.values["offset"]))
    return Answer(asked.report, asked.report.json(found.rows), found.total, tuple(rate_notes_of(found.rows)))


def _report(asked: _Asked) -> Answer:
    limits = asked.served.limits_there_are()
    found = calls_report(
        asked.request(),
        max_calls=asked.values["calls"],
        max_waterfalls=0,
        slow_ms=slow_ms(limits),
        slow_thresholds=bounds_on_response(limits),
    )
    return Answer(asked.report, asked.report.json(found))


def _call(asked: _Asked) -> Answer:
    store, served, shown = asked.store, asked.served, parse_turns(asked.values["turns"])
    require_calls(store)
    call_id = find_call(store, asked.values["call_id"])
    found = conversation(store, served.card(), call_id, served.redactor() if served.with_text else None, shown)
    return Answer(asked.report, asked.report.json(found if served.with_text else without_text(found)))


def _check(asked: _Asked) -> Answer:
    served, limits = asked.served, asked.served.slo()
    sampled = asked.sample(*measures_and_dimensions(limits))
    found = check_limits(sampled, limits, paths=served.paths, source=served.limits)
    return Answer(asked.report, asked.report.json(replace(found, warnings=tuple(asked.store.warnings))))


def _compare(asked: _Asked) -> Answer:
    values = asked.values
    split = _split(values)
    limits = [parse_fail_on(text) for text in values["fail_on"] or ()]
    measures = measures_named(values["metric"] or ())
    halves = split.of(asked.sample([*measures, *(each.measure for each in limits)], split.dimensions))
    found = compare(halves.base, halves.new, measures, limits, names=halves.names, seed=values["seed"])
    return Answer(asked.report, asked.report.json(replace(found, warnings=tuple(asked.store.warnings))))


def _split(values: Mapping[str, Any]) -> Split:
    by, at = values["split"], values["split_at"]
    if (by is None) == (at is None):
        raise UsageError("say what is compared with split or split_at, one of them", hint="agent_version=1.8.1:1.8.2")
    if by is not None:
        return parse_split(by)
    return split_at(times.moment("--split-at", at, times.time_zone(values["tz"])), at)


def _validate(asked: _Asked) -> Answer:
    store = asked.store
    require_lines(store)
    return Answer(asked.report, asked.report.json(validation(store)))


def _sql(asked: _Asked) -> Answer:
    query, limits = asked.values["query"], Limits(timeout_s=asked.values["timeout"], max_rows=asked.values["limit"])
    return Answer(asked.report, asked.report.json(answer_of(query_calls(asked.request(), query, limits))))


_ANSWERS: Mapping[str, Callable[[_Asked], Answer]] = {
    "report": _report,
    "calls": _calls,
    "call": _call,
    "check": _check,
    "compare": _compare,
    "validate": _validate,
    "sql": _sql,
}
