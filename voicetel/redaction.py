"""Takes phone numbers, e-mail addresses and card numbers out of words before they leave the log.

Rather one number too many than one too few: any run of nine digits or more goes, whatever it is. What a caller
reads out in words ("eight nine one six …") goes too, in English and Russian, if it is seven digits or more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from voicetel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PHONE: Final = "[phone]"
EMAIL: Final = "[email]"
CARD: Final = "[card]"
NUMBER: Final = "[number]"
"""A run of digits that is neither a card's nor short enough for a telephone, or that was said in words."""
OTHER: Final = "[redacted]"
"""What a pattern of the user's own found."""

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"']{1,64}@[^\s@<>()\[\],;:\"'.]{1,63}(?:\.[^\s@<>()\[\],;:\"'.]{1,63})+")
_SPOKEN_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}(?:\s+(?:dot|underscore|dash|точка|тире|дефис)\s+[\w.+-]{1,64})*"
    r"\s+(?:at|собака|собачка)\s+[\w-]{1,63}(?:\s+(?:dot|точка)\s+[\w-]{1,63})+",
    re.IGNORECASE,
)
_GAP = r"[\s.()\-\u2010-\u2015\u00a0]{0,3}"
_DATE_OR_DIGITS = re.compile(
    r"(?P<date>(?<!\d)(?:\d{4}-\d\d-\d\d|\d{1,2}([./-])\d{1,2}\2(?:\d{4}|\d\d))(?!\d))"
    rf"|(?P<digits>\+?\(?\d(?:{_GAP}\d){{6,}})"
)
_SHORT_PHONE = re.compile(r"\+\D*\d[\s\S]*|\d{3}[\s-]\d{4}|\d{3}[\s-]\d\d[\s-]\d\d|\d\d[\s-]\d\d[\s-]\d\d[\s-]\d\d")
_GROUP = re.compile(r"\d+")

_CARD_DIGITS: Final = range(13, 20)
_PHONE_DIGITS: Final = range(9, 16)
_MIN_SPOKEN_DIGITS: Final = 7

_SPOKEN: Final = {
    1: "zero oh one two three four five six seven eight nine ноль нуль один одна два две три четыре пять шесть семь восемь девять",
    2: "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy "
    "eighty ninety double десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать "
    "девятнадцать двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
    3: "hundred triple сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот",
}
_DIGITS_OF_WORD: Final = {word: digits for digits, words in _SPOKEN.items() for word in words.split()}
_NUMBER_WORD = "|".join(sorted(_DIGITS_OF_WORD, key=len, reverse=True))
_SPOKEN_NUMBER = re.compile(
    rf"\b(?:plus\s+|плюс\s+)?(?:{_NUMBER_WORD})(?:[\s,.-]+(?:and\s+)?(?:{_NUMBER_WORD})){{3,}}\b", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+")


class Redactor:
    """Replaces what identifies somebody by its kind in brackets. Texts without any come back as they are.

    ``patterns`` are regular expressions of the user's own; what they match becomes ``[redacted]``. Redacting what was
    redacted changes nothing. Raises UsageError for a pattern that cannot be read.
    """

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self._patterns = [_compiled(pattern) for pattern in patterns]

    def __call__(self, text: str) -> str:
        """Give the text without what identifies somebody."""
        for pattern in self._patterns:
            text = pattern.sub(lambda found: OTHER if found[0] else "", text)
        text = _SPOKEN_EMAIL.sub(EMAIL, _EMAIL.sub(EMAIL, text))
        text = _DATE_OR_DIGITS.sub(_without_digits, text)
        return _SPOKEN_NUMBER.sub(_without_spoken, text)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UsageError(f"cannot read the pattern {pattern!r}: {error}", hint="write a regular expression") from error


def _without_digits(found: re.Match[str]) -> str:
    run = found["digits"]
    if run is None:
        return found[0]
    pieces, at = [], 0
    for begin, end in _cards(run):
        pieces += [_without_phone(run[at:begin]), CARD]
        at = end
    return "".join([*pieces, _without_phone(run[at:])])


def _without_phone(run: str) -> str:
    """A run of digits in which there is no card."""
    count = sum(character.isdigit() for character in run)
    if count in _PHONE_DIGITS or (count < _PHONE_DIGITS.start and _SHORT_PHONE.fullmatch(run)):
        return PHONE
    return NUMBER if count >= _PHONE_DIGITS.stop else run


def _cards(run: str) -> Iterator[tuple[int, int]]:
    """(begin, end) of the card numbers that begin and end where a group of digits does, one behind the other."""
    groups = [(*group.span(), group[0]) for group in _GROUP.finditer(run)]
    at = 0
    for first, (begin, _, _) in enumerate(groups):
        if begin < at:
            continue
        digits: list[int] = []
        longest = 0
        for _, end, text in groups[first : first + _CARD_DIGITS.stop]:
            digits += map(int, text[: _CARD_DIGITS.stop])
            if len(digits) >= _CARD_DIGITS.stop:
                break
            if len(digits) in _CARD_DIGITS and _has_check_digit(digits):
                longest = end
        if longest:
            yield begin, longest
            at = longest


def _has_check_digit(digits: list[int]) -> bool:
    """Luhn's formula (ISO/IEC 7812): every second digit from the right counts double, nines cast out."""
    doubled = (digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2])
    return any(digits) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _without_spoken(found: re.Match[str]) -> str:
    digits = sum(_DIGITS_OF_WORD.get(word.lower(), 0) for word in _WORD.findall(found[0]))
    return NUMBER if digits >= _MIN_SPOKEN_DIGITS else found[0]
