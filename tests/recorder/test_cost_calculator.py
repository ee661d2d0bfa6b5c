"""What a call costs, by the rates of a PricingConfig."""

from __future__ import annotations

import math
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.recorded import PROVIDERS, service
from voicetel.errors import UsageError
from voicetel.pricing import Quantities, load_card, price, round_half_up
from voicetel.recorder import CallMetrics, CostCalculator, PricingConfig, TurnMetrics
from voicetel.testing import capture_events

USAGE = ("stt_duration_sec", "llm_input_tokens", "llm_output_tokens", "tts_characters", "livekit_duration_sec")
COMPONENTS = ("cost_stt", "cost_llm", "cost_tts", "cost_livekit")


def shipped_card() -> Any:
    """The card that ships, whatever lies in the working folder."""
    return load_card(Path(__file__).parents[2] / "pricing.toml")


def test_the_worked_example_of_the_design() -> None:
    """60 s of audio, 1000 and 2000 tokens, 5000 characters and 120 s connected cost what the design says."""
    cost = CostCalculator().calculate(60, 1000, 2000, 5000, 120)

    assert {name: getattr(cost, name) for name in cost.exact} == {
        "cost_stt": Decimal("0.2580"),
        "cost_llm": Decimal("0.0002"),
        "cost_tts": Decimal("0.0750"),
        "cost_livekit": Decimal("0.0080"),
        "cost_total": Decimal("0.3412"),
    }
    assert str(cost.cost_total) == "0.3412"


def test_cents_have_two_places() -> None:
    """The same in cents carries the unit in its names and loses nothing."""
    cents = CostCalculator().calculate(60, 1000, 2000, 5000, 120).to_cents_dict()

    assert {name: str(amount) for name, amount in cents.items()} == {
        "cost_stt_cents": "25.80",
        "cost_llm_cents": "0.02",
        "cost_tts_cents": "7.50",
        "cost_livekit_cents": "0.80",
        "cost_total_cents": "34.12",
    }


def test_the_estimate_of_a_minute() -> None:
    """A minute of ordinary talk costs 0.1481 USD with the shipped card."""
    assert str(CostCalculator().estimate_cost_per_minute()) == "0.1481"


def test_the_estimate_is_a_call_of_one_minute() -> None:
    """The estimate is what such a minute costs when it is priced as a call."""
    calculator = CostCalculator()

    assert (
        calculator.estimate_cost_per_minute(4, 5, 80, 1000) == calculator.calculate(20, 2000, 2000, 320, 60).cost_total
    )


def test_the_rates_are_those_of_the_shipped_card() -> None:
    """The defaults of PricingConfig amount to the shipped rates, to the last place."""
    card, own = shipped_card(), PricingConfig().card()

    for stage, provider in (("stt", "deepgram"), ("llm", "groq"), ("tts", "cartesia"), ("transport", "livekit")):
        [shipped], [mine] = card.match(stage, provider, None), own.match(stage, "config", None)
        for column in ("per_second", "per_character", "per_input_token", "per_output_token"):
            assert getattr(mine, column) == getattr(shipped, column), (stage, column)


def test_amounts_before_rounding_are_those_of_the_card() -> None:
    """The exact amounts equal rate × quantity as the analyzers price them."""
    exact = CostCalculator().calculate(61.5, 1001, 13, 777, 119).exact
    card = shipped_card()

    def priced(stage: str, provider: str, **used: int | str) -> Decimal:
        return price(
            card.match(stage, provider, None)[0], Quantities(**{k: Decimal(v) for k, v in used.items()})
        ).amount

    assert exact["cost_stt"] == priced("stt", "deepgram", audio_s="61.5")
    assert exact["cost_llm"] == priced("llm", "groq", input_tokens=1001, output_tokens=13)
    assert exact["cost_tts"] == priced("tts", "cartesia", characters=777)
    assert exact["cost_livekit"] == priced("transport", "livekit", session_s=119)
    assert exact["cost_total"] == sum((exact[name] for name in COMPONENTS), Decimal(0))


