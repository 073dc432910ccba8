"""The edge of a service: body caps, correlation ids, the access log, health and metrics."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy import text

from shared.platform import logs
from shared.platform.auth import Verifier
from shared.platform.db import connect
from shared.platform.edge import BODY_LIMIT, IMPORT_LIMIT
from shared.platform.web import create_app
from shared.platform.work import Database
from tests.conftest import Api, ManualClock

NOTES = "/roster/v1/notes"
PIECE = 1 << 16


def stream(size: int) -> AsyncIterator[bytes]:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(0, size, PIECE):
            yield b" " * PIECE

    return pieces()


async def test_a_body_over_the_limit_is_refused_unread(api: Api) -> None:
    response = await api.as_("manager").post(NOTES, content=b" " * (BODY_LIMIT + 1))
    assert (response.status_code, response.json()["code"]) == (413, "body-too-large")
    assert str(BODY_LIMIT) in response.json()["detail"]


async def test_a_stream_that_grows_over_the_limit_is_refused(api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    response = await api.as_("manager").post(NOTES, content=stream(BODY_LIMIT + PIECE), headers=headers)
    assert (response.status_code, response.json()["code"]) == (413, "body-too-large")


async def test_imports_may_be_larger_up_to_a_limit_of_their_own(api: Api) -> None:
    client = api.as_("manager")
    large = await client.post(f"{NOTES}:import", files={"file": ("a.csv", b"x" * (2 * BODY_LIMIT))})
    assert large.status_code == 200
    boundary = {"Content-Type": "multipart/form-data; boundary=b"}
    response = await client.post(f"{NOTES}:import", content=stream(IMPORT_LIMIT + PIECE), headers=boundary)
    assert response.status_code in {400, 413}
    too_large = await client.post(f"{NOTES}:import", files={"file": ("a.csv", b"x" * IMPORT_LIMIT)})
    assert (too_large.status_code, too_large.json()["code"]) == (413, "body-too-large")


@pytest.mark.parametrize("length", ["-5", "1e9", "many", "²"])
async def test_a_nonsensical_length_is_no_server_error(api: Api, length: str) -> None:
    headers = {"Content-Length": length.encode(), "Content-Type": "application/json"}
    response = await api.as_("manager").post(NOTES, content=b"{}", headers=headers)
    assert response.status_code == 422


async def test_the_callers_request_id_comes_back_and_goes_with_the_work(api: Api) -> None:
    response = await api.as_("manager").post(NOTES, json={"text": "a"}, headers={"X-Request-ID": "crm-17"})
    assert response.headers["x-request-id"] == "crm-17"
    made = [await api.as_("manager").get(NOTES, headers={"X-Request-ID": odd}) for odd in ("x" * 65, "a\tb", "")]
    assert len({response.headers["x-request-id"] for response in made}) == 3


async def test_a_request_is_logged_by_its_route_and_without_its_values(api: Api) -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as entries:
        await api.as_("manager").patch(f"{NOTES}/13800138000?x=13800138000", json={"text": "13800138000"})
    [entry] = entries
    assert (entry["event"], entry["method"], entry["status"]) == ("request", "PATCH", 422)
    assert entry["correlation_id"]
    assert "13800138000" not in str(entry)


async def test_livez_needs_nothing_and_readyz_names_its_checks(api: Api, app: FastAPI) -> None:
    client = api.client()
    assert (await client.get("/livez")).status_code == 200
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (
        200,
        {"ready": True, "checks": {"database": "ok", "migrations": "ok"}},
    )

    async def broker(_: Database) -> str:
        return "no consumer"

    app.state.checks = {"broker": broker}
    unready = await client.get("/readyz")
    assert (unready.status_code, unready.json()["checks"]["broker"]) == (503, "no consumer")


async def test_a_schema_older_than_the_code_is_not_ready_a_newer_one_is(api: Api, database: Database) -> None:
    for version, status in (("0000", 503), ("9999", 200)):
        async with database.reading() as conn:
            await conn.execute(text("UPDATE roster.alembic_version SET version_num = :at"), {"at": version})
        assert (await api.client().get("/readyz")).status_code == status


async def test_metrics_count_requests_by_route(api: Api) -> None:
    await api.as_("manager").get(NOTES)
    body = (await api.client().get("/metrics")).text
    assert 'ringback_http_request_seconds_count{method="GET",route="/notes",service="roster",status="200"}' in body
    assert 'ringback_outbox_unsent{service="roster"}' in body


@pytest.fixture
async def api_without_database(verifier: Verifier, app: FastAPI, signer: Any, clock: ManualClock) -> AsyncIterator[Api]:
    database = Database("roster", connect("postgresql://nobody@127.0.0.1:1/nothing"), clock)
    app.state.database = database
    api = Api(app, signer)
    yield api
    await api.close()
    await database.close()


async def test_while_the_database_is_away_requests_are_told_to_come_back(api_without_database: Api) -> None:
    client = api_without_database.as_("manager")
    for response in (
        await client.post(NOTES, json={"text": "a"}),
        await client.post(NOTES, json={"text": "a"}, headers={"Idempotency-Key": "k"}),
        await client.get(NOTES),
    ):
        assert (response.status_code, response.json()["code"]) == (503, "unavailable")
        assert int(response.headers["retry-after"]) > 0
    assert (await client.get("/livez")).status_code == 200
    assert (await client.get("/metrics")).status_code == 200
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)


@pytest.fixture
def restored_logging() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.basicConfig(handlers=handlers or [logging.NullHandler()], level=level, force=True)
    structlog.reset_defaults()


@pytest.mark.usefixtures("restored_logging")
@pytest.mark.parametrize("format_", ["json", "text"])
async def test_logs_mask_phone_numbers_and_tell_no_row_of_a_database_error(
    database: Database, capsys: pytest.CaptureFixture[str], format_: str
) -> None:
    logs.configure(format_)
    log = structlog.get_logger("test")
    log.info("call", phone="13800138000", mail="li.na@example.com", order="202611220042138001380001")
    logging.getLogger("library").warning("dialled %s", "13800138000")
    try:
        async with database.reading() as conn:
            await conn.execute(text("SELECT CAST(chr(76) || 'ane Road' AS int)"))
    except Exception:
        log.exception("failed")
    told = capsys.readouterr().err
    assert "138****8000" in told
    assert "202611220042138001380001" in told
    for secret in ("13800138000 ", '13800138000"', "li.na@", "Lane Road"):
        assert secret not in told
    assert "sqlstate 22P02" in told


def test_a_route_needs_no_more_than_its_router_to_be_served(
    database: Database, verifier: Verifier, open_database: Callable[[str], Database]
) -> None:
    app = create_app(database, verifier, [], title="empty", summary="nothing of its own")
    of_operations = {
        "parked",
        "parked/{parked_id}",
        "parked/{parked_id}/replay",
        "audit",
        "audit/verification",
        "outbox/resend",
    }
    assert set(app.openapi()["paths"]) == {f"/roster/v1/{path}" for path in of_operations}


async def test_requests_of_other_protocols_pass_by(app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.request("BREW", "/livez")).status_code == 405
