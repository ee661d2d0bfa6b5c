"""The data files of the simulator hang together."""

from __future__ import annotations

import re
from itertools import product

import pytest

from voicetel.simulator import scenarios
from voicetel.simulator.agents import agents
from voicetel.simulator.data import table
from voicetel.simulator.pipelines.models import model
from voicetel.simulator.scenarios import LANGUAGES, Scenario, ScenarioError, State, phrases, scenario

EVERY_SCENARIO = sorted(
    {(language, agent.scenario, agent.direction) for language, agent in product(LANGUAGES, agents().items)}
)
USED_BY_PHRASES = {"name", "caller"}


def texts_of(state: State) -> list[str]:
    """Return everything that may be said in a state."""
    replies = state.replies.items if state.replies else ()
    return [*state.agent, *state.filler, *(text for reply in replies for text in reply.user)]


def reachable(one: Scenario) -> set[str]:
    """Return the states that a dialogue can come to."""
    found: set[str] = set()
    todo = ["greeting"]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            replies = one.states[name].replies
            todo += [reply.goto for reply in replies.items] if replies else []
    return found


@pytest.mark.parametrize(("language", "name"), sorted({(language, name) for language, name, _ in EVERY_SCENARIO}))
def test_every_state_is_reached_and_every_slot_is_used(language: str, name: str) -> None:
    """No state or slot of a scenario is dead: each is of use on calls of one direction or the other."""
    sides = [scenario(language, name, side) for side in ("inbound", "outbound")]
    reached = reachable(sides[0]) | reachable(sides[1])
    assert reached == set(sides[0].states)
    said = " ".join(text for one in sides for state in one.states.values() for text in texts_of(state))
    assert set(sides[0].slots) - set(re.findall(r"{(\w+)}", said)) <= USED_BY_PHRASES


@pytest.mark.parametrize(("language", "name", "direction"), EVERY_SCENARIO)
def test_a_scenario_can_end_well_and_badly(language: str, name: str, direction: str) -> None:
    """Every scenario has endings that succeed and endings that fail, each with a final_state."""
    ends = [state for state in scenario(language, name, direction).states.values() if state.end]
    assert {state.end for state in ends} == {"success", "fail"}
    assert all(state.final_state for state in ends)


def test_both_languages_have_the_same_scenarios_and_phrases() -> None:
    """What is there in English is there in Russian, state by state."""
    assert set(phrases("en")) == set(phrases("ru"))
    for _, name, direction in EVERY_SCENARIO:
        assert set(scenario("en", name, direction).states) == set(scenario("ru", name, direction).states)


def test_every_model_is_used_and_none_is_missing() -> None:
    """models.toml describes exactly the models that agents.toml names."""
    used = {key for entry in table("agents")["agents"] for key in entry["stack"]}
    assert used == set(table("models"))
    assert {model(key).stage for key in used} == {"stt", "eot", "llm", "tts", "realtime"}


GREETING = {"agent": ["Hello"], "replies": [{"user": ["Hi {name}"], "goto": "bye"}]}
BYE = {"agent": ["Bye"], "end": "success"}


@pytest.mark.parametrize(
    ("states", "asides", "said"),
    [
        ({"greeting": GREETING}, [], "leads to bye, which is no state"),
        ({"greeting": GREETING | {"end": "success"}, "bye": BYE}, [], "either replies or an end"),
        ({"greeting": GREETING | {"agent": []}, "bye": BYE}, [], "nothing to say"),
        ({"greeting": GREETING | {"agent": ['Say "yes"']}, "bye": BYE}, [], "would need escaping"),
        ({"greeting": GREETING | {"agent": ["Hello {nobody}"]}, "bye": BYE}, [], "unknown slot"),
        (
            {"greeting": GREETING | {"replies": [{"user": ["Hi"], "goto": "bye", "redraw": ["x"]}]}, "bye": BYE},
            [],
            "redraws an unknown slot",
        ),
        ({"greeting": GREETING, "bye": BYE}, ["weather"], "an aside has no phrases"),
    ],
)
def test_a_scenario_that_contradicts_itself_is_refused(
    monkeypatch: pytest.MonkeyPatch, states: dict[str, object], asides: list[str], said: str
) -> None:
    """A slip in a data file is an error that names the file and the state, not a strange log."""
    files = {"en/broken": {"slots": {}, "asides": asides, "states": states}}
    monkeypatch.setattr(scenarios, "table", lambda name: files.get(name) or table(name))
    with pytest.raises(ScenarioError, match=said):
        scenario("en", "broken", "inbound")
