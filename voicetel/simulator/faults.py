"""Faults on demand: what goes wrong with logs in the field, planted where the seed says and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import BinaryIO

FAULTS: dict[str, str] = {}


class Spoiler:
    def __init__(self, faults: Iterable[str], rng: Random) -> None:
        self.active = False
        self.planted: Counter[str] = Counter()

    def loses_end(self) -> bool:
        return False

    def spoil(self, line: bytes) -> list[bytes]:
        return [line]

    def finish(self, file: BinaryIO) -> int:
        return 0
