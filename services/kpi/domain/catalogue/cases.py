"""Metrics of cases: how soon, whether in time, whether really over, and what is open."""

from __future__ import annotations

from services.kpi.domain.catalogue.definition import DOWN, NEITHER, UP, percentiles, rate, sums
from services.kpi.domain.kinds import (
    CASE,
    COMPLAINT,
    CONTACT,
    HANDOFF,
    HANDOFF_ACK,
    INTAKE,
    PROMISE,
    REOPENING,
    RESOLUTION,
    SLA,
    TRANSFER,
    Kind,
)
from services.kpi.domain.metric import Metric, Unit, Words


def _times(
    id_: str, kind: Kind, spread: str, counted: str, *percents: int, name: Words, of: Words
) -> tuple[Metric, ...]:
    """The mean and percentiles of a duration."""
    formula = Words(f"{of.zh}（秒）之和 ÷ 次数", f"Σ {of.en} (s) / how many")
    mean = Words(f"平均{name.zh}", f"{name.en}, mean")
    unit = Unit.SECONDS
    first = rate(id_, kind, sums(spread), sums(counted), DOWN, name=mean, formula=formula, unit=unit)
    return (first, *percentiles(id_, kind, spread, *percents, name=name, of=of))


TIMES = (
    *_times(
        "first_response",
        SLA,
        "response_ms",
        "responded",
        50,
        90,
        name=Words("首次响应用时（工作时间）", "First response, business time"),
        of=Words("首次响应的工作时间", "business time to the first response"),
    ),
    *_times(
        "first_response_calendar",
        SLA,
        "response_calendar_ms",
        "responded",
        50,
        90,
        name=Words("首次响应用时（自然时间）", "First response, calendar time"),
        of=Words("首次响应的自然时间", "calendar time to the first response"),
    ),
    *_times(
        "resolution_time",
        RESOLUTION,
        "working_ms",
        "worked",
        50,
        90,
        name=Words("解决用时（工作时间）", "Resolution time, business time"),
        of=Words("从开案到最后一次解决的工作时间", "business time from opening to the last resolution"),
    ),
    *_times(
        "resolution_time_calendar",
        RESOLUTION,
        "resolution_ms",
        "resolved",
        50,
        90,
        name=Words("解决用时（自然时间）", "Resolution time, calendar time"),
        of=Words("从开案到最后一次解决的自然时间", "calendar time from opening to the last resolution"),
    ),
    *_times(
        "handoff_ack_time",
        HANDOFF_ACK,
        "handoff_ack_ms",
        "accepted",
        50,
        90,
        name=Words("转办接受用时", "Time to accept a hand-off"),
        of=Words("从转办到接受的时长", "the times from hand-off to acceptance"),
    ),
)

OUTCOMES = (
    rate(
        "sla_attainment",
        SLA,
        sums("met"),
        sums("met", "breached"),
        UP,
        name=Words("SLA 达成率", "SLA attainment"),
        formula=Words("达成 ÷（达成 + 超时）", "met / (met + breached)"),
    ),
    rate(
        "reopen_rate",
        REOPENING,
        sums("reopened"),
        sums("ever_resolved"),
        DOWN,
        per=RESOLUTION,
        name=Words("重开率", "Reopened"),
        formula=Words("重开过的案件 ÷ 解决过的案件", "cases that were reopened / cases that were ever resolved"),
    ),
    rate(
        "closed_loop",
        HANDOFF,
        sums("closed_loop"),
        sums("due"),
        UP,
        name=Words("转办闭环率", "Hand-offs closed"),
        formula=Words(
            "按时回复且已告知客户的转办 ÷ 到期的转办（不含撤回）",
            "hand-offs answered in time and the customer told / due, without those withdrawn",
        ),
    ),
    rate(
        "handoff_accepted_in_time",
        HANDOFF_ACK,
        sums("accepted_in_time"),
        sums("accepted"),
        UP,
        name=Words("转办按时接受率", "Hand-offs accepted in time"),
        formula=Words("按时接受 ÷ 接受的转办", "accepted in time / accepted"),
    ),
    rate(
        "promise_kept",
        PROMISE,
        sums("promise_kept"),
        sums("promise_due"),
        UP,
        name=Words("承诺兑现率", "Promises kept"),
        formula=Words("按时兑现 ÷（兑现 + 违约）", "kept in time / (kept + broken)"),
    ),
    rate(
        "complaint_rate",
        COMPLAINT,
        sums("complaints"),
        sums("handled"),
        DOWN,
        unit=Unit.PER_THOUSAND,
        per=CONTACT,
        name=Words("投诉率", "Complaints"),
        formula=Words(
            "投诉数 ÷ 处理量 × 1000；可按环节（step）和根因（root_cause）区分",
            "complaints per 1,000 contacts handled; also by step and root_cause",
        ),
    ),
)

INTAKES = (
    rate(
        "completeness",
        INTAKE,
        sums("given", "refused"),
        sums("required"),
        UP,
        samples="judged",
        name=Words("信息完整率", "Completeness"),
        formula=Words("已提供或拒绝提供的必填项 ÷ 必填项", "required fields given or refused / required"),
    ),
    rate(
        "not_asked",
        INTAKE,
        sums("not_asked"),
        sums("required"),
        DOWN,
        samples="judged",
        name=Words("未询问率", "Not asked"),
        formula=Words("未询问的必填项 ÷ 必填项", "required fields not asked / required"),
    ),
)

VOLUMES = (
    rate(
        "cases_opened",
        CASE,
        sums("opened"),
        sums("opened"),
        NEITHER,
        unit=Unit.COUNT,
        name=Words("开案数", "Cases opened"),
        formula=Words("期间开立的案件数", "cases opened in the period"),
    ),
    rate(
        "cases_closed",
        CASE,
        sums("closed"),
        sums("opened"),
        NEITHER,
        unit=Unit.COUNT,
        name=Words("已关闭案件", "Cases closed"),
        formula=Words(
            "期间开立且已关闭的案件（分母为开立）", "cases opened in the period and closed (of those opened)"
        ),
    ),
    rate(
        "backlog",
        CASE,
        sums("open"),
        sums("opened"),
        DOWN,
        unit=Unit.COUNT,
        name=Words("未结案件", "Backlog"),
        formula=Words(
            "期间开立且截至 as_of 仍未解决的案件（分母为开立）",
            "cases opened in the period and still open as of as_of (of those opened)",
        ),
    ),
    rate(
        "backlog_age",
        CASE,
        sums("opened_ms"),
        sums("open"),
        DOWN,
        unit=Unit.SECONDS,
        aged=True,
        name=Words("未结案件平均案龄", "Mean age of the backlog"),
        formula=Words("未结案件从开立到 as_of 的秒数之和 ÷ 未结案件", "Σ seconds from opening to as_of / open cases"),
    ),
    rate(
        "case_transfers",
        TRANSFER,
        sums("transfers"),
        sums("transfers"),
        DOWN,
        unit=Unit.COUNT,
        name=Words("案件转出", "Cases given to another"),
        formula=Words("案件转给他人的次数，计入转出的坐席", "transfers of cases, by the agent who gave them"),
    ),
)

CASES = (*TIMES, *OUTCOMES, *INTAKES, *VOLUMES)
