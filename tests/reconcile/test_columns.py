"""Any CSV by its columns, and files that are no invoice, or an odd one: one line that helps, or read right."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from support.invoices import cause_list, operation_at, reconciled
from voicetel.reconcile import InvoiceError, InvoiceLine, InvoiceOptions, invoice_lines
from voicetel.reconcile.invoice import charge_of
from voicetel.reconcile.providers.columns import parse_columns

if TYPE_CHECKING:
    from pathlib import Path

DAY = "2026-11-02T09:00:00Z"
COLUMNS = parse_columns(
    {"day": "Date", "model": "Model", "quantity": "Used", "unit": "=minutes", "amount": "Cost", "stage": "=stt"},
    "--columns",
)
GROQ = InvoiceOptions(provider="groq", columns=COLUMNS)


def lines_of(folder: Path, content: bytes, options: InvoiceOptions = GROQ) -> list[InvoiceLine]:
    """The lines of a file."""
    path = folder / "invoice.csv"
    path.write_bytes(content)
    return list(invoice_lines(path, options))


def amounts(lines: list[InvoiceLine]) -> list[tuple[str, str]]:
    """(seconds, amount) of lines."""
    return [(str(line.quantity), str(line.amount)) for line in lines]


PLAIN = "Date,Model,Used,Cost\n2026-11-02,whisper,90,0.06\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-32"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        b"Usage of November\r\r" + PLAIN.replace("\n", "\r").encode("utf-8"),
        PLAIN.replace(",", "\t").encode(),
        b"Date;Model;Used;Cost\n2026-11-02;whisper;90;0,06\n",
        b'Date,Model,Used,Cost\n2026-11-02,whisper,"90","$0.06"\n',
        PLAIN.encode() + b"\n\nTotal,,90,0.06\n",
        PLAIN.encode() + b",,90,0.06\n",
        PLAIN.encode() + b",,,0.06\n",
        PLAIN.encode() + b",Total:,90,0.07\n",
        PLAIN.encode() + b",see the terms,,\n",
        PLAIN.encode() + b",,0,0.00\n",
        PLAIN.encode() + b",,minutes,USD\n",
        b"Usage of November\n\n" + PLAIN.encode(),
        b"date,MODEL,used,COST\n2026-11-02,whisper,90,0.06\n",
        b"Date,Model,Used,Cost,Note\n2026-11-02,whisper,90,0.06\n",
    ],
)
def test_one_invoice_in_many_dresses(tmp_path: Path, content: bytes) -> None:
    """Marks of order, UTF-16, tabs, decimal commas, titles, totals, letter case: the same line."""
    assert amounts(lines_of(tmp_path, content)) == [("5400", "3/50")]


def test_thousands(tmp_path: Path) -> None:
    """Both styles, and in one column with numbers that do not tell."""
    english = b'Date,Model,Used,Cost\n2026-11-02,a,"1,234","1,000.50"\n2026-11-02,b,"2,000",7\n'
    german = b"Date;Model;Used;Cost\n2026-11-02;a;1.234;1.000,50\n2026-11-02;b;2.000;7\n"
    expected = [("74040", "2001/2"), ("120000", "7")]
    assert amounts(lines_of(tmp_path, english)) == expected
    assert amounts(lines_of(tmp_path, german)) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b" \r\n\n", "it is empty"),
        (b"\xff\xfe", "it is empty"),
        (b"%PDF-1.7 ...", "it is a PDF"),
        (b"PK\x03\x04....", "it is a spreadsheet or an archive"),
        (b"only one thing\n", "neither JSON nor a table with columns"),
        (b"Date,Model,Used,Cost\n", "it has columns and no rows"),
        (b"Date,Model,Used,Price\n2026-11-02,a,1,2\n", "there is no column 'Cost'"),
        (b"Date,Date,Used,Cost\n2026-11-02,a,1,2\n", "two columns have one name"),
        (b"Date,Model,Used,Cost\nsoon,a,1,2\n", "invoice.csv:2: Date: 'soon' is no day"),
        (b"Date,Model,Used,Cost\n11/02/2026,a,1,2\n", "may be a day or a month first"),
        (b"Date,Model,Used,Cost\n2026-11-02,a,n/a,2\n", "invoice.csv:2: Used: 'n/a' is no number"),
        (b"Date;Model;Used;Cost\n2026-11-02;a;1,234;2,345\n", "cannot be told"),
        (b"\xc3\x28,b\n1,2\n", "not UTF-8"),
        (PLAIN.encode() + b",,,3.00\n", "invoice.csv:3: Date: there is no day"),
        (PLAIN.encode() + b",whisper,90,0.06\n", "invoice.csv:3: Date: there is no day"),
        (PLAIN.encode() + b",,30,\n", "invoice.csv:3: Date: there is no day"),
    ],
)
def test_what_is_no_invoice_is_said_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    """With the file, the line and the column where there are any."""
    with pytest.raises(InvoiceError) as caught:
        lines_of(tmp_path, content)
    assert message in str(caught.value)
    assert "invoice.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"v":1,"event":"turn"}', "none of the exports that are known"),
        (b"[1, 2]", "none of the exports that are known"),
        (b"[" * 100_000, "no JSON"),
        (b'{"data": [', "no JSON"),
        (b"a,b\n1,2\n", "none of the exports that are known"),
        (
            b'{"usage_records":[{"category":"calls","usage":"x","usage_unit":"minutes","price":"1"}]}',
            "not as twilio writes it",
        ),
        (b'{"results":[{"total_hours":1,"grouping":{}}]}', "not as deepgram writes it"),
        (b'{"time":[1,2],"usage":{"m":[1]}}', "1 numbers for 2 days"),
    ],
)
def test_what_no_provider_wrote(tmp_path: Path, content: bytes, message: str) -> None:
    """Without columns a file is shown to every provider's module."""
    with pytest.raises(InvoiceError, match=message):
        lines_of(tmp_path, content, InvoiceOptions())


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ({"amont": "Cost"}, "amont is nothing that a column could have"),
        ({"day": "Date"}, "no column of quantities and none of amounts"),
        ({"quantity": "Used"}, "a quantity needs a unit"),
        ({"amount": 3}, "amount is no text"),
    ],
)
def test_columns_that_mean_nothing(pairs: dict[str, object], message: str) -> None:
    """Refused before any file is opened."""
    with pytest.raises(InvoiceError, match=message):
        parse_columns(pairs, "--columns")


