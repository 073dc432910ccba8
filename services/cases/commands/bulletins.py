"""Bulletins: posted, shown to whoever meets the customer, captured into the case; over towards whoever posted them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.commands.customers import PERSONAL
from services.cases.commands.describing import answer_fields
from services.cases.commands.keeping import keep_case
from services.cases.domain import bulletin as rules
from services.cases.domain.bulletin import VALID_FOR, Ask, Bulletin, by_strength
from services.cases.domain.case import Case, changed, require_not_closed
from services.cases.domain.customer import Identity
from services.cases.domain.recognition import Hint, key_of, keys_of_visitor, read_hint
from services.cases.queries.bulletins import BulletinToAsk, seen
from services.cases.queries.sight import person_of, require_worker
from services.cases.store import bulletins as store
from services.cases.store.case_types import load_case_type
from services.cases.store.cases import add_entry, load_case
from services.cases.store.problems import find_team
from shared.contracts.cases import BulletinFulfilled, CaseClosed
from shared.contracts.refusal import Fault, Refusal
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

EXPIRY = "bulletin-expiry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A bulletin as somebody wants it posted. Teams are ids or codes; none: everybody."""

    case_id: UUID
    questions: tuple[Ask, ...]
    hints: tuple[Hint, ...]
    note: str | None = None
    teams: tuple[str, ...] = ()
    valid_until: datetime | None = None


async def post_bulletin(work: Work, *, posting: Posting) -> Bulletin:
    """Ask every agent to ask: a case lacks information, and the customer left no way back."""
    case = await load_case(work.conn, posting.case_id)
    await require_worker(work.conn, work.actor, case)
    require_not_closed(case)
    await _require_fields(work, case, posting.questions)
    person = person_of(work.actor)
    bulletin = Bulletin(
        bulletin_id=new_id(),
        case_id=case.case_id,
        case_number=case.number,
        note=posting.note,
        questions=posting.questions,
        hints=_read(posting.hints),
        team_ids=await _teams(work, posting.teams),
        posted_by=person.staff_no,
        posted_by_name=person.name,
        posted_at=work.now,
        valid_until=posting.valid_until or work.now + VALID_FOR,
        answers={},
        updated_at=work.now,
    )
    await _keep_posted(work, case, bulletin)
    return _shown(work, bulletin)


async def _keep_posted(work: Work, case: Case, bulletin: Bulletin) -> None:
    work.record(rules.posted(bulletin), sequence=bulletin.version)
    await store.save_bulletin(work.conn, bulletin)
    await store.add_keys(work.conn, bulletin.bulletin_id, [key_of(hint) for hint in bulletin.hints])
    await set_timers(work, [Timer(kind=EXPIRY, subject_id=bulletin.bulletin_id, due_at=bulletin.valid_until)])
    asked = [ask.question for ask in bulletin.questions]
    await add_entry(work, case, "bulletin_posted", data={"bulletin_id": bulletin.bulletin_id, "questions": asked})


def _read(hints: Sequence[Hint]) -> tuple[Hint, ...]:
    """Hints in their one written form, each once; refuses with every one that cannot be read."""
    found: dict[Hint, None] = {}
    faults = []
    for place, hint in enumerate(hints):
        try:
            found[read_hint(hint)] = None
        except Refusal as refusal:
            faults.append(Fault(f"hints.{place}.value", refusal.code, refusal.params))
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))
    return tuple(found)


async def _require_fields(work: Work, case: Case, questions: Sequence[Ask]) -> None:
    """Refuse questions for fields that the case's type does not have."""
    case_type = await load_case_type(work.conn, case.case_type, case.type_version)
    known = {rule.code for rule in case_type.fields}
    faults = tuple(
        Fault(f"questions.{place}.field", "unknown-field", {})
        for place, ask in enumerate(questions)
        if ask.field is not None and ask.field not in known
    )
    if faults:
        raise Refusal("invalid-value", faults=faults)


async def _teams(work: Work, names: Sequence[str]) -> tuple[UUID, ...]:
    found = [await find_team(work.conn, name) for name in names]
    faults = tuple(
        Fault(f"teams.{place}", "team-unknown", {"team": names[place]})
        for place, team in enumerate(found)
        if team is None
    )
    if faults:
        raise Refusal("invalid-value", faults=faults)
    return tuple(team.team_id for team in found if team)


