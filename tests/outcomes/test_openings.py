"""Who answered: what a machine says counts where a call opens, and never once a person has answered."""

from __future__ import annotations

import pytest

from voicetel.outcomes import CallOutcome, Evidence, TurnText, classify, evidence_from_turns, is_answered, load_rules

RULES = load_rules()
NOT_ANSWERED = {CallOutcome.VOICEMAIL, CallOutcome.NO_ANSWER, CallOutcome.BUSY}


def heard(*turns: tuple[str | None, str | None], direction: str | None = "outbound") -> Evidence:
    """The evidence of a call with these (user, agent) turns."""
    return evidence_from_turns([TurnText(*turn) for turn in turns], RULES, direction=direction)


@pytest.mark.parametrize(
    "greeting",
    [
        "Would you like to leave a message?",
        "He's not here right now, leave your name and number.",
        "She can't come to the phone.",
        "You have reached the night shift, what is it?",
        "My mailbox is full, so tell me now.",
        "The number you want is not in service, that's an old one.",
        "Please hold.",
        "Press one if you must, I am listening.",
        "Who is calling and what is the reason for your call?",
        "I'll tell her after the beep, I am baking.",
    ],
)
@pytest.mark.parametrize("hello", ["Hello?", "Yes?", "Smith speaking."])
def test_what_follows_a_persons_hello_is_no_greeting(hello: str, greeting: str) -> None:
    """From the second turn on these are a person's words, whichever they are."""
    evidence = heard((hello, "Hi, may I speak with Kate?"), (greeting, "I see."), ("Bye.", "Goodbye."))
    assert classify(evidence).outcome not in NOT_ANSWERED


@pytest.mark.parametrize(
    "greeting",
    [
        "Она сейчас не может подойти, что ей передать?",
        "Его нет, оставьте сообщение мне.",
        "Он временно недоступен, в отпуске.",
        "Голосовая почта у неё не работает.",
        "Нажмите два, если хотите, я слушаю.",
        "Представьтесь и скажите, по какому вопросу.",
        "Оставайтесь на линии, позову.",
        "Это не автоответчик, говорите.",
        "Все операторы заняты, это я уборщица.",
        "Я не могу сейчас ответить.",
    ],
)
@pytest.mark.parametrize("hello", ["Алло.", "Да?", "Слушаю вас."])
def test_the_same_in_russian(hello: str, greeting: str) -> None:
    """После «алло» это слова человека."""
    evidence = heard((hello, "Здравствуйте, можно Ирину?"), (greeting, "Понятно."), ("Всего доброго.", None))
    assert classify(evidence).outcome not in NOT_ANSWERED


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("The person you have called has a voicemail box that has not been set up yet. Goodbye.", "voicemail"),
        ("The customer you called has a voice mailbox that hasn't been set up yet.", "voicemail"),
        ("The person you are calling has not set up their voicemail.", "voicemail"),
        ("The voice mailbox is full. Goodbye.", "voicemail"),
        ("This mailbox is not able to accept any new messages.", "voicemail"),
        ("Голосовой ящик абонента не настроен.", "voicemail"),
        ("Почтовый ящик абонента переполнен.", "voicemail"),
        ("Hi, this call is being screened. Say your name.", "no_answer"),
        ("The person you are calling is using a screening service. Go ahead and say your name.", "no_answer"),
        ("If you record your name and reason for calling, I'll see if this person is available.", "no_answer"),
        ("Виртуальный секретарь абонента. Назовите цель звонка.", "no_answer"),
        ("For billing press two. For everything else, hold.", "no_answer"),
        ("Для соединения с оператором нажмите ноль.", "no_answer"),
    ],
)
def test_a_machine_that_answers_is_told_from_its_first_turn(text: str, outcome: str) -> None:
    """Nobody was reached, and nobody answered."""
    evidence = heard((text, "Hello, this is the clinic. You're booked for Monday."))
    judged = classify(evidence)
    assert judged.outcome == outcome
    assert not is_answered(evidence, judged)


def test_screening_is_over_when_a_person_comes_on() -> None:
    """One turn that no machine says is enough."""
    screening = ("Record your name and reason for calling, and I'll see if this person is available.", "Al, on Friday.")
    assert classify(heard(screening, ("Thanks. Please stay on the line.", None))).outcome is CallOutcome.NO_ANSWER
    assert classify(heard(screening, ("Hi Al, I'm not interested.", "Bye."))).outcome is CallOutcome.FAIL


def test_a_greeting_heard_in_pieces_stays_a_greeting() -> None:
    """A turn of noise in it makes no person; two do."""
    pieces = [("Your call has been forwarded", "Hello?"), ("5 5 5 0 1 0 0", "Hello?"), ("at the tone, record", "Hi.")]
    assert classify(heard(*pieces)).outcome is CallOutcome.VOICEMAIL
    assert classify(heard(*pieces, ("Hello?", "Hi!"))).outcome is CallOutcome.UNKNOWN


def test_in_an_inbound_call_nobody_is_a_machine() -> None:
    """Who calls in and speaks of mailboxes and menus is a person."""
    for text in ("My mailbox is full.", "I pressed one.", "The subscriber is not available.", "Абонент недоступен."):
        assert classify(heard((text, "I see."), direction="inbound")).outcome is CallOutcome.UNKNOWN


def test_what_the_agent_tells_a_machine_is_agreed_to_by_nobody() -> None:
    """The agent's own words make no success of a mailbox, nor do they make it less sure."""
    alone = classify(heard(("Leave a message after the tone.", None)))
    assert classify(heard(("Leave a message after the tone.", "You are booked for Monday."))) == alone
