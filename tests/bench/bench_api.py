"""A single write through the API, against the bare minimum for the same statements.

Both serve with the same server, each in a process of its own, under the same load over loopback, turn by turn.
"""

from __future__ import annotations

import json
import tempfile
from itertools import count
from pathlib import Path
from statistics import median

from deploy.provision import migrate
from shared.platform.auth import Signer
from tests.bench.load import post, process, requests_per_second
from tests.bench.report import Bench, Row, service_url

ROUNDS = 6
SECONDS = 2.0
TARGET = 0.5

CONTACT = {
    "channel": "phone",
    "queue": "main",
    "agent": "A001",
    "topic": "billing",
    "queued_at": "2026-03-02T09:00:00+08:00",
    "answered_at": "2026-03-02T09:00:21+08:00",
    "ended_at": "2026-03-02T09:04:51+08:00",
    "wrap_seconds": 12.5,
    "resolved": True,
    "rating": 4,
}


async def run(bench: Bench) -> list[Row]:
    """Recorded contacts a second."""
    with tempfile.TemporaryDirectory() as folder:
        signer = Signer(Path(folder))
        token = signer.token(sub="crm", roles=("integration",))
        async with bench.database_url() as admin_url:
            url = service_url(admin_url, "cases")
            await migrate(url, "cases")
            ours = ["-m", "deploy.cli", "serve", "cases", "--api", "--host", "127.0.0.1", "--port", "{port}"]
            floor = ["-m", "tests.bench.floor_api", "{port}"]
            async with (
                process(ours, DATABASE_URL=url, JWKS=str(signer.jwks_file)) as our_port,
                process(floor, DATABASE_URL=url) as floor_port,
            ):
                value, least, ratio = await _turn_by_turn(our_port, floor_port, token)
    return [
        Row(
            "single write: POST /contacts",
            value,
            "requests/s",
            least,
            ratio,
            f"≥ {TARGET} of FastAPI + asyncpg, same statements",
            ratio >= TARGET,
        )
    ]


async def _turn_by_turn(our_port: int, floor_port: int, token: str) -> tuple[float, float, float]:
    """Medians over the rounds, after one that does not count."""
    numbers = count()

    def request_to(path: str) -> bytes:
        body = json.dumps({**CONTACT, "external_id": f"bench-{next(numbers)}"}).encode()
        return post(path, body, Authorization=f"Bearer {token}", Idempotency_Key=f"bench-{next(numbers)}")

    ours, floors = [], []
    for _ in range(ROUNDS + 1):
        floors.append(await requests_per_second(floor_port, lambda: request_to("/contacts"), seconds=SECONDS))
        ours.append(await requests_per_second(our_port, lambda: request_to("/cases/v1/contacts"), seconds=SECONDS))
    ratios = [our / floor for our, floor in zip(ours[1:], floors[1:], strict=True)]
    return median(ours[1:]), median(floors[1:]), median(ratios)
