"""The published verifiers and the published vectors agree, with each other and with the public library."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from standardwebhooks import Webhook, WebhookVerificationError

DOCS = Path(__file__).parents[3] / "docs/webhooks"
VECTORS: list[dict[str, Any]] = json.loads((DOCS / "vectors.json").read_text())
HARNESS = """
const { verify } = require(process.argv[1]);
const vectors = require(process.argv[2]);
console.log(JSON.stringify(vectors.map((one) => {
  try { return verify(one.secret, one.headers, Buffer.from(one.body), one.now).id; } catch { return null; }
})));
"""


def python_verifier() -> Any:
    spec = importlib.util.spec_from_file_location("published_verifier", DOCS / "verify.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_python_verifier_accepts_what_is_valid_and_nothing_else(vector: dict[str, Any]) -> None:
    module = python_verifier()
    arguments = (vector["secret"], vector["headers"], vector["body"].encode(), vector["now"])
    if vector["valid"]:
        assert module.verify(*arguments) == json.loads(vector["body"])
    else:
        with pytest.raises(ValueError, match=r"too old|no signature"):
            module.verify(*arguments)


@pytest.mark.parametrize("vector", [one for one in VECTORS if one["headers"].get("webhook-signature")])
def test_the_public_library_agrees(vector: dict[str, Any]) -> None:
    with time_machine.travel(datetime.fromtimestamp(vector["now"], UTC), tick=False):
        checked = Webhook(vector["secret"])
        if vector["valid"]:
            assert checked.verify(vector["body"], vector["headers"]) == json.loads(vector["body"])
        else:
            with pytest.raises(WebhookVerificationError):
                checked.verify(vector["body"], vector["headers"])


def test_the_javascript_verifier_agrees() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    command = [node, "-e", HARNESS, str(DOCS / "verify.js"), str(DOCS / "vectors.json")]
    seen = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout)
    assert [one is not None for one in seen] == [vector["valid"] for vector in VECTORS]
