"""GitHub Actions: annotations as workflow commands, and the job summary, both within GitHub's limits.

Of one step GitHub shows 10 errors and 10 warnings, and drops further ones without a word; it refuses a summary above
1 MiB. See "Workflow commands" in GitHub's documentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from voicetel.gate.results import LimitStatus
from voicetel.reporters.layouts.gate.check import finding, limit_text
from voicetel.reporters.layouts.gate.comparison import change_finding
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicetel.gate.results import CheckResult, Comparison

MAX_ANNOTATIONS = 10
"""Of each level, per step."""

MAX_SUMMARY_BYTES = 1024 * 1024
_CUT = "\n\n_Cut: the summary of a step is limited to 1 MiB._\n"


@dataclass(frozen=True, slots=True)
class Annotation:
    """A message that GitHub shows beside a line of a file."""

    level: Literal["error", "warning"]
    title: str
    message: str
    file: str | None = None
    line: int | None = None

    def command(self) -> str:
        """The workflow command: one line, with what would end it or its properties escaped."""
        named = {"file": self.file, "line": self.line, "title": self.title}
        properties = ",".join(f"{key}={_property(str(value))}" for key, value in named.items() if value is not None)
        return f"::{self.level} {properties}::{_data(visible(self.message))}"


def check_annotations(result: CheckResult) -> Iterator[Annotation]:
    """What breaks the job as errors, what should be seen as warnings, at the line of the limit; before it, rates far off the list."""
    yield from _on_rates(result.rate_notes)
    for judged in result.limits:
        if judged.is_failure or judged.is_missing or judged.is_warning:
            level: Literal["error", "warning"] = "warning" if judged.is_warning else "error"
            location = judged.limit.location
            title = judged.limit.name or limit_text(judged, result.currency)
            yield Annotation(level, visible(title), finding(judged, result.currency), location.file, location.line)


def compare_annotations(result: Comparison) -> Iterator[Annotation]:
    """Each ``--fail-on`` that was broken or could not be judged; before them, rates far off the list."""
    yield from _on_rates(result.rate_notes)
    for each in result.changes:
        if each.status is not LimitStatus.PASSED:
            yield Annotation("error", each.fail_on.text, change_finding(each))


def _on_rates(notes: Iterable[str]) -> Iterator[Annotation]:
    return (Annotation("warning", "rate far off the list price", note) for note in notes)


def commands(annotations: Iterable[Annotation]) -> Iterator[str]:
    """Workflow commands, at most 10 of a level; the tenth then says how many are not shown."""
    by_level: dict[str, list[Annotation]] = {"error": [], "warning": []}
    for annotation in annotations:
        by_level[annotation.level].append(annotation)
    for several in by_level.values():
        shown = several if len(several) <= MAX_ANNOTATIONS else several[: MAX_ANNOTATIONS - 1]
        yield from (annotation.command() for annotation in shown)
        if len(several) > len(shown):
            rest = len(several) - len(shown)
            yield Annotation(several[0].level, "voicetel", f"{rest} more, see the summary of the job").command()


def summary(markdown: str, already_bytes: int = 0) -> str:
    """What to add to the job's summary, of which ``already_bytes`` are taken; cut at a line end where it is too long."""
    room = MAX_SUMMARY_BYTES - already_bytes
    encoded = markdown.encode()
    if len(encoded) <= room:
        return markdown
    kept = encoded[: max(0, room - len(_CUT.encode()))]
    whole = kept[: kept.rfind(b"\n") + 1].decode()
    return whole + _CUT if room >= len(_CUT.encode()) else ""


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
