"""Partners: people of other departments whom roster does not know are asked and told like everybody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.integration.notify.conftest import Centre
from tests.integration.notify.test_every_event import example, here

PARTNER = {"staff_no": "P001", "name": "财务小王", "team": "T1"}


async def test_a_partner_is_handed_a_case_and_accepts_it(centre: Centre) -> None:
    made = await centre.manager.post("/notify/v1/recipients", json=PARTNER)
    assert made.status_code == 201, made.text
    event: Any = here(example("cases.handoff.requested.v1").data)
    await centre.hear(replace(event, receiver="P001", receiver_name=None))
    await centre.settle()
    [message] = await centre.messages("P001")
    assert message["template"] == "handoff.asked"
    partner = centre.api.as_("partner", staff_no="P001")
    path = f"/notify/v1/acknowledgements/{message['acknowledgement_id']}"
    assert (await partner.get(path)).json()["person_name"] == "财务小王"
    answered = await partner.post(f"{path}/answer", json={"answer": "confirm"})
    assert answered.json()["answer"] == "given"


async def test_a_partner_is_changed_in_place(centre: Centre) -> None:
    await centre.manager.post("/notify/v1/recipients", json=PARTNER)
    changed = await centre.manager.put("/notify/v1/recipients/P001", json={"name": "王会计", "team": "T1"})
    assert (changed.json()["name"], changed.json()["version"]) == ("王会计", 2)
    shown = (await centre.manager.get("/notify/v1/recipients/P001")).json()
    assert (shown["name"], shown["roles"]) == ("王会计", ["partner"])


async def test_whom_roster_knows_is_no_partner(centre: Centre) -> None:
    refused = await centre.manager.put("/notify/v1/recipients/A001", json={"name": "x", "team": "T1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "recipient-in-roster")


async def test_a_partner_needs_a_known_department_of_the_callers(centre: Centre) -> None:
    assert (await centre.manager.post("/notify/v1/recipients", json=PARTNER | {"team": "T9"})).status_code == 404
    stranger = centre.api.as_("supervisor", staff_no="S009", teams=("T2",))
    assert (await stranger.post("/notify/v1/recipients", json=PARTNER)).status_code == 403
