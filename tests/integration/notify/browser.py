"""Debian's chromium without a window, driven over its debugging pipe: a phone to look at pages with."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
)  # fmt: skip


class Phone:
    """One page, as wide as a small phone."""

    def __init__(self, commands: int, answers: asyncio.StreamReader) -> None:
        self._commands, self._answers = commands, answers
        self._count = 0
        self._session: str | None = None

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the DevTools protocol; its result."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads((await self._answers.readuntil(b"\0"))[:-1])
            if answer.get("id") == self._count:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    async def unfold(self, width: int) -> None:
        """Open a page and give it a phone's screen."""
        target = await self.call("Target.createTarget", url="about:blank")
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        await self.call("Emulation.setDeviceMetricsOverride", width=width, height=740, deviceScaleFactor=2, mobile=True)

    async def visit(self, url: str) -> None:
        """Go to a page and wait until it is there."""
        await self.evaluate("window.left = true")
        await self.call("Page.navigate", url=url)
        await self.arrive()

    async def arrive(self) -> None:
        """Wait for the page that follows a click."""
        for _ in range(2000):
            if await self.evaluate(
                "!window.left && document.readyState === 'complete' && location.href !== 'about:blank'"
            ):
                return
            await asyncio.sleep(0.02)
        raise TimeoutError("the page did not load")

    async def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page (from outside; the page itself has no scripts)."""
        found = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    async def press(self, *keys: str) -> None:
        """Press keys as somebody without a mouse would."""
        codes = {"Tab": (9, ""), "Enter": (13, "\r"), " ": (32, " ")}
        for key in keys:
            code, text = codes[key]
            named = {"key": key, "windowsVirtualKeyCode": code, "text": text}
            await self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **named)
            await self.call("Input.dispatchKeyEvent", type="keyUp", **named)

    async def write(self, text: str) -> None:
        """Type into whatever has the focus."""
        await self.call("Input.insertText", text=text)

    async def picture(self) -> bytes:
        """The whole page as PNG."""
        shot = await self.call("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    async def darken(self) -> None:
        """Prefer dark colours."""
        features = [{"name": "prefers-color-scheme", "value": "dark"}]
        await self.call("Emulation.setEmulatedMedia", features=features)


@asynccontextmanager
async def phone(profile: Path, width: int) -> AsyncIterator[Phone]:
    """A browser of our own, ended afterwards."""
    assert CHROMIUM
    to_read, commands = os.pipe()
    answers, to_write = os.pipe()
    words = " ".join([CHROMIUM, *QUIET, f"--user-data-dir={profile}", "about:blank"])
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", f"exec {words} 3<&{to_read} 4>&{to_write} >/dev/null 2>&1", pass_fds=(to_read, to_write)
    )
    os.close(to_read)
    os.close(to_write)
    reader = asyncio.StreamReader(limit=64 << 20)
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(answers, "rb")
    )
    try:
        opened = Phone(commands, reader)
        async with asyncio.timeout(60):
            await opened.unfold(width)
            yield opened
    finally:
        pipe.close()
        os.close(commands)
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()
