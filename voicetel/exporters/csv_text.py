"""SQL for a text in a CSV file: the rule of text_safety, worked out by DuckDB for millions of rows."""

from __future__ import annotations

from voicetel.text_safety import FORMULA_STARTS, UNSAFE_RANGES

_UNSAFE = "[" + "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in UNSAFE_RANGES) + "]"
_FORMULA = "^[" + "".join(f"\\x{{{ord(start):x}}}" for start in FORMULA_STARTS) + "]"

_VISIBLE = r"""CASE
    WHEN unicode(c) = 9 THEN '\t' WHEN unicode(c) = 10 THEN '\n' WHEN unicode(c) = 13 THEN '\r'
    WHEN unicode(c) < 256 THEN printf('\x%02x', unicode(c))
    WHEN unicode(c) < 65536 THEN printf('\u%04x', unicode(c)) ELSE printf('\U%08x', unicode(c)) END"""

_IN_JSON = r"""CASE WHEN unicode(c) < 65536 THEN printf('\u%04x', unicode(c))
    ELSE printf('\u%04x\u%04x', 55296 + ((unicode(c) - 65536) >> 10), 56320 + ((unicode(c) - 65536) & 1023)) END"""


def csv_text_sql(name: str) -> str:
    """``csv_text`` of a column: an escape for what a terminal would obey, an apostrophe before what a spreadsheet would compute."""
    apostrophe = f"CASE WHEN regexp_matches({name}, '{_FORMULA}') THEN '''' ELSE '' END"
    return f"({apostrophe} || {_escaped(name, _VISIBLE)})"


def json_text_sql(name: str) -> str:
    """``json_document`` of a column that holds a JSON document on one line."""
    return _escaped(name, _IN_JSON)


def _escaped(name: str, escape: str) -> str:
    """Few texts have anything to escape; only those are taken apart."""
    character = f"CASE WHEN regexp_matches(c, '{_UNSAFE}') THEN {escape} ELSE c END"
    characters = f"list_transform(string_split({name}, ''), lambda c: {character})"
    return f"CASE WHEN regexp_matches({name}, '{_UNSAFE}') THEN array_to_string({characters}, '') ELSE {name} END"
