"""One call, two cards, and a card beside the logs: every format and width, as it was when somebody last looked at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from support.processes import run_on_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.command import Ran

COMMANDS = {
    "call": ("call", "c-b2"),
    "call-hostile": ("call", "\x1b"),
    "cost-compare": ("cost", "--compare", "list"),
    "pricing-show": ("pricing", "show"),
    "pricing-check": ("pricing", "check"),
    "pricing-estimate": ("pricing", "estimate"),
}
FORMS = [
    (name, form)
    for name in COMMANDS
    for form in ("table", "json", "csv", "md")
    if not (name.startswith("call") and form == "csv")
]


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_looks_as_it_did(
    voicetel: Callable[..., Ran], golden: Callable[[str, str], None], name: str, form: str
) -> None:
    """In a pipe: every format, nothing on stderr, nothing that a terminal would obey."""
    ran = voicetel(*COMMANDS[name], "--no-cache", "--format", form)
    assert (ran.code, ran.err) == (0, "")
    assert all(char.isprintable() or char == "\n" for char in ran.out)
    golden(f"{name}.{'txt' if form == 'table' else form}", ran.out)


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("name", ["call", "call-hostile", "cost-compare", "pricing-show", "pricing-estimate"])
def test_looks_as_it_did_on_a_terminal(golden: Callable[[str, str], None], name: str, width: int) -> None:
    """On terminals of two widths, without colours: nothing is wider than the terminal."""
    code, text = run_on_terminal((*COMMANDS[name], "--no-cache"), width, {"NO_COLOR": "1"})
    assert code == 0
    assert "\x1b" not in text
    assert max(map(cell_len, text.splitlines())) <= width
    golden(f"{name}.{width}.txt", text)
