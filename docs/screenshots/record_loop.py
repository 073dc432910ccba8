"""Play the loop in the demo centre over HTTP and draw what happened, once in each language (loop-zh.svg, loop-en.svg).

    ringback dev --fresh --port 8123 --data /tmp/recording      # and, beside it:
    python docs/screenshots/record_loop.py http://127.0.0.1:8123 /tmp/recording zh

Play each language in a fresh demo centre.
"""

from __future__ import annotations

import io
import json
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
from rich.console import Console
from rich.text import Text

from shared.platform.auth import Signer

CONFIRMS, REFUSES, SILENT, LEAD, SUPERVISOR = "A001", "A002", "A004", "L001", "S001"
ZONE = ZoneInfo("Asia/Shanghai")
WIDTH = 104
WORDS = {
    "published": (
        "主管 {0} 发布班表第 {1} 版：明天三个人改上晚班",
        "{0}, supervisor, publishes version {1}: three work late",
    ),
    "asked": ("只问这三个人，别人什么也收不到：", "Only these three are asked; nobody else hears anything:"),
    "opens": ("{0} 打开链接", "{0} opens the link"),
    "opened": ("状态仍是 {0}：打开不算确认", "still {0}: opening confirms nothing"),
    "presses": ("{0} 按下“确认”", "{0} presses “Confirm”"),
    "refuses": ("{0} 无法接受：“{1}”", "{0} refuses: “{1}”"),
    "reason": ("孩子生病要去医院", "My child is ill and has to see a doctor"),
    "silent": ("{0} 一直不作声，时钟往前走", "{0} says nothing, and the clock goes on"),
    "ended": ("到点无人答复：{0}，主管已知道", "unanswered at the deadline: {0}, and the supervisor knows"),
    "number": (
        "变动确认率：{0:.1f} %（{1} / {2}），每一条事实都点得开",
        "Changes confirmed: {0:.1f} % ({1} of {2}); each fact opens",
    ),
}


class Recording:
    """One play. What happens is drawn line by line."""

    def __init__(self, url: str, data: Path, language: str) -> None:
        self.language = "zh-CN" if language == "zh" else "en"
        self._signer = Signer(data / "keys")
        self._people = {one["staff_no"]: one for one in json.loads((data / "people.json").read_text())}
        self._client = httpx.Client(base_url=url, timeout=60)
        self._seen: set[str] = set()
        self.console = Console(
            record=True, width=100, file=io.StringIO(), force_terminal=True, color_system="truecolor"
        )

    def ask(self, method: str, path: str, who: str = "M001", **request: Any) -> Any:
        one = self._people[who]
        token = self._signer.token(sub=who, roles=tuple(one["roles"]), staff_no=who, teams=tuple(one["teams"]))
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": self.language, **request.pop("headers", {})}
        return self._client.request(method, path, headers=headers, **request).raise_for_status().json()

    def press(self, link: str, **form: str) -> None:
        self._client.post(urlsplit(link).path, data=form).raise_for_status()

    def look(self, link: str) -> None:
        self._client.get(urlsplit(link).path).raise_for_status()

    def name(self, staff_no: str) -> str:
        return str(self._people[staff_no]["name"])

    def say(self, key: str, *values: Any, call: str = "", mark: str = "●") -> None:
        """One line: what somebody did, and the call that did it."""
        words = WORDS[key][0 if self.language == "zh-CN" else 1].format(*values)
        line = Text.assemble((f"{mark} ", "bold green"), words)
        if call:
            line.append(f"   {call}", "dim cyan")
        self.console.print(line)

    def new_messages(self) -> list[dict[str, Any]]:
        """What was sent since the last look, oldest first, by the channel that a person has."""
        self.ask("POST", "/dev/settle")
        found = self.ask(
            "GET", "/notify/v1/messages", params={"channel": "captured", "newest_first": True, "limit": 60}
        )
        new = [one for one in reversed(found["items"]) if one["message_id"] not in self._seen]
        self._seen |= {one["message_id"] for one in new}
        return new

    def show(self, messages: list[dict[str, Any]]) -> None:
        for one in messages:
            at = datetime.fromisoformat(one["queued_at"]).astimezone(ZONE)
            who = f"{one['staff_no']} {self.name(one['staff_no'])}"
            self.console.print(Text.assemble((f"    {at:%H:%M}  ", "dim"), (f"✉ {who}  ", "yellow"), one["title"]))

    def change(self, change_id: str) -> str:
        return str(self.ask("GET", f"/roster/v1/shift-changes/{change_id}")["state"])


