"""Surges: counted from what is recorded, looked for, acknowledged, acted upon, measured afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.cases.commands.problems import Announcement, announce_problem
from services.cases.domain import sketch
from services.cases.domain import surge as rules
from services.cases.domain.surge import (
    BUCKET,
    EVERYTHING,
    MEASURED_FOR,
    Seen,
    Sighting,
    Surge,
    SurgeRule,
    Tally,
    bucket_of,
)
from services.cases.queries.sight import person_of, sight_of
from services.cases.store import surges as store
from services.cases.store.surges import Count, Key
from services.cases.store.topics import owner_team_of
from shared.contracts.cases import CaseOpened, ContactFact, ContactRecorded
from shared.contracts.notify import AcknowledgementGiven
from shared.contracts.refusal import Refusal
from shared.platform.ids import new_id, stable_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

SUBJECT = "cases.surge"
WATCH = "surge-watch"
DEADLINE = "surge-deadline"
MEASURE = "surge-measure"
FORGET = "surge-forget"

AT_ONCE = 5_000
"""Quarters of an hour looked at in one transaction."""

SETTLING = timedelta(seconds=5)
"""How long history is given to arrive whole before it is looked at."""

_LIVE, _HISTORY = stable_id("surges", "live"), stable_id("surges", "history")


async def count_contacts(work: Work, event: ContactRecorded) -> None:
    """Count contacts that came in; a correction takes back what its contact was before."""
    inbound = [fact for fact in event.contacts if fact.direction == "inbound"]
    corrected = [(fact.contact_id, fact.version - 1) for fact in inbound if fact.version > 1]
    before = await store.earlier_versions(work.conn, corrected) if corrected else []
    now = [(_key(fact), 1, _person(fact)) for fact in inbound]
    taken_back = [(_key_before(contact), -1, None) for contact in before if contact["direction"] == "inbound"]
    await _count(work, [*now, *taken_back])


async def count_case(work: Work, event: CaseOpened) -> None:
    """Count a case that somebody opened without a contact; one that came with a contact counts as that contact."""
    if event.contact_id is None and not event.historic:
        key = Key(bucket_of(event.opened_at), event.topic or "")
        await _count(work, [(key, 1, sketch.hash_of(event.customer_id or event.case_id))])


async def _count(work: Work, seen: Iterable[tuple[Key, int, int | None]]) -> None:
    contacts: dict[Key, int] = defaultdict(int)
    people: dict[Key, list[int]] = defaultdict(list)
    for key, step, person in seen:
        contacts[key] += step
        if person is not None:
            people[key].append(person)
    if not contacts:
        return
    await store.add_counts(
        work.conn, {key: Count(count, sketch.merged([people[key]])) for key, count in contacts.items()}
    )
    live = max(key.bucket_at for key in contacts) > work.now - SurgeRule().window
    await _watch_soon(work, live=live)


async def watch_topics(work: Work, timer: Timer) -> None:
    """Look for surges in what came in since the last look."""
    changed = await store.take_unwatched(work.conn, at_most=AT_ONCE)
    if len(changed) == AT_ONCE:
        await _watch_soon(work, live=True)
    topics = sorted({key.topic for key in changed} - {""})
    if not topics:
        return
    every = await store.load_rules(work.conn)
    counts = await _counts_around(work, changed, every)
    earlier = await store.latest_surges(work.conn, topics)
    for topic in topics:
        rule = rule_of(every, topic)
        ends = {key.bucket_at + BUCKET for key in changed if key.topic == topic}
        theirs = [surge for surge in earlier if surge.topic == topic]
        await _watch_topic(work, topic, rule, rules.standing_out(topic, rule, ends, counts), theirs)


async def _counts_around(work: Work, changed: Sequence[Key], every: Mapping[str, SurgeRule]) -> list[Seen]:
    longest = max(rule.window for rule in every.values())
    since, until = changed[0].bucket_at - longest, changed[-1].bucket_at + longest
    return await store.load_counts(work.conn, since, until)


async def _watch_topic(
    work: Work, topic: str, rule: SurgeRule, standing_out: Iterator[tuple[datetime, Tally]], earlier: list[Surge]
) -> None:
    """Raise the first surge among the windows; while it is open it covers the others."""
    for end, tally in standing_out:
        start, historic = end - rule.window, rules.is_history(end, rule, work.now)
        if any(rules.blocks(one, window_from=start, historic=historic) for one in earlier):
            continue
        seen = await _sighting(work, topic, rule, end, tally)
        if rules.is_surge(tally, seen.customers, seen.baseline_share, rule):
            earlier.append(await _raise(work, seen, rule))


async def _sighting(work: Work, topic: str, rule: SurgeRule, end: datetime, tally: Tally) -> Sighting:
    people = await store.load_people(work.conn, topic, end - rule.window, end)
    weeks = await store.load_tallies(work.conn, topic, rules.past_windows(rule, end))
    return Sighting(
        topic=topic,
        topic_name=await store.name_of_topic(work.conn, topic) or topic,
        window_from=end - rule.window,
        window_to=end,
        tally=tally,
        customers=sketch.distinct(sketch.merged(people)),
        baseline_share=rules.baseline_of(weeks, rule),
    )


async def _raise(work: Work, seen: Sighting, rule: SurgeRule) -> Surge:
    owner = await owner_team_of(work.conn, seen.topic)
    team = (owner.team_id, owner.name) if owner else None
    surge, event = rules.raised(seen, rule, team, surge_id=new_id(), now=work.now)
    await store.save_surge(work.conn, surge)
    work.record(event, sequence=surge.version)
    await _set_deadline(work, surge, rule)
    return surge


async def acknowledge_surge(work: Work, *, surge_id: UUID) -> Surge:
    """The responsible department has seen it; said again it answers the same."""
    surge = await _theirs(work, surge_id)
    return await _acknowledge(work, surge, person_of(work.actor).staff_no)


async def take_acknowledgement(work: Work, event: AcknowledgementGiven) -> None:
    """Somebody of the department said so in notify."""
    surge = await store.find_surge(work.conn, event.subject_id)
    if surge:
        await _acknowledge(work, surge, event.staff_no)


async def _acknowledge(work: Work, surge: Surge, by: str) -> Surge:
    after, event = rules.acknowledged(surge, by=by, now=work.now)
    if event:
        await store.save_surge(work.conn, after)
        work.record(event, sequence=after.version)
        await _set_deadline(work, after, await _rule(work, surge.topic))
    return after


async def act_on_surge(work: Work, *, surge_id: UUID, action: str, note: str, problem_id: UUID | None = None) -> Surge:
    """The department says what it did; seven days later the topic's share since then is measured."""
    surge = await _theirs(work, surge_id)
    by = person_of(work.actor).staff_no
    after, event = rules.acted(surge, action=action, note=note, by=by, now=work.now, problem_id=problem_id)
    await store.save_surge(work.conn, after)
    work.record(event, sequence=after.version)
    await cancel_timers(work, DEADLINE, [surge_id])
    await set_timers(work, [Timer(kind=MEASURE, subject_id=surge_id, due_at=work.now + MEASURED_FOR)])
    return after


