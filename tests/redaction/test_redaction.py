"""What is taken out of words, and what stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicetel.errors import UsageError
from voicetel.redaction import Redactor

redact = Redactor()


@pytest.mark.parametrize(
    "number",
    [
        "+7 916 123-45-67",
        "+7(916)1234567",
        "8 (916) 123-45-67",
        "8-800-555-35-35",
        "89161234567",
        "9161234567",
        "+1 (212) 555-0199",
        "212-555-0199",
        "(212) 555 0199",
        "555-0199",
        "123-45-67",
        "+44 20 7946 0958",
        "07911 123456",
        "+49 30 901820",
        "8\u00a0916\u00a0123\u201145\u201167",
    ],
)
def test_phone_numbers_go(number: str) -> None:
    """Russian, American and other ways of writing them, with whatever stands around."""
    assert redact(f"Call me at {number}, please.") == "Call me at [phone], please."
    assert redact(number) == "[phone]"


@pytest.mark.parametrize(
    "address",
    ["a@b.co", "Ann.Lee+x@mail.example.org", "иван@почта.рф", "ann at gmail dot com", "иван собака мейл точка ру"],
)
def test_addresses_go(address: str) -> None:
    """Written or read out."""
    assert redact(f"Write to {address} soon") == "Write to [email] soon"


def test_a_long_text_takes_no_long_time() -> None:
    """Hostile runs of letters and digits are read once, not once per character."""
    assert redact("a" * 200_000) == "a" * 200_000
    assert redact("a." * 100_000) == "a." * 100_000
    assert redact("1 " * 100_000) == "[number] "
    assert redact("4111 1111 1111 1111 " * 5_000).count("[card]") == 5_000


@pytest.mark.parametrize(
    "card",
    ["4111 1111 1111 1111", "4111111111111111", "5500-0000-0000-0004", "3400 000000 00009", "2200 0000 0000 0004"],
)
def test_card_numbers_go(card: str) -> None:
    """Numbers with a right check digit are cards, also with an expiry date and a code behind them."""
    assert redact(f"It is {card}.") == "It is [card]."
    assert redact(f"{card} 123, 12/28") == "[card] 123, 12/28"


def test_long_numbers_without_a_check_digit_go_too() -> None:
    """A card that was heard wrong is no card, and yet nobody's business."""
    assert redact("4111 1111 1111 1112") == "[number]"


@pytest.mark.parametrize(
    "said",
    [
        "eight nine one six one two three four five six seven",
        "восемь девятьсот шестнадцать сто двадцать три сорок пять шестьдесят семь",
        "plus four four, two oh, seven nine four six",
        "Four one one one, one one one one",
    ],
)
def test_numbers_in_words_go(said: str) -> None:
    """Seven digits or more, read out."""
    assert redact(f"It's {said}, thanks") == "It's [number], thanks"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "See you on 2026-11-02 at 09:00",
        "02.11.2026 или 3/11/26",
        "That is 1,200 dollars and 50 cents",
        "Order 4471 is 12345 now",
        "I have two or three, maybe four of the five",
        "двадцать три тысячи пятьсот",
        "Meet me at noon dot",
        "Room 12-34",
    ],
)
def test_other_words_stay(text: str) -> None:
    """Dates, times, amounts and short numbers are no telephone."""
    assert redact(text) == text


def test_patterns_of_ones_own() -> None:
    """What they match goes too, before anything else; one that matches nothing does no harm."""
    mine = Redactor([r"\b[A-Z]{2}\d{4}\b", "x*"])
    assert mine("Policy AB1234 of 8 916 123 45 67") == "Policy [redacted] of [phone]"
    with pytest.raises(UsageError, match=r"'\(': "):
        Redactor(["("])


words = st.text() | st.lists(
    st.sampled_from(
        ["8", "916", "+7", "4111", "1111", "-", " ", "(", ")", "a@b.co", "один", "oh", "12.12.2026", "[", "x"]
    )
).map("".join)


@given(words)
def test_redacting_again_changes_nothing(text: str) -> None:
    """What was redacted has nothing left to redact."""
    once = redact(text)
    assert redact(once) == once


@given(words)
def test_no_long_number_is_left(text: str) -> None:
    """Nine ASCII digits in a row never come through."""
    digits = 0
    for character in redact(text):
        digits = digits + 1 if character in "0123456789" else 0
        assert digits < 9
