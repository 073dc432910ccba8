"""What `ringback dev` prints once it answers: addresses, tokens, and a first request to paste."""

from __future__ import annotations

from pathlib import Path

from deploy.tokens import Holder, people_in, role_holder, sign
from shared.platform.auth import Signer

WORDS = {"manager": "经理 manager", "supervisor": "主管 supervisor", "lead": "班长 lead", "agent": "客服 agent"}


def show(url: str, signer: Signer, people_file: Path) -> None:
    """Print it."""
    print(text(url, signer, people_in(people_file)), flush=True)


def text(url: str, signer: Signer, people: dict[str, Holder]) -> str:
    """The words, in Chinese and English."""
    holders = [_somebody(role, people) for role in WORDS]
    tokens = [sign(signer, holder) for holder in holders]
    return "\n".join(
        [
            "",
            "Ringback 回音 已就绪 is ready",
            f"  首页 index            {url}/",
            f"  全部接口 operations   {url}/docs",
            f"  消息 messages         {url}/dev/messages#token={tokens[0]}",
            "",
            "访问令牌（12 小时有效）Access tokens, valid for 12 hours:",
            *(
                f"  {WORDS[holder.roles[0]]} {holder.name} {holder.staff_no or ''}\n  {token}\n"
                for holder, token in zip(holders, tokens, strict=True)
            ),
            "试一试 Try it:",
            f"  curl -H 'Authorization: Bearer {tokens[0]}' {url}/roster/v1/teams",
            "",
            "拨快时钟 Move the clock half an hour:",
            f"  curl -X POST -H 'Authorization: Bearer {tokens[0]}' -H 'Content-Type: application/json' "
            f"""-d '{{"minutes": 30}}' {url}/dev/clock/advance""",
            "",
            "Ctrl-C 停止 stops it.",
        ]
    )


def _somebody(role: str, people: dict[str, Holder]) -> Holder:
    return next((holder for holder in people.values() if role in holder.roles), role_holder(role, None, ()))
