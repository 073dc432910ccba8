"""Opening a case through the API with all checks, against the bare minimum for the same statements.

Both serve with the same server, each in a process of its own, under the same load over loopback, turn by turn.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from statistics import median
from uuid import UUID

import httpx

from deploy.provision import migrate
from services.cases.commands.opening import Wish
from shared.platform.auth import Signer
from tests.bench.load import post, process, requests_per_second
from tests.bench.report import Bench, Row, service_url

ROUNDS = 5
SECONDS = 2.0
TARGET = 0.4
CONNECTIONS = 8


def wish(customer: UUID) -> Wish:
    """One case: a known customer and topic, a text, no link to what there is."""
    return Wish(
        case_type="consult",
        topic="delivery",
        customer_id=customer,
        subject="没收到货",
        description="三天了还没有收到，单号在短信里。",
        channel="phone",
        urgency=None,
        importance=None,
        fields={},
        team=None,
        contact_id=None,
        link=False,
    )


async def run(bench: Bench) -> list[Row]:
    """Opened cases a second."""
    with tempfile.TemporaryDirectory() as folder:
        signer = Signer(Path(folder))
        token = signer.token(sub="crm", roles=("integration",))
        async with bench.database_url() as admin_url:
            url = service_url(admin_url, "cases")
            await migrate(url, "cases")
            ours = ["-m", "deploy.cli", "serve", "cases", "--api", "--host", "127.0.0.1", "--port", "{port}"]
            async with process(ours, DATABASE_URL=url, JWKS=str(signer.jwks_file)) as our_port:
                customers = await _customers(our_port, token)
                floor = ["-m", "tests.bench.floor_opening", "{port}"]
                async with process(floor, DATABASE_URL=url) as floor_port:
                    value, least, ratio = await _turn_by_turn(our_port, floor_port, token, customers)
    target = f"≥ {TARGET} of FastAPI + asyncpg, same statements"
    return [Row("opening a case: POST /cases", value, "requests/s", least, ratio, target, ratio >= TARGET)]


async def _customers(port: int, token: str) -> list[str]:
    """A topic, and customers who each come now and then."""
    base, headers = f"http://127.0.0.1:{port}/cases/v1", {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as client:
        (await client.post("/topics", json={"code": "delivery", "name": "物流"})).raise_for_status()
        found = [await client.post("/customers", json={"name": f"客户{number}"}) for number in range(500)]
    return [answer.json()["customer_id"] for answer in found]


async def _turn_by_turn(our_port: int, floor_port: int, token: str, customers: list[str]) -> tuple[float, float, float]:
    """Medians over the rounds, after one that does not count."""
    turn = 0

    def request_to(path: str) -> bytes:
        nonlocal turn
        turn += 1
        told = wish(UUID(customers[turn % len(customers)]))
        body = {"type": told.case_type, "topic": told.topic, "customer_id": str(told.customer_id), "link": False}
        words = {"subject": told.subject, "description": told.description}
        return post(path, json.dumps(body | words).encode(), Authorization=f"Bearer {token}")

    async def rate(port: int, path: str) -> float:
        return await requests_per_second(port, lambda: request_to(path), seconds=SECONDS, connections=CONNECTIONS)

    ours, floors = [], []
    for _ in range(ROUNDS + 1):
        floors.append(await rate(floor_port, "/cases"))
        ours.append(await rate(our_port, "/cases/v1/cases"))
    ratios = [our / floor for our, floor in zip(ours[1:], floors[1:], strict=True)]
    return median(ours[1:]), median(floors[1:]), median(ratios)
