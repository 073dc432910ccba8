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

PROBLEMS: dict[str, Problem] = {**_LEAVE}
