"""``/api/v1/live``: what ``voicetel watch --json`` says, as server-sent events."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from voicetel.errors import VoicetelError
from voicetel.registry import find_report
from voicetel.reporters.json_text import json_lines
from voicetel.server.api import ROOT, parameters_of_query, said
from voicetel.server.questions import Reply, UnavailableError
from voicetel.service.parameters import LIVE, values_of
from voicetel.text_safety import visible
from voicetel.watch.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from voicetel.server.questions import Questions

EVERY_S = 5.0
"""How often the logs are looked at while somebody listens."""

MAX_LISTENERS = 16

EVENTS = "text/event-stream"


@dataclass(slots=True)
class _Feed:
    """What all listeners of the same period hear: one look for all of them."""

    watcher: Watcher
    line: str = ""
    looked_at: float = float("-inf")
    listeners: int = 0


@dataclass(slots=True)
class Live:
    """The feeds that somebody listens to."""

    questions: Questions
    feeds: dict[tuple[int, bool], _Feed] = field(default_factory=dict)

    async def listen(self, minutes: int, *, at_newest: bool) -> AsyncIterator[str]:
        """Events for one listener: the figures now, and again after every look. Raises UnavailableError for one too many."""
        if sum(feed.listeners for feed in self.feeds.values()) >= MAX_LISTENERS:
            raise UnavailableError(f"there are {MAX_LISTENERS} listeners already", hint="try again later")
        self.feeds = {key: feed for key, feed in self.feeds.items() if feed.listeners}
        watcher = Watcher(self.questions.served, minutes=minutes, at_newest=at_newest)
        feed = self.feeds.setdefault((minutes, at_newest), _Feed(watcher))
        return self._events(feed, await self._line(feed))

    async def _events(self, feed: _Feed, first: str) -> AsyncIterator[str]:
        feed.listeners += 1
        try:
            yield f"retry: {EVERY_S * 1000:.0f}\ndata: {first}\n\n"
            while True:
                await anyio.sleep(EVERY_S)
                try:
                    yield f"data: {await self._line(feed)}\n\n"
                except VoicetelError as error:
                    yield f": {visible(str(error))}\n\n"
        finally:
            feed.listeners -= 1

    async def _line(self, feed: _Feed) -> str:
        """The newest line, made anew where it is older than it should be."""

        def look() -> Reply:
            if time.monotonic() - feed.looked_at < EVERY_S / 2:
                return Reply(feed.line)
            now = datetime.now(UTC).replace(tzinfo=None)
            (line,) = json_lines([find_report("watch").json(feed.watcher.look(now))])
            feed.looked_at = time.monotonic()
            return Reply(line.rstrip("\n"))

        feed.line = (await self.questions.make(None, look)).text
        return feed.line


def live_route(live: Live) -> Route:
    """The address of the feed."""

    async def feed(request: Request) -> Response:
        values = values_of(LIVE, parameters_of_query(request))
        if request.method == "HEAD":
            return Response(media_type=EVENTS)
        events = await live.listen(values["minutes"], at_newest=bool(values["at_newest"]))
        return StreamingResponse(events, media_type=EVENTS)

    return Route(f"{ROOT}/live", said(feed))
