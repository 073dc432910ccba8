"""The watchdog's alarm."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from services.notify import tables
from services.notify.domain.alarm import Alarm
from shared.platform.work import Work


async def load_alarm(work: Work, name: str) -> Alarm | None:
    """Load it; until the transaction ends nobody else does, not even while there is none yet."""
    await work.conn.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"notify.alarm.{name}"))))
    row = (await work.conn.execute(select(tables.alarms).where(tables.alarms.c.name == name))).mappings().one_or_none()
    return Alarm(**{str(key): value for key, value in row.items()}) if row else None


async def save_alarm(work: Work, alarm: Alarm) -> None:
    """Save it, new or changed."""
    values = asdict(alarm)
    new = insert(tables.alarms).values(values)
    changed = {name: new.excluded[name] for name in values if name != "name"}
    await work.conn.execute(new.on_conflict_do_update(index_elements=[tables.alarms.c.name], set_=changed))
