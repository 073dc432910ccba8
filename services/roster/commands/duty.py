"""The duty manager: rotas published, turns handed over, overridden and swapped; each told to whoever listens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.roster.commands.people import require_version
from services.roster.domain.duty import LONGEST_OVERRIDE, Override, Post, Stand, with_rota
from services.roster.domain.rota import HORIZON, Flaw, Rota, RotaSlot, flaws, instant, slots_between
from services.roster.domain.team import Team, require_zone
from services.roster.queries.duty import INSTANT, DutyRota, availability, duty_id_of, rota_view, standing
from services.roster.queries.named import agent_named, team_by_id
from services.roster.queries.sheets import agents_named
from services.roster.queries.sight import name_of, require_lead
from services.roster.store import duty as store
from services.roster.store import people
from shared.contracts.refusal import Fault, Refusal
from shared.contracts.roster import DutyAssigned
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

HANDOVER = "hand_over_duty"
LISTED_FLAWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRota:
    """A rota as it is asked for: `handovers` around the clock, or `slots`."""

    team_id: UUID | None
    zone: str | None
    from_on: date | None
    to_on: date | None
    handovers: tuple[time, ...]
    slots: tuple[RotaSlot, ...]
    rotation: tuple[str, ...]
    rotate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwappedDuty:
    """Two turns that changed hands, as the overrides that did it."""

    items: list[Override]


async def publish_rota(work: Work, *, new: NewRota, seen: int | None) -> DutyRota:
    """Publish the duty rota of a team, or of the centre. Refuses what leaves anybody without a duty manager."""
    team = await _own_team(work, new.team_id)
    zone = new.zone or (team.zone if team else "Asia/Shanghai")
    require_zone(zone)
    rota = _rota(new, zone, work.now)
    await _require_known(work, rota)
    available = await availability(work.conn, [rota], rota.valid_from, rota.valid_from + HORIZON)
    _require_sound(flaws(rota, available), rota)
    post = await store.find_post(work.conn, duty_id_of(new.team_id))
    if seen is not None:
        require_version(seen, post.version if post else 0)
    if post:
        post = replace(with_rota(post, rota, by=name_of(work.actor), now=work.now), zone=zone)
    else:
        post = Post(
            duty_id=duty_id_of(new.team_id),
            team_id=new.team_id,
            zone=zone,
            rotas=(rota,),
            set_by=name_of(work.actor),
            updated_at=work.now,
        )
    await store.save_post(work.conn, post)
    post = await _tell_and_wait(work, post, work.now, reason="rota")
    return rota_view(post)


async def _own_team(work: Work, team_id: UUID | None) -> Team | None:
    """The team whose duty is changed, by who leads it; the centre's only by who sees all."""
    if team_id is None:
        if not work.actor.sees_all:
            raise Refusal("not-yours")
        return None
    team = await team_by_id(work.conn, team_id)
    require_lead(work.actor, team)
    return team


def _rota(new: NewRota, zone: str, now: datetime) -> Rota:
    if bool(new.handovers) == bool(new.slots):
        raise Refusal("invalid-value", faults=(Fault("handovers", "duty-slots-or-handovers", {}),))
    if not new.rotation and not (new.slots and all(slot.rotation for slot in new.slots)):
        raise Refusal("invalid-value", faults=(Fault("rotation", "duty-rotation-empty", {}),))
    from_on = new.from_on or now.astimezone(ZoneInfo(zone)).date()
    if new.to_on and (new.to_on < from_on or new.to_on < now.astimezone(ZoneInfo(zone)).date()):
        raise Refusal("invalid-value", faults=(Fault("to", "period-backwards", {}),))
    return Rota(
        from_on=from_on,
        to_on=new.to_on,
        zone=zone,
        slots=new.slots or slots_between(new.handovers),
        rotation=new.rotation,
        rotate=new.rotate,
        valid_from=max(now, instant(from_on, time(), ZoneInfo(zone))),
    )


