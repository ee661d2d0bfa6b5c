"""How sure a transcriber was, out of the vendor's own answer, which Pipecat passes on as it came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Final, TypeAlias

_Path: TypeAlias = tuple[str | int, ...]

_WHERE_IT_STANDS: Final[tuple[_Path, ...]] = (
    ("confidence",),
    ("channel", "alternatives", 0, "confidence"),
    ("alternatives", 0, "confidence"),
    ("data", "utterance", "confidence"),
    ("utterance", "confidence"),
)
"""Gladia's utterance, Deepgram's and Google's alternatives, and what names it at the top."""

_WORDS: Final[tuple[_Path, ...]] = (
    ("words",),
    ("channel", "alternatives", 0, "words"),
    ("alternatives", 0, "words"),
    (),
)
"""Where words stand that say it one by one: AssemblyAI's; Soniox' tokens are the answer itself."""


def transcript_confidence(result: object) -> float | None:
    """How sure the vendor was of a final transcript, 0 to 1: what its answer says of the whole, else the mean of its words.

    ``result`` is the vendor's object or dict of whatever kind; one of another shape, and 0, which stands for not known,
    is None.
    """
    for path in _WHERE_IT_STANDS:
        if (known := _share(_follow(result, path))) is not None:
            return known
    for path in _WORDS:
        words = _follow(result, path)
        if isinstance(words, Sequence) and not isinstance(words, (str, bytes)):
            shares = [share for word in words if (share := _share(_follow(word, ("confidence",)))) is not None]
            if shares:
                return fmean(shares)
    return None


def _follow(value: object, path: _Path) -> object:
    """What lies at the end of a path of members and places; None where there is no such path."""
    for name in path:
        if isinstance(name, int):
            is_list = isinstance(value, Sequence) and not isinstance(value, (str, bytes))
            value = value[name] if is_list and len(value) > name else None  # type: ignore[index,arg-type]
        else:
            value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    return value


def _share(value: object) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value <= 1 else None  # type: ignore[arg-type,operator]
