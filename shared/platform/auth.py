"""Bearer tokens: JWT with pinned algorithms, keys from a JWKS file or URL, every claim really checked."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.clock import Clock

ALGORITHMS = ["RS256", "ES256", "EdDSA", "Ed25519"]
AUDIENCE = "ringback"
CACHE_SIZE = 4096
REFETCH_SECONDS = 60


class Keys:
    """Public keys by JWKS; an unknown key id makes a URL be fetched again, at most once a minute."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._set: KeySet | None = None
        self._fetched = 0.0

    async def get(self, kid: str | None) -> KeySet:
        """The key set, fresh enough to know `kid` if anybody does."""
        known = self._set is not None and any(key.kid == kid for key in self._set.keys)
        if self._set is None or (not known and time.monotonic() - self._fetched > REFETCH_SECONDS):
            self._set = KeySet.import_key_set(await self._read())
            self._fetched = time.monotonic()
        return self._set

    async def _read(self) -> Any:
        if self._source.startswith(("http://", "https://")):
            async with httpx.AsyncClient(timeout=5) as client:
                return (await client.get(self._source)).raise_for_status().json()
        return json.loads(await asyncio.to_thread(Path(self._source).read_text))


class Verifier:
    """Turns a token into an Actor, or refuses with `token-invalid` / `token-expired`."""

    def __init__(self, keys: Keys, issuer: str, clock: Clock) -> None:
        self._keys = keys
        self._issuer = issuer
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, Actor]] = OrderedDict()

    async def actor(self, token: str) -> Actor:
        """Verify signature, algorithm, issuer, audience and times. Verified tokens are remembered until they expire."""
        now = time.time()
        if (seen := self._seen.get(token)) and now < seen[0]:
            return seen[1]
        claims = await self._claims(token, now)
        actor = _actor(claims)
        self._seen[token] = (float(claims["exp"]), actor)
        if len(self._seen) > CACHE_SIZE:
            self._seen.popitem(last=False)
        return actor

    async def _claims(self, token: str, now: float) -> dict[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            now=int(now),
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            keys = await self._keys.get(_kid(token))
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            registry.validate(claims)
        except ExpiredTokenError as error:
            raise Refusal("token-expired") from error
        except (JoseError, ValueError, KeyError, TypeError, UnicodeError) as error:
            raise Refusal("token-invalid") from error
        except httpx.HTTPError as error:
            raise Refusal("unavailable") from error
        return claims


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
