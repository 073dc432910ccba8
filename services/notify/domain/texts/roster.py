"""Texts about shift changes, leave, swaps and duty."""

from __future__ import annotations

from services.notify.domain.texts.wording import Wording

TEXTS: dict[tuple[str, str], Wording] = {
    ("shift_change.asked", "zh-CN"): Wording(
        "班次变动，请确认",
        "{name}，您的班次有变动：\n{days}{note}\n请在 {deadline} 前答复：确认，或说明无法接受的原因。",
    ),
    ("shift_change.asked", "en"): Wording(
        "Your shifts changed: please confirm",
        "{name}, your shifts changed:\n{days}{note}\nPlease answer by {deadline}: confirm, or say why you cannot.",
    ),
    ("shift_change.reminder", "zh-CN"): Wording(
        "催办：班次变动还没有您的答复",
        "{name}，以下班次变动还没有收到您的答复：\n{days}{note}\n请在 {deadline} 前答复。",
    ),
    ("shift_change.reminder", "en"): Wording(
        "Reminder: your shift change is not answered yet",
        "{name}, we have no answer from you yet about:\n{days}{note}\nPlease answer by {deadline}.",
    ),
    ("shift_change.silent", "zh-CN"): Wording(
        "{name} 还没有答复班次变动",
        "{passed}{team} {name}（{staff_no}）还没有答复班次变动（班表第 {number} 版）：\n{days}\n"
        "答复期限 {deadline}。请直接联系本人：已通知不等于已知晓。",
    ),
    ("shift_change.silent", "en"): Wording(
        "{name} has not answered a shift change",
        "{passed}{name} ({staff_no}, {team}) has not answered this shift change (roster version {number}):\n{days}\n"
        "An answer is due by {deadline}. Please reach them in person: told is not known.",
    ),
    ("shift_change.overdue", "zh-CN"): Wording(
        "{name} 到期未答复班次变动",
        "{passed}{team} {name}（{staff_no}）到 {deadline} 仍未答复班次变动（班表第 {number} 版）：\n{days}\n"
        "本人的责任班次仍是上次确认的班次。首个受影响班次 {first_start} 开始，请决定如何安排。",
    ),
    ("shift_change.overdue", "en"): Wording(
        "{name} did not answer a shift change in time",
        "{passed}{name} ({staff_no}, {team}) did not answer by {deadline} (roster version {number}):\n{days}\n"
        "They still answer for the shifts they last confirmed. The first affected shift starts {first_start}: "
        "please decide what happens.",
    ),
    ("shift_change.refused", "zh-CN"): Wording(
        "{name} 拒绝了班次变动",
        "{team} {name}（{staff_no}）无法接受班次变动（班表第 {number} 版）：\n{days}\n原因：{reason}\n"
        "首个受影响班次 {first_start} 开始，请处理：撤回、改派或坚持。",
    ),
    ("shift_change.refused", "en"): Wording(
        "{name} refused a shift change",
        "{name} ({staff_no}, {team}) cannot accept this shift change (roster version {number}):\n{days}\n"
        "Reason: {reason}\nThe first affected shift starts {first_start}: withdraw, reassign or insist.",
    ),
    ("shift_change.late_notice", "zh-CN"): Wording(
        "临时变动：请直接联系 {name}",
        "{team} {name}（{staff_no}）的班次临时变动，首个班次 {first_start} 开始，来不及按常规催办：\n{days}\n"
        "请现在就联系本人。",
    ),
    ("shift_change.late_notice", "en"): Wording(
        "Short notice: please reach {name} now",
        "The shifts of {name} ({staff_no}, {team}) changed at short notice; the first one starts {first_start}, "
        "too soon for the usual reminders:\n{days}\nPlease reach them now.",
    ),
    ("shift_change.over", "zh-CN"): Wording(
        "班次变动已取消，无需答复", "{name}，之前请您答复的班次变动已不再有效：\n{days}\n您的班次以上次确认的为准。"
    ),
    ("shift_change.over", "en"): Wording(
        "The shift change is off: nothing to answer",
        "{name}, the shift change we asked you about no longer applies:\n{days}\n"
        "Your shifts are as you last confirmed.",
    ),
    ("shift_change.resolved", "zh-CN"): Wording(
        "主管已处理您的班次变动", "{name}，主管已对以下班次变动作出决定：{resolution}。\n{days}\n说明：{reason}"
    ),
    ("shift_change.resolved", "en"): Wording(
        "Your supervisor decided about your shift change",
        "{name}, your supervisor decided about this shift change: {resolution}.\n{days}\nReason: {reason}",
    ),
    ("leave.approved", "zh-CN"): Wording(
        "{agent_name} 的请假已批准", "{team_name} {agent_name}：{kind}，{from_on} 至 {to_on}，已由 {approved_by} 批准。"
    ),
    ("leave.approved", "en"): Wording(
        "Leave approved: {agent_name}",
        "{agent_name} ({team_name}): {kind}, {from_on} to {to_on}, approved by {approved_by}.",
    ),
    ("swap.completed", "zh-CN"): Wording(
        "{kind}已完成", "{team_name}：{sides} 的{kind}已生效（班表第 {number} 版），相关各方都已确认。\n{note}"
    ),
    ("swap.completed", "en"): Wording(
        "Done: {kind}",
        "{team_name}: the {kind} of {sides} is in force (roster version {number}); everybody concerned agreed.\n{note}",
    ),
    ("duty.assigned", "zh-CN"): Wording(
        "您是值班经理：{starts_at} 起",
        "{name}，{starts_at} 至 {ends_at} 由您值班（{reason}）。{team_name}\n{note}",
    ),
    ("duty.assigned", "en"): Wording(
        "You are on duty from {starts_at}",
        "{name}, you are duty manager from {starts_at} until {ends_at} ({reason}). {team_name}\n{note}",
    ),
}
