"""A process without pandas, be it installed or not: pyarrow would load it, in 0.4 s, to ask whether a value is one of its own."""

from __future__ import annotations

import contextlib
import sys
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, NoReturn, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.abc import Loader
    from types import ModuleType


class _WithoutPandas:
    """Pandas is not there. A finder and a loader without their base classes, which load a fiftieth of a second of modules."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(fullname, cast("Loader", self)) if fullname == "pandas" else None

    def create_module(self, spec: ModuleSpec) -> NoReturn:
        raise ImportError("voicetel does without pandas", name=spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is none."""


def leave_pandas_out() -> None:
    """From now on, unless it is loaded already."""
    sys.meta_path.insert(0, _WithoutPandas())


def let_pandas_in() -> None:
    """Take that back, however often it was said."""
    sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, _WithoutPandas)]


@contextlib.contextmanager
def without_pandas() -> Iterator[None]:
    """Leave it out for as long as this lasts. Several may last at the same time, in any order: each takes back its own."""
    own = _WithoutPandas()
    sys.meta_path.insert(0, own)
    try:
        yield
    finally:
        sys.meta_path[:] = [each for each in sys.meta_path if each is not own]
