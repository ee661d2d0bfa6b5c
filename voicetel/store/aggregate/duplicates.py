"""The keys of lines that come more than once; ``duplicates.sql`` says which event of them counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicetel.store.segments.files import SegmentFile, read_columns

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from pathlib import Path

    import numpy.typing as npt

    from voicetel.store.segments.row_counts import DeadRows

_KEY_BITS = 22
"""By so many bits of a key most that are not wanted are told from those that are."""


def duplicate_keys(
    directory: Path, files: Iterable[SegmentFile], new_segments: Container[int], dead_before: DeadRows, dead: DeadRows
) -> npt.NDArray[np.uint64]:
    """The keys that come more than once in the events whose log streams are there, or may.

    Of keys that come twice in what was read before, one event is superseded already (``dead_before``). So the keys of these, and
    those that are new, are looked for in the others, by their first bits before all of each.
    """
    candidates = [np.zeros(0, np.uint64)]
    others: list[npt.NDArray[np.uint64]] = []
    for each in files:
        if each.relation != "events":
            continue
        table = read_columns(directory / each.name, "line_key")
        keys = table["line_key"].to_numpy()
        superseded = dead_before.superseded.get(("events", each.segment))
        if superseded is not None:
            candidates.append(keys[superseded])
        deleted = dead.deleted.get(("events", each.segment))
        left = keys if deleted is None else np.delete(keys, deleted)
        (candidates if each.segment in new_segments else others).append(left)
    keys = np.concatenate(candidates)
    may_match = np.zeros(1 << _KEY_BITS, np.bool_)
    may_match[keys >> np.uint64(64 - _KEY_BITS)] = True
    return _more_than_once(
        np.concatenate([keys, *(each[may_match[each >> np.uint64(64 - _KEY_BITS)]] for each in others)])
    )


def _more_than_once(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    ordered = np.sort(keys)
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
