"""Single keys of a terminal: each is had, however soon after another it was pressed."""

from __future__ import annotations

import os
import pty
import sys
from typing import TYPE_CHECKING

import pytest

from voicetel.cli.terminal.keys import key_within, single_keys

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A terminal in the place of stdin; what is written to this descriptor is typed there."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        yield ours
    os.close(ours)


def test_keys_that_come_together_are_had_one_by_one(keyboard: int) -> None:
    """What is typed within one look is there for the next ones, without another key."""
    with single_keys():
        os.write(keyboard, b"xq")
        assert [key_within(5), key_within(5), key_within(0)] == ["x", "q", None]


def test_a_key_of_several_bytes_hides_none_after_it(keyboard: int) -> None:
    """The two bytes of a Cyrillic letter are no key that means anything; the next one is."""
    with single_keys():
        os.write(keyboard, "йq".encode())
        assert [key_within(5) for _ in range(3)] == ["\ufffd", "\ufffd", "q"]
