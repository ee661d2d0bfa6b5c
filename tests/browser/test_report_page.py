"""``report.html`` in a real Chromium, as people meet it."""

from __future__ import annotations

import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from support.command import run
from voicetel.reporters import formatting
from voicetel.reporters.html.page_shell import asset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.pages import Made, Pages

SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
JENKINS = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';"
"""What Jenkins says of files that builds leave: no script, and no style within the page."""


def test_nothing_is_fetched_and_no_policy_is_broken(pages: Pages, made: Made) -> None:
    """No message, error, dialog or request but for the file itself."""
    with pages.opened(made.report("a.html")) as opened:
        opened.page.click("#calls a")
        opened.page.keyboard.press("Escape")
        assert opened.events == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_axe_finds_nothing(pages: Pages, made: Made, scheme: str, width: int) -> None:
    """In the list and in a call with what was said, light and dark, wide and narrow. Pictures are kept."""
    axe = Axe()
    with pages.opened(made.report("text.html", "--with-text"), width, color_scheme=scheme, bypass_csp=True) as opened:
        page = opened.page
        page.screenshot(path=pages.screenshots / f"report-{width}-{scheme}.png", full_page=True)
        assert _violations(axe.run(page)) == []
        page.click("#calls a")
        page.click("text=Show the words")
        page.screenshot(path=pages.screenshots / f"report-call-{width}-{scheme}.png", full_page=True)
        assert _violations(axe.run(page)) == []


def _violations(results: Any) -> list[tuple[str, list[str]]]:
    return [(each["id"], [node["html"][:120] for node in each["nodes"][:3]]) for each in results.response["violations"]]


@pytest.mark.parametrize("width", [400, 700, 1280, 1600])
def test_no_width_scrolls_sideways(pages: Pages, made: Made, width: int) -> None:
    """Neither the list nor a call; what is wider scrolls by itself, and can be reached by keyboard."""
    with pages.opened(made.report("a.html"), width) as opened:
        assert opened.number(SIDEWAYS) <= 0
        wide = "[...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth && each.tabIndex !== 0).length"
        assert opened.number(wide) == 0
        opened.page.click("#calls a")
        assert opened.number(SIDEWAYS) <= 0


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_figure_and_no_name_of_an_outcome_is_cut(pages: Pages, made: Made, width: int, language: str) -> None:
    """Also where every call was answered, which takes the widest share: 100.0 %. Nothing of a waterfall's lanes is cut either."""
    file = made.report(
        f"answered-{language}.html", "--lang", language, "--where", "turns > 3 and outcome != 'voicemail'"
    )
    cut = (
        "[...document.querySelectorAll('.num, .funnel th, .kinds th, .lane-names li')]"
        ".filter(each => each.offsetParent && each.scrollWidth > each.clientWidth).map(each => each.textContent)"
    )
    with pages.opened(file, width) as opened:
        assert "100.0 %" in opened.page.inner_text(".funnel >> nth=0")
        assert opened.page.evaluate(cut) == []
        opened.page.click("#calls a")
        assert opened.page.evaluate(cut) == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_on_a_narrow_screen_bars_costs_and_outcomes_are_in_sight(pages: Pages, made: Made, language: str) -> None:
    """The list of calls and the outcomes whole, of models and tools the bars; and no outcome's name is broken within the word."""
    hidden = (
        "[...document.querySelectorAll('.calls tbody td, .kinds td, .models tbody td, .models thead th')].filter(each => each.offsetParent &&"
        " each.getBoundingClientRect().right > each.closest('.scroll').getBoundingClientRect().right + 1).map(each => each.className)"
    )
    broken = "[...document.querySelectorAll('.kinds tbody th')].filter(each => each.offsetHeight > 34).map(each => each.textContent)"
    with pages.opened(made.report(f"narrow-{language}.html", "--lang", language), 400) as opened:
        assert opened.page.locator(".models td.pic").count() > 5
        assert opened.page.evaluate(hidden) == []
        assert [name for name in opened.page.evaluate(broken) if " " not in name] == []
        # Ten letters of a model's name stand in one line.
        widths = "[...document.querySelectorAll('.models tbody th')].map(each => each.offsetWidth)"
        assert min(opened.page.evaluate(widths)) >= 84