async def turn_into_problem(work: Work, *, surge_id: UUID, note: str, announcement: Announcement) -> Surge:
    """The department announces what is behind it as a known problem about the topic, in one step."""
    surge = await _theirs(work, surge_id)
    told = replace(
        announcement,
        owner_team=announcement.owner_team or str(surge.owner_team_id or ""),
        topics=announcement.topics or (surge.topic,),
    )
    problem = await announce_problem(work, announcement=told, surge_id=surge_id)
    return await act_on_surge(work, surge_id=surge_id, action="problem", note=note, problem_id=problem.problem_id)


async def measure_surge(work: Work, timer: Timer) -> None:
    """Note what became of the topic's share after the action."""
    surge = await store.find_surge(work.conn, timer.subject_id)
    if surge is None or surge.acted_at is None or surge.measured_at is not None:
        return
    window = (surge.acted_at, surge.acted_at + MEASURED_FOR)
    [later] = await store.load_tallies(work.conn, surge.topic, [window])
    after, event = rules.measured(surge, later, now=work.now)
    await store.save_surge(work.conn, after)
    work.record(event, sequence=after.version)


async def chase_surge(work: Work, timer: Timer) -> None:
    """The acknowledgement or the action is missing past its time."""
    surge = await store.find_surge(work.conn, timer.subject_id)
    if surge is None or surge.version != timer.version or surge.acted_at is not None:
        return
    after, event = rules.overdue(surge, now=work.now)
    await store.save_surge(work.conn, after)
    work.record(event, sequence=after.version)
    await _set_deadline(work, after, await _rule(work, surge.topic))


