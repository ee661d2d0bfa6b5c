"""The table of hooks in docs/recorder.md names what ``MetricCollector`` has."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from voicetel.recorder import MetricCollector

PAGE = Path(__file__).parents[2] / "docs" / "recorder.md"
ROW = re.compile(r"^\| `(\w+)\(([^)]*)\)` \| (.+) \| (.+) \|$", re.MULTILINE)
ROWS = {name: (arguments, when, gives) for name, arguments, when, gives in ROW.findall(PAGE.read_text("utf-8"))}
HOOKS = {
    name: inspect.signature(hook)
    for name, hook in vars(MetricCollector).items()
    if inspect.isfunction(hook) and not name.startswith("_")
}


def arguments_of(signature: inspect.Signature) -> str:
    """The names alone, as the table has them: a star before those that are given by name."""
    names = []
    for parameter in list(signature.parameters.values())[1:]:
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in names:
            names.append("*")
        names.append(parameter.name)
    return ", ".join(names)


def test_the_table_has_each_hook_once_in_the_order_of_the_class() -> None:
    """None is missing and none is made up."""
    assert [name for name, *_ in ROW.findall(PAGE.read_text("utf-8"))] == list(HOOKS)


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_takes_and_gives_what_its_row_says(name: str) -> None:
    """Its arguments by name and kind; one that gives a number or None measures, and the row says in ms."""
    arguments, _, gives = ROWS[name]
    assert arguments == arguments_of(HOOKS[name])
    returned = HOOKS[name].return_annotation
    assert (gives == "nothing", gives.startswith("ms since")) == (returned == "None", returned == "float | None")


def test_what_may_be_left_out() -> None:
    """As the page says above the table: all that is given by name, and four others."""
    given = [each for hook in HOOKS.values() for each in list(hook.parameters.values())[1:]]
    assert all(each.default is None for each in given if each.kind is each.KEYWORD_ONLY)
    others = {each.name for each in given if each.kind is not each.KEYWORD_ONLY and each.default is not each.empty}
    assert others == {"content", "state_id", "input_tokens", "output_tokens"}
