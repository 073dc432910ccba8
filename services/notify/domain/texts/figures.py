"""Texts about figures: alerts, patterns, scorecards, rankings."""

from __future__ import annotations

from services.notify.domain.texts.wording import Wording

TEXTS: dict[tuple[str, str], Wording] = {
    ("alert.asked", "zh-CN"): Wording(
        "指标告警：{rule_name}",
        "{passed}{name}，{group_name}的{metric}为 {value}，{direction}阈值 {threshold}（基于 {n} 条事实，"
        "{window_from} 至 {window_to}）。请在 {deadline} 前确认。",
    ),
    ("alert.asked", "en"): Wording(
        "Alert: {rule_name}",
        "{passed}{name}, {metric} of {group_name} is {value}, {direction} the threshold {threshold} ({n} "
        "facts, {window_from} to {window_to}). Please confirm by {deadline}.",
    ),
    ("alert.reminder", "zh-CN"): Wording(
        "催办：指标告警还没有确认", "{name}，{rule_name}：{group_name}的{metric}为 {value}。期限 {deadline}。"
    ),
    ("alert.reminder", "en"): Wording(
        "Reminder: an alert is waiting", "{name}, {rule_name}: {metric} of {group_name} is {value}. Due by {deadline}."
    ),
    ("alert.silent", "zh-CN"): Wording(
        "{name} 还没有确认指标告警", "{passed}{rule_name}：{group_name}的{metric}为 {value}。期限 {deadline}。"
    ),
    ("alert.silent", "en"): Wording(
        "{name} has not confirmed an alert",
        "{passed}{rule_name}: {metric} of {group_name} is {value}. Due by {deadline}.",
    ),
    ("alert.overdue", "zh-CN"): Wording(
        "到期未确认：{rule_name}", "{passed}{name} 到 {deadline} 仍未确认：{group_name}的{metric}为 {value}。请处理。"
    ),
    ("alert.overdue", "en"): Wording(
        "Not confirmed in time: {rule_name}",
        "{passed}{name} had not confirmed by {deadline}: {metric} of {group_name} is {value}. Please act.",
    ),
    ("alert.resolved", "zh-CN"): Wording(
        "已恢复：{rule_name}", "{group_name}的{metric}现为 {value}（阈值 {threshold}）。"
    ),
    ("alert.resolved", "en"): Wording(
        "Back to normal: {rule_name}", "{metric} of {group_name} is {value} now (threshold {threshold})."
    ),
    ("pattern.found", "zh-CN"): Wording(
        "建议关注：{agent_name}",
        "{agent_name}（{team_name}）：{kind}，依据 {fact_count} 条事实（{window_from} 至 {window_to}）。"
        "这是建议，不是结论，请先与本人谈。",
    ),
    ("pattern.found", "en"): Wording(
        "Worth a look: {agent_name}",
        "{agent_name} ({team_name}): {kind}, by {fact_count} facts ({window_from} to {window_to}). "
        "A proposal and no verdict: please talk to them first.",
    ),
    ("scorecard.published", "zh-CN"): Wording(
        "您的计分卡已发布",
        "{period_from} 至 {period_to}：{score} 分（上期 {previous_score}），第 {revision} 版。每个数字都能点开看依据。",
    ),
    ("scorecard.published", "en"): Wording(
        "Your scorecard is out",
        "{period_from} to {period_to}: {score} points (before: {previous_score}), revision {revision}. "
        "Every number opens.",
    ),
    ("ranking.published", "zh-CN"): Wording(
        "排名已发布：{metric}", "{period_from} 至 {period_to} 的{metric}排名已发布，可查看自己的位置与依据。"
    ),
    ("ranking.published", "en"): Wording(
        "A ranking is out: {metric}",
        "The ranking by {metric} from {period_from} to {period_to} is out: see your place and what it stands on.",
    ),
}
