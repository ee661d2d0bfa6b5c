"""Record sample_logs/livekit: calls of real LiveKit sessions, played out in real time with a scripted caller.

    python scripts/record_livekit_samples.py [FOLDER]

Every call is an ``AgentSession`` of livekit-agents under ``voicetel.recorder.livekit.record``; the models and the
caller answer from a script, so no network and no key is needed. All calls run at once and take under a minute. Words,
tokens, characters and who interrupts whom are the same every time, but for the word at which an interruption falls.
Delays are drawn with a fixed seed and measured on the way through the session, so they differ by some milliseconds.
Times of day are moved to the days in the script.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import random
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from livekit.agents import Agent, RunContext, function_tool  # noqa: E402
from livekit.agents.testing import fake_job_context  # noqa: E402

from support.livekit.session import Pace, Reply, ScriptedCall  # noqa: E402
from voicetel.recorder.livekit import SessionRecorder, record  # noqa: E402
from voicetel.testing import capture_events  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from livekit.agents import JobContext

SPEECH = Pace(
    stt_final_s=0.22,
    vad_hangover_s=0.25,
    endpointing_s=0.45,
    tts_first_byte_s=0.16,
    tts_times_faster=8.0,
    characters_per_s=16.0,
    interruption_s=0.4,
    false_interruption_s=1.0,
    preemptive=True,
)
TOKENS_PER_CHARACTER = {"en": 0.25, "ru": 0.4}


@dataclass(frozen=True)
class Sample:
    """A call to record: how it begins, and what happens in it."""

    call_id: str
    at: str
    play: Callable[[Dialogue], Awaitable[None]]
    agent: tuple[str, str] = ("clinic-booking", "1.8.2")
    direction: str = "inbound"
    language: str = "en"
    campaign: str | None = None
    instructions_tokens: int = 640
    pace: Pace = SPEECH
    llm: tuple[str, str] = ("api.groq.com", "llama-3.1-8b-instant")
    tts: tuple[str, str] = ("Cartesia", "sonic-2")


@dataclass
class Dialogue:
    """A call being played: the caller speaks at a person's speed, the models take their time."""

    sample: Sample
    call: ScriptedCall
    recorder: SessionRecorder
    job: JobContext
    chance: random.Random
    process_died: bool = False
    said: list[str] = field(default_factory=list)

    async def greets(self, text: str) -> None:
        """The agent speaks first."""
        await asyncio.sleep(0.6)
        self.said.append(text)
        self.call.session.say(text)
        await self.call.agent_answers()

    async def caller(self, text: str, *answers: Reply | str, finishes: bool = True) -> None:
        """The caller says this; the model answers, step by step where it calls a tool."""
        await asyncio.sleep(self.chance.uniform(0.35, 0.8))
        self.expect(text, *answers)
        await self.call.says(text, len(text) / 15)
        await self.call.agent_starts()
        if finishes:
            await self.call.agent_finishes()

    def expect(self, text: str, *answers: Reply | str) -> None:
        """Give the model its answers to these words."""
        asked = text
        for answer in answers:
            reply = answer if isinstance(answer, Reply) else Reply(answer)
            self.said.append(asked)
            self.call.llm.replies[asked] = self._measured(reply)
            self.said.append(reply.text)
            asked = f"tool:{reply.tool[0]}" if reply.tool else asked

    def _measured(self, reply: Reply) -> Reply:
        per_character = TOKENS_PER_CHARACTER[self.sample.language]
        prompt = self.sample.instructions_tokens + round(per_character * sum(map(len, self.said)))
        answer = round(per_character * len(reply.text)) + (22 if reply.tool else 1)
        return replace(
            reply,
            first_token_s=self.chance.uniform(0.18, 0.42),
            between_words_s=self.chance.uniform(0.008, 0.02),
            input_tokens=prompt,
            output_tokens=answer,
        )

    async def caller_hangs_up(self) -> None:
        """The caller's line drops."""
        await asyncio.sleep(0.5)
        await self.call.hang_up()

    async def agent_hangs_up(self) -> None:
        """The agent ends the call."""
        await asyncio.sleep(0.4)
        self.call.session.shutdown()
        await self.call.closed()


@function_tool
async def find_slots(context: RunContext[Any], day: str) -> str:
    """Find free appointments on a day."""
    await asyncio.sleep(1.1)
    return "nine, half past two"


@function_tool
async def book(context: RunContext[Any], day: str, time: str) -> str:
    """Book an appointment."""
    await asyncio.sleep(0.6)
    return "booked"


