"""One call, two cards, a card beside the logs, limits, two samples: every format and width, as somebody last saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voicetel.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.command import Ran

METRICS = ("--metric", "eou_latency_ms", "--metric", "cost per_call", "--metric", "success_rate")
COMMANDS = {
    "call": ("call", "c-b2"),
    "call-hostile": ("call", "\x1b"),
    "cost-compare": ("cost", "--compare", "list"),
    "pricing-show": ("pricing", "show"),
    "pricing-check": ("pricing", "check"),
    "pricing-estimate": ("pricing", "estimate"),
    "check": ("check",),
    "compare": ("compare", "logs", "--split", "language=en:ru", *METRICS, "--fail-on", "eou_latency_ms p50 +10%"),
}
CODES = {"check": ExitCode.LIMIT_BROKEN, "compare": ExitCode.NO_DATA}
WITHOUT = {
    "call": {"csv"},
    "call-hostile": {"csv"},
    # The last digits of an interval are those of this machine's mathematics.
    "check": {"json", "csv"},
    "compare": {"json", "csv"},
}
DOUBTFUL = (("cost-compare", "csv"), ("pricing-estimate", "csv"))
"""Rows alone with amounts by a rate far off its list price, which stderr says."""
FORMS = [
    (name, form) for name in COMMANDS for form in ("table", "json", "csv", "md") if form not in WITHOUT.get(name, ())
]


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_looks_as_it_did(
    voicetel: Callable[..., Ran], golden: Callable[[str, str], None], name: str, form: str
) -> None:
    """In a pipe: every format, nothing else on stderr, nothing that a terminal would obey."""
    ran = voicetel(*COMMANDS[name], "--no-cache", "--format", form)
    warnings = [line for line in ran.err.splitlines() if "54 times the list price" in line]
    assert (ran.code, ran.err.splitlines()) == (CODES.get(name, ExitCode.OK), warnings)
    assert len(warnings) == ((name, form) in DOUBTFUL)
    assert all(char.isprintable() or char == "\n" for char in ran.out)
    golden(f"{name}.{'txt' if form == 'table' else form}", ran.out)


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("name", COMMANDS)
def test_looks_as_it_did_on_a_terminal(golden_on_terminal: Callable[..., None], name: str, width: int) -> None:
    """On terminals of two widths."""
    golden_on_terminal(name, COMMANDS[name], width, CODES.get(name, ExitCode.OK))
