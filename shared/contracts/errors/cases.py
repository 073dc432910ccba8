"""Error codes of the cases service."""

from __future__ import annotations

from shared.contracts.errors.common import Problem

_CUSTOMERS = {
    "identity-taken": Problem(
        409, "该身份标识已属于另一位客户。", "That identity already belongs to another customer."
    ),
    "customer-number-taken": Problem(
        409,
        "外部编号 {external_id} 已属于另一位客户。",
        "The external id {external_id} already belongs to another customer.",
    ),
    "identity-masked": Problem(
        422, "这是打码后的内容，请填写完整内容。", "This is a masked value; give the whole one."
    ),
    "phone-invalid": Problem(
        422,
        "不是有效的电话号码（国内号码，或以 + 开头的国际号码）。",
        "Not a telephone number (a mainland one, or an international one beginning with +).",
    ),
    "email-invalid": Problem(422, "不是有效的电子邮箱。", "Not an e-mail address."),
    "customer-unknown": Problem(422, "没有这位客户。", "There is no such customer."),
    "customer-named-twice": Problem(
        422,
        "customer_id 与 customer_external_id 只能填一个。",
        "Name the customer by customer_id or by customer_external_id, not both.",
    ),
}

_TOPICS = {
    "topic-code-taken": Problem(409, "问题分类 {topic} 已存在。", "There is a topic {topic} already."),
    "topic-unknown": Problem(422, "没有问题分类 {topic}。", "There is no topic {topic}."),
    "topic-cycle": Problem(
        422, "{parent} 在 {topic} 之下，不能作为其上级。", "{parent} stands below {topic} and cannot be above it."
    ),
}

_CONTACTS = {
    "contact-times-out-of-order": Problem(
        422, "时间先后颠倒：应依次为进入队列、接通、结束。", "Times out of order: queued, answered, ended."
    ),
    "contact-not-answered": Problem(422, "未接通的进线不能有接通时间。", "What was not answered has no answer time."),
    "contact-wait-unknown": Problem(
        422,
        "已接通的进线须有接通时间或等待秒数。",
        "An answered contact needs its answer time or its seconds of waiting.",
    ),
    "contact-answered-and-abandoned": Problem(422, "已接通的进线不能算放弃。", "What was answered was not abandoned."),
}

_FILES = {
    "mapping-unknown": Problem(422, "没有名为 {mapping} 的列对应表。", "There is no column mapping named {mapping}."),
    "columns-unfit": Problem(
        422, "表格的列与对应表不符，未作任何修改。", "The columns do not fit; nothing was changed."
    ),
    "column-missing": Problem(422, "缺少此列。", "This column is missing."),
    "column-unknown": Problem(422, "对应表中没有此列。", "The mapping does not know this column."),
    "column-twice": Problem(422, "此列出现多次。", "This column stands there twice."),
    "cell-not-a-date": Problem(
        422,
        "须为日期，如 2026-03-02（不接受日月顺序不明的写法）。",
        "Has to be a date that reads one way only: 2026-03-02.",
    ),
    "cell-not-a-duration": Problem(422, "须为时长：秒数，或 时:分:秒。", "Has to be a duration: seconds, or h:mm:ss."),
    "cell-not-yes-or-no": Problem(422, "须为 是/否 (Y/N)。", "Has to be yes or no (Y/N)."),
}

PROBLEMS: dict[str, Problem] = {**_CUSTOMERS, **_TOPICS, **_CONTACTS, **_FILES}
