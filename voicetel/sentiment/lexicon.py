"""The lexicons that come with the package, and the packages that read them."""

from __future__ import annotations

import importlib
import math
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from voicetel.errors import VoicetelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SPREAD: Final = 15.0
"""VADER's: about the largest square of a sum of valences that ordinary sentences reach."""


class MissingPackageError(VoicetelError):
    """A package that sentiment needs is not installed."""


def package(name: str) -> Any:
    """Import a package of the extra. Raises MissingPackageError where it is missing."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            f"sentiment needs the package {name.partition('.')[0]}", hint="pip install 'voicetel[sentiment]'"
        ) from error


def read_lexicon(name: str) -> dict[str, Any]:
    """One of the .toml files beside this module."""
    return tomllib.loads(lexicon_text(name))


def lexicon_text(name: str) -> str:
    """The same as it stands."""
    return files("voicetel.sentiment").joinpath(name).read_text(encoding="utf-8")


def valences(table: Mapping[str, str], separator: str | None = None) -> Iterator[tuple[str, float]]:
    """(word or phrase, valence) of a table from valence to words, which stand apart by ``separator``."""
    for valence, text in table.items():
        for line in text.splitlines():
            for entry in line.split(separator):
                if entry.strip():
                    yield entry.strip(), float(valence)


def score_of_sum(total: float) -> float:
    """A sum of valences as −1 to 1, by VADER's formula: x ÷ √(x² + 15)."""
    return round(total / math.sqrt(total * total + _SPREAD), 4)
