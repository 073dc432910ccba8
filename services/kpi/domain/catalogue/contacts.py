"""Metrics of contacts: in the queue, on the floor, in the customer's eyes, and whether they come again."""

from __future__ import annotations

from services.kpi.domain.catalogue.definition import DOWN, NEITHER, UP, percentiles, rate, sums
from services.kpi.domain.kinds import ADHERENCE, CONTACT, RETURN
from services.kpi.domain.metric import Unit, Words
from services.kpi.domain.returns import WINDOW_DAYS

QUEUE = (
    rate(
        "answer_rate",
        CONTACT,
        sums("answered"),
        sums("offered"),
        UP,
        name=Words("接通率", "Answer rate"),
        formula=Words("接听 ÷ 呼入", "answered / offered"),
    ),
    rate(
        "abandon_rate",
        CONTACT,
        sums("abandoned"),
        sums("offered"),
        DOWN,
        name=Words("放弃率", "Abandon rate"),
        formula=Words("放弃 ÷ 呼入", "abandoned / offered"),
    ),
    rate(
        "asa",
        CONTACT,
        sums("answered_wait_ms"),
        sums("answered"),
        DOWN,
        unit=Unit.SECONDS,
        name=Words("平均应答速度", "Average speed of answer"),
        formula=Words("已接听进线的等待秒数之和 ÷ 接听", "Σ seconds waited by the answered / answered"),
    ),
    *percentiles(
        "asa",
        CONTACT,
        "answered_wait_ms",
        50,
        90,
        95,
        name=Words("应答速度", "Speed of answer"),
        of=Words("已接听进线等待时长", "the answered contacts' waits"),
    ),
)

HANDLING = (
    rate(
        "aht",
        CONTACT,
        sums("handle_ms"),
        sums("timed"),
        NEITHER,
        unit=Unit.SECONDS,
        name=Words("平均处理时长", "Average handle time"),
        formula=Words(
            "（通话 + 保持 + 话后）秒数之和 ÷ 已处理且通话时长已知的接触",
            "Σ(talk + hold + wrap) seconds / handled contacts whose talk time is known",
        ),
    ),
    rate(
        "talk_mean",
        CONTACT,
        sums("talk_ms"),
        sums("timed"),
        NEITHER,
        unit=Unit.SECONDS,
        name=Words("平均通话时长", "Mean talk time"),
        formula=Words(
            "通话秒数之和 ÷ 已处理且通话时长已知的接触", "Σ talk seconds / handled contacts whose talk time is known"
        ),
    ),
    rate(
        "contacts_handled",
        CONTACT,
        sums("handled"),
        sums("contacts"),
        NEITHER,
        unit=Unit.COUNT,
        name=Words("处理量", "Contacts handled"),
        formula=Words(
            "坐席处理的接触数，含呼出（分母为全部接触）",
            "contacts handled, outbound ones too (denominator: all contacts)",
        ),
    ),
    rate(
        "contacts_offered",
        CONTACT,
        sums("offered"),
        sums("contacts"),
        NEITHER,
        unit=Unit.COUNT,
        name=Words("呼入量", "Contacts offered"),
        formula=Words("呼入的接触数（分母为全部接触）", "contacts offered (denominator: all contacts)"),
    ),
    rate(
        "occupancy",
        ADHERENCE,
        sums("busy_ms"),
        sums("busy_ms", "ready_ms"),
        NEITHER,
        samples="measured",
        name=Words("工时利用率", "Occupancy"),
        formula=Words("忙碌毫秒数 ÷（忙碌 + 就绪）毫秒数", "busy / (busy + ready), in milliseconds"),
    ),
    rate(
        "transfer_out",
        CONTACT,
        sums("transferred"),
        sums("handled"),
        DOWN,
        name=Words("转出率", "Transfers out"),
        formula=Words(
            "转给他人的接触 ÷ 已处理，计入转出的坐席", "contacts given to another / handled, by the agent who gave them"
        ),
    ),
    rate(
        "transfer_when_bad",
        CONTACT,
        sums("transferred_bad"),
        sums("rated_bad"),
        DOWN,
        name=Words("差评转出率", "Transfers out of bad conversations"),
        formula=Words(
            "转给他人的差评接触 ÷ 差评接触（1 至 3 分），计入转出的坐席",
            "contacts rated badly (1 to 3) and given to another / contacts rated badly, by the agent who gave them",
        ),
    ),
    rate(
        "topic_share",
        CONTACT,
        sums("with_topic"),
        sums("with_topic"),
        NEITHER,
        share_of="topic",
        name=Words("问题分类占比", "Share of topics"),
        formula=Words(
            "该组有分类的接触 ÷ 全部有分类的接触", "contacts of the group with a topic / all contacts with a topic"
        ),
    ),
)

RESOLVED = (
    rate(
        "fcr",
        CONTACT,
        sums("resolved"),
        sums("resolution_told"),
        UP,
        name=Words("一次解决率（坐席判断）", "First-contact resolution, by the agent's word"),
        formula=Words(
            "坐席称首次接触即解决 ÷ 已接听且说明了是否解决",
            "resolved at first contact by the agent's word / answered and told either way",
        ),
    ),
    rate(
        "fcr_windowed",
        RETURN,
        sums("settled_first"),
        sums("first_on_topic"),
        UP,
        matures_days=WINDOW_DAYS,
        name=Words("一次解决率（窗口内未再来）", "First-contact resolution, nobody came again"),
        formula=Words(
            f"其后 {WINDOW_DAYS} 天内同一客户未就同一问题再来的接触 ÷ 已处理且客户和问题已知的接触",
            f"contacts with none by the same customer on the same topic in the {WINDOW_DAYS} days after / "
            "handled contacts whose customer and topic are known",
        ),
    ),
    rate(
        "repeat_rate",
        RETURN,
        sums("repeat"),
        sums("known_customer"),
        DOWN,
        name=Words("重复来电率", "Repeat contacts"),
        formula=Words(
            f"此前 {WINDOW_DAYS} 天内同一客户来过的接触 ÷ 客户已知的呼入接触",
            f"contacts with an earlier one by the same customer within {WINDOW_DAYS} days / "
            "inbound contacts whose customer is known",
        ),
    ),
)

CONVERTED = (
    rate(
        "conversion",
        CONTACT,
        sums("converted"),
        sums("conversion_told"),
        UP,
        name=Words("转化率", "Conversion"),
        formula=Words(
            "转化成功的接触（成交、续约、预约等达成）÷ 已处理且以转化为目标的接触",
            "contacts that brought about what they were to (a sale, a renewal, an appointment) / "
            "handled contacts that were to bring about something of the kind",
        ),
    ),
)

RATED = (
    rate(
        "rating_mean",
        CONTACT,
        sums("rating_points"),
        sums("rated"),
        UP,
        unit=Unit.POINTS,
        name=Words("平均评分", "Mean rating"),
        formula=Words("评分之和（1 至 5）÷ 已评分", "Σ ratings (1 to 5) / rated"),
    ),
    rate(
        "csat",
        CONTACT,
        sums("rated_good"),
        sums("rated_good", "rated_bad"),
        UP,
        name=Words("满意度", "Customer satisfaction"),
        formula=Words(
            "好评 ÷（好评 + 差评）；4、5 分为好评，1 至 3 分为差评",
            "good / (good + bad); ratings 4-5 are good, 1-3 bad",
        ),
    ),
)

CONTACTS = (*QUEUE, *HANDLING, *RESOLVED, *CONVERTED, *RATED)
