"""The pages of a service: the report, and one call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.conversation.conversation import conversation, find_call, without_text
from voicetel.analyzers.conversation.turn_range import parse_turns
from voicetel.analyzers.report.report import calls_report
from voicetel.analyzers.request import Request
from voicetel.gate.page_limits import judge_for_page
from voicetel.gate.slo import bounds_on_response
from voicetel.reporters.html.call.page import call_page as page_of_call
from voicetel.reporters.html.options import PageOptions, judgeable_limits, slow_ms
from voicetel.reporters.html.report.page import report_page as page_of_report
from voicetel.service import times
from voicetel.service.filters import selection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.service.served_logs import ServedLogs


def report_page(served: ServedLogs, filters: Mapping[str, Any]) -> str:
    """The report on the calls that ``filters`` (the values of FILTERS) ask for. Raises NoDataError where there are none."""
    limits = served.limits_there_are()
    options = PageOptions(zone=times.time_zone(filters["tz"]), made_at=datetime.now(UTC), limits=limits)
    with served.open() as store:
        request = Request(store, selection(**filters), served.card(), served.rules())
        checked, _ = judge_for_page(request, judgeable_limits(limits))
        found = calls_report(request, slow_ms=slow_ms(limits), slow_thresholds=bounds_on_response(limits))
        return page_of_report(found, replace(options, checked=checked))


def call_page(served: ServedLogs, call_id: str, turns: str | None = None, *, with_text: bool) -> str:
    """One call, or some of its ``turns``; its transcript, redacted, only ``with_text`` and where ``served`` allows that.

    Raises NotFoundError for a call that there is not, UsageError for turns.
    """
    shown = parse_turns(turns)
    is_shown = with_text and served.with_text
    options = PageOptions(
        made_at=datetime.now(UTC), limits=served.limits_there_are(), with_text=is_shown, other_turns="?turns={turns}"
    )
    with served.open() as store:
        redactor = served.redactor() if is_shown else None
        found = conversation(store, served.card(), find_call(store, call_id), redactor, shown)
        return page_of_call(found if is_shown else without_text(found), options, served.paths)
