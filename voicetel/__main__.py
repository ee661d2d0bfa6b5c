"""``voicetel``, and ``python -m voicetel``: Ctrl-C ends it quietly, from the first moment on."""

from __future__ import annotations

import os
import signal

INTERRUPTED = 130
"""ExitCode.INTERRUPTED, before anything of ours is loaded."""


def main() -> None:
    """Load the command and run it. While it is being loaded there is nothing to clean up: an interrupt just ends it."""
    try:
        before = signal.signal(signal.SIGINT, lambda number, frame: os._exit(INTERRUPTED))
        from voicetel.cli.app import main as run  # noqa: PLC0415  see above

        signal.signal(signal.SIGINT, before)
        run()
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