WITH_TEXT = InvoiceOptions(
    provider="groq",
    columns=parse_columns(
        {
            "day": "Date",
            "model": "Model",
            "quantity": "Used",
            "unit": "=minutes",
            "amount": "Cost",
            "stage": "=stt",
            "description": "What",
        },
        "--columns",
    ),
)


@pytest.mark.parametrize(
    ("text", "amount", "charge"),
    [
        ("Platform fee", "3.00", "minimum_fee"),
        ("Platform fee", "0.06", "minimum_fee"),
        ("VAT 19%:", "3.00", "tax"),
        ("Discount", "-3.00", "credit"),
        ("", "(3.00) USD", "credit"),
    ],
)
def test_what_has_no_day_and_no_usage_is_of_the_whole_invoice(
    tmp_path: Path, text: str, amount: str, charge: str
) -> None:
    """A fee, a tax or a credit below the days; also one that is as much as all above it."""
    content = f"Date,Model,Used,Cost,What\n2026-11-02,whisper,90,0.06,\n,,,{amount},{text}\n,,,9,Total\n"
    _, whole = lines_of(tmp_path, content.encode(), WITH_TEXT)
    assert (whole.first_day, whole.charge, whole.unit) == (None, charge, None)
    assert abs(whole.amount or 0) == Fraction(amount.strip("()-USD "))


