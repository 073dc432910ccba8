"""What the owners of matters say: questions to ask, how they ended, who hears of it. In whatever order it arrives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from services.notify.commands.ladder import Climb, fire, lapse, question_facts
from services.notify.commands.meant import Meant, readers
from services.notify.commands.telling import Facts, Matter, Occasion, Saying, matter_of, tell_all
from services.notify.domain import acknowledgement, ladder
from services.notify.domain.acknowledgement import Acknowledgement
from services.notify.domain.facts import facts_of
from services.notify.domain.families import ASKED, ENDINGS, Ending, subject_of, times
from services.notify.domain.ladder import Rung
from services.notify.domain.policies import Kept, in_force, manner_of
from services.notify.domain.shipped import SHIPPED, Policy, Tells
from services.notify.store import acknowledgements as store
from services.notify.store.crowd import Member
from services.notify.store.messages import drop_queued
from services.notify.store.policies import load_policies
from services.notify.store.subjects import Subject, keep_subjects
from shared.contracts.codec import to_json
from shared.contracts.event import Envelope, Event
from shared.platform.ids import new_id
from shared.platform.work import Work

log = structlog.get_logger(__name__)

ANNOUNCED = "announced"
OVER = "over"
"""The occasion of news that a question is over: who was not asked is not told."""


@dataclass(frozen=True, slots=True)
class News:
    """An event with its reader and the policy that applies to its team."""

    envelope: Envelope
    reader: Meant
    policy: Policy

    @property
    def event(self) -> Event:
        """What happened."""
        return self.envelope.data

    @property
    def about(self) -> tuple[str, UUID]:
        """The subject of the question that it asks."""
        return ASKED[self.event.type].subject_type, self.event.subject


async def hear(work: Work, event: Event) -> None:
    """Do with one event what its family and its policy say."""
    assert work.cause is not None, "the owner's word comes as an event"
    await hear_all(work, [work.cause])


async def hear_all(work: Work, envelopes: Sequence[Envelope]) -> None:
    """Do with events of one type what their family and policies say, many at once. History asks and tells nothing."""
    current = [one for one in envelopes if not getattr(one.data, "historic", False)]
    for some in _rounds(current):
        heard = await _read(work, some)
        if some[0].type in ENDINGS:
            heard = [news for news in heard if await _end(work, news)]
        if some[0].type in ASKED:
            await _ask(work, heard)
        else:
            await _tell(work, [(news, await _asked_before(work, news)) for news in heard])


async def close(work: Work, ack: Acknowledgement, rungs: tuple[Rung, ...], why: str) -> None:
    """Save a question that is over: no rung, no timer and no unsent message of it is left."""
    await store.save_questions(work, [(ack, ladder.cancel(rungs, why))])
    await drop_queued(work, ack.acknowledgement_id, why)


def _rounds(envelopes: Sequence[Envelope]) -> Iterator[list[Envelope]]:
    """Events in order, each subject at most once at a time."""
    some: dict[UUID, Envelope] = {}
    for envelope in envelopes:
        if envelope.subject in some:
            yield list(some.values())
            some = {}
        some[envelope.subject] = envelope
    if some:
        yield list(some.values())


async def _read(work: Work, envelopes: Sequence[Envelope]) -> list[News]:
    kept = await load_policies(work, envelopes[0].type)
    found = await readers(work, [envelope.data for envelope in envelopes])
    return [News(one, reader, _policy(kept, reader, one.type)) for one, reader in zip(envelopes, found, strict=True)]


def _policy(kept: list[Kept], reader: Meant, event_type: str) -> Policy:
    if event_type not in SHIPPED:
        return Policy(event_type=event_type)
    return in_force(event_type, kept, reader.line)


async def _ask(work: Work, heard: Sequence[News]) -> None:
    """Open questions by their policies and climb what is due of their ladders at once.

    Where the owner's later word came first, a question is kept for the record and ends at once.
    """
    newer = await keep_subjects(work, [_subject(news, news.about[0], ANNOUNCED) for news in heard])
    earlier = await _earlier(work, heard)
    fresh = [news for news in heard if await _is_fresh(work, news, earlier.get(news.about, []), newer.get(news.about))]
    climbs, ended, told = [], [], []
    for news in fresh:
        behind = newer.get(news.about)
        questions = await _questions(work, news)
        ended += [(ack, rungs, behind) for ack, rungs in questions if behind]
        climbs += [Climb(ack, rungs, work.now) for ack, rungs in questions if not behind]
        told += [] if behind else [(news, [ack for ack, _ in questions])]
    await store.add_questions(work, [*await fire(work, climbs), *((ack, rungs) for ack, rungs, _ in ended)])
    for ack, _, behind in ended:
        await _settle(work, ack, Ending(state=behind.state, subjects=(), lapses=behind.state == "expired"))
    await _tell(work, told)


async def _earlier(work: Work, heard: Sequence[News]) -> dict[tuple[str, UUID], list[Acknowledgement]]:
    """The newest questions about the subjects of some events."""
    [subject_type] = {news.about[0] for news in heard} or {""}
    found = await store.newest_about(work, subject_type, [news.event.subject for news in heard])
    return {(subject_type, subject_id): asked for subject_id, asked in found.items()}


async def _is_fresh(work: Work, news: News, earlier: Sequence[Acknowledgement], newer: Subject | None) -> bool:
    """Whether this is not said again, or overtaken by a later announcement. An earlier one is superseded by it."""
    if (newer and newer.state == ANNOUNCED) or any(one.subject_version >= news.envelope.sequence for one in earlier):
        return False
    for ack in earlier:
        await _settle(work, ack, Ending(state="superseded", subjects=()))
    return True


async def _questions(work: Work, news: News) -> list[store.Question]:
    """The questions an event asks, one for each person, and their ladders."""
    asks = news.policy.asks
    if asks is None:
        return []
    within = ladder.span(asks.within) if asks.within else timedelta(hours=1)
    since, by = times(news.event, ASKED[news.event.type], within)
    rungs = ladder.schedule(asks.ladder, since, by, work.now)
    members = await news.reader.to_be_asked(asks.to)
    return [(_question(news, member, since, by), rungs) for member in members]


def _question(news: News, member: Member, since: datetime, by: datetime) -> Acknowledgement:
    subject_type, subject_id = news.about
    return Acknowledgement(
        acknowledgement_id=new_id(),
        subject_type=subject_type,
        subject_id=subject_id,
        subject_version=news.envelope.sequence,
        staff_no=member.staff_no,
        person_name=member.name,
        team_id=member.team_id,
        team_name=member.team_name,
        chain=news.reader.chain(member),
        zone=news.reader.zone,
        manner=manner_of(news.policy),
        content=to_json(news.event),
        announced_at=since,
        deadline=by,
    )


async def _end(work: Work, news: News) -> bool:
    """Its owner says that a matter took its end: nothing is asked any more. False when a later word is known."""
    ending = ENDINGS[news.event.type]
    if await keep_subjects(work, [_subject(news, subject, ending.state) for subject in ending.subjects]):
        return False
    for subject_type in ending.subjects:
        for ack in (await store.newest_about(work, subject_type, [news.event.subject])).get(news.event.subject, []):
            await _settle(work, ack, ending)
    return True


async def _settle(work: Work, ack: Acknowledgement, ending: Ending) -> None:
    """Bring a question to the end that its owner reports."""
    if ack.state != "open" and not (ending.lapses and ack.state == "answered"):
        return
    rungs = (await store.load_rungs(work, [ack.acknowledgement_id]))[ack.acknowledgement_id]
    if ending.lapses:
        ack, rungs = await _say_that_time_is_over(work, ack, rungs)
    if ack.state == "open":
        ack = lapse(work, ack) if ending.lapses else _withdraw(work, ack, ending.state)
    await close(work, ack, rungs, ending.state)


async def _say_that_time_is_over(work: Work, ack: Acknowledgement, rungs: tuple[Rung, ...]) -> store.Question:
    """Those above hear it, even if this word was faster than the timer, or an answer came too late to count."""
    waiting = ladder.cancel(ladder.revive(rungs, "supervisor"), "expired", target="recipient")
    [question] = await fire(work, [Climb(ack, waiting, max(work.now, ack.deadline))])
    return question


def _withdraw(work: Work, ack: Acknowledgement, reason: str) -> Acknowledgement:
    withdrawn, event = acknowledgement.withdraw(ack, reason, work.now)
    work.record(event, sequence=withdrawn.version)
    return withdrawn


async def _asked_before(work: Work, news: News) -> list[Acknowledgement]:
    """The questions that an event is about, when it is about any."""
    if not news.policy.tells:
        return []
    event = news.event
    return (await store.newest_about(work, subject_of(event), [event.subject])).get(event.subject, [])


async def _tell(work: Work, heard: Sequence[tuple[News, list[Acknowledgement]]]) -> None:
    """Plain messages about events, to whoever their policies name; each person once."""
    sayings = [
        saying
        for news, asked in heard
        for tells in news.policy.tells
        if _applies(tells, news.event, asked)
        for saying in await _sayings(news, tells, asked)
    ]
    await tell_all(work, sayings)


def _applies(tells: Tells, event: Event, asked: Sequence[Acknowledgement]) -> bool:
    if tells.once == OVER and not asked:
        return False
    if tells.when is None:
        return True
    unset = not getattr(event, tells.when.removeprefix("not "))
    return unset if tells.when.startswith("not ") else not unset


async def _sayings(news: News, tells: Tells, asked: Sequence[Acknowledgement]) -> list[Saying]:
    hearers = await news.reader.to_be_told(tells.to)
    if not hearers:
        log.warning("notice_reached_nobody", template=tells.template, subject_id=str(news.event.subject))
    ack = asked[0] if len(asked) == 1 else None
    number = 0 if tells.once else news.envelope.sequence
    occasion = Occasion(name=tells.once or tells.template, template=tells.template, number=number)
    matter = matter_of(ack) if ack else _matter(news)
    return [Saying(staff_no, matter, occasion, _notice_facts(news, ack)) for staff_no in hearers]


def _notice_facts(news: News, ack: Acknowledgement | None) -> Facts:
    """What the event says, with what the question it is about says, where that is known."""
    asked = question_facts(ack) if ack else lambda _: {}
    zone = ack.zone if ack else news.reader.zone
    return lambda language: asked(language) | facts_of(news.event, zone, language)


def _matter(news: News) -> Matter:
    return Matter(
        subject_type=subject_of(news.event),
        subject_id=news.event.subject,
        team_id=news.reader.home,
        urgent=news.policy.urgent,
    )


def _subject(news: News, subject_type: str, state: str) -> Subject:
    return Subject(
        subject_type=subject_type,
        subject_id=news.event.subject,
        sequence=news.envelope.sequence,
        state=state,
        content=to_json(news.event),
    )
