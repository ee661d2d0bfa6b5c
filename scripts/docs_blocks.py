"""What the pages in docs/ and the README do not say by hand: written into them by ``make docs``, held to by CI."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from voicetel.analyzers.core.dimensions import DIMENSIONS, TAG_DOC, TAG_PREFIX, Level
from voicetel.events.fields import ENVELOPE, EVENT_DOCS, EVENTS, OPERATION, QUANTITIES, Field
from voicetel.events.metrics import ALL_LATENCIES
from voicetel.exporters.reference import columns_reference
from voicetel.gate.metrics import METRICS
from voicetel.importers import SOURCES
from voicetel.registry import REPORTS, find_report
from voicetel.results import reference, row_columns
from voicetel.server.api import reports as api_reports
from voicetel.service.parameters import FILTERS, parameters_of, served_reports

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicetel.registry import Report

ROOT = Path(__file__).resolve().parents[1]


class Page(Protocol):
    """Where cog puts what is written."""

    def outl(self, text: str = "") -> None:
        """Write a line."""


def latencies(page: Page) -> None:
    """The table of latencies."""
    page.outl("| figure, ms | from → to |")
    page.outl("|---|---|")
    for each in ALL_LATENCIES:
        page.outl(f"| `{each.name}` | {each.doc} |")


def envelope(page: Page) -> None:
    """Fields of every line."""
    _fields(page, ENVELOPE)


def event(page: Page, name: str) -> None:
    """What one event is, and its fields."""
    page.outl(EVENT_DOCS[name])
    page.outl()
    _fields(page, (field for field in EVENTS[name] if field.name != "operations"))
    if any(field.name == "operations" for field in EVENTS[name]):
        page.outl("| `operations` | list | | The calls to providers; see [operations](#operations). |")


def operations(page: Page) -> None:
    """Fields of an operation that are not quantities."""
    _fields(page, (field for field in OPERATION if field not in QUANTITIES))


def quantities(page: Page) -> None:
    """What an operation can have used."""
    _fields(page, QUANTITIES)


def limits(page: Page) -> None:
    """Which values of a latency are impossible."""
    page.outl("| figure | impossible |")
    page.outl("|---|---|")
    for each in ALL_LATENCIES:
        page.outl(f"| `{each.name}` | below 0, above {each.limit_ms:,} ms |")


def dimensions(page: Page) -> None:
    """What figures can be grouped by."""
    page.outl("| dimension | of | what it is |")
    page.outl("|---|---|---|")
    for each in DIMENSIONS.values():
        page.outl(f"| `{each.name}` | {each.level.plural} | {each.doc} |")
    page.outl(f"| `{TAG_PREFIX}NAME` | {Level.CALL.plural} | {TAG_DOC} |")


def grouped_reports(page: Page) -> None:
    """Which reports can be grouped by what."""
    page.outl("| dimensions of | `--by` of |")
    page.outl("|---|---|")
    for finest in Level:
        words = [f"`{each.words}`" for each in REPORTS if "by" in each.takes and each.finest is finest]
        levels = [level.plural for level in Level if level <= finest]
        page.outl(f"| {', '.join(levels)} | {', '.join(words)} |")


def gate_metrics(page: Page) -> None:
    """What can be limited and compared."""
    page.outl("| metric | statistics | unit | better | what it is |")
    page.outl("|---|---|---|---|---|")
    units = {"share": "0 to 1, or %", "score": "−1 to 1", "money": "currency of the rate card", "count": ""}
    for metric in METRICS.values():
        statistics = ", ".join(f"**{each}**" if each in metric.compared else each for each in metric.statistics)
        unit = units.get(metric.unit, metric.unit)
        of_part = f", `{metric.name}.NAME`" if metric.has_parts else ""
        page.outl(f"| `{metric.name}`{of_part} | {statistics} | {unit} | {metric.better or ''} | {metric.doc} |")


def answer(page: Page, *words: str) -> None:
    """What the command says in the root of a clone, as it says it in a pipe."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("VOICETEL_")}
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [sys.executable, "-m", "voicetel", *words],
            cwd=ROOT,
            env=surroundings | {"XDG_CACHE_HOME": cache},
            capture_output=True,
            text=True,
            check=True,
        )
    page.outl("```text")
    page.outl(f"$ voicetel {' '.join(words)}")
    page.outl("\n".join(line.rstrip() for line in done.stdout.splitlines()))
    page.outl("```")


def commands(page: Page) -> None:
    """The help text of every command, as the command prints it."""
    for words in _commands():
        page.outl(f"## {' '.join(['voicetel', *words])}")
        page.outl()
        page.outl("```text")
        page.outl(_help(words))
        page.outl("```")
        page.outl()
        for report in REPORTS:
            if tuple(report.words.split(" --")[0].split()) == words:
                _figures(page, report)