@function_tool
async def track_order(context: RunContext[Any], number: str) -> str:
    """Look up where a parcel is."""
    await asyncio.sleep(1.4)
    return "with the courier"


async def moved_appointment(call: Dialogue) -> None:
    """An appointment is moved: two tools, one filler, booked."""
    call.recorder.enter_state("greeting")
    await call.greets("Green Street Clinic, good morning. How can I help you?")
    call.recorder.enter_state("ask_day")
    await call.caller("Hi, I need to move my appointment on Thursday.", "Of course. Which day suits you instead?")
    call.recorder.enter_state("offer_slots")
    await call.caller(
        "Tuesday would be good.",
        Reply("One moment, I am looking at Tuesday.", tool=("find_slots", {"day": "Tuesday"})),
        "On Tuesday I have nine in the morning and half past two. Which one shall I take?",
    )
    await call.caller(
        "Half past two, please.",
        Reply(tool=("book", {"day": "Tuesday", "time": "14:30"})),
        "Done. You are booked for Tuesday at half past two with Doctor Lange.",
    )
    call.recorder.enter_state("appointment_booked")
    await call.caller("Thank you very much, goodbye.", "You are welcome. Goodbye!")
    call.job.tagger.success("appointment moved")
    await call.caller_hangs_up()


async def opening_hours(call: Dialogue) -> None:
    """A caller who knows enough talks over the agent, twice."""
    await call.greets("Green Street Clinic, good afternoon. What can I do for you?")
    await call.caller(
        "What are your opening hours?",
        "We are open from Monday to Friday, from eight in the morning until six in the evening, and on Saturdays "
        "from nine until noon. On public holidays we are closed, but there is an emergency number.",
        finishes=False,
    )
    await asyncio.sleep(3.2)
    await call.caller(
        "That's enough, thanks. And do you take walk-ins?",
        "Yes, every morning before ten. Please bring your insurance card and expect to wait for about an hour.",
        finishes=False,
    )
    await asyncio.sleep(1.9)
    await call.caller("Great, that's all I wanted to know. Bye!", "Goodbye, and see you soon.")
    await call.caller_hangs_up()


async def new_patient(call: Dialogue) -> None:
    """Запись к терапевту: a booking in Russian."""
    await call.greets("Клиника на Зелёной, добрый день! Чем могу помочь?")
    await call.caller("Здравствуйте, хочу записаться к терапевту.", "Конечно. На какой день вас записать?")
    await call.caller(
        "Лучше на среду, с утра.",
        Reply("Секунду, смотрю расписание на среду.", tool=("find_slots", {"day": "среда"})),
        "В среду утром свободно девять часов. Вам подойдёт?",
    )
    await call.caller(
        "Да, отлично.",
        Reply(tool=("book", {"day": "среда", "time": "09:00"})),
        "Записала вас на среду, девять утра, к доктору Орловой. Пожалуйста, возьмите паспорт и полис.",
    )
    call.recorder.enter_state("appointment_booked")
    await call.caller("Спасибо большое, до свидания.", "До свидания, хорошего дня!")
    await call.caller_hangs_up()


async def where_is_my_parcel(call: Dialogue) -> None:
    """A cough in the middle of an answer: the agent pauses and goes on."""
    await call.greets("Служба доставки «Экспресс», здравствуйте! Назовите, пожалуйста, номер заказа.")
    await call.caller(
        "Четыреста двенадцать, семь, восемь.",
        Reply("Спасибо, проверяю.", tool=("track_order", {"number": "41278"})),
        "Ваш заказ уже у курьера. Он приедет сегодня с четырёх до шести вечера и позвонит за полчаса до приезда.",
        finishes=False,
    )
    await asyncio.sleep(4.6)
    await call.call.noise(0.5)
    await asyncio.sleep(1.6)
    await call.call.agent_finishes()
    await call.caller("А можно попросить не раньше пяти?", "Да, передам курьеру: после пяти часов. Что-нибудь ещё?")
    await call.caller("Нет, спасибо, это всё.", "Хорошего вечера!")
    call.recorder.enter_state("delivery_confirmed")
    await call.caller_hangs_up()


async def wrong_address(call: Dialogue) -> None:
    """The agent cannot help and hands the caller to a person."""
    await call.greets("Swift Parcels, hello. What is your order number?")
    await call.caller(
        "It's four one nine, double zero.",
        Reply("Let me check that.", tool=("track_order", {"number": "41900"})),
        "It is on its way to Mill Lane twelve, due tomorrow before noon.",
    )
    await call.caller(
        "No, that's wrong. I moved, and this is the third time I'm calling about it.",
        "I am sorry about that. I cannot change an address once the parcel has left. Shall I put you through to "
        "a colleague who can?",
    )
    await call.caller("Yes, please do.", "I am connecting you now. One moment, please.")
    call.recorder.mark("transfer", "dispatch-desk")
    call.recorder.end("transfer")


