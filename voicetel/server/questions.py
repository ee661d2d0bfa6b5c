"""Asks the logs, one question at a time, and caches each answer for as long as no file changes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import anyio
from anyio.to_thread import run_sync

from voicetel.errors import VoicetelError
from voicetel.service.answers import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from voicetel.registry import Report
    from voicetel.service.changes import FilesState
    from voicetel.service.served_logs import ServedLogs

MAX_CACHED_CHARACTERS = 32_000_000
"""Of all cached answers together."""

_MOVING_TIMES = ("today", "yesterday")
"""Times that mean something else tomorrow."""


class UnavailableError(VoicetelError):
    """What the server was started with means nothing any more: its logs are gone, or its rate card is broken."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The JSON of an answer, and how many rows there are where some of them were asked for."""

    text: str
    total: int | None = None


@dataclass(slots=True)
class _Entry:
    state: FilesState
    reply: Reply
    characters: int


class Questions:
    """Whatever is asked of ``served`` goes through here."""

    def __init__(self, served: ServedLogs) -> None:
        self.served = served
        self._turn = anyio.CapacityLimiter(1)
        self._cache: OrderedDict[Hashable, _Entry] = OrderedDict()

    async def ask(self, report: Report, given: Mapping[str, Sequence[str]]) -> Reply:
        """The answer of a report, never a transcript. Raises VoicetelError as the command does, and UnavailableError."""

        def reply() -> Reply:
            found = answer(replace(self.served, with_text=False), report, given)
            return Reply(found.text, found.total)

        return await self.make(key_of(report.name, given), reply)

    async def make(self, key: Hashable | None, work: Callable[[], Reply]) -> Reply:
        """What ``work`` gives, in a thread of its own and alone; cached under ``key`` unless that is None."""
        return await run_sync(self._made, key, work, limiter=self._turn)

    def _made(self, key: Hashable | None, work: Callable[[], Reply]) -> Reply:
        try:
            state = self.served.state()
            self.served.check()
        except VoicetelError as error:
            raise UnavailableError(str(error), hint=error.hint) from error
        entry = self._cache.get(key) if key is not None else None
        if entry is not None and state.is_unchanged_since(entry.state):
            self._cache.move_to_end(key)
            return entry.reply
        reply = work()
        if key is not None:
            self._put(key, _Entry(state, reply, len(reply.text)))
        return reply

    def _put(self, key: Hashable, entry: _Entry) -> None:
        self._cache[key] = entry
        self._cache.move_to_end(key)
        while sum(each.characters for each in self._cache.values()) > MAX_CACHED_CHARACTERS:
            self._cache.popitem(last=False)


def key_of(name: str, given: Mapping[str, Sequence[str]]) -> Hashable | None:
    """The cache key of an answer with these parameters; None where it would be another one a minute later."""
    return None if _depends_on_now(given) else (name, *sorted((each, *values) for each, values in given.items()))


def _depends_on_now(given: Mapping[str, Sequence[str]]) -> bool:
    times = (text for name in ("since", "until", "split_at") for text in given.get(name, ()))
    return "last" in given or any(text.strip().lower() in _MOVING_TIMES for text in times)
