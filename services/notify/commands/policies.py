"""Policies and templates: written for a centre or a team, checked, and kept in every version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notify.domain.families import BROADCAST
from services.notify.domain.policies import Kept, checked, from_data, shipped
from services.notify.domain.shipped import SHIPPED, Policy
from services.notify.domain.texts.wording import Wording, has_stray_brace, names_in
from services.notify.domain.wording import TEMPLATES, event_of_template, fields_of_template
from services.notify.store import policies as store
from services.notify.store.recipients import load_team_named
from shared.contracts.event import EVENTS
from shared.contracts.refusal import Fault, Refusal
from shared.platform.work import Work

Template = store.Template


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPolicy:
    """A policy as it was saved, and for whom."""

    policy: Policy
    team_id: UUID | None
    saved_at: datetime
    saved_by: str
    version: int


async def save_policy(
    work: Work, *, event_type: str, team: str | None, version: int | None, content: Mapping[str, Any]
) -> SavedPolicy:
    """Save the policy of an event for a team or (none) the centre, as its next version. Questions that are open go on
    as they began."""
    team_id = await _team(work, team)
    policy = from_data({"event_type": event_type, **content})
    known = {name for name, _ in TEMPLATES} | await store.load_template_names(work)
    policy = checked(replace(policy, event_type=shipped(event_type).event_type), frozenset(known))
    kept = await _next_version(work, event_type, team_id, version)
    policy = replace(policy, version=kept)
    await _keep(work, policy.event_type, team_id, kept, policy)
    return SavedPolicy(policy=policy, team_id=team_id, saved_at=work.now, saved_by=_caller(work), version=kept)


async def drop_policy(work: Work, *, event_type: str, team: str | None) -> None:
    """Back to the policy above: a team's to the centre's, the centre's to the shipped one. The versions stay."""
    team_id = await _team(work, team)
    shipped(event_type)
    await _keep(work, event_type, team_id, await _next_version(work, event_type, team_id, None), None)


async def save_template(
    work: Work, *, template: str, event_type: str | None, version: int | None, texts: Mapping[str, Mapping[str, str]]
) -> Template:
    """Save a template's texts as its next version. One that names a field its event does not have is refused."""
    known = await store.load_template(work, template)
    own_event = event_of_template(template) or (known.event_type if known else event_type)
    if own_event is None or (own_event not in EVENTS and own_event != BROADCAST):
        raise Refusal("invalid-value", faults=(Fault("event_type", "event-unknown", {"event_type": own_event or ""}),))
    _require_fields(fields_of_template(template, own_event), texts)
    current = known.version if known else 1 if event_of_template(template) else 0
    _require_version(version, current)
    saved = Template(
        template=template,
        version=current + 1,
        event_type=own_event,
        texts={language: dict(text) for language, text in texts.items()},
        saved_at=work.now,
        saved_by=_caller(work),
    )
    await store.add_template(work, saved)
    return saved


def _require_fields(known: frozenset[str], texts: Mapping[str, Mapping[str, str]]) -> None:
    faults = []
    for language, text in texts.items():
        wording = Wording(text["title"], text["text"])
        unknown = sorted(names_in(wording) - known)
        faults += [Fault(f"texts.{language}", "field-unknown", {"name": name}) for name in unknown]
        if has_stray_brace(wording):
            faults.append(Fault(f"texts.{language}", "brace-unmatched", {}))
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))


async def _next_version(work: Work, event_type: str, team_id: UUID | None, seen: int | None) -> int:
    """The number of the next version; 412 when the caller saw another than the newest."""
    saved = {kept.team_id: kept.version for kept in await store.load_policies(work, event_type)}
    current = saved.get(team_id, SHIPPED[event_type].version)
    _require_version(seen, current)
    return current + 1


def _require_version(seen: int | None, current: int) -> None:
    if seen is not None and seen != current:
        raise Refusal("stale-version", current=current)


async def _team(work: Work, name: str | None) -> UUID | None:
    """The team of that id or code; a supervisor writes for their own teams, the centre's policies are the managers'."""
    if name is None:
        if not work.actor.sees_all:
            raise Refusal("not-yours")
        return None
    team = await load_team_named(work, name)
    work.actor.require_team(team.team_id, team.code)
    return team.team_id


async def _keep(work: Work, event_type: str, team_id: UUID | None, version: int, policy: Policy | None) -> None:
    await store.add_policy(
        work,
        Kept(
            event_type=event_type,
            team_id=team_id,
            version=version,
            policy=policy,
            saved_at=work.now,
            saved_by=_caller(work),
        ),
    )


def _caller(work: Work) -> str:
    return work.actor.staff_no or work.actor.sub