def _figures(page: Page, report: Report) -> None:
    """What a report answers in JSON: every member, its unit, what it means."""
    page.outl(f"`voicetel {report.words} --json`: {report.question} `voicetel schema {report.name}` has the types.")
    page.outl()
    page.outl("| member | unit | meaning |")
    page.outl("|---|---|---|")
    if report.is_rows:
        members = [(column.name, column.figure.unit, column.figure.doc) for column in row_columns(report.kind)]
    else:
        members = [(each.path, each.unit, each.doc) for each in reference(report.kind)]
    for path, unit, doc in members:
        if path and not (path.startswith("groups[].") and not path.startswith("groups[].group")):
            page.outl(f"| `{path}` | {unit} | {doc.replace('|', '&#124;')} |")
    page.outl()


def _commands() -> Iterator[tuple[str, ...]]:
    from typer.main import get_command  # noqa: PLC0415  only this block needs the command

    from voicetel.cli.app import app  # noqa: PLC0415  see above

    yield ()
    for name, command in sorted(get_command(app).commands.items()):  # type: ignore[attr-defined]
        yield (name,)
        for inner in sorted(getattr(command, "commands", ())):
            yield name, inner


def _help(words: tuple[str, ...]) -> str:
    environment = os.environ | {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}
    done = subprocess.run(
        [Path(sys.executable).with_name("voicetel"), *words, "--help"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def _fields(page: Page, fields: Iterable[Field]) -> None:
    page.outl("| field | type | unit | meaning |")
    page.outl("|---|---|---|---|")
    for path, field in _flat(fields):
        page.outl(f"| `{path}` | {_kind(field)} | {field.unit} | {_meaning(field)} |")


def _flat(fields: Iterable[Field], prefix: str = "") -> Iterator[tuple[str, Field]]:
    for field in fields:
        yield prefix + field.name, field
        if field.kind == "object":
            yield from _flat(field.fields, f"{prefix}{field.name}.")


def _kind(field: Field) -> str:
    kinds = {"decimal": "string (a number)", "map": "object, string → string", "spans": "[[number, number], …]"}
    return kinds.get(field.kind, field.kind) + (", required" if field.required else "")


def _meaning(field: Field) -> str:
    words = ", ".join(f"`{word}`" for word in field.values)
    if words and field.open_values:
        return f"{field.doc} Known: {words}."
    return f"{field.doc} One of {words}." if words else field.doc


def importable(page: Page) -> None:
    """What can be imported, and out of what."""
    page.outl("| `--from` | system | what is read |")
    page.outl("|---|---|---|")
    for source in SOURCES:
        page.outl(f"| `{source.name}` | {source.title} | {source.exports} |")


_GIVES = {
    "response": "response time",
    "stages": "stages",
    "transcript": "transcript",
    "times": "times",
    "interruptions": "interruptions",
    "cost": "cost",
    "outcome": "outcome",
}
"""What can be had of a source → the heading of its row."""


def import_gives(page: Page) -> None:
    """What can be had of each source."""
    page.outl("| | " + " | ".join(_GIVES.values()) + " |")
    page.outl("|---" * (len(_GIVES) + 1) + "|")
    for source in SOURCES:
        cells = (getattr(source.gives, name) or "none" for name in _GIVES)
        page.outl(f"| {source.title} | " + " | ".join(cells) + " |")


def import_missing(page: Page) -> None:
    """What cannot be had of each source."""
    for source in SOURCES:
        page.outl(f"- **{source.title}**: {source.gives.missing}.")


def exported_columns(page: Page) -> None:
    """The columns of the tables in PostgreSQL."""
    page.outl(columns_reference())


def sql_relations(page: Page) -> None:
    """The relations of ``voicetel sql`` and their columns."""
    from voicetel.sql.relations import relations_reference  # noqa: PLC0415  only docs/sql.md needs it

    page.outl(relations_reference())


def service_parameters(page: Page) -> None:
    """Every report that a program can ask for, with what can be said beside its name."""
    page.outl("| tool | what it answers | parameters |")
    page.outl("|---|---|---|")
    for report in served_reports():
        filters = {each.name for each in FILTERS}
        own = [each.name for each in parameters_of(report) if each.name not in filters]
        shared = ["the filters"] if filters & {each.name for each in parameters_of(report)} else []
        said = ", ".join([*(f"`{name}`" for name in own), *shared]) or "none"
        page.outl(f"| `{report.name.replace('-', '_')}` | {report.question} | {said} |")


def api_addresses(page: Page) -> None:
    """Every address of the API that gives a report."""
    page.outl("| address | answers as; parameters |")
    page.outl("|---|---|")
    for name in api_reports():
        report = find_report(name)
        own = [f"`{each.name}`" for each in parameters_of(report) if each not in FILTERS and not each.is_required]
        shared = ["the filters"] if any(each in FILTERS for each in parameters_of(report)) else []
        address = "".join(f"/{{{each.name}}}" for each in parameters_of(report) if each.is_required)
        said = f"; {', '.join([*own, *shared])}" if own or shared else ""
        page.outl(f"| `/api/v1/{name}{address}` | `voicetel {name} --json`{said} |")
