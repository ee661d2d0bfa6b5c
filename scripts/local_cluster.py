"""A cluster of two workers on this machine, the sample logs through it, and the end of both: see ``make cluster``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from support.cluster.spark_cluster import standalone_cluster

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Run ``voicetel analyze`` over the sample logs, or over what is named, on a master and two workers of one core at 127.0.0.1."""
    paths = sys.argv[1:] or [str(ROOT / "sample_logs")]
    with tempfile.TemporaryDirectory() as folder, standalone_cluster(Path(folder), workers=2) as cluster:
        print(f"{cluster.master}, two workers: {', '.join(str(worker.pid) for worker in cluster.workers)}", flush=True)
        command = ["-m", "voicetel", "analyze", *paths, "--engine", "spark", "--master", cluster.master]
        done = subprocess.run([sys.executable, *command, "--conf", "spark.executor.memory=512m"], check=False)
    print("the cluster has ended", flush=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
