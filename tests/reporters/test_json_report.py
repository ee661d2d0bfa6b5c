"""The JSON documents, held to the schemas that are published for them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator, ValidationError

from support.results import HOSTILE, make_analysis, make_bill, make_cost, make_grouped, make_overview
from voicetel.analyzers.latency.results import SlowCall
from voicetel.pricing.units import COMPONENTS
from voicetel.registry import find_report
from voicetel.reporters.json_text import json_list, json_text
from voicetel.results import encode, to_json

SCHEMAS = {name: find_report(name).schema() for name in ("analyze", "cost")}


@pytest.mark.parametrize("analysis", [make_analysis(), make_grouped()])
def test_an_analysis_keeps_to_its_schema(analysis: object) -> None:
    """With groups and without."""
    document = json.loads(json_text(to_json(analysis)))
    Draft202012Validator(SCHEMAS["analyze"]).validate(document)


def test_a_bill_keeps_to_its_schema() -> None:
    """A line has a member per dimension beside its figures."""
    document = json.loads(json_text(to_json(make_bill())))
    Draft202012Validator(SCHEMAS["cost"]).validate(document)
    assert document["lines"][0]["component"] == "stt"
    assert document["lines"][2]["provider"] is None


def test_a_schema_refuses_what_is_not_in_it() -> None:
    """A member that nobody described, or money as a number, is an error: the schema says something."""
    document = to_json(make_analysis())
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMAS["analyze"]).validate({**document, "surprise": 1})
    document["cost"]["total"] = 0.34
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMAS["analyze"]).validate(document)


def test_money_is_exact_and_adds_up() -> None:
    """Amounts are strings of digits, and the parts of a cost add up to its total."""
    tiny = {name: Decimal("1E-24") for name in COMPONENTS}
    cost = encode(make_cost(components=tiny, total=Decimal("6E-24")))
    assert cost["stt"] == "0.000000000000000000000001"
    assert sum(Decimal(cost[name]) for name in COMPONENTS) == Decimal(cost["total"])


def test_unknown_is_null() -> None:
    """What was not measured, logged or priced is null, not 0."""
    document = to_json(make_analysis())
    assert document["latency"]["stt_ttfb_ms"]["avg"] is None
    assert document["latency"]["stt_ttfb_ms"]["n"] == 0
    assert document["usage"]["transport_s"] is None
    assert document["cost"]["realtime"] is None


def test_times_are_rfc3339_and_whole_numbers_whole() -> None:
    """As the log writes them."""
    document = to_json(make_analysis())
    assert document["first_ts"] == "2026-11-02T09:00:00.001Z"
    assert document["duration_s"] == 120.5
    assert isinstance(document["usage"]["llm_input_tokens"], int)


def test_hostile_text_survives_and_is_not_obeyed() -> None:
    """A call id comes back as it was; on the way it is printable."""
    report = make_overview(slowest=(SlowCall(HOSTILE, 1.0, 1, "llm", 1.0),))
    text = json_text(to_json(make_analysis(total=report)))
    assert json.loads(text)["slowest"][0]["call_id"] == HOSTILE
    assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("documents", [[], [{"a": 1}], [{"a": 1}, {"a": 2}]])
def test_lists_are_written_as_they_are_read(documents: list[object]) -> None:
    """One document a line, a valid list at any length."""
    assert json.loads("".join(json_list(iter(documents)))) == documents
