"""Call-log analyzer for voice agents. Importing it loads no engine."""

from voicetel.__about__ import __version__

__all__ = ["__version__"]
