"""What a service answers from: logs, and the files that say how they are priced, classified and limited."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.errors import NoDataError
from voicetel.gate.slo import load_slo
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.redaction import Redactor
from voicetel.store import open_store

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from voicetel.gate.results import Limit
    from voicetel.outcomes import Rules
    from voicetel.pricing import RateCard
    from voicetel.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the logs are, and what is set for as long as the service runs. Every file is read anew for every answer.

    ``pricing`` and ``outcomes`` as the options of commands, ``limits`` the file of ``voicetel check``. ``with_text``: transcripts
    are given, always redacted, with ``redact_patterns`` beside the usual ones; otherwise none is.
    """

    paths: tuple[str, ...]
    pricing: str | None = None
    outcomes: str | None = None
    limits: str = "slo.toml"
    with_text: bool = False
    redact_patterns: tuple[str, ...] = ()
    cache: bool = True

    def card(self) -> RateCard:
        """What calls are priced by. Raises PricingError for one that means nothing."""
        return load_card(self.pricing)

    def rules(self) -> Rules:
        """How calls are classified. Raises UsageError for rules that mean nothing."""
        return load_rules(None if self.outcomes is None else Path(self.outcomes))

    def slo(self) -> tuple[Limit, ...]:
        """The limits of ``check``. Raises UsageError for a file that is not there or means nothing."""
        return load_slo(Path(self.limits))

    def check(self) -> None:
        """Raise for what would fail every answer: a path that is not there, a card or rules that mean nothing."""
        for path in self.paths:
            if not Path(path).exists():
                raise NoDataError(f"{path}: no such file or directory")
        self.card()
        self.rules()
        self.redactor()

    def redactor(self) -> Redactor:
        """What every transcript goes through."""
        return Redactor(self.redact_patterns)

    def open(self) -> AbstractContextManager[Store]:
        """The logs, with what is new in them. Raises NoDataError for a path that is gone."""
        return open_store(self.paths, self.rules(), cache=self.cache)
