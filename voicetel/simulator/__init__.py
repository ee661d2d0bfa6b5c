"""Call logs of made-up calls: for benchmarks, for the documentation, and to try the command on.

Standard library only. The same seed gives the same bytes. Nothing in the logs is about anybody.
"""

from __future__ import annotations

from voicetel.simulator.faults import FAULTS
from voicetel.simulator.plan import DEFAULT_FILE_BYTES, DEFAULT_START
from voicetel.simulator.planted.kinds import PLANTED_FILE, PLANTS, Planted
from voicetel.simulator.run import SimulationSummary, simulate

__all__ = [
    "DEFAULT_FILE_BYTES",
    "DEFAULT_START",
    "FAULTS",
    "PLANTED_FILE",
    "PLANTS",
    "Planted",
    "SimulationSummary",
    "simulate",
]
