"""``/api/v1/…``: the command's JSON letter for letter, and a description that is true."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from support.command import run
from support.example_logs.served_logs import HOSTILE_CALL, PHONE, SLOW_CALL
from voicetel.server.api import LEFT_OUT, reports
from voicetel.service.parameters import served_reports

if TYPE_CHECKING:
    from support.servers.http_server import Served
    from voicetel.service.served_logs import ServedLogs

ASKED = (
    ("analyze", "analyze"),
    ("analyze?by=agent_version&by=day&tz=Europe/Berlin", "analyze --by agent_version --by day --tz Europe/Berlin"),
    ("analyze?since=2026-11-03&until=2026-11-03", "analyze --since 2026-11-03 --until 2026-11-03"),
    ("report?calls=5&since=2026-11-03", "report --calls 5 --since 2026-11-03"),
    ("calls", "calls --limit 100"),
    ("calls?sort=cost&limit=7&offset=3&agent=clinic", "calls --sort cost --limit 7 --offset 3 --agent clinic"),
    (f"call/{SLOW_CALL}", f"call {SLOW_CALL} --no-text"),
    ("call/c-1.8.1-00000?turns=2-3", "call c-1.8.1-00000 --turns 2-3 --no-text"),
    ("cost?by=component,day", "cost --by component,day"),
    ("interruptions?dead_air=0.5", "interruptions --dead-air 0.5"),
    ("outcomes?by=agent_version", "outcomes --by agent_version"),
    ("check", "check"),
    ("compare?split=agent_version=1.8.1:1.8.2", "compare --split agent_version=1.8.1:1.8.2"),
    ("validate", "validate"),
)
OTHERS = tuple(
    (report.name, report.name)
    for report in served_reports()
    if report.name not in {re.split("[?/]", place)[0] for place, _ in ASKED} | set(LEFT_OUT)
)
"""Reports that need nothing beside their name."""

REFUSED = (
    ("analyze?bye=day", 400, "there is no parameter 'bye'"),
    ("analyze?pricing=list", 400, "there is no parameter 'pricing'"),
    ("calls?output=x", 400, "there is no parameter 'output'"),
    ("calls?sort=--output=x", 400, "no column is called '--output=x'"),
    ("calls?limit=0", 400, "limit: 0 is out of bounds"),
    ("calls?limit=1&limit=2", 400, "limit is given 2 times"),
    ("analyze?tz=Mars", 400, "no time zone is called 'Mars'"),
    ("analyze?since=2030-01-01", 404, "no call"),
    (f"call/{SLOW_CALL}?turns=2-9", 400, "the call has no turn 2"),
    (f"call/{SLOW_CALL}?turns=x", 400, "'x' is no range of turns"),
    ("call/--help", 404, "no call is called '--help'"),
    ("call/c-1.8", 400, "80 calls begin with"),
    ("call/", 400, "82 calls begin with"),
    ("call", 404, "no report is called 'call'"),
    ("sql?query=SELECT%201", 404, "no report is called 'sql'"),
    ("../../etc/passwd", 404, "there is nothing here"),
)


@pytest.mark.parametrize(("place", "command"), ASKED + OTHERS)
def test_an_answer_is_the_commands(served: Served, logs: ServedLogs, place: str, command: str) -> None:
    """Letter for letter."""
    name, *options = command.split()
    limits = ["--slo", logs.limits] if name in {"check", "report"} else []
    with served.client() as client:
        answer = client.get(f"/api/v1/{place}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.text == run(name, *options, *limits, *logs.paths, "--json").out


@pytest.mark.parametrize(("place", "status", "reason"), REFUSED)
def test_what_means_nothing_is_refused_in_a_sentence(served: Served, place: str, status: int, reason: str) -> None:
    """With a status that a program understands."""
    with served.client() as client:
        answer = client.get(f"/api/v1/{place}")
    assert answer.status_code == status
    assert reason in answer.json()["error"]


def test_every_report_is_asked() -> None:
    """The examples above leave none out."""
    assert {re.split("[?/]", place)[0] for place, _ in ASKED + OTHERS} == set(reports())
    assert {report.name for report in served_reports()} == {*reports(), *LEFT_OUT}


def test_calls_page_by_page(served: Served) -> None:
    """Following the links gives each call once."""
    with served.client() as client:
        place, found = "/api/v1/calls?limit=30&sort=turns", []
        while place:
            answer = client.get(place)
            assert answer.headers["x-total-count"] == "82"
            found += [call["call_id"] for call in answer.json()]
            links = re.findall(r'<([^>]*)>; rel="(\w+)"', answer.headers["link"])
            place = next((target for target, relation in links if relation == "next"), "")
        assert [relation for _, relation in links] == ["prev"]
        (previous,) = client.get(links[0][0]).json()[:1]
    assert (len(found), len(set(found))) == (82, 82)
    assert previous["call_id"] == found[30]


def test_any_id_has_an_address(served: Served) -> None:
    """Also one that is a piece of a page; its characters stay data."""
    with served.client() as client:
        answer = client.get(f"/api/v1/call/{quote(HOSTILE_CALL, safe='')}")
        assert answer.json()["call"]["call_id"] == HOSTILE_CALL
        assert "\u202e" not in answer.text


def test_no_transcript_is_given(served: Served) -> None:
    """The API has none at all."""
    with served.client() as client:
        text = client.get(f"/api/v1/call/{SLOW_CALL}").text
        assert PHONE not in text
        assert "My number" not in text
        assert client.get(f"/api/v1/call/{SLOW_CALL}?text=1").status_code == 400


def test_the_description_is_true(served: Served) -> None:
    """Every address of it answers as its schema says, and it has an address for every report."""
    with served.client() as client:
        document = client.get("/api/v1/openapi.json").json()
        assert document["openapi"] == "3.1.0"
        assert {path.split("/")[3] for path in document["paths"]} == {*reports(), "live"}
        for path, item in document["paths"].items():
            if path.endswith("/live"):
                continue
            query = {"split": "agent_version=1.8.1:1.8.2"} if path.endswith("compare") else {}
            answer = client.get(path.replace("{call_id}", SLOW_CALL), params=query)
            resolved(document, item["get"]["responses"][str(answer.status_code)]).validate(answer.json())
            for parameter in item["get"]["parameters"]:
                Draft202012Validator.check_schema(parameter["schema"])
            wrong = client.get(path.replace("{call_id}", SLOW_CALL), params={"nonsense": "1"})
            resolved(document, item["get"]["responses"]["400"]).validate(wrong.json())


def resolved(document: dict[str, Any], response: dict[str, Any]) -> Draft202012Validator:
    """What checks the body of a response, with the components that it refers to."""
    schema = response["content"]["application/json"]["schema"]
    validator = Draft202012Validator({"components": document["components"], **json.loads(json.dumps(schema))})
    assert isinstance(validator, Draft202012Validator)
    return validator
