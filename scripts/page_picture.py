"""Takes docs/report-page.png, the picture in docs/report.md, from the real page about simulated calls, in Chromium.

Run it after a change to the page: python scripts/page_picture.py
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "report-page.png"
WIDTH, HEIGHT = 1280, 1500


def take(page_file: Path) -> None:
    """The beginning of the page as PICTURE."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(page_file.as_uri())
        page.screenshot(path=PICTURE)
        browser.close()


def _voicetel(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "voicetel", *map(str, arguments)], check=True)


def main() -> None:
    """Simulate, make the page, take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        logs, file = Path(folder, "logs"), Path(folder, "report.html")
        _voicetel("simulate", "-o", logs, "--calls", "3000", "--days", "14")
        _voicetel("report", logs, "-o", file, "--pricing", "list", "--slo", ROOT / "slo.toml", "--no-cache")
        take(file)


if __name__ == "__main__":
    main()
