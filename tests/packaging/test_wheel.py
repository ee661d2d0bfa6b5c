"""What a user's pip puts into site-packages."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree."""
    return Path(next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("dist")))))


def test_nothing_but_the_package_is_installed(wheel: Path) -> None:
    """No module of ours lands beside the package: nothing called cli or analyzers."""
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"voicetel"}


def test_all_that_the_code_reads_is_in_it(wheel: Path) -> None:
    """Every data file of the package, and the root's rate card as the default one."""
    names = set(zipfile.ZipFile(wheel).namelist())
    data = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "voicetel").rglob("*")
        if path.suffix in {".sql", ".toml", ".json", ".typed"}
    }
    assert data - names == set()
    assert zipfile.ZipFile(wheel).read("voicetel/pricing/default.toml") == (ROOT / "pricing.toml").read_bytes()


def test_the_recorder_of_the_wheel_needs_nothing_else(wheel: Path, tmp_path: Path) -> None:
    """It imports, and prices by the default card, in an interpreter that sees the standard library and the wheel alone."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import voicetel.recorder; from voicetel.pricing import load_card;"
        "from pathlib import Path; card = load_card(cwd=Path('/nonexistent'), env={}); print(card.source);"
        "assert not {'duckdb', 'polars', 'pyarrow', 'typer', 'rich'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
