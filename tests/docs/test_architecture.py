"""The map of the code: every path that it names is there, and the layers are those that imports are held to."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def contract() -> list[list[str]]:
    """The layers of the import contract, from the top."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (layers,) = (each for each in settings["tool"]["importlinter"]["contracts"] if each["type"] == "layers")
    return [re.findall(r"voicetel\.(\w+)", line) for line in layers["layers"]]


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_every_path_is_there(page: str) -> None:
    """Whatever stands in backticks and looks like a file of ours; names of the example are not."""
    text = (ROOT / page).read_text("utf-8")
    named = {path for path in re.findall(r"`(voicetel/[\w/.]+)`", text) if "/tool_hours" not in path}
    assert len(named) > 1
    missing = [path for path in sorted(named) if not (ROOT / path).exists()]
    assert missing == []


def test_the_layers_of_the_page_are_those_of_the_contract() -> None:
    """In the same order, those on one level together."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    block = text.split("<!-- layers -->")[1].split("<!-- /layers -->")[0]
    named = [[each.strip() for each in level.split("|")] for level in " ".join(block.split()).split("·")]
    assert named == contract()


def test_the_map_names_the_layers_of_the_contract() -> None:
    """A row for each level, in the same order."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    table = text.split("| layer | what it answers |\n|---|---|\n")[1].split("\n\n")[0]
    rows = [re.findall(r"`(\w+)/?`", row.split("|")[1]) for row in table.splitlines()]
    assert rows == contract()


def test_every_layer_of_the_contract_is_there() -> None:
    """And every folder of the package has a layer."""
    names = {name for level in contract() for name in level}
    folders = {path.name for path in (ROOT / "voicetel").iterdir() if (path / "__init__.py").is_file()}
    assert folders <= names
    for name in names:
        assert (ROOT / "voicetel" / name).is_dir() or (ROOT / "voicetel" / f"{name}.py").is_file()
