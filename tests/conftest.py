"""What holds for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.soak import SOAK

# A busy machine is slow; that is no fault of the code. The same examples each time, so that a run fails because of
# what was changed; `make soak` draws new ones.
settings.register_profile("voicetel", deadline=None, derandomize=not SOAK, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("voicetel")

HERE = Path(__file__).parent

LONGEST = (
    "store/test_state_machine.py",
    "cluster/test_spark.py",
    "recorder/livekit/test_livekit_clock.py",
    "cluster/test_partitions.py",
    "store/test_files.py",
    "store/test_kept_store.py",
    "store/test_kill.py",
    "exporters/test_postgres_kills.py",
    "store/test_duplicates.py",
    "cli/test_first_hour.py",
    "cli/test_golden.py",
    "analyzers/selection/test_every_dimension.py",
    "analyzers/calls/test_long_calls.py",
    "analyzers/validation/test_listed_findings.py",
)
"""Files that take a minute and more. They come first: one at the end would leave all cores but one with nothing to do."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """``-n auto``: one worker more than there are cores. Many tests wait, for a process or a server or a time to come."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the others as they are collected."""
    first = {HERE / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: first.get(item.path, len(first)))
