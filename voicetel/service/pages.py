"""The pages of a service: the report, and one call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicetel.analyzers.conversation.conversation import conversation, find_call, without_text
from voicetel.analyzers.request import Request
from voicetel.registry import find_report
from voicetel.reporters.document import PLAIN_VIEW
from voicetel.reporters.html.page import html_lines

if TYPE_CHECKING:
    from voicetel.service.source import Source


def report_page(source: Source) -> str:
    """The report on all calls. Raises NoDataError where there are none."""
    report = find_report("analyze")
    with source.open() as store:
        result = report.ask(Request(store, card=source.card(), rules=source.rules()))
        return "\n".join((*html_lines(report.document(result, PLAIN_VIEW)), ""))


def call_page(source: Source, call_id: str, *, with_text: bool) -> str:
    """One call, with its transcript, redacted, where ``source`` allows that and it is asked for. Raises NotFoundError."""
    report = find_report("call")
    shown = replace(source, with_text=source.with_text and with_text)
    with shown.open() as store:
        redactor = shown.redactor() if shown.with_text else None
        found = conversation(store, shown.card(), find_call(store, call_id), redactor)
        document = report.document(found if shown.with_text else without_text(found), PLAIN_VIEW)
        return "\n".join((*html_lines(document, f"voicetel {found.call['call_id']}"), ""))
