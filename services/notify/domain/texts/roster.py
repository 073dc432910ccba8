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
    ("leave.requested", "zh-CN"): Wording(
        "请假待审批：{agent_name}",
        "{team_name} {agent_name} 申请{kind}：{from_on} 至 {to_on}。请在 {decide_by} 前批准或驳回。",
    ),
    ("leave.requested", "en"): Wording(
        "Leave to decide: {agent_name}",
        "{agent_name} ({team_name}) asks for {kind}, {from_on} to {to_on}. Please approve or reject it by {decide_by}.",
    ),
    ("leave.undecided", "zh-CN"): Wording(
        "催办：{agent_name} 的请假还未审批",
        "{team_name} {agent_name} 申请{kind}：{from_on} 至 {to_on}（{requested_at} 提出），仍无人审批。"
        "审批期限 {decide_by}，第 {step} 次催办。",
    ),
    ("leave.undecided", "en"): Wording(
        "Reminder: leave of {agent_name} is undecided",
        "{agent_name} ({team_name}) asked on {requested_at} for {kind}, {from_on} to {to_on}; nobody has decided. "
        "It is due by {decide_by}; reminder {step}.",
    ),
    ("leave.rejected", "zh-CN"): Wording(
        "{agent_name} 的请假未获批准",
        "{team_name} {agent_name}：{kind}，{from_on} 至 {to_on}，{rejected_by} 未批准。{reason}\n班次照原计划。",
    ),
    ("leave.rejected", "en"): Wording(
        "Leave not granted: {agent_name}",
        "{agent_name} ({team_name}): {kind}, {from_on} to {to_on}, not granted by {rejected_by}. {reason}\n"
        "The shifts stay as planned.",
    ),
    ("leave.withdrawn", "zh-CN"): Wording(
        "{agent_name} 的请假申请已撤回",
        "{team_name} {agent_name}：{kind}，{from_on} 至 {to_on}，申请已撤回，无需审批。",
    ),
    ("leave.withdrawn", "en"): Wording(
        "Leave request taken back: {agent_name}",
        "{agent_name} ({team_name}): {kind}, {from_on} to {to_on}, was taken back; there is nothing to decide.",
    ),
    ("leave.cancelled", "zh-CN"): Wording(
        "{agent_name} 已销假",
        "{team_name} {agent_name}：{kind}，{from_on} 至 {to_on} 已取消（{cancelled_by}）。{reason}\n"
        "恢复的班次会另行请本人确认。",
    ),
    ("leave.cancelled", "en"): Wording(
        "Leave given back: {agent_name}",
        "{agent_name} ({team_name}): {kind}, {from_on} to {to_on}, is given back ({cancelled_by}). {reason}\n"
        "Shifts that come back are asked about separately.",
    ),
    ("correction.requested", "zh-CN"): Wording(
        "考勤更正待审批：{agent_name}",
        "{team_name} {agent_name} 申请更正 {shift_on} 的考勤：{reason}\n请在 {decide_by} 前批准或驳回。",
    ),
    ("correction.requested", "en"): Wording(
        "Correction to decide: {agent_name}",
        "A correction of the attendance of {agent_name} ({team_name}) on {shift_on} is asked for: {reason}\n"
        "Please approve or reject it by {decide_by}.",
    ),
    ("correction.undecided", "zh-CN"): Wording(
        "催办：{agent_name} 的考勤更正还未审批",
        "{team_name} {agent_name} 申请更正 {shift_on} 的考勤（{requested_at} 提出），仍无人审批：{reason}\n"
        "审批期限 {decide_by}，第 {step} 次催办。",
    ),
    ("correction.undecided", "en"): Wording(
        "Reminder: a correction for {agent_name} is undecided",
        "A correction of the attendance of {agent_name} ({team_name}) on {shift_on} was asked for on {requested_at}; "
        "nobody has decided: {reason}\nIt is due by {decide_by}; reminder {step}.",
    ),
    ("correction.approved", "zh-CN"): Wording(
        "{agent_name} 的考勤更正已批准",
        "{team_name} {agent_name}：{shift_on} 的考勤已按申请重新核定（{approved_by}）。{decision}",
    ),
    ("correction.approved", "en"): Wording(
        "Correction approved: {agent_name}",
        "The attendance of {agent_name} ({team_name}) on {shift_on} is settled again as asked ({approved_by}). "
        "{decision}",
    ),
    ("correction.rejected", "zh-CN"): Wording(
        "{agent_name} 的考勤更正未获批准",
        "{team_name} {agent_name}：{shift_on} 的考勤维持原核定（{rejected_by}）。{decision}",
    ),
    ("correction.rejected", "en"): Wording(
        "Correction not granted: {agent_name}",
        "The attendance of {agent_name} ({team_name}) on {shift_on} stays as it was settled ({rejected_by}). "
        "{decision}",
    ),
    ("swap.offered", "zh-CN"): Wording(
        "{from_name} 想与您换班",
        "{from_name} 想用 {from_on} 的班（{from_shift}）换您 {to_on} 的班（{to_shift}）。\n{note}\n"
        "请在 {decide_by} 前接受或拒绝。",
    ),
    ("swap.offered", "en"): Wording(
        "{from_name} would like to swap shifts with you",
        "{from_name} offers the shift of {from_on} ({from_shift}) for yours of {to_on} ({to_shift}).\n{note}\n"
        "Please accept or reject it by {decide_by}.",
    ),
    ("give_away.offered", "zh-CN"): Wording(
        "{from_name} 请您代班",
        "{from_name} 请您代上 {from_on} 的班（{from_shift}）。\n{note}\n请在 {decide_by} 前接受或拒绝。",
    ),
    ("give_away.offered", "en"): Wording(
        "{from_name} asks you to take a shift",
        "{from_name} asks you to work on {from_on} instead ({from_shift}).\n{note}\n"
        "Please accept or reject it by {decide_by}.",
    ),
    ("swap.accepted", "zh-CN"): Wording(
        "{kind}待审批：{from_name} 与 {to_name}",
        "{team_name}：{from_name}（{from_on}）与 {to_name} 已同意{kind}，等待审批。请在 {decide_by} 前批准或驳回。",
    ),
    ("swap.accepted", "en"): Wording(
        "To approve: {kind} of {from_name} and {to_name}",
        "{team_name}: {from_name} ({from_on}) and {to_name} agree on a {kind}; it waits for approval by {decide_by}.",
    ),
    ("swap.undecided", "zh-CN"): Wording(
        "催办：{from_name} 与 {to_name} 的{kind}",
        "{team_name}：{from_name}（{from_on}）与 {to_name} 的{kind}仍在等待{waits_for}。期限 {decide_by}，"
        "{lapses_at} 起失效。",
    ),
    ("swap.undecided", "en"): Wording(
        "Reminder: {kind} of {from_name} and {to_name}",
        "{team_name}: the {kind} of {from_name} ({from_on}) and {to_name} still waits for {waits_for}. "
        "It is due by {decide_by} and lapses at {lapses_at}.",
    ),
    ("swap.closed", "zh-CN"): Wording(
        "{kind}未成：{outcome}",
        "{team_name}：{from_name}（{from_on}）与 {to_name} 的{kind}{outcome}。{reason}\n双方班次照原计划。",
    ),
    ("swap.closed", "en"): Wording(
        "No {kind}: {outcome}",
        "{team_name}: the {kind} of {from_name} ({from_on}) and {to_name} was {outcome}. {reason}\n"
        "The shifts stay as planned.",
    ),
    ("open_shift.opened", "zh-CN"): Wording(
        "空班可认领：{shift_on} {code}",
        "{team_name}：{starts_at} 至 {ends_at} 的班次（{code}）可认领，先到先得。{skills}\n{note}",
    ),
    ("open_shift.opened", "en"): Wording(
        "Open shift: {shift_on} {code}",
        "{team_name}: a shift from {starts_at} to {ends_at} ({code}) can be claimed; the first claim has it. "
        "{skills}\n{note}",
    ),
    ("open_shift.unclaimed", "zh-CN"): Wording(
        "空班无人认领：{shift_on} {code}",
        "{team_name}：{starts_at} 开始的班次（{code}）仍无人认领，请另行安排。第 {step} 次提醒。",
    ),
    ("open_shift.unclaimed", "en"): Wording(
        "Nobody has claimed {shift_on} {code}",
        "{team_name}: nobody has claimed the shift that starts at {starts_at} ({code}). Please see who works it. "
        "Reminder {step}.",
    ),
    ("open_shift.closed", "zh-CN"): Wording(
        "空班已关闭：{shift_on} {code}，{outcome}",
        "{team_name}：{starts_at} 开始的班次（{code}）无人认领，{outcome}。{reason}",
    ),
    ("open_shift.closed", "en"): Wording(
        "Open shift {outcome}: {shift_on} {code}",
        "{team_name}: the shift that starts at {starts_at} ({code}) was not claimed: {outcome}. {reason}",
    ),
    ("roster.unresolved", "zh-CN"): Wording(
        "{team_name} 班表第 {number} 版有变动待处理",
        "{team_name} 班表第 {number} 版：{refused_count} 人拒绝、{expired_count} 人逾期未答复，尚无人处理。"
        "首个受影响班次 {first_start_at} 开始。请逐一撤回、改派或坚持。",
    ),
    ("roster.unresolved", "en"): Wording(
        "{team_name}: roster version {number} waits for decisions",
        "{team_name}, roster version {number}: {refused_count} refused and {expired_count} did not answer in time, and "
        "nobody has decided. The first affected shift starts {first_start_at}. Withdraw, reassign or insist on each.",
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
