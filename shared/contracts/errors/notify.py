"""Error codes of the notify service."""

from __future__ import annotations

from shared.contracts.errors.common import Problem

PROBLEMS: dict[str, Problem] = {
    "recipient-unknown": Problem(
        404,
        "还不认识工号 {staff_no}。如果刚在班表中新建此人，消息可能还在途中，请几秒后再试；否则请核对工号。",
        "Staff number {staff_no} is not known here. If the person was created just now, the news may still be on its "
        "way: try again in a few seconds. Otherwise check the number.",
    ),
    "contact-channel-taken": Problem(
        409,
        "此人在渠道 {channel} 上已有另一个联系方式，请先移除。",
        "This person has another address on channel {channel}; remove that one first.",
    ),
    "address-invalid": Problem(
        422, "这不是有效的 {channel} 地址。", "This is not an address that channel {channel} can reach."
    ),
    "refusal-needs-reason": Problem(422, "拒绝时请说明原因。", "A refusal needs a reason."),
    "answer-missing": Problem(422, "请选择一个答复。", "Choose an answer."),
    "acknowledgement-answered": Problem(
        409, "这个问题已经答复过了，答案不能更改。", "This has been answered already; the answer stands."
    ),
    "acknowledgement-withdrawn": Problem(
        409, "这个问题已不再有效，无需答复。", "This question no longer applies; there is nothing to answer."
    ),
    "acknowledgement-lapsed": Problem(
        409, "答复期限已过，请联系您的主管。", "The time to answer is over; please talk to your supervisor."
    ),
    "reminded-recently": Problem(
        429, "刚刚催办过，请在 {retry_after} 秒后再试。", "A reminder went out just now; try again in {retry_after} s."
    ),
    "link-invalid": Problem(401, "链接无效或不完整。", "The link is not valid or not complete."),
    "link-expired": Problem(410, "链接已过期。", "The link has expired."),
}
