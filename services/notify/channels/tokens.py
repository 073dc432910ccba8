"""Access tokens that providers hand out for a while: fetched when needed, kept in memory, renewed before they end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from services.notify.channels.port import OutcomeUnknown
from services.notify.domain.message import Outcome, Report

RENEW_SECONDS = 300
"""How long before its end a token is not used any more."""

Fetch = Callable[[], Awaitable[tuple[str, float]]]
"""Asks the provider: a token, and for how many seconds it holds. Raises NoToken."""


REFUSED = "token-refused"
"""Our code for an answer that means: with another token it might work."""


class NoToken(Exception):
    """The provider gave no token; `report` is what that means for the message that needed it."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.words)
        self.report = report


class AccessToken:
    """One provider's token, fetched by one caller at a time."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._token = ""
        self._until = 0.0
        self._turn = asyncio.Lock()

    async def used_for(self, attempt: Callable[[str], Awaitable[Report]]) -> Report:
        """Make an attempt with the token, and once more with a new one when the provider refuses it."""
        try:
            token = await self._get()
            report = await attempt(token)
            if report.code != REFUSED:
                return report
            self._forget(token)
            return await attempt(await self._get())
        except NoToken as none:
            return none.report

    async def _get(self) -> str:
        async with self._turn:
            if time.monotonic() >= self._until:
                await self._renew()
            return self._token

    def _forget(self, token: str) -> None:
        if token == self._token:
            self._until = 0.0

    async def _renew(self) -> None:
        try:
            self._token, seconds = await self._fetch()
        except (OutcomeUnknown, OSError) as error:  # no message was sent yet
            raise NoToken(Report("try-again", f"token: {error}", "provider-busy")) from error
        self._until = time.monotonic() + max(seconds - RENEW_SECONDS, seconds / 2)


def granted(report: Report, body: Mapping[str, Any], token: str, seconds: str) -> tuple[str, float]:
    """The token in a provider's answer. Raises NoToken: whatever went wrong, no message was sent, so it waits."""
    if report.outcome != "accepted" or token not in body:
        outcome: Outcome = "throttled" if report.outcome == "throttled" else "try-again"
        raise NoToken(replace(report, outcome=outcome, words=f"token: {report.words}"))
    return str(body[token]), float(body.get(seconds, 7200))
