"""Code words that events carry, as people say them."""

from __future__ import annotations

_SAID: dict[str, tuple[str, str]] = {
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "not_accepted": ("无人按时接收", "nobody accepted it in time"),
    "given_back": ("由接收方退回", "its receiver gave it back"),
    "acknowledgement": ("确认接收", "acceptance"),
    "action": ("措施", "action"),
    "work": ("办理", "work"),
    "customer_not_told": ("已解决，但还没有告知客户", "it is settled and the customer has not been told"),
    "fields_missing": ("必填信息没有问全，不能关闭", "it cannot close: something required was never asked"),
    "promise_broken": ("对客户的承诺没有兑现", "a promise to the customer was broken"),
    "unfinished": ("各项时限都已过", "all its times are over"),
    "first_response": ("首次响应", "first response"),
    "next_update": ("下次更新", "next update"),
    "resolution": ("解决", "resolution"),
    "captured": ("已采集", "captured"),
    "expired": ("已过期", "expired"),
    "withdrawn": ("已撤回", "withdrawn"),
    "genuine": ("真实投诉", "genuine"),
    "recognition": ("希望被重视", "wants to be heard"),
    "compensation": ("要求补偿", "compensation"),
    "unknown": ("不清楚", "unknown"),
    "upheld": ("成立", "upheld"),
    "partly_upheld": ("部分成立", "partly upheld"),
    "rejected": ("不成立", "rejected"),
    "guidance": ("话术指引", "guidance"),
    "training": ("培训", "training"),
    "fix": ("修复", "fix"),
    "problem": ("已知问题通报", "known problem"),
    "above": ("高于", "above"),
    "below": ("低于", "below"),
    "swap": ("换班", "swap"),
    "give_away": ("让班", "give-away"),
    "open_shift": ("认领空班", "open shift"),
    "annual": ("年假", "annual leave"),
    "sick": ("病假", "sick leave"),
    "personal": ("事假", "personal leave"),
    "repeated_transfers": ("对话变差时反复转出", "transfers when a conversation turns bad"),
    "repeated_not_asked": ("反复漏问", "questions repeatedly not asked"),
    "plateau": ("停滞不前", "no progress"),
    "missed_loops": ("反复漏闭环", "loops repeatedly missed"),
    "handover": ("交接", "handover"),
    "override": ("临时调整", "override"),
    "rota": ("新排班", "new rota"),
}


def said(word: str, language: str) -> str:
    """A code word in the reader's language; any other text is left as it is."""
    known = _SAID.get(word)
    return (known[1] if language == "en" else known[0]) if known else word
