"""Pages of hostile logs and of odd ones, and what pages weigh."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.logs import write_log
from voicetel.reporters.html.page_shell import asset
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.pages import Made, Pages

HOSTILE = [
    "</script><script>window.HIT=1</script>", "<img src=x onerror=window.HIT=1>", "</style><base href=//x>", "\u202egnp.exe", "a\u2028b", "nul\x00nul",
    "__proto__", "constructor", "x" * 200, '" onmouseover="window.HIT=1', "{n} {all}", "%E0%A4%A", "&lt;b&gt;", "=1+1",
]  # fmt: skip


def events(call_id: str, number: int, word: str = "x", turns: int = 2, **about: Any) -> Iterator[dict[str, Any]]:
    """A short call, so many minutes after the year's begin; ``word`` is every text in it."""
    ts = f"{datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number):%Y-%m-%dT%H:%M}:00.000Z"
    envelope = {"v": 1, "ts": ts, "call_id": call_id}
    yield {
        **envelope,
        "event": "call_started",
        "agent_name": word,
        "agent_version": word,
        "campaign": word,
        "language": word[:20],
        **about,
    }
    for turn in range(1, turns + 1):
        yield {
            **envelope, "event": "turn", "turn": turn, "state_id": word, "user": {"text": word, "start_ms": 0, "end_ms": 500},
            "agent": {"text": word, "start_ms": 900 + number % 700, "end_ms": 2000}, "interrupted": True, "interrupted_by": "caller",
            "operations": [{"stage": word[:40], "provider": word, "model": word, "name": word, "start_ms": 500, "ttfb_ms": 100, "duration_ms": 300}],
        }  # fmt: skip
    yield {**envelope, "event": "mark", "kind": word[:40], "value": word}
    yield {**envelope, "event": "call_ended", "duration_s": 60, "end_reason": "caller_hangup"}


def page_of(tmp_path: Path, made: Made, lines: list[dict[str, Any]], *options: object) -> Path:
    """The report on a log of these lines."""
    logs = write_log(tmp_path / "odd" / "calls.jsonl", lines).parent
    return made.report(f"{tmp_path.name}.html", *options, logs=logs)


def test_nothing_of_a_hostile_log_is_obeyed(pages: Pages, made: Made, tmp_path: Path) -> None:
    """Every call opens, and there is no script, image, base, style, dialog, request or message more than in any page."""
    lines = [line for number, word in enumerate(HOSTILE) for line in events(word, number, word)]
    with pages.opened(page_of(tmp_path, made, lines, "--with-text"), 400) as opened:
        page = opened.page
        links = page.evaluate("[...document.querySelectorAll('.calls a')].map(each => each.getAttribute('href'))")
        assert len(links) == len(HOSTILE)
        for link in links:
            page.evaluate("hash => { location.hash = hash; }", link)
            page.wait_for_selector("#call h1")
            page.click("text=Show the words")
            assert page.inner_text("#call h1") in {visible(word) for word in HOSTILE}
            assert opened.number("document.documentElement.scrollWidth - innerWidth") <= 0
            page.keyboard.press("Escape")
            page.wait_for_selector("#call", state="hidden")
        for broken in ("#call=%E0%A4%A", "#call=nobody", "#call=toString", "#call=<img src=x>"):
            page.evaluate("hash => { location.hash = hash; }", broken)
            assert page.is_visible("#main")
        found = page.evaluate(
            "[window.HIT, ...['img', 'base', 'style', 'script:not([type])', 'iframe', 'form'].map(each => document.querySelectorAll(each).length)]"
        )
        assert found == [None, 0, 0, 1, 1, 0, 0]
        assert opened.events == []


def test_a_page_without_text_has_none(made: Made, tmp_path: Path) -> None:
    """Not in the data either; with it the file is its owner's alone."""
    lines = [
        line | ({"user": {"text": "my secret word"}} if line["event"] == "turn" else {}) for line in events("a", 0)
    ]
    page = page_of(tmp_path, made, lines)
    assert "secret" not in page.read_text("utf-8")
    spoken = tmp_path / "spoken.html"
    assert (
        run("report", tmp_path / "odd", "-o", spoken, "--no-cache", "--with-text", "--redact-pattern", "my").code == 0
    )
    assert "secret word" in spoken.read_text("utf-8")
    assert "my secret" not in spoken.read_text("utf-8")
    assert spoken.stat().st_mode & 0o777 == 0o600


ODD = {
    "one call": [list(events("a", 0, turns=1))],
    "no latency": [[line for line in events("a", 0) if line["event"] != "turn"]],
    "no end": [[line for line in events("a", 0) if line["event"] != "call_ended"]],
    "one day": [list(events(f"c{number}", number)) for number in range(30)],
    "400 days": [list(events(f"c{number}", number * 1440)) for number in range(400)],
}


