"""The seven published variants of the service level, side by side; the fourth is meant where none is named."""

from __future__ import annotations

from services.kpi.domain.catalogue.definition import UP, rate, sums
from services.kpi.domain.kinds import CONTACT
from services.kpi.domain.metric import Metric, Part, Words, quick, short

OFFERED, ANSWERED, ABANDONED = sums("offered", "answered", "abandoned")
QUICKLY_ANSWERED = quick("answered_wait_ms", usually="answered_quickly")
QUICKLY_ABANDONED = quick("abandoned_wait_ms", usually="abandoned_quickly")
QUICKLY_OTHERWISE = quick("other_wait_ms", usually="left_otherwise_quickly")
SHORTLY_ABANDONED = short("abandoned_wait_ms", usually="abandoned_shortly")

FOURTH = (
    Words("X 秒内接听 ÷（接听 + 等待超过 X 秒后放弃）", "answered ≤ X s / (answered + abandoned > X s)"),
    (QUICKLY_ANSWERED,),
    (ANSWERED, ABANDONED, -QUICKLY_ABANDONED),
)

VARIANTS: dict[str, tuple[Words, tuple[Part, ...], tuple[Part, ...]]] = {
    "": FOURTH,
    "1": (
        Words("（X 秒内接听 + X 秒内放弃）÷ 呼入", "(answered ≤ X s + abandoned ≤ X s) / offered"),
        (QUICKLY_ANSWERED, QUICKLY_ABANDONED),
        (OFFERED,),
    ),
    "2": (Words("X 秒内接听 ÷ 接听", "answered ≤ X s / answered"), (QUICKLY_ANSWERED,), (ANSWERED,)),
    "3": (Words("X 秒内接听 ÷ 呼入", "answered ≤ X s / offered"), (QUICKLY_ANSWERED,), (OFFERED,)),
    "4": FOURTH,
    "5": (
        Words("（X 秒内接听 + 短时放弃）÷ 呼入", "(answered ≤ X s + short abandons) / offered"),
        (QUICKLY_ANSWERED, SHORTLY_ABANDONED),
        (OFFERED,),
    ),
    "6": (
        Words("X 秒内接听 ÷（呼入 − 短时放弃）", "answered ≤ X s / (offered − short abandons)"),
        (QUICKLY_ANSWERED,),
        (OFFERED, -SHORTLY_ABANDONED),
    ),
    "7": (
        Words(
            "X 秒内离开队列（接听、放弃或转回拨）÷ 呼入",
            "left the queue ≤ X s (answered, abandoned or called back) / offered",
        ),
        (QUICKLY_ANSWERED, QUICKLY_ABANDONED, QUICKLY_OTHERWISE),
        (OFFERED,),
    ),
}


def _service_level(variant: str) -> Metric:
    formula, of, among = VARIANTS[variant]
    name = Words(f"服务水平（口径 {variant or 4}）", f"Service level (variant {variant or 4})")
    id_ = f"service_level_{variant}" if variant else "service_level"
    return rate(id_, CONTACT, of, among, UP, name=name, formula=formula)


SERVICE_LEVELS = tuple(map(_service_level, VARIANTS))
