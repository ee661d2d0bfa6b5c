"""Make the logs that benchmarks read: ``make_data.py SIZE DIR [FILE_SIZE]``, sizes as 1GB, 100MB or 100KB.

The same sizes give the same bytes on every machine.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from voicetel.simulator import DEFAULT_FILE_BYTES, simulate

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9}


def main(size: str, folder: str, file_size: str | None = None) -> None:
    """Write logs of ``size`` into ``folder``, in files of ``file_size`` at most."""
    began = time.monotonic()
    file_bytes = DEFAULT_FILE_BYTES if file_size is None else _bytes(file_size)
    made = simulate(Path(folder), size_bytes=_bytes(size), seed=1, file_bytes=file_bytes)
    print(
        f"{made.bytes:,} bytes, {made.lines:,} lines, {made.calls:,} calls in {made.files:,} files, "
        f"{time.monotonic() - began:.1f} s"
    )


def _bytes(size: str) -> int:
    number, unit = size[:-2], size[-2:].upper()
    return int(float(number) * _UNITS[unit])


if __name__ == "__main__":
    main(*sys.argv[1:])
