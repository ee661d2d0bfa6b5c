"""``/api/v1/…``: each report under its name, its parameters those of the command."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from starlette.routing import Route

from voicetel.choices import check_choice
from voicetel.errors import NoDataError, NotFoundError, UsageError, VoicetelError
from voicetel.registry import find_report
from voicetel.server.openapi import openapi_document
from voicetel.server.questions import UnavailableError
from voicetel.server.responses import error_response, json_response
from voicetel.service.parameters import served_reports
from voicetel.service.served_logs import TimeLimitError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from voicetel.server.questions import Questions, Reply

ROOT = "/api/v1"

LEFT_OUT = ("sql", "sql-schema")
"""Whoever has the token could learn from SQL where the server keeps its files."""

STATUS: tuple[tuple[type[VoicetelError], int], ...] = (
    (UnavailableError, 503),
    (TimeLimitError, 503),
    (NotFoundError, 404),
    (NoDataError, 404),
    (UsageError, 400),
    (VoicetelError, 503),
)
"""The first that an error is one of says its status."""


def reports() -> tuple[str, ...]:
    """The reports that there are by HTTP."""
    return tuple(report.name for report in served_reports() if report.name not in LEFT_OUT)


def api_routes(questions: Questions) -> list[Route]:
    """Every address of the API."""
    text = openapi_document(ROOT, reports())

    async def openapi(request: Request) -> Response:
        return json_response(text)

    async def report(request: Request) -> Response:
        name = check_known(request.path_params["name"])
        given = parameters_of_query(request)
        reply = await questions.ask(find_report(name), given)
        return json_response(reply.text, _page_headers(request, given, reply))

    async def call(request: Request) -> Response:
        given = {**parameters_of_query(request), "call_id": [request.path_params["call_id"]]}
        return json_response((await questions.ask(find_report("call"), given)).text)

    return [
        Route(f"{ROOT}/openapi.json", said(openapi)),
        Route(f"{ROOT}/call/{{call_id:path}}", said(call)),
        Route(f"{ROOT}/{{name}}", said(report)),
    ]


def said(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """A handler whose errors are responses."""

    async def handled(request: Request) -> Response:
        try:
            return await handler(request)
        except VoicetelError as error:
            status = next(status for kind, status in STATUS if isinstance(error, kind))
            return error_response(status, str(error), error.hint)

    return handled


def check_known(name: str) -> str:
    """``name``, if a report is called so. Raises NotFoundError with the likely right one."""
    try:
        return check_choice(name, (each for each in reports() if each != "call"), "report")
    except UsageError as error:
        raise NotFoundError(str(error), hint=error.hint) from None


def parameters_of_query(request: Request) -> dict[str, Sequence[str]]:
    """What is asked behind the question mark: each name with all its values."""
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(name, []).append(value)
    return dict(found)


def _page_headers(request: Request, given: Mapping[str, Sequence[str]], reply: Reply) -> dict[str, str]:
    """How many rows there are, and where those before and after these are."""
    if reply.total is None:
        return {}
    limit, offset = (int(given.get(name, [default])[0]) for name, default in (("limit", "100"), ("offset", "0")))
    pages = {"next": offset + limit if offset + limit < reply.total else None}
    pages["prev"] = max(offset - limit, 0) if offset else None
    links = [
        f'<{quote(request.url.path)}?{urlencode({**given, "limit": [limit], "offset": [start]}, doseq=True)}>; rel="{name}"'
        for name, start in pages.items()
        if start is not None
    ]
    return {"x-total-count": str(reply.total), **({"link": ", ".join(links)} if links else {})}
