"""How to meet each kind of complaint: said to whoever has it on the desk, in their language."""

from __future__ import annotations

from typing import NamedTuple


class Guidance(NamedTuple):
    """One text, in Chinese and English."""

    zh: str
    en: str


GUIDANCE: dict[tuple[str, str | None], Guidance] = {
    ("genuine", None): Guidance(
        "客户对产品或流程确有意见：真诚致歉，说明怎样解决、由谁在何时完成，并在解决后回访。",
        "The customer has a point about a product or a process: apologise sincerely, say what will be done, by whom "
        "and by when, and call back once it is done.",
    ),
    ("recognition", None): Guidance(
        "客户希望被倾听和认可：多肯定其意见的价值，请其说完，告知意见会交给谁、带来什么改变，不急于争辩对错。",
        "The customer wants to be heard: value what they say, let them finish, tell them who will get it and what it "
        "may change; do not argue who is right.",
    ),
    ("compensation", "yes"): Guidance(
        "客户确有损失：核实损失凭证，按规定流程和标准赔付，告知金额、方式和到账时间，不作超出权限的承诺。",
        "There is a loss: check the proof, compensate by the rules, say how much, how and when; promise nothing beyond "
        "your authority.",
    ),
    ("compensation", "no"): Guidance(
        "没有造成损失：耐心解释，感谢客户的建议，不以赔付换取息事宁人。若同一客户多次如此，系统会提议邀请其担任服务监督员。",
        "There is no loss: explain patiently and thank them for the suggestion; do not buy peace. When the same "
        "customer does so repeatedly, inviting them as a service monitor is proposed.",
    ),
    ("compensation", "unknown"): Guidance(
        "损失尚不清楚：先请客户提供凭证并核实，确认之前不承诺赔付，告知客户核实需要多久。",
        "Whether there is a loss is not known: ask for proof and check it; promise nothing before, and say how long it "
        "takes.",
    ),
}


def guidance_for(kind: str | None, loss: str | None, language: str) -> str | None:
    """What to do about this kind of complaint; none before it is assessed."""
    if kind is None:
        return None
    found = GUIDANCE[kind, (loss or "unknown") if kind == "compensation" else None]
    return found.en if language == "en" else found.zh
