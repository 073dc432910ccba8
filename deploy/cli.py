"""The `ringback` command. What a command needs is imported when it runs, so that `ringback --help` answers at once."""
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from deploy.ledger import kpi
from deploy.operate import commands as operate
from deploy.trouble import Trouble, told

app = typer.Typer(
    name="ringback",
    help="Ringback 回音：凡事有交代，件件有着落，事事有回音。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(operate.doctor)
app.command()(operate.resend)
app.add_typer(operate.parked, name="parked")
app.add_typer(operate.audit, name="audit")
app.add_typer(kpi, name="kpi")

DATA = Path(".ringback")
Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="数据目录 the data folder")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="端口,0 为任意空闲端口 the port; 0 takes any free one")]


@app.command()
def dev(
    *,
    port: Port = 8000,
    data: Data = DATA,
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="带示范中心 with a seeded demo centre")] = True,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="先清空数据目录（不动 DATABASE_URL 所指的库） empty the data folder first")
    ] = False,
) -> None:
    """单进程运行全部服务 run everything in one process, with its own database, on http://127.0.0.1:PORT"""
    travel_light()
    with told():
        import os

        from deploy.dev.process import run
        from shared.platform import logs, tracing

        logs.configure("text", os.environ.get("LOG_LEVEL", "WARNING"))
        tracing.configure("dev")
        run(port, data, demo=demo, fresh=fresh)


@app.command()
def token(
    *,
    data: Data = DATA,
    role: Annotated[str | None, typer.Option(help="角色 role: agent, lead, supervisor, manager …")] = None,
    staff_no: Annotated[str | None, typer.Option(help="工号 staff number")] = None,
    team: Annotated[list[str] | None, typer.Option(help="团队代码，可重复 team code; repeatable")] = None,
    who: Annotated[str | None, typer.Option("--as", metavar="STAFF_NO", help="以此人身份 as this person")] = None,
    client: Annotated[str | None, typer.Option(help="系统名称 a client system, for example crm")] = None,
    scopes: Annotated[list[str] | None, typer.Option(help="权限，可重复 scopes of a client; repeatable")] = None,
) -> None:
    """签发一个令牌并打印 print one access token, signed with the data folder's key"""
    with told():
        from deploy import tokens

        signer = tokens.signer_in(data / "keys")
        if client:
            holder = tokens.client(client, _words(scopes))
        elif who:
            holder = tokens.person(tokens.people_in(data / "people.json"), who, role, team or [])
        elif role:
            holder = tokens.role_holder(role, staff_no, team or [])
        else:
            raise Trouble("请给出 --role、--as 或 --client。", "Give --role, --as or --client.")
        print(tokens.sign(signer, holder))


@app.command()
def provision(
    *,
    keys: Annotated[Path | None, typer.Option(metavar="DIR", help="签名密钥目录 make a signing key here")] = None,
    jwks: Annotated[Path | None, typer.Option(metavar="FILE", help="公钥另存于此 copy its public half here")] = None,
    link_key: Annotated[Path | None, typer.Option(metavar="FILE", help="链接密钥 make the link key here")] = None,
) -> None:
    """准备数据库角色、消息队列与密钥 make database roles and schemas, broker topology and users, and keys"""
    with told():
        import asyncio

        from deploy.prepare import provision_given
        from shared.platform.settings import Settings

        for done in asyncio.run(provision_given(Settings(), keys, jwks, link_key)):
            print(f"✓ {done}")


@app.command()
def migrate(services: Annotated[list[str] | None, typer.Argument(metavar="[SERVICE]...")] = None) -> None:
    """更新数据库结构 bring the schemas of all or some services up to date"""
    with told():
        import asyncio

        from deploy.environment import chosen
        from deploy.prepare import migrate_all
        from shared.platform.settings import Settings

        wanted = chosen(services or [])
        asyncio.run(migrate_all(Settings(), wanted))
        print(f"✓ {' '.join(wanted)}")


@app.command()
def serve(
    *,
    service: Annotated[str, typer.Argument(help="roster, notify, cases, kpi")],
    api: Annotated[bool, typer.Option("--api/--worker", help="接口或后台 its HTTP API, or its background work")],
    host: Annotated[str, typer.Option(help="监听地址 the address to listen on")] = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """运行一个服务 run one service, with settings from the environment"""
    travel_light()
    with told():
        from deploy.environment import chosen
        from deploy.serve import serve_api, serve_worker

        [service] = chosen([service])
        (serve_api if api else serve_worker)(service, host, port)


@app.command()
def fakes(*, port: Port = 8700) -> None:
    """模拟企业微信、钉钉、飞书、短信和邮件服务商，供开发使用 stand in for the providers of messages, for development"""
    with told():
        from deploy.fakes.serve import run

        run(port)


webhooks = typer.Typer(name="webhooks", help="集成 webhooks for integrators", no_args_is_help=True)
app.add_typer(webhooks)


@webhooks.command("listen")
def webhooks_listen(
    *,
    port: Port = 8900,
    secret: Annotated[list[str] | None, typer.Option(help="签名密钥，可重复 signing secret; repeatable")] = None,
) -> None:
    """在本机接收、验签并打印投递 receive deliveries on this machine, verify and print them"""
    with told():
        from deploy.listen import listen

        with listen(port, secret or []) as server:
            print(f"http://127.0.0.1:{server.server_address[1]}/")
            with suppress(KeyboardInterrupt):
                server.serve_forever()


def travel_light() -> None:
    """structlog and httpx load rich where they find it: 4 MB for pictures of errors that no log of ours shows."""
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type]


def _words(given: list[str] | None) -> list[str]:
    """Options given as `--scopes a --scopes b`, `--scopes a,b` or `--scopes "a b"`."""
    return [word for text in given or [] for word in text.replace(",", " ").split()]


if __name__ == "__main__":
    app()