@given(st.tuples(*[st.integers(0, 10**6)] * 5))
def test_components_are_rounded_and_add_up(used: tuple[int, int, int, int, int]) -> None:
    """Each component is its exact amount rounded half up to 4 places, and the total is their sum."""
    cost = CostCalculator().calculate(*used)

    for name in COMPONENTS:
        assert getattr(cost, name) == round_half_up(cost.exact[name], 4)
    assert cost.cost_total == cost.cost_stt + cost.cost_llm + cost.cost_tts + cost.cost_livekit


def test_a_half_is_rounded_up() -> None:
    """Half a ten-thousandth is rounded away from zero, not to the even neighbour."""
    calculator = CostCalculator(PricingConfig(stt_per_second=Decimal("0.00005")))

    assert [str(calculator.calculate(seconds).cost_stt) for seconds in (1, 3, 5)] == ["0.0001", "0.0002", "0.0003"]


def test_floats_stand_for_their_digits() -> None:
    """A rate or a quantity of 0.1 is a tenth, not its binary neighbour."""
    cost = CostCalculator(PricingConfig(stt_per_second=0.1)).calculate(0.3)

    assert cost.exact["cost_stt"] == Decimal("0.03")


def test_own_rates_replace_those_that_ship() -> None:
    """Each field of PricingConfig prices its own component."""
    cost = CostCalculator(PricingConfig(1, 2_000_000, 3_000_000, 4000, 300)).calculate(1, 1, 1, 1, 1)

    assert [int(getattr(cost, name)) for name in (*COMPONENTS, "cost_total")] == [1, 5, 4, 5, 15]


@pytest.mark.parametrize("name", [field.name for field in fields(PricingConfig)])
@pytest.mark.parametrize("rate", [-0.01, Decimal(-1), math.nan, math.inf, "0.1", True, None])
def test_a_rate_that_cannot_be_is_refused(name: str, rate: Any) -> None:
    """A rate that is negative or no finite number is named in the error."""
    with pytest.raises(UsageError, match=f"PricingConfig: {name} "):
        PricingConfig(**{name: rate})


@pytest.mark.parametrize("name", USAGE)
@pytest.mark.parametrize("used", [-1, math.nan, math.inf, "60", False, 10**12])
def test_a_quantity_that_cannot_be_is_refused(name: str, used: Any) -> None:
    """A wrong quantity raises; it never becomes a cost of zero."""
    with pytest.raises(UsageError, match=name):
        CostCalculator().calculate(**{name: used})
    with pytest.raises(UsageError, match=name):
        CostCalculator().calculate_from_metrics({name: used})


def test_metrics_are_priced_under_the_names_of_calculate() -> None:
    """A dictionary with the usage prices like the usage itself; what is missing or None was not used."""
    calculator = CostCalculator()

    assert calculator.calculate_from_metrics(
        {"stt_duration_sec": 60, "llm_input_tokens": 1000, "tts_characters": None, "other": "x"}
    ) == calculator.calculate(60, 1000)


def test_a_dictionary_without_any_usage_is_refused() -> None:
    """Names that are all misspelt are an error, not a free call."""
    with pytest.raises(UsageError, match="no usage"):
        CostCalculator().calculate_from_metrics({"stt_seconds": 60})


async def test_the_metrics_of_a_call_are_priced() -> None:
    """``CallMetrics.to_dict()`` is a dictionary of usage, and takes the cost in."""
    with capture_events():
        telemetry = service(providers=PROVIDERS)
        await telemetry.record_turn(
            "c", TurnMetrics(1, "assistant", "x", llm_input_tokens=1000, llm_output_tokens=2000)
        )
        metrics = await telemetry.finalize_call("c", "success", 1.0, stt_duration_sec=60, livekit_duration_sec=120)
    metrics.tts_characters = 5000

    cost = CostCalculator().calculate_from_metrics(metrics.to_dict())
    metrics.apply_cost(cost)

    assert cost == CostCalculator().calculate(60, 1000, 2000, 5000, 120)
    assert (metrics.cost_stt, metrics.cost_total) == (Decimal("0.2580"), Decimal("0.3412"))
    assert CallMetrics("d").cost_total is None
