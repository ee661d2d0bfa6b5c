"""Asking a model about calls, over an endpoint that also misbehaves."""

from __future__ import annotations

import itertools
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.servers.model_server import INPUT_TOKENS, OUTPUT_TOKENS, model_answer, model_server
from voicetel.errors import UsageError
from voicetel.llm import Budget, LlmClassifier, MissingPackageError, Transcript, provider_of
from voicetel.outcomes import TurnText
from voicetel.pricing import parse_card

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CARD = parse_card(
    'currency = "USD"\n[llm."127.0.0.1"]\nusd_per_1m_input_tokens = 10\nusd_per_1m_output_tokens = 100\n', source="test"
)
ANSWER_COST = Decimal(INPUT_TOKENS) * 10 / 10**6 + Decimal(OUTPUT_TOKENS) * 100 / 10**6


def saying(text: str) -> list[TurnText]:
    """A call in which the caller says this."""
    return [TurnText(agent="Hello?"), TurnText(user=text, agent="I see.")]


def calls(count: int) -> list[Transcript]:
    """Calls of different words."""
    return [Transcript(saying(f"call {'x' * number}")) for number in range(count)]


def classifier(base_url: str, **options: Any) -> LlmClassifier:
    """One that does not wait long."""
    settings: dict[str, Any] = {"timeout_s": 5, "max_retries": 2, "card": CARD} | options
    return LlmClassifier(base_url, "tiny", **settings)


async def test_an_answer_is_a_verdict() -> None:
    """Outcome and confidence are the model's, the reason is one of ours, the cost is of the tokens it used."""
    with model_server(lambda text: model_answer("fail", 0.8, "refused")) as server:
        asked = classifier(server.base_url)
        result = await asked.classify(saying("no thanks"), final_state="offer")
    assert result.classification is not None
    assert (result.classification.outcome, result.classification.confidence, result.classification.source) == (
        "fail",
        0.8,
        "llm",
    )
    assert result.classification.reason == "tiny: the other side refused"
    assert "last state was called: offer" in server.questions[0]
    assert "caller: no thanks\nagent: I see." in server.questions[0]
    spent = asked.spending
    assert (spent.asked, spent.answered, spent.amount) == (1, 1, ANSWER_COST)


async def test_words_are_redacted_before_they_are_sent() -> None:
    """No number, address or card leaves the machine."""
    with model_server(lambda text: model_answer()) as server:
        await classifier(server.base_url).classify(saying("I am on 8 916 123 45 67, a@b.co, 4111 1111 1111 1111"))
    assert "I am on [phone], [email], [card]" in server.questions[0]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (500, "status 500, 3 attempts"),
        (429, "status 429, 3 attempts"),
        (400, "refused with status 400"),
        ("certainly!", "the answer is no JSON"),
        ("[1]", "the answer is no JSON object"),
        ("", "the answer is empty"),
        (model_answer("maybe"), "the answer names no outcome"),
        (model_answer(confidence=7), "confidence is no number from 0 to 1"),
        (b'{"choi', "response is no JSON"),
        (b"[]", "response is no JSON object"),
        (b'{"choices": []}', "has no message"),
    ],
)
async def test_what_goes_wrong_is_said(said: Any, reason: str) -> None:
    """No call is lost: each failure has its reason, and what was billed is counted once."""
    with model_server(lambda text: said) as server:
        asked = classifier(server.base_url)
        result = await asked.classify(saying("hm"))
    assert result.classification is None
    assert result.failure is not None
    assert reason in result.failure
    assert sum(asked.spending.failures.values()) == 1
    assert (asked.spending.amount or 0) == ANSWER_COST * server.billed.total()


async def test_silence_ends_and_counts_against_the_budget() -> None:
    """A request that timed out may have been billed: so much is set aside, and shown apart from what is known."""
    with model_server(lambda text: 1.0) as server:
        asked = classifier(server.base_url, timeout_s=0.1, max_retries=0)
        result = await asked.classify(saying("hm"))
    assert result.failure == "tiny: no answer within 0.1 s, 1 attempt"
    assert asked.spending.amount is None
    assert asked.spending.perhaps > ANSWER_COST


async def test_nobody_at_the_other_end() -> None:
    """An endpoint that is not there is a failure like any other, and after three calls no further one is tried."""
    with model_server(lambda text: model_answer()) as server:
        pass
    asked = classifier(server.base_url, max_retries=0, concurrency=1)
    results = await asked.classify_all(calls(10))
    assert all("cannot be reached" in (each.failure or "") for each in results)
    assert asked.spending.asked == 3


async def test_failures_that_pass_are_tried_again() -> None:
    """429, then 500, then the answer: one verdict, one charge."""
    replies = itertools.chain([429, 500], itertools.repeat(model_answer()))
    with model_server(lambda text: next(replies)) as server:
        asked = classifier(server.base_url)
        result = await asked.classify(saying("hm"))
    assert result.classification is not None
    assert len(server.questions) == 3
    assert (server.billed.total(), asked.spending.amount) == (1, ANSWER_COST)


async def test_a_refused_key_is_not_tried_on_every_call() -> None:
    """401 for the first call is 401 for all: the others are not sent, and say why."""
    with model_server(lambda text: 401) as server:
        results = await classifier(server.base_url, concurrency=1).classify_all(calls(20))
    assert len(server.questions) == 1
    assert {each.failure for each in results} == {"tiny: the endpoint refused with status 401"}


