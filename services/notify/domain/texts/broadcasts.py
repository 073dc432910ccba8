"""Texts around a broadcast's own words."""

from __future__ import annotations

from services.notify.domain.texts.wording import Wording

TEXTS: dict[tuple[str, str], Wording] = {
    ("broadcast.asked", "zh-CN"): Wording("{title}", "{body}\n请在 {deadline} 前确认。"),
    ("broadcast.asked", "en"): Wording("{title}", "{body}\nPlease confirm by {deadline}."),
    ("broadcast.reminder", "zh-CN"): Wording(
        "催办：{title}", "{name}，还没有收到您的确认：\n{body}\n期限 {deadline}。"
    ),
    ("broadcast.reminder", "en"): Wording(
        "Reminder: {title}", "{name}, you have not confirmed yet:\n{body}\nDue by {deadline}."
    ),
    ("broadcast.silent", "zh-CN"): Wording(
        "{name} 还没有确认：{title}", "{passed}{name}（{staff_no}，{team}）还没有确认“{title}”。期限 {deadline}。"
    ),
    ("broadcast.silent", "en"): Wording(
        "{name} has not confirmed: {title}",
        "{passed}{name} ({staff_no}, {team}) has not confirmed “{title}”. Due by {deadline}.",
    ),
    ("broadcast.overdue", "zh-CN"): Wording(
        "{name} 到期未确认：{title}",
        "{passed}{name}（{staff_no}，{team}）到 {deadline} 仍未确认“{title}”。请当面告知：已通知不等于已知晓。",
    ),
    ("broadcast.overdue", "en"): Wording(
        "{name} did not confirm in time: {title}",
        "{passed}{name} ({staff_no}, {team}) had not confirmed “{title}” by {deadline}. Please tell them in person: "
        "told is not known.",
    ),
}
