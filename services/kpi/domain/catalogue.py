"""The catalogue: every metric, as data. A changed definition gets a new `version`, never a silent edit."""

from __future__ import annotations

from services.kpi.domain.kinds import ATTENDANCE, CONTACT, SHIFT_CHANGE
from services.kpi.domain.metric import Better, Metric, Part, Unit, Words, count, quick, short
from shared.contracts.refusal import Refusal

OFFERED, ANSWERED, ABANDONED = count("offered"), count("answered"), count("abandoned")
QUICKLY_ANSWERED = quick("answered_wait_ms", usually="answered_quickly")
QUICKLY_ABANDONED = quick("abandoned_wait_ms", usually="abandoned_quickly")
QUICKLY_OTHERWISE = quick("other_wait_ms", usually="left_otherwise_quickly")
SHORTLY_ABANDONED = short("abandoned_wait_ms", usually="abandoned_shortly")


def _service_level(id_: str, formula: Words, numerator: tuple[Part, ...], denominator: tuple[Part, ...]) -> Metric:
    variant = id_.removeprefix("service_level").strip("_") or "4"
    return Metric(
        id=id_,
        name=Words(f"服务水平（口径 {variant}）", f"Service level (variant {variant})"),
        formula=formula,
        kind=CONTACT,
        numerator=numerator,
        denominator=denominator,
        unit=Unit.PERCENT,
        better=Better.UP,
    )


FOURTH = (
    Words("X 秒内接听 ÷（接听 + 等待超过 X 秒后放弃）", "answered ≤ X s / (answered + abandoned > X s)"),
    (QUICKLY_ANSWERED,),
    (ANSWERED, ABANDONED, -QUICKLY_ABANDONED),
)

SERVICE_LEVELS = (
    _service_level("service_level", *FOURTH),
    _service_level(
        "service_level_1",
        Words("（X 秒内接听 + X 秒内放弃）÷ 呼入", "(answered ≤ X s + abandoned ≤ X s) / offered"),
        (QUICKLY_ANSWERED, QUICKLY_ABANDONED),
        (OFFERED,),
    ),
    _service_level(
        "service_level_2",
        Words("X 秒内接听 ÷ 接听", "answered ≤ X s / answered"),
        (QUICKLY_ANSWERED,),
        (ANSWERED,),
    ),
    _service_level(
        "service_level_3",
        Words("X 秒内接听 ÷ 呼入", "answered ≤ X s / offered"),
        (QUICKLY_ANSWERED,),
        (OFFERED,),
    ),
    _service_level("service_level_4", *FOURTH),
    _service_level(
        "service_level_5",
        Words("（X 秒内接听 + 短时放弃）÷ 呼入", "(answered ≤ X s + short abandons) / offered"),
        (QUICKLY_ANSWERED, SHORTLY_ABANDONED),
        (OFFERED,),
    ),
    _service_level(
        "service_level_6",
        Words("X 秒内接听 ÷（呼入 − 短时放弃）", "answered ≤ X s / (offered − short abandons)"),
        (QUICKLY_ANSWERED,),
        (OFFERED, -SHORTLY_ABANDONED),
    ),
    _service_level(
        "service_level_7",
        Words(
            "X 秒内离开队列（接听、放弃或转回拨）÷ 呼入",
            "left the queue ≤ X s (answered, abandoned or called back) / offered",
        ),
        (QUICKLY_ANSWERED, QUICKLY_ABANDONED, QUICKLY_OTHERWISE),
        (OFFERED,),
    ),
)

