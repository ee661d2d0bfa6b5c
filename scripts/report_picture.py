"""Draws docs/report.svg, the picture of the report in the README, from what ``voicetel analyze`` says of sample_logs/.

Run it after a change to the report or to the sample logs: python scripts/report_picture.py
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

from voicetel.analyzers.overview.analyze import analyze
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.reporters.layouts.analysis import analysis_document
from voicetel.reporters.terminal.lines import terminal_lines
from voicetel.store import open_store

ROOT = Path(__file__).parents[1]
LOGS = "sample_logs/"
WIDTH = 120


def picture() -> str:
    """The report on the sample logs as SVG: the same text, styles and layout as a terminal of WIDTH columns has."""
    rules = load_rules()
    card = load_card("pricing.toml")
    with open_store([LOGS], rules, cache=False) as store:
        document = analysis_document(analyze(store, card))
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.assemble(("$ ", "bold green"), f"voicetel analyze {LOGS}"))
    for line in terminal_lines(document, WIDTH):
        console.print(line, soft_wrap=True)
    drawn = console.export_svg(title="voicetel", unique_id="report")
    # A picture that fetches fonts is none: the reader's own monospaced font will do.
    return re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)


if __name__ == "__main__":
    os.chdir(ROOT)
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "report.svg").write_text(picture(), encoding="utf-8")
