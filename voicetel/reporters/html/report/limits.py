"""What became of the limits of slo.toml, in words, and a list of those of which no figure at the top speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.gate.results import LEFT_TO_CHECK, LimitStatus
from voicetel.reporters.html.markup import Markup, element
from voicetel.reporters.html.page_shell import captioned
from voicetel.reporters.layouts.gate import gate_formatting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.report.results import CallsReport
    from voicetel.gate.results import CheckedLimit, Limit
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.translator import Translator


def bound_of(limit: Limit, report: CallsReport, options: PageOptions) -> str:
    """The bound with its operator and unit: < 1500 ms."""
    currency = report.analysis.total.cost.currency
    return options.translate.units(gate_formatting.bound(limit.operator, limit.bound, limit.measure.metric, currency))


def what_became(judged: CheckedLimit, named: str, translate: Translator) -> str:
    """Whether the limit that is called ``named`` passed. Too few calls for a limit break none."""
    if judged.status is LimitStatus.BROKEN:
        return translate("{limit}: broken", limit=named)
    if judged.status is LimitStatus.PASSED:
        return translate("{limit}: passed", limit=named)
    if judged.reason == LEFT_TO_CHECK:
        return translate("{limit}: see voicetel check", limit=named)
    if judged.value is None:
        return translate("{limit}: nothing to judge it by", limit=named)
    return translate("{limit}: too few calls", limit=named)


def other_limits(limits: Sequence[Limit], report: CallsReport, options: PageOptions) -> Markup | None:
    """A list of ``limits``, each under the name that slo.toml has for its figure; None where there are none.

    Those that the page does not judge, as of some of the calls alone, are left to ``voicetel check``.
    """
    if not limits:
        return None
    translate, judged = options.translate, {id(each.limit): each for each in options.checked}
    rows = []
    for limit in limits:
        named = f"{limit.measure} {bound_of(limit, report, options)}"
        if limit.where:
            named = f"{named} ({gate_formatting.where_text(limit.where)})"
        found = judged.get(id(limit))
        words = (
            translate("{limit}: see voicetel check", limit=named)
            if found is None
            else what_became(found, named, translate)
        )
        is_broken = found is not None and found.status is LimitStatus.BROKEN
        rows.append(element("li", words, class_="verdict bad" if is_broken else "verdict", dir="auto"))
    note = translate("Those of which no figure above speaks, of all calls unless it says of which.")
    return captioned(translate("Limits"), note, element("ul", rows, class_="limits"))
