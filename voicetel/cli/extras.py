"""Commands that need packages of an extra."""

from __future__ import annotations

from importlib.util import find_spec

from voicetel.errors import VoicetelError


def require(extra: str, *packages: str) -> None:
    """Raise VoicetelError, which says what to install, unless the packages of ``extra`` are there."""
    for package in packages:
        if find_spec(package) is None:
            raise VoicetelError(f"this needs the package {package}", hint=f"pip install 'voicetel[{extra}]'")
