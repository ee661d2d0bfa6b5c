"""What `simulate --plant` hides in the logs is what the reports find: the same place, and the same counts to the last one."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.example_logs.simulated import bytes_of, read_events
from voicetel.errors import UsageError
from voicetel.simulator import PLANTS, simulate

if TYPE_CHECKING:
    from pathlib import Path

Planted = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def planted_logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fortnight of 3,000 calls with everything planted."""
    folder = tmp_path_factory.mktemp("planted") / "logs"
    simulate(folder, calls=3_000, days=14, seed=5, plants=PLANTS, workers=1)
    return folder


@pytest.fixture(scope="module")
def planted(planted_logs: Path) -> Planted:
    """What planted.json says, by kind."""
    said = json.loads((planted_logs / "planted.json").read_text("utf-8"))
    assert said["schema_version"] == 1
    return {each["kind"]: each for each in said["planted"]}


@pytest.fixture
def ask(planted_logs: Path) -> Any:
    """Run a command over the logs and return its JSON."""

    def answer(command: str, *options: str) -> Any:
        return run(command, planted_logs, *options, "--json").json

    return answer


def test_every_kind_stands_in_the_file_with_place_change_and_counts(planted: Planted) -> None:
    """Each kind says what it is, where, how much was changed and how much of it was written."""
    assert list(planted) == sorted(PLANTS)
    for kind, said in planted.items():
        assert said["description"] == PLANTS[kind]
        assert said["where"]
        assert said["change"]
        assert min(said["counts"].values()) > 20


def test_trend_finds_the_slow_day(planted: Planted, ask: Any) -> None:
    """The day with the highest p95 by far is the planted one, with as many calls as were planted."""
    lines = ask("trend", "--metric", "eou_latency_ms", "--every", "day")["lines"]
    slowest, next_slowest, *_ = sorted(lines, key=lambda line: line["p95"], reverse=True)
    said = planted["slow_day"]
    assert slowest["bucket"] == said["where"]["day"]
    assert slowest["calls"] == said["counts"]["calls"]
    assert slowest["p95"] > 1.3 * next_slowest["p95"]
    report = ask("analyze", "--by", "day")
    (day,) = (each for each in report["groups"] if each["group"] == said["where"])
    assert (day["calls"], day["turns"]) == (said["counts"]["calls"], said["counts"]["turns"])


def test_models_and_latency_by_model_find_the_slow_model(planted: Planted, ask: Any) -> None:
    """Of the language models the planted one is the slowest at p50, and `models` counts as many requests of it as were made."""
    said = planted["slow_model"]
    groups = ask("analyze", "--by", "stage,model")["groups"]
    p50 = {
        each["group"]["model"]: each["latency"]["llm_ttft_ms"]["p50"]
        for each in groups
        if each["group"]["stage"] == "llm"
    }
    assert max(p50, key=lambda model: p50[model]) == said["where"]["model"]
    (model,) = (
        each for each in ask("models")["lines"] if all(each[name] == value for name, value in said["where"].items())
    )
    assert model["requests"] == said["counts"]["requests"]


def test_compare_finds_the_bad_release(planted: Planted, ask: Any) -> None:
    """Against the release before it, it is slower, ends less often as success; its voice is no slower."""
    where = planted["bad_release"]["where"]
    split = f"agent_version={where['agent_version_before']}:{where['agent_version']}"
    answer = ask("compare", "--agent", where["agent_name"], "--split", split)
    found = {(each["metric"], each["statistic"]): each["finding"] for each in answer["differences"]}
    assert found["llm_ttft_ms", "p50"] == "worse"
    assert found["eou_latency_ms", "p50"] == "worse"
    assert found["success_rate", "rate"] == "worse"
    assert found["tts_ttfb_ms", "p50"] != "worse"
    assert answer["new"]["calls"] == planted["bad_release"]["counts"]["calls"]


def test_dropoff_finds_where_callers_of_the_bad_release_hang_up(planted: Planted, ask: Any) -> None:
    """The state with the most hang-ups is the planted one, with as many as were planted; the release before has few."""
    said = planted["bad_release"]
    lines = ask("dropoff", "--agent", said["where"]["agent_name"], "--by", "agent_version")["lines"]
    rates = {(each["agent_version"], each["state_id"]): each for each in lines}
    bad = rates[said["where"]["agent_version"], said["where"]["state_id"]]
    before = rates[said["where"]["agent_version_before"], said["where"]["state_id"]]
    assert bad["hangups"] == said["counts"]["hangups"] == max(each["dropoffs"] for each in lines)
    assert bad["dropoff_rate"] > 3 * before["dropoff_rate"]


def test_campaigns_finds_the_campaign_at_night(planted: Planted, ask: Any) -> None:
    """It has as many attempts and pick-ups as were planted, the lowest share of pick-ups, and all its calls in the night."""
    said = planted["night_campaign"]
    campaigns = {each["campaign"]: each for each in ask("campaigns")["lines"] if each["campaign"]}
    shares = {name: each["connects"] / each["attempts"] for name, each in campaigns.items()}
    assert min(shares, key=lambda name: shares[name]) == said["where"]["campaign"]
    night = campaigns[said["where"]["campaign"]]
    assert (night["attempts"], night["connects"]) == (said["counts"]["calls"], said["counts"]["picked_up"])
    hours = {
        int(each["group"]["hour_of_day"][:2]): each["calls"]
        for each in ask("analyze", "--campaign", said["where"]["campaign"], "--by", "hour_of_day")["groups"]
    }
    assert set(hours) <= set(range(int(said["change"]["first_hour"]), int(said["change"]["last_hour"]) + 1))
    assert sum(hours.values()) == said["counts"]["calls"]


