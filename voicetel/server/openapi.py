"""The description of the API, made from the registry: OpenAPI 3.1, whose schemas are those of ``voicetel schema``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.__about__ import __version__
from voicetel.registry import find_report
from voicetel.reporters.json_text import json_text
from voicetel.service.parameters import LIVE, parameters_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.service.parameters import Parameter

_ERRORS = {
    "400": "A parameter means nothing.",
    "401": "The token is missing or wrong.",
    "404": "There are no such calls.",
    "503": "The answer took too long, or the server cannot answer for now.",
}

_ERROR_SCHEMA = {
    "type": "object",
    "properties": {
        "error": {"type": "string", "description": "What is wrong."},
        "hint": {"type": ["string", "null"], "description": "What to do."},
    },
    "required": ["error", "hint"],
    "additionalProperties": False,
}


def openapi_document(root: str, names: Sequence[str]) -> str:
    """The document for the reports of these names under ``root``, as JSON."""
    paths = {**dict(_path(root, name) for name in names), f"{root}/live": _live()}
    return json_text(
        {
            "openapi": "3.1.0",
            "info": {"title": "voicetel", "version": __version__, "description": "Figures of a voice agent's calls."},
            "security": [{"token": []}],
            "paths": paths,
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
                "schemas": {"Error": _ERROR_SCHEMA, **{name: _schema(name) for name in (*names, "watch")}},
            },
        }
    )


def _path(root: str, name: str) -> tuple[str, dict[str, Any]]:
    report = find_report(name)
    parameters = parameters_of(report)
    path = f"{root}/{name}" + "".join(f"/{{{each.name}}}" for each in parameters if each.is_required)
    get = {
        "operationId": name.replace("-", "_"),
        "summary": report.question,
        "parameters": [_parameter(each) for each in parameters],
        "responses": {
            "200": {"description": f"As `voicetel {name} --json`.", **_content(name), **_headers(parameters)},
            **{status: {"description": text, **_content("Error")} for status, text in _ERRORS.items()},
        },
    }
    return path, {"get": get}


def _live() -> dict[str, Any]:
    """The feed: its events are lines ``data: …``, each an object of the schema."""
    schema = {"schema": {"$ref": "#/components/schemas/watch"}}
    get = {
        "operationId": "live",
        "summary": f"{find_report('watch').question} Server-sent events: each `data` is a line of `voicetel watch --json`.",
        "parameters": [_parameter(each) for each in LIVE],
        "responses": {
            "200": {"description": "The feed.", "content": {"text/event-stream": schema}},
            **{status: {"description": text, **_content("Error")} for status, text in _ERRORS.items()},
        },
    }
    return {"get": get}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    """A query parameter; one that must be given stands in the path."""
    schema = parameter.schema()
    return {
        "name": parameter.name,
        "in": "path" if parameter.is_required else "query",
        "required": parameter.is_required,
        "description": schema.pop("description"),
        "schema": schema,
    }


def _content(schema: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _headers(parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Of an answer that is given page by page."""
    if not any(each.name == "offset" for each in parameters):
        return {}
    count = {"description": "Rows that there are.", "schema": {"type": "integer"}}
    link = {"description": "Where the rows before and after are: prev, next.", "schema": {"type": "string"}}
    return {"headers": {"X-Total-Count": count, "Link": link}}


def _schema(name: str) -> dict[str, Any]:
    return {key: value for key, value in find_report(name).schema().items() if key != "$schema"}
