"""Messages to customers: their address is asked of cases at the moment of sending, used, and forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import httpx

from services.notify.channels.port import Channel, OutcomeUnknown, Outgoing
from services.notify.channels.wire import Wire, without_address
from services.notify.domain.message import LINK_MARK, Report
from services.notify.settings import NotifySettings
from shared.platform.auth import Signer

SCOPE = "cases:personal"
TOKEN_SECONDS = 600

Token = Callable[[], Any]
"""An awaitable bearer token with that scope."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a customer can be reached: channels and addresses in order, what cases adds to the text, and in which
    language they are written to, where that is known."""

    methods: list[tuple[str, str]]
    fields: dict[str, str]
    language: str | None = None


class AddressBook(Protocol):
    """Where customers can be reached. Raises Undeliverable."""

    async def reach(self, outgoing: Outgoing) -> Reach: ...

    async def close(self) -> None: ...


class Undeliverable(Exception):
    """The customer cannot be written to, now or at all; `report` says which."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.code)
        self.report = report


class CasesAddressBook:
    """Asks cases: `GET /cases/v1/customers/{customer_id}/reachability`."""

    def __init__(self, url: str, token: Token, seconds: float, transport: httpx.AsyncBaseTransport | None) -> None:
        self._url = url
        self._token = token
        self._seconds = seconds
        self._transport = transport

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        """Not before the first customer: reading the certificate authorities takes time and memory."""
        return httpx.AsyncClient(base_url=self._url, timeout=self._seconds, transport=self._transport, trust_env=False)

    async def reach(self, outgoing: Outgoing) -> Reach:
        """What cases says of the customer whose id is the address."""
        matter_type, matter_id = outgoing.matter
        about = {"matter_type": matter_type, "matter_id": str(matter_id)} if matter_type and matter_id else {}
        path = f"/cases/v1/customers/{outgoing.address}/reachability"
        try:
            bearer = {"Authorization": f"Bearer {await self._token()}"}
            answer = await self._client.get(path, params=about, headers=bearer)
        except httpx.HTTPError as error:
            raise Undeliverable(Report("try-again", f"cases: {type(error).__name__}", "cases-away")) from None
        if answer.status_code == 404:
            raise Undeliverable(Report("failed", "cases: HTTP 404", "customer-unknown"))
        if answer.status_code != 200:
            raise Undeliverable(Report("try-again", f"cases: HTTP {answer.status_code}", "cases-away"))
        return _reach(answer.json())

    async def close(self) -> None:
        """Let go of the connection."""
        if "_client" in self.__dict__:
            await self._client.aclose()


class Customers:
    """Sends by the first of a customer's channels that takes it.

    `keeps_text`: what was really said is kept with the message, links that cases gave included (in development only).
    """

    deduplicates = False
    pace = None
    at_once = 50

    def __init__(self, book: AddressBook, channels: Mapping[str, Channel], *, keeps_text: bool = False) -> None:
        self._book = book
        self._channels = channels
        self._keeps_text = keeps_text

    async def send(self, outgoing: Outgoing) -> Report:
        """Ask where the customer is, and send there; a refusal goes on to their next channel, a doubt does not."""
        try:
            reach = await self._book.reach(outgoing)
        except Undeliverable as none:
            return none.report
        outgoing = _in_language(outgoing, reach.language)
        said = outgoing.text.replace(LINK_MARK, reach.fields.get("link", ""))
        report = Report("failed", None, "no-address")
        for name, address in reach.methods:
            if name in self._channels:
                report = await self._by(name, replace(outgoing, address=address, text=said))
                if report.outcome != "failed":
                    break
        report = replace(report, language=reach.language)
        return replace(report, text=said) if self._keeps_text else report

    async def close(self) -> None:
        """Let go of the connection to cases; the channels are others' to close."""
        await self._book.close()

    async def _by(self, name: str, outgoing: Outgoing) -> Report:
        try:
            report = await self._channels[name].send(outgoing)
        except (TimeoutError, OutcomeUnknown) as error:
            report = Report("unknown", str(error) or "timeout", "timeout")
        words = without_address(report.words, outgoing.address) if report.words else None
        return replace(report, words=words, via=name)


def _reach(found: Mapping[str, Any]) -> Reach:
    if found.get("do_not_contact"):
        raise Undeliverable(Report("failed", None, "do-not-contact"))
    methods = [(str(method["channel"]), str(method["address"])) for method in found.get("methods", [])]
    fields = {str(name): str(value) for name, value in (found.get("fields") or {}).items()}
    return Reach(methods, fields, found.get("language"))


def _in_language(outgoing: Outgoing, language: str | None) -> Outgoing:
    """As its reader speaks, where that is known and the text is kept in it."""
    if language in (None, outgoing.language) or outgoing.otherwise is None:
        return outgoing
    return replace(outgoing, language=language, title=outgoing.otherwise.title, text=outgoing.otherwise.text)


def address_book(settings: NotifySettings, transport: httpx.AsyncBaseTransport | None = None) -> CasesAddressBook:
    """Cases' address book, with notify's own token: signed with the site's key, else by client credentials."""
    token = _signed(settings) if settings.signing_keys else _granted(settings, transport)
    return CasesAddressBook(settings.cases_url or settings.public_url, token, settings.send_seconds, transport)


def _signed(settings: NotifySettings) -> Token:
    kept: list[tuple[float, str]] = []

    async def token() -> str:
        if not kept or time.monotonic() >= kept[0][0]:
            assert settings.signing_keys is not None
            signer = Signer(settings.signing_keys, settings.jwt_issuer)
            made = signer.token(sub="notify", scopes=(SCOPE,), valid_seconds=TOKEN_SECONDS)
            kept[:] = [(time.monotonic() + TOKEN_SECONDS / 2, made)]
        return kept[0][1]

    return token


def _granted(settings: NotifySettings, transport: httpx.AsyncBaseTransport | None) -> Token:
    kept: list[tuple[float, str]] = []

    async def token() -> str:
        if not settings.token_url:
            raise Undeliverable(Report("failed", None, "cases-not-configured"))
        if not kept or time.monotonic() >= kept[0][0]:
            kept[:] = [await _ask_for_token(settings, transport)]
        return kept[0][1]

    return token


async def _ask_for_token(settings: NotifySettings, transport: httpx.AsyncBaseTransport | None) -> tuple[float, str]:
    fields = {
        "grant_type": "client_credentials",
        "client_id": settings.client_id,
        "client_secret": settings.client_secret.get_secret_value(),
        "scope": SCOPE,
    }
    wire = Wire(settings.token_url, settings.send_seconds, transport)
    try:
        answer = await wire.form("", fields)
    except (OutcomeUnknown, OSError) as error:
        raise Undeliverable(Report("try-again", f"token: {error}", "credentials-refused")) from None
    finally:
        await wire.close()
    if "access_token" not in answer.body:
        raise Undeliverable(Report("try-again", f"token: HTTP {answer.status}", "credentials-refused"))
    seconds = float(answer.body.get("expires_in", TOKEN_SECONDS))
    return time.monotonic() + seconds / 2, str(answer.body["access_token"])
