"""What the shell completes, asked as bash asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from voicetel.analyzers.core.dimensions import Level
from voicetel.cli import completion

HERE = Path(__file__).parent


def completed(*words: str) -> list[str]:
    """What bash is told for a line that ends in the last of ``words``."""
    line = " ".join(("voicetel", *words))
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv[0] = 'voicetel'\nfrom voicetel.cli.app import main; main()"],
        env=os.environ | {"_VOICETEL_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words))},
        capture_output=True,
        text=True,
        check=False,
        cwd=HERE,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("calls", "--sort", "eou_latency_ms_p"), ["eou_latency_ms_p50", "eou_latency_ms_p95"]),
        (("calls", "--sort", "cost_t"), ["cost_tts", "cost_transport", "cost_total"]),
        (("analyze", "--by", "agent_"), ["agent_name", "agent_version"]),
        (("cost", "--by", "comp"), ["component"]),
        (("cost", "--by", "component,mod"), ["component,model"]),
        (("compare", "--metric", "eou"), ["eou_latency_ms"]),
        (("trend", "--metric", "eou"), ["eou_latency_ms"]),
        (("trend", "--metric", "cost,eou"), ["cost,eou_latency_ms"]),
        (("analyze", "--format", "c"), ["csv"]),
        (("calls", "-f", "p"), ["parquet"]),
        (("schema", "pricing-"), ["pricing-show", "pricing-check", "pricing-estimate"]),
        (("call", "c-b2"), ["c-b210"]),
        (("outcomes", "--explain", "c-7"), ["c-7f3a"]),
        (("analy",), ["analyze"]),
    ],
)
def test_words_are_completed(words: tuple[str, ...], expected: list[str]) -> None:
    """Names as they are typed, of several with commas the last."""
    assert completed(*words) == expected


def test_ids_that_a_shell_would_obey_are_left_out() -> None:
    """The log has a call whose id holds terminal escapes."""
    found = completed("call", "")
    assert "c-b210" in found
    assert all(name.isprintable() for name in found)


def test_without_logs_there_is_nothing_to_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no error: the shell shows nothing."""
    monkeypatch.chdir(tmp_path)

    class Asked:
        params: dict[str, object] = {}  # noqa: RUF012  as typer has it

    assert completion.call_ids(Asked(), "c") == []  # type: ignore[arg-type]


def test_a_word_is_not_offered_twice() -> None:
    """What stands before the comma already is left out."""
    assert "day" not in [word.rpartition(",")[2] for word in completion.dimensions(Level.CALL)("day,")]