def test_totals_of_a_table_without_days(tmp_path: Path) -> None:
    """In whichever column the label stands: nothing is counted twice."""
    columns = parse_columns({"amount": "Cost", "model": "Model"}, "--columns")
    content = b"No,Model,Cost\n1,whisper,0.06\n,Total,0.06\n2,Total:,0.06\n"
    (line,) = lines_of(tmp_path, content, InvoiceOptions(provider="groq", columns=columns))
    assert line.amount == Fraction("0.06")


@pytest.mark.parametrize(
    ("text", "amount", "charge"),
    [
        ("Voice credits used", "12", "usage"),
        ("Credit usage: voice", "12", "usage"),
        ("nova-3, discounted", "12", "usage"),
        ("Minutes beyond the free tier", "12", "usage"),
        ("Free tier", "0", "credit"),
        ("Promotional credit", "12", "credit"),
        ("Credit grant", "-12", "credit"),
        ("volume-discount", None, "credit"),
        ("Tax:", "12", "tax"),
        ("Sales tax (8%)", "12", "tax"),
        ("VAT/GST", "12", "tax"),
        ("Taxes & duties", "12", "tax"),
        ("НДС:", "12", "tax"),
        ("Taxi dispatch", "12", "usage"),
        ("platform_fee", "12", "minimum_fee"),
    ],
)
def test_what_a_line_is_for(text: str, amount: str | None, charge: str) -> None:
    """By whole words, whatever stands between them; credits can be what usage is counted in."""
    assert charge_of(text, None if amount is None else Fraction(amount)) == charge


def test_credits_that_were_used(tmp_path: Path) -> None:
    """They keep their quantity, and are held against the logs: 1,000 characters for 0.06 where the card has 0.05."""
    logged = [operation_at(DAY, "tts", "elevenlabs", characters=1000)]
    columns = parse_columns(
        {
            "day": "Date",
            "quantity": "Used",
            "unit": "=credits",
            "amount": "Cost",
            "stage": "=tts",
            "description": "What",
        },
        "--columns",
    )
    text = "Date,Used,Cost,What\n2026-11-02,1000,0.06,Voice credits used\n"
    assert cause_list(reconciled(tmp_path, logged, text, provider="elevenlabs", columns=columns)) == [("rate", "0.01")]


def test_a_unit_that_no_log_counts_in(tmp_path: Path) -> None:
    """It names those that are."""
    columns = parse_columns({"day": "Date", "quantity": "Used", "unit": "=parsecs"}, "--columns")
    with pytest.raises(InvoiceError, match="'parsecs' is no unit") as caught:
        lines_of(tmp_path, PLAIN.encode(), InvoiceOptions(provider="groq", columns=columns))
    assert "audio_s" in (caught.value.hint or "")


def test_groq_by_columns(tmp_path: Path) -> None:
    """1.5 hours at 0.04 by the card, billed at 0.05 an hour, and a minimum fee."""
    logged = [operation_at(DAY, "stt", "groq", "whisper", audio_s=5400)]
    text = "Date,Model,Used,Cost,What\n2026-11-02,whisper,90,0.075,usage\n2026-11-02,,,0.5,Monthly minimum\n"
    found = reconciled(tmp_path, logged, text, provider="groq", columns=WITH_TEXT.columns)
    assert cause_list(found) == [("minimum_fee", "0.5"), ("rate", "0.015")]


def test_a_table_of_a_provider_of_its_own(tmp_path: Path) -> None:
    """Provider, stage and currency from columns; units in words, several in one table."""
    columns = parse_columns(
        {"day": "d", "provider": "who", "stage": "s", "quantity": "q", "unit": "u", "amount": "a", "currency": "c"},
        "toml",
    )
    text = (
        b"d,who,s,q,u,a,c\n2026-11-02,Acme,tts,3,1k characters,0.2,eur\n2026-11-02,Acme,llm,2,M output tokens,1,usd\n"
    )
    first, second = lines_of(tmp_path, text, InvoiceOptions(columns=columns))
    assert (first.provider, first.unit, first.quantity, first.currency) == ("acme", "characters", Fraction(3000), "EUR")
    assert (second.unit, second.quantity) == ("output_tokens", Fraction(2_000_000))
