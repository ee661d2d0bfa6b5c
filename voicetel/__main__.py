"""``voicetel``, and ``python -m voicetel``: Ctrl-C ends it quietly, from the first moment on."""

from __future__ import annotations

import os
import signal

from voicetel.without_pandas import leave_pandas_out

INTERRUPTED = 130
"""ExitCode.INTERRUPTED, before anything of ours is loaded."""


def main() -> None:
    """Load the command and run it. While it is being loaded there is nothing to clean up: an interrupt just ends it."""
    leave_pandas_out()
    # NumPy's linear algebra, of which only `compare` uses a little, would start a thread per core and let it spin: 0.1 s of CPU.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        before = signal.signal(signal.SIGINT, lambda number, frame: os._exit(INTERRUPTED))
        from voicetel.cli.app import main as run  # noqa: PLC0415  see above

        signal.signal(signal.SIGINT, before)
        run()
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
