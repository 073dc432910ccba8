"""Texts about hand-offs, progress requests and promises."""

from __future__ import annotations

from services.notify.domain.texts.wording import Wording

TEXTS: dict[tuple[str, str], Wording] = {
    ("handoff.asked", "zh-CN"): Wording(
        "转办请接收：{number} {summary}",
        "{passed}{name}，{sender_name}（{from_team_name}）将案件 {number} 转给 {to_team_name}：\n{summary}\n"
        "需要做的：{request}\n原因：{reason}\n请在 {ack_due_at} 前接收，或说明不能接收的原因；办理期限 {due_at}。",
    ),
    ("handoff.asked", "en"): Wording(
        "Please accept a hand-off: {number} {summary}",
        "{passed}{name}, {sender_name} ({from_team_name}) hands case {number} to {to_team_name}:\n{summary}\n"
        "To do: {request}\nReason: {reason}\n"
        "Please accept by {ack_due_at}, or say why you cannot; the work is due by {due_at}.",
    ),
    ("handoff.reminder", "zh-CN"): Wording(
        "催办：转办 {number} 还没有人接收",
        "{name}，{sender_name} 转来的案件 {number}（{summary}）还没有接收。\n需要做的：{request}\n"
        "请在 {ack_due_at} 前接收或拒绝。",
    ),
    ("handoff.reminder", "en"): Wording(
        "Reminder: hand-off {number} is not accepted yet",
        "{name}, case {number} from {sender_name} ({summary}) is not accepted yet.\nTo do: {request}\n"
        "Please accept or refuse by {ack_due_at}.",
    ),
    ("handoff.silent", "zh-CN"): Wording(
        "{to_team_name} 还没有接收转办 {number}",
        "{passed}案件 {number}（{summary}）转给 {to_team_name}，{name} 还没有接收。\n需要做的：{request}\n"
        "接收期限 {ack_due_at}，请安排人接收。",
    ),
    ("handoff.silent", "en"): Wording(
        "{to_team_name} has not accepted hand-off {number}",
        "{passed}Case {number} ({summary}) was handed to {to_team_name}; {name} has not accepted it.\n"
        "To do: {request}\nIt is to be accepted by {ack_due_at}: please see that somebody does.",
    ),
    ("handoff.overdue", "zh-CN"): Wording(
        "到期无人接收：转办 {number}",
        "{passed}案件 {number}（{summary}）转给 {to_team_name}，到 {ack_due_at} 仍无人接收（{name}）。\n"
        "需要做的：{request}\n请决定由谁接手；无人接收将退回 {sender_name}。",
    ),
    ("handoff.overdue", "en"): Wording(
        "Nobody accepted in time: hand-off {number}",
        "{passed}Case {number} ({summary}) was handed to {to_team_name} and nobody ({name}) accepted it by "
        "{ack_due_at}.\nTo do: {request}\nPlease decide who takes it; otherwise it goes back to {sender_name}.",
    ),
    ("handoff_outside.asked", "zh-CN"): Wording(
        "请联系 {to_team_name} 并记录回复：{number} {summary}",
        "{passed}{name}，您把案件 {number} 转给了系统外的 {to_team_name}：\n{summary}\n需要对方做的：{request}\n"
        "请联系对方，在 {ack_due_at} 前把对方是否接收记在案件里；办理期限 {due_at}。客户仍由您负责。",
    ),
    ("handoff_outside.asked", "en"): Wording(
        "Get word from {to_team_name} and record it: {number} {summary}",
        "{passed}{name}, you handed case {number} to {to_team_name}, who work outside this system:\n{summary}\n"
        "What they are to do: {request}\nPlease reach them and record in the case by {ack_due_at} whether they take "
        "it; the work is due by {due_at}. The customer stays yours.",
    ),
    ("handoff_outside.reminder", "zh-CN"): Wording(
        "催办：还没有记录 {to_team_name} 对 {number} 的回复",
        "{name}，案件 {number}（{summary}）转给系统外的 {to_team_name}，还没有对方是否接收的记录。\n"
        "需要对方做的：{request}\n请联系对方，并在 {ack_due_at} 前记录回复。",
    ),
    ("handoff_outside.reminder", "en"): Wording(
        "Reminder: no word from {to_team_name} on {number} yet",
        "{name}, whether {to_team_name} (outside this system) take case {number} ({summary}) is not recorded yet.\n"
        "What they are to do: {request}\nPlease reach them and record their reply by {ack_due_at}.",
    ),
    ("handoff_outside.silent", "zh-CN"): Wording(
        "还没有 {to_team_name} 对 {number} 的回复",
        "{passed}{name} 把案件 {number}（{summary}）转给系统外的 {to_team_name}，还没有记录对方的回复。\n"
        "需要对方做的：{request}\n期限 {ack_due_at}，请协助联系对方。",
    ),
    ("handoff_outside.silent", "en"): Wording(
        "No word from {to_team_name} on {number}",
        "{passed}{name} handed case {number} ({summary}) to {to_team_name}, outside this system; their reply is not "
        "recorded.\nWhat they are to do: {request}\nDue by {ack_due_at}: please help to reach them.",
    ),
    ("handoff_outside.overdue", "zh-CN"): Wording(
        "到期仍无 {to_team_name} 的回复：{number}",
        "{passed}案件 {number}（{summary}）转给系统外的 {to_team_name}，到 {ack_due_at} 仍没有对方的回复（{name}）。"
        "\n需要对方做的：{request}\n请决定怎么办；没有回复将退回 {sender_name}。",
    ),
    ("handoff_outside.overdue", "en"): Wording(
        "No word in time from {to_team_name}: {number}",
        "{passed}Case {number} ({summary}) was handed to {to_team_name}, outside this system; by {ack_due_at} {name} "
        "had recorded no reply of theirs.\nWhat they are to do: {request}\nPlease decide what happens; otherwise it "
        "goes back to {sender_name}.",
    ),
    ("handoff.accepted", "zh-CN"): Wording(
        "{to_team_name} 已接收 {number}",
        "您转出的案件 {number}（{summary}）已由 {receiver_name} 接收，办理期限 {due_at}。客户仍由您负责。",
    ),
    ("handoff.accepted", "en"): Wording(
        "{to_team_name} accepted {number}",
        "{receiver_name} accepted case {number} ({summary}); the work is due by {due_at}. The customer stays yours.",
    ),
    ("handoff.refused", "zh-CN"): Wording(
        "{to_team_name} 拒绝了 {number}",
        "案件 {number}（{summary}）被 {to_team_name} 拒绝，已回到您手上。\n原因：{refusal}\n请另行安排，并告知客户。",
    ),
    ("handoff.refused", "en"): Wording(
        "{to_team_name} refused {number}",
        "{to_team_name} refused case {number} ({summary}); it is yours again.\nReason: {refusal}\n"
        "Please find another way and tell the customer.",
    ),
    ("handoff.returned", "zh-CN"): Wording(
        "转办 {number} 已退回给您",
        "案件 {number}（{summary}）从 {to_team_name} 退回，未得到答复：{why}。\n{note}\n请另行安排，并告知客户。",
    ),
    ("handoff.returned", "en"): Wording(
        "Hand-off {number} came back to you",
        "Case {number} ({summary}) came back from {to_team_name} without an answer: {why}.\n{note}\n"
        "Please find another way and tell the customer.",
    ),
    ("handoff.progressed", "zh-CN"): Wording(
        "{number} 有进展", "{to_team_name} 就案件 {number}（{summary}）说明进展：\n{note}\n预计 {eta_at}"
    ),
    ("handoff.progressed", "en"): Wording(
        "Progress on {number}", "{to_team_name} about case {number} ({summary}):\n{note}\nExpected {eta_at}"
    ),
    ("handoff.overdue_step", "zh-CN"): Wording(
        "转办 {number} 已超期（第 {step} 次催办）",
        "案件 {number}（{summary}）在 {to_team_name} 的{clock}已超期。\n需要做的：{request}\n"
        "接收期限 {ack_due_at}，办理期限 {due_at}，经手人 {receiver_name}。请处理。",
    ),
    ("handoff.overdue_step", "en"): Wording(
        "Hand-off {number} is overdue (chase {step})",
        "The {clock} of case {number} ({summary}) at {to_team_name} is overdue.\nTo do: {request}\n"
        "Acceptance was due by {ack_due_at}, the work by {due_at}; receiver: {receiver_name}. Please act.",
    ),
    ("handoff_answer.asked", "zh-CN"): Wording(
        "{number} 已答复，请告知客户",
        "{name}，{to_team_name} 已答复案件 {number}（{summary}）：\n{answer}\n请在 {deadline} 前告知客户，"
        "并在案件里记下怎么说的。客户被告知，件才算了结。",
    ),
    ("handoff_answer.asked", "en"): Wording(
        "{number} is answered: tell the customer",
        "{name}, {to_team_name} answered case {number} ({summary}):\n{answer}\n"
        "Please tell the customer by {deadline} and record in the case what was said. It is over when the customer "
        "knows.",
    ),
    ("handoff_answer.reminder", "zh-CN"): Wording(
        "催办：{number} 的答复还没有告知客户",
        "{name}，案件 {number}（{summary}）的答复还没有告知客户的记录：\n{answer}\n请在 {deadline} 前告知并记录。",
    ),
    ("handoff_answer.reminder", "en"): Wording(
        "Reminder: the customer of {number} has not been told",
        "{name}, nothing says yet that the customer of case {number} ({summary}) knows:\n{answer}\n"
        "Please tell them by {deadline} and record it.",
    ),
    ("handoff_answer.silent", "zh-CN"): Wording(
        "{number} 的客户还没有被告知",
        "{passed}案件 {number}（{summary}）已有答复，{name} 还没有告知客户。期限 {deadline}。",
    ),
    ("handoff_answer.silent", "en"): Wording(
        "The customer of {number} has not been told",
        "{passed}Case {number} ({summary}) is answered and {name} has not told the customer. Due by {deadline}.",
    ),
    ("handoff_answer.overdue", "zh-CN"): Wording(
        "到期仍未告知客户：{number}",
        "{passed}案件 {number}（{summary}）已有答复，到 {deadline} {name} 仍未告知客户：\n{answer}\n请安排告知。",
    ),
    ("handoff_answer.overdue", "en"): Wording(
        "Not told in time: the customer of {number}",
        "{passed}Case {number} ({summary}) is answered; by {deadline} {name} had not told the customer:\n"
        "{answer}\nPlease see that they are told.",
    ),
    ("progress.asked", "zh-CN"): Wording(
        "客户催问：{number} 到哪一步了？",
        "{passed}{name}，客户第 {nth} 次询问案件 {number}（{summary}）：\n{request}\n"
        "请在 {due_at} 前在案件里说明进展与新的预计时间。只答“请等待”不算答复。",
    ),
    ("progress.asked", "en"): Wording(
        "The customer asks: where does {number} stand?",
        "{passed}{name}, the customer asked for the {nth}. time about case {number} ({summary}):\n{request}\n"
        "Please record in the case by {due_at} where it stands and when it will be done. “Please wait” is no answer.",
    ),
    ("progress.reminder", "zh-CN"): Wording(
        "催办：{number} 的进展还没有说明", "{name}，客户仍在等案件 {number}（{summary}）的进展，请在 {due_at} 前说明。"
    ),
    ("progress.reminder", "en"): Wording(
        "Reminder: say where {number} stands",
        "{name}, the customer is still waiting to hear where case {number} ({summary}) stands. Please say by {due_at}.",
    ),
    ("progress.silent", "zh-CN"): Wording(
        "{name} 还没有说明 {number} 的进展",
        "{passed}客户第 {nth} 次询问案件 {number}（{summary}），{to_team_name} {name} 还没有回应，期限 {due_at}。",
    ),
    ("progress.silent", "en"): Wording(
        "{name} has not said where {number} stands",
        "{passed}The customer asked for the {nth}. time about case {number} ({summary}); {name} ({to_team_name}) has "
        "not reacted. Due by {due_at}.",
    ),
    ("progress.overdue", "zh-CN"): Wording(
        "进展查询到期：{number}",
        "{passed}案件 {number}（{summary}）的进展查询到 {due_at} 仍无回应（{to_team_name} {name}）。请处理，客户在等。",
    ),
    ("progress.overdue", "en"): Wording(
        "No word in time on {number}",
        "{passed}By {due_at} nobody ({name}, {to_team_name}) had said where case {number} ({summary}) stands. "
        "Please act: the customer is waiting.",
    ),
    ("progress_outside.asked", "zh-CN"): Wording(
        "客户催问：请向 {to_team_name} 问清 {number} 到哪一步了",
        "{passed}{name}，客户第 {nth} 次询问案件 {number}（{summary}），案件在系统外的 {to_team_name} 办理：\n"
        "{request}\n请联系对方，在 {due_at} 前把进展与新的预计时间记在案件里。只答“请等待”不算答复。",
    ),
    ("progress_outside.asked", "en"): Wording(
        "The customer asks: find out from {to_team_name} where {number} stands",
        "{passed}{name}, the customer asked for the {nth}. time about case {number} ({summary}), which is with "
        "{to_team_name}, outside this system:\n{request}\nPlease reach them and record in the case by {due_at} where "
        "it stands and when it will be done. “Please wait” is no answer.",
    ),
    ("progress_outside.reminder", "zh-CN"): Wording(
        "催办：还没有记录 {to_team_name} 对 {number} 的进展",
        "{name}，客户仍在等案件 {number}（{summary}）的进展，请联系系统外的 {to_team_name}，并在 {due_at} 前记录。",
    ),
    ("progress_outside.reminder", "en"): Wording(
        "Reminder: no word from {to_team_name} on where {number} stands",
        "{name}, the customer is still waiting to hear where case {number} ({summary}) stands. Please reach "
        "{to_team_name}, outside this system, and record it by {due_at}.",
    ),
    ("progress_outside.silent", "zh-CN"): Wording(
        "还没有 {to_team_name} 对 {number} 的进展",
        "{passed}客户第 {nth} 次询问案件 {number}（{summary}），案件在系统外的 {to_team_name} 办理，"
        "{name} 还没有记录对方的进展，期限 {due_at}，请协助联系对方。",
    ),
    ("progress_outside.silent", "en"): Wording(
        "No word from {to_team_name} on where {number} stands",
        "{passed}The customer asked for the {nth}. time about case {number} ({summary}), which is with {to_team_name}, "
        "outside this system; {name} has not recorded where it stands. Due by {due_at}: please help to reach them.",
    ),
    ("progress_outside.overdue", "zh-CN"): Wording(
        "到期仍无 {to_team_name} 的进展：{number}",
        "{passed}案件 {number}（{summary}）在系统外的 {to_team_name} 办理，到 {due_at} 仍没有进展的记录（{name}）。"
        "请处理，客户在等。",
    ),
    ("progress_outside.overdue", "en"): Wording(
        "No word in time from {to_team_name} on where {number} stands",
        "{passed}By {due_at} {name} had not recorded where case {number} ({summary}) stands with {to_team_name}, "
        "outside this system. Please act: the customer is waiting.",
    ),
    ("progress.answered", "zh-CN"): Wording(
        "{number} 的进展：请告知客户",
        "案件 {number}（{summary}）现在的进展：\n{standing}\n预计 {eta_at}。请告知客户。",
    ),
    ("progress.answered", "en"): Wording(
        "Where {number} stands: tell the customer",
        "Case {number} ({summary}) stands like this:\n{standing}\nExpected {eta_at}. Please tell the customer.",
    ),
    ("promise.asked", "zh-CN"): Wording(
        "您对客户的承诺即将到期：{number}", "{name}，案件 {number}（{summary}），您承诺：\n{text}\n期限 {due_at}。"
    ),
    ("promise.asked", "en"): Wording(
        "Your promise is due soon: {number}",
        "{name}, you promised the customer of case {number} ({summary}):\n{text}\nDue by {due_at}.",
    ),
    ("promise.reminder", "zh-CN"): Wording(
        "承诺马上到期：{number}", "{name}，您承诺：\n{text}\n期限 {due_at}，案件 {number}。请现在就办。"
    ),
    ("promise.reminder", "en"): Wording(
        "Your promise is due now: {number}",
        "{name}, you promised:\n{text}\nDue by {due_at}, case {number}. Please act.",
    ),
    ("promise.silent", "zh-CN"): Wording(
        "{promised_by_name} 的承诺即将到期", "{passed}案件 {number}：{text}\n期限 {due_at}。"
    ),
    ("promise.silent", "en"): Wording(
        "A promise of {promised_by_name} is due soon", "{passed}Case {number}: {text}\nDue by {due_at}."
    ),
    ("promise.overdue", "zh-CN"): Wording(
        "承诺已到期：{number}",
        "{passed}{promised_by_name} 就案件 {number}（{summary}）的承诺已到期：\n{text}\n期限 {due_at}。"
        "请确认客户是否已得到回音。",
    ),
    ("promise.overdue", "en"): Wording(
        "A promise is due: {number}",
        "{passed}What {promised_by_name} promised the customer of case {number} ({summary}) is due:\n{text}\n"
        "Due by {due_at}. Please see whether the customer was rung back.",
    ),
    ("promise.broken", "zh-CN"): Wording(
        "承诺未兑现：{number}",
        "{promised_by_name} 就案件 {number}（{summary}）承诺 {due_at} 前：\n{text}\n至今没有兑现。请马上联系客户。",
    ),
    ("promise.broken", "en"): Wording(
        "A promise was broken: {number}",
        "{promised_by_name} promised the customer of case {number} ({summary}) by {due_at}:\n{text}\n"
        "Nothing has happened. Please call the customer now.",
    ),
}
