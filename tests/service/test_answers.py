"""Answers to programs: the command's JSON letter for letter, and parameters held to their types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from support.command import run
from support.example_logs.served_logs import SLO, SLOW_CALL, served_logs
from voicetel.errors import UsageError
from voicetel.registry import find_report
from voicetel.service.answers import answer
from voicetel.service.parameters import Parameter, parameters_of, schema_of, served_reports
from voicetel.service.served_logs import ServedLogs

if TYPE_CHECKING:
    from pathlib import Path

ASKED: tuple[tuple[str, dict[str, list[Any]], tuple[str, ...]], ...] = (
    ("analyze", {"by": ["day"], "tz": ["Europe/Berlin"]}, ("analyze", "--by", "day", "--tz", "Europe/Berlin")),
    ("calls", {"limit": ["5"], "offset": ["4"]}, ("calls", "--limit", "5", "--offset", "4")),
    ("calls", {"offset": [500]}, ("calls", "--offset", "500")),
    ("call", {"call_id": [SLOW_CALL]}, ("call", SLOW_CALL, "--no-text")),
    ("cost", {}, ("cost",)),
    ("check", {"agent": ["clinic"]}, ("check", "--agent", "clinic")),
    ("compare", {"split_at": ["2026-11-04"]}, ("compare", "--split-at", "2026-11-04")),
    ("validate", {}, ("validate",)),
    ("sql", {"query": ["SELECT 1 AS one"]}, ("sql", "SELECT 1 AS one")),
)


@pytest.mark.parametrize(("name", "given", "command"), ASKED)
def test_the_text_is_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, given: dict[str, list[Any]], command: tuple[str, ...]
) -> None:
    """Letter for letter."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slo.toml").write_text(SLO)
    served_logs(tmp_path / "logs")
    logs = ServedLogs(paths=("logs",), cache=False)
    assert answer(logs, find_report(name), given).text == run(*command, "logs", "--json", "--no-cache").out


def test_every_parameter_is_an_option_of_its_command() -> None:
    """What a program can say, a person can."""
    for report in served_reports():
        command = "sql" if report.name == "sql-schema" else report.name
        shown = run(command, "--help").out
        for each in parameters_of(report):
            if each.name not in {"query", "call_id"}:
                assert f"--{each.name.replace('_', '-')}" in shown, (report.name, each.name)


def test_schemas_of_parameters_are_schemas() -> None:
    """With no other member than the parameters."""
    for report in served_reports():
        schema = schema_of(parameters_of(report))
        Draft202012Validator.check_schema(schema)
        assert not Draft202012Validator(schema).is_valid({"output": "/etc/passwd"})


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [(int, 5, 5), (int, "5", 5), (int, 5.0, 5), (float, "2.5", 2.5), (float, 2, 2.0), (str, "5", "5")],
)
def test_a_value_is_read_as_its_type(kind: type, given: object, value: object) -> None:
    """JSON values and texts alike."""
    found = Parameter(name="n", help="", type=kind).value([given])
    assert (found, type(found)) == (value, kind)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (int, 5.5),
        (int, "5.5"),
        (int, True),
        (int, None),
        (int, "9" * 5000),
        (int, float("inf")),
        (float, "nan"),
        (float, {}),
        (str, 5),
        (str, ["x"]),
        (str, "\ud800"),
    ],
)
def test_a_value_of_another_type_is_refused(kind: type, given: object) -> None:
    """In a sentence."""
    with pytest.raises(UsageError, match=r"^n: "):
        Parameter(name="n", help="", type=kind, minimum=0).value([given])


def test_a_single_value_is_given_once() -> None:
    """Twice has no meaning, and neither has never."""
    parameter = Parameter(name="n", help="")
    for given in ([], ["a", "b"]):
        with pytest.raises(UsageError, match="give"):
            parameter.value(given)
