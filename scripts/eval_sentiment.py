"""Score the labelled sentences and print how often the sign is right.

    python scripts/eval_sentiment.py tests/sentiment/labelled/*.tsv [--misses]

One sentence a line: 1, 0 or −1, a tab, the sentence. A score nearer to 0 than ``NEUTRAL_WITHIN`` has the sign 0.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.sentiment import NEUTRAL_WITHIN, load_scorer

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Scored:
    """A labelled sentence and its score."""

    text: str
    label: int
    score: float | None

    @property
    def right(self) -> bool:
        """Whether the score has the label's sign."""
        return self.score is not None and _sign(self.score) == self.label


def score(path: Path) -> list[Scored]:
    """Every sentence of a set, scored in no stated language."""
    rows = [line.split("\t", 1) for line in path.read_text(encoding="utf-8").splitlines()]
    scores = load_scorer().scores([text for _, text in rows])
    return [Scored(text, int(label), found) for (label, text), found in zip(rows, scores, strict=True)]


def accuracy(scored: Sequence[Scored]) -> float:
    """The share of sentences whose sign is right."""
    return sum(each.right for each in scored) / len(scored)


def _sign(score: float) -> int:
    return (score >= NEUTRAL_WITHIN) - (score <= -NEUTRAL_WITHIN)


def main() -> None:
    """Print the accuracy of the sets named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--misses", action="store_true", help="list the sentences whose sign is wrong")
    arguments = parser.parse_args()
    print(f"{'set':<14}{'sentences':>10}{'sign right':>12}{'good':>8}{'neutral':>9}{'bad':>7}")
    for path in arguments.sets:
        scored = score(path)
        parts = [[each for each in scored if each.label == label] for label in (1, 0, -1)]
        shares = [f"{accuracy(part):.2f}" for part in parts]
        print(f"{path.stem:<14}{len(scored):>10}{accuracy(scored):>12.2f}{shares[0]:>8}{shares[1]:>9}{shares[2]:>7}")
        if arguments.misses:
            for each in scored:
                if not each.right:
                    print(f"  {each.label:>2} {each.score}: {each.text}")


if __name__ == "__main__":
    main()
