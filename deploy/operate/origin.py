"""A running Ringback over HTTP, as an operator: its address, a token, and answers or words about what went wrong."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from deploy import tokens
from deploy.operate.finding import Finding, failure, ok, warning
from deploy.trouble import Trouble, where
from shared.contracts.routes import SERVICES

SKEW_SECONDS = 5.0
TOKEN = "RINGBACK_TOKEN"  # noqa: S105 - the variable's name
DEFAULT_URL = "http://127.0.0.1:8000"


def address(given: str | None, data: Path) -> str:
    """The address given, else where the `ringback dev` of this data folder says it answers."""
    ready = data / "ready.json"
    if given:
        return given.rstrip("/")
    return str(json.loads(ready.read_text())["url"]) if ready.exists() else DEFAULT_URL


@contextmanager
def operator(url: str, data: Path) -> Iterator[httpx.Client]:
    """A client that may see and repair: with the token in RINGBACK_TOKEN, else one of the data folder's key."""
    token = os.environ.get(TOKEN) or tokens.sign(
        tokens.signer_in(data / "keys"), tokens.role_holder("manager", None, [])
    )
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        yield client


def ask(client: httpx.Client, method: str, path: str, **options: Any) -> Any:
    """The answer's JSON; Trouble, in the service's own words, when it refuses or cannot be reached."""
    try:
        answer = client.request(method, path, **options)
    except httpx.HTTPError as error:
        at = where(str(client.base_url))
        raise Trouble(f"{at} 没有应答：{error}", f"{at} does not answer: {error}") from error
    if answer.is_error:
        words = {language: _words(client, method, path, language, options) for language in ("zh-CN", "en")}
        raise Trouble(words["zh-CN"], words["en"])
    return answer.json()


def _words(client: httpx.Client, method: str, path: str, language: str, options: dict[str, Any]) -> str:
    answer = client.request(method, path, headers={"Accept-Language": language}, **options)
    try:
        return f"{answer.status_code} {answer.json()['detail']}"
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.text[:200]}"


def examine_origin(url: str) -> Iterator[Finding]:
    """Whether the address answers, its clock is right, and every service stands behind it."""
    before = time.time()
    try:
        answer = httpx.get(f"{url}/readyz", timeout=10)
    except httpx.HTTPError as error:
        yield failure(
            "http",
            f"{url} 没有应答：{error}",
            f"{url} does not answer: {error}",
            "它在运行吗？地址对吗（--url）？",
            "Does it run? Is the address right (--url)?",
        )
        return
    yield _clock(answer, (before + time.time()) / 2)
    for service in SERVICES:
        yield _service(url, service)


def _clock(answer: httpx.Response, now: float) -> Finding:
    date = answer.headers.get("date")
    skew = parsedate_to_datetime(date).timestamp() - now if date else 0.0
    if abs(skew) <= SKEW_SECONDS:
        return ok("http clock", f"相差 {skew:+.0f} 秒", f"{skew:+.0f} s from ours")
    return warning(
        "http clock",
        f"与本机相差 {skew:+.0f} 秒，令牌可能被误判过期",
        f"{skew:+.0f} s from ours; tokens may be taken for expired",
        "在两台机器上启用 NTP。",
        "Run NTP on both machines.",
    )


def _service(url: str, service: str) -> Finding:
    """A service that is there refuses a request without a token, in its own words."""
    try:
        answer = httpx.get(f"{url}/{service}/v1/audit", timeout=10)
    except httpx.HTTPError as error:
        said = type(error).__name__
    else:
        said = f"{answer.status_code} {answer.text[:300]}"
    if "not-authenticated" in said:
        return ok(f"{service} api", "应答正常", "answers")
    return failure(
        f"{service} api",
        f"应答异常：{said}",
        f"wrong answer: {said}",
        f"看 {service} 接口进程的日志与 /readyz。",
        f"Look at the log of {service}'s API process and its /readyz.",
    )
