"""Pages of simulated calls, and a browser that says what it meets in them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from support.command import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

CARD = """
currency = "USD"
[stt.deepgram]
usd_per_minute = 0.0043
[llm.openai]
usd_per_1m_input_tokens = 0.4
usd_per_1m_output_tokens = 1.6
[llm.groq]
usd_per_1m_input_tokens = 0.59
usd_per_1m_output_tokens = 0.79
[tts.elevenlabs]
usd_per_1m_characters = 50
"""


@dataclass
class Opened:
    """A page, and what a browser said about it."""

    page: Page
    events: list[str] = field(default_factory=list)

    def number(self, script: str) -> int:
        """A number that the page computes."""
        return int(self.page.evaluate(script))


@dataclass(frozen=True)
class Pages:
    """Opens files in the browser."""

    browser: Browser
    screenshots: Path

    @contextmanager
    def opened(self, file: Path | str, width: int = 1280, **options: Any) -> Iterator[Opened]:
        """A page of its own, closed at the end: messages, errors, dialogs and requests of anything but itself are noted."""
        context = self.browser.new_context(viewport={"width": width, "height": 900}, **options)
        try:
            page = context.new_page()
            found = Opened(page)
            url = file if isinstance(file, str) else file.as_uri()
            page.on("console", lambda message: found.events.append(f"console: {message.text[:200]}"))
            page.on("pageerror", lambda error: found.events.append(f"error: {str(error)[:200]}"))
            page.on("dialog", lambda dialog: found.events.append("dialog"))
            page.on(
                "request",
                lambda request: None if request.url == url else found.events.append(f"request: {request.url[:100]}"),
            )
            page.goto(url, wait_until="load")
            yield found
        finally:
            context.close()


@dataclass(frozen=True)
class Made:
    """Simulated logs, and what commands make of them."""

    folder: Path
    card: Path

    @property
    def logs(self) -> Path:
        """The logs."""
        return self.folder / "logs"

    def report(self, name: str, *options: object, logs: Path | None = None) -> Path:
        """The page, made by the command, under a name of its own."""
        file = self.folder / name
        if not file.exists():
            ran = run(
                "report",
                logs or self.logs,
                "-o",
                file,
                "--no-cache",
                "--pricing",
                self.card,
                "--slo",
                self.slo,
                *options,
            )
            assert ran.code == 0, ran.err
        return file

    @property
    def slo(self) -> Path:
        """Limits of which one is broken."""
        file = self.folder / "slo.toml"
        file.write_text(
            '[[limit]]\nmetric = "eou_latency_ms"\nexpect = "p95 < 1200"\n[[limit]]\nmetric = "eou_latency_ms"\nexpect = "p50 < 300"\n'
            '[[limit]]\nmetric = "success_rate"\nexpect = "rate > 1%"\n'
        )
        return file