@pytest.mark.parametrize("name", ODD)
def test_odd_logs_have_a_page(pages: Pages, made: Made, tmp_path: Path, name: str) -> None:
    """Nothing breaks, nothing is NaN, and nothing is wider than the window."""
    lines = [line for call in ODD[name] for line in call]
    file = page_of(tmp_path, made, lines)
    for width in (400, 1280):
        with pages.opened(file, width) as opened:
            assert opened.events == []
            assert opened.number("document.documentElement.scrollWidth - innerWidth") <= 0
            assert not re.search(r"\b(?:NaN|undefined|None|null|Infinity)\b", opened.page.inner_text("body"))
            assert opened.page.locator(".calls tbody tr").count() == min(50, len(ODD[name]))


def test_a_page_without_prices_says_so_and_has_no_amount(pages: Pages, made: Made, tmp_path: Path) -> None:
    """A card that prices nothing of what was used: no amount is 0, neither in the figures nor in the list of calls."""
    card = tmp_path / "card.toml"
    card.write_text('currency = "USD"\n[stt.nobody]\nusd_per_minute = 1\n', "utf-8")
    answer = {"stage": "llm", "provider": "groq", "model": "m", "start_ms": 500, "duration_ms": 300, "input_tokens": 10}
    lines = [
        line | ({"operations": [answer]} if line["event"] == "turn" else {})
        for n in range(30)
        for line in events(f"c{n}", n)
    ]
    log = write_log(tmp_path / "unpriced" / "calls.jsonl", lines)
    file = tmp_path / "unpriced.html"
    assert run("report", log.parent, "-o", file, "--no-cache", "--pricing", card).code == 0
    for width in (400, 1280):
        with pages.opened(file, width) as opened:
            page = opened.page
            assert opened.events == []
            assert opened.number("document.documentElement.scrollWidth - innerWidth") <= 0
            for figure in ("cost.per_call_avg", "cost.per_success"):
                assert page.inner_text(f"[data-figure='{figure}']") == "n/a"
            assert page.evaluate(
                "[...new Set(JSON.parse(document.getElementById('calls-data').textContent).columns.cost_total)]"
            ) == [None]
            assert "0.0 % of operations have a price" in page.inner_text("#overview")
            assert "have no price" in page.inner_text("#cost")
            assert not re.search(r"\b(?:NaN|undefined|None|null|Infinity)\b", page.inner_text("body"))


def test_the_script_shows_small_amounts_as_the_file_does(pages: Pages, tmp_path: Path) -> None:
    """Two turns of 1, 10, 11.627 and 100 tokens at 2.15 a million: 0.0000043, 0.000043, 0.0000499961 and 0.00043."""
    card = tmp_path / "card.toml"
    card.write_text('currency = "USD"\n[llm.groq]\nusd_per_1m_input_tokens = 2.15\n', "utf-8")
    answer = {"stage": "llm", "provider": "groq", "model": "m", "start_ms": 500, "duration_ms": 300}
    lines = [
        line | ({"operations": [answer | {"input_tokens": tokens}]} if line["event"] == "turn" else {})
        for n, tokens in enumerate((1, 10, 11.627, 100, 0))
        for line in events(f"c{n}", n)
    ]
    log = write_log(tmp_path / "logs" / "calls.jsonl", lines)
    file = tmp_path / "page.html"
    assert run("report", log.parent, "-o", file, "--no-cache", "--pricing", card).code == 0
    for options in ({}, {"java_script_enabled": False}):
        with pages.opened(file, **options) as opened:
            cells = [row.locator("td").all()[-1] for row in opened.page.locator(".calls tbody tr").all()]
            found = sorted(cell.text_content() or "" for cell in cells)
        assert found == ["0.0000043", "0.000043", "0.000050", "0.0004", "n/a"]


def test_hours_of_too_few_turns_are_said_and_not_drawn(pages: Pages, made: Made, tmp_path: Path) -> None:
    """Thirty calls of two turns are spread over so many minutes of one hour: that hour has a figure. Five have none."""
    for number, hours in ((30, 24), (5, 0)):
        lines = [line for n in range(number) for line in events(f"c{n}", n)]
        log = write_log(tmp_path / f"hours-{number}" / "calls.jsonl", lines)
        with pages.opened(made.report(f"hours-{number}.html", logs=log.parent)) as opened:
            assert opened.page.locator(".heat thead th.num").count() == hours
            words = opened.page.inner_text("#latency")
            assert ("No hour of a day has 20 turns: its p95 would say nothing." in words) == (not hours)
            assert ("a dot: fewer than 20 turns" in words) == bool(hours)


