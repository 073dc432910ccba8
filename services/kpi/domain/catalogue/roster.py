"""Metrics of shifts: whether changes are confirmed, whether people keep to them, and whose cause it is where not."""

from __future__ import annotations

from services.kpi.domain.catalogue.definition import DOWN, UP, percentiles, rate, sums
from services.kpi.domain.kinds import ADHERENCE, ATTENDANCE, SHIFT_CHANGE
from services.kpi.domain.metric import Metric, Unit, Words

CHANGES = (
    rate(
        "change_ack_rate",
        SHIFT_CHANGE,
        sums("confirmed_before_start"),
        sums("asked"),
        UP,
        name=Words("班次变动确认率", "Shift changes confirmed"),
        formula=Words(
            "开班前确认 ÷ 已通知的班次变动（不含已被取代或撤回的）",
            "confirmed before the first shift starts / announced, without those superseded or withdrawn",
        ),
    ),
    rate(
        "ack_time",
        SHIFT_CHANGE,
        sums("ack_ms"),
        sums("confirmed"),
        DOWN,
        unit=Unit.SECONDS,
        name=Words("平均确认用时", "Mean time to confirm"),
        formula=Words(
            "从通知到确认的秒数之和 ÷ 已确认的班次变动", "Σ seconds from announcement to confirmation / confirmed"
        ),
    ),
    *percentiles(
        "ack_time",
        SHIFT_CHANGE,
        "ack_ms",
        50,
        90,
        name=Words("确认用时", "Time to confirm"),
        of=Words("从通知到确认的时长", "the times from announcement to confirmation"),
    ),
)

SHIFTS = (
    rate(
        "adherence",
        ADHERENCE,
        sums("adhered_ms"),
        sums("scheduled_ms"),
        UP,
        samples="measured",
        name=Words("班表遵守率", "Adherence"),
        formula=Words(
            "各班次 max(0, 计划 − 例外) 之和 ÷ 计划时长之和（毫秒）；无计划则无值",
            "Σ max(0, scheduled − exception) of each shift / Σ scheduled, in ms; undefined where nothing is scheduled",
        ),
    ),
    rate(
        "adherence_as_edited",
        ADHERENCE,
        sums("edited_adhered_ms"),
        sums("edited_scheduled_ms"),
        UP,
        samples="measured_as_edited",
        name=Words("班表遵守率（按事后修改的班表）", "Adherence to the schedule as edited afterwards"),
        formula=Words(
            "同班表遵守率，按事后发布的版本计算，只作对照",
            "as adherence, against a version published afterwards; beside the figure, never instead of it",
        ),
    ),
    rate(
        "conformance",
        ADHERENCE,
        sums("worked_ms"),
        sums("scheduled_ms"),
        UP,
        samples="measured",
        name=Words("班表符合率", "Conformance"),
        formula=Words("实际工作时长 ÷ 计划时长（毫秒）", "worked / scheduled, in ms"),
    ),
    rate(
        "break_adherence",
        ADHERENCE,
        sums("break_kept_ms"),
        sums("break_ms"),
        UP,
        samples="measured",
        name=Words("休息遵守率", "Breaks kept"),
        formula=Words(
            "各班次 max(0, 计划休息 − 例外) 之和 ÷ 计划休息之和（毫秒）",
            "Σ max(0, planned break − exception) of each shift / Σ planned break, in ms",
        ),
    ),
    rate(
        "attendance",
        ATTENDANCE,
        sums("attended"),
        sums("scheduled"),
        UP,
        name=Words("出勤率", "Attendance"),
        formula=Words("有计划且到岗的班次 ÷ 有计划的班次", "shifts that were planned and attended / shifts planned"),
    ),
)


def _deviations(id_: str, *measures: str, name: Words, formula: Words) -> Metric:
    return rate(id_, ATTENDANCE, sums(*measures), sums("settled"), DOWN, unit=Unit.COUNT, name=name, formula=formula)


DEVIATIONS = (
    _deviations(
        "deviations",
        "deviations",
        name=Words("考勤偏差", "Deviations"),
        formula=Words("有偏差的班次数（分母为已结算班次）", "shifts that deviated (denominator: shifts settled)"),
    ),
    _deviations(
        "deviations_by_agent",
        "deviations_by_agent",
        name=Words("考勤偏差（坐席责任）", "Deviations the agents answer for"),
        formula=Words(
            "责任归属为坐席的偏差班次数（不含管理、系统、免责）",
            "shifts whose deviation is the agent's own, without management, system and excused ones",
        ),
    ),
    *(
        _deviations(
            f"deviations_without_{cause}",
            "deviations",
            f"-{measure}",
            name=Words(f"考勤偏差（不含{zh}）", f"Deviations without {en}"),
            formula=Words(f"有偏差的班次数，不含责任归属为{zh}的", f"shifts that deviated, without {en}"),
        )
        for cause, measure, zh, en in (
            ("management", "deviations_by_management", "管理", "those that management caused"),
            ("system", "deviations_by_system", "系统", "those that the system caused"),
            ("excused", "deviations_excused", "免责", "excused ones"),
        )
    ),
)

ROSTER = (*CHANGES, *SHIFTS, *DEVIATIONS)
