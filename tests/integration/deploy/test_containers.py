"""What cannot be run here is read: the compose file, the Dockerfile, the gateway's configuration."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
import yaml

from shared.contracts.routes import SERVICES
from tests.dev_process import ROOT
from tests.integration.deploy.composed import IMAGE, VARIABLE, services

DOCKERFILE = (ROOT / "deploy" / "docker" / "Dockerfile").read_text()
COMPOSE = (ROOT / "docker-compose.yml").read_text()
GATEWAY = (ROOT / "deploy" / "docker" / "gateway.conf").read_text()
SECRETS = {name for name, _, _ in VARIABLE.findall(COMPOSE) if name.endswith("PASSWORD")}
FILLED = services({name: f"word-of-{name}" for name in SECRETS})
OURS = {name: service for name, service in FILLED.items() if service["image"] == IMAGE}
RUNNING = {name: service for name, service in OURS.items() if name.endswith(("-api", "-worker"))}


def test_every_service_has_an_api_and_a_worker_beside_the_one_shots_and_the_servers() -> None:
    parts = {f"{service}-{part}" for service in SERVICES for part in ("api", "worker")}
    assert set(FILLED) == parts | {"postgres", "rabbitmq", "provision", "migrate", "gateway"}
    for service in SERVICES:
        for part in ("api", "worker"):
            assert FILLED[f"{service}-{part}"]["command"] == ["serve", service, f"--{part}", "--host", "0.0.0.0"]


def test_each_service_has_its_own_database_role_and_broker_user() -> None:
    for name, service in RUNNING.items():
        own = name.partition("-")[0]
        for variable, kind in (("DATABASE_URL", "DATABASE"), ("AMQP_URL", "BROKER")):
            expected = f"ringback_{own}:word-of-{own.upper()}_{kind}_PASSWORD@"
            assert expected in service["environment"][variable], name
        assert not {"POSTGRES_PASSWORD", "RABBITMQ_PASSWORD"} & set(re.findall(r"word-of-(\w+)", str(service))), name


def test_only_who_needs_a_secret_has_it() -> None:
    mounts = {name: [volume.split(":")[0] for volume in service.get("volumes", [])] for name, service in OURS.items()}
    signs = ["provision", "notify-worker"]  # the worker asks cases for customers' addresses, with a token of its own
    assert [name for name in mounts if "keys" in mounts[name]] == signs
    assert [name for name in mounts if "link" in mounts[name]] == ["provision", "notify-api", "notify-worker"]
    for name, service in RUNNING.items():
        assert all(volume.endswith(":ro") for volume in service.get("volumes", [])), name


def test_no_secret_has_a_default() -> None:
    assert SECRETS, "secrets come from variables"
    assert all(kind == "?" for name, kind, _ in VARIABLE.findall(COMPOSE) if name in SECRETS)
    with pytest.raises(KeyError):
        services({})


def test_everything_restarts_is_bounded_and_is_checked() -> None:
    for name, service in FILLED.items():
        assert "mem_limit" in service, name
        if name in ("provision", "migrate"):
            assert service["restart"] == "no"
        else:
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"], name


def test_nothing_starts_before_what_it_stands_on() -> None:
    for name, service in RUNNING.items():
        assert service["depends_on"]["migrate"]["condition"] == "service_completed_successfully", name
    assert OURS["migrate"]["depends_on"]["provision"]["condition"] == "service_completed_successfully"
    assert OURS["provision"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert OURS["provision"]["depends_on"]["rabbitmq"]["condition"] == "service_healthy"
    assert set(FILLED["gateway"]["depends_on"]) == {f"{service}-api" for service in SERVICES}


def test_our_containers_may_do_nothing_they_need_not() -> None:
    for name, service in OURS.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert "ports" not in service, f"{name} is reached through the gateway only"


def test_every_volume_and_mounted_file_exists() -> None:
    named = set(yaml.safe_load(COMPOSE)["volumes"])
    for service in FILLED.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in named


def test_images_are_named_by_version() -> None:
    images = [service["image"] for service in FILLED.values() if service["image"] != IMAGE]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert all(":" in image and not image.endswith(":latest") for image in images), images


def test_compose_itself_accepts_the_file() -> None:
    compose = _compose()
    if compose is None:
        pytest.skip("docker compose is not installed")
    environment = {"PATH": os.environ["PATH"]} | dict.fromkeys(SECRETS, "word")
    command = [*compose, "config", "--quiet"]
    checked = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def _compose() -> list[str] | None:
    """Compose as docker's plugin or by itself; neither needs an engine to check a file."""
    for command in (["docker", "compose"], ["docker-compose"]):
        found = shutil.which(command[0]) and subprocess.run(
            [*command, "version", "--short"], capture_output=True, check=False
        )
        if found and found.returncode == 0 and not found.stdout.startswith(b"1."):
            return command
    return None


def test_the_image_is_built_from_hashes_and_runs_as_nobody_special() -> None:
    assert "--require-hashes -r /requirements-runtime.lock" in DOCKERFILE
    assert not re.search(r"index-url|trusted-host|curl|wget|ADD |sudo|:latest", DOCKERFILE)
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert users == ["10001:10001"]
    last = DOCKERFILE.rindex("USER 10001")
    assert not re.search(r"^(RUN|COPY)", DOCKERFILE[last:], re.MULTILINE), "nothing is written after the user is set"
    assert 'ENTRYPOINT ["python", "-m", "deploy.cli"]' in DOCKERFILE


def test_everything_the_image_copies_exists_and_gets_through_the_ignore_file() -> None:
    ignored = (ROOT / "deploy" / "docker" / "Dockerfile.dockerignore").read_text().splitlines()
    for source in re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.MULTILINE):
        assert (ROOT / source).exists(), source
        assert f"!{source}" in ignored
    assert ignored[0] == "*"


def test_the_lock_file_names_no_index() -> None:
    assert not re.search(r"https?://|^-i|--index|--find-links", (ROOT / "requirements-runtime.lock").read_text(), re.M)


def test_the_gateway_routes_every_service_and_the_answer_page_to_its_api() -> None:
    routes = dict(re.findall(r"location (/\w+/)\s*{ set \$api http://([\w-]+):8000;", GATEWAY))
    assert routes == {f"/{service}/": f"{service}-api" for service in SERVICES} | {"/a/": "notify-api"}
    assert set(routes.values()) <= set(FILLED)
    assert GATEWAY.count("{") == GATEWAY.count("}")


def test_the_gateway_lets_imports_through_and_keeps_answer_tokens_out_of_its_log() -> None:
    limit = re.search(r"client_max_body_size (\d+)m;", GATEWAY)
    assert limit
    assert int(limit[1]) > 20
    assert "$log_path" in GATEWAY
    assert not re.search(r"\$request\b|\$request_uri|\$args|\$http_authorization", GATEWAY)
