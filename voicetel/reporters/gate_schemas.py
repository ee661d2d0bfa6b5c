"""JSON Schemas (2020-12) of what ``check --json`` and ``compare --json`` write."""

from __future__ import annotations

from voicetel.errors import ExitCode
from voicetel.gate.metrics import METRICS
from voicetel.gate.results import Finding, LimitStatus
from voicetel.gate.slo import LEVELS, NO_DATA
from voicetel.reporters.schema_parts import Schema, count, document, flag, list_of, number, object_of, text

_SHARE = number(optional=True, minimum=0, maximum=1)
_EXIT: Schema = {"enum": [int(ExitCode.OK), int(ExitCode.LIMIT_BROKEN), int(ExitCode.NO_DATA)]}
_VALUE: Schema = {"type": ["number", "string", "null"], "description": "Money is a string of digits, exact."}


def check_schema() -> Schema:
    """``voicetel check --json``."""
    limit = {
        "name": text(optional=True),
        **_measure(),
        "operator": {"enum": ["<", "<=", ">", ">="]},
        "bound": _VALUE,
        "where": {"type": "object", "additionalProperties": list_of(text())},
        "level": {"enum": list(LEVELS)},
        "min_calls": count(),
        "on_no_data": {"enum": list(NO_DATA)},
        "file": text(),
        "line": count(optional=True),
        "result": {"enum": [each.value for each in LimitStatus]},
        "value": _VALUE,
        "n": count(),
        "calls": count(),
        "interval": _interval(),
        "certain": flag(optional=True),
        "reason": text(optional=True),
    }
    return document(
        "voicetel check",
        {
            "paths": list_of(text()),
            "limits_file": text(),
            "currency": text(),
            "calls": count(),
            "exit_code": _EXIT,
            "limits": list_of(object_of(limit)),
            "warnings": list_of(text()),
        },
    )


def compare_schema() -> Schema:
    """``voicetel compare --json``."""
    side = object_of({"value": _VALUE, "n": count(), "calls": count()})
    difference = {
        **_measure(),
        "better": {"enum": ["lower", "higher", None]},
        "base": side,
        "new": side,
        "finding": {"enum": [each.value for each in Finding]},
        "change": number(optional=True),
        "relative": flag("change and interval: 0.1 is 10 % more; else NEW − BASE."),
        "interval": _interval(),
        "p": _SHARE,
        "superiority": _SHARE,
        "detectable": number(optional=True),
        "calls_needed": count(optional=True),
    }
    change = {
        "fail_on": text(),
        "metric": {"enum": list(METRICS)},
        "statistic": text(),
        "limit": number(),
        "relative": flag(),
        "result": {"enum": [each.value for each in LimitStatus]},
        "change": number(optional=True),
        "interval": _interval(),
        "certain": flag(optional=True),
        "reason": text(optional=True),
    }
    named = object_of({"name": text(), "calls": count()})
    return document(
        "voicetel compare",
        {
            "base": named,
            "new": named,
            "currency": text(),
            "alpha": number(),
            "correction": {"const": "holm"},
            "seed": count(),
            "exit_code": _EXIT,
            "differences": list_of(object_of(difference)),
            "fail_on": list_of(object_of(change)),
            "warnings": list_of(text()),
        },
    )


def _measure() -> Schema:
    return {
        "metric": {"enum": list(METRICS)},
        "statistic": text(),
        "unit": {"enum": sorted({metric.unit for metric in METRICS.values()})},
    }


def _interval() -> Schema:
    interval = object_of({"low": number(), "high": number(), "level": number(minimum=0, maximum=1)})
    return {"anyOf": [interval, {"type": "null"}]}