async def _require_known(work: Work, rota: Rota) -> None:
    known = {agent.staff_no for agent in await agents_named(work.conn, staff_nos=rota.members)}
    unknown = sorted(rota.members - known)
    if unknown:
        faults = tuple(Fault("rotation", "agent-unknown", {"staff_no": one, "name": ""}) for one in unknown)
        raise Refusal("invalid-value", faults=faults)


def _require_sound(found: Sequence[Flaw], rota: Rota) -> None:
    if found:
        faults = tuple(_fault(one, rota) for one in found[:LISTED_FLAWS])
        raise Refusal("duty-rota-unsound", faults=faults, count=len(found))


def _fault(flaw: Flaw, rota: Rota) -> Fault:
    starts, ends = flaw.starts_at.astimezone(rota.tz), flaw.ends_at.astimezone(rota.tz)
    told: dict[str, object] = {"starts": f"{starts:%Y-%m-%d %H:%M}", "ends": f"{ends:%Y-%m-%d %H:%M}"}
    return Fault(f"{starts.isoformat()}/{ends.isoformat()}", f"duty-{flaw.kind}", told)


async def hand_over_duty(work: Work, timer: Timer) -> None:
    """A turn begins, as planned."""
    post = await store.find_post(work.conn, timer.subject_id)
    if post:
        await _tell_and_wait(work, post, timer.due_at, reason="handover")


async def tell_stand_in(work: Work, staff_no: str) -> None:
    """Somebody cannot stand duty after all (leave): where it is their turn now, tell who stands in from now on."""
    for post in await store.load_posts_of(work.conn, staff_no):
        found = await standing(work.conn, post, work.now, work.now + INSTANT)
        if post.told_staff_no == staff_no and found and found[0].staff_no != staff_no:
            await _tell_and_wait(work, post, work.now, reason="rota")


async def _tell_and_wait(work: Work, post: Post, at: datetime, *, reason: str) -> Post:
    """Tell who has the duty at an instant, and wait for the end of their turn."""
    found = await standing(work.conn, post, at, at + INSTANT)
    if found:
        told = found[0] if found[0].starts_at >= at else replace(found[0], starts_at=at)
        post = await _tell(work, post, told, reason=reason if told.source == "rota" else told.source, holds=True)
        await set_timers(work, [Timer(kind=HANDOVER, subject_id=post.duty_id, due_at=told.ends_at)])
        return post
    later = await standing(work.conn, post, at, at + HORIZON)
    if later:
        await set_timers(work, [Timer(kind=HANDOVER, subject_id=post.duty_id, due_at=later[0].starts_at)])
    else:
        await cancel_timers(work, HANDOVER, [post.duty_id])
    return post


async def _tell(work: Work, post: Post, stand: Stand, *, reason: str, holds: bool) -> Post:
    """Publish one turn; `holds`: it is the present one, so who comes after it knows who was before."""
    agent = await agent_named(work.conn, stand.staff_no)
    team = await people.load_team(work.conn, post.team_id) if post.team_id else None
    told = replace(post, told=post.told + 1)
    if holds:
        told = replace(told, told_staff_no=agent.staff_no, told_name=agent.name)
    await store.save_post(work.conn, told)
    event = DutyAssigned(
        duty_id=post.duty_id,
        team_id=post.team_id,
        team_code=team.code if team else None,
        team_name=team.name if team else None,
        zone=post.zone,
        agent_id=agent.agent_id,
        staff_no=agent.staff_no,
        name=agent.name,
        starts_at=stand.starts_at,
        ends_at=stand.ends_at,
        reason=reason,
        assigned_at=work.now,
        previous_staff_no=post.told_staff_no,
        previous_name=post.told_name,
        assigned_by=None if reason == "handover" else name_of(work.actor),
        note=stand.reason,
    )
    work.record(event, sequence=told.told)
    return told


async def override_duty(
    work: Work, *, team_id: UUID | None, staff_no: str, starts_at: datetime, ends_at: datetime, reason: str | None
) -> Override:
    """Somebody stands in for whoever has the duty between two instants."""
    post = await _post(work, team_id)
    _require_span(work, starts_at, ends_at)
    made = await _made(work, post, (starts_at, ends_at), kind="override", staff_no=staff_no, reason=reason)
    await _tell_change(work, post, [made])
    return made


