"""Pandas stays out of a process that does without it, and is there again afterwards."""

from __future__ import annotations

import importlib.util
import sys

import pyarrow as pa
import pytest

from voicetel.without_pandas import without_pandas


def test_pandas_cannot_be_loaded_while_it_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does pyarrow load it to ask whether a value is one of its own; what was there before is there again."""
    for name in [each for each in sys.modules if each.partition(".")[0] == "pandas"]:
        monkeypatch.delitem(sys.modules, name)
    with without_pandas():
        with pytest.raises(ImportError, match="does without pandas"):
            importlib.import_module("pandas")
        assert pa.array([1, 2]).take(pa.array([1])).to_pylist() == [2]
        assert "pandas" not in sys.modules
    spec = importlib.util.find_spec("pandas")
    assert spec is not None
    assert spec.origin


def test_several_may_leave_it_out_in_any_order() -> None:
    """One that ends first leaves the other's in place."""
    before = list(sys.meta_path)
    first, second = without_pandas(), without_pandas()
    for each in (first, second):
        each.__enter__()
    first.__exit__(None, None, None)
    assert len(sys.meta_path) == len(before) + 1
    second.__exit__(None, None, None)
    assert sys.meta_path == before
