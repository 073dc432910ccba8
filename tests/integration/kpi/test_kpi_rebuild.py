"""Making the rollups anew: what was wrong is put right, what is posted meanwhile is neither lost nor doubled."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from deploy.cli import app
from services.kpi.commands.posting import judge
from services.kpi.commands.rebuilding import rebuild
from services.kpi.store import rebuilding
from services.kpi.tables import LEDGERS, ROLLUPS
from shared.contracts.cases import ContactRecorded
from shared.platform.db import driver_of
from shared.platform.embedded import EmbeddedTransport
from shared.platform.ids import new_id
from shared.platform.relay import Relay
from shared.platform.work import Database
from tests.conftest import START, Api
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.test_kpi_ledger import state_of, wipe
from tests.integration.kpi.whole_centre import corrections, deliveries
from tests.unit.kpi.samples import HOUR, NOON, announced, contact, settled
from tests.unit.kpi.test_case_facts import OPENED, RESOLVED


async def tell_some(desk: Desk) -> None:
    """A day with something of several kinds."""
    chance = random.Random(3)
    told = [contact(n, queued_at=NOON + chance.random() * 6 * HOUR, wait=chance.random() * 90) for n in range(60)]
    await desk.hears([*recorded(told), delivery_of(announced()), delivery_of(settled(deviation="late", cause="agent"))])


async def damage(desk: Desk) -> None:
    async with desk.database.reading() as conn:
        driver = await driver_of(conn)
        await driver.execute("UPDATE contact_quarters SET answered = answered + 3")
        await driver.execute("DELETE FROM contact_days")
        await driver.execute(
            "INSERT INTO contact_bins SELECT set_id, day_on + 1, spread, bin, 7 FROM contact_bins LIMIT 1"
        )


async def test_a_rebuild_of_a_sound_ledger_changes_nothing(desk: Desk) -> None:
    await tell_some(desk)
    before = await state_of(desk.database)
    told: list[tuple[int, int]] = []
    done = await rebuild(desk.database, progress=lambda kind, done, total: told.append((done, total)))
    assert (done.fact_count, done.corrected) == (62, {})
    assert told[-1] == (62, 62)
    assert await state_of(desk.database) == before


async def test_a_rebuild_puts_right_whatever_is_wrong(desk: Desk) -> None:
    await tell_some(desk)
    before = await state_of(desk.database)
    await damage(desk)
    looked = await rebuild(desk.database, progress=lambda *_: None, dry_run=True)
    assert {"contact_quarters", "contact_days", "contact_bins"} == looked.corrected.keys()
    assert not await desk.is_consistent()
    assert (await rebuild(desk.database, progress=lambda *_: None)).corrected == looked.corrected
    assert await desk.is_consistent()
    assert await state_of(desk.database) == before


async def test_the_command_tells_how_far_it_is_and_a_dry_run_only_compares(
    desk: Desk, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell_some(desk)
    await damage(desk)
    monkeypatch.setenv("DATABASE_URL", database_url)

    async def rebuilt(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, ["kpi", "rebuild", *words])

    looked = await rebuilt("--dry-run")
    assert (looked.exit_code, looked.stdout.count("✗")) == (1, 3)
    assert "✗ contact_days: " in looked.stdout
    assert not await desk.is_consistent()
    done = await rebuilt()
    assert (done.exit_code, done.stdout.count("put right")) == (0, 3)
    assert "62 / 62" in done.stderr
    assert await desk.is_consistent()
    again = await rebuilt()
    assert (again.exit_code, again.stdout) == (0, "✓ 汇总与事实一致 the rollups equal their facts\n")


async def test_a_rebuild_takes_many_stretches_and_those_at_one_instant_together(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell_some(desk)
    await desk.hears(recorded([contact(1000 + n) for n in range(30)]))
    await damage(desk)
    monkeypatch.setattr(rebuilding, "FACTS_AT_ONCE", 7)
    assert (await rebuild(desk.database, progress=lambda *_: None)).fact_count == 92
    assert await desk.is_consistent()


async def test_what_is_posted_during_a_rebuild_is_neither_lost_nor_doubled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell_some(desk)
    await damage(desk)
    monkeypatch.setattr(rebuilding, "FACTS_AT_ONCE", 5)
    batches = [recorded([contact(n, version=2, wait=n), contact(500 + n, wait=n)]) for n in range(20)]

    async def post() -> None:
        for batch in batches:
            await desk.hears(batch)

    await asyncio.gather(rebuild(desk.database, progress=lambda *_: None), post())
    assert await desk.is_consistent()
    assert (await desk.point("contacts_handled"))["value"] == 80


async def test_whoever_asks_during_a_rebuild_sees_the_figure_before_or_after_and_nothing_between(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell_some(desk)
    right = await figures(desk)
    await damage(desk)
    wrong = await figures(desk)
    assert all(wrong[metric] != right[metric] for metric in right)
    monkeypatch.setattr(rebuilding, "FACTS_AT_ONCE", 3)
    made = asyncio.create_task(rebuild(desk.database, progress=lambda *_: None))
    seen = []
    while not made.done():
        seen.append(await figures(desk))
    assert len(seen) > 2
    assert (await made).corrected
    assert await figures(desk) == right
    for metric in right:
        told = [each[metric] for each in seen]
        before = [each for each in told if each == wrong[metric]]
        assert told == before + [right[metric]] * (len(told) - len(before)), "wrong, then right for good"


async def figures(desk: Desk) -> dict[str, Any]:
    """What quarter hours, days and bins say."""
    days = {"from_": "2026-03-02", "to": "2026-03-04", "grain": "day"}
    asked: dict[str, dict[str, str]] = {"answer_rate": days | {"tz": "UTC"}, "contacts_handled": days, "asa_p90": days}
    return {metric: await desk.points(metric, **params) for metric, params in asked.items()}


async def test_consistency_shows_the_difference_which_is_zero_whatever_was_corrected(desk: Desk) -> None:
    await desk.hears(deliveries())
    await desk.hears(corrections())
    found = (await desk.manager.get("/kpi/v1/consistency")).json()
    assert (found["consistent"], found["difference_count"], found["differences"]) == (True, 0, [])
    done = await rebuild(desk.database, progress=lambda *_: None)
    assert (done.fact_count, done.corrected) == (found["fact_count"], {})
    assert found["rollup_count"] > found["fact_count"] > 100


async def test_how_far_a_rebuild_is_is_told_stretch_by_stretch(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await tell_some(desk)
    monkeypatch.setattr(rebuilding, "FACTS_AT_ONCE", 7)
    told: list[tuple[str, int, int]] = []
    await rebuild(desk.database, progress=lambda *done: told.append(done))
    facts = [done for _, done, _ in told]
    assert facts == sorted(facts)
    assert len(set(facts)) > 8
    assert {total for _, _, total in told} == {facts[-1]} == {62}


async def test_nothing_of_a_rebuild_is_left_behind(desk: Desk) -> None:
    await tell_some(desk)
    await rebuild(desk.database, progress=lambda *_: None)
    async with desk.database.reading() as conn:
        driver = await driver_of(conn)
        found = await driver.fetch("SELECT relname FROM pg_class WHERE relname ~ '^(shadow|difference)_'")
        assert await driver.fetchval("SHOW statement_timeout") == "1min"
    assert found == []
    assert ROLLUPS.keys() == LEDGERS.keys()


async def test_a_ledger_that_was_lost_is_made_anew_from_the_retained_outboxes(
    desk: Desk, open_database: Callable[[str], Database], open_api: Callable[..., Api]
) -> None:
    transport = EmbeddedTransport()
    transport.register(desk.consumer, desk.database)
    contacts = ContactRecorded(batch_id=new_id(), contacts=tuple(contact(n, wait=n) for n in range(20)))
    told = {"cases": (contacts, OPENED, RESOLVED), "roster": (announced(), settled(deviation="late", cause="agent"))}
    outboxes = {service: open_database(service) for service in told}
    for service, events in told.items():
        async with outboxes[service].work() as work:
            for event in events:
                work.record(event, sequence=2 if event is RESOLVED else 1)
        await Relay(outboxes[service], transport).drain()
    await judge(desk.database)
    before = await state_of(desk.database)
    assert len(before["facts"][0]) == 20

    await wipe(desk.database)
    assert await state_of(desk.database) != before
    for service, outbox in outboxes.items():
        manager = open_api(service, outbox).as_("manager")
        again = await manager.post(f"/{service}/v1/outbox/resend", json={"since": (START - HOUR).isoformat()})
        assert again.status_code == 200, again.text
        await Relay(outbox, transport).drain()
    await judge(desk.database)
    assert await state_of(desk.database) == before
    assert await desk.is_consistent()
