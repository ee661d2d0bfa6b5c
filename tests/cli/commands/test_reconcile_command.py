"""Which of the files that ``voicetel reconcile`` is given are invoices, and which are logs."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from support.command import run
from support.invoices import operation_at
from voicetel.cli import inputs
from voicetel.cli.commands.costs.reconcile import is_log_path
from voicetel.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

EVENT = operation_at("2026-11-02T09:00:00Z", "llm", "openai", "gpt-x", input_tokens=10**6)
INVOICE = "day,model,tokens,amount,currency\n2026-11-02,gpt-x,1000000,2.10,USD\n"
COLUMNS = "day=day,model=model,quantity=tokens,unit==input tokens,amount=amount,currency=currency"
LOG = json.dumps(EVENT).encode() + b"\n"
PACKED = {
    "plain": bytes,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda content: pa.Codec("zstd").compress(content, asbytes=True),
}


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
@pytest.mark.parametrize("name", ["calls.jsonl.zst", "calls.1"])
def test_a_log_is_no_invoice_however_it_is_packed_and_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes], name: str
) -> None:
    """A log packed by zstd had been read as an invoice."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VOICETEL_PRICING")
    Path("invoice.csv").write_text(INVOICE, encoding="utf-8")
    log = tmp_path / name
    log.write_bytes(pack(LOG))
    options = ("--provider", "openai", "--columns", COLUMNS, "--no-cache", "--json")
    ran = run("reconcile", "invoice.csv", log, *options)
    assert ran.code == ExitCode.OK, ran.err
    assert "2.1" in ran.out


def test_strict_writes_the_answer_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the JUnit file; the status says that a line was refused."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VOICETEL_PRICING")
    Path("invoice.csv").write_text(INVOICE, encoding="utf-8")
    Path("calls.jsonl").write_bytes(LOG + b"{}\n")
    options = ("--provider", "openai", "--columns", COLUMNS, "--no-cache", "--json", "--max-difference", "50%")
    wanted = run("reconcile", "invoice.csv", "calls.jsonl", *options)
    ran = run("reconcile", "invoice.csv", "calls.jsonl", *options, "--strict", "--junit", "junit.xml")
    assert (ran.code, ran.out) == (ExitCode.REFUSED_INPUT, wanted.out)
    assert wanted.out
    assert Path("junit.xml").is_file()


def test_objects_and_folders_are_logs() -> None:
    """Invoices are read from this machine's files alone."""
    assert all(is_log_path(name) for name in ("-", ".", "s3://bucket/logs/", "gs://bucket/a.jsonl"))


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
@pytest.mark.parametrize("before", [b"", b'torn line"}\n'])
def test_a_log_that_is_not_read_is_not_written_over(
    tmp_path: Path, pack: Callable[[bytes], bytes], before: bytes
) -> None:
    """However it is packed; also where its first line was torn."""
    file = tmp_path / "kept"
    file.write_bytes(pack(before + LOG))
    content = file.read_bytes()
    assert inputs.is_log(file)
    ran = run("analyze", "logs/calls.jsonl", "--no-cache", "-o", file)
    assert (ran.code, ran.out) == (ExitCode.USAGE, "")
    assert f"{file}: is a log" in ran.err
    assert file.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"day,amount\n1,2\n", b'{"day": 1}\n', b"\x1f\x8bno gzip", b"[" * 100_000])
def test_what_is_no_log_is_written_over(tmp_path: Path, content: bytes) -> None:
    """Invoices, other JSON, broken archives."""
    file = tmp_path / "out.json"
    file.write_bytes(content)
    assert not inputs.is_log(file)
    shutil.copy("logs/calls.jsonl", tmp_path / "calls.jsonl")
    assert run("analyze", tmp_path / "calls.jsonl", "--no-cache", "-o", file).code == ExitCode.OK