CONTACTS = (
    Metric(
        id="answer_rate",
        name=Words("接通率", "Answer rate"),
        formula=Words("接听 ÷ 呼入", "answered / offered"),
        kind=CONTACT,
        numerator=(ANSWERED,),
        denominator=(OFFERED,),
        unit=Unit.PERCENT,
        better=Better.UP,
    ),
    Metric(
        id="abandon_rate",
        name=Words("放弃率", "Abandon rate"),
        formula=Words("放弃 ÷ 呼入", "abandoned / offered"),
        kind=CONTACT,
        numerator=(ABANDONED,),
        denominator=(OFFERED,),
        unit=Unit.PERCENT,
        better=Better.DOWN,
    ),
    Metric(
        id="asa",
        name=Words("平均应答速度", "Average speed of answer"),
        formula=Words("已接听进线的等待秒数之和 ÷ 接听", "Σ seconds waited by the answered / answered"),
        kind=CONTACT,
        numerator=(count("answered_wait_ms"),),
        denominator=(ANSWERED,),
        unit=Unit.SECONDS,
        better=Better.DOWN,
    ),
    Metric(
        id="aht",
        name=Words("平均处理时长", "Average handle time"),
        formula=Words(
            "（通话 + 保持 + 话后）秒数之和 ÷ 已处理且通话时长已知的接触",
            "Σ(talk + hold + wrap) seconds / handled contacts whose talk time is known",
        ),
        kind=CONTACT,
        numerator=(count("handle_ms"),),
        denominator=(count("timed"),),
        unit=Unit.SECONDS,
        better=Better.NEITHER,
    ),
    Metric(
        id="talk_mean",
        name=Words("平均通话时长", "Mean talk time"),
        formula=Words(
            "通话秒数之和 ÷ 已处理且通话时长已知的接触", "Σ talk seconds / handled contacts whose talk time is known"
        ),
        kind=CONTACT,
        numerator=(count("talk_ms"),),
        denominator=(count("timed"),),
        unit=Unit.SECONDS,
        better=Better.NEITHER,
    ),
    Metric(
        id="contacts_handled",
        name=Words("处理量", "Contacts handled"),
        formula=Words(
            "坐席处理的接触数，含呼出（分母为全部接触）",
            "contacts handled, outbound ones too (denominator: all contacts)",
        ),
        kind=CONTACT,
        numerator=(count("handled"),),
        denominator=(count("contacts"),),
        unit=Unit.COUNT,
        better=Better.NEITHER,
    ),
    Metric(
        id="resolved_rate",
        name=Words("一次解决率（坐席判断）", "Resolved at first contact, by the agent's word"),
        formula=Words(
            "坐席称已解决 ÷ 已接听且说明了是否解决", "resolved by the agent's word / answered and told either way"
        ),
        kind=CONTACT,
        numerator=(count("resolved"),),
        denominator=(count("resolution_told"),),
        unit=Unit.PERCENT,
        better=Better.UP,
    ),
    Metric(
        id="rating_mean",
        name=Words("平均评分", "Mean rating"),
        formula=Words("评分之和（1 至 5）÷ 已评分", "Σ ratings (1 to 5) / rated"),
        kind=CONTACT,
        numerator=(count("rating_points"),),
        denominator=(count("rated"),),
        unit=Unit.POINTS,
        better=Better.UP,
    ),
    Metric(
        id="csat",
        name=Words("满意度", "Customer satisfaction"),
        formula=Words(
            "好评 ÷（好评 + 差评）；4、5 分为好评，1 至 3 分为差评",
            "good / (good + bad); ratings 4-5 are good, 1-3 bad",
        ),
        kind=CONTACT,
        numerator=(count("rated_good"),),
        denominator=(count("rated_good"), count("rated_bad")),
        unit=Unit.PERCENT,
        better=Better.UP,
    ),
)

ROSTER = (
    Metric(
        id="change_ack_rate",
        name=Words("班次变动确认率", "Shift changes confirmed"),
        formula=Words(
            "开班前确认 ÷ 已通知的班次变动（不含已被取代或撤回的）",
            "confirmed before the first shift starts / announced, without those superseded or withdrawn",
        ),
        kind=SHIFT_CHANGE,
        numerator=(count("confirmed_before_start"),),
        denominator=(count("asked"),),
        unit=Unit.PERCENT,
        better=Better.UP,
    ),
    Metric(
        id="deviations",
        name=Words("考勤偏差", "Deviations"),
        formula=Words("有偏差的班次数（分母为已结算班次）", "shifts that deviated (denominator: shifts settled)"),
        kind=ATTENDANCE,
        numerator=(count("deviations"),),
        denominator=(count("settled"),),
        unit=Unit.COUNT,
        better=Better.DOWN,
    ),
    Metric(
        id="deviations_without_management",
        name=Words("考勤偏差（不含管理原因）", "Deviations without management's"),
        formula=Words(
            "有偏差的班次数，不含责任归属为管理的", "shifts that deviated, without those that management caused"
        ),
        kind=ATTENDANCE,
        numerator=(count("deviations"), -count("deviations_by_management")),
        denominator=(count("settled"),),
        unit=Unit.COUNT,
        better=Better.DOWN,
    ),
    Metric(
        id="deviations_by_agent",
        name=Words("考勤偏差（坐席责任）", "Deviations the agents answer for"),
        formula=Words(
            "责任归属为坐席的偏差班次数（不含管理、系统、免责）",
            "shifts whose deviation is the agent's own, without management, system and excused ones",
        ),
        kind=ATTENDANCE,
        numerator=(count("deviations_by_agent"),),
        denominator=(count("settled"),),
        unit=Unit.COUNT,
        better=Better.DOWN,
    ),
)

CATALOGUE: dict[str, Metric] = {metric.id: metric for metric in (*CONTACTS, *SERVICE_LEVELS, *ROSTER)}


def metric_named(metric_id: str) -> Metric:
    """A metric of the catalogue; refuses with `metric-unknown`."""
    metric = CATALOGUE.get(metric_id)
    if metric is None:
        raise Refusal("metric-unknown", metric=metric_id)
    return metric
