"""More error codes of the roster service: leave, shifts that change hands, duty, attendance, the calendar."""

from __future__ import annotations

from shared.contracts.errors.common import Problem

_LEAVE = {
    "leave-already-decided": Problem(
        409, "该请假申请已处理（{state}）。", "This leave request was already decided ({state})."
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
        422, "更正的时间须在该班次前后，且不在未来。", "The corrected time has to be near the shift and not in the future."
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

PROBLEMS: dict[str, Problem] = {**_LEAVE, **_ATTENDANCE}