def test_the_page_finds_them(planted: Planted, ask: Any) -> None:
    """The page's figures single out the same day, release and campaign."""
    page = ask("report", "--by", "agent_name,agent_version,campaign")
    days = {each["bucket"]: each["p95"] for each in page["response"]["by_day"]}
    assert max(days, key=lambda day: days[day]) == planted["slow_day"]["where"]["day"]
    groups = {tuple(each["group"].values()): each for each in page["groups"]}
    release = planted["bad_release"]["where"]
    bad, before = (
        groups[release["agent_name"], release[name], None] for name in ("agent_version", "agent_version_before")
    )
    assert bad["calls"] == planted["bad_release"]["counts"]["calls"]
    assert bad["latency"]["llm_ttft_ms"]["p50"] > 1.5 * before["latency"]["llm_ttft_ms"]["p50"]
    assert bad["outcomes"]["success_rate"] < before["outcomes"]["success_rate"]
    night = planted["night_campaign"]
    at_night = [each for each in page["groups"] if each["group"]["campaign"] == night["where"]["campaign"]]
    assert sum(each["calls"] for each in at_night) == night["counts"]["calls"]
    others = [each["outcomes"] for each in page["groups"] if each["group"]["campaign"] and each not in at_night]
    slow = planted["slow_model"]
    language_models = [each for each in page["models"] if each["stage"] == "llm"]
    slowest = max(language_models, key=lambda each: each["wait"]["p50"])
    assert (slowest["model"], slowest["requests"]) == (slow["where"]["model"], slow["counts"]["requests"])
    not_reached = sum(each["outcomes"]["no_answer"] for each in at_night) / night["counts"]["calls"]
    assert not_reached > 2 * sum(each["no_answer"] for each in others) / sum(sum(_ends(each)) for each in others)


def _ends(outcomes: dict[str, Any]) -> list[int]:
    return [outcomes[name] for name in ("success", "fail", "voicemail", "no_answer", "busy", "unknown")]


def test_one_kind_alone_leaves_the_others_out(tmp_path: Path) -> None:
    """Only what was asked for is planted, and the summary says the same as the file."""
    summary = run("simulate", "--calls", 60, "--plant", "bad_release", "--json", "-o", tmp_path / "logs").json
    said = json.loads((tmp_path / "logs" / "planted.json").read_text("utf-8"))
    assert [each["kind"] for each in summary["planted"]] == ["bad_release"]
    assert summary["planted"] == said["planted"]
    versions = Counter(
        event["agent_version"]
        for event in read_events(tmp_path / "logs")
        if event["event"] == "call_started" and event["agent_name"] == "card-support"
    )
    assert versions["4.1.0"] == said["planted"][0]["counts"]["calls"]


def test_several_can_be_given_and_the_table_and_csv_name_them(tmp_path: Path) -> None:
    """Kinds are split at commas or given again; every output counts them alike."""
    asked = ("--plant", "slow_day,slow_model", "--plant", "night_campaign", "--calls", 200)
    table = run("simulate", *asked, "-o", tmp_path / "a").out
    rows = run("simulate", *asked, "-o", tmp_path / "b", "--format", "csv").out.splitlines()
    said = json.loads((tmp_path / "a" / "planted.json").read_text("utf-8"))["planted"]
    assert [each["kind"] for each in said] == ["night_campaign", "slow_day", "slow_model"]
    for each in said:
        for name, count in each["counts"].items():
            assert f"{each['kind']},{name.replace('_', ' ')},{count}" in rows
            assert f"{count:,} {name.replace('_', ' ')}" in table


def test_planted_logs_are_the_same_whatever_the_workers_and_without_a_plant_no_file_is_added(tmp_path: Path) -> None:
    """One process and two write the same bytes, planted.json included."""
    one = simulate(tmp_path / "one", calls=120, seed=3, workers=1, plants=PLANTS)
    two = simulate(tmp_path / "two", calls=120, seed=3, workers=2, plants=PLANTS)
    simulate(tmp_path / "plain", calls=120, seed=3, workers=1)
    assert one == two
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    assert "planted.json" not in bytes_of(tmp_path / "plain")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"plants": ["slow_week"]}, "nothing called 'slow_week' can be planted"),
        ({"plants": ["slow_day"], "days": 2}, "a slow day can be told from others where there are at least 3 days"),
    ],
)
def test_what_cannot_be_planted_is_refused_before_anything_is_written(
    tmp_path: Path, asked: dict[str, Any], said: str
) -> None:
    """An unknown kind or too few days is a UsageError, and no folder is made."""
    with pytest.raises(UsageError, match=said):
        simulate(tmp_path / "logs", calls=5, **asked)
    assert not (tmp_path / "logs").exists()


def test_a_misspelt_kind_gets_a_hint(tmp_path: Path) -> None:
    """The command names the kind that was probably meant and exits with 2."""
    ran = run("simulate", "--calls", 5, "--plant", "slow_dya", "-o", tmp_path / "logs")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean slow_day?" in ran.err
