"""JUnit XML: limits as test cases, for the test view of CI systems.

Every attribute and element that one of the common schemas asks for is there (Ant's, Jenkins' and GitLab's readers differ),
and nothing that one of them forbids.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from voicetel.gate.results import LimitStatus
from voicetel.reporters.layouts.gate.check import finding, limit_text
from voicetel.reporters.layouts.gate.comparison import change_finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from voicetel.gate.results import CheckResult, Comparison

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Case:
    """One test case. ``problem`` is failure, error, skipped or None; ``message`` says what was found."""

    group: str
    name: str
    problem: str | None
    message: str


def check_junit(result: CheckResult, moment: datetime) -> str:
    """Each limit as a case: broken is a failure, not judged an error; what passes with a warning is skipped or said so.

    ``moment`` (UTC) is when the limits were judged.
    """
    cases = []
    for judged in result.limits:
        problem = None
        if judged.is_failure:
            problem = "failure"
        elif judged.is_missing:
            problem = "error"
        elif judged.status is LimitStatus.NOT_JUDGED:
            problem = "skipped"
        name = limit_text(judged, result.currency)
        cases.append(
            Case(
                judged.limit.measure.metric.name,
                name,
                problem,
                _message(judged.is_warning, finding(judged, result.currency)),
            )
        )
    return junit_document("voicetel check", cases, moment, result.rate_notes)


def compare_junit(result: Comparison, moment: datetime) -> str:
    """Each ``--fail-on`` as a case."""
    failures = {LimitStatus.PASSED: None, LimitStatus.BROKEN: "failure", LimitStatus.NOT_JUDGED: "error"}
    cases = [
        Case(each.fail_on.measure.metric.name, each.fail_on.text, failures[each.status], change_finding(each))
        for each in result.changes
    ]
    return junit_document("voicetel compare", cases, moment, result.rate_notes)


def _message(is_warning: bool, message: str) -> str:
    return f"warning: {message}" if is_warning else message


def junit_document(suite_name: str, cases: Sequence[Case], moment: datetime, rate_notes: Iterable[str] = ()) -> str:
    """A suite of test cases as XML. ``moment`` (UTC) is when they were judged; ``rate_notes`` are warnings in its output."""
    counted = {kind: str(sum(case.problem == kind for case in cases)) for kind in ("failure", "error", "skipped")}
    suites = ET.Element("testsuites")
    suite = ET.SubElement(
        suites,
        "testsuite",
        {
            "name": suite_name,
            "package": "voicetel",
            "id": "0",
            "hostname": "localhost",
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S"),
            "time": "0",
            "tests": str(len(cases)),
            "failures": counted["failure"],
            "errors": counted["error"],
            "skipped": counted["skipped"],
        },
    )
    ET.SubElement(suite, "properties")
    for case in cases:
        element = ET.SubElement(
            suite, "testcase", {"classname": f"voicetel.{_xml(case.group)}", "name": _xml(case.name), "time": "0"}
        )
        if case.problem:
            about = {"message": _xml(case.message)}
            if case.problem != "skipped":
                about["type"] = "limit_broken" if case.problem == "failure" else "not_judged"
            ET.SubElement(element, case.problem, about)
    lines = [*(_message(True, note) for note in rate_notes), *(case.message for case in cases)]
    ET.SubElement(suite, "system-out").text = _xml("\n".join(lines))
    ET.SubElement(suite, "system-err")
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _xml(text: str) -> str:
    """``text`` without what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
