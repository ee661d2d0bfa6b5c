"""Text out of logs is hostile: here, and nowhere else, it is made harmless.

A call id may hold terminal escapes, text that turns the reading direction, Rich or HTML markup, or a spreadsheet
formula. Whatever a format cannot show as plain text is shown as a visible escape, so that nothing is hidden either.
"""

from __future__ import annotations

import re

UNSAFE_RANGES = (
    (0x00, 0x1F), (0x7F, 0x9F),  # C0, DEL, C1: escape sequences begin here
    (0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200B), (0x200E, 0x200F), (0x2028, 0x202E),
    (0x2060, 0x206F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB),  # direction, invisible, line ends
    (0xE0000, 0xE007F),  # invisible tags
)  # fmt: skip
"""First and last code of what is not shown as it is."""

SURROGATES = (0xD800, 0xDFFF)
"""Bytes of a file name that are no UTF-8. A database cannot have them."""

_UNSAFE = re.compile(f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in (*UNSAFE_RANGES, SURROGATES))}]")

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")
"""What makes a spreadsheet read a cell as a formula, or skip to one."""

_MARKDOWN = re.compile(r"[\\`*_\[\]|~#]")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def visible(text: str) -> str:
    r"""``text`` on one line, every control, direction or invisible character as an escape such as ``\x1b``."""
    return _UNSAFE.sub(lambda match: _escape(match.group()), text)


def csv_text(text: str) -> str:
    """A cell of a text column, with an apostrophe before what a spreadsheet would compute. Numbers never come here."""
    return f"'{visible(text)}" if text.startswith(FORMULA_STARTS) else visible(text)


def markdown_text(text: str) -> str:
    """A cell of a Markdown table: markup and HTML literal, on one line."""
    escaped = _MARKDOWN.sub(r"\\\g<0>", visible(text))
    return re.sub("[&<>]", lambda match: _HTML[match.group()], escaped)


def json_document(document: str) -> str:
    """A JSON document with every character that a terminal would obey as a JSON escape: the same document to a parser.

    The line ends between values stay; within a string JSON has escaped them already.
    """
    return document if document.isascii() and "\x7f" not in document else _UNSAFE.sub(_json_escape, document)


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def _json_escape(match: re.Match[str]) -> str:
    char = match.group()
    if char == "\n":
        return char
    code = ord(char)
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
