"""Alarm the managers when the ladders themselves stand still, and end the alarm when they climb again."""

from __future__ import annotations

from dataclasses import replace

import structlog

from services.notify.commands.telling import language_of
from services.notify.domain.alarm import Alarm, cleared, sounded
from services.notify.domain.contact import INBOX, channels_for
from services.notify.domain.message import Message
from services.notify.domain.own_words import own_words
from services.notify.queries.watchdog import Watch
from services.notify.store.alarms import load_alarm, save_alarm
from services.notify.store.crowd import load_contacts_of, load_managers
from services.notify.store.messages import add_messages
from services.notify.store.recipients import load_people, load_preferences
from shared.contracts.notify import WatchdogAlarmed
from shared.platform.ids import new_id, stable_id
from shared.platform.work import Work

log = structlog.get_logger(__name__)

NAME = "ladders"
ALARM_ID = stable_id("notify.watchdog", NAME)
TEMPLATE = "watchdog.alarmed"


async def judge(work: Work, seen: Watch) -> bool:
    """Raise, repeat or end the alarm by what the watchdog saw; whether anything had to be done."""
    before = await load_alarm(work, NAME)
    alarm = cleared(before, work.now) if seen.ok else sounded(before, NAME, work.now)
    if alarm is None:
        return False
    await save_alarm(work, alarm)
    if not seen.ok:
        await _sound(work, alarm, seen)
    return True


async def _sound(work: Work, alarm: Alarm, seen: Watch) -> None:
    managers = [one.staff_no for one in await load_managers(work)]
    log.error("watchdog_alarmed", without_timer=seen.without_timer_count, late_rungs=seen.late_rung_count)
    event = WatchdogAlarmed(
        alarm_id=ALARM_ID,
        without_timer_count=seen.without_timer_count,
        late_rung_count=seen.late_rung_count,
        late_message_count=seen.late_message_count,
        told_staff_nos=tuple(managers),
        raised_at=alarm.raised_at,
        alarmed_at=work.now,
    )
    work.record(event, sequence=alarm.version)
    await add_messages(work, await _messages(work, managers, alarm, seen))


async def _messages(work: Work, managers: list[str], alarm: Alarm, seen: Watch) -> list[Message]:
    people, chosen = await load_people(work, managers), await load_preferences(work, managers)
    contacts = await load_contacts_of(work, set(managers))
    messages = []
    for staff_no in managers:
        draft = _draft(work, staff_no, language_of(people[staff_no].language), alarm, seen)
        wanted = chosen[staff_no].channels if staff_no in chosen else ()
        channels = channels_for(contacts.get(staff_no, ()), wanted, ())
        messages += [replace(draft, message_id=new_id(), channel=channel) for channel in channels]
    return messages


def _draft(work: Work, staff_no: str, language: str, alarm: Alarm, seen: Watch) -> Message:
    """The message as it is on every channel."""
    words = own_words(
        TEMPLATE,
        language,
        without_timer=seen.without_timer_count,
        late_rungs=seen.late_rung_count,
        late_messages=seen.late_message_count,
    )
    return Message(
        message_id=new_id(),
        about_id=ALARM_ID,
        occasion="alarm",
        number=alarm.version,
        staff_no=staff_no,
        channel=INBOX,
        template=TEMPLATE,
        language=language,
        title=words.title,
        text=words.text,
        queued_at=work.now,
        next_at=work.now,
        subject_type="notify.watchdog",
        subject_id=ALARM_ID,
        urgent=True,
    )
