"""`ringback doctor`, `ringback parked …`, `ringback audit …`. What a command needs is imported when it runs."""
# ruff: noqa: PLC0415

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.trouble import told
from shared.contracts.routes import SERVICES

if TYPE_CHECKING:
    import httpx

    from deploy.operate.finding import Finding

DATA = Path(".ringback")
Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="数据目录 the data folder (its signing key)")]
Url = Annotated[str | None, typer.Option("--url", help="网址 the address of the gateway or of ringback dev")]
Service = Annotated[str, typer.Option("--service", help="roster, notify, cases, kpi")]

MARKS = {"ok": "✓", "warning": "!", "failure": "✗"}

parked = typer.Typer(help="搁置的消息 messages that could not be applied", no_args_is_help=True)
audit = typer.Typer(help="审计日志 the audit log", no_args_is_help=True)


def doctor(*, url: Url = None, data: Data = DATA) -> None:
    """检查一遍并说明如何修复 look everything over and say how to mend it"""
    from deploy.operate.origin import address, examine_origin

    findings = [*examine_origin(address(url, data)), *asyncio.run(_examined(data))]
    for finding in findings:
        print(f"{MARKS[finding.level]} {finding.about}: {finding.zh} · {finding.en}")
        if finding.fix_en:
            print(f"    → {finding.fix_zh}\n    → {finding.fix_en}")
    if any(finding.level == "failure" for finding in findings):
        raise typer.Exit(1)


async def _examined(data: Path) -> list[Finding]:
    return [finding async for finding in _examine(data)]


async def _examine(data: Path) -> AsyncIterator[Finding]:
    from deploy.operate.broker import examine_broker
    from deploy.operate.database import examine_database
    from shared.platform.settings import Settings

    settings = Settings()
    if database_url := settings.database_url or _private_database(data):
        async for finding in examine_database(database_url):
            yield finding
    if settings.rabbitmq_management_url:
        async for finding in examine_broker(settings.rabbitmq_management_url, settings.amqp_url):
            yield finding


def _private_database(data: Path) -> str:
    """The server of a `ringback dev` that runs on this data folder."""
    from deploy.postgres import PrivatePostgres

    return PrivatePostgres(data / "postgres").running_url()


@parked.command("list")
def list_parked(*, service: Service = "", url: Url = None, data: Data = DATA) -> None:
    """列出搁置的消息 list what is parked, oldest first"""
    with _operator(url, data) as client:
        for name in [service] if service else SERVICES:
            for item in _pages(client, f"/{name}/v1/parked"):
                print(
                    f"{name}  {item['parked_id']}  {item['parked_at']}  {item['type'] or '?'}  {item['reason'][:120]}"
                )


@parked.command("show")
def show_parked(parked_id: str, *, service: Service, url: Url = None, data: Data = DATA) -> None:
    """显示一条消息的全文 show one message whole"""
    with _operator(url, data) as client:
        print(_ask(client, "GET", f"/{service}/v1/parked/{parked_id}")["body"])


@parked.command("replay")
def replay_parked(
    parked_ids: Annotated[list[str] | None, typer.Argument(metavar="[PARKED_ID]...")] = None,
    *,
    service: Service,
    url: Url = None,
    data: Data = DATA,
) -> None:
    """重新处理；不给编号则全部 offer messages to their handler again; all of them when none is named"""
    with _operator(url, data) as client:
        wanted = parked_ids or [item["parked_id"] for item in _pages(client, f"/{service}/v1/parked")]
        for parked_id in wanted:
            _ask(client, "POST", f"/{service}/v1/parked/{parked_id}/replay")
        print(f"✓ {len(wanted)}")


def resend(
    *,
    service: Service,
    since: Annotated[str, typer.Option(help="起始时间 since when, e.g. 2026-11-22T09:00:00+08:00")],
    url: Url = None,
    data: Data = DATA,
) -> None:
    """重新发送已发出的事件（队列丢失后） send events again that were sent since a time, after a queue was lost"""
    with _operator(url, data) as client:
        told = _ask(client, "POST", f"/{service}/v1/outbox/resend", json={"since": since})
        print(f"✓ {told['event_count']}")


@audit.command("verify")
def verify_audit(*, service: Service = "", url: Url = None, data: Data = DATA) -> None:
    """核对封存链 check the chain of seals"""
    with _operator(url, data) as client:
        broken = False
        for name in [service] if service else SERVICES:
            found = _ask(client, "GET", f"/{name}/v1/audit/verification")
            broken |= not found["intact"]
            at = "" if found["intact"] else f"  {found['broken_at']} 处断裂 broken there"
            print(
                f"{'✓' if found['intact'] else '✗'} {name}  {found['sealed']}+{found['unsealed']}  {found['head']}{at}"
            )
    if broken:
        raise typer.Exit(1)


@audit.command("list")
def list_audit(*, service: Service, actor: str = "", url: Url = None, data: Data = DATA) -> None:
    """列出谁在何时做了什么 list who did what, when"""
    with _operator(url, data) as client:
        for item in _pages(client, f"/{service}/v1/audit", **({"actor": actor} if actor else {})):
            print(f"{item['at']}  {item['actor']}  {item['operation']}  {item['path']}  {item['status']}")


@contextmanager
def _operator(url: str | None, data: Path) -> Iterator[httpx.Client]:
    from deploy.operate.origin import address, operator

    with told(), operator(address(url, data), data) as client:
        yield client


def _ask(client: httpx.Client, method: str, path: str, **options: Any) -> Any:
    from deploy.operate.origin import ask

    return ask(client, method, path, **options)


def _pages(client: httpx.Client, path: str, **filters: str) -> Iterator[dict[str, Any]]:
    after: dict[str, str] = {}
    while True:
        page = _ask(client, "GET", path, params={"limit": 200, **filters, **after})
        yield from page["items"]
        if not page["next"]:
            return
        after = {"after": page["next"]}
