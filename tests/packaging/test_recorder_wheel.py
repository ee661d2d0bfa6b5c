"""The recorder alone: a wheel of its own, with nothing to install beside it."""

from __future__ import annotations

import email
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from voicetel import __version__

ROOT = Path(__file__).resolve().parents[2]

AGENT = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from voicetel.recorder import CostCalculator, MetricCollector, QualityMetricsCollector, TelemetryService
import voicetel
assert voicetel.__file__.startswith(sys.argv[1]), voicetel.__file__

async def main():
    telemetry = TelemetryService(sys.argv[2], agent_name="clinic", providers={"llm": "groq"})
    collector = MetricCollector("c-1", telemetry)
    collector.start_turn("user", "Hi.")
    collector.on_llm_start()
    collector.on_llm_complete(1_000_000, 0)
    collector.on_tts_start("Hello!")
    collector.on_audio_playback_start()
    await collector.finalize_turn()
    outcome = QualityMetricsCollector().classify_outcome("booked", 1, 60.0)
    metrics = await telemetry.finalize_call("c-1", outcome.outcome, outcome.confidence, livekit_duration_sec=60.0)
    metrics.apply_cost(CostCalculator().calculate_from_metrics(metrics.to_dict()))
    assert await telemetry.flush()
    print(metrics.outcome, metrics.cost_total)

asyncio.run(main())
loaded = {name.partition(".")[0] for name in sys.modules}
print(sorted(name for name in loaded - set(sys.stdlib_module_names) if not name.startswith("_")))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recorder's wheel, built from this tree."""
    project = str(ROOT / "packaging" / "voicetel-recorder")
    return Path(next(WheelBuilder(project).build(directory=str(tmp_path_factory.mktemp("dist")))))


def test_needs_no_other_package(wheel: Path) -> None:
    """It requires nothing, is of the version of the whole, and small."""
    [metadata] = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".dist-info/METADATA")]
    read = email.message_from_bytes(zipfile.ZipFile(wheel).read(metadata))
    required = [line for line in read.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert required == []
    assert (read["Name"], read["Version"]) == ("voicetel-recorder", __version__)
    assert wheel.stat().st_size < 500_000


def test_agent_runs_on_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    """An agent records, classifies and prices a call in an interpreter that has the wheel and nothing else."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    command = [sys.executable, "-I", "-S", "-c", AGENT, str(tmp_path / "site"), str(tmp_path / "logs")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    # A million input tokens at 0.05 and a minute at 0.004, and 6 characters that round to nothing: 0.054 + 0.0001.
    assert done.stdout.splitlines() == ["success 0.0541", "['voicetel']"]
    [log] = (tmp_path / "logs").glob("*.jsonl")
    events = [json.loads(line)["event"] for line in log.read_text(encoding="utf-8").splitlines()]
    assert events == ["call_started", "turn", "call_ended"]


def test_every_file_of_the_recorder_is_in_it_and_equal(wheel: Path) -> None:
    """What it has it has from the same tree: a fix in one is a fix in the other."""
    packed = {name: zipfile.ZipFile(wheel).read(name) for name in zipfile.ZipFile(wheel).namelist()}
    files = {path for path in (ROOT / "voicetel" / "recorder").rglob("*") if path.suffix in {".py", ".toml", ".sql"}}
    assert files
    for path in files:
        assert packed[str(path.relative_to(ROOT))] == path.read_bytes()
    assert not [name for name in packed if name.endswith(".pyc")]
    assert packed["voicetel/pricing/default.toml"] == (ROOT / "pricing.toml").read_bytes()


def test_every_module_of_it_loads_without_the_rest(wheel: Path, tmp_path: Path) -> None:
    """No module reaches for one that was left behind; integrations say which extra they lack."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    names = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in zipfile.ZipFile(wheel).namelist()
        if name.endswith(".py")
    ]
    code = f"""
import importlib, sys
sys.path.insert(0, {str(tmp_path)!r})
for name in {names!r}:
    try:
        importlib.import_module(name)
    except ImportError as error:
        assert name.startswith(("voicetel.recorder.livekit", "voicetel.recorder.pipecat")), (name, error)
"""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
