"""``voicetel``, and ``python -m voicetel``: Ctrl-C ends it quietly, from the first moment on."""

from __future__ import annotations

import os
import signal
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import NoReturn

INTERRUPTED = 130
"""ExitCode.INTERRUPTED, before anything of ours is loaded."""


class _WithoutPandas(MetaPathFinder, Loader):
    """Pandas is not there. Where it is installed, pyarrow loads it (0.4 s) to ask whether a value is one of its own."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname == "pandas" else None

    def create_module(self, spec: ModuleSpec) -> NoReturn:
        raise ImportError("the command does without pandas", name=spec.name)


def leave_pandas_out() -> None:
    """Begin so wherever a process is the command and nothing else."""
    sys.meta_path.insert(0, _WithoutPandas())
    # NumPy's linear algebra, of which only `compare` uses a little, would start a thread per core and let it spin: 0.1 s of CPU.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def let_pandas_in() -> None:
    """Take that back: Spark works with it."""
    sys.meta_path[:] = [each for each in sys.meta_path if type(each).__name__ != _WithoutPandas.__name__]


def main() -> None:
    """Load the command and run it. While it is being loaded there is nothing to clean up: an interrupt just ends it."""
    leave_pandas_out()
    try:
        before = signal.signal(signal.SIGINT, lambda number, frame: os._exit(INTERRUPTED))
        from voicetel.cli.app import main as run  # noqa: PLC0415  see above

        signal.signal(signal.SIGINT, before)
        run()
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
