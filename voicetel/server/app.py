"""The application: its addresses, behind the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette

from voicetel.server.access import Guard
from voicetel.server.api import api_routes
from voicetel.server.live import Live, live_route
from voicetel.server.pages import page_routes
from voicetel.server.questions import Questions
from voicetel.server.responses import error_response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from voicetel.server.access import Access
    from voicetel.service.served_logs import ServedLogs


def make_app(served: ServedLogs, access: Access) -> ASGIApp:
    """The pages and the API of ``served``, for those whom ``access`` lets in."""
    questions = Questions(served)
    app = Starlette(
        routes=[*page_routes(questions), live_route(Live(questions)), *api_routes(questions)],
        exception_handlers={404: _not_found, Exception: _failed},
    )
    app.router.redirect_slashes = False
    return Guard(app, access)


async def _not_found(request: Request, error: Exception) -> Response:
    return error_response(404, "there is nothing here", "/api/v1/openapi.json lists what there is")


async def _failed(request: Request, error: Exception) -> Response:
    """An error of ours. Its own text may hold anything, so it is not shown."""
    return error_response(500, f"the server failed: {type(error).__name__}")
