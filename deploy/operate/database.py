"""Looking a database over: versions, migrations, clocks, and what waits longer than it should."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from deploy.operate.finding import Finding, failure, ok, warning
from deploy.trouble import where
from shared.contracts.routes import SERVICES
from shared.platform.ids import made_at
from shared.platform.newest import newest

Driver: TypeAlias = "asyncpg.Connection[Any]"

VERSIONS = range(15, 19)
SKEW_SECONDS = 2.0
LAG_SECONDS = 60
LONG_TRANSACTION = timedelta(minutes=10)
DAYS_AHEAD = 2


async def examine_database(url: str) -> AsyncIterator[Finding]:
    """Everything worth knowing about the database at `url`, as far as its role may see."""
    try:
        driver = await asyncpg.connect(url, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        yield failure(
            "database",
            f"数据库 {where(url)} 连接不上：{error}",
            f"The database at {where(url)} cannot be reached: {error}",
            "检查 DATABASE_URL、网络与 PostgreSQL 是否在运行。",
            "Check DATABASE_URL, the network, and that PostgreSQL is running.",
        )
        return
    try:
        yield _version(driver)
        yield await _clock(driver)
        yield await _long_transactions(driver)
        for service in SERVICES:
            async for finding in _service(driver, service):
                yield finding
    finally:
        await driver.close()


def _version(driver: Driver) -> Finding:
    major = driver.get_server_version().major
    if major in VERSIONS:
        return ok("database", f"PostgreSQL {major}", f"PostgreSQL {major}")
    return failure(
        "database",
        f"PostgreSQL {major} 不受支持",
        f"PostgreSQL {major} is not supported",
        f"请使用 {VERSIONS[0]} 至 {VERSIONS[-1]}。",
        f"Use {VERSIONS[0]} to {VERSIONS[-1]}.",
    )


async def _clock(driver: Driver) -> Finding:
    before = time.time()
    theirs = (await driver.fetchval("SELECT clock_timestamp()")).timestamp()
    skew = theirs - (before + time.time()) / 2
    if abs(skew) <= SKEW_SECONDS:
        return ok("database clock", f"相差 {skew:+.1f} 秒", f"{skew:+.1f} s from ours")
    return warning(
        "database clock",
        f"与本机相差 {skew:+.0f} 秒",
        f"{skew:+.0f} s from ours",
        "在两台机器上启用 NTP。",
        "Run NTP on both machines.",
    )


async def _long_transactions(driver: Driver) -> Finding:
    rows = await driver.fetch(
        "SELECT pid, application_name, now() - xact_start AS age FROM pg_stat_activity "
        "WHERE datname = current_database() AND xact_start < now() - $1::interval ORDER BY xact_start",
        LONG_TRANSACTION,
    )
    if not rows:
        return ok("transactions", "没有长事务", "none has been open for long")
    oldest = rows[0]
    what = f"pid {oldest['pid']} ({oldest['application_name']}), {oldest['age']}"
    return warning(
        "transactions",
        f"{len(rows)} 个事务长时间未结束：{what}",
        f"{len(rows)} have been open for long: {what}",
        f"查明后结束它：SELECT pg_terminate_backend({oldest['pid']});",
        f"Find out why, then end it: SELECT pg_terminate_backend({oldest['pid']});",
    )


async def _service(driver: Driver, service: str) -> AsyncIterator[Finding]:
    visible = await driver.fetchval(
        "SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = $1", service
    )
    if visible is None:
        yield failure(
            service,
            "数据库中没有这个模式",
            "there is no such schema",
            "运行 ringback provision 和 ringback migrate。",
            "Run ringback provision and ringback migrate.",
        )
    if not visible:
        return
    migration = await _migration(driver, service)
    yield migration
    if migration.level == "failure":
        return
    for look in (_outbox, _timers, _parked, _partitions):
        yield await look(driver, service)


async def _migration(driver: Driver, service: str) -> Finding:
    wanted = newest(service)
    try:
        at = await driver.fetchval(f"SELECT version_num FROM {service}.alembic_version")
    except asyncpg.UndefinedTableError:
        at = None
    if at is not None and at >= wanted:
        return ok(f"{service} schema", f"迁移 {at}", f"migration {at}")
    return failure(
        f"{service} schema",
        f"迁移停在 {at or '无'}，需要 {wanted}",
        f"at migration {at or 'none'}, {wanted} is needed",
        f"运行 ringback migrate {service}。",
        f"Run ringback migrate {service}.",
    )


async def _outbox(driver: Driver, service: str) -> Finding:
    row = await driver.fetchrow(
        f"SELECT count(*) AS n, (min(event_id::text))::uuid AS oldest FROM {service}.outbox WHERE sent_at IS NULL"
    )
    assert row is not None
    age = _age_seconds(row["oldest"])
    if age < LAG_SECONDS:
        return ok(f"{service} outbox", f"待发 {row['n']} 条", f"{row['n']} waiting")
    return failure(
        f"{service} outbox",
        f"{row['n']} 条事件未发出，最早的已等 {age:.0f} 秒",
        f"{row['n']} events are not sent, the oldest for {age:.0f} s",
        f"{service} 的后台进程是否在运行、能否连上消息队列？看它的日志中的 loop_waits、loop_failed。",
        f"Does {service}'s worker run and reach the broker? Look for loop_waits and loop_failed in its log.",
    )


def _age_seconds(event_id: UUID | None) -> float:
    """How long ago an event was recorded; 0 for none."""
    return time.time() - made_at(event_id) if event_id else 0.0


async def _timers(driver: Driver, service: str) -> Finding:
    row = await driver.fetchrow(
        f"SELECT count(*) FILTER (WHERE due_at < $1) AS late, count(*) FILTER (WHERE attempt > 0) AS failing, "
        f"(array_agg(kind || ': ' || failure) FILTER (WHERE failure IS NOT NULL))[1] AS why FROM {service}.timers",
        datetime.now(UTC) - timedelta(seconds=LAG_SECONDS),
    )
    assert row is not None
    if not row["late"] and not row["failing"]:
        return ok(f"{service} timers", "没有迟到", "none is late")
    return failure(
        f"{service} timers",
        f"{row['late']} 个定时任务迟到，{row['failing']} 个失败重试中：{row['why'] or ''}",
        f"{row['late']} are late, {row['failing']} are failing: {row['why'] or ''}",
        f"{service} 的后台进程是否在运行？失败的原因见上及其日志 timer_failed。",
        f"Does {service}'s worker run? Why some fail is told above and by timer_failed in its log.",
    )


async def _parked(driver: Driver, service: str) -> Finding:
    row = await driver.fetchrow(
        f"SELECT count(*) AS n, (array_agg(coalesce(type, '?') || ': ' || reason ORDER BY parked_at))[1] AS first "
        f"FROM {service}.parked WHERE replayed_at IS NULL"
    )
    assert row is not None
    if not row["n"]:
        return ok(f"{service} parked", "没有搁置的消息", "no message is parked")
    return warning(
        f"{service} parked",
        f"{row['n']} 条消息被搁置，最早：{row['first'][:200]}",
        f"{row['n']} messages are parked, the first: {row['first'][:200]}",
        f"ringback parked list --service {service}；修复原因后 ringback parked replay。",
        f"ringback parked list --service {service}; mend the cause, then ringback parked replay.",
    )


async def _partitions(driver: Driver, service: str) -> Finding:
    rows = await driver.fetch(
        "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = $1::text::regclass",
        f"{service}.outbox",
    )
    names = {row["relname"] for row in rows}
    today = datetime.now(UTC).date()
    wanted = {f"outbox_{today + timedelta(days=ahead):%Y%m%d}" for ahead in range(1, DAYS_AHEAD + 1)}
    if wanted <= names:
        return ok(f"{service} partitions", f"{len(names)} 个", f"{len(names)}")
    missing = ", ".join(sorted(wanted - names))
    return warning(
        f"{service} partitions",
        f"缺少 {missing}；事件暂存于默认分区",
        f"{missing} missing; events go to the default partition meanwhile",
        f"{service} 的后台进程每小时建立分区：它在运行吗？日志中有 tidying_put_off 吗？",
        f"{service}'s worker makes them every hour: does it run? Does its log say tidying_put_off?",
    )
