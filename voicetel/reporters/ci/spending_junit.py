"""Budgets and reconciliations as JUnit XML: one test case for a budget, one for each currency of the invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.ci.junit import Case, junit_document
from voicetel.reporters.layouts.costs.budget import budget_sentence
from voicetel.reporters.layouts.costs.reconciliation import total_sentence
from voicetel.results import digits
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from voicetel.gate.budget import BudgetReport
    from voicetel.reconcile import Reconciliation


def budget_junit(found: BudgetReport, moment: datetime) -> str:
    """The budget as a case, a failure if more is spent. ``moment`` (UTC) is when it was looked at."""
    currency = visible(found.currency)
    name = f"cost within {currency} {digits(found.budget)} a {found.period}, {found.begins} to {found.ends}"
    message = f"spent {currency} {formatting.money(found.spent)}. {budget_sentence(found)}"
    case = Case("cost", name, "failure" if found.is_over else None, message)
    return junit_document("voicetel cost", [case], moment, found.rate_notes)


def reconciliation_junit(found: Reconciliation, exceeded: Mapping[str, bool], limit: str, moment: datetime) -> str:
    """Each currency as a case, a failure where ``exceeded`` says so. ``limit`` is the largest difference as it was written.

    ``moment`` (UTC) is when the invoices were held against the logs.
    """
    cases = [
        Case(
            "reconcile",
            f"invoices in {visible(total.currency)} within {limit}",
            "failure" if exceeded[total.currency] else None,
            total_sentence(total),
        )
        for total in found.totals
    ]
    return junit_document("voicetel reconcile", cases, moment)