def test_a_narrow_screen_begins_with_the_hours_that_have_figures(pages: Pages, made: Made) -> None:
    """Those of which no day has enough turns are left out there, and shown where there is room."""
    shown = "[...document.querySelectorAll('.heat thead th.num')].filter(each => each.offsetParent).map(each => each.textContent)"
    file = made.report("a.html")
    with pages.opened(file, 1280) as opened:
        assert opened.page.evaluate(shown) == [f"{hour:02}" for hour in range(24)]
    with pages.opened(file, 400) as opened:
        hours = opened.page.evaluate(shown)
        known = "[...document.querySelectorAll('.heat thead th.num')].filter((th, place) => [...document.querySelectorAll('.heat tbody tr')].some(row => /\\d/.test(row.cells[place + 1].textContent))).map(th => th.textContent)"
        assert hours == opened.page.evaluate(known)
        assert 0 < len(hours) < 24


def test_the_keyboard_alone_searches_opens_and_closes(pages: Pages, made: Made) -> None:
    """/ searches, Tab and Enter open, Escape goes back to where one was; arrow keys read a chart."""
    with pages.opened(made.report("a.html")) as opened:
        page = opened.page
        first = page.inner_text("#calls a")
        page.keyboard.press("/")
        page.keyboard.type(first[:6])
        assert page.evaluate("document.activeElement.type") == "search"
        assert re.fullmatch(r"\d+ of 400 calls", page.inner_text("#tools .count"))
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.hash?.startsWith('#call=') ?? false"):
                break
        page.keyboard.press("Enter")
        page.wait_for_selector("#call h1")
        assert page.inner_text("#call h1") == first
        assert page.evaluate("document.activeElement.textContent") == "← All calls"
        page.keyboard.press("Escape")
        page.wait_for_selector("#call", state="hidden")
        assert page.evaluate("document.activeElement.textContent") == first
        page.focus("#latency .of-day > svg")
        newest = page.inner_text(".of-day .reading")
        page.keyboard.press("ArrowLeft")
        assert re.fullmatch(r"\d+ Nov: p50 [\d,]+, p95 [\d,]+ ms, n [\d,]+", newest)
        assert page.inner_text(".of-day .reading") != newest


def test_without_script_all_figures_and_fifty_calls_are_there(pages: Pages, made: Made) -> None:
    """What the script shows first is what stands in the file."""
    file = made.report("a.html")
    rows = "[...document.querySelectorAll('.calls tbody tr')].map(row => [...row.cells].map(cell => cell.textContent))"
    with pages.opened(file) as opened:
        with_script = opened.page.evaluate(rows)
    with pages.opened(file, java_script_enabled=False) as opened:
        found = [
            [cell.text_content() for cell in row.locator("td").all()]
            for row in opened.page.locator(".calls tbody tr").all()[:5]
        ]
        assert opened.page.locator(".calls tbody tr").count() == 50
        assert opened.page.locator("#tools").is_hidden()
        assert opened.page.locator(".kpi .big").count() == 6
        assert opened.page.locator(".of-day > svg").is_visible()
        opened.page.click("text=By hour")
        assert opened.page.locator(".of-hour > svg").is_visible()
        assert opened.page.locator(".of-day > svg").is_hidden()
    assert len(with_script) == 50
    assert found == with_script[:5]


