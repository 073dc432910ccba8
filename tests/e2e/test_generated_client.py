"""A Python client made by a generator from the gateway's document does the founding loop, with typed answers."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.contracts import ROOT
from shared.platform.auth import Signer
from tests.dev_process import DevProcess

PACKAGE = "ringback_client"
PLANNED = date.today() + timedelta(days=30)


class Generated:
    """The generated package, and a signed-in client of it."""

    def __init__(self, url: str, token: str) -> None:
        make = importlib.import_module(f"{PACKAGE}.client").AuthenticatedClient
        self._client = make(base_url=url, token=token, raise_on_unexpected_status=False)
        self._models = importlib.import_module(f"{PACKAGE}.models")

    def model(self, kind: str, /, **fields: Any) -> Any:
        """A request body, as its generated class."""
        return getattr(self._models, kind).from_dict(fields)

    def ask(self, tag: str, operation: str, status: int, /, **arguments: Any) -> Any:
        """Call an operation's generated function; its parsed answer."""
        module = importlib.import_module(f"{PACKAGE}.api.{tag}.{operation}")
        answer = module.sync_detailed(client=self._client, **arguments)
        assert answer.status_code == status, answer.content
        return answer.parsed

    def close(self) -> None:
        self._client.get_httpx_client().close()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The client, generated anew from the committed document."""
    folder = tmp_path_factory.mktemp("generated")
    tools = Path(sys.executable).parent
    command = [tools / "openapi-python-client", "generate", "--path", ROOT / "docs/openapi/ringback.json"]
    done = subprocess.run(
        [*map(str, command), "--meta", "none", "--output-path", str(folder / PACKAGE)],
        env=os.environ | {"PATH": f"{tools}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Unable to process schema" not in done.stdout
    sys.path.insert(0, str(folder))
    yield SimpleNamespace(said=done.stdout)
    sys.path.remove(str(folder))


@pytest.mark.usefixtures("package")
def test_the_loop_is_done_with_a_generated_client(database_url: str, tmp_path: Path) -> None:
    process = DevProcess(tmp_path / "data", "--no-demo", environment={"DATABASE_URL": database_url})
    process.start()
    try:
        token = Signer(process.data / "keys").token(sub="M001", roles=("manager",), staff_no="M001")
        client = Generated(process.url, token)
        try:
            loop(client)
        finally:
            client.close()
    finally:
        process.stop()


def loop(client: Generated) -> None:
    """A team, an agent, a roster; published, announced, confirmed."""
    body = client.model("NewTeam", code="T1", name="一组", zone="Asia/Shanghai")
    team = client.ask("teams", "roster_create_team", 201, body=body)
    assert team.name == "一组"
    person = {"staff_no": "A001", "name": "王芳", "team_id": str(team.team_id), "hired_on": "2026-01-01"}
    agent = client.ask("agents", "roster_hire_agent", 201, body=client.model("NewAgent", roles=["agent"], **person))
    early = client.model("NewShiftCode", code="早", name="早班", starts="09:00", ends="18:00", breaks=[])
    client.ask("shift_codes", "roster_create_shift_code", 201, body=early)
    period = {"from": str(PLANNED), "to": str(PLANNED + timedelta(days=1))}
    roster = client.ask(
        "rosters", "roster_create_roster", 201, body=client.model("NewRoster", team_id=str(team.team_id), **period)
    )
    cells = [{"staff_no": "A001", "on": str(PLANNED), "code": "早"}]
    draft = client.model("DraftBody", assignments=cells)
    client.ask("rosters", "roster_replace_draft", 200, roster_id=roster.roster_id, body=draft)
    publication = client.model("Publish", note="三月", override={"reason": "nobody can be reached yet"})
    published = client.ask("rosters", "roster_publish_roster", 201, roster_id=roster.roster_id, body=publication)
    assert published.number == 1
    [change] = client.ask("shift_changes", "roster_list_shift_changes", 200, agent="A001").items
    confirmed = client.ask(
        "shift_changes",
        "roster_confirm_shift_change",
        200,
        change_id=change.change_id,
        body=client.model("Confirm", channel="phone", note="called, said yes"),
    )
    assert confirmed.state == "confirmed"
    shifts = client.ask(
        "shift_changes",
        "roster_list_agent_shifts",
        200,
        agent_id=agent.agent_id,
        from_=PLANNED,
        to=PLANNED,
    )
    assert shifts.shifts[0].accountable.code == "早"
    refused = client.ask("teams", "roster_create_team", 409, body=body)
    assert refused.code == "team-code-taken"
