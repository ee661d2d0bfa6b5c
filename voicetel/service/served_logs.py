"""What a service answers from: logs, and the files that say how they are priced, classified and limited."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from voicetel.config_file import PRICING_VARIABLE, SLO_FILE
from voicetel.errors import VoicetelError
from voicetel.gate.slo import load_slo
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.redaction import Redactor
from voicetel.service.changes import FilesState, files_state
from voicetel.store import open_store
from voicetel.store.ingest.discovery import check_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.gate.results import Limit
    from voicetel.outcomes import Rules
    from voicetel.pricing import RateCard
    from voicetel.store import Store


_AGAIN_S = 0.5
"""How soon a query is stopped that began between two others just as these were stopped."""


class TimeLimitError(VoicetelError):
    """An answer took longer than it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedLogs:
    """Where the logs are, and what is set for as long as the service runs. Every file is read anew for every answer.

    ``pricing`` and ``outcomes`` as the options of commands, ``limits`` the file of ``voicetel check``. ``with_text``: transcripts
    are given, always redacted, with ``redact_patterns`` beside the usual ones; otherwise none is. ``time_limit_s``: how long the
    queries of one answer may take, in s; None is any time.
    """

    paths: tuple[str, ...]
    pricing: str | None = None
    outcomes: str | None = None
    limits: str = SLO_FILE
    with_text: bool = False
    redact_patterns: tuple[str, ...] = ()
    cache: bool = True
    time_limit_s: float | None = None

    def card(self) -> RateCard:
        """What calls are priced by. Raises PricingError for one that means nothing."""
        return load_card(self.pricing)

    def rules(self) -> Rules:
        """How calls are classified. Raises UsageError for rules that mean nothing."""
        return load_rules(None if self.outcomes is None else Path(self.outcomes))

    def slo(self) -> tuple[Limit, ...]:
        """The limits of ``check``. Raises UsageError for a file that is not there or means nothing."""
        return load_slo(Path(self.limits))

    def state(self) -> FilesState:
        """What the file system says of everything that an answer is made from. Raises NoDataError for a path that is gone."""
        card = self.pricing or os.environ.get(PRICING_VARIABLE) or "pricing.toml"
        return files_state(self.paths, (card, self.outcomes, self.limits))

    def check(self) -> None:
        """Raise for what would fail every answer: a path that is not there, a card or rules that mean nothing."""
        for path in self.paths:
            check_path(path)
        self.card()
        self.rules()
        self.redactor()

    def limits_there_are(self) -> tuple[Limit, ...]:
        """The same, and none where there is no such file."""
        return self.slo() if Path(self.limits).is_file() else ()

    def redactor(self) -> Redactor:
        """What every transcript goes through."""
        return Redactor(self.redact_patterns)

    @contextlib.contextmanager
    def open(self) -> Iterator[Store]:
        """The logs, with what is new in them. Raises NoDataError for a path that is gone.

        Raises TimeLimitError where a query runs after ``time_limit_s``, counted from when the logs were read.
        """
        with open_store(self.paths, self.rules(), cache=self.cache) as store, self._limited(store):
            yield store

    @contextlib.contextmanager
    def _limited(self, store: Store) -> Iterator[None]:
        limit_s = self.time_limit_s
        if limit_s is None:
            yield
            return
        is_done, is_late = threading.Event(), threading.Event()

        def watch() -> None:
            wait_s = limit_s
            while not is_done.wait(wait_s):
                is_late.set()
                store.interrupt()
                wait_s = _AGAIN_S

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        except duckdb.InterruptException:
            if is_late.is_set():
                raise TimeLimitError(f"the answer took longer than {limit_s:g} s", hint="ask for fewer calls") from None
            raise
        finally:
            is_done.set()
            watcher.join()