def test_no_calls_are_no_page(made: Made, tmp_path: Path) -> None:
    """One line and exit 4; no file is left."""
    file = tmp_path / "none.html"
    ran = run("report", made.logs, "-o", file, "--no-cache", "--agent", "nobody")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith("error: ")
    assert not file.exists()


def test_the_parts_keep_to_their_sizes(made: Made) -> None:
    """Script 20 kB, style 16, charts 300; a call of the list 100 bytes, a waterfall 5 kB, 8 with what was said."""
    assert len(asset("report.js").encode()) <= 20_000
    assert len(asset("report.css").encode()) <= 16_000
    for name, options, most in (("a.html", (), 5000), ("text.html", ("--with-text",), 8000)):
        page = made.report(name, *options).read_text("utf-8")
        assert sum(len(each) for each in re.findall(r"<svg.*?</svg>", page)) <= 300_000
        data = {
            each[0]: each[1]
            for each in re.findall(r'<script type="application/json" id="([\w-]+)">(.*?)</script>', page)
        }
        listed = json.loads(data["calls-data"])["columns"]["call_id"]
        drawn = json.loads(data["details-data"])
        assert len(data["calls-data"]) / len(listed) <= 100
        assert len(drawn) == 60
        assert len(data["details-data"]) / len(drawn) <= most


def test_a_hundred_thousand_calls_are_cut_and_quick_to_search(pages: Pages, made: Made, tmp_path: Path) -> None:
    """10,000 of them, the slowest, in 2 MB; loading and searching take a second and 300 ms of the browser's CPU at most."""
    log = tmp_path / "many" / "calls.jsonl"
    log.parent.mkdir()
    turn = (
        '{"v":1,"event":"turn","ts":"2026-11-%02dT%02d:00:00.000Z","call_id":"c-%012x","turn":1,"eou_latency_ms":%d}\n'
    )
    log.write_text(
        "".join(turn % (1 + number % 28, number % 24, number, 300 + number % 5000) for number in range(100_000))
    )
    file = made.report(f"{tmp_path.name}.html", logs=log.parent)
    assert file.stat().st_size <= 2_000_000
    with pages.opened("about:blank") as opened:
        page = opened.page
        devtools = page.context.new_cdp_session(page)
        devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

        def busy_s() -> float:
            metrics = devtools.send("Performance.getMetrics")["metrics"]
            return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))

        page.goto(file.as_uri())
        assert busy_s() <= 1.0
        assert "The 10,000 slowest of 100,000" in page.inner_text("#calls")
        before = busy_s()
        page.fill("#tools input", "c-00000000f")
        assert re.fullmatch(r"[\d,]+ of 10,000 calls", page.inner_text("#tools .count"))
        assert busy_s() - before <= 0.3


def test_the_page_of_a_call_draws_what_the_report_draws(
    pages: Pages, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bar by bar: the same places, widths and classes, with a script and without; and axe finds nothing in it."""
    monkeypatch.chdir(made.slo.parent)
    from axe_playwright_python.sync_playwright import Axe

    bars = "[...document.querySelectorAll('.lanes rect, .lanes line, .strip rect')].map(each => ['class', 'x', 'width', 'y', 'x1', 'y2'].map(name => each.getAttribute(name)))"
    texts = "[...document.querySelectorAll('.chips, .turn, .facts, .legend')].filter(each => each.offsetParent).map(each => each.innerText)"
    with pages.opened(made.report("text.html", "--with-text")) as opened:
        call_id = opened.page.inner_text("#calls a")
        opened.page.click("#calls a")
        opened.page.click("text=Show the words")
        by_script, said = opened.page.evaluate(bars), opened.page.evaluate(texts)
    file = made.folder / "call.html"
    ran = run("call", call_id, made.logs, "-o", file, "--no-cache", "--pricing", made.card, "--with-text")
    assert ran.code == 0
    for width in (400, 1280):
        with pages.opened(file, width, bypass_csp=True) as opened:
            opened.page.screenshot(path=pages.screenshots / f"call-{width}.png", full_page=True)
            if width == 1280:
                assert opened.page.evaluate(bars) == by_script
                assert len(by_script) > 20
                assert opened.page.evaluate(texts) == said
            assert opened.number("document.documentElement.scrollWidth - innerWidth") <= 0
            assert opened.events == []
            found = Axe().run(opened.page).response["violations"]
            assert [each["id"] for each in found] == []
    silent = run("call", call_id, made.logs, "-f", "html", "--no-cache").out
    assert "It holds no words that were said" in silent
    assert 'class="said' not in silent
