"""Where a service writes to and who it takes its providers to be, out of what its maker gave it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias

from voicetel.errors import VoicetelError
from voicetel.events.scalars import plain_text
from voicetel.pricing import load_card
from voicetel.recorder.writer.warnings import warn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ProviderNames: TypeAlias = "Mapping[str, str | Sequence[str | None]]"
"""Stage → who is called for it: a provider, or a provider and a model."""

ProviderOverrides: TypeAlias = "Mapping[str, str | tuple[str | None, str | None] | None]"
"""Stage → who bills it, a provider, or a provider and a model: what the agent's author knows better than the framework."""


def destination(given: object) -> tuple[str, bool]:
    """Give the folder to write to, and whether it was given: what is no path is a database session, or its address."""
    if isinstance(given, (str, bytes)) or (isinstance(given, os.PathLike) and not hasattr(given, "commit")):
        folder = os.fsdecode(given)
        if folder and "://" not in folder:
            return folder, True
    return os.environ.get("VOICETEL_LOGS") or "logs", False


def provider_table(providers: ProviderNames | None) -> dict[str, tuple[str | None, str | None]]:
    """Give who is called for each stage, as a provider and a model."""
    return {stage: _provider_and_model(named) for stage, named in (providers or {}).items()}


def card_providers() -> dict[str, tuple[str | None, str | None]]:
    """Give the provider of each stage for which the rate card knows one alone."""
    try:
        card = load_card()
    except (VoicetelError, OSError) as error:
        warn("the rate card cannot be read, so providers stay unknown: %s", error)
        return {}
    found: dict[str, set[str]] = {}
    for stage, provider in card.tables:
        found.setdefault(stage, set()).add(provider)
    return {stage: (next(iter(names)), None) for stage, names in found.items() if len(names) == 1}


def _provider_and_model(named: str | Sequence[str | None]) -> tuple[str | None, str | None]:
    if isinstance(named, str):
        return plain_text(named), None
    provider, model = (*named, None, None)[:2]
    return provider, model
