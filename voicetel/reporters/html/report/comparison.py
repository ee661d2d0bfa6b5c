"""What ``compare`` says of these calls beside earlier ones. Nothing else on the page colours a difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.gate.results import Finding
from voicetel.reporters import formatting
from voicetel.reporters.html import number_text
from voicetel.reporters.html.markup import Markup, element
from voicetel.reporters.html.page_shell import captioned, heading, table
from voicetel.reporters.html.report.overview import FINDINGS, finding_class
from voicetel.reporters.layouts.gate import gate_formatting

if TYPE_CHECKING:
    from voicetel.gate.results import Comparison, Difference
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.translator import Translator

_ORDER = (Finding.WORSE, Finding.BETTER, Finding.CHANGED, Finding.UNCLEAR, Finding.TOO_FEW)


def comparison(found: Comparison, options: PageOptions) -> Markup:
    """The section: what surely changed comes first."""
    translate = options.translate
    rows = [_row(each, translate) for each in sorted(found.differences, key=lambda each: _ORDER.index(each.finding))]
    titles = ("before", "now", "change", "interval")
    head = [
        heading(translate("figure")),
        *(heading(translate(each), is_number=True) for each in titles),
        heading(translate("finding")),
    ]
    note = translate(
        "Before: {base}, {base_calls} calls. Now: {new_calls} calls. Money in {currency}. Between equals anything at all is found in at most {alpha} of comparisons.",
        base=found.base,
        base_calls=number_text.count(found.base_calls),
        new_calls=number_text.count(found.new_calls),
        currency=found.currency,
        alpha=formatting.percent(found.alpha),
    )
    title = translate("What changed")
    body = table(head, rows, class_="compared", label=title)
    return element(
        "section",
        element("h2", title),
        captioned(translate("Beside earlier calls"), note, body, is_wide=True),
        id="changes",
    )


def _row(each: Difference, translate: Translator) -> Markup:
    metric = each.measure.metric
    statistic = each.measure.statistic
    cells = (
        gate_formatting.figure(each.base.value, metric),
        gate_formatting.figure(each.new.value, metric),
        gate_formatting.change(each.change, metric, relative=each.relative),
        gate_formatting.change_span(each.interval, metric, relative=each.relative),
    )
    words = translate(FINDINGS[each.finding])
    return element(
        "tr",
        element(
            "th", translate(metric.title), " ", element("small", translate(statistic.replace("_", " "))), scope="row"
        ),
        (number_text.number_cell(translate.units(cell)) for cell in cells),
        element("td", element("span", words, class_=" ".join(["verdict", *finding_class(each.finding)]))),
    )
