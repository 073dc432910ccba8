"""What is known of a case: described anew, its fields answered, something noted on its timeline."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.cases.commands.ending import settle_case
from services.cases.commands.keeping import keep_case
from services.cases.commands.waiting import hold_case, resume_case
from services.cases.domain.case import Case, changed
from services.cases.domain.fields import with_fields
from services.cases.queries.sight import require_sight, require_worker
from services.cases.store.case_types import load_case_type, newest_case_type
from services.cases.store.cases import add_entry, load_case, reword_case
from services.cases.store.topics import name_of_topic
from shared.contracts.refusal import Refusal
from shared.platform.work import Work

WORDS = {"subject", "description"}


async def change_case(work: Work, *, case_id: UUID, seen_version: int, changes: dict[str, Any]) -> Case:
    """Replace the given fields, if nobody changed the case since the caller looked; then move on, if that is wanted."""
    case = await load_case(work.conn, case_id)
    await require_worker(work.conn, work.actor, case)
    if case.version != seen_version:
        raise Refusal("stale-version", current=case.version)
    described = {name: value for name, value in changes.items() if name != "state"}
    if described:
        case = await _described(work, case, described)
    return await _moved(work, case, changes["state"]) if "state" in changes else case


async def _described(work: Work, case: Case, changes: dict[str, Any]) -> Case:
    after = changed(case, now=work.now, **await _resolved(work, case, changes))
    after = await keep_case(work, case, after)
    if WORDS & changes.keys():
        await reword_case(work.conn, after)
    await add_entry(work, after, "changed", data=_told(case, after, changes))
    return after


async def _moved(work: Work, case: Case, state: str) -> Case:
    """Where people may move a case by hand; it closes and opens again only by acts of their own."""
    if state == case.state:
        return case
    if state == "resolved":
        return await settle_case(work, case, resolution=None)
    if state == "in_progress":
        return await resume_case(work, case)
    return await hold_case(work, case, for_=state.removeprefix("waiting_"), until=None)


async def answer_fields(work: Work, case: Case, answers: dict[str, Any]) -> Case:
    """Fill fields of a loaded case, as their type has them."""
    case_type = await load_case_type(work.conn, case.case_type, case.type_version)
    after = changed(case, now=work.now, fields=with_fields(case_type.fields, case.fields, answers))
    after = await keep_case(work, case, after)
    await add_entry(work, after, "changed", data=_told(case, after, {"fields": answers}))
    return after


async def add_note(work: Work, *, case_id: UUID, kind: str, text: str, visibility: str) -> Case:
    """Something worth keeping; whoever sees the case may add."""
    case = await load_case(work.conn, case_id)
    await require_sight(work.conn, work.actor, case)
    await add_entry(work, case, kind, visibility, {"text": text})
    return case


async def _resolved(work: Work, case: Case, changes: dict[str, Any]) -> dict[str, Any]:
    """Changes as the case keeps them: its type's version, the topic's name, the answers that were there."""
    found = {name: value for name, value in changes.items() if name not in ("type", "fields")}
    if "type" in changes:
        case_type = await newest_case_type(work.conn, changes["type"])
        found |= {"case_type": case_type.code, "type_version": case_type.version}
    else:
        case_type = await load_case_type(work.conn, case.case_type, case.type_version)
    if "topic" in changes:
        found["topic_name"] = await name_of_topic(work.conn, changes["topic"])
    if "fields" in changes:
        found["fields"] = with_fields(case_type.fields, case.fields, changes["fields"])
    return found


def _told(before: Case, after: Case, changes: dict[str, Any]) -> dict[str, Any]:
    """What the timeline says of a change: words and answers only that they changed, they may be personal."""
    ratings = changes.keys() - WORDS - {"fields", "type"}
    told: dict[str, Any] = {name: {"from": getattr(before, name), "to": getattr(after, name)} for name in ratings}
    if before.case_type != after.case_type:
        told["type"] = {"from": before.case_type, "to": after.case_type}
    answered = {code: _how(after, code) for code in changes.get("fields", {})}
    return told | {"words": sorted(WORDS & changes.keys()), "fields": answered}


def _how(case: Case, code: str) -> str:
    one = case.fields.get(code)
    if one is None:
        return "not_asked"
    return "refused" if one.refused else "unknown" if one.unknown else "given"
