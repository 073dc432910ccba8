"""What schemathesis holds every answer to, beside "never a 5xx": a 4xx is a problem document with a known code."""

from __future__ import annotations

import schemathesis

from shared.contracts.errors import PROBLEMS


@schemathesis.check
def refusals_are_problems(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """RFC 9457, with `code` from the catalogue."""
    if response.status_code < 400 or case.method == "HEAD":
        return
    kind = response.headers.get("content-type", [""])[0]
    assert kind.startswith("application/problem+json"), f"{response.status_code} answered as {kind!r}"
    document = response.json()
    assert document["code"] in PROBLEMS, document
    assert document["status"] == response.status_code
    assert document["detail"]
