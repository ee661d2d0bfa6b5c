"""HTTP/1.1 as uvicorn speaks it, with an end to clients that send or read so slowly that they would hold a connection for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

REQUEST_S = 10.0
"""From the connection, or from the first byte of a later request, to its last byte, in s. More bytes give no more time."""

READ_S = 30.0
"""How long a client may read nothing of an answer that waits for it, in s."""

_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class BoundedProtocol(H11Protocol):
    """Cuts a connection whose client has not sent its request in REQUEST_S, or reads nothing for READ_S.

    Between two requests uvicorn's own limit holds (``timeout_keep_alive``).
    """

    _request_timer: asyncio.TimerHandle | None = None
    _read_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there, and has sent nothing."""
        super().connection_made(transport)
        self._start_request_timer()

    def handle_events(self) -> None:
        """Some bytes of a request have come, or of several; or there is time for one that came early."""
        super().handle_events()
        if self._is_request_unfinished():
            self._start_request_timer()
        else:
            self._stop_request_timer()

    def pause_writing(self) -> None:
        """More of an answer waits than the client has read."""
        super().pause_writing()
        self._start_read_timer()

    def resume_writing(self) -> None:
        """It has read most of it."""
        super().resume_writing()
        self._stop_read_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._stop_request_timer()
        self._stop_read_timer()
        super().connection_lost(exc)

    def _is_request_unfinished(self) -> bool:
        """Whether a request has begun of which something is missing."""
        state = self.conn.their_state
        return state is h11.SEND_BODY or (state is h11.IDLE and bool(self.conn.trailing_data[0]))

    def _start_request_timer(self) -> None:
        if self._request_timer is None:
            self._request_timer = self.loop.call_later(REQUEST_S, self._end_request)

    def _stop_request_timer(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def _end_request(self) -> None:
        """The client had its time. Where nothing was answered yet, it is told why."""
        if self.conn.our_state is h11.IDLE:
            self.transport.write(_TIMEOUT)
            self.transport.close()
        else:
            self.transport.abort()

    def _start_read_timer(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        self._read_timer = self.loop.call_later(READ_S, self._end_answer, waiting)

    def _stop_read_timer(self) -> None:
        if self._read_timer is not None:
            self._read_timer.cancel()
            self._read_timer = None

    def _end_answer(self, waited: int) -> None:
        """Another READ_S for a client that has read some of the ``waited`` bytes, and the end for one that has not."""
        if self.transport.get_write_buffer_size() < waited:
            self._start_read_timer()
        else:
            self.transport.abort()
