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
    "contact-needs-vouching": Problem(
        409,
        "群机器人（{channel}）不能用验证码确认，请由主管担保。",
        "A group's bot ({channel}) cannot be proved by a code; a supervisor has to vouch for it.",
    ),
    "code-too-soon": Problem(
        429,
        "验证码发送太频繁，请在 {retry_after} 秒后再试。",
        "Codes were sent too often; try again in {retry_after} s.",
    ),
    "code-wrong": Problem(
        422, "验证码不正确，还可以再试 {tries_left} 次。", "The code is not right; {tries_left} more tries."
    ),
    "code-expired": Problem(
        410,
        "没有可用的验证码：可能已过期，或错误次数过多。请重新获取。",
        "There is no code to enter: it is too old, or was entered wrongly too often. Ask for a new one.",
    ),
    "channel-unknown": Problem(
        422, "没有渠道 {channel}，或重复填写。", "There is no channel {channel}, or it is named twice."
    ),
    "quiet-hours-invalid": Problem(
        422,
        "免打扰时段需要同时填写开始和结束，且两者不同。",
        "Quiet hours need a beginning and an end, and the two differ.",
    ),
    "receipt-unsigned": Problem(
        401, "回执签名无效或已过期。", "The receipt's signature is not valid, or it is too old."
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
    "acknowledgement-informs": Problem(
        409,
        "这条提醒不需要在此答复，请在业务系统中处理。",
        "This reminder is not answered here; do what it is about.",
    ),
    "policy-unknown": Problem(404, "没有事件 {event_type} 的策略。", "There is no policy for event {event_type}."),
    "event-asks-nothing": Problem(
        422, "事件 {event_type} 没有可询问的内容。", "Event {event_type} has nothing that could be asked."
    ),
    "target-unknown": Problem(422, "不认识的对象：{target}。", "Unknown target: {target}."),
    "offset-invalid": Problem(
        422,
        "这不是有效的时间：{offset}。可写作 +15min、50%、-2h、deadline。",
        "Not a valid offset: {offset}. Write +15min, 50%, -2h, deadline.",
    ),
    "rung-out-of-order": Problem(
        422, "这一级 {offset} 早于前一级。", "This rung, {offset}, comes before the one below it."
    ),
    "template-unknown": Problem(422, "没有名为 {template} 的模板。", "There is no template {template}."),
    "field-unknown": Problem(422, "这个事件没有字段 {name}。", "This event has no field {name}."),
    "brace-unmatched": Problem(
        422,
        "花括号必须成对并写明字段，本身的花括号要写两次。",
        "A brace names a field, as in {{name}}; a brace itself is written twice.",
    ),
    "event-unknown": Problem(422, "没有事件 {event_type}。", "There is no event {event_type}."),
    "template-missing": Problem(404, "没有名为 {template} 的模板。", "There is no template {template}."),
    "audience-empty": Problem(
        422,
        "请指明通知谁：全员、角色、团队、分支或工号。",
        "Say who is meant: everyone, roles, teams, branches or staff.",
    ),
    "time-past": Problem(422, "这个时间已经过去。", "This time is past."),
    "choice-unknown": Problem(422, "没有这个选项。", "There is no such choice."),
    "choices-missing": Problem(
        422, "请为 {count} 道题各选一个答案。", "Give one choice for each of the {count} questions."
    ),
    "broadcast-closed": Problem(409, "这个通知已经结束。", "This broadcast is over."),
    "quiz-missing": Problem(404, "这里没有测验。", "There is no quiz here."),
    "webhook-url-invalid": Problem(
        422,
        "请给出完整的 https 地址，不含用户名、密码与片段。",
        "Give a whole https address without user, password or fragment.",
    ),
    "webhook-address-forbidden": Problem(
        422, "这个地址在内部网络中，不允许使用。", "This address is inside a private network, which is not allowed."
    ),
    "webhook-host-unknown": Problem(422, "找不到主机 {host}。", "There is no host {host}."),
    "delivery-under-way": Problem(409, "这次投递还在进行中。", "This delivery is still under way."),
    "recipient-in-roster": Problem(
        409, "工号 {staff_no} 已在班表中，请在那里修改。", "Staff number {staff_no} is in the roster: change it there."
    ),
    "time-too-far": Problem(
        422, "时间太远，最多 {days} 天之后。", "This is too far away: {days} days from now at most."
    ),
}