async def _set_deadline(work: Work, surge: Surge, rule: SurgeRule) -> None:
    if due_at := rules.next_deadline(surge, rule, work.now):
        timer = Timer(kind=DEADLINE, subject_id=surge.surge_id, due_at=due_at, version=surge.version)
        await set_timers(work, [timer])


async def keep_rule(work: Work, *, topic: str, seen_version: int | None, changes: Mapping[str, Any]) -> SurgeRule:
    """Set the rule of a topic (or of the centre, `*`): what is not given is as the centre's, or as it ships."""
    every = await store.load_rules(work.conn)
    before = every.get(topic, SurgeRule(topic=topic))
    if seen_version is not None and before.version != seen_version:
        raise Refusal("stale-version", current=before.version)
    rule = replace(every[EVERYTHING], **changes, topic=topic, version=before.version + 1)
    await store.save_rule(work.conn, rule, now=work.now)
    return rule


async def drop_rule(work: Work, *, topic: str) -> None:
    """From now on the centre's rule holds for a topic (or, for `*`, the rule as it ships)."""
    await store.delete_rule(work.conn, topic)


async def forget_counts(work: Work, timer: Timer) -> None:
    """Once a day: drop what no baseline needs any more."""
    every = await store.load_rules(work.conn)
    weeks = max(rule.baseline_weeks for rule in every.values()) + 2
    if await store.forget_counts(work.conn, before=work.now - timedelta(weeks=weeks)):
        await set_timers(work, [_forgetting(work.now)])


def rule_of(every: Mapping[str, SurgeRule], topic: str) -> SurgeRule:
    """The rule that holds for a topic."""
    return every.get(topic, every[EVERYTHING])


async def _rule(work: Work, topic: str) -> SurgeRule:
    return rule_of(await store.load_rules(work.conn), topic)


async def _theirs(work: Work, surge_id: UUID) -> Surge:
    """A surge that the caller's department answers for; one without a department is any lead's."""
    surge = await store.load_surge(work.conn, surge_id)
    if surge.owner_team_id is None:
        work.actor.require_team(*work.actor.teams)
    elif not work.actor.sees_all and surge.owner_team_id not in (await sight_of(work.conn, work.actor)).teams:
        raise Refusal("not-yours")
    return surge


async def _watch_soon(work: Work, *, live: bool) -> None:
    subject_id, wait = (_LIVE, timedelta()) if live else (_HISTORY, SETTLING)
    watch = Timer(kind=WATCH, subject_id=subject_id, due_at=work.now + wait)
    await set_timers(work, [watch, _forgetting(work.now)])


def _forgetting(now: datetime) -> Timer:
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return Timer(kind=FORGET, subject_id=_LIVE, due_at=midnight)


def _key(fact: ContactFact) -> Key:
    return Key(bucket_of(fact.queued_at), fact.topic or "")


def _key_before(contact: Mapping[str, Any]) -> Key:
    return Key(bucket_of(datetime.fromisoformat(contact["queued_at"])), contact["topic"] or "")


def _person(fact: ContactFact) -> int:
    """Who came; somebody unknown is taken for somebody else each time."""
    return sketch.hash_of(fact.customer_id or fact.contact_id)
