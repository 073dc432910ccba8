"""Bearer tokens: JWT with pinned algorithms, keys from a JWKS file or URL, every claim really checked."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import math
import time
import warnings
from collections import OrderedDict
from pathlib import Path
from typing import Any

import structlog
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError, SecurityWarning
from joserfc.jwk import KeySet, OKPKey, import_key

from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor

log = structlog.get_logger(__name__)

ALGORITHMS = ["RS256", "ES256", "EdDSA", "Ed25519"]
AUDIENCE = "ringback"
CACHE_SIZE = 4096
REFETCH_SECONDS = 60
"""How often an unknown key id may make the keys be read again."""
KEYS_SECONDS = 600
TOKEN_SECONDS = 300
"""How long keys and verified tokens are believed without looking again: a withdrawn key is out after both."""
CLOCK_SKEW_SECONDS = 30
"""How far ahead an issuer's clock may be. Expiry knows no grace."""


class KeysAway(Exception):
    """The keys cannot be read."""


class Keys:
    """Public keys from a JWKS URL or file, read again when old or when a token names a key we do not know."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._set = KeySet([])
        self._read_at = -math.inf
        self._turn = asyncio.Lock()

    async def get(self, kid: str | None) -> KeySet:
        """The key set, fresh enough to know `kid` if anybody does. Raises KeysAway when there is none at all."""
        if self._is_old(kid):
            async with self._turn:
                if self._is_old(kid):
                    await self._refresh(kid)
        return self._set

    def _is_old(self, kid: str | None) -> bool:
        age = time.monotonic() - self._read_at
        return age > (KEYS_SECONDS if self._knows(kid) else REFETCH_SECONDS)

    def _knows(self, kid: str | None) -> bool:
        return any(key.kid == kid for key in self._set.keys)

    async def _refresh(self, kid: str | None) -> None:
        try:
            self._set = KeySet(_usable(await self._read()))
        except KeysAway:
            if not self._knows(kid):
                raise
            log.warning("keys_away", source=self._source)
        self._read_at = time.monotonic()

    async def _read(self) -> Any:
        try:
            if self._source.startswith(("http://", "https://")):
                return await _fetch(self._source)
            return json.loads(await asyncio.to_thread(Path(self._source).read_text))
        except (OSError, ValueError) as error:
            raise KeysAway(self._source) from error


async def _fetch(url: str) -> Any:
    import httpx  # noqa: PLC0415 - only where keys come from a URL

    try:
        async with httpx.AsyncClient(timeout=5) as client:
            return (await client.get(url)).raise_for_status().json()
    except httpx.HTTPError as error:
        raise KeysAway(url) from error


def _usable(document: Any) -> list[Any]:
    """The keys we can use; an issuer may publish others beside them."""
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise KeysAway("not a key set")
    found = []
    for raw in document["keys"]:
        with contextlib.suppress(JoseError, ValueError, TypeError, KeyError):
            found.append(import_key(raw))
    return found


class Verifier:
    """Turns a token into an Actor, or refuses with `token-invalid` / `token-expired`."""

    def __init__(self, keys: Keys, issuer: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._seen: OrderedDict[str, tuple[float, Actor]] = OrderedDict()

    async def actor(self, token: str) -> Actor:
        """Verify signature, algorithm, issuer, audience and times. Verified tokens are remembered for a while.

        The machine's clock decides: the time of tokens is the issuer's, not the product's.
        """
        now = time.time()
        if (seen := self._seen.get(token)) and now < seen[0]:
            return seen[1]
        claims = await self._claims(token, now)
        actor = _actor(claims)
        self._seen[token] = (min(float(claims["exp"]), now + TOKEN_SECONDS), actor)
        if len(self._seen) > CACHE_SIZE:
            self._seen.popitem(last=False)
        return actor

    async def _claims(self, token: str, now: float) -> dict[str, Any]:
        try:
            keys = await self._keys.get(_kid(token))
            claims = _decode(token, keys)
            self._registry(now).validate(claims)
        except ExpiredTokenError as error:
            raise Refusal("token-expired") from error
        except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Refusal("token-invalid") from error
        except KeysAway as error:
            log.warning("keys_away", source=str(error))
            raise Refusal("unavailable") from error
        if claims["exp"] <= now:
            raise Refusal("token-expired")
        return claims

    def _registry(self, now: float) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(now),
            leeway=CLOCK_SKEW_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            sub={"essential": True},
        )


def _decode(token: str, keys: KeySet) -> dict[str, Any]:
    with warnings.catch_warnings():  # issuers go on calling Ed25519 "EdDSA", its name before RFC 9864
        warnings.simplefilter("ignore", SecurityWarning)
        return jwt.decode(token, keys, algorithms=ALGORITHMS).claims


def _kid(token: str) -> str | None:
    head = token.split(".", 1)[0]
    header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    kid = header.get("kid")
    return str(kid) if kid is not None else None


def _actor(claims: dict[str, Any]) -> Actor:
    return Actor(
        sub=str(claims["sub"]),
        name=str(claims.get("name", "")),
        roles=_strings(claims.get("roles")),
        staff_no=str(claims["staff_id"]) if claims.get("staff_id") else None,
        teams=_strings(claims.get("teams")),
        granted=frozenset(_strings(claims.get("scopes"))),
    )


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


class Signer:
    """Signs tokens with a local Ed25519 key kept in a folder: for small sites, development and tests."""

    def __init__(self, folder: Path, issuer: str = "ringback") -> None:
        self._issuer = issuer
        private = folder / "signing-key.json"
        self.jwks_file = folder / "jwks.json"
        if not private.exists():
            _make_key(folder, private, self.jwks_file)
        self._key = OKPKey.import_key(json.loads(private.read_text()))

    def token(
        self,
        *,
        sub: str,
        roles: tuple[str, ...] = (),
        name: str = "",
        staff_no: str | None = None,
        teams: tuple[str, ...] = (),
        scopes: tuple[str, ...] = (),
        valid_seconds: int = 12 * 3600,
    ) -> str:
        """A signed token. A negative `valid_seconds` makes one that has expired."""
        now = int(time.time())
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + valid_seconds,
            "sub": sub,
            "name": name or sub,
            "roles": list(roles),
            "staff_id": staff_no,
            "teams": list(teams),
            "scopes": list(scopes),
        }
        return jwt.encode({"alg": "Ed25519", "kid": self._key.kid}, claims, self._key, algorithms=ALGORITHMS)


def _make_key(folder: Path, private: Path, public: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    private.touch(mode=0o600)
    private.write_text(json.dumps(key.as_dict(private=True)))
    public.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
