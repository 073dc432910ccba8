"""The real incident log, imported into cases and heard by kpi, gives exactly the known figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.contracts.routes import HEARS
from shared.platform.transport import Delivery
from shared.platform.work import Database
from tests.conftest import Api
from tests.integration.kpi.conftest import Desk

LOG = Path(__file__).parents[4] / "shared" / "data" / "incident-log.csv"

pytestmark = pytest.mark.skipif(not LOG.exists(), reason=f"the real incident log is not here: {LOG}")


async def told_by_cases(database: Database) -> list[Delivery]:
    """What cases recorded and kpi hears, in the order in which it would arrive."""
    outbox = database.kernel.outbox
    heard = select(outbox.c.event_id, outbox.c.body).where(outbox.c.type.in_(HEARS["kpi"])).order_by(outbox.c.position)
    async with database.reading() as conn:
        return [Delivery(str(row.event_id), row.body) for row in await conn.execute(heard)]


async def test_the_incident_log_gives_the_known_figures_and_imported_again_the_same(
    desk: Desk, open_database: Callable[[str], Database], open_api: Callable[..., Api]
) -> None:
    database = open_database("cases")
    supervisor = open_api("cases", database).as_("supervisor", teams=("A",))
    for _ in range(2):
        answer = await supervisor.post(
            "/cases/v1/cases:import",
            files={"file": ("log.csv", LOG.read_bytes())},
            data={"mapping": "incident-log", "timezone": "Europe/London"},
        )
        assert answer.status_code == 200, answer.text
        told = await told_by_cases(database)
        for start in range(0, len(told), 200):
            await desk.hears(told[start : start + 200])
        sides = {
            metric: (point["numerator"], point["denominator"])
            for metric in ("cases_closed", "case_transfers", "reopen_rate", "sla_attainment", "backlog")
            for point in await desk.points(metric)
        }
        assert sides["cases_closed"] == (890, 890)
        assert sides["case_transfers"][0] == 877
        assert sides["reopen_rate"][0] == 10
        assert sides["sla_attainment"] == (495, 890)
        assert sides["backlog"] == (0, 890)
    assert len(await desk.facts("case_transfers")) == 877
    assert len(await desk.facts("reopen_rate", side="numerator")) == 10
    assert await desk.is_consistent()
