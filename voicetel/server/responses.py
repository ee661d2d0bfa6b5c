"""What every part of the server answers with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from voicetel.text_safety import json_document

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/json"


def json_response(text: str, headers: Mapping[str, str] | None = None) -> Response:
    """JSON that is written already."""
    return Response(text, media_type=JSON, headers=headers)


def error_response(
    status: int, message: str, hint: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """What is wrong and what to do, as JSON."""
    text = json_document(json.dumps({"error": message, "hint": hint}, ensure_ascii=False))
    return Response(text + "\n", status, headers=headers, media_type=JSON)
