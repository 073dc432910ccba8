"""`ringback webhooks listen` answers what is signed, refuses what is not, and says what came."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks import Webhook

from deploy.listen import listen
from deploy.trouble import Trouble

SECRET = "whsec_" + "A" * 43 + "="
BODY = json.dumps({"type": "cases.case.opened.v1", "subject": "s", "data": {"number": "C1"}})


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def url(said: list[str]) -> Iterator[str]:
    with listen(0, [SECRET], said.append) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def headers(secret: str) -> dict[str, str]:
    now = datetime.now(UTC)
    signature = Webhook(secret).sign("id-1", now, BODY)
    return {"webhook-id": "id-1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


def test_a_signed_delivery_is_verified_and_printed(url: str, said: list[str]) -> None:
    assert httpx.post(url, content=BODY, headers=headers(SECRET)).status_code == 204
    assert said == ['✓ verified  cases.case.opened.v1  s  {"number": "C1"}']


def test_anything_else_is_refused(url: str, said: list[str]) -> None:
    other = "whsec_" + "B" * 43 + "="
    assert httpx.post(url, content=BODY, headers=headers(other)).status_code == 400
    assert httpx.post(url, content=b"\xff").status_code == 400
    assert said[0].startswith("✗ No matching signature found")


def test_a_secret_that_is_none_is_told() -> None:
    with pytest.raises(Trouble):
        listen(0, ["secret!"])
