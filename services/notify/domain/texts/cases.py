"""Texts about cases, their clocks and complaints."""

from __future__ import annotations

from services.notify.domain.texts.wording import Wording

TEXTS: dict[tuple[str, str], Wording] = {
    ("case.reopened", "zh-CN"): Wording(
        "案件 {number} 被重新打开", "案件 {number}（{summary}）第 {reopen_count} 次重新打开：{reason}"
    ),
    ("case.reopened", "en"): Wording(
        "Case {number} was reopened", "Case {number} ({summary}) was reopened for the {reopen_count}. time: {reason}"
    ),
    ("case.overdue_step", "zh-CN"): Wording(
        "案件 {number} 停着没动：{why}（第 {step} 次提醒）",
        "案件 {number}（{summary}）还没有结束，也没有人在办：{why}。经手人 {owner_name}，请处理；不处理会继续提醒。",
    ),
    ("case.overdue_step", "en"): Wording(
        "Case {number} stands still: {why} (reminder {step})",
        "Case {number} ({summary}) is not over and nothing moves it: {why}. Owner: {owner_name}. Please act; "
        "you will be reminded until somebody does.",
    ),
    ("case.transferred", "zh-CN"): Wording(
        "案件 {number} 转给了您", "{from_name} 将案件 {number}（{summary}）转给 {owner_name}，原因代码 {reason_code}。"
    ),
    ("case.transferred", "en"): Wording(
        "Case {number} is yours now",
        "{from_name} transferred case {number} ({summary}) to {owner_name}, reason code {reason_code}.",
    ),
    ("sla.warned", "zh-CN"): Wording(
        "时限提醒：{number} {target}已用 {percent} %",
        "案件 {number}（{summary}）的{target}时限已用 {percent} %，到期 {due_at}，经手人 {owner_name}。",
    ),
    ("sla.warned", "en"): Wording(
        "{number}: {percent} % of the time for {target} is gone",
        "{percent} % of the time for the {target} of case {number} ({summary}) is gone; due by {due_at}. "
        "Owner: {owner_name}.",
    ),
    ("sla.breached", "zh-CN"): Wording(
        "时限已超：{number} {target}（{level} 级）",
        "案件 {number}（{summary}）的{target}于 {due_at} 到期，已超时，升级 {level} 级。经手人 {owner_name}，请处理。",
    ),
    ("sla.breached", "en"): Wording(
        "{number}: {target} is overdue (level {level})",
        "The {target} of case {number} ({summary}) was due by {due_at} and is late; escalation level {level}. "
        "Owner: {owner_name}. Please act.",
    ),
    ("complaint.asked", "zh-CN"): Wording(
        "投诉请受理：{number} {summary}",
        "{passed}{name}，投诉 {number} 已到值班经理台：\n{summary}\n类型：{kind}，损失：{loss}，环节：{step}\n"
        "请在 {deadline} 前受理，并向客户说明已收到。",
    ),
    ("complaint.asked", "en"): Wording(
        "A complaint for your desk: {number} {summary}",
        "{passed}{name}, complaint {number} is on the duty manager's desk:\n{summary}\n"
        "Kind: {kind}; loss: {loss}; step: {step}\nPlease take it by {deadline} and tell the customer it arrived.",
    ),
    ("complaint.reminder", "zh-CN"): Wording(
        "催办：投诉 {number} 还没有受理", "{name}，投诉 {number}（{summary}）还没有受理，期限 {deadline}。"
    ),
    ("complaint.reminder", "en"): Wording(
        "Reminder: complaint {number} is waiting",
        "{name}, nobody has taken complaint {number} ({summary}) yet. Due by {deadline}.",
    ),
    ("complaint.silent", "zh-CN"): Wording(
        "投诉 {number} 还没有受理",
        "{passed}投诉 {number}（{summary}）在值班经理台，{name} 还没有受理，期限 {deadline}。",
    ),
    ("complaint.silent", "en"): Wording(
        "Complaint {number} is waiting",
        "{passed}Complaint {number} ({summary}) is on the duty manager's desk; {name} has not taken it. "
        "Due by {deadline}.",
    ),
    ("complaint.overdue", "zh-CN"): Wording(
        "投诉到期未受理：{number}", "{passed}投诉 {number}（{summary}）到 {deadline} 仍无人受理（{name}）。请马上安排。"
    ),
    ("complaint.overdue", "en"): Wording(
        "Nobody took complaint {number} in time",
        "{passed}By {deadline} nobody ({name}) had taken complaint {number} ({summary}). Please see to it now.",
    ),
    ("complaint.support", "zh-CN"): Wording(
        "{owner_name} 刚接到投诉，请关心一下", "投诉 {number}（{summary}）：受理人员情绪受影响，需要支持。"
    ),
    ("complaint.support", "en"): Wording(
        "{owner_name} took a hard complaint: please look after them",
        "Complaint {number} ({summary}): the agent is upset and could use support.",
    ),
    ("complaint.decided", "zh-CN"): Wording(
        "投诉 {number} 已有结论", "投诉 {number}（{summary}）：{decision}。由 {decided_by} 于 {decided_at} 作出。"
    ),
    ("complaint.decided", "en"): Wording(
        "Complaint {number} is decided", "Complaint {number} ({summary}): {decision}, by {decided_by}, {decided_at}."
    ),
    ("complaint.appealed", "zh-CN"): Wording(
        "客户不接受结论：投诉 {number}", "投诉 {number}（{summary}）第 {appeal_count} 次申诉，须由另一人重新决定。"
    ),
    ("complaint.appealed", "en"): Wording(
        "The customer appeals: complaint {number}",
        "Complaint {number} ({summary}): appeal number {appeal_count}. Somebody else has to decide.",
    ),
    ("complaint.overdue_step", "zh-CN"): Wording(
        "投诉 {number} 已超期（第 {reminder} 次催办）",
        "投诉 {number}（{summary}）本阶段应于 {due_at} 前完成，尚未完成。经手人 {handler_name}，请处理。",
    ),
    ("complaint.overdue_step", "en"): Wording(
        "Complaint {number} is overdue (reminder {reminder})",
        "This stage of complaint {number} ({summary}) was due by {due_at} and is not over. Handler: {handler_name}. "
        "Please act.",
    ),
}