async def bulletins_for(
    work: Work, *, customer_id: UUID | None, identity: Identity | None, words: Sequence[str]
) -> list[BulletinToAsk]:
    """What to ask somebody who comes now, by who they are, what they are known by, and words about them."""
    name, known = await store.known_of(work.conn, customer_id) if customer_id else (None, [])
    identities = [*known, identity] if identity else known
    keys = keys_of_visitor(identities, [name] if name else [], words)
    if not keys:
        return []
    sure = [key for key, kind in keys.items() if kind != "name"]
    found = await store.matching(work.conn, list(keys), sure=sure)
    asked = [_to_ask(work, bulletin, [keys[key] for key in matched]) for bulletin, matched in found]
    return sorted(asked, key=lambda one: (by_strength(one.recognised_by), one.posted_at))


def _to_ask(work: Work, bulletin: Bulletin, kinds: list[str]) -> BulletinToAsk:
    return BulletinToAsk(
        bulletin_id=bulletin.bulletin_id,
        case_id=bulletin.case_id,
        case_number=bulletin.case_number,
        note=bulletin.note,
        questions=rules.unanswered(bulletin),
        recognised_by=sorted(set(kinds), key=lambda kind: by_strength([kind])),
        hints=list(_shown(work, bulletin).hints),
        posted_by=bulletin.posted_by,
        posted_by_name=bulletin.posted_by_name,
        posted_at=bulletin.posted_at,
    )


async def capture_answers(
    work: Work, *, bulletin_id: UUID, answers: Mapping[str, Any], contact_id: UUID | None, note: str | None
) -> Bulletin:
    """What the customer said fills the case; when everything was asked the bulletin is over.

    Any agent may: it was broadcast to all. A customer not named in the case so far is the contact's.
    """
    bulletin = rules.answered(await store.load_bulletin(work.conn, bulletin_id), answers, now=work.now)
    case = await load_case(work.conn, bulletin.case_id)
    fields = {ask.field for ask in bulletin.questions}
    if of_fields := {name: value for name, value in answers.items() if name in fields}:
        case = await answer_fields(work, case, of_fields)
    case = await _named(work, case, contact_id)
    told = {name: bulletin.answers[name] for name in answers if name not in fields}
    data = {"bulletin_id": bulletin_id, "answers": told, "fields": sorted(of_fields), "note": note}
    await add_entry(work, case, "bulletin_captured", data=data | {"contact_id": contact_id})
    if rules.unanswered(bulletin):
        await store.save_bulletin(work.conn, bulletin)
        return _shown(work, bulletin)
    by = person_of(work.actor).staff_no
    after, event = rules.captured(bulletin, by=by, contact_id=contact_id, now=work.now)
    return _shown(work, await _keep_over(work, after, event))


async def _named(work: Work, case: Case, contact_id: UUID | None) -> Case:
    """The case with the contact's customer, where it named none."""
    if contact_id is None:
        return case
    customer_id = await store.customer_of_contact(work.conn, contact_id)
    if case.customer_id is not None or customer_id is None:
        return case
    after = changed(case, now=work.now, customer_id=customer_id)
    return await keep_case(work, case, after)


async def withdraw_bulletin(work: Work, *, bulletin_id: UUID) -> Bulletin:
    """It is not needed any more."""
    bulletin = await store.load_bulletin(work.conn, bulletin_id)
    case = await load_case(work.conn, bulletin.case_id, lock=False)
    if bulletin.posted_by != person_of(work.actor).staff_no:
        await require_worker(work.conn, work.actor, case)
    return _shown(work, await _end(work, bulletin, "withdrawn"))


async def withdraw_of_closed(work: Work, event: CaseClosed) -> None:
    """A case is over: nothing about it has to be asked any more."""
    for bulletin in await store.open_bulletins_of(work.conn, event.case_id):
        await _end(work, bulletin, "withdrawn")


async def expire_bulletin(work: Work, timer: Timer) -> None:
    """Nobody met the customer in time."""
    bulletin = await store.find_bulletin(work.conn, timer.subject_id)
    if bulletin and bulletin.state == "open" and bulletin.valid_until <= work.now:
        await _end(work, bulletin, "expired")


async def _end(work: Work, bulletin: Bulletin, outcome: str) -> Bulletin:
    after, event = rules.ended(bulletin, outcome, now=work.now)
    case = await load_case(work.conn, bulletin.case_id)
    await add_entry(work, case, f"bulletin_{outcome}", data={"bulletin_id": bulletin.bulletin_id})
    return await _keep_over(work, after, event)


async def _keep_over(work: Work, bulletin: Bulletin, event: BulletinFulfilled) -> Bulletin:
    await store.save_bulletin(work.conn, bulletin)
    await store.drop_keys(work.conn, bulletin.bulletin_id)
    await cancel_timers(work, EXPIRY, [bulletin.bulletin_id])
    work.record(event, sequence=bulletin.version)
    return bulletin


def _shown(work: Work, bulletin: Bulletin) -> Bulletin:
    return seen(bulletin, personal=PERSONAL in work.actor.scopes)
