"""Pages in a real Chromium: the machine's own, else the one of Playwright. Required: without one the tests fail."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from support.command import run
from support.pages import CARD, Made, Pages

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The browser. Pictures are kept in $VOICETEL_SCREENSHOTS."""
    named = os.environ.get("VOICETEL_SCREENSHOTS")
    screenshots = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    screenshots.mkdir(parents=True, exist_ok=True)
    chromium = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield Pages(browser, screenshots)
        browser.close()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """400 calls over six days."""
    folder = tmp_path_factory.mktemp("pages")
    card = folder / "card.toml"
    card.write_text(CARD)
    found = Made(folder, card)
    assert run("simulate", "-o", found.logs, "--calls", 400, "--days", 6, "--seed", 5).code == 0
    return found
