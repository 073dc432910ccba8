"""Error codes of the kpi service."""

from __future__ import annotations

from shared.contracts.errors.common import Problem

PROBLEMS: dict[str, Problem] = {
    "metric-unknown": Problem(
        404,
        "没有这个指标：{metric}。全部指标见 GET /kpi/v1/metrics。",
        "There is no metric {metric}. GET /kpi/v1/metrics lists them.",
    ),
    "dimension-not-of-metric": Problem(
        422,
        "指标 {metric} 不能按 {what} 区分，可用：{known}。",
        "The metric {metric} does not know {what}; it knows: {known}.",
    ),
    "filter-contradicts": Problem(
        422,
        "{what} 与 without={what} 相互矛盾，请只给其中一个。",
        "{what} and without={what} contradict each other; give one of them.",
    ),
    "option-not-of-metric": Problem(
        422,
        "指标 {metric} 没有选项 {what}；threshold 和 short 只用于服务水平。",
        "The metric {metric} has no option {what}; service levels have threshold and short.",
    ),
    "time-unreadable": Problem(
        422,
        "须为 2000 至 2099 年间的日期（2026-03-01）或带时区偏移的时间（2026-03-01T08:00:00+08:00）。",
        "Has to be a date (2026-03-01) or a time with offset (2026-03-01T08:00:00+08:00), in 2000 to 2099.",
    ),
    "time-off-quarter": Problem(
        422, "时间须在整刻钟（00、15、30、45 分）上。", "A time has to be on a quarter hour (:00, :15, :30, :45)."
    ),
    "pay-period-invalid": Problem(
        422,
        "结算期的终点不能早于起点，且最长 {most} 天。",
        "A pay period ends on or after the day it begins, and has at most {most} days.",
    ),
    "pay-period-not-over": Problem(
        409, "结算期到 {to} 才结束，尚不能关闭。", "The period lasts until {to}: it cannot be closed yet."
    ),
    "pay-period-overlaps": Problem(409, "与已关闭的结算期“{name}”重叠。", "It overlaps the closed period {name}."),
    "metric-without-direction": Problem(
        422,
        "指标 {metric} 没有好坏方向，不能设目标、计分或排名。",
        "Of {metric} neither more nor less is better: it has no target, no weight and no rank.",
    ),
    "target-exists": Problem(
        409,
        "这些分组已有目标（{target_id}），请用 PATCH /kpi/v1/targets/{target_id} 提出下一轮。",
        "These groups have a target ({target_id}); set its next round with PATCH /kpi/v1/targets/{target_id}.",
    ),
    "group-of-centre": Problem(
        422,
        "指定 group 时须说明 group_by（team、agent、topic、channel 或 queue）；整个中心没有分组。",
        "One `group` needs its `group_by` (team, agent, topic, channel or queue); the centre has no groups.",
    ),
    "target-not-positive": Problem(422, "目标须大于零。", "A target has to be greater than zero."),
    "target-goes-back": Problem(
        422,
        "新一轮目标不得早于上一轮的生效日 {since}。",
        "A round cannot begin before the one before it ({since}).",
    ),
    "tiers-out-of-order": Problem(
        422,
        "等级界限须依次降低：优秀、良好、合格，且不超过 200%。",
        "Tiers begin lower one after the other (excellent, good, ok), at 200 % at most.",
    ),
    "metric-weighed-twice": Problem(422, "同一指标不能计两次。", "A metric cannot be weighed twice."),
    "weights-not-100": Problem(422, "权重之和须为 100。", "The weights have to make 100."),
    "speed-for-newcomers": Problem(
        422, "入职头两个月不考核速度：{metric}。", "Nobody is asked for speed in the first two months: {metric}."
    ),
    "period-not-over": Problem(
        409, "期间到 {to} 才结束，之后才能发布。", "The period lasts until {to}; it can be published after that."
    ),
    "ranking-by-nothing": Problem(422, "请给出 metric 或 category。", "Give a metric or a category."),
    "clear-at-beyond-threshold": Problem(
        422,
        "恢复界限须在阈值的良好一侧。",
        "`clear_at` has to be on the good side of the threshold.",
    ),
    "pattern-decided": Problem(409, "该提示已处理（{state}）。", "This was decided already ({state})."),
    "metric-not-additive": Problem(
        422,
        "指标 {metric} 不能按时段相加；请用均值（如 asa、aht）、比率或数量。",
        "The hours of {metric} cannot be added up; ask for a mean (asa, aht), a rate or a count.",
    ),
    "metric-without-distribution": Problem(
        422,
        "指标 {metric} 没有分布，请用百分位指标，如 asa_p90。",
        "{metric} has no distribution; ask for a percentile such as asa_p90.",
    ),
    "period-empty": Problem(422, "起点须早于终点。", "The period has to begin before it ends."),
    "period-open": Problem(
        422,
        "按时段（grain）、热力图和走势查询须给出 from 和 to。",
        "A grain, a heatmap and a trend need both from and to.",
    ),
    "shift-days-need-dates": Problem(422, "按班次日查询须给出日期。", "The grain shift_day needs dates."),
    "too-many-points": Problem(
        422, "结果超过 {most} 个点，请缩小范围。", "That makes more than {most} points; ask for less."
    ),
}
