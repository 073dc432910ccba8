"""Why the next rung of a ladder fires when it will, in words."""

from __future__ import annotations

from datetime import datetime

from services.notify.domain.ladder import Rung
from services.notify.domain.local_time import moment, zone_of

_WHO = {
    "recipient": {"zh-CN": "本人", "en": "the person"},
    "recipient, next channel": {"zh-CN": "本人（换一个渠道）", "en": "the person, by their next channel"},
    "duty manager": {"zh-CN": "值班经理", "en": "the duty manager"},
    "manager": {"zh-CN": "经理", "en": "the manager"},
    "lead": {"zh-CN": "班长", "en": "the lead"},
    "supervisor": {"zh-CN": "主管", "en": "the supervisor"},
}


def why_next(rung: Rung | None, at: datetime, zone: str, language: str) -> str:
    """One sentence about the next step; `rung` is none after the last one."""
    when = moment(at, zone_of(zone), language)
    if rung is None:
        return (
            f"Every rung has fired; unless its owner says sooner that it is over, the question lapses {when}."
            if language == "en"
            else f"各级均已执行；若业务方未先告知结果，本问题将于 {when} 失效。"
        )
    who, offset = _WHO[rung.target][language], _offset(rung.offset, language)
    if language == "en":
        return f"Rung {rung.number} goes to {who} {when}: {offset}."
    return f"第 {rung.number} 级将于 {when} 通知{who}：{offset}。"


def _offset(offset: str, language: str) -> str:
    english = language == "en"
    if offset == "deadline":
        return "the deadline" if english else "答复期限"
    if offset.endswith("%"):
        share = f"{offset} of the time from the announcement to the deadline"
        return share if english else f"从通知到期限时间的 {offset}"
    base, _, distance = offset.partition("+")
    if distance:
        after = "the deadline" if base else "the announcement"
        return f"{distance} after {after}" if english else f"{'期限' if base else '通知'}之后 {distance}"
    before = offset.rpartition("-")[2]
    return f"{before} before the deadline" if english else f"期限之前 {before}"
