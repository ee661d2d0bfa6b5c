"""Judge labelled calls by the rules alone and print how right the verdicts are.

    python scripts/eval_outcomes.py [SET.jsonl ...] [--misses] [--rules FILE]

Without sets it scores both halves, one after the other: the first, on which the rules were made, and the held-out one,
which was written from the definitions alone and on which nothing is tuned.
One call a line: ``{"id", "language", "label", "why", "call"}``, where ``call`` has the fields of ``call_ended``
beside ``direction``, ``marks`` and ``turns``, a list of ``{"user": …, "agent": …}``.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voicetel.outcomes import (
    CallOutcome,
    Classification,
    Evidence,
    Rules,
    TurnText,
    classify,
    evidence_from_turns,
    load_rules,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LABELLED = Path(__file__).parents[1] / "tests/outcomes/labelled"
HALVES = ("first", "held_out")
CONFIDENCE_BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


@dataclass(frozen=True)
class Judged:
    """A labelled call and what the rules make of it."""

    id: str
    language: str
    label: CallOutcome
    why: str
    classification: Classification


@dataclass(frozen=True)
class Score:
    """How well one outcome is told. None where there is nothing to divide by."""

    precision: float | None
    recall: float | None
    f1: float | None
    calls: int


def evidence_of(call: dict[str, Any], rules: Rules) -> Evidence:
    """The evidence of a call of the labelled set, gathered as the recorder gathers it."""
    fields = dict(call)
    turns = [TurnText(turn.get("user"), turn.get("agent")) for turn in fields.pop("turns")]
    return evidence_from_turns(turns, rules, **fields)


def judge(paths: Iterable[Path], rules: Rules) -> list[Judged]:
    """Every call of the sets, judged."""
    judged = []
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            classified = classify(evidence_of(case["call"], rules), rules)
            judged.append(Judged(case["id"], case["language"], CallOutcome(case["label"]), case["why"], classified))
    return judged


def scores(judged: Sequence[Judged]) -> dict[CallOutcome, Score]:
    """Precision, recall and F1 of each outcome that is in the labels."""
    found: dict[CallOutcome, Score] = {}
    for outcome in CallOutcome:
        labelled = [each for each in judged if each.label is outcome]
        classified = [each for each in judged if each.classification.outcome is outcome]
        right = sum(each.classification.outcome is outcome for each in labelled)
        if labelled:
            found[outcome] = Score(
                right / len(classified) if classified else None,
                right / len(labelled),
                2 * right / (len(labelled) + len(classified)),
                len(labelled),
            )
    return found


MACHINES = frozenset({CallOutcome.VOICEMAIL, CallOutcome.NO_ANSWER, CallOutcome.BUSY})
"""Outcomes of calls in which no person was reached."""


def person_or_machine(judged: Sequence[Judged]) -> tuple[int, int]:
    """How many calls with a person are taken for a machine's, and how many of a machine's for a success or a fail."""
    persons = sum(each.label not in MACHINES and each.classification.outcome in MACHINES for each in judged)
    reached = (CallOutcome.SUCCESS, CallOutcome.FAIL)
    machines = sum(each.label in MACHINES and each.classification.outcome in reached for each in judged)
    return persons, machines


def macro_f1(judged: Sequence[Judged]) -> float:
    """The mean F1 of the outcomes in the labels."""
    each = [score.f1 or 0.0 for score in scores(judged).values()]
    return sum(each) / len(each)


def main() -> None:
    """Print the scores of the sets named on the command line, else of each half."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sets", nargs="*", type=Path)
    parser.add_argument("--rules", type=Path, help="outcome rules of your own, laid over the packaged ones")
    parser.add_argument("--misses", action="store_true", help="list the calls that are judged wrong")
    arguments = parser.parse_args()
    rules = load_rules(arguments.rules)
    if arguments.sets:
        _print_all(judge(arguments.sets, rules), misses=arguments.misses)
        return
    for half in HALVES:
        print(f"\n{half} half\n")
        _print_all(judge(sorted(LABELLED.glob(f"{half}_*.jsonl")), rules), misses=arguments.misses)


def _print_all(judged: Sequence[Judged], *, misses: bool) -> None:
    _print_confusion(judged)
    for language in sorted({each.language for each in judged}):
        _print_scores(language, [each for each in judged if each.language == language])
    _print_scores("all", judged)
    right = sum(each.classification.outcome is each.label for each in judged)
    persons, machines = person_or_machine(judged)
    print(
        f"\nright: {right} of {len(judged)}; a person taken for a machine: {persons}, a machine for a person: {machines}"
    )
    _print_confidence(judged)
    if misses:
        _print_misses(judged)


def _print_confusion(judged: Sequence[Judged]) -> None:
    pairs = Counter((each.label, each.classification.outcome) for each in judged)
    print(f"{'label ↓  verdict →':<20}" + "".join(f"{outcome:>11}" for outcome in CallOutcome))
    for label in CallOutcome:
        print(f"{label:<20}" + "".join(f"{pairs[label, outcome] or '·':>11}" for outcome in CallOutcome))


def _print_scores(title: str, judged: Sequence[Judged]) -> None:
    print(f"\n{title}: {len(judged)} calls, macro F1 {macro_f1(judged):.3f}")
    print(f"{'outcome':<12}{'calls':>6}{'precision':>11}{'recall':>8}{'F1':>7}")
    for outcome, score in scores(judged).items():
        precision = "n/a" if score.precision is None else f"{score.precision:.2f}"
        print(f"{outcome:<12}{score.calls:>6}{precision:>11}{score.recall:>8.2f}{score.f1:>7.2f}")


def _print_confidence(judged: Sequence[Judged]) -> None:
    print(f"\n{'confidence':<14}{'calls':>6}{'mean':>7}{'right':>7}   (verdicts other than unknown)")
    for low, high in itertools.pairwise(CONFIDENCE_BINS):
        inside = [
            each
            for each in judged
            if low <= each.classification.confidence < high and each.classification.outcome is not CallOutcome.UNKNOWN
        ]
        if inside:
            mean = sum(each.classification.confidence for each in inside) / len(inside)
            right = sum(each.classification.outcome is each.label for each in inside) / len(inside)
            print(f"{low:.1f} to {min(high, 1.0):.1f}{len(inside):>11}{mean:>7.2f}{right:>7.2f}")
    sources: defaultdict[str, list[bool]] = defaultdict(list)
    for each in judged:
        sources[each.classification.source].append(each.classification.outcome is each.label)
    print("\n" + "  ".join(f"{source} {sum(right)}/{len(right)}" for source, right in sources.items()))


def _print_misses(judged: Sequence[Judged]) -> None:
    for each in judged:
        if each.classification.outcome is not each.label:
            print(
                f"\n{each.id} is {each.label}, judged {each.classification.outcome} ({each.classification.confidence:.2f})"
                f"\n  why: {each.why}\n  {each.classification.source}: {each.classification.reason}"
            )


if __name__ == "__main__":
    main()
