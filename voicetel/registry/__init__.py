"""The registry of reports: what can be asked, and how each answer is computed, encoded and laid out.

Commands, schemas, the Python API and the reference in docs/ are made from it.
"""

from __future__ import annotations

from voicetel.registry.report import Option, Report
from voicetel.registry.reports import REPORTS, find_report

__all__ = ["REPORTS", "Option", "Report", "find_report"]
