"""Error codes of the roster service."""

from __future__ import annotations

from shared.contracts.errors.common import Problem

PROBLEMS: dict[str, Problem] = {
    "team-code-taken": Problem(409, "该班组代码已被使用。", "Another team has this code."),
    "team-above-itself": Problem(422, "上级班组不能是自己或自己的下级。", "A team cannot stand above itself."),
    "team-unknown": Problem(422, "没有这个班组。", "There is no such team."),
    "staff-no-taken": Problem(409, "该工号已被使用。", "Another person has this staff number."),
    "left-before-hired": Problem(422, "离职日期早于入职日期。", "The last day is before the first."),
    "mentor-is-self": Problem(422, "带教人不能是本人。", "Nobody is their own mentor."),
    "role-unknown": Problem(422, "没有这个角色：{role}。", "There is no role {role}."),
    "shift-code-taken": Problem(409, "该班次代码已存在。", "There is already a shift code of this name."),
    "shift-times-incomplete": Problem(
        422, "上下班时间须同时填写，或都不填（休息）。", "Give both start and end, or neither (a day off)."
    ),
    "shift-code-reads-as-times": Problem(422, "班次代码不能写成时间。", "A shift code cannot read as times."),
    "break-outside-shift": Problem(422, "休息时段不在班次之内。", "A break lies outside the shift."),
    "period-backwards": Problem(422, "结束日期早于开始日期。", "The period ends before it starts."),
    "period-too-long": Problem(422, "班表最长 {days} 天。", "A period has at most {days} days."),
    "roster-overlaps": Problem(
        409, "该班组在这段日期内已有班表。", "The team already has a roster for some of these days."
    ),
    "agent-unknown": Problem(422, "找不到员工：{staff_no} {name}。", "There is no agent {staff_no} {name}."),
    "roster-days-in-use": Problem(
        409,
        "有 {count} 天已排班（如 {on}），不能移出班表日期。",
        "{count} days have shifts (such as {on}) and stay in the period.",
    ),
    "agent-name-ambiguous": Problem(
        422, "班组内有多人叫“{name}”，请填写工号。", "Several people on the team are called {name}; give staff numbers."
    ),
    "agent-name-differs": Problem(
        422, "工号 {staff_no} 的姓名不是“{name}”。", "Staff number {staff_no} is not {name}."
    ),
    "agent-twice": Problem(422, "员工 {staff_no}{name} 出现了不止一次。", "{staff_no} {name} appears more than once."),
    "shift-code-unknown": Problem(422, "没有这个班次代码：{shift_code}。", "There is no shift code {shift_code}."),
    "day-outside-roster": Problem(422, "{on} 不在班表日期内。", "{on} is outside the roster's period."),
    "day-twice": Problem(422, "{on} 出现了不止一次。", "{on} appears more than once."),
    "column-not-a-day": Problem(
        422, "列标题“{header}”不是班表内的日期。", "The column “{header}” is not a day of this roster."
    ),
    "sheet-without-staff-column": Problem(
        422, "找不到“工号”或“姓名”列。", "There is no column with staff numbers or names."
    ),
    "row-without-agent": Problem(
        422, "这一行有班次，但没有工号或姓名。", "The row has shifts but neither staff number nor name."
    ),
    "sheet-without-days": Problem(422, "表格中没有日期列。", "The sheet has no column with a day."),
    "nothing-to-publish": Problem(
        409, "草稿与已发布的第 {number} 版没有差别。", "The draft does not differ from published version {number}."
    ),
    "preflight-failed": Problem(
        409, "发布前检查发现 {count} 个问题。", "The checks before publication found {count} problems."
    ),
    "shifts-overlap": Problem(
        409, "{staff_no} {name}:{on} 与 {with_on} 的班次重叠。", "{staff_no} {name}: {on} overlaps with {with_on}."
    ),
    "agent-not-in-team": Problem(
        409, "{staff_no} {name} 属于“{team}”，不在本班组。", "{staff_no} {name} belongs to {team}, not to this team."
    ),
    "agent-not-employed": Problem(
        409, "{staff_no} {name} 在 {on} 不在职。", "{staff_no} {name} is not employed on {on}."
    ),
    "planned-twice": Problem(
        409,
        "有员工在同一时间被排了两个班次，未作任何修改。",
        "Somebody would be planned twice at one time; nothing was changed.",
    ),
    "agent-planned-elsewhere": Problem(
        409,
        "{staff_no} {name}：{on} 已排在另一份班表，发布后以本班表为准。",
        "{staff_no} {name} is planned on {on} by another roster, which this one would replace.",
    ),
    "agent-on-leave": Problem(
        409,
        "{staff_no} {name}：{on} 已批准请假（{from_on} 至 {to_on}）。",
        "{staff_no} {name} has approved leave on {on} ({from_on} to {to_on}).",
    ),
    "rest-too-short": Problem(
        409,
        "{staff_no} {name}：{on} 上班前只休息 {hours} 小时，少于 {minimum} 小时。",
        "{staff_no} {name} has {hours} h of rest before the shift of {on}, less than {minimum} h.",
    ),
    "weekly-hours-exceeded": Problem(
        409,
        "{staff_no} {name}：{on} 所在周排班 {hours} 小时，超过 {most} 小时。",
        "{staff_no} {name} works {hours} h in the week of {on}, more than {most} h.",
    ),
    "too-many-days-in-a-row": Problem(
        409,
        "{staff_no} {name}：到 {on} 已超过连续 {most} 天上班（共连续 {days} 天）。",
        "{staff_no} {name} works {days} days in a row, more than {most}, as of {on}.",
    ),
    "headcount-below-minimum": Problem(
        409,
        "{on} {starts}–{ends} 只有 {found} 人在岗，少于 {minimum} 人。",
        "{on} {starts}–{ends}: {found} at work, fewer than {minimum}.",
    ),
    "short-notice": Problem(
        409,
        "{staff_no} {name}：距离受影响的班次只有 {hours} 小时，少于 {minimum} 小时。",
        "{staff_no} {name} would hear {hours} h before the first affected shift, less than {minimum} h.",
    ),
    "contact-missing": Problem(
        409,
        "{staff_no} {name} 没有已验证的个人联系方式，无法通知本人。",
        "{staff_no} {name} has no verified contact of their own and cannot be told.",
    ),
    "escalation-target-missing": Problem(
        409,
        "本班组没有主管，无人答复时无处上报。",
        "The team has no {role}: silence would be escalated to nobody.",
    ),
    "escalation-target-gone": Problem(
        409,
        "班组的上报对象 {who} 不存在或不在职。",
        "The team's {role}, {who}, does not exist or is not employed.",
    ),
    "escalation-target-unreachable": Problem(
        409,
        "班组的上报对象 {who} 没有已验证的个人联系方式。",
        "The team's {role}, {who}, has no verified contact of their own.",
    ),
    "change-superseded": Problem(
        409, "该班次变动已被新版班表取代。", "A newer roster version has replaced this shift change."
    ),
    "change-expired": Problem(409, "确认期限已过（{confirm_by}）。", "The time to answer is over ({confirm_by})."),
    "change-withdrawn": Problem(409, "该班次变动已撤回。", "This shift change was withdrawn."),
    "change-already-answered": Problem(
        409, "该班次变动已经答复（{state}）。", "This shift change was already answered ({state})."
    ),
    "change-not-to-resolve": Problem(
        409, "该班次变动目前无需处理（{state}）。", "There is nothing to resolve about this shift change ({state})."
    ),
    "agent-at-work": Problem(
        409,
        "{staff_no} {name}：{on} 已有班次（{shift_code}）。",
        "{staff_no} {name} already works on {on} ({shift_code}).",
    ),
    "substitute-unfit": Problem(409, "{name} 不能接替该班次。", "{name} cannot take over these shifts."),
    "substitute-is-the-same": Problem(409, "接替人不能是本人。", "Nobody takes over from themselves."),
    "nothing-to-reassign": Problem(
        409,
        "该变动没有尚未开始、可由他人接替的班次。",
        "The change has no shift that somebody else could still take over.",
    ),
    "phone-needs-a-lead": Problem(
        422, "电话确认须由班长或主管登记。", "What was said by phone is recorded by a lead or supervisor."
    ),
    "phone-needs-a-note": Problem(422, "登记电话确认须写备注。", "An answer by phone needs a note."),
    "answer-is-the-agents": Problem(
        422,
        "只有本人可以这样答复；代为登记请用 phone 并写备注。",
        "Only the agent answers this way; record a call as phone, with a note.",
    ),
    "punch-in-future": Problem(422, "打卡时间在未来。", "The punch lies in the future."),
    "batch-too-long": Problem(413, "一次最多 {limit} 行。", "At most {limit} rows at once."),
}
