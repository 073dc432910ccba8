"""The templates of messages, by name and language. They name facts in braces; see shift_change.facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Wording(NamedTuple):
    """Title and text, as templates or filled in."""

    title: str
    text: str


TEMPLATES: dict[tuple[str, str], Wording] = {
    ("shift_change.asked", "zh-CN"): Wording(
        "班次变动，请确认",
        "{name}，您的班次有变动：\n{days}{note}\n请在 {deadline} 前答复：确认，或说明无法接受的原因。",
    ),
    ("shift_change.asked", "en"): Wording(
        "Your shifts changed: please confirm",
        "{name}, your shifts changed:\n{days}{note}\nPlease answer by {deadline}: confirm, or say why you cannot.",
    ),
    ("shift_change.reminder", "zh-CN"): Wording(
        "催办：班次变动还没有您的答复",
        "{name}，以下班次变动还没有收到您的答复：\n{days}{note}\n请在 {deadline} 前答复。",
    ),
    ("shift_change.reminder", "en"): Wording(
        "Reminder: your shift change is not answered yet",
        "{name}, we have no answer from you yet about:\n{days}{note}\nPlease answer by {deadline}.",
    ),
    ("shift_change.silent", "zh-CN"): Wording(
        "{name} 还没有答复班次变动",
        "{passed}{team} {name}（{staff_no}）还没有答复班次变动（班表第 {number} 版）：\n{days}\n"
        "答复期限 {deadline}。请直接联系本人：已通知不等于已知晓。",
    ),
    ("shift_change.silent", "en"): Wording(
        "{name} has not answered a shift change",
        "{passed}{name} ({staff_no}, {team}) has not answered this shift change (roster version {number}):\n{days}\n"
        "An answer is due by {deadline}. Please reach them in person: told is not known.",
    ),
    ("shift_change.overdue", "zh-CN"): Wording(
        "{name} 到期未答复班次变动",
        "{passed}{team} {name}（{staff_no}）到 {deadline} 仍未答复班次变动（班表第 {number} 版）：\n{days}\n"
        "本人的责任班次仍是上次确认的班次。首个受影响班次 {first_start} 开始，请决定如何安排。",
    ),
    ("shift_change.overdue", "en"): Wording(
        "{name} did not answer a shift change in time",
        "{passed}{name} ({staff_no}, {team}) did not answer by {deadline} (roster version {number}):\n{days}\n"
        "They still answer for the shifts they last confirmed. The first affected shift starts {first_start}: "
        "please decide what happens.",
    ),
    ("shift_change.refused", "zh-CN"): Wording(
        "{name} 拒绝了班次变动",
        "{team} {name}（{staff_no}）无法接受班次变动（班表第 {number} 版）：\n{days}\n原因：{reason}\n"
        "首个受影响班次 {first_start} 开始，请处理：撤回、改派或坚持。",
    ),
    ("shift_change.refused", "en"): Wording(
        "{name} refused a shift change",
        "{name} ({staff_no}, {team}) cannot accept this shift change (roster version {number}):\n{days}\n"
        "Reason: {reason}\nThe first affected shift starts {first_start}: withdraw, reassign or insist.",
    ),
    ("shift_change.late_notice", "zh-CN"): Wording(
        "临时变动：请直接联系 {name}",
        "{team} {name}（{staff_no}）的班次临时变动，首个班次 {first_start} 开始，来不及按常规催办：\n{days}\n"
        "请现在就联系本人。",
    ),
    ("shift_change.late_notice", "en"): Wording(
        "Short notice: please reach {name} now",
        "The shifts of {name} ({staff_no}, {team}) changed at short notice; the first one starts {first_start}, "
        "too soon for the usual reminders:\n{days}\nPlease reach them now.",
    ),
    ("shift_change.over", "zh-CN"): Wording(
        "班次变动已取消，无需答复", "{name}，之前请您答复的班次变动已不再有效：\n{days}\n您的班次以上次确认的为准。"
    ),
    ("shift_change.over", "en"): Wording(
        "The shift change is off: nothing to answer",
        "{name}, the shift change we asked you about no longer applies:\n{days}\n"
        "Your shifts are as you last confirmed.",
    ),
    ("shift_change.resolved", "zh-CN"): Wording(
        "主管已处理您的班次变动", "{name}，主管已对以下班次变动作出决定：{resolution}。\n{days}\n说明：{reason}"
    ),
    ("shift_change.resolved", "en"): Wording(
        "Your supervisor decided about your shift change",
        "{name}, your supervisor decided about this shift change: {resolution}.\n{days}\nReason: {reason}",
    ),
}

_PASSED = {
    "lead": {"zh-CN": "（没有可通知的班长，直接转给您）", "en": "(There is no lead to tell, so this came to you.) "},
    "recipient": {"zh-CN": "（本人已无法通知，转给您）", "en": "(The person cannot be told, so this came to you.) "},
}


def render(template: str, language: str, facts: Mapping[str, str]) -> Wording:
    """A template filled in; facts that are not known are left empty."""
    wording = TEMPLATES[template, language]
    known = _Known(facts)
    text = wording.text.format_map(known)
    return Wording(wording.title.format_map(known), "\n".join(line for line in text.splitlines() if line.strip()))


def passed_over(targets: tuple[str, ...], language: str) -> str:
    """Why a message reached this person and not the one it was meant for."""
    return "".join(_PASSED[target][language] for target in targets if target in _PASSED)


class _Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""
