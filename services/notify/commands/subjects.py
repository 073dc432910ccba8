"""What the owners of matters say: questions to ask, how they ended, who hears of it. In whatever order it arrives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

import structlog

from services.notify.commands.ladder import Climb, fire, lapse, question_facts
from services.notify.commands.meant import Meant, readers
from services.notify.commands.telling import Facts, Matter, Occasion, Saying, matter_of, tell_all
from services.notify.domain import acknowledgement, ladder
from services.notify.domain.acknowledgement import Acknowledgement
from services.notify.domain.facts import facts_of
from services.notify.domain.families import ASKED, ENDINGS, Ending, is_outside, subject_of, times
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
_REPLACED = Ending(state="superseded", subjects=())


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

    def work(self, work: Work) -> Work:
        """The transaction, on behalf of this event."""
        return work.caused_by(self.envelope)


@dataclass(frozen=True, slots=True)
class Settled:
    """A question that took its end, and the transaction on behalf of what ended it."""

    work: Work
    ack: Acknowledgement
    ending: Ending


async def hear(work: Work, event: Event) -> None:
    """Do with one event what its family and its policy say."""
    assert work.cause is not None, "the owner's word comes as an event"
    await hear_all(work, [work.cause])


async def hear_all(work: Work, envelopes: Sequence[Envelope]) -> None:
    """Do with events what their families and policies say, in order, many at once. History asks and tells nothing."""
    current = [one for one in envelopes if not getattr(one.data, "historic", False)]
    for some in _rounds(current):
        heard = await _read(work, some)
        if some[0].type in ENDINGS:
            heard = await _end(work, heard)
        if some[0].type in ASKED:
            await _ask(work, heard)
        else:
            await _tell(work, await _with_questions(work, heard))


async def close(work: Work, over: Sequence[tuple[Acknowledgement, tuple[Rung, ...], str]]) -> None:
    """Save questions that are over, and why: no rung, no timer and no unsent message of them is left."""
    await store.save_questions(work, [(ack, ladder.cancel(rungs, why)) for ack, rungs, why in over])
    await drop_queued(work, {ack.acknowledgement_id: why for ack, _, why in over})


def _rounds(envelopes: Sequence[Envelope]) -> Iterator[list[Envelope]]:
    """Events in order, of one type and each subject at most once at a time."""
    for _, in_row in groupby(envelopes, key=lambda envelope: envelope.type):
        some: dict[UUID, Envelope] = {}
        for envelope in in_row:
            if envelope.subject in some:
                yield list(some.values())
                some = {}
            some[envelope.subject] = envelope
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

    Where the owner's later word came first, a question is kept for the record and ends at once. Earlier questions about
    the same are superseded.
    """
    newer = await keep_subjects(work, [_subject(news, news.about[0], ANNOUNCED) for news in heard])
    earlier = await _earlier(work, heard)
    fresh = [news for news in heard if _is_fresh(news, earlier.get(news.about, []), newer.get(news.about))]
    replaced = [Settled(news.work(work), ack, _REPLACED) for news in fresh for ack in earlier.get(news.about, [])]
    await _settle(work, replaced)
    climbs, ended, told = [], [], []
    for news in fresh:
        behind = newer.get(news.about)
        questions = await _questions(work, news)
        ended += [(news, ack, rungs, behind) for ack, rungs in questions if behind]
        climbs += [Climb(news.work(work), ack, rungs, work.now) for ack, rungs in questions if not behind]
        told += [] if behind else [(news, [ack for ack, _ in questions])]
    await store.add_questions(work, [*await fire(work, climbs), *((ack, rungs) for _, ack, rungs, _ in ended)])
    await _settle(work, [Settled(news.work(work), ack, _ending_of(behind)) for news, ack, _, behind in ended])
    await _tell(work, told)


async def _earlier(work: Work, heard: Sequence[News]) -> dict[tuple[str, UUID], list[Acknowledgement]]:
    """The newest questions about the subjects of some events."""
    [subject_type] = {news.about[0] for news in heard} or {""}
    found = await store.newest_about(work, subject_type, [news.event.subject for news in heard])
    return {(subject_type, subject_id): asked for subject_id, asked in found.items()}


def _is_fresh(news: News, earlier: Sequence[Acknowledgement], newer: Subject | None) -> bool:
    """Whether this is not said again, or overtaken by a later announcement."""
    if newer and newer.state == ANNOUNCED:
        return False
    return all(one.subject_version < news.envelope.sequence for one in earlier)


def _ending_of(newer: Subject) -> Ending:
    """The end that its owner's later word, which came first, has given a question."""
    return Ending(state=newer.state, subjects=(), lapses=newer.state == "expired")


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
        manner=manner_of(news.policy, outside=is_outside(news.event)),
        content=to_json(news.event),
        announced_at=since,
        deadline=by,
    )


async def _end(work: Work, heard: Sequence[News]) -> list[News]:
    """Its owner says that a matter took its end: nothing is asked any more. Without those of whom a later word is
    known."""
    ending = ENDINGS[heard[0].event.type]
    said = [_subject(news, subject, ending.state) for news in heard for subject in ending.subjects]
    late = {subject_id for _, subject_id in await keep_subjects(work, said)}
    in_time = {news.event.subject: news for news in heard if news.event.subject not in late}
    for subject_type in ending.subjects:
        asked = await store.newest_about(work, subject_type, list(in_time))
        await _settle(
            work,
            [
                Settled(in_time[subject_id].work(work), ack, ending)
                for subject_id, questions in asked.items()
                for ack in questions
            ],
        )
    return list(in_time.values())


async def _settle(work: Work, settled: Sequence[Settled]) -> None:
    """Bring questions to the end that their owners report."""
    due = [one for one in settled if one.ack.state == "open" or (one.ending.lapses and one.ack.state == "answered")]
    if not due:
        return
    rungs = await store.load_rungs(work, [one.ack.acknowledgement_id for one in due])
    questions = {one.ack.acknowledgement_id: (one.ack, rungs[one.ack.acknowledgement_id]) for one in due}
    late = [_time_is_over(one, rungs[one.ack.acknowledgement_id]) for one in due if one.ending.lapses]
    questions |= {question[0].acknowledgement_id: question for question in await fire(work, late)}
    over = []
    for one in due:
        ack, steps = questions[one.ack.acknowledgement_id]
        if ack.state == "open":
            ack = lapse(one.work, ack) if one.ending.lapses else _withdraw(one.work, ack, one.ending.state)
        over.append((ack, steps, one.ending.state))
    await close(work, over)


def _time_is_over(one: Settled, rungs: tuple[Rung, ...]) -> Climb:
    """Those above hear it, even if this word was faster than the timer, or an answer came too late to count."""
    waiting = ladder.cancel(ladder.revive(rungs, "supervisor"), "expired", target="recipient")
    return Climb(one.work, one.ack, waiting, max(one.work.now, one.ack.deadline))


def _withdraw(work: Work, ack: Acknowledgement, reason: str) -> Acknowledgement:
    withdrawn, event = acknowledgement.withdraw(ack, reason, work.now)
    work.record(event, sequence=withdrawn.version)
    return withdrawn


async def _with_questions(work: Work, heard: Sequence[News]) -> list[tuple[News, list[Acknowledgement]]]:
    """Events of one type with the questions that they are about, when they are about any."""
    telling = [news.event for news in heard if news.policy.tells]
    asked: dict[UUID, list[Acknowledgement]] = {}
    if telling:
        asked = await store.newest_about(work, subject_of(telling[0]), [event.subject for event in telling])
    return [(news, asked.get(news.event.subject, [])) for news in heard]


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
