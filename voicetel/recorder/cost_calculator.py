"""What a call costs, priced by the same code that analyses it later."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias

from voicetel.pricing import PricingError, Quantities, RateCard, amount_of, exact_sum, parse_card, price, rounded_to_sum
from voicetel.pricing.money import round_fraction
from voicetel.pricing.price import quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

Amount: TypeAlias = Decimal | int | float
"""A number. A float stands for the digits it is printed with: 0.1 is a tenth."""

PLACES: Final = 4
"""Decimal places of a CostBreakdown."""

_COMPONENTS: Final = ("cost_stt", "cost_llm", "cost_tts", "cost_livekit")

_PROVIDER: Final = "config"
_CARD: Final = """
currency = "USD"
[stt.config]
usd_per_second = {stt_per_second}
[llm.config]
usd_per_1m_input_tokens = {llm_input_per_million}
usd_per_1m_output_tokens = {llm_output_per_million}
[tts.config]
usd_per_1k_characters = {tts_per_thousand_chars}
[transport.config]
usd_per_minute = {livekit_per_minute}
"""


@dataclass(frozen=True, slots=True)
class PricingConfig:
    """Rates in USD, in the units of their names; as they come, those of the shipped ``pricing.toml``.

    Raises PricingError, a ValueError, for a rate that is negative or no finite number.
    """

    stt_per_second: Amount = Decimal("0.0043")
    llm_input_per_million: Amount = Decimal("0.05")
    llm_output_per_million: Amount = Decimal("0.08")
    tts_per_thousand_chars: Amount = Decimal("0.015")
    livekit_per_minute: Amount = Decimal("0.004")

    def __post_init__(self) -> None:
        for each in fields(self):
            _number("PricingConfig", each.name, getattr(self, each.name), "a rate")

    def card(self) -> RateCard:
        """Give these rates as the rate card they amount to, with one provider, ``config``, in each stage."""
        rates = {each.name: f"{_decimal(getattr(self, each.name)):f}" for each in fields(self)}
        return parse_card(_CARD.format(**rates), source="PricingConfig")


@dataclass(frozen=True, slots=True)
class CostBreakdown:
    """A call's cost in USD by component, each rounded half up to 4 places; ``cost_total`` is the sum of these.

    ``exact`` holds the same five amounts before rounding, with every digit: they equal what ``voicetel cost`` adds up.
    A breakdown that was made of rounded amounts alone has these as its exact ones.
    """

    cost_stt: Decimal
    cost_llm: Decimal
    cost_tts: Decimal
    cost_livekit: Decimal
    cost_total: Decimal
    exact: Mapping[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.exact:
            names = ("cost_stt", "cost_llm", "cost_tts", "cost_livekit", "cost_total")
            object.__setattr__(self, "exact", {name: getattr(self, name) for name in names})

    @classmethod
    def from_exact(
        cls, stt: Decimal | Fraction, llm: Decimal | Fraction, tts: Decimal | Fraction, livekit: Decimal | Fraction
    ) -> CostBreakdown:
        """Round exact amounts of the four components."""
        amounts = [Fraction(amount) for amount in (stt, llm, tts, livekit)]
        rounded = dict(zip(_COMPONENTS, (round_fraction(amount, PLACES) for amount in amounts), strict=True))
        total = exact_sum(rounded.values())
        exact = dict(zip(_COMPONENTS, rounded_to_sum(amounts), strict=True))
        return cls(**rounded, cost_total=total, exact=exact | {"cost_total": amount_of(sum(amounts, Fraction(0)))})

    def to_dict(self) -> dict[str, float]:
        """Give the rounded amounts under their names, in USD, as ``json.dumps`` takes them.

        A float shows 4 places exactly; for arithmetic take the attributes, or ``exact``.
        """
        return {name: float(amount) for name, amount in self._amounts().items()}

    def to_cents_dict(self) -> dict[str, Decimal]:
        """Give the rounded amounts in US cents, to 2 places, under their names with ``_cents``."""
        return {f"{name}_cents": (amount * 100).quantize(Decimal("0.01")) for name, amount in self._amounts().items()}

    def _amounts(self) -> dict[str, Decimal]:
        return {name: getattr(self, name) for name in self.exact}


class CostCalculator:
    """Prices calls by a PricingConfig: exactly, in Decimal. ``pricing`` is another name of ``config``.

    A quantity that is negative, no finite number or absurdly large raises PricingError: an error of money is never
    a cost of zero.
    """

    def __init__(self, config: PricingConfig | None = None, *, pricing: PricingConfig | None = None) -> None:
        self.config = config or pricing or PricingConfig()
        card = self.config.card()
        self._rates = {stage: card.match(stage, _PROVIDER, None)[0] for stage in ("stt", "llm", "tts", "transport")}

    @property
    def pricing(self) -> PricingConfig:
        """The rates: another name of ``config``."""
        return self.config

    def calculate(
        self,
        stt_duration_sec: Amount = 0,
        llm_input_tokens: Amount = 0,
        llm_output_tokens: Amount = 0,
        tts_characters: Amount = 0,
        livekit_duration_sec: Amount = 0,
    ) -> CostBreakdown:
        """Price a call's usage: seconds of audio transcribed, tokens, characters spoken, seconds connected."""
        used = {
            "stt": Quantities(audio_s=_quantity("stt_duration_sec", stt_duration_sec)),
            "llm": Quantities(
                input_tokens=_quantity("llm_input_tokens", llm_input_tokens),
                output_tokens=_quantity("llm_output_tokens", llm_output_tokens),
            ),
            "tts": Quantities(characters=_quantity("tts_characters", tts_characters)),
            "transport": Quantities(session_s=_quantity("livekit_duration_sec", livekit_duration_sec)),
        }
        amounts = {stage: price(self._rates[stage], quantities).exact for stage, quantities in used.items()}
        return CostBreakdown.from_exact(amounts["stt"], amounts["llm"], amounts["tts"], amounts["transport"])

    def calculate_from_metrics(self, metrics: Mapping[str, object]) -> CostBreakdown:
        """Price the usage in a dictionary such as ``CallMetrics.to_dict()``, under the names of ``calculate``.

        What is missing or None was not used. Raises PricingError where none of the names is there at all.
        """
        names = ("stt_duration_sec", "llm_input_tokens", "llm_output_tokens", "tts_characters", "livekit_duration_sec")
        if not any(name in metrics for name in names):
            raise PricingError("metrics: no usage to price", hint=f"it stands under {', '.join(names)}")
        given = {name: metrics[name] for name in names if metrics.get(name) is not None}
        return self.calculate(**{name: _number("metrics", name, value, "a quantity") for name, value in given.items()})

    def estimate_cost_per_minute(
        self,
        turns_per_minute: Amount = 10,
        avg_user_speech_sec: Amount = 3.0,
        avg_bot_response_chars: Amount = 100,
        avg_llm_tokens_per_turn: Amount = 200,
    ) -> Decimal:
        """Estimate the USD a minute of talk costs, to 4 places: the ``cost_total`` of such a minute.

        Transcribed is the caller's speech alone, half of a turn's tokens are input and half output, and a minute of
        transport is connected.
        """
        turns = _number("estimate", "turns_per_minute", turns_per_minute, "a quantity")
        tokens = turns * _number("estimate", "avg_llm_tokens_per_turn", avg_llm_tokens_per_turn, "a quantity") / 2
        return self.calculate(
            turns * _number("estimate", "avg_user_speech_sec", avg_user_speech_sec, "a quantity"),
            tokens,
            tokens,
            turns * _number("estimate", "avg_bot_response_chars", avg_bot_response_chars, "a quantity"),
            60,
        ).cost_total


def _decimal(value: Amount) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _number(where: str, name: str, value: object, what: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise PricingError(f"{where}: {name} is not a number", hint=f"{what} is an int, a float or a Decimal")
    number = _decimal(value)
    if not number.is_finite() or number < 0:
        problem = "is negative" if number.is_finite() else "is not a finite number"
        raise PricingError(f"{where}: {name} {problem}", hint=f"{what} is at least 0")
    return number


def _quantity(name: str, value: Amount) -> Decimal:
    number = quantity(_number("calculate", name, value, "a quantity"))
    if number is None:
        raise PricingError(f"calculate: {name} is out of all proportion", hint="look at its unit")
    return number
