"""The notebook of the documentation shows what its cells give."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"


def result_of(source: str, names: dict[str, Any]) -> Any:
    """Run a cell as a notebook does: the value of a last expression is its result."""
    body = ast.parse(source).body
    last = body[-1]
    if not isinstance(last, ast.Expr):
        exec(source, names)
        return None
    exec(compile(ast.Module(body[:-1], []), str(NOTEBOOK), "exec"), names)
    return eval(compile(ast.Expression(last.value), str(NOTEBOOK), "eval"), names)


def test_every_cell_gives_the_output_that_is_printed_below_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in order in one namespace, away from any rate card but the packaged one, each cell prints what is stored."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VOICETEL_PRICING", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    names: dict[str, Any] = {}
    cells = [cell for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        result = result_of("".join(cell["source"]), names)
        stored = ["".join(output["data"]["text/plain"]) for output in cell["outputs"]]
        assert stored == ([] if result is None else [repr(result)])
    assert sum(bool(cell["outputs"]) for cell in cells) > 5
