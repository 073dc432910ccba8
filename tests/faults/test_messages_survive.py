"""A worker killed at every step of a rung: at most one message per question, rung, person and channel; none lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from deploy.fakes.mail import MailServer
from deploy.fakes.providers import SECRETS, Providers, settings_for
from deploy.ports import free_port
from deploy.postgres import PrivatePostgres
from deploy.provision import role_of
from services.notify.commands.recipients import add_contact
from services.notify.consumers import HANDLERS, TIMERS, apply
from shared.contracts.event import Envelope, Event
from shared.platform.actor import Actor
from shared.platform.codec import encode
from shared.platform.db import connect
from shared.platform.embedded import EmbeddedTransport
from shared.platform.ids import new_id
from shared.platform.transport import Delivery, Outcome
from shared.platform.work import Database
from shared.platform.worker import Worker
from tests.faults.sender import STEPS, AheadClock
from tests.forked import Forked
from tests.integration.notify.conftest import a_change, a_team, an_agent
from tests.serving import serving

PEOPLE = 6
TELEPHONE, MAIL = "1380000000{}", "a{}@example.com"


class Site:
    """notify on a database of its own, its providers, and a worker process to kill."""

    def __init__(self, url: str, folder: Path, fakes: Providers, mail: MailServer, environment: dict[str, str]) -> None:
        self.folder, self.fakes, self.mail = folder, fakes, mail
        self.database = Database("notify", connect(url, pool_size=4), AheadClock(folder))
        self._environment = environment | {"SERVICE_DATABASE_URL": url}
        self._process: Forked | None = None

    def start(self) -> None:
        words = ("tests.faults.sender", str(self.folder))
        self._process = Forked(*words, env=self._environment, stdout=self.folder / "log")

    async def die_at(self, step: str) -> None:
        """Let the worker reach that step, die there, and come back minutes later."""
        (self.folder / step).touch()
        self.start()
        assert self._process is not None
        await asyncio.to_thread(self._process.wait, 60)
        assert self._process.returncode == -9, (self.folder / "log").read_text()[-3000:]
        (self.folder / "ahead").write_text("360")

    async def hear(self, *events: Event) -> None:
        worker = Worker(self.database, EmbeddedTransport(), handlers=HANDLERS, timers_=TIMERS, apply=apply)
        for event in events:
            envelope = Envelope(
                id=new_id(), source="/roster", type=event.type, subject=event.subject, time=self.database.clock.now(),
                sequence=1, data=event, correlation_id="test",
            )  # fmt: skip
            delivery = Delivery(str(envelope.id), encode(envelope))
            assert await worker.consumer.process([delivery]) == [Outcome.DONE]

    async def states(self) -> Counter[str]:
        async with self.database.reading() as conn:
            rows = await conn.exec_driver_sql("SELECT state FROM notify.messages")
            return Counter(row.state for row in rows)

    async def settle(self) -> None:
        """Until everybody has both messages and none of them waits any more."""

        async def settled() -> bool:
            states = await self.states()
            return states.total() == 2 * PEOPLE and not {"queued", "sending"} & set(states)

        async with asyncio.timeout(120):
            while not await settled():
                await asyncio.sleep(0.1)

    def end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()


@pytest.fixture
async def site(postgres: PrivatePostgres, database: str, tmp_path: Path) -> AsyncIterator[Site]:
    """Six people with a question each that is due: three are written to by mail, three by telephone."""
    fakes, mail = Providers(secrets=dict(SECRETS)), MailServer(free_port())
    mail.start()
    async with serving(fakes) as providers_url:
        environment = settings_for(providers_url) | {
            "NOTIFY_SMTP_HOST": "127.0.0.1",
            "NOTIFY_SMTP_PORT": str(mail.port),
            "NOTIFY_SMTP_SECURITY": "none",
            "NOTIFY_LINK_KEY_FILE": f"{tmp_path}/link-key",
        }
        site = Site(postgres.url(database, role_of("notify")), tmp_path, fakes, mail, environment)
        try:
            await _people_with_questions(site)
            yield site
        finally:
            site.end()
            mail.stop()
            await site.database.close()


async def _people_with_questions(site: Site) -> None:
    now = site.database.clock.now()
    await site.hear(a_team(lead=None, supervisor=None))
    for number in range(PEOPLE):
        staff_no = f"A{number:03}"
        await site.hear(an_agent(staff_no))
        for channel, address in (("sms", TELEPHONE), ("email", MAIL)):
            if (channel == "email") == (number % 2 == 0):
                async with site.database.work(Actor("m", roles=("manager",))) as work:
                    await add_contact(
                        work, staff_no=staff_no, channel=channel, address=address.format(number), verified=True
                    )
        at = {"announced_at": now, "confirm_by": now + timedelta(hours=8)}
        await site.hear(a_change(staff_no, **at))
    async with site.database.work() as work:  # the first rung's message is not what is tested here
        await work.conn.exec_driver_sql("DELETE FROM notify.messages")
        await work.conn.exec_driver_sql("UPDATE notify.timers SET due_at = now() WHERE kind = 'ladder'")
        await work.conn.exec_driver_sql("UPDATE notify.rungs SET due_at = now() WHERE number = 1")


async def _execute(url: str, sql: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(sql)
    finally:
        await conn.close()


@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_killed_at_this_step_of_a_rung_says_everything_at_most_once_and_loses_nothing(
    site: Site, step: str
) -> None:
    await site.die_at(step)
    site.start()
    await site.settle()
    telephones = Counter(taken.to for taken in site.fakes.reached("sms"))
    mails = Counter(taken["To"] for taken in site.mail.mailbox.taken)
    assert set(telephones.values()) | set(mails.values()) <= {1}, (telephones, mails)
    async with site.database.reading() as conn:
        rows = await conn.exec_driver_sql("SELECT staff_no, channel, state, reason FROM notify.messages")
        found = {(row.staff_no, row.channel): row.state for row in rows}
    assert len(found) == 2 * PEOPLE
    for number in range(PEOPLE):
        staff_no, by_mail = f"A{number:03}", number % 2 == 0
        reached = mails[MAIL.format(number)] if by_mail else telephones[TELEPHONE.format(number)]
        state = found[staff_no, "email" if by_mail else "sms"]
        assert found[staff_no, "inbox"] == "delivered"
        assert (reached, state) == (1, "accepted") or (by_mail and state == "unknown"), (staff_no, reached, state)
    if step in ("climbing", "climbed", "reported"):
        assert "unknown" not in found.values()