async def test_a_hundred_calls_over_an_endpoint_that_misbehaves() -> None:
    """Every call has a verdict or a reason, in its place; no answer is charged twice; few are under way at once."""
    replies = itertools.cycle(
        [model_answer(), 429, model_answer("fail"), 500, "broken", model_answer("maybe"), b"{", 400]
    )
    with model_server(lambda text: next(replies)) as server:
        asked = classifier(server.base_url, concurrency=3)
        results = await asked.classify_all(calls(100))
    assert len(results) == 100
    assert all((each.classification is None) != (each.failure is None) for each in results)
    spent = asked.spending
    assert spent.answered == sum(each.classification is not None for each in results) > 20
    assert spent.answered + sum(spent.failures.values()) == spent.asked == 100
    assert set(server.billed.values()) == {1}
    assert spent.amount == ANSWER_COST * server.billed.total()
    assert server.most_at_once <= 3


async def test_the_same_words_are_asked_about_once(tmp_path: Path) -> None:
    """In one run and, with a cache, in the next; other words, another model or another state are asked about."""
    with model_server(lambda text: model_answer()) as server:
        first = classifier(server.base_url, cache=tmp_path / "answers.sqlite")
        await first.classify_all([Transcript(saying("unmistakable"))] * 10)
        second = classifier(server.base_url, cache=tmp_path / "answers.sqlite")
        (again,) = await second.classify_all([Transcript(saying("unmistakable"))])
        await second.classify_all([Transcript(saying("unmistakable"), "other state")])
    assert again.classification is not None
    assert len(server.questions) == 2
    assert (first.spending.asked, first.spending.kept) == (1, 9)
    assert (second.spending.asked, second.spending.kept) == (1, 1)
    assert b"unmistakable" not in (tmp_path / "answers.sqlite").read_bytes()


async def test_failures_are_not_kept(tmp_path: Path) -> None:
    """What went wrong is asked again next time."""
    replies = iter(["broken", model_answer()])
    with model_server(lambda text: next(replies)) as server:
        for expected in (None, "success"):
            result = await classifier(server.base_url, cache=tmp_path / "a.sqlite").classify(saying("hm"))
            assert (result.classification and result.classification.outcome) == expected


async def test_a_cache_that_cannot_be_used_is_done_without(tmp_path: Path) -> None:
    """A broken file costs nothing but the asking."""
    (tmp_path / "a.sqlite").write_text("this is no database, however long it may be" * 100)
    with model_server(lambda text: model_answer()) as server:
        assert (await classifier(server.base_url, cache=tmp_path / "a.sqlite").classify(saying("hm"))).classification


async def test_the_budget_of_calls_is_kept() -> None:
    """No more are asked about, and the others say why."""
    with model_server(lambda text: model_answer()) as server:
        results = await classifier(server.base_url, budget=Budget(calls=5)).classify_all(calls(20))
    assert len(server.questions) == 5
    assert sum(each.classification is not None for each in results) == 5
    assert {each.failure for each in results if each.failure} == {"tiny: the budget of 5 calls is used up"}


@pytest.mark.parametrize("reply", [lambda text: model_answer(), lambda text: "broken", lambda text: 500])
async def test_the_budget_of_money_is_kept(reply: Callable[[str], Any]) -> None:
    """Whatever the endpoint does, what was charged stays within the budget, and not for want of asking."""
    budget = Decimal("0.2")
    with model_server(reply) as server:
        asked = classifier(server.base_url, budget=Budget(amount=budget), max_retries=0)
        results = await asked.classify_all(calls(120))
    charged = ANSWER_COST * server.billed.total()
    assert charged <= budget
    assert (asked.spending.amount or 0) == charged
    if charged:
        assert charged > budget / 2
        assert any("the budget of 0.2 is used up" in (each.failure or "") for each in results)


def test_a_budget_of_money_needs_a_price() -> None:
    """Without a rate nobody could keep it."""
    for card in (None, parse_card('currency = "USD"\n', source="test")):
        with pytest.raises(UsageError, match="needs a price"):
            LlmClassifier("http://localhost:1/v1", "tiny", card=card, budget=Budget(amount=Decimal(1)))


async def test_a_call_without_words_is_not_asked_about() -> None:
    """There is nothing to judge."""
    with model_server(lambda text: model_answer()) as server:
        result = await classifier(server.base_url).classify([TurnText(user="", agent=None)])
    assert (result.failure, server.questions) == ("tiny: nothing was said", [])


async def test_a_long_call_keeps_its_end() -> None:
    """What does not fit is left out of the middle."""
    with model_server(lambda text: model_answer()) as server:
        turns = [TurnText(user="beginning"), *[TurnText(user="middle " * 50)] * 100, TurnText(user="the end")]
        await classifier(server.base_url).classify(turns)
    (question,) = server.questions
    assert len(question) < 13_000
    assert "beginning" in question
    assert "[…]" in question
    assert "the end" in question


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://api.groq.com/openai/v1", "groq"),
        ("https://api.openai.com/v1", "openai"),
        ("http://localhost:11434/v1", "localhost"),
        ("http://127.0.0.1:8000/v1", "127.0.0.1"),
    ],
)
def test_the_provider_is_the_hosts_owner(url: str, provider: str) -> None:
    """The name under which the rate card has its prices."""
    assert provider_of(url) == provider


def test_what_is_no_endpoint_is_refused() -> None:
    """A word is no URL."""
    with pytest.raises(UsageError, match="'groq' is no endpoint"):
        provider_of("groq")


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with the extra's name."""
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(MissingPackageError) as caught:
        LlmClassifier("http://localhost:1/v1", "tiny")
    assert caught.value.hint == "pip install 'voicetel[llm]'"
