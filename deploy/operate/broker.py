"""Looking a broker over: what `ringback provision` made is there, as it should be, and being read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx

from deploy.operate.finding import Finding, failure, ok, warning
from deploy.trouble import where
from shared.contracts.routes import HEARS, IN_ANY_ORDER, SERVICES
from shared.platform.topology import EXCHANGE, arguments_of, parked_queue_of, queue_of, queues_of

OLDEST = (3, 10)
WAITING = 10_000
PROVISION = ("运行 ringback provision。", "Run ringback provision.")


async def examine_broker(management_url: str, amqp_url: str) -> AsyncIterator[Finding]:
    """Everything worth knowing about the virtual host that `amqp_url` names (`/` without one)."""
    vhost = quote(unquote(urlsplit(amqp_url).path[1:]) or "/", safe="")
    try:
        async with httpx.AsyncClient(base_url=management_url, timeout=10) as client:
            overview = await _get(client, "/api/overview")
            queues = {queue["name"]: queue for queue in await _get(client, f"/api/queues/{vhost}")}
            bindings = await _get(client, f"/api/exchanges/{vhost}/{EXCHANGE}/bindings/source")
            alarms = await client.get("/api/health/checks/alarms")
    except (httpx.HTTPError, ValueError) as error:
        yield failure(
            "broker",
            f"RabbitMQ {where(management_url)} 无法查看：{error}",
            f"RabbitMQ at {where(management_url)} cannot be looked at: {error}",
            "检查 RABBITMQ_MANAGEMENT_URL 与用户权限；交换机不存在时运行 ringback provision。",
            "Check RABBITMQ_MANAGEMENT_URL and its user; without the exchange, run ringback provision.",
        )
        return
    yield _version(overview["rabbitmq_version"])
    yield _alarms(alarms)
    for service in SERVICES:
        for finding in _service(service, queues, bindings):
            yield finding


async def _get(client: httpx.AsyncClient, path: str) -> Any:
    return (await client.get(path)).raise_for_status().json()


def _version(version: str) -> Finding:
    if tuple(int(part) for part in version.split(".")[:2]) >= OLDEST:
        return ok("broker", f"RabbitMQ {version}", f"RabbitMQ {version}")
    return failure(
        "broker",
        f"RabbitMQ {version} 太旧",
        f"RabbitMQ {version} is too old",
        "请升级到 3.10 以上。",
        "Upgrade to 3.10 or newer.",
    )


def _alarms(answer: httpx.Response) -> Finding:
    if answer.is_success:
        return ok("broker alarms", "没有告警", "none")
    return failure(
        "broker alarms",
        f"内存或磁盘告警，发布被阻塞：{answer.text[:200]}",
        f"memory or disk alarm, publishing is blocked: {answer.text[:200]}",
        "腾出磁盘或内存；事件在各服务的发件箱中等待，不会丢失。",
        "Free disk or memory; meanwhile events wait in the services' outboxes and are not lost.",
    )


def _service(service: str, queues: dict[str, Any], bindings: list[dict[str, Any]]) -> Iterable[Finding]:
    missing = [name for name in queues_of(service) if name not in queues]
    if missing:
        yield failure(f"{service} queues", f"缺少 {', '.join(missing)}", f"{', '.join(missing)} missing", *PROVISION)
        return
    if others := [name for name in queues_of(service) if queues[name]["arguments"] != arguments_of(service, name)]:
        yield _made_otherwise(service, others)
    yield _bound(service, bindings)
    yield _read(service, queues[queue_of(service)])
    yield _dead_lettered(service, queues[parked_queue_of(service)])


def _made_otherwise(service: str, queues: list[str]) -> Finding:
    names = ", ".join(queues)
    return failure(
        f"{service} queues",
        f"{names} 的参数与本版本不同",
        f"{names} made with other arguments than this release's",
        "队列的参数改不了：等它排空，停下所有后台进程，删除它，运行 ringback provision，再启动。",
        "A queue's arguments cannot be changed: let it run empty, stop all workers, delete it, run ringback provision, "
        "and start them again.",
    )


def _bound(service: str, bindings: list[dict[str, Any]]) -> Finding:
    bound = {binding["routing_key"] for binding in bindings if binding["destination"] == queue_of(service)}
    if unheard := set(HEARS[service]) - bound:
        names = ", ".join(sorted(unheard))
        return failure(f"{service} bindings", f"未绑定 {names}", f"not bound: {names}", *PROVISION)
    return ok(f"{service} bindings", f"{len(bound)} 种事件", f"{len(bound)} event types")


def _read(service: str, queue: dict[str, Any]) -> Finding:
    about, waiting, consumers = f"{service} queue", queue.get("messages", 0), queue.get("consumers", 0)
    if not consumers:
        return failure(
            about,
            f"无人消费，{waiting} 条在等",
            f"nobody reads it, {waiting} messages wait",
            f"启动 {service} 的后台进程：ringback serve {service} --worker。",
            f"Start {service}'s worker: ringback serve {service} --worker.",
        )
    if waiting > WAITING:
        return warning(
            about,
            f"积压 {waiting} 条",
            f"{waiting} messages wait",
            f"看 {service} 后台进程的日志与数据库负载；{_more_workers(service)[0]}",
            f"Look at the log of {service}'s worker and the database's load; {_more_workers(service)[1]}",
        )
    return ok(about, f"{waiting} 条在等，{consumers} 个消费者", f"{waiting} wait, {consumers} consumers")


def _more_workers(service: str) -> tuple[str, str]:
    """What they would do for a queue that grows."""
    if service in IN_ANY_ORDER:
        return "可以再加后台进程，一起处理这个队列。", "more workers would share the queue."
    return "一个队列由一个活动消费者处理。", "a queue has one active consumer."


def _dead_lettered(service: str, queue: dict[str, Any]) -> Finding:
    if not queue.get("messages", 0):
        return ok(f"{service} dead letters", "无", "none")
    return warning(
        f"{service} dead letters",
        f"{queue['messages']} 条投递次数过多的消息等待登记",
        f"{queue['messages']} messages were delivered too often and wait to be noted",
        f"{service} 的后台进程会把它们登记为搁置：它在运行吗？",
        f"{service}'s worker parks them: does it run?",
    )
