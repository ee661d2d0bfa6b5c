"""What a cluster does not do is said in one line, before one is looked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.command import Ran

SLO = Path(__file__).parents[1] / "slo.toml"

REFUSED = {
    ("analyze", "--master", "local[2]"): "--master and --conf go with --engine spark",
    ("calls", "--engine", "spark", "--sentiment"): "--sentiment is not computed with --engine spark",
    ("calls", "--engine", "spark", "--scorer", "vader"): "--scorer is not computed with --engine spark",
    ("outcomes", "--engine", "spark", "--model", "small"): "--model is not computed with --engine spark",
    ("tools", "--engine", "spark", "--where", "state = 'incomplete'"): "no condition can ask for the state of calls",
    (
        "calls",
        "--engine",
        "spark",
        "--where",
        "turns > 1 and state is null",
    ): "no condition can ask for the state of calls",
    (
        "dropoff",
        "--engine",
        "spark",
        "--conf",
        "executor.memory=1g",
    ): "--conf executor.memory=1g: not a setting of Spark",
    ("check", "--engine", "spark", "--sentiment", "--slo", str(SLO)): "--sentiment is not computed with --engine spark",
    ("compare", "a", "b", "--master", "local[1]"): "--master and --conf go with --engine spark",
    ("export", "--parquet", "x", "--engine", "spark", "--pg"): "export --pg is not computed with --engine spark",
    ("export", "--parquet", "x", "--engine", "spark", "--csv", "y"): "export --csv is not computed with --engine spark",
    ("export", "logs", "--parquet", "s3://b/lake"): "s3://b/lake: one machine exports into folders of its own",
    ("export", "logs", "--csv", "s3://b/lake"): "s3://b/lake: one machine exports into folders of its own",
    ("validate", "-", "--engine", "spark"): "stdin cannot be read by many machines",
    ("trend", "-", "--engine", "spark"): "stdin cannot be read by many machines",
    (
        "trend",
        "logs",
        "--metric",
        "calls,tool_error_rate.book",
        "--engine",
        "spark",
    ): "the metric tool_error_rate.book is not computed",
    (
        "compare",
        "logs",
        "logs",
        "--fail-on",
        "dropoff_rate +1pt",
        "--engine",
        "spark",
    ): "not computed with --engine spark: dropoff_rate; leave these out",
    ("models", "-", "--engine", "spark"): "stdin cannot be read by many machines",
}


@pytest.mark.parametrize("command", REFUSED, ids=" ".join)
def test_is_refused(voicetel: Callable[..., Ran], command: tuple[str, ...]) -> None:
    """One line on stderr, nothing on stdout, exit 2."""
    ran = voicetel(*command)
    assert (ran.code, ran.out) == (2, "")
    assert REFUSED[command] in ran.err
    assert ran.err.count("\n") <= 2
