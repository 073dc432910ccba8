"""Who and what the demo centre is made of. All names are invented."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here."""

    staff_no: str
    name: str
    role: str
    team: str


TEAMS = {"HOT1": ("热线一组", "L001", "S001"), "HOT2": ("热线二组", "L002", "S002")}
"""Team code: its name, its lead, its supervisor."""

PEOPLE = (
    Person("S001", "唐雅琴", "supervisor", "HOT1"),
    Person("L001", "冯志远", "lead", "HOT1"),
    Person("A001", "林晓梅", "agent", "HOT1"),
    Person("A002", "周启明", "agent", "HOT1"),
    Person("A003", "何雨桐", "agent", "HOT1"),
    Person("A004", "高建国", "agent", "HOT1"),
    Person("A005", "罗思远", "agent", "HOT1"),
    Person("A006", "谢佳宁", "agent", "HOT1"),
    Person("S002", "沈国栋", "supervisor", "HOT2"),
    Person("L002", "韩雪莹", "lead", "HOT2"),
    Person("B001", "曹文博", "agent", "HOT2"),
    Person("B002", "邓兰芝", "agent", "HOT2"),
    Person("B003", "许长青", "agent", "HOT2"),
    Person("B004", "彭小满", "agent", "HOT2"),
    Person("B005", "蒋一帆", "agent", "HOT2"),
    Person("B006", "蔡明月", "agent", "HOT2"),
)

MANAGER = Person("M001", "宋清和", "manager", "")

CODES: tuple[dict[str, str], ...] = (
    {"code": "早", "name": "早班", "starts": "08:00", "ends": "16:00"},
    {"code": "中", "name": "中班", "starts": "12:00", "ends": "20:00"},
    {"code": "晚", "name": "晚班", "starts": "14:00", "ends": "22:00"},
    {"code": "休", "name": "休息"},
)

WEEK = "早早中中晚休休"
"""Everybody's turn; each agent begins on another day. No night is shorter than eleven hours."""

TOPICS = {
    "delivery": ("物流查询", "HOT1"),
    "refund": ("退款进度", "HOT1"),
    "invoice": ("发票开具", "HOT2"),
    "login": ("登录故障", "HOT2"),
    "product": ("产品咨询", "HOT1"),
}

CUSTOMERS = ("和风茶舍", "青禾书店", "远山客栈", "白鹭文具", "小满花房", "南塘面馆", "星野摄影", "听雨琴行")

VIP, TOUCHY = 1, 4
"""Two of the customers: an important one, and one who is handled with care."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A case: who opens it for which customer, and what becomes of it, step by step."""

    opener: str
    customer: int
    type: str
    topic: str
    subject: str
    description: str
    steps: tuple[tuple[str, dict[str, Any]], ...] = ()


MATTERS = (
    Matter("A001", 0, "consult", "delivery", "快递三天没有更新", "客户想知道包裹现在在哪里。", (("take", {}),)),
    Matter("A002", VIP, "feedback", "invoice", "发票抬头开错了", "抬头应为公司全称，税号不变。"),
    Matter(
        "B001",
        2,
        "consult",
        "login",
        "收不到登录验证码",
        "换过手机，原号码已停用。",
        (("take", {}), ("wait", {"for": "customer", "reason": "等客户提供新号码的证明"})),
    ),
    Matter("B002", TOUCHY, "complaint", "refund", "退款承诺两次都没有兑现", "客户已第三次来电，情绪激动。"),
    Matter(
        "A005",
        5,
        "consult",
        "product",
        "咨询保修期限",
        "已按说明书答复。",
        (
            ("take", {}),
            ("customer-notices", {"channel": "phone", "text": "保修期两年，自签收之日起算"}),
            ("resolve", {"resolution": "已答复保修期两年"}),
        ),
    ),
)


def customers() -> list[dict[str, Any]]:
    """Who calls; names and numbers are invented."""
    return [
        {
            "external_id": f"demo-{number}",
            "name": name,
            "tier": "vip" if number == VIP else "standard",
            "identities": [{"kind": "phone", "value": f"1300000{number:04}"}],
            "handle_with_care": number == TOUCHY,
            "care_note": "两次失约，先道歉再谈方案" if number == TOUCHY else None,
        }
        for number, name in enumerate(CUSTOMERS)
    ]


ONE_IN = 28
"""So many calls come for one whose caller is known: few call twice in a week, as at any centre."""

UNASKED_YET = "B006"
"""Has not answered for the month's roster."""
SILENT, ANSWERING = "A003", "A004"
"""Tomorrow changes for these two; one of them says nothing."""


def agents_of(team: str) -> list[Person]:
    """The team's agents."""
    return [person for person in PEOPLE if person.team == team and person.role == "agent"]


def month(team: str, first: date, days: int = 31) -> list[dict[str, str]]:
    """The team's cells for a month from `first`. The two whose tomorrow changes begin with an early shift."""
    turns = {person.staff_no: turn for turn, person in enumerate(agents_of(team))}
    for staff_no in {SILENT, ANSWERING} & turns.keys():
        turns[staff_no] = 0
    return [
        {"staff_no": staff_no, "on": str(first + timedelta(days=day)), "code": WEEK[(day + turn) % len(WEEK)]}
        for staff_no, turn in turns.items()
        for day in range(days)
    ]


def calls(now: datetime, days: int = 7, per_day: int = 40) -> list[dict[str, Any]]:
    """A week of calls up to `now`: most answered, some in time, some rated."""
    chance = random.Random(20260302)  # noqa: S311 - the same calls every time, not a secret
    agents = [person.staff_no for person in PEOPLE if person.role == "agent"]
    return [
        _call(number, now - timedelta(days=days) * (1 - number / (days * per_day)), agents, chance)
        for number in range(days * per_day)
    ]


def _call(number: int, queued_at: datetime, agents: list[str], chance: random.Random) -> dict[str, Any]:
    call: dict[str, Any] = {
        "external_id": f"demo-{number:04}",
        "channel": "phone",
        "queue": "热线",
        "queued_at": queued_at.isoformat(),
        "topic": chance.choices(list(TOPICS), weights=(5, 3, 2, 2, 3))[0],
        "wait_seconds": round(chance.expovariate(1 / 22), 1),
        "answered": chance.random() < 0.88,
    }
    if number % ONE_IN == 0:
        call["customer_external_id"] = f"demo-{number // ONE_IN % len(CUSTOMERS)}"
    if not call["answered"]:
        return call | {"abandoned": True}
    talk = {"talk_seconds": round(chance.uniform(60, 420)), "hold_seconds": chance.choice((0, 0, 0, 25, 60))}
    rating = {"rating": chance.choices((1, 2, 3, 4, 5), weights=(1, 1, 3, 6, 7))[0]} if chance.random() < 0.4 else {}
    work = {"agent": chance.choice(agents), "wrap_seconds": round(chance.uniform(10, 60))}
    return call | work | talk | rating | {"resolved": chance.random() < 0.8}
