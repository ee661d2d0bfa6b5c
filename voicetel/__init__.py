"""Call-log analyzer for voice agents. Importing it loads no engine.

``voicetel.load("logs/")`` gives the figures as Polars frames; see ``voicetel.api``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.__about__ import __version__

if TYPE_CHECKING:
    from voicetel.api import Logs, load

__all__ = ["Logs", "__version__", "load"]


def __getattr__(name: str) -> Any:
    if name in {"Logs", "load"}:
        from voicetel import api  # noqa: PLC0415  an agent that imports the recorder needs no engine

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
