"""What an executor starts its Python workers with: Spark's own daemon, loaded from where its modules are compiled already.

Executors put Spark's Python first on the path of their workers, in archives of source texts, which every daemon and every worker would
compile anew: half a second of each. The archives are also listed again before every task, since a task may bring modules with it. Where
the same Spark is installed, as it is in the environment that has voicetel[spark], that one is taken.
"""

from __future__ import annotations

import re
import runpy
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ARCHIVE = "pyspark.zip"
_OF_SPARK = re.compile(r"pyspark\.zip|py4j-[\w.]+-src\.zip|spark-core_[\w.-]+\.jar")
_VERSION = "pyspark/version.py"


def without_archives(path: Sequence[str]) -> list[str]:
    """``path`` without Spark's archives, if the Spark of ``pyspark.zip`` is installed in the very same version, and what it needs; else as it is."""
    others = [each for each in path if not _OF_SPARK.fullmatch(Path(each).name)]
    with suppress(OSError, KeyError, ValueError, zipfile.BadZipFile):
        (archive,) = (each for each in path if Path(each).name == _ARCHIVE)
        with zipfile.ZipFile(archive) as opened:
            version = opened.read(_VERSION)
        _first(others, "py4j/version.py")
        if _first(others, _VERSION).read_bytes() == version:
            return others
    return list(path)


def _first(folders: Sequence[str], name: str) -> Path:
    """The file ``name`` in the first folder that has it. Raises FileNotFoundError where none has."""
    for folder in folders:
        if (found := Path(folder, name)).is_file():
            return found
    raise FileNotFoundError(name)


if __name__ == "__main__":
    sys.path[:] = without_archives(sys.path)
    for entry in set(sys.path_importer_cache) - set(sys.path):
        del sys.path_importer_cache[entry]
    runpy.run_module("pyspark.daemon", run_name="__main__")
