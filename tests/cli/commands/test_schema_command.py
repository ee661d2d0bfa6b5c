"""``voicetel schema``: every answer is described, and is as it is described."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from typer.main import get_command

from support.command import REPORT_COMMANDS
from voicetel.cli.app import app
from voicetel.errors import ExitCode
from voicetel.registry.reports import SCHEMA_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.command import Ran

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "sample_logs"
SIMULATED = SAMPLES / ".simulated"
INVOICE = Path(__file__).parents[1] / "invoice.csv"
INVOICE_COLUMNS = "day=day,model=model,quantity=used,unit=unit,amount=amount,currency=currency"

RUNS: list[tuple[str, tuple[object, ...]]] = [
    ("analyze", ("analyze", SIMULATED, "--by", "day,language", "--sentiment")),
    ("calls", ("calls", SIMULATED)),
    ("calls", ("calls", SIMULATED, "--by", "day,outcome")),
    ("call", ("call", "c-b2")),
    ("call", ("call", "\x1b")),
    ("call", ("call", "lk-clinic-moved", SAMPLES)),
    ("call", ("call", "c-55b9e08460ad", SIMULATED, "--redact")),
    ("call", ("call", "c-4eb468509d71", SIMULATED, "--pricing", "list")),
    ("report", ("report", SIMULATED, "--by", "campaign")),
    ("cost", ("cost", SIMULATED, "--by", "day,component,model")),
    ("cost-compare", ("cost", SIMULATED, "--compare", "list")),
    (
        "cost-compare",
        ("cost", SIMULATED, "--pricing", "list", "--compare", ROOT / "pricing.toml", "--by", "agent_name"),
    ),
    ("cost-budget", ("cost", SIMULATED, "--budget", "500/month")),
    ("reconcile", ("reconcile", INVOICE, SAMPLES, "--provider", "groq", "--columns", INVOICE_COLUMNS)),
    ("interruptions", ("interruptions", SIMULATED, "--by", "agent_name")),
    ("campaigns", ("campaigns", SIMULATED, "--by", "hour_of_day")),
    ("tools", ("tools", SIMULATED, "--by", "agent_name")),
    ("models", ("models", SIMULATED)),
    ("dropoff", ("dropoff", SIMULATED)),
    ("speaking-rate", ("speaking-rate", SIMULATED, "--by", "state_id")),
    ("concurrency", ("concurrency", SIMULATED, "--by", "agent_name")),
    ("outcomes", ("outcomes", SIMULATED, "--by", "campaign")),
    ("outcomes-explain", ("outcomes", SIMULATED, "--explain", "c-3d16e4ea5d63")),
    ("outcomes-explain", ("outcomes", SAMPLES, "--explain", "parcel-3.2.0-16")),
    ("check", ("check", SIMULATED, "--slo", ROOT / "slo.toml")),
    ("compare", ("compare", SIMULATED, "--split", "language=en:ru")),
    ("validate", ("validate", SIMULATED)),
    ("sql", ("sql", "SELECT stage, sum(cost) AS cost, max(ts) AS ts FROM operations GROUP BY ALL", SIMULATED)),
    ("sql-schema", ("sql", "--schema")),
    ("pricing-show", ("pricing", "show", SIMULATED)),
    ("pricing-show", ("pricing", "show", SIMULATED, "--pricing", "list")),
    ("pricing-check", ("pricing", "check", SIMULATED)),
    ("pricing-check", ("pricing", "check", SIMULATED, "--pricing", "list")),
    ("pricing-estimate", ("pricing", "estimate", SIMULATED)),
    ("pricing-estimate", ("pricing", "estimate", "--assume", "stt=deepgram/nova-3,llm=acme/new")),
]
RUNS += [(name, (name, SIMULATED)) for name in REPORT_COMMANDS if name not in dict(RUNS)]


def schema_of(voicetel: Callable[..., Ran], name: str) -> Draft202012Validator:
    """What checks an answer against the published schema called ``name``."""
    return Draft202012Validator(voicetel("schema", name).json)


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_schemas_are_schemas(voicetel: Callable[..., Ran], name: str) -> None:
    """Each that is listed is printed, is a valid schema, and says what it is of."""
    schema = voicetel("schema", name).json
    Draft202012Validator.check_schema(schema)
    assert schema["title"].startswith("voicetel ")


def test_every_answer_has_a_schema() -> None:
    """Whatever has --json is described, by the words of its command."""
    answering = {"-".join(words) for words, command in _commands(get_command(app)) if _has_json(command)}
    assert answering <= set(SCHEMA_NAMES)


def test_every_schema_is_held_to_an_answer() -> None:
    """No schema is published that nothing is checked against."""
    elsewhere = {"events", "export", "simulate", "config", "import", "import-list", "watch"}
    assert {name for name, _ in RUNS} | elsewhere == set(SCHEMA_NAMES)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the source distribution can come without sample_logs")
@pytest.mark.parametrize(("name", "arguments"), RUNS)
def test_answers_are_as_their_schema_says(
    voicetel: Callable[..., Ran], name: str, arguments: tuple[object, ...]
) -> None:
    """Every member described, none missing, and of its type."""
    ran = voicetel(*arguments, "--no-cache", "--json")
    assert ran.code in {ExitCode.OK, ExitCode.LIMIT_BROKEN, ExitCode.NO_DATA}
    schema_of(voicetel, name).validate(ran.json)


@pytest.mark.parametrize("faults", [(), ("--faults", "all")])
def test_simulate_says_what_its_schema_says(
    voicetel: Callable[..., Ran], tmp_path: Path, faults: tuple[str, ...]
) -> None:
    """With faults and without."""
    ran = voicetel("simulate", "--calls", 10, *faults, "-o", tmp_path / "logs", "--json")
    schema_of(voicetel, "simulate").validate(ran.json)


def test_export_says_what_its_schema_says(voicetel: Callable[..., Ran], tmp_path: Path) -> None:
    """One member for each place."""
    ran = voicetel("export", "--csv", tmp_path / "csv", "--parquet", tmp_path / "parquet", "--no-cache", "--json")
    assert set(ran.json) == {"schema_version", "csv", "parquet"}
    schema_of(voicetel, "export").validate(ran.json)


def test_config_says_what_its_schema_says(
    voicetel: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text, lists and switches, out of a file, the environment and nowhere."""
    (tmp_path / "voicetel.toml").write_text('paths = ["a", "b"]\ncache = false\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    ran = voicetel("config", "--json")
    schema_of(voicetel, "config").validate(ran.json)
    assert {type(each["value"]) for each in ran.json["settings"].values()} == {str, list, bool}


def test_a_wrong_answer_is_found(voicetel: Callable[..., Ran]) -> None:
    """A member too many, one too few, and money as a number: the schema of a call says something."""
    schema = schema_of(voicetel, "call")
    right = voicetel("call", "c-b2", "--no-cache", "--json").json
    assert schema.is_valid(right)
    for change in ({"surprise": 1}, {"call": {**right["call"], "cost_total": 0.1}}):
        assert not schema.is_valid({**right, **change})
    assert not schema.is_valid({name: value for name, value in right.items() if name != "turns"})
    assert not schema.is_valid(json.loads(json.dumps(right).replace('"altered"', '"changed"')))


def _commands(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*words, name))
        else:
            yield (*words, name), command


def _has_json(command: Any) -> bool:
    return any("--json" in each.opts for each in command.params)
