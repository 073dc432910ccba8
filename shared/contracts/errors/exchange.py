"""More error codes of the roster service: leave, shifts that change hands, duty, attendance, the calendar."""

from __future__ import annotations

from shared.contracts.errors.common import Problem

_LEAVE = {
    "leave-already-decided": Problem(
        409, "该请假申请已处理（{state}）。", "This leave request was already decided ({state})."
    ),
    "leave-not-approved": Problem(
        409, "只有已批准的请假可以销假（{state}）。", "Only approved leave can be given back ({state})."
    ),
    "leave-has-begun": Problem(
        409,
        "该请假已开始或已结束（至 {to_on}），无可销假的日期。",
        "No day of this leave is left to give back (until {to_on}).",
    ),
    "leave-overlaps": Problem(
        409,
        "这些日期已有请假（{from_on} 至 {to_on}）。",
        "There is leave for some of these days ({from_on} to {to_on}).",
    ),
    "leave-hours-in-one-day": Problem(
        422,
        "按小时请假须在同一天内，并同时填写开始和结束时间。",
        "Leave by the hour has a start and an end within one day.",
    ),
    "decision-is-anothers": Problem(
        403, "不能审批本人的申请，须由他人决定。", "Nobody decides their own request; somebody else has to."
    ),
}

_ATTENDANCE = {
    "correction-out-of-reach": Problem(
        422,
        "更正的时间须在该班次前后，且不在未来。",
        "The corrected time has to be near the shift and not in the future.",
    ),
    "correction-backwards": Problem(422, "离开时间须晚于到达时间。", "Going comes after coming."),
    "correction-open": Problem(
        409, "该考勤已有一个待审批的更正申请。", "A correction of this day is already waiting for a decision."
    ),
    "correction-already-decided": Problem(
        409, "该更正申请已处理（{state}）。", "This correction was already decided ({state})."
    ),
    "state-backwards": Problem(422, "结束时间须晚于开始时间。", "A state ends after it begins."),
    "state-too-long": Problem(422, "一段状态最长 {hours} 小时。", "A state lasts at most {hours} hours."),
    "state-in-future": Problem(422, "状态的结束时间在未来。", "The state ends in the future."),
}

_EXCHANGE = {
    "shift-not-there": Problem(409, "{staff_no} {name} 在 {on} 没有班次。", "{staff_no} {name} has no shift on {on}."),
    "shift-has-begun": Problem(
        409, "{staff_no} {name} 在 {on} 的班次已经开始。", "The shift of {staff_no} {name} on {on} has begun."
    ),
    "shift-not-confirmed": Problem(
        409,
        "{staff_no} {name} 在 {on} 的班次尚未确认，请先确认。",
        "{staff_no} {name} has yet to confirm the shift of {on}; confirm it first.",
    ),
    "works-that-day": Problem(409, "{staff_no} {name} 在 {on} 已有班次。", "{staff_no} {name} already works on {on}."),
    "skills-missing": Problem(
        409, "{staff_no} {name} 缺少技能：{skills}。", "{staff_no} {name} lacks the skills {skills}."
    ),
    "exchange-impossible": Problem(
        409, "不能这样调班，原因有 {count} 个。", "This cannot be; there are {count} reasons."
    ),
    "swap-with-oneself": Problem(422, "不能与本人换班。", "Nobody swaps with themselves."),
    "swap-between-rosters": Problem(
        409, "只能在同一班组的同一份班表内换班。", "Shifts change hands within one roster of one team."
    ),
    "swap-shifts-changed": Problem(
        409, "班次在提出之后已有变动，请重新提出。", "A shift has changed since it was offered; offer it anew."
    ),
    "swap-not-open": Problem(409, "该换班已结束（{state}）。", "This swap is over ({state})."),
    "swap-not-accepted": Problem(409, "对方尚未接受。", "The other side has not accepted yet."),
    "open-shift-taken": Problem(409, "该班次已被他人认领。", "Somebody else has claimed this shift."),
    "open-shift-closed": Problem(409, "该班次不再开放认领（{state}）。", "This shift is not open any more ({state})."),
    "open-shift-needs-hours": Problem(422, "开放班次须有上下班时间。", "An open shift has hours."),
    "open-shift-past": Problem(422, "班次已经开始。", "The shift has begun."),
    "roster-missing": Problem(422, "该班组在 {on} 没有班表。", "The team has no roster for {on}."),
    "roster-not-published": Problem(409, "班表尚未发布。", "The roster is not published yet."),
}

_DUTY = {
    "duty-rota-unsound": Problem(
        409, "值班安排有 {count} 处问题，未发布。", "The duty rota has {count} problems; it was not published."
    ),
    "duty-gap": Problem(409, "{starts} 至 {ends} 无人值班。", "Nobody has the duty from {starts} to {ends}."),
    "duty-overlap": Problem(
        409, "{starts} 至 {ends} 有不止一人值班。", "More than one has the duty from {starts} to {ends}."
    ),
    "duty-slots-or-handovers": Problem(422, "handovers 与 slots 须且只能填写一个。", "Give either handovers or slots."),
    "duty-rotation-empty": Problem(422, "请填写轮值人员。", "Say who takes turns."),
    "duty-past": Problem(422, "该时间已过。", "That time is over."),
    "duty-override-length": Problem(
        422, "代班须早于结束，且最长 {days} 天。", "Standing in ends after it begins, and lasts at most {days} days."
    ),
    "duty-override-over": Problem(409, "该代班已结束或已取消。", "That is over, or was cancelled already."),
    "duty-rota-missing": Problem(409, "还没有值班安排。", "There is no duty rota yet."),
    "duty-nobody": Problem(
        409,
        "{at} 无人值班：没有值班安排，也没有班长或主管。",
        "Nobody has the duty at {at}: no rota, no lead, no supervisor.",
    ),
    "duty-same-person": Problem(409, "两个时段的值班人相同。", "The same person has both turns."),
}

PROBLEMS: dict[str, Problem] = {**_LEAVE, **_ATTENDANCE, **_EXCHANGE, **_DUTY}
