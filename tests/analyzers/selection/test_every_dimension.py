"""Every report by every dimension: what it can be grouped by adds up to the whole, and what it cannot is said in one line."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args, get_origin

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from support.command import run
from support.example_logs.simulated import simulated_store
from support.logs import write_log
from support.soak import SOAK
from voicetel.analyzers.core.dimensions import DIMENSIONS, find_dimension
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.request import Request
from voicetel.errors import UsageError
from voicetel.gate.samples.take import sample
from voicetel.pricing import load_card
from voicetel.registry import REPORTS, find_report
from voicetel.results import CellFormat, ResultTable
from voicetel.results.figure import members_of, without_none

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicetel.registry import Report
    from voicetel.results.figure import Member
    from voicetel.store import Store

GROUPED = tuple(report for report in REPORTS if "by" in report.takes and report.can_be_asked)
TABLES = tuple(report for report in GROUPED if get_origin(report.kind) is ResultTable)
NAMES = (*DIMENSIONS, "tag.room")
ZONE = "Europe/Berlin"

NOT_ADDITIVE = {("concurrency", "peak")}
"""Counts that do not add up over groups."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Calls of several agents on several days."""
    with simulated_store(tmp_path_factory.mktemp("dimensions") / "logs", calls=25, seed=2) as opened:
        yield opened


def ask(store: Store, report: Report, *by: str) -> Any:
    """An answer by the list's prices, in a zone."""
    return report.ask(Request(store, Selection(by=by, tz=ZONE), load_card("list")))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("report", GROUPED, ids=lambda report: report.name)
def test_every_report_by_every_dimension(store: Store, report: Report, name: str) -> None:
    """It has rows of groups that bear the dimension's name, or says in one line what cannot be grouped by what."""
    level = find_dimension(name).level
    if level <= report.finest:
        rows = report.arrow(ask(store, report, name))
        assert rows.column_names[0] == name
        assert rows.num_rows > 0
        return
    with pytest.raises(UsageError) as raised:
        ask(store, report, name)
    assert str(raised.value) == f"cannot group {report.name} by {name}, which is of {level.plural}"
    assert raised.value.hint == f"`voicetel analyze --by {name}` and `voicetel cost --by {name}` can"


@pytest.mark.parametrize("name", [name for name in NAMES if find_dimension(name).level == 0])
def test_limits_and_comparisons_know_every_dimension_of_calls(store: Store, name: str) -> None:
    """The parts of a sample that have one of the values are those of the groups of ``calls``."""
    found = sample(store, load_card("list"), Selection(tz=ZONE), dimensions=(name,))
    groups = Counter(ask(store, find_report("calls"), name).column(name).to_pylist())
    for value, count in groups.items():
        if value is not None:
            assert len(found.where({name: (value,)})) == count


def test_an_export_says_that_it_groups_nothing(tmp_path: Path) -> None:
    """In one line, with what does."""
    ran = run("export", write_log(tmp_path / "a.jsonl", []), "--by", "day", "--csv", tmp_path / "out")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "an export has a row per call, turn and operation" in ran.err
    assert "--by NAME" in ran.err


def sums(report: Report, table: ResultTable[Any]) -> dict[tuple[str | None, ...], dict[str, Decimal]]:
    """What a report's rows are by, beside the groups → the sum over the groups of each figure that adds up."""
    keys, figures = keys_of(report), additive_figures(report)
    found: dict[tuple[str | None, ...], dict[str, Decimal]] = {}
    for line in table.lines:
        added = found.setdefault(tuple(getattr(line.figures, key) for key in keys), dict.fromkeys(figures, Decimal(0)))
        for name in figures:
            added[name] += Decimal(getattr(line.figures, name) or 0)
    # An amount that has no last digit is rounded at its 24th place, in each group by itself.
    return {of: {name: round(value, 20) for name, value in added.items()} for of, added in found.items()}


def row_members(report: Report) -> tuple[Member, ...]:
    """The fields of a row of a report that is a table."""
    (row,) = get_args(report.kind)
    return members_of(row)


def keys_of(report: Report) -> tuple[str, ...]:
    """What a report's rows are by: texts, and what is shown as a key."""
    return tuple(
        member.name
        for member in row_members(report)
        if without_none(member.type)[0] is str or member.figure.format is CellFormat.KEY
    )


def additive_figures(report: Report) -> tuple[str, ...]:
    """Counts and amounts but for those that are divided: all calls have so many as all groups together."""
    return tuple(
        member.name
        for member in row_members(report)
        if without_none(member.type)[0] in {int, Decimal}
        and member.figure.format is not CellFormat.KEY
        and "_per_" not in member.name
        and (report.name, member.name) not in NOT_ADDITIVE
    )


def test_figures_that_add_up() -> None:
    """They are found by their types."""
    tools, models, concurrency = map(find_report, ("tools", "models", "concurrency"))
    assert {"tools", "models", "concurrency"} < {report.name for report in TABLES}
    assert (keys_of(tools), additive_figures(tools)) == (
        ("tool",),
        ("tool_calls", "calls", "errors", "cancelled", "duration_ms_n"),
    )
    assert keys_of(models) == ("stage", "provider", "model")
    assert additive_figures(models) == ("requests", "errors", "cancelled", "cost", "error_cost", "cancelled_cost")
    assert (keys_of(concurrency), additive_figures(concurrency)) == ((), ("calls", "timed_calls"))


@settings(
    max_examples=100 if SOAK else 3,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.sampled_from([name for name in NAMES if find_dimension(name).level == 0]), min_size=2, max_size=2))
def test_groups_of_two_dimensions_add_up(store: Store, by: list[str]) -> None:
    """Every figure that adds up is, over the groups, that of all calls."""
    names = tuple(dict.fromkeys(by))
    for report in TABLES:
        whole, parts = ask(store, report), ask(store, report, *names)
        assert sums(report, parts) == sums(report, whole), (report.name, names)
    report = find_report("interruptions")
    whole, parts = ask(store, report), ask(store, report, *names)
    for figure in ("caller_over_agent", "agent_over_caller", "false_interruptions"):
        counts = [getattr(group.figures, figure).count or 0 for group in parts.groups]
        assert sum(counts) == (getattr(whole.total, figure).count or 0)
    report = find_report("outcomes")
    whole, parts = ask(store, report), ask(store, report, *names)
    ended = [Counter(group.figures.outcomes.calls) for group in parts.groups]
    assert sum(ended, Counter()) == +Counter(whole.total.outcomes.calls)
