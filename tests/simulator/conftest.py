"""One simulation that the tests of this folder look at from all sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.example_logs.simulated import Event, by_call, read_events
from voicetel.simulator import SimulationSummary, simulate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SimulationSummary]:
    """Logs of 1,500 calls and what the simulator said of them."""
    folder = tmp_path_factory.mktemp("simulated")
    return folder, simulate(folder, calls=1_500, seed=7, workers=1)


@pytest.fixture(scope="session")
def events(simulated: tuple[Path, SimulationSummary]) -> list[Event]:
    """Every event of those logs."""
    return read_events(simulated[0])


@pytest.fixture(scope="session")
def calls(events: list[Event]) -> list[list[Event]]:
    """The events of each call."""
    return by_call(events)
