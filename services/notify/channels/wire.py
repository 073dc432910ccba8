"""Talking JSON to providers: what was surely not sent, what may have been, and what the answer means."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx

from services.notify.channels.port import OutcomeUnknown, Outgoing
from services.notify.domain.message import Outcome, Report

Meaning = tuple[Outcome, str]
"""What a provider's code means: how the attempt ended, and our own code for why."""

LONGEST_WAIT = timedelta(hours=1)

_PHONE = re.compile(r"(?<![\d])(\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,}")
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's answer; `body` is empty when it was no JSON object."""

    status: int
    body: Mapping[str, Any]
    wait: timedelta | None


class Wire:
    """One provider, over as many connections as there are messages under way; idle ones are used again.

    Each is a transport of its own: httpx's pool looks at all its connections at every turn, which costs more than the
    sending. How many there are is the channel's `at_once`.
    """

    def __init__(self, url: str, seconds: float, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url.rstrip("/")
        self._given = transport
        self._verify = httpx.create_ssl_context() if self._url.startswith("https") else False
        self._lines: list[httpx.AsyncBaseTransport] = []
        self._idle: list[httpx.AsyncBaseTransport] = []
        self._extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)}

    async def close(self) -> None:
        """Let go of every connection."""
        for line in self._lines:
            await line.aclose()

    async def get(self, path: str, params: Mapping[str, str]) -> Answer:
        """Ask for something; nothing is changed by asking."""
        return await self._ask("GET", path, params=params)

    async def post(
        self,
        path: str,
        body: Mapping[str, Any] | bytes,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send something. Raises OutcomeUnknown when it may have arrived, httpx's errors when it surely did not."""
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        given = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        return await self._ask("POST", path, content=content, headers=given, params=params)

    async def form(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form."""
        return await self._ask("POST", path, data=dict(fields))

    async def _ask(self, method: str, path: str, **given: Any) -> Answer:
        try:
            request = httpx.Request(method, self._url + path, extensions=self._extensions, **given)
            response = await self._exchange(request)
        except _NOT_SENT as error:
            raise ConnectionError(f"no connection ({type(error).__name__})") from None  # httpx's words hold the address
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"no answer ({type(error).__name__})") from None
        return Answer(response.status_code, _json(response), _wait(response))

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        """Send, and read the whole answer, on a connection that nobody else uses meanwhile."""
        line = self._idle.pop() if self._idle else self._new_line()
        try:
            response = await line.handle_async_request(request)
            await response.aread()
            await response.aclose()
        finally:
            self._idle.append(line)
        return response

    def _new_line(self) -> httpx.AsyncBaseTransport:
        # what lies below httpx's client: its cookies, redirects and authentication are none of ours, and cost time
        one = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        line = self._given or httpx.AsyncHTTPTransport(verify=self._verify, limits=one, trust_env=False)
        self._lines.append(line)
        return line


def read(
    answer: Answer, meanings: Mapping[int, Meaning], *, code: str, words: str, success: tuple[int, ...] = (0,)
) -> Report:
    """What an answer means: the provider's `code` in the body decides, whatever the HTTP status says.

    A code we do not know is a refusal. Without a code in the body the status decides.
    """
    given = answer.body.get(code)
    if not isinstance(given, int):
        return read_status(answer)
    said = f"{code} {given}: {answer.body.get(words, '')}"
    if given in success:
        return Report("accepted", said)
    outcome, ours = meanings.get(given, ("failed", "refused"))
    return Report(outcome, said, ours, wait=answer.wait if outcome == "throttled" else None)


def read_status(answer: Answer) -> Report:
    """What a bare HTTP status means. Raises OutcomeUnknown where the message may have been taken all the same."""
    said = f"HTTP {answer.status}"
    if answer.status == 429:
        return Report("throttled", said, "throttled", wait=answer.wait)
    if answer.status == 503:
        return Report("try-again", said, "provider-busy")
    if answer.status in (401, 403):
        return Report("try-again", said, "credentials-refused")
    if 400 <= answer.status < 500:
        return Report("failed", said, "refused")
    raise OutcomeUnknown(said)


def plain(outgoing: Outgoing, most_bytes: int) -> str:
    """Title, text and link as one text within a provider's limit; of the three only the text is shortened."""
    link = f"\n{outgoing.link}" if outgoing.link else ""
    room = most_bytes - len(f"{outgoing.title}\n{link}".encode())
    return f"{outgoing.title}\n{shortened(outgoing.text, room)}{link}"


def shortened(text: str, most_bytes: int) -> str:
    """A text of at most so many bytes, ending in `…` when something is missing."""
    raw = text.encode()
    if len(raw) <= most_bytes:
        return text
    return raw[: max(most_bytes - 3, 0)].decode(errors="ignore") + "…"


def without_address(words: str, address: str) -> str:
    """A provider's words without the address, which they like to quote, however they write it."""
    return _MAIL.sub("…", _PHONE.sub("…", words.replace(address, "…")))


def with_id(report: Report, provider_id: object) -> Report:
    """The report with the provider's own name for the message, where it gave one."""
    return replace(report, provider_id=str(provider_id)[:200]) if provider_id else report


def _json(response: httpx.Response) -> Mapping[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _wait(response: httpx.Response) -> timedelta | None:
    told = response.headers.get("retry-after") or response.headers.get("x-ogw-ratelimit-reset") or ""
    if not (told.isascii() and told.isdigit()):
        return None
    return min(timedelta(seconds=min(int(told), 10**6)), LONGEST_WAIT)
