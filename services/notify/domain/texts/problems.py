"""Texts about bulletins, known problems and surges."""

from __future__ import annotations

from services.notify.domain.texts.wording import Wording

TEXTS: dict[tuple[str, str], Wording] = {
    ("bulletin.posted", "zh-CN"): Wording(
        "信息补采：{case_number}",
        "案件 {case_number} 缺少信息。如果该客户再次来线，请询问：\n{questions}\n有效至 {valid_until}。",
    ),
    ("bulletin.posted", "en"): Wording(
        "Please ask when you meet this customer: {case_number}",
        "Case {case_number} lacks information. Whoever meets the customer next, please ask:\n{questions}\n"
        "Valid until {valid_until}.",
    ),
    ("bulletin.fulfilled", "zh-CN"): Wording(
        "信息补采已结束：{case_number}", "您发出的信息补采（案件 {case_number}）：{outcome}。{captured_by}"
    ),
    ("bulletin.fulfilled", "en"): Wording(
        "Your bulletin is over: {case_number}", "The bulletin on case {case_number}: {outcome}. {captured_by}"
    ),
    ("problem.asked", "zh-CN"): Wording(
        "已知问题通报：{title}",
        "{passed}{name}，{number} {title}\n原因：{cause}\n应对：{workaround}\n责任部门：{owner_team_name}\n"
        "预计修复：{eta_at}\n下次通报：{next_word_at}\n请在 {deadline} 前确认，并告知您团队的每个人。",
    ),
    ("problem.asked", "en"): Wording(
        "Known problem: {title}",
        "{passed}{name}, {number} {title}\nCause: {cause}\nWorkaround: {workaround}\nOwner: {owner_team_name}\n"
        "Expected fix: {eta_at}\nNext word: {next_word_at}\nPlease confirm by {deadline} and tell your team.",
    ),
    ("problem.reminder", "zh-CN"): Wording(
        "催办：已知问题通报还没有确认", "{name}，请确认已知问题 {number} {title}。应对：{workaround}\n期限 {deadline}。"
    ),
    ("problem.reminder", "en"): Wording(
        "Reminder: please confirm the known problem",
        "{name}, please confirm known problem {number} {title}. Workaround: {workaround}\nBy {deadline}.",
    ),
    ("problem.silent", "zh-CN"): Wording(
        "{team} 还没有确认已知问题 {number}", "{passed}{name}（{team}）还没有确认：{title}。期限 {deadline}。"
    ),
    ("problem.silent", "en"): Wording(
        "{team} has not confirmed known problem {number}",
        "{passed}{name} ({team}) has not confirmed: {title}. Due by {deadline}.",
    ),
    ("problem.overdue", "zh-CN"): Wording(
        "到期未确认：已知问题 {number}",
        "{passed}{name}（{team}）到 {deadline} 仍未确认：{title}\n应对：{workaround}\n请直接告知该团队。",
    ),
    ("problem.overdue", "en"): Wording(
        "Not confirmed in time: known problem {number}",
        "{passed}{name} ({team}) had not confirmed by {deadline}: {title}\nWorkaround: {workaround}\n"
        "Please tell that team in person.",
    ),
    ("problem_news.asked", "zh-CN"): Wording(
        "已知问题有新消息：{title}",
        "{passed}{name}，{number}（第 {revision} 次通报）：\n{news}\n应对：{workaround}\n预计修复：{eta_at}\n"
        "请在 {deadline} 前确认。",
    ),
    ("problem_news.asked", "en"): Wording(
        "News of a known problem: {title}",
        "{passed}{name}, {number} (word number {revision}):\n{news}\nWorkaround: {workaround}\n"
        "Expected fix: {eta_at}\nPlease confirm by {deadline}.",
    ),
    ("problem_news.reminder", "zh-CN"): Wording(
        "催办：已知问题的新消息还没有确认", "{name}，请确认 {number} {title}：\n{news}\n期限 {deadline}。"
    ),
    ("problem_news.reminder", "en"): Wording(
        "Reminder: please confirm the news", "{name}, please confirm {number} {title}:\n{news}\nBy {deadline}."
    ),
    ("problem_news.silent", "zh-CN"): Wording(
        "{team} 还没有确认 {number} 的新消息", "{passed}{name}（{team}）还没有确认：{title}\n{news}\n期限 {deadline}。"
    ),
    ("problem_news.silent", "en"): Wording(
        "{team} has not confirmed the news of {number}",
        "{passed}{name} ({team}) has not confirmed: {title}\n{news}\nDue by {deadline}.",
    ),
    ("problem_news.overdue", "zh-CN"): Wording(
        "到期未确认：{number} 的新消息",
        "{passed}{name}（{team}）到 {deadline} 仍未确认：{title}\n{news}\n请直接告知该团队。",
    ),
    ("problem_news.overdue", "en"): Wording(
        "Not confirmed in time: the news of {number}",
        "{passed}{name} ({team}) had not confirmed by {deadline}: {title}\n{news}\nPlease tell that team in person.",
    ),
    ("problem.fixed", "zh-CN"): Wording(
        "已修复：{title}", "{number} {title} 已于 {fixed_at} 修复：\n{fix}\n相关案件将随之了结，请告知您的团队。"
    ),
    ("problem.fixed", "en"): Wording(
        "Fixed: {title}", "{number} {title} was fixed {fixed_at}:\n{fix}\nLinked cases follow; please tell your team."
    ),
    ("surge.asked", "zh-CN"): Wording(
        "高频问题：{topic_name} 占 {share} %",
        "{passed}{name}，{window_from} 至 {window_to}，“{topic_name}”占全部进线的 {share} %"
        "（{contacts}/{all_contacts}，{customers} 位客户；阈值 {threshold} %，平时 {baseline_share} %）。\n"
        "责任部门 {owner_team_name}。请在 {deadline} 前确认，并在 {act_by} 前采取措施：话术、培训或修复。",
    ),
    ("surge.asked", "en"): Wording(
        "A surge: {topic_name} is {share} % of contacts",
        "{passed}{name}, from {window_from} to {window_to} “{topic_name}” was {share} % of all "
        "contacts ({contacts} of {all_contacts}, {customers} customers; threshold {threshold} %, "
        "usually {baseline_share} %).\nResponsible: {owner_team_name}. Please confirm by {deadline} and act by "
        "{act_by}: guidance, training or a fix.",
    ),
    ("surge.reminder", "zh-CN"): Wording(
        "催办：高频问题“{topic_name}”还没有确认", "{name}，请在 {deadline} 前确认，并在 {act_by} 前采取措施。"
    ),
    ("surge.reminder", "en"): Wording(
        "Reminder: the surge of {topic_name}", "{name}, please confirm by {deadline} and act by {act_by}."
    ),
    ("surge.silent", "zh-CN"): Wording(
        "{owner_team_name} 还没有确认高频问题",
        "{passed}“{topic_name}”占 {share} %，{name} 还没有确认。期限 {deadline}。",
    ),
    ("surge.silent", "en"): Wording(
        "{owner_team_name} has not confirmed a surge",
        "{passed}“{topic_name}” is {share} % of contacts; {name} has not confirmed. Due by {deadline}.",
    ),
    ("surge.overdue", "zh-CN"): Wording(
        "到期未确认：高频问题“{topic_name}”",
        "{passed}“{topic_name}”占 {share} %（{contacts} 通），到 {deadline} {owner_team_name} {name} 仍未确认。"
        "请处理。",
    ),
    ("surge.overdue", "en"): Wording(
        "Not confirmed in time: the surge of {topic_name}",
        "{passed}“{topic_name}” is {share} % ({contacts} contacts); {name} ({owner_team_name}) had not confirmed by "
        "{deadline}. Please act.",
    ),
    ("surge.acted", "zh-CN"): Wording(
        "高频问题“{topic_name}”已采取措施", "{owner_team_name}：{action}。{note}\n之后占比 {later_share} %"
    ),
    ("surge.acted", "en"): Wording(
        "Something was done about {topic_name}",
        "{owner_team_name}: {action}. {note}\nShare afterwards: {later_share} %",
    ),
    ("problem.overdue_step", "zh-CN"): Wording(
        "已知问题 {number} 到期没有消息（第 {step} 次催办）",
        "{title}：原定 {due_at} 前修复或再通报，尚无消息。责任部门 {owner_team_name}，请现在通报。",
    ),
    ("problem.overdue_step", "en"): Wording(
        "No word in time on known problem {number} (reminder {step})",
        "{title}: a fix or news was announced for {due_at} and did not come. Owner: {owner_team_name}. "
        "Please say something now.",
    ),
    ("surge.overdue_step", "zh-CN"): Wording(
        "高频问题“{topic_name}”超期（第 {step} 次催办）",
        "{owner_team_name} 尚缺：{missing}。占比 {share} %，确认期限 {ack_by}，措施期限 {act_by}。请处理。",
    ),
    ("surge.overdue_step", "en"): Wording(
        "The surge of {topic_name} is overdue (reminder {step})",
        "Missing from {owner_team_name}: {missing}. Share {share} %; due: confirmation {ack_by}, action {act_by}. "
        "Please act.",
    ),
}