def play(recording: Recording) -> None:
    """The loop, from publication to the number."""
    for staff_no in (CONFIRMS, REFUSES, SILENT, LEAD, SUPERVISOR):
        wanted = {"language": recording.language}
        recording.ask("PUT", f"/notify/v1/recipients/{staff_no}/preferences", json=wanted)
    recording.new_messages()
    changes = publish(recording)
    asked = recording.new_messages()
    recording.say("asked", mark=" ")
    recording.show(asked)
    links = {one["staff_no"]: one["link"] for one in asked}
    recording.look(links[CONFIRMS])
    recording.say("opens", recording.name(CONFIRMS), call="GET /a/…")
    recording.say("opened", recording.change(changes[CONFIRMS]), mark=" ")
    recording.press(links[CONFIRMS], answer="confirm")
    recording.ask("POST", "/dev/settle")
    recording.say("presses", recording.name(CONFIRMS), call=f"POST /a/…  → {recording.change(changes[CONFIRMS])}")
    reason = WORDS["reason"][0 if recording.language == "zh-CN" else 1]
    recording.press(links[REFUSES], answer="refuse", reason=reason)
    recording.say("refuses", recording.name(REFUSES), reason, call="POST /a/…")
    recording.show(recording.new_messages())
    recording.say("silent", recording.name(SILENT), call="POST /dev/clock/advance")
    while recording.change(changes[SILENT]) != "expired":
        recording.ask("POST", "/dev/clock/advance", json={"minutes": 15})
        recording.show([one for one in recording.new_messages() if one["subject_id"] == changes[SILENT]])
    recording.say("ended", recording.change(changes[SILENT]), mark=" ")
    [point] = recording.ask("GET", "/kpi/v1/metrics/change_ack_rate")["points"]
    call = "GET /kpi/v1/metrics/change_ack_rate"
    recording.say("number", point["value"], int(point["numerator"]), int(point["denominator"]), call=call)


def publish(recording: Recording) -> dict[str, str]:
    """Three people are moved to the late shift tomorrow; their changes."""
    [roster] = recording.ask("GET", "/roster/v1/rosters", params={"team": "HOT1"})["items"]
    path = f"/roster/v1/rosters/{roster['roster_id']}"
    cells = [{"staff_no": staff_no, "on": roster["from"], "code": "晚"} for staff_no in (CONFIRMS, REFUSES, SILENT)]
    headers = {"If-Match": f'"{roster["version"]}"'}
    recording.ask("PATCH", f"{path}/draft", SUPERVISOR, json={"assignments": cells}, headers=headers)
    body = {"note": "晚间来电增加", "confirm_within_minutes": 120, "override": {"reason": "已与三人口头说明"}}
    published = recording.ask("POST", f"{path}/publish", SUPERVISOR, json=body)
    recording.say("published", recording.name(SUPERVISOR), published["number"], call="POST …/publish")
    return {change["staff_no"]: change["change_id"] for change in published["changes"]}


def main(url: str, data: Path, language: str) -> None:
    """Play and draw."""
    recording = Recording(url, data, language)
    play(recording)
    drawn = recording.console.export_svg(title="Ringback 回音")
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)  # nothing is fetched from elsewhere
    drawn = re.sub(r' (textLength|clip-path)="[^"]*"', "", drawn)  # they squeeze Chinese and cut off underscores
    Path(__file__).with_name(f"loop-{language}.svg").write_text(re.sub(r"[ \t]+\n", "\n", drawn))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
