"""What notify says on its own behalf: contact codes, the watchdog's alarms, and digests, in both languages."""

from __future__ import annotations

from services.notify.domain.wording import Wording

CODE_MARK = "{code}"
"""Stands for a code in a stored text: the code itself is put in when the message leaves, and kept nowhere."""

_WORDS: dict[tuple[str, str], Wording] = {
    ("contact.code", "zh-CN"): Wording(
        "联系方式验证码",
        "您的验证码是 {code}，{minutes} 分钟内有效，用于确认此联系方式属于您。请勿告诉他人；如非本人操作，请忽略。",
    ),
    ("contact.code", "en"): Wording(
        "Your contact code",
        "Your code is {code}, valid for {minutes} minutes. It proves that this contact is yours: tell it to nobody. "
        "If you did not ask for it, ignore this message.",
    ),
    ("watchdog.alarmed", "zh-CN"): Wording(
        "回音告警：催办没有按时进行",
        "没有定时器的问题 {without_timer} 个，逾期未执行的催办 {late_rungs} 级，逾期未发出的消息 {late_messages} 条。"
        "请检查 notify 服务的后台进程；恢复之前，请人工联系相关人员。",
    ),
    ("watchdog.alarmed", "en"): Wording(
        "Ringback alarm: the ladders are not climbed in time",
        "{without_timer} open questions have no timer, {late_rungs} rungs and {late_messages} messages are late. "
        "Please look after notify's worker; until it is well again, reach the people concerned by hand.",
    ),
    ("digest", "zh-CN"): Wording("您有 {count} 条通知", "{body}"),
    ("digest", "en"): Wording("{count} messages for you", "{body}"),
}


def own_words(template: str, language: str, **facts: object) -> Wording:
    """One of our own texts, filled in."""
    wording = _WORDS[template, language]
    return Wording(wording.title.format(**facts), wording.text.format(**facts))
