"""What pages have in common: the document around them, figures with their captions, tables."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from voicetel.__about__ import __version__
from voicetel.reporters.html.markup import Markup, element, embedded_json, join, policy
from voicetel.reporters.html.number_text import minute

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicetel.reporters.html.markup import Child
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.translator import Translator


def whole_page(
    title: str, body: Child, options: PageOptions, *, script: str = "", data: Mapping[str, object] | None = None
) -> str:
    """The document. Its policy lets a browser apply its style, run its script, and do nothing else: nothing is fetched or sent."""
    style = asset("report.css")
    source = asset(script) if script else ""
    head = element(
        "head",
        policy(style, source),
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", Markup(style)),
    )
    scripts = [embedded_json(name, value) for name, value in (data or {}).items()]
    if source:
        scripts.append(element("script", Markup(source)))
    line = Markup("\n")
    page = element("html", line, head, line, element("body", body, line, scripts), lang=options.language)
    return f"<!DOCTYPE html>\n{page}\n"


def asset(name: str) -> str:
    """A file that stands beside this module."""
    return files("voicetel.reporters.html").joinpath(name).read_text(encoding="utf-8").strip()


def captioned(title: str, note: Child, *body: Child, is_wide: bool = False) -> Markup:
    """A figure with its heading and a sentence on what it shows."""
    caption = element("figcaption", element("h3", title), element("p", note) if note else None)
    return element("figure", caption, *body, class_="wide" if is_wide else None)


def table(
    head: Sequence[Markup], rows: Sequence[Markup], *, class_: str | None = None, caption: str | None = None, label: str
) -> Markup:
    """A table that scrolls sideways by mouse, touch and keyboard where it is wider than the page."""
    inner = element(
        "table",
        element("caption", caption) if caption else None,
        element("thead", element("tr", head)) if head else None,
        element("tbody", rows),
        class_=class_,
    )
    return element("div", inner, class_="scroll", tabindex="0", role="region", aria_label=label)


def heading(
    title: str, *, is_number: bool = False, is_picture: bool = False, is_hidden: bool = False, is_minor: bool = False
) -> Markup:
    """The head of a column. A hidden one is read out and not shown, a minor one not shown on narrow screens."""
    kinds = (("num", is_number), ("pic", is_picture), ("minor", is_minor))
    kind = " ".join(name for name, is_so in kinds if is_so)
    return element(
        "th", element("span", title, class_="unseen") if is_hidden else title, scope="col", class_=kind or None
    )


def figures_table(head: Sequence[str], rows: Sequence[Sequence[str]], translate: Translator) -> Markup:
    """The figures of a chart, folded away."""
    body = [element("tr", (element("td", cell) for cell in row)) for row in rows]
    return element(
        "details",
        element("summary", translate("Figures")),
        table([heading(each) for each in head], body, label=translate("Figures")),
        class_="figures",
    )


def footer(options: PageOptions, paths: Sequence[str]) -> Markup:
    """What the page was made of and what it holds."""
    translate = options.translate
    made = translate("Made by voicetel {version} from {paths}.", version=__version__, paths=", ".join(paths))
    if options.made_at is not None:
        at = f"{minute(options.made_at, options.zone)} {options.zone.tzname(options.made_at)}"
        made = translate(
            "Made {at} by voicetel {version} from {paths}.", at=at, version=__version__, paths=", ".join(paths)
        )
    files = list(dict.fromkeys(limit.location.file for limit in options.limits))
    limits = translate("Limits are those of {file}.", file=", ".join(files)) if files else ""
    words = (
        translate("It holds what callers and agents said: treat it as you treat the logs.")
        if options.with_text
        else translate("It holds no words that were said.")
    )
    return element(
        "footer",
        element(
            "p",
            join(
                made,
                " ",
                limits,
                " " if limits else "",
                translate("This file loads nothing and sends nothing."),
                " ",
                words,
            ),
        ),
        element("p", translate("n says how many values count; what was not logged is left out, never a 0.")),
    )