async def swap_duty(
    work: Work, *, team_id: UUID | None, first_at: datetime, second_at: datetime, reason: str | None
) -> SwappedDuty:
    """Those who have the duty at two instants take each other's turn."""
    post = await _post(work, team_id)
    first, second = [await _turn_at(work, post, at) for at in (first_at, second_at)]
    if first.staff_no == second.staff_no:
        raise Refusal("duty-same-person")
    pairs = ((first, second.staff_no), (second, first.staff_no))
    items = [
        await _made(work, post, (turn.starts_at, turn.ends_at), kind="swap", staff_no=staff_no, reason=reason)
        for turn, staff_no in pairs
    ]
    await _tell_change(work, post, items)
    return SwappedDuty(items=items)


async def cancel_override(work: Work, *, override_id: UUID) -> Override:
    """Take an override back: the rota holds again."""
    override = await store.load_override(work.conn, override_id)
    post = await store.find_post(work.conn, override.duty_id)
    if post is None:
        raise Refusal("duty-rota-missing")
    await _own_team(work, post.team_id)
    if override.cancelled_at or override.ends_at <= work.now:
        raise Refusal("duty-override-over")
    override = replace(override, cancelled_at=work.now, cancelled_by=name_of(work.actor))
    await store.save_override(work.conn, override)
    await _tell_change(work, post, [override])
    return override


async def _post(work: Work, team_id: UUID | None) -> Post:
    await _own_team(work, team_id)
    post = await store.find_post(work.conn, duty_id_of(team_id))
    if post is None:
        raise Refusal("duty-rota-missing")
    return post


def _require_span(work: Work, starts_at: datetime, ends_at: datetime) -> None:
    if not timedelta() < ends_at - starts_at <= LONGEST_OVERRIDE:
        raise Refusal(
            "invalid-value", faults=(Fault("ends_at", "duty-override-length", {"days": LONGEST_OVERRIDE.days}),)
        )
    if ends_at <= work.now:
        raise Refusal("invalid-value", faults=(Fault("ends_at", "duty-past", {}),))


async def _turn_at(work: Work, post: Post, at: datetime) -> Stand:
    found = await standing(work.conn, post, at, at + INSTANT)
    if not found or found[0].ends_at <= work.now:
        raise Refusal("duty-nobody", at=at.isoformat())
    return found[0]


async def _made(
    work: Work, post: Post, span: tuple[datetime, datetime], *, kind: str, staff_no: str, reason: str | None
) -> Override:
    starts_at, ends_at = max(span[0], work.now), span[1]
    agent = await agent_named(work.conn, staff_no)
    if not agent.employed_on(starts_at.astimezone(ZoneInfo(post.zone)).date()):
        told = {"staff_no": agent.staff_no, "name": agent.name, "on": str(starts_at.date())}
        raise Refusal("invalid-value", faults=(Fault("staff_no", "agent-not-employed", {**told}),))
    override = Override(
        override_id=new_id(),
        duty_id=post.duty_id,
        kind=kind,
        agent_id=agent.agent_id,
        staff_no=agent.staff_no,
        name=agent.name,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        made_by=name_of(work.actor),
        made_at=work.now,
    )
    await store.save_override(work.conn, override)
    return override


async def _tell_change(work: Work, post: Post, overrides: Sequence[Override]) -> None:
    """Tell every turn that these overrides change, the present one and those to come; wait for the next handover."""
    for one in overrides:
        since = max(one.starts_at, work.now)
        for stand in await standing(work.conn, post, since, one.ends_at):
            cut = replace(stand, starts_at=max(stand.starts_at, since), ends_at=stand.ends_at)
            post = await _tell(work, post, cut, reason=stand.source, holds=cut.starts_at <= work.now)
    found = await standing(work.conn, post, work.now, work.now + INSTANT)
    if found:
        await set_timers(work, [Timer(kind=HANDOVER, subject_id=post.duty_id, due_at=found[0].ends_at)])
