"""The use cases of kpi: facts are posted to the ledger, teams are kept by their codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from services.kpi import store
from services.kpi.domain.fact import Fact, latest
from shared.contracts.roster import TeamChanged
from shared.platform.work import Work


async def post_facts(work: Work, facts: Mapping[str, Iterable[Fact]], *, as_of: datetime) -> None:
    """Put facts (by kind) into the ledger: newer versions replace older ones, stale ones change nothing.

    `as_of` is the time of the newest event that they come from.
    """
    await store.post(work.conn, {kind: latest(found) for kind, found in facts.items()})
    await store.mark_progress(work.conn, as_of)


async def keep_team(work: Work, team: TeamChanged, *, sequence: int) -> None:
    """Remember what a team is called; an older telling changes nothing."""
    await store.save_team(work.conn, team, sequence=sequence)
