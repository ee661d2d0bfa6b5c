"""The pages of a service: the report, and one call."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.conversation.conversation import conversation, find_call, without_text
from voicetel.analyzers.report.report import calls_report
from voicetel.analyzers.request import Request
from voicetel.gate.slo import bounds_on_response
from voicetel.reporters.html.call.page import call_page as page_of_call
from voicetel.reporters.html.options import PageOptions, slow_ms
from voicetel.reporters.html.report.page import report_page as page_of_report
from voicetel.service import times
from voicetel.service.filters import selection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.service.source import Source


def report_page(source: Source, filters: Mapping[str, Any]) -> str:
    """The report on the calls that ``filters`` (the values of FILTERS) ask for. Raises NoDataError where there are none."""
    limits = source.limits_there_are()
    options = PageOptions(zone=times.time_zone(filters["tz"]), made_at=datetime.now(UTC), limits=limits)
    with source.open() as store:
        request = Request(store, selection(**filters), source.card(), source.rules())
        return page_of_report(
            calls_report(request, slow_ms=slow_ms(limits), slow_thresholds=bounds_on_response(limits)), options
        )


def call_page(source: Source, call_id: str, *, with_text: bool) -> str:
    """One call; its transcript, redacted, only ``with_text`` and where ``source`` allows that. Raises NotFoundError."""
    is_shown = with_text and source.with_text
    options = PageOptions(made_at=datetime.now(UTC), limits=source.limits_there_are(), with_text=is_shown)
    with source.open() as store:
        redactor = source.redactor() if is_shown else None
        found = conversation(store, source.card(), find_call(store, call_id), redactor)
        return page_of_call(found if is_shown else without_text(found), options, source.paths)
