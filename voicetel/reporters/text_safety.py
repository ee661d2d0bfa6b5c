"""Text out of logs is hostile: here, and nowhere else, it is made harmless.

A call id may hold terminal escapes, text that turns the reading direction, Rich or HTML markup, or a spreadsheet
formula. Whatever a format cannot show as plain text is shown as a visible escape, so that nothing is hidden either.
"""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1: escape sequences begin here
    "\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # direction, invisible, line ends
    "\ud800-\udfff"  # surrogates: bytes of a file name that are no UTF-8
    "\U000e0000-\U000e007f]"  # invisible tags
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")
"""What makes a spreadsheet read a cell as a formula, or skip to one."""

_MARKDOWN = re.compile(r"[\\`*_\[\]|~#]")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def visible(text: str) -> str:
    r"""``text`` on one line, every control, direction or invisible character as an escape such as ``\x1b``."""
    return _UNSAFE.sub(lambda match: _escape(match.group()), text)


def csv_text(text: str) -> str:
    """A cell of a text column, with an apostrophe before what a spreadsheet would compute. Numbers never come here."""
    return f"'{visible(text)}" if text.startswith(_FORMULA) else visible(text)


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
