"""Error codes of the cases service."""

from __future__ import annotations

from shared.contracts.errors.common import Problem
from shared.contracts.errors.handoffs import HANDOFFS

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

_CASES = {
    "case-type-unknown": Problem(422, "没有案件类型 {type}。", "There is no case type {type}."),
    "case-type-taken": Problem(409, "案件类型 {type} 已存在。", "There is a case type {type} already."),
    "staff-no-unknown": Problem(422, "没有员工 {staff_no}。", "There is nobody with the staff number {staff_no}."),
    "contact-unknown": Problem(422, "没有这次进线。", "There is no such contact."),
    "case-unknown": Problem(422, "没有这个案件。", "There is no such case."),
    "case-owned": Problem(409, "该案件由 {owner} 负责。", "{owner} has this case."),
    "case-not-owned": Problem(409, "该案件目前没有负责人。", "Nobody has this case."),
    "case-transfer-to-owner": Problem(422, "对方已是负责人。", "They have it already."),
    "case-resolved": Problem(409, "案件 {number} 已解决，请先重开。", "Case {number} is resolved; reopen it first."),
    "case-closed": Problem(409, "案件 {number} 已关闭。", "Case {number} is closed."),
    "case-not-resolved": Problem(409, "案件尚未解决（{state}）。", "The case is not resolved yet ({state})."),
    "case-still-active": Problem(409, "案件仍在处理中（{state}）。", "The case is still being worked on ({state})."),
    "case-not-waiting": Problem(409, "案件没有在等待。", "The case waits for nobody."),
    "case-has-open-loops": Problem(409, "还有未了结的事项：{kinds}。", "Something is still open: {kinds}."),
    "case-incomplete": Problem(422, "继续之前请先询问缺少的信息。", "Ask for what is missing before going on."),
    "case-field-missing": Problem(422, "请先询问（{question_zh}）。", "Ask first ({question_en})."),
    "case-links-to-itself": Problem(422, "案件不能关联自身。", "A case cannot be linked to itself."),
    "case-link-circular": Problem(
        422, "案件 {number} 已归入本案件，不能反过来归入。", "Case {number} belongs to this one already."
    ),
    "customer-not-told": Problem(409, "请先告知客户处理结果再关闭。", "Tell the customer how it ended before closing."),
    "customer-may-answer": Problem(
        409,
        "须客户确认，或等到 {until} 客户没有异议。",
        "The customer has to confirm, or to say nothing until {until}.",
    ),
    "field-answer-unclear": Problem(
        422,
        "请给出值，或 refused / unknown 加原因，三者择一。",
        "Give one of: a value, `refused` with why, `unknown` with why.",
    ),
    "field-reason-missing": Problem(422, "请说明原因。", "Say why."),
    "field-code-twice": Problem(422, "字段 {code} 出现多次。", "The field {code} stands there twice."),
    "time-is-past": Problem(422, "该时间已过。", "That time is past."),
    "link-unclear": Problem(
        422, "contact_id 与 case_id 须且只能填一个。", "Give exactly one of contact_id and case_id."
    ),
    "survey-unknown": Problem(404, "此链接无效。", "This link is not valid."),
    "survey-expired": Problem(410, "此问卷已过期，谢谢您。", "This survey is over; thank you."),
    "survey-empty": Problem(422, "请至少回答一项，或选择不参与。", "Answer at least one question, or decline."),
    "customers-same": Problem(422, "不能与自身合并。", "A customer cannot be merged with itself."),
    "customer-merged": Problem(
        409, "该客户已合并，请使用合并后的客户。", "This customer was merged; use the one it became."
    ),
    "field-choices-missing": Problem(422, "选择型字段须列出选项。", "A choice needs its choices."),
}

_CAUSES = {
    "complaint-exists": Problem(409, "案件 {number} 已有投诉。", "There is a complaint on case {number} already."),
    "complaint-stage": Problem(
        409, "投诉目前处于 {stage} 阶段，不能这样做。", "The complaint is {stage}; this is not its turn."
    ),
    "complaint-about-you": Problem(
        403, "投诉涉及您本人，须由他人处理。", "It is about you; somebody else has to do it."
    ),
    "complaint-about-them": Problem(422, "投诉涉及此人，须由他人处理。", "It is about them; ask somebody else."),
    "complaint-dispatch-unclear": Problem(
        422,
        "请填写部门和要求；不需要部门协办时只填 waived（原因）。",
        "Give the department and what to ask; or only `waived`, why none has to be asked.",
    ),
    "complaint-unanswered": Problem(409, "部门尚未答复，不能作出决定。", "The department has not answered yet."),
    "complaint-decided-by-you": Problem(
        409, "申诉须由未作过决定的人处理。", "After an appeal somebody else has to decide."
    ),
    "complaint-customer-may-answer": Problem(
        409, "客户在 {until} 之前仍可答复。", "The customer may still answer until {until}."
    ),
    "complaint-evidence-missing": Problem(
        409, "以下阶段缺少依据，不能结案：{missing}。", "These stages lack their evidence: {missing}."
    ),
    "support-not-wanted": Problem(409, "没有人需要安抚。", "Nobody asked for support."),
    "proposal-decided": Problem(
        409,
        "该提议已有结论（{state}）。",
        "This proposal was decided already ({state}).",
    ),
    "bulletin-over": Problem(409, "该信息补采已结束（{outcome}）。", "This bulletin is over ({outcome})."),
    "problem-without-outlook": Problem(
        422, "须给出预计修复时间或下次通报时间。", "Say when it will be fixed, or when there will be news."
    ),
    "problem-fixed": Problem(409, "已知问题 {number} 已修复。", "Known problem {number} is fixed."),
    "time-passed": Problem(422, "该时间已过。", "That time has passed."),
    "surge-problem-unclear": Problem(
        422,
        "处理方式为 problem 时须填写 problem，其他方式不填。",
        "The action `problem` comes with a problem, the others without.",
    ),
    "surge-already-acted": Problem(
        409, "该高频问题已有处理（{action}）。", "Something was done about this surge already ({action})."
    ),
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

PROBLEMS: dict[str, Problem] = {**_CUSTOMERS, **_TOPICS, **_CONTACTS, **_CASES, **_CAUSES, **_FILES, **HANDOFFS}
