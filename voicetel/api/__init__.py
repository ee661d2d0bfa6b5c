"""The Python API: logs in, Polars frames out.

import voicetel

with voicetel.load("logs/") as logs:
    logs.latency(by="model")
    logs.cost(by=["agent_name", "component"])
"""

from voicetel.api.loading import load
from voicetel.api.logs import Logs

__all__ = ["Logs", "load"]
