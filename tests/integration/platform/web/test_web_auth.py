"""Who may come in: pinned algorithms, our issuer and audience, keys that are current; anything else is 401 or 403."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import time
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from shared.contracts.refusal import Refusal
from shared.platform import auth
from shared.platform.actor import Actor
from shared.platform.auth import Keys, Signer, Verifier
from tests.conftest import Api

NOTES = "/roster/v1/notes"
KEYS = {
    "RS256": RSAKey.generate_key(2048, auto_kid=True),
    "ES256": ECKey.generate_key("P-256", auto_kid=True),
    "EdDSA": OKPKey.generate_key("Ed25519", auto_kid=True),
}


def claims(**changed: object) -> dict[str, Any]:
    now = int(time.time())
    told = {
        "iss": "ringback",
        "aud": "ringback",
        "exp": now + 600,
        "iat": now,
        "sub": "u-1",
        "name": "李娜",
        "roles": ["manager"],
        "staff_id": "M001",
        "teams": ["A"],
    } | changed
    return {name: value for name, value in told.items() if value is not ...}


def signed(algorithm: str, told: dict[str, Any], key: Any = None) -> str:
    key = key or KEYS[algorithm]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        return jwt.encode({"alg": algorithm, "kid": key.kid}, told, key, algorithms=[algorithm])


def unsigned(told: dict[str, Any], algorithm: str = "none") -> str:
    parts = ({"alg": algorithm, "kid": KEYS["RS256"].kid}, told)
    return ".".join(_base64(json.dumps(part).encode()) for part in parts) + "."


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def published(*keys: Any) -> str:
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]})


@pytest.fixture
def verifier(tmp_path: Path) -> Verifier:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(published(*KEYS.values()))
    return Verifier(Keys(str(jwks)), "ringback")


async def refused(verifier: Verifier, token: str) -> str:
    with pytest.raises(Refusal) as refusal:
        await verifier.actor(token)
    return refusal.value.code


@pytest.mark.parametrize("algorithm", KEYS)
async def test_a_token_by_a_pinned_algorithm_says_who_asks(verifier: Verifier, algorithm: str) -> None:
    actor = await verifier.actor(signed(algorithm, claims()))
    assert actor == Actor(sub="u-1", name="李娜", roles=("manager",), staff_no="M001", teams=("A",))


async def test_an_audience_may_be_one_of_several(verifier: Verifier) -> None:
    assert (await verifier.actor(signed("ES256", claims(aud=["crm", "ringback"])))).sub == "u-1"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"iss": "somebody"}, "token-invalid"),
        ({"iss": ...}, "token-invalid"),
        ({"aud": "crm"}, "token-invalid"),
        ({"aud": ...}, "token-invalid"),
        ({"exp": 1}, "token-expired"),
        ({"exp": int(time.time()) - 1}, "token-expired"),
        ({"exp": ...}, "token-invalid"),
        ({"exp": "tomorrow"}, "token-invalid"),
        ({"nbf": int(time.time()) + 86_400}, "token-invalid"),
        ({"sub": ...}, "token-invalid"),
        ({"sub": 7}, "token-invalid"),
    ],
)
async def test_a_claim_that_does_not_hold_is_refused(verifier: Verifier, changed: dict[str, Any], code: str) -> None:
    assert await refused(verifier, signed("EdDSA", claims(**changed))) == code


async def test_unsigned_and_symmetric_tokens_are_refused(verifier: Verifier) -> None:
    assert await refused(verifier, unsigned(claims())) == "token-invalid"
    assert await refused(verifier, unsigned(claims(), "RS256")) == "token-invalid"
    told = unsigned(claims(), "HS256").removesuffix(".")
    public = KEYS["RS256"].as_pem(private=False)
    confused = f"{told}.{_base64(hmac.digest(public, told.encode(), 'sha256'))}"
    assert await refused(verifier, confused) == "token-invalid"


async def test_an_algorithm_that_is_not_pinned_is_refused(verifier: Verifier) -> None:
    key = KEYS["RS256"]
    token = jwt.encode({"alg": "RS512", "kid": key.kid}, claims(), key, algorithms=["RS512"])
    assert await refused(verifier, token) == "token-invalid"


async def test_a_key_that_we_do_not_know_is_refused(verifier: Verifier) -> None:
    stranger = OKPKey.generate_key("Ed25519", auto_kid=True)
    assert await refused(verifier, signed("EdDSA", claims(), stranger)) == "token-invalid"
    impostor = OKPKey.import_key(stranger.as_dict(private=True) | {"kid": KEYS["EdDSA"].kid})
    assert await refused(verifier, signed("EdDSA", claims(), impostor)) == "token-invalid"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    token=st.text(max_size=80)
    | st.lists(st.binary(max_size=40).map(_base64), min_size=3, max_size=3).map(".".join)
    | st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=2)).map(
        lambda odd: signed("EdDSA", claims(roles=odd, teams=odd, staff_id=odd, scopes=odd, sub=None))
    )
)
async def test_junk_is_refused_and_never_breaks_anything(verifier: Verifier, token: str) -> None:
    assert await refused(verifier, token) == "token-invalid"


async def test_odd_roles_and_teams_grant_nothing(verifier: Verifier) -> None:
    for odd in (None, "manager", {"manager": 1}, 5, [["manager"]]):
        actor = await verifier.actor(signed("EdDSA", claims(roles=odd, teams=odd, scopes=None)))
        assert actor.scopes == frozenset()


class KeyServer:
    """An identity provider's JWKS address on a loopback port."""

    def __init__(self) -> None:
        self.body = b""
        self.status = "200 OK"
        self.asked = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(self.body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + self.body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def key_server() -> AsyncIterator[tuple[KeyServer, str]]:
    server = KeyServer()
    listener = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    yield server, f"http://127.0.0.1:{port}/jwks"
    listener.close()
    await listener.wait_closed()


class Hours:
    """The machine's time, which the tests of rotation move by hand: monotonic and of the day together."""

    def __init__(self) -> None:
        self._started = time.time()
        self.passed = 0.0

    def time(self) -> float:
        return self._started + self.passed

    def monotonic(self) -> float:
        return self.passed


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    hours = Hours()
    monkeypatch.setattr(auth, "time", hours)
    return hours


async def test_keys_rotate_with_an_overlap(key_server: tuple[KeyServer, str], hours: Hours) -> None:
    """The new key joins, both sign for a while, the old one goes: nobody is turned away who should come in."""
    server, url = key_server
    old, new = KEYS["RS256"], KEYS["ES256"]
    verifier = Verifier(Keys(url), "ringback")
    server.body = published(old).encode()
    by_old = signed("RS256", claims(exp=int(time.time()) + 7200))
    await verifier.actor(by_old)

    server.body = published(old, new).encode()
    hours.passed += auth.REFETCH_SECONDS + 1
    await verifier.actor(signed("ES256", claims()))
    await verifier.actor(by_old)
    await verifier.actor(signed("RS256", claims(sub="u-2")))

    server.body = published(new).encode()
    hours.passed += auth.KEYS_SECONDS + 1
    assert await refused(verifier, by_old) == "token-invalid", "believed no longer than keys and tokens are remembered"
    assert await refused(verifier, signed("RS256", claims(sub="u-3"))) == "token-invalid"
    assert (await verifier.actor(signed("ES256", claims(exp=int(hours.time()) + 60)))).sub == "u-1"


async def test_a_withdrawn_key_is_out_once_keys_and_tokens_are_looked_at_again(
    key_server: tuple[KeyServer, str], hours: Hours
) -> None:
    server, url = key_server
    verifier = Verifier(Keys(url), "ringback")
    server.body = published(KEYS["RS256"]).encode()
    token = signed("RS256", claims(exp=int(time.time()) + 7200))
    await verifier.actor(token)
    server.body = published(KEYS["ES256"]).encode()
    hours.passed += auth.KEYS_SECONDS + auth.TOKEN_SECONDS + 1
    assert await refused(verifier, token) == "token-invalid"


async def test_unknown_keys_make_one_fetch_a_minute_however_many_ask(
    key_server: tuple[KeyServer, str], hours: Hours
) -> None:
    server, url = key_server
    server.body = published(KEYS["RS256"]).encode()
    verifier = Verifier(Keys(url), "ringback")
    await verifier.actor(signed("RS256", claims()))
    assert server.asked == 1
    strangers = [OKPKey.generate_key("Ed25519", auto_kid=True) for _ in range(20)]
    for minute in range(3):
        await asyncio.gather(*(refused(verifier, signed("EdDSA", claims(), stranger)) for stranger in strangers))
        assert server.asked == 1 + minute, "the keys were read less than a minute ago"
        hours.passed += auth.REFETCH_SECONDS + 1
    assert (await verifier.actor(signed("RS256", claims(exp=int(hours.time()) + 60)))).sub == "u-1"


async def test_a_new_key_is_fetched_once_for_all_who_bring_it(key_server: tuple[KeyServer, str], hours: Hours) -> None:
    server, url = key_server
    server.body = published(KEYS["RS256"]).encode()
    verifier = Verifier(Keys(url), "ringback")
    await verifier.actor(signed("RS256", claims()))
    server.body = published(KEYS["RS256"], KEYS["ES256"]).encode()
    hours.passed += auth.REFETCH_SECONDS + 1
    await asyncio.gather(*(verifier.actor(signed("ES256", claims(sub=f"u-{n}"))) for n in range(20)))
    assert server.asked == 2


async def test_while_the_key_server_is_away_known_keys_serve_and_unknown_ones_wait(
    key_server: tuple[KeyServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = key_server
    server.body = published(KEYS["RS256"]).encode()
    verifier = Verifier(Keys(url), "ringback")
    await verifier.actor(signed("RS256", claims()))
    monkeypatch.setattr(auth, "KEYS_SECONDS", -1)
    monkeypatch.setattr(auth, "REFETCH_SECONDS", -1)
    for status, body in (("500 Oops", b""), ("200 OK", b"<html>"), ("200 OK", b"[]"), ("200 OK", b'{"keys": 5}')):
        server.status, server.body = status, body
        assert (await verifier.actor(signed("RS256", claims(name=status + body.decode())))).sub == "u-1"
        assert await refused(verifier, signed("ES256", claims())) == "unavailable"


async def test_keys_of_kinds_we_do_not_use_are_passed_over(tmp_path: Path) -> None:
    jwks = tmp_path / "jwks.json"
    odd = [{"kty": "LATTICE", "kid": "x"}, {"kty": "RSA"}, 5, KEYS["EdDSA"].as_dict(private=False)]
    jwks.write_text(json.dumps({"keys": odd}))
    assert (await Verifier(Keys(str(jwks)), "ringback").actor(signed("EdDSA", claims()))).sub == "u-1"


async def test_a_missing_key_file_is_an_outage_not_a_wrong_token(tmp_path: Path) -> None:
    verifier = Verifier(Keys(str(tmp_path / "none.json")), "ringback")
    assert await refused(verifier, signed("EdDSA", claims())) == "unavailable"


async def test_a_remembered_token_is_not_believed_past_its_expiry(
    verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = signed("EdDSA", claims(exp=int(time.time()) + 60))
    await verifier.actor(token)
    monkeypatch.setattr(time, "time", lambda later=time.time() + 61: later)
    assert await refused(verifier, token) == "token-expired"


async def test_the_signer_keeps_its_key_and_shows_only_the_public_half(tmp_path: Path) -> None:
    token = Signer(tmp_path).token(sub="crm", scopes=("roster:read",))
    again = Verifier(Keys(str(Signer(tmp_path).jwks_file)), "ringback")
    assert (await again.actor(token)).scopes == {"roster:read"}
    assert '"d"' not in (tmp_path / "jwks.json").read_text()
    assert (tmp_path / "signing-key.json").stat().st_mode & 0o077 == 0


async def test_without_a_token_or_with_a_wrong_kind_one_is_asked_to_sign_in(app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        for value in (None, "Basic abc", "Bearer", "Bearer "):
            response = await client.get(NOTES, headers={"Authorization": value} if value else {})
            assert (response.status_code, response.json()["code"]) == (401, "not-authenticated")
            assert response.headers["www-authenticate"] == "Bearer"


async def test_a_scope_that_the_role_lacks_is_named(
    database: Any, app: FastAPI, signer: Signer, tmp_path: Path
) -> None:
    app.state.verifier = Verifier(Keys(str(signer.jwks_file)), "ringback")
    api = Api(app, signer)
    response = await api.as_("agent").post(NOTES, json={"text": "a"})
    await api.close()
    assert (response.status_code, response.json()["code"]) == (403, "scope-missing")
    assert "roster:plan" in response.json()["detail"]
