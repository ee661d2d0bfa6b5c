"""The simulator's data files, read once per process."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """Return the parsed TOML file ``name`` (``"models"``, ``"en/clinic"``) of the package's data folder."""
    text = resources.files("voicetel.simulator").joinpath("data", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