async def reminder_answered(call: Dialogue) -> None:
    """A reminder the day before, answered by a person and confirmed."""
    call.job.tagger.add("lk.amd:human")
    await call.caller(
        "Hello?",
        "Hello, this is the assistant of Green Street Clinic. I am calling to remind you of your check-up tomorrow "
        "at ten. Will you be able to come?",
    )
    call.recorder.mark("answered")
    await call.caller(
        "Oh, right. Yes, I'll be there.", "Wonderful. Please bring your insurance card. See you tomorrow!"
    )
    await call.caller("Thanks for reminding me. Bye.", "Goodbye!")
    call.recorder.enter_state("confirmed")
    await call.agent_hangs_up()


async def reminder_to_a_machine(call: Dialogue) -> None:
    """A reminder in Russian that reaches a voicemail box and leaves its message."""
    call.job.tagger.add("lk.amd:machine-vm")
    await call.caller(
        "Абонент сейчас не может ответить. Оставьте сообщение после сигнала.",
        "Здравствуйте! Это клиника на Зелёной. Напоминаем о приёме завтра в одиннадцать часов. "
        "Если планы изменились, пожалуйста, перезвоните нам.",
    )
    call.recorder.enter_state("message_left")
    await call.agent_hangs_up()


async def lost_in_a_tunnel(call: Dialogue) -> None:
    """The caller's line drops under the agent's answer."""
    await call.greets("Swift Parcels, hello. What is your order number?")
    await call.caller(
        "Hi, I don't have it with me. Can you find it by my name?",
        "I can find it by your postcode and the name on the parcel. Please tell me both, first the postcode and then "
        "the name, and spell the name if it is an unusual one.",
        finishes=False,
    )
    await asyncio.sleep(3.4)
    await call.call.hang_up()


async def thinking_aloud(call: Dialogue) -> None:
    """A caller who pauses in mid-sentence: answers are begun and thrown away before they are heard."""
    await call.greets("Harbour Taxi, good evening. Where can we pick you up?")
    await asyncio.sleep(0.5)
    whole = "From the main station, the north exit, please."
    call.expect("From the main station,", "Which exit of the station is best for you?")
    await call.call.says("From the main station,", 1.4)
    await asyncio.sleep(0.33)
    call.expect(whole, "North exit of the main station. And where are you going?")
    await call.call.says("the north exit, please.", 1.5)
    await call.call.agent_answers()
    await call.caller(
        "To the airport, terminal two.", "A car will be there in six minutes. The fare is about thirty euros."
    )
    await call.caller("Perfect, thanks.", "Have a good trip!")
    call.recorder.enter_state("ride_booked")
    call.job.tagger.success("ride booked")
    await call.caller_hangs_up()


async def silence_on_the_line(call: Dialogue) -> None:
    """A caller who says nothing for a while is asked again, and gives up."""
    await call.greets("Ресторан «Море», добрый вечер! Хотите забронировать столик?")
    await asyncio.sleep(4.4)
    await call.greets("Алло, вы меня слышите?")
    await call.caller("Да, да. Подскажите, на субботу есть столик на десять человек?",
                      "К сожалению, на субботу для десяти гостей мест уже нет. Может быть, воскресенье?")  # fmt: skip
    await call.caller("Нет, воскресенье не подходит. Тогда не надо, спасибо.", "Жаль. Будем рады вам в другой раз!")
    call.job.tagger.fail("no table for the day asked for")
    await call.caller_hangs_up()


async def process_died(call: Dialogue) -> None:
    """The agent's process dies in mid-call: turns, and no end."""
    await call.greets("Green Street Clinic, good morning. How can I help you?")
    await call.caller("I'd like to cancel my appointment tomorrow.", "Certainly. May I have your date of birth?")
    await asyncio.sleep(0.5)
    call.process_died = True
    await call.caller("The third of May, nineteen eighty-one.", "Thank you. One moment, please.", finishes=False)


