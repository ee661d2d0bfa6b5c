"""JSON Schemas (2020-12) of what ``check --json`` and ``compare --json`` write."""

from __future__ import annotations

from typing import Any

from voicetel.analyzers.gate_metrics import METRICS
from voicetel.analyzers.gate_results import Finding, Judgement
from voicetel.analyzers.slo import LEVELS, NO_DATA
from voicetel.errors import ExitCode
from voicetel.reporters.json_report import SCHEMA_VERSION

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_OPTIONAL_TEXT: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_OPTIONAL_COUNT: Schema = {"type": ["integer", "null"], "minimum": 0}
_NUMBER: Schema = {"type": ["number", "null"]}
_SHARE: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
_BOOLEAN: Schema = {"type": ["boolean", "null"]}
_EXIT: Schema = {"enum": [int(ExitCode.OK), int(ExitCode.LIMIT_BROKEN), int(ExitCode.NO_DATA)]}
_VALUE: Schema = {"type": ["number", "string", "null"], "description": "Money is a string of digits, exact."}


def check_schema() -> Schema:
    """``voicetel check --json``."""
    limit = {
        "name": _OPTIONAL_TEXT,
        **_measure(),
        "operator": {"enum": ["<", "<=", ">", ">="]},
        "bound": _VALUE,
        "where": {"type": "object", "additionalProperties": _list(_TEXT)},
        "level": {"enum": list(LEVELS)},
        "min_calls": _COUNT,
        "on_no_data": {"enum": list(NO_DATA)},
        "file": _TEXT,
        "line": _OPTIONAL_COUNT,
        "result": {"enum": [each.value for each in Judgement]},
        "value": _VALUE,
        "n": _COUNT,
        "calls": _COUNT,
        "interval": _interval(),
        "certain": _BOOLEAN,
        "reason": _OPTIONAL_TEXT,
    }
    return _document(
        "voicetel check",
        {
            "paths": _list(_TEXT),
            "limits_file": _TEXT,
            "currency": _TEXT,
            "calls": _COUNT,
            "exit_code": _EXIT,
            "limits": _list(_object(limit)),
            "warnings": _list(_TEXT),
        },
    )


def compare_schema() -> Schema:
    """``voicetel compare --json``."""
    side = _object({"value": _VALUE, "n": _COUNT, "calls": _COUNT})
    difference = {
        **_measure(),
        "better": {"enum": ["lower", "higher", None]},
        "base": side,
        "new": side,
        "finding": {"enum": [each.value for each in Finding]},
        "change": _NUMBER,
        "relative": {"type": "boolean", "description": "change and interval: 0.1 is 10 % more; else NEW − BASE."},
        "interval": _interval(),
        "p": _SHARE,
        "superiority": _SHARE,
        "detectable": _NUMBER,
        "calls_needed": _OPTIONAL_COUNT,
    }
    change = {
        "fail_on": _TEXT,
        "metric": {"enum": list(METRICS)},
        "statistic": _TEXT,
        "limit": {"type": "number"},
        "relative": {"type": "boolean"},
        "result": {"enum": [each.value for each in Judgement]},
        "change": _NUMBER,
        "interval": _interval(),
        "certain": _BOOLEAN,
        "reason": _OPTIONAL_TEXT,
    }
    named = _object({"name": _TEXT, "calls": _COUNT})
    return _document(
        "voicetel compare",
        {
            "base": named,
            "new": named,
            "currency": _TEXT,
            "alpha": {"type": "number"},
            "correction": {"const": "holm"},
            "seed": _COUNT,
            "exit_code": _EXIT,
            "differences": _list(_object(difference)),
            "fail_on": _list(_object(change)),
            "warnings": _list(_TEXT),
        },
    )


def _measure() -> Schema:
    return {
        "metric": {"enum": list(METRICS)},
        "statistic": _TEXT,
        "unit": {"enum": sorted({metric.unit for metric in METRICS.values()})},
    }


def _interval() -> Schema:
    low_high: Schema = {"type": "number"}
    interval = _object({"low": low_high, "high": low_high, "level": {"type": "number", "minimum": 0, "maximum": 1}})
    return {"anyOf": [interval, {"type": "null"}]}


def _document(title: str, members: Schema) -> Schema:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return {**head, **_object({"schema_version": {"const": SCHEMA_VERSION}, **members})}


def _object(members: Schema) -> Schema:
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}
