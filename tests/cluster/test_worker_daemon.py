"""Workers load Spark's Python from where it is compiled, if it is the same."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from voicetel.cluster.worker_daemon import without_archives

if TYPE_CHECKING:
    from pathlib import Path

VERSION = b'__version__ = "4.3.0"\n'


@pytest.fixture
def path(tmp_path: Path) -> list[str]:
    """As an executor gives it: archives of Spark and one of somebody else, then folders, the last with the same Spark."""
    archives = [tmp_path / name for name in ("pyspark.zip", "py4j-0.10.9.9-src.zip", "spark-core_2.13-4.3.0.jar")]
    for archive in (*archives, tmp_path / "of-others.zip"):
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("pyspark/version.py", VERSION)
    for name in ("pyspark", "py4j"):
        (tmp_path / "installed" / name).mkdir(parents=True)
        (tmp_path / "installed" / name / "version.py").write_bytes(VERSION)
    return [*map(str, archives), str(tmp_path / "of-others.zip"), "", str(tmp_path / "installed")]


def test_the_same_spark_is_installed(path: list[str]) -> None:
    """Its archives are left out, and nothing else."""
    assert without_archives(path) == path[3:]


def test_another_spark_is_installed(path: list[str], tmp_path: Path) -> None:
    """That of the executor is taken, as always."""
    (tmp_path / "installed" / "pyspark" / "version.py").write_bytes(b'__version__ = "4.3.1"\n')
    assert without_archives(path) == path


@pytest.mark.parametrize("missing", ["pyspark", "py4j"])
def test_not_all_of_spark_is_installed(path: list[str], tmp_path: Path, missing: str) -> None:
    """As where a cluster's own Python is used, which has voicetel alone."""
    (tmp_path / "installed" / missing / "version.py").unlink()
    assert without_archives(path) == path


def test_no_archive(path: list[str], tmp_path: Path) -> None:
    """Nothing that could be left out, or nothing that could be read."""
    assert without_archives(path[3:]) == path[3:]
    (tmp_path / "pyspark.zip").write_bytes(b"no archive")
    assert without_archives(path) == path
