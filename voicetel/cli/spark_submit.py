"""What ``spark-submit`` runs, in a session of its own: the command, with ``--engine spark``.

    spark-submit --archives env.tar.gz#env .../voicetel/cli/spark_submit.py analyze s3a://bucket/logs/ --json

Spark's own options say where the cluster is and how large its executors are.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """Run the command of the arguments, which may leave ``--engine spark`` out."""
    folder = str(Path(__file__).resolve().parent)
    # A script's own folder comes first; its modules are known by longer names.
    sys.path[:] = [each for each in sys.path if each != folder]
    if len(sys.argv) > 1 and "--engine" not in sys.argv:
        sys.argv[2:2] = ["--engine", "spark"]
    from voicetel.__main__ import main as run  # noqa: PLC0415  see above

    run()


if __name__ == "__main__":
    main()
