"""Contacts in batches over HTTP: checked, written, published and answered row by row."""

from __future__ import annotations

import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import httpx

from deploy.provision import migrate
from shared.platform.auth import Signer
from tests.bench.load import process
from tests.bench.report import Bench, Row, service_url

ROWS = 10_000
ROUNDS = 4
TARGET = 20_000
MANY = 1_000_000
GROWTH_MIB = 32
"""How much more memory the process may hold after a million rows than after the first fifty thousand."""
START = datetime(2026, 3, 2, tzinfo=UTC)


async def run(bench: Bench) -> list[Row]:
    """Rows a second of new contacts, and of the same told again."""
    with tempfile.TemporaryDirectory() as folder:
        signer = Signer(Path(folder))
        headers = {"Authorization": f"Bearer {signer.token(sub='switch', roles=('integration',))}"}
        async with bench.database_url() as admin_url:
            url = service_url(admin_url, "cases")
            await migrate(url, "cases")
            ours = ["-m", "deploy.cli", "serve", "cases", "--api", "--host", "127.0.0.1", "--port", "{port}"]
            async with process(ours, DATABASE_URL=url, JWKS=str(signer.jwks_file)) as port:
                base = f"http://127.0.0.1:{port}/cases/v1"
                async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as client:
                    new, again = await _rounds(client)
                    growth = await _growth(client, f"http://127.0.0.1:{port}/metrics")
    return [
        Row("contacts:batch, new contacts", new, "rows/s", target=f"≥ {TARGET:,} rows/s", met=new >= TARGET),
        Row("contacts:batch, the same again", again, "rows/s"),
        Row(
            f"contacts:batch, memory after {MANY:,} rows more",
            growth,
            "MiB more",
            target=f"≤ {GROWTH_MIB} MiB",
            met=growth <= GROWTH_MIB,
        ),
    ]


async def _rounds(client: httpx.AsyncClient) -> tuple[float, float]:
    new, again = [], []
    for number in range(ROUNDS + 1):
        body = b"\n".join(_row(number * ROWS + place) for place in range(ROWS))
        new.append(await _send(client, body, "created"))
        again.append(await _send(client, body, "unchanged"))
    return median(new[1:]), median(again[1:])


async def _growth(client: httpx.AsyncClient, metrics: str) -> float:
    """Mebibytes by which the process grows over a million new rows."""
    before = 0.0
    for number in range(ROUNDS + 1, ROUNDS + 1 + MANY // ROWS):
        await _send(client, b"\n".join(_row(number * ROWS + place) for place in range(ROWS)), "created")
        if number == ROUNDS + 5:
            before = await _resident(client, metrics)
    return await _resident(client, metrics) - before


async def _resident(client: httpx.AsyncClient, metrics: str) -> float:
    """What the process holds in memory, by its own account, in mebibytes."""
    lines = (await client.get(metrics)).text.splitlines()
    [value] = [line.split()[1] for line in lines if line.startswith("process_resident_memory_bytes ")]
    return float(value) / 2**20


async def _send(client: httpx.AsyncClient, body: bytes, expected: str) -> float:
    started = time.perf_counter()
    answer = await client.post("/contacts:batch", content=body, headers={"Content-Type": "application/x-ndjson"})
    seconds = time.perf_counter() - started
    if answer.status_code != 200 or answer.json()[expected] != ROWS:
        raise RuntimeError(f"answered {answer.status_code} {answer.text[:300]}")
    return ROWS / seconds


def _row(number: int) -> bytes:
    queued_at = START + timedelta(seconds=number)
    told = {
        "external_id": f"call-{number}",
        "channel": "phone",
        "queue": f"queue-{number % 7}",
        "agent": f"A{number % 300:03}",
        "topic": f"topic-{number % 40}",
        "queued_at": queued_at.isoformat(),
        "answered_at": (queued_at + timedelta(seconds=number % 90)).isoformat(),
        "ended_at": (queued_at + timedelta(seconds=number % 90 + 240)).isoformat(),
        "wrap_seconds": 15.5,
        "resolved": number % 3 > 0,
        "rating": number % 5 + 1,
    }
    return json.dumps(told).encode()
