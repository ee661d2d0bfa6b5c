"""A report made of the sums of many partitions of the calls is that of one machine, to the last byte. No Spark here."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from support.buckets import InProcess
from support.dealt_logs import asked, write_dealt
from support.parity import REPORTS, on_many, on_one_machine
from support.soak import SOAK

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("seed", range(40 if SOAK else 4))
def test_random_logs(seed: int, tmp_path: Path) -> None:
    """Calls dealt out over files, duplicates, twins, lines that do not count; random filters, groups and cards."""
    random = Random(seed)
    folder = write_dealt(tmp_path / "logs", random)
    for report in REPORTS if SOAK else ("analyze", "calls", *REPORTS[2 + seed :: 4]):
        question = asked(random, of_calls=report not in {"analyze", "cost"})
        one = on_one_machine(folder, report, question)
        assert on_many(InProcess(), folder, report, question, random.randint(1, 4)) == one, (report, question.selection)
