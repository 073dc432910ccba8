"""The queue at a million cases over HTTP: the first page, pages anywhere, the last ones; for everybody and one team."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from deploy.provision import migrate
from shared.platform.auth import Signer
from shared.platform.paging import _cursor
from tests.bench.load import process
from tests.bench.report import Bench, Row, service_url

CASES = 1_000_000
TEAMS = 50
REQUESTS = 100
TARGET_MS = 50.0

TEAM = "INSERT INTO cases.teams (team_id, code, name, zone, sequence) VALUES ($1, 'A', 'A', 'Asia/Shanghai', 1)"
ONE_TEAM = UUID(f"019cb0a0-0001-7000-8000-{7:012}")
SEED = """
INSERT INTO cases.cases (case_id, version, number, state, case_type, type_version, channel, subject, urgency,
    importance, quadrant, zone, topic, team_id, owner, opened_at, opened_by, fields, reopen_count, repeat_count,
    transfer_count, contact_count, involved, updated_at, grams)
SELECT gen_random_uuid(), 1, 'C20260302-' || n, CASE WHEN n % 20 = 0 THEN 'open' WHEN n % 20 = 1 THEN 'in_progress'
    WHEN n % 20 = 2 THEN 'waiting_team' WHEN n % 20 < 5 THEN 'resolved' ELSE 'closed' END, 'consult', 1, 'phone',
    '没收到货', 'normal', 'normal', n % 4 + 1, 'Asia/Shanghai', 'topic-' || n % 40,
    ('019cb0a0-0001-7000-8000-' || lpad((n % $2)::text, 12, '0'))::uuid, CASE WHEN n % 3 = 0 THEN 'A' || n % 900 END,
    '2026-01-01T00:00:00Z'::timestamptz + n * interval '5 seconds', 'A1', '{}', 0, 0, 0, 0, '{}',
    '2026-01-01T00:00:00Z'::timestamptz + n * interval '5 seconds', ARRAY['没收', '收到', '到货', 'n' || n % 5000]
FROM generate_series(1, $1) AS n
"""


async def run(bench: Bench) -> list[Row]:
    """95th percentiles of a page of 50, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        signer = Signer(Path(folder))
        headers = {"Authorization": f"Bearer {signer.token(sub='m', roles=('manager',))}"}
        async with bench.database_url() as admin_url:
            url = service_url(admin_url, "cases")
            await migrate(url, "cases")
            conn = await asyncpg.connect(url)
            await conn.execute(SEED.replace("$1", str(CASES)).replace("$2", str(TEAMS)))
            await conn.execute(TEAM, ONE_TEAM)
            await conn.execute("VACUUM ANALYZE cases.cases")
            ours = ["-m", "deploy.cli", "serve", "cases", "--api", "--host", "127.0.0.1", "--port", "{port}"]
            async with process(ours, DATABASE_URL=url, JWKS=str(signer.jwks_file)) as port:
                base = f"http://127.0.0.1:{port}/cases/v1"
                async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as client:
                    rows = [await _measure(conn, client, name, **wanted) for name, wanted in _lists().items()]
            await conn.close()
    return rows


def _lists() -> dict[str, dict[str, Any]]:
    return {
        "first page": {"at": [0.0]},
        "pages anywhere": {"at": [place / 100 for place in range(100)]},
        "last page": {"at": [0.9999]},
        "one team's, open, anywhere": {"at": [0.0, 0.05, 0.1, 0.14], "team": "A", "state": "open"},
        "by words": {"at": [0.0], "q": "n4321"},
    }


async def _measure(
    conn: asyncpg.Connection, client: httpx.AsyncClient, name: str, *, at: list[float], **wanted: Any
) -> Row:
    """Pages that begin at these parts of the whole, taken in turn."""
    chance = random.Random(20260302)
    afters = [await _cursor_at(conn, place, "team" in wanted) for place in at]
    milliseconds = []
    for number in range(REQUESTS + 10):
        after = chance.choice(afters)
        started = time.perf_counter()
        answer = await client.get("/cases", params=wanted | ({"after": after} if after else {}))
        if number >= 10:
            milliseconds.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"answered {answer.status_code} {answer.text[:300]}")
    p95 = quantiles(milliseconds, n=20)[-1]
    target = f"≤ {TARGET_MS:.0f} ms"
    return Row(f"queue of {CASES:,} cases, {name}, p95", p95, "ms", target=target, met=p95 <= TARGET_MS)


async def _cursor_at(conn: asyncpg.Connection, place: float, of_team: bool) -> str | None:
    """The cursor of the row at that part of the list; none at its beginning."""
    if not place:
        return None
    where, count = (f"WHERE team_id = '{ONE_TEAM}'", CASES // TEAMS) if of_team else ("", CASES)
    [row] = await conn.fetch(
        f"SELECT queue_rank, opened_at, case_id FROM cases.cases {where} "
        f"ORDER BY queue_rank, opened_at, case_id OFFSET {int(place * count)} LIMIT 1"
    )
    return _cursor([row["queue_rank"], row["opened_at"], row["case_id"]])
