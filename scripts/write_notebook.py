"""Writes docs/notebook.ipynb: the cells below, executed, with their outputs. Run it when figures change on purpose."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

TARGET = Path(__file__).parents[1] / "docs" / "notebook.ipynb"

CELLS = (
    """# voicetel in a notebook

`voicetel.load` reads logs and gives the figures of the command as Polars frames. This page runs on made-up calls;
put the folder of your own logs in their place.""",
    """import tempfile
from pathlib import Path

import polars as pl

import voicetel
from voicetel.simulator import simulate

folder = Path(tempfile.mkdtemp())
summary = simulate(folder, calls=300, seed=20)
summary.calls, summary.events["turn"]""",
    """## Which stage is slow?

Each latency over all turns, in ms. `eou_latency_ms` is what callers feel: they stop speaking, the agent's voice starts.""",
    """logs = voicetel.load(folder, cache=False)
logs.latency().select("latency", "n", "p50", "p95", "p99")""",
    """## Which model?

By provider and model, a stage's latency counts for the operation that took the time.""",
    """models = logs.latency(by=["provider", "model"])
models.filter(pl.col("latency") == "llm_ttft_ms").select("provider", "model", "n", "p50", "p95").sort("p95")""",
    """## What does it cost?

Amounts are exact decimals, by the rate card that the command would use, or by another one: a path, `"list"`, or a card
made here.""",
    """logs.cost(by="component").select("component", "amount", "operations", "unpriced_operations")""",
    """from voicetel.pricing import parse_card

other = parse_card(
    \"\"\"
    currency = "USD"
    [stt.deepgram]
    usd_per_minute = 0.0048
    [tts.cartesia]
    usd_per_1k_characters = 0.03
    \"\"\",
    source="what if",
)
logs.cost(other, by=["component", "provider"]).select("component", "provider", "amount").drop_nulls()""",
    """## Which agent lets callers wait?

One row per call, with every figure of `voicetel calls`.""",
    """(
    logs.calls()
    .group_by("agent_name")
    .agg(
        calls=pl.len(),
        slowest_ms=pl.col("eou_latency_ms_max").max(),
        median_ms=pl.col("eou_latency_ms_p50").median(),
        interruptions=pl.col("interruption_count").sum(),
    )
    .sort("median_ms", descending=True)
)""",
    """## The slowest turns

Turns and operations are frames of their own; `call_id` and `turn` join them. `voicetel call` shows one call in full.""",
    """slowest = logs.turns().sort("eou_latency_ms", descending=True, nulls_last=True).head(3)
slowest.select("call_id", "turn", "eou_latency_ms", "llm_latency_ms", "unattributed_ms")""",
    """(
    slowest.select("call_id", "turn")
    .join(logs.operations(), on=["call_id", "turn"])
    .select("call_id", "turn", "stage", "model", "start_ms", "ttfb_ms", "duration_ms")
    .sort("call_id", "turn", "start_ms")
)""",
    "logs.close()",
)


def main() -> None:
    """Make the cells, run them in a kernel of this Python, write the result."""
    make = nbformat.v4
    notebook = make.new_notebook(
        cells=[
            make.new_markdown_cell(text, id=f"cell-{n}")
            if text.startswith("#")
            else make.new_code_cell(text, id=f"cell-{n}")
            for n, text in enumerate(CELLS)
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    for cell in notebook.cells:
        cell.metadata.clear()
        for output in cell.get("outputs", []):
            # The text alone: it is what the tests compare, and it reads the same everywhere.
            output.data = {"text/plain": output.data["text/plain"]}
    notebook.metadata.pop("language_info", None)
    TARGET.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
