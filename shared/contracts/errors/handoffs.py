"""Error codes of hand-offs, progress requests, promises, and service levels."""

from __future__ import annotations

from shared.contracts.errors.common import Problem

_HANDOFFS = {
    "handoff-to-own-team": Problem(422, "不能转办给自己的团队。", "A hand-off asks another team, not one's own."),
    "handoff-open": Problem(
        409,
        "该案件已转办给 {team}，尚未了结；请先撤回或等待其退回、答复。",
        "{team} has been asked already; withdraw that hand-off, or wait for its answer.",
    ),
    "handoff-not-for-you": Problem(403, "该转办须由 {team} 处理。", "This hand-off is for {team} to answer."),
    "handoff-not-accepted": Problem(409, "对方尚未接受该转办。", "Nobody has accepted this hand-off yet."),
    "handoff-already-accepted": Problem(409, "该转办已被接受。", "This hand-off has been accepted already."),
    "handoff-already-answered": Problem(409, "该转办已有答复。", "This hand-off has been answered already."),
    "handoff-not-answered": Problem(409, "该转办尚无答复。", "This hand-off has no answer yet."),
    "handoff-withdrawn": Problem(409, "该转办已撤回。", "This hand-off was withdrawn."),
    "handoff-over": Problem(409, "该转办已结束（{state}）。", "This hand-off is over ({state})."),
    "handoff-customer-not-told": Problem(409, "尚未把答复告知客户。", "The customer has not been told the answer yet."),
    "reply-needs-who": Problem(422, "请写明对方由谁答复（by）。", "Say who of the other side replied (by)."),
    "reply-time-impossible": Problem(
        422, "答复时间须在 {earliest} 之后，且不在将来。", "A reply comes after {earliest} and not in the future."
    ),
    "partner-code-taken": Problem(409, "代码 {named} 已被使用。", "The code {named} is taken."),
    "partner-inactive": Problem(422, "{name} 已停用。", "{name} is not asked any more."),
    "partner-outside-system": Problem(
        422,
        "{name} 不在系统内，请选择电话、聊天或邮件。",
        "{name} works outside the system: ask by phone, chat or email.",
    ),
}

_PROMISES = {
    "progress-nobody-asked": Problem(
        409, "该案件目前没有进行中的转办可催办。", "No team is at work on this case that could be asked."
    ),
    "progress-not-open": Problem(409, "该催办已结束（{state}）。", "This progress request is over ({state})."),
    "please-wait-is-no-answer": Problem(
        422,
        "仅“请等待”不能作为答复：请说明目前进展到哪一步。",
        '"Please wait" alone is no answer: say where it stands.',
    ),
    "eta-in-the-past": Problem(422, "新的预计时间须在将来。", "The new time has to be in the future."),
    "promise-in-the-past": Problem(422, "承诺时间须在将来。", "A promise is due in the future."),
    "promise-kept": Problem(409, "该承诺已兑现。", "This promise was kept already."),
    "promise-broken": Problem(409, "该承诺已逾期。", "This promise was broken."),
    "promise-cancelled": Problem(409, "该承诺已取消。", "This promise was taken back."),
    "promise-owed-to-customer": Problem(
        409,
        "这是对客户的回复义务，告知客户后自动完成，不能取消。",
        "This word is owed to the customer: telling them keeps it, and it cannot be taken back.",
    ),
}

_SERVICE_LEVELS = {
    "sla-code-taken": Problem(409, "代码 {named} 已被使用。", "The code {named} is taken."),
    "sla-target-twice": Problem(
        422, "同一目标、象限与客户等级只能设置一次。", "One target, quadrant and tier can be set once only."
    ),
    "calendar-unknown": Problem(422, "没有日历 {calendar}。", "There is no calendar {calendar}."),
    "calendar-date-twice": Problem(422, "日期 {on} 出现多次。", "{on} is given twice."),
    "calendar-hours-overlap": Problem(422, "与同日的另一时段重叠。", "It overlaps another window of that day."),
    "calendar-hardly-open": Problem(
        422, "每周至少须有 {minutes} 分钟工作时间。", "A week has to have at least {minutes} working minutes."
    ),
}

_HISTORY = {
    "history-time-unreadable": Problem(
        422, "不是对应表所说顺序的日期时间。", "Not a date and time in the order that the mapping says."
    ),
    "history-state-unknown": Problem(422, "对应表中没有这个状态。", "The mapping does not know this state."),
    "history-opening-unknown": Problem(
        422, "整张工单都没有开单时间。", "No row of this ticket says when it was opened."
    ),
    "history-before-opening": Problem(422, "更新时间早于开单时间。", "Updated before it was opened."),
    "history-after-closing": Problem(
        422, "关闭之后的更新，且没有重开。", "Updated after it was closed, and not reopened."
    ),
}

HANDOFFS: dict[str, Problem] = {**_HANDOFFS, **_PROMISES, **_SERVICE_LEVELS, **_HISTORY}