SAMPLES = (
    Sample("lk-clinic-moved", "2026-11-02T09:00:00Z", moved_appointment, campaign="reception"),
    Sample("lk-clinic-hours", "2026-11-02T14:12:30Z", opening_hours, agent=("clinic-booking", "1.9.0")),
    Sample("lk-clinic-ru", "2026-11-03T07:40:10Z", new_patient, language="ru", llm=("api.openai.com", "gpt-4o-mini")),
    Sample(
        "lk-parcel-ru", "2026-11-03T12:05:00Z", where_is_my_parcel, ("delivery", "0.7.1"), language="ru",
        tts=("ElevenLabs", "eleven_flash_v2_5"),
    ),
    Sample("lk-parcel-transfer", "2026-11-03T15:31:45Z", wrong_address, ("delivery", "0.7.1")),
    Sample(
        "lk-reminder-human", "2026-11-04T10:00:05Z", reminder_answered, ("reminder", "2.0.0"), "outbound",
        campaign="checkup-november",
    ),
    Sample(
        "lk-reminder-machine", "2026-11-04T10:00:40Z", reminder_to_a_machine, ("reminder", "2.0.0"), "outbound", "ru",
        campaign="checkup-november", pace=replace(SPEECH, endpointing_s=0.9),
    ),
    Sample("lk-parcel-dropped", "2026-11-04T17:22:18Z", lost_in_a_tunnel, ("delivery", "0.7.1")),
    Sample("lk-taxi", "2026-11-05T19:47:00Z", thinking_aloud, ("taxi", "3.2.0"), pace=replace(SPEECH, stt_final_s=0.12)),
    Sample(
        "lk-table-ru", "2026-11-06T16:03:20Z", silence_on_the_line, ("restaurant", "1.0.4"), language="ru",
        pace=replace(SPEECH, away_s=3.0),
    ),
    Sample("lk-clinic-crashed", "2026-11-06T08:15:00Z", process_died, agent=("clinic-booking", "1.9.0")),
)  # fmt: skip


async def played(sample: Sample) -> bool:
    """Play one call. Gives whether its process died before the end."""
    chance = random.Random(sample.call_id)
    pace = replace(
        sample.pace,
        stt_final_s=sample.pace.stt_final_s * chance.uniform(0.8, 1.3),
        tts_first_byte_s=sample.pace.tts_first_byte_s * chance.uniform(0.8, 1.5),
    )
    name, version = sample.agent
    with fake_job_context(job_id=f"AJ_{sample.call_id}") as job:
        call = ScriptedCall({}, pace=pace, language=sample.language, llm_model=sample.llm, tts_model=sample.tts)
        recorder = record(
            call.session,
            call_id=sample.call_id,
            agent_name=name,
            agent_version=version,
            campaign=sample.campaign,
            direction=sample.direction,
            language=sample.language,
            tags={"room": f"{name}-{sample.call_id}"},
            providers={"transport": "livekit"},
        )
        agent = Agent(instructions=name, tools=[find_slots, book, track_order])
        await call.start(agent)
        dialogue = Dialogue(sample, call, recorder, job, chance)
        await sample.play(dialogue)
        await call.session.aclose()
    return dialogue.process_died


def as_written(sample: Sample, events: list[dict[str, Any]], *, crashed: bool) -> str:
    """The lines of one call, moved to the sample's day. A process that died never wrote its last turn."""
    began = datetime.fromisoformat(events[0]["ts"])
    moved = datetime.fromisoformat(sample.at) - began
    if crashed:
        last = max(place for place, event in enumerate(events) if event["event"] == "turn")
        events = events[:last]
    writer = hashlib.sha256(sample.call_id.encode()).hexdigest()[:16]
    lines = []
    for seq, event in enumerate(events, start=1):
        line = event | {"ts": _moved(event["ts"], moved), "writer": writer, "seq": seq}
        lines.append(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    return "".join(lines)


def _moved(ts: str, by: timedelta) -> str:
    moment = datetime.fromisoformat(ts) + by
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def play_all() -> tuple[list[dict[str, Any]], list[bool]]:
    """Play all calls at once. Gives what was written, and whose process died."""
    with capture_events() as events:
        died = await asyncio.gather(*(played(sample) for sample in SAMPLES))
    return events, died


def write_all(folder: Path) -> None:
    """Record every sample into a file of its own."""
    events, died = asyncio.run(play_all())
    folder.mkdir(parents=True, exist_ok=True)
    for sample, crashed in zip(SAMPLES, died, strict=True):
        own = [event for event in events if event["call_id"] == sample.call_id]
        text = as_written(sample, own, crashed=crashed)
        (folder / f"{sample.call_id}.jsonl").write_text(text, encoding="utf-8")
        print(f"{sample.call_id}: {text.count(chr(10))} lines")


if __name__ == "__main__":
    logging.getLogger("livekit.agents").setLevel(logging.ERROR)
    write_all(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "sample_logs" / "livekit")