class _Jenkins(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", JENKINS)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  named by the base class
        """Say nothing."""


@pytest.fixture
def jenkins(made: Made) -> Iterator[str]:
    """The folder of pages as Jenkins serves it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Jenkins, directory=str(made.folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_it_is_readable_where_a_server_forbids_style_and_script(pages: Pages, made: Made, jenkins: str) -> None:
    """Figures, tables and charts of a sensible size, with colours of their own."""
    made.report("a.html")
    with pages.opened(f"{jenkins}/a.html") as opened:
        page = opened.page
        page.screenshot(path=pages.screenshots / "jenkins.png")
        assert page.locator(".calls tbody tr").count() == 50
        assert "Response, median" in page.inner_text("body")
        boxes = page.evaluate(
            "[...document.querySelectorAll('body svg')].map(e => e.getBoundingClientRect()).map(b => [b.width, b.height])"
        )
        assert max(width for width, _ in boxes) <= 1280
        assert max(height for _, height in boxes) <= 320
        assert page.evaluate("getComputedStyle(document.querySelector('rect.c-stt')).fill") == "rgb(18, 134, 138)"


def test_it_prints_on_a4(pages: Pages, made: Made) -> None:
    """A few pages, nothing wider than the paper, heads of tables repeated, and no buttons."""
    with pages.opened(made.report("a.html"), 718) as opened:
        page = opened.page
        pdf = page.pdf(path=pages.screenshots / "report.pdf", format="A4", print_background=True)
        assert 3 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 8
        page.emulate_media(media="print")
        assert opened.number(SIDEWAYS) <= 0
        assert page.evaluate("getComputedStyle(document.querySelector('.calls thead')).display") == "table-header-group"
        assert [page.locator(each).first.is_visible() for each in ("#tools", "#theme", ".tabs label")] == [False] * 3
        clipped = "[...document.querySelectorAll('.scroll')].filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1).map(e => e.getAttribute('aria-label'))"
        assert page.evaluate(clipped) == []


def test_every_figure_is_that_of_json(pages: Pages, made: Made) -> None:
    """Read out of the page and held against ``report --json``, which other tests hold against every command."""
    answer = run("report", made.logs, "--json", "--no-cache", "--pricing", made.card, "--slo", made.slo).json
    slow = next(each for each in answer["response"]["slow"] if each["above_ms"] == 1200)
    with pages.opened(made.report("a.html")) as opened:
        page = opened.page
        shown = page.evaluate(
            "[...document.querySelectorAll('[data-figure]')].map(e => [e.dataset.figure, e.firstChild.textContent])"
        )
        days = page.evaluate("JSON.parse(document.getElementById('points-day').textContent)")
        calls = page.evaluate("JSON.parse(document.getElementById('calls-data').textContent).columns")
    assert len(shown) > 40
    for path, text in shown:
        if path == "response.slow":
            assert text == formatting.percent(slow["share"]).removesuffix(" %")
            continue
        value: Any = answer
        for step in path.split("."):
            value = value[step]
        assert text == _written(path, value), path
    assert [[n, p50, p95] for _, n, p50, p95 in days if n != "0"] == [
        [f"{each['n']:,}", _ms(each["p50"]), _ms(each["p95"])] for each in answer["response"]["by_day"]
    ]
    listed = {
        row["call_id"]: row for row in run("calls", made.logs, "--json", "--no-cache", "--pricing", made.card).json
    }
    assert set(calls["call_id"]) == set(listed)
    for place, call_id in enumerate(calls["call_id"]):
        row = listed[call_id]
        assert calls["eou_latency_ms_max"][place] == (
            None if row["eou_latency_ms_max"] is None else int(_ms(row["eou_latency_ms_max"]).replace(",", ""))
        )
        assert calls["turns"][place] == row["turns"]
        cost = row["cost_total"]
        assert calls["cost_total"][place] == (
            None if cost is None else float(formatting.money(_decimal(cost)).replace(",", ""))
        )


def test_models_and_tools_are_those_of_json(pages: Pages, made: Made) -> None:
    """Every row of both tables, cell by cell, against ``report --json``."""
    answer = run("report", made.logs, "--json", "--no-cache", "--pricing", made.card, "--slo", made.slo).json
    with pages.opened(made.report("a.html")) as opened:
        models, tools = (
            [
                [cell.text_content() for cell in row.locator("th, td:not(.pic)").all()]
                for row in each.locator("tbody tr").all()
            ]
            for each in opened.page.locator("#models table").all()
        )
    stages = {"stt": "STT", "llm": "LLM", "tts": "TTS", "realtime": "Realtime", "eot": "End of turn"}
    shown = [each for each in answer["models"] if each["stage"] in stages]
    assert len(shown) > 10
    assert models == [
        [
            f"{stages[each['stage']]} {each['provider']} {each['model']}", f"{each['requests']:,}", _ms(each["wait"]["p50"]),
            _ms(each["wait"]["p95"]), _share(each["error_rate"]), _share(each["cancelled_rate"]), _share(each["cache_hit_rate"]),
            _money(each["cost"]), _money(each["cancelled_cost"]),
        ]
        for each in shown
    ]  # fmt: skip
    assert len(answer["tools"]) > 10
    assert tools == [
        [
            each["tool"], f"{each['tool_calls']:,}", _ms(each["duration_ms_p50"]), _ms(each["duration_ms_p95"]),
            _ms(each["duration_ms_max"]), _share(each["error_rate"]), f"{each['cancelled']:,}",
        ]
        for each in answer["tools"]
    ]  # fmt: skip


def _share(value: float | None) -> str:
    return formatting.NOT_AVAILABLE if value is None else formatting.percent(value)


def _money(value: str | None) -> str:
    return formatting.NOT_AVAILABLE if value is None else formatting.money(_decimal(value))


def _decimal(text: str) -> Any:
    from decimal import Decimal

    return Decimal(text)


def _ms(value: float | None) -> str:
    return formatting.NOT_AVAILABLE if value is None else formatting.rounded(value, 0)


def _written(path: str, value: Any) -> str:
    """A figure as the page writes it, by what it is."""
    name = path.rpartition(".")[2]
    if value is None:
        return formatting.NOT_AVAILABLE
    if path.startswith("cost."):
        return formatting.rounded(_decimal(value), 4 if name.startswith("per_") else 2)
    if name in {"rate", "success_rate"}:
        return formatting.percent(value).removesuffix(" %")
    return f"{value:,}" if isinstance(value, int) else _ms(value)


def test_limits_are_drawn_and_judged(pages: Pages, made: Made) -> None:
    """The two on the response are lines in the charts; what became of each limit is said in words, with its statistic."""
    with pages.opened(made.report("a.html")) as opened:
        words = opened.page.locator(".of-day .bound-words").all_text_contents()
        assert words == ["limit p50 < 300 ms", "limit p95 < 1200 ms"]
        verdicts = opened.page.locator(".kpi .verdict").all_text_contents()
        assert verdicts == ["p95 < 1200 ms: broken", "p50 < 300 ms: broken", "rate > 1 %: passed"]
        assert opened.page.locator("#overview .kpi.broken").count() == 1
        assert "Turns over 1,200 ms" in opened.page.inner_text("#overview")


def test_a_comparison_colours_only_what_is_sure(pages: Pages, made: Made, tmp_path: Path) -> None:
    """Against slower earlier calls; every row that is coloured says worse or better, and no other."""
    base = tmp_path / "base"
    base.mkdir()
    for file in made.logs.glob("*.jsonl"):
        text = file.read_text("utf-8")
        (base / file.name).write_text(
            re.sub(r'"eou_latency_ms":(\d+)', lambda found: f'"eou_latency_ms":{int(found[1]) * 2}', text), "utf-8"
        )
    with pages.opened(made.report("compared.html", "--compare", base)) as opened:
        page = opened.page
        rows = [
            [cell.text_content() for cell in row.locator("th, td").all()]
            for row in page.locator(".compared tbody tr").all()
        ]
        assert rows[0][-1] in {"worse", "better"}
        assert any(str(row[0]).startswith("Response") and row[-1] == "better" for row in rows)
        coloured = page.locator(".compared .good, .compared .bad").all_text_contents()
        assert set(coloured) <= {"worse", "better"}
        assert len(coloured) == sum(row[-1] in {"worse", "better"} for row in rows)
        page.screenshot(path=pages.screenshots / "compared.png", full_page=True)


def test_the_source_has_nothing_that_a_policy_would_forbid(made: Made) -> None:
    """No style attribute, no handler in markup, no markup out of text, nothing evaluated, no address of anything."""
    page = made.report("a.html").read_text("utf-8")
    markup = re.sub(r"<script.*?</script>|<style>.*?</style>", "", page, flags=re.DOTALL)
    assert re.findall(r"\sstyle=|\son[a-z]+=|https?:|javascript:", markup) == []
    script = asset("report.js")
    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(|https?:|import\(", script) == []
    )
    assert re.findall(r"url\(|@import|https?:", asset("report.css")) == []


def test_the_same_figures_give_the_same_bytes(made: Made) -> None:
    """Apart from the time at which the page was made."""
    texts = [
        re.sub(r"Made .{20} by", "Made by", made.report(name).read_text("utf-8")) for name in ("a.html", "again.html")
    ]
    assert texts[0] == texts[1]


def test_russian_has_no_english_left(pages: Pages, made: Made) -> None:
    """The headings and every word that the script says."""
    with pages.opened(made.report("ru.html", "--lang", "ru", "--compare", made.logs)) as opened:
        page = opened.page
        assert page.get_attribute("html", "lang") == "ru"
        headings = " ".join(page.locator("h2, h3, nav a, #tools option, #theme").all_text_contents())
        assert re.findall(r"\b(?:the|of|by|calls|turns|over|latency)\b", headings, re.IGNORECASE) == []
        assert page.locator("h2", has_text="Задержки").count() == 1
        assert re.findall(r"\d (?:ms|pt|s)\b|per_call|per_minute", page.inner_text("body")) == []
        page.click("#calls a")
        assert "Реплика 1" in page.inner_text("#call")
        assert opened.events == []
