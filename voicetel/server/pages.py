"""The pages for people: the report, and each call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from voicetel.errors import UsageError
from voicetel.server.api import parameters_of_query, said
from voicetel.server.questions import Reply, key_of
from voicetel.service.pages import call_page, report_page
from voicetel.service.parameters import FILTERS, Parameter, values_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from voicetel.server.questions import Questions

_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


def page_routes(questions: Questions) -> list[Route]:
    """Every page."""
    served = questions.served

    async def report(request: Request) -> Response:
        given = parameters_of_query(request)
        filters = values_of(FILTERS, given)
        reply = await questions.make(key_of("page", given), lambda: Reply(report_page(served, filters)))
        return _page(reply.text)

    async def call(request: Request) -> Response:
        call_id, asked = request.path_params["call_id"], values_of(_OF_CALL, parameters_of_query(request))
        with_text, turns = asked["text"] == 1, asked["turns"]
        if with_text and not served.with_text:
            raise UsageError("this server gives no transcripts", hint="start it with --with-text")
        key = ("page", call_id, str(with_text), str(turns))
        reply = await questions.make(key, lambda: Reply(call_page(served, call_id, turns, with_text=with_text)))
        return _page(reply.text)

    return [Route("/", said(report)), Route("/call/{call_id:path}", said(call))]


_OF_CALL = (
    Parameter(name="text", help="1: with the transcript.", type=int, minimum=1, maximum=1),
    Parameter(name="turns", help="Only these turns: 8, 501-1000, 501-."),
)
"""What stands behind the address of a call."""


def _page(text: str) -> Response:
    """A page under its own policy: what it holds itself, and nothing else; in nobody's frame."""
    policy = _POLICY.search(text)
    headers = {"content-security-policy": f"{policy[1]}; frame-ancestors 'none'"} if policy else {}
    return Response(text, media_type="text/html", headers=headers)
