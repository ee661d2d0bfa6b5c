"""Sizes of folders, modules and functions, and that no modules import each other."""

from __future__ import annotations

import ast
import statistics
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]

FILES_IN_A_FOLDER = 15
LINES_OF_A_FUNCTION = 60
MEDIAN_LINES_OF_A_FUNCTION = 8
MEDIAN_LINES_OF_A_MODULE = 100

# What every command printed, a file for each: looked up by name, never read through.
FOLDERS_OF_OUTPUT = {"tests/cli/golden"}

MODULES = {path: ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "voicetel").rglob("*.py"))}


def functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Name and number of lines of each function, those inside others too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("top", ["voicetel", "tests", "bench", "examples", "packaging", "scripts"])
def test_no_folder_holds_more_than_one_sees_at_once(top: str) -> None:
    """Files of any kind; what Python writes beside them is none of ours."""
    folders = [ROOT / top, *(path for path in (ROOT / top).rglob("*") if path.is_dir() and path.name != "__pycache__")]
    sizes = {str(folder.relative_to(ROOT)): sum(path.is_file() for path in folder.iterdir()) for folder in folders}
    full = {name: size for name, size in sizes.items() if size > FILES_IN_A_FOLDER and name not in FOLDERS_OF_OUTPUT}
    assert full == {}, "sub-folders by meaning, please"


@pytest.mark.parametrize("top", ["voicetel", "tests", "bench", "examples", "scripts"])
def test_no_function_is_too_long(top: str) -> None:
    """Sixty lines, with its signature and its docstring."""
    trees = {path: MODULES.get(path) or ast.parse(path.read_text("utf-8")) for path in (ROOT / top).rglob("*.py")}
    found = [(name, str(path), lines) for path, tree in trees.items() for name, lines in functions(tree)]
    assert [each for each in found if each[2] > LINES_OF_A_FUNCTION] == []


def test_most_modules_and_functions_are_short() -> None:
    """Half of the package's modules have at most a hundred lines, half of its functions eight."""
    modules = [len(path.read_text("utf-8").splitlines()) for path in MODULES if path.name != "__init__.py"]
    assert statistics.median(modules) <= MEDIAN_LINES_OF_A_MODULE
    lines = [lines for tree in MODULES.values() for _, lines in functions(tree)]
    assert statistics.median(lines) <= MEDIAN_LINES_OF_A_FUNCTION


def imported(nodes: list[ast.stmt]) -> Iterator[str]:
    """What a module imports when it is imported itself: not for types alone, and not inside of functions."""
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{each.name}" for each in node.names)
            yield node.module
        elif isinstance(node, ast.If) and ast.unparse(node.test) != "TYPE_CHECKING":
            yield from imported([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            yield from imported([*node.body, *node.orelse, *node.finalbody])
        elif isinstance(node, ast.ClassDef | ast.With):
            yield from imported(node.body)


def test_no_modules_import_each_other() -> None:
    """Directly, or by way of others. A module that takes a module out of a package does not want the whole package."""
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in MODULES}
    graph: dict[str, set[str]] = {}
    for name, path in names.items():
        found = set(imported(MODULES[path].body)) & names.keys()
        graph[name] = {each for each in found if not any(other.startswith(f"{each}.") for other in found)} - {name}
    TopologicalSorter(graph).prepare()
