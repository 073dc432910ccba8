"""Texts to customers, asked for by other services with the values of their fields."""

from __future__ import annotations

from services.notify.domain.texts.wording import Wording

TEXTS: dict[tuple[str, str], Wording] = {
    ("survey_invited", "zh-CN"): Wording(
        "请为我们的服务打分", "您好，您反映的“{subject}”（{number}）已处理完毕。请告诉我们是否满意：\n{link}"
    ),
    ("survey_invited", "en"): Wording(
        "How did we do?",
        "Hello, your matter “{subject}” ({number}) has been settled. Please tell us how it was:\n{link}",
    ),
    ("cases.problem.announced", "zh-CN"): Wording(
        "关于您遇到的问题：{title}",
        "您好，您反映的问题我们已确认：{title}\n目前您可以这样处理：{workaround}\n预计修复：{eta_at}\n下次通报：{next_word_at}",
    ),
    ("cases.problem.announced", "en"): Wording(
        "About the problem you met: {title}",
        "Hello, we know of the problem you met: {title}\nWhat you can do meanwhile: {workaround}\n"
        "Expected fix: {eta_at}\nNext word: {next_word_at}",
    ),
    ("cases.problem.updated", "zh-CN"): Wording(
        "最新进展：{title}", "您好，关于“{title}”：\n{text}\n目前您可以这样处理：{workaround}\n预计修复：{eta_at}"
    ),
    ("cases.problem.updated", "en"): Wording(
        "News: {title}",
        "Hello, about “{title}”:\n{text}\nWhat you can do meanwhile: {workaround}\nExpected fix: {eta_at}",
    ),
    ("cases.problem.fixed", "zh-CN"): Wording("已修复：{title}", "您好，“{title}”已修复。\n{text}\n感谢您的耐心等待。"),
    ("cases.problem.fixed", "en"): Wording(
        "Fixed: {title}", "Hello, “{title}” is fixed.\n{text}\nThank you for your patience."
    ),
}

FIELDS: dict[str, frozenset[str]] = {
    "survey_invited": frozenset({"number", "subject", "link"}),
    "cases.problem.announced": frozenset({"number", "title", "workaround", "text", "eta_at", "next_word_at"}),
    "cases.problem.updated": frozenset({"number", "title", "workaround", "text", "eta_at", "next_word_at"}),
    "cases.problem.fixed": frozenset({"number", "title", "workaround", "text"}),
}
"""What the service that asks for a notice fills in."""
