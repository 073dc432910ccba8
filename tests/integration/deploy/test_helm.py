"""The Helm chart: lints, renders to manifests that Kubernetes' schemas accept, and runs what the images can run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from typer.testing import CliRunner

from deploy.cli import app
from services.notify.settings import NotifySettings
from shared.contracts.routes import SERVICES
from shared.platform.settings import Settings

CHART = Path(__file__).parents[3] / "deploy/helm/ringback"
HELM = Path(sys.executable).with_name("helm")
CUSTOM = {"ScaledObject", "TriggerAuthentication", "PodMonitor", "PrometheusRule"}
EVERYTHING = (
    "--set=keda.enabled=true,monitoring.podMonitor=true,monitoring.rules=true,otlpEndpoint=http://collector:4318",
    "--set=auth.tokenUrl=https://id.example.com/token",
    "--set=services.notify.env[0].name=NOTIFY_CAPTURE,services.notify.env[0].value=off",
)


def helm(*words: str) -> str:
    done = subprocess.run([HELM, *words], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rendered(*options: str) -> list[dict[str, Any]]:
    return [found for found in yaml.safe_load_all(helm("template", "rb", str(CHART), *options)) if found]


def of_kind(manifests: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {found["metadata"]["name"]: found for found in manifests if found["kind"] == kind}


def test_the_chart_lints() -> None:
    assert "1 chart(s) linted, 0 chart(s) failed" in helm("lint", "--strict", str(CHART))


@pytest.mark.parametrize("options", [(), EVERYTHING], ids=["as it comes", "everything on"])
def test_every_manifest_fits_kubernetes_schemas(options: tuple[str, ...]) -> None:
    manifests = rendered(*options)
    for manifest in manifests:
        if manifest["kind"] not in CUSTOM:
            kubernetes_validate.validate(manifest, "1.30", strict=True)
    assert {"Deployment", "Service", "Job", "Ingress", "NetworkPolicy", "PodDisruptionBudget"} <= {
        manifest["kind"] for manifest in manifests
    }


def test_each_service_has_an_api_and_a_worker_with_probes_resources_and_a_budget() -> None:
    manifests = rendered()
    names = {f"rb-{service}-{part}" for service in SERVICES for part in ("api", "worker")}
    assert set(of_kind(manifests, "Deployment")) == names
    assert set(of_kind(manifests, "PodDisruptionBudget")) == names
    for deployment in of_kind(manifests, "Deployment").values():
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
        assert container["resources"]["limits"]["memory"]
        assert container["securityContext"]["runAsNonRoot"]
        assert container["securityContext"]["readOnlyRootFilesystem"]


def test_every_containers_command_is_one_that_ringback_knows() -> None:
    manifests = rendered(*EVERYTHING)
    for kind in ("Deployment", "Job"):
        for found in of_kind(manifests, kind).values():
            [container] = found["spec"]["template"]["spec"]["containers"]
            told = CliRunner().invoke(app, [container["args"][0], "--help"])
            assert told.exit_code == 0, told.output
            for option in (word for word in container["args"] if word.startswith("--")):
                assert option in told.output


def test_every_setting_given_is_one_that_is_read() -> None:
    known = {name.upper() for name in Settings.model_fields} | {"FORWARDED_ALLOW_IPS", "OTEL_EXPORTER_OTLP_ENDPOINT"}
    known |= {"CASES_URL", *(f"NOTIFY_{name.upper()}" for name in NotifySettings.model_fields)}
    known |= {"DATABASE_PASSWORD", "BROKER_PASSWORD", "NOTIFY_CAPTURE"}
    known |= {f"{service}_{kind}_PASSWORD".upper() for service in SERVICES for kind in ("database", "broker")}
    manifests = rendered(*EVERYTHING)
    for kind in ("Deployment", "Job"):
        for found in of_kind(manifests, kind).values():
            [container] = found["spec"]["template"]["spec"]["containers"]
            assert {variable["name"] for variable in container["env"]} <= known


def test_a_service_gets_its_own_role_and_password_and_nobody_elses() -> None:
    for name, deployment in of_kind(rendered(), "Deployment").items():
        service = name.split("-")[1]
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        environment = {variable["name"]: variable for variable in container["env"]}
        assert f"ringback_{service}:" in environment["DATABASE_URL"]["value"]
        assert f"ringback_{service}:" in environment["AMQP_URL"]["value"]
        keys = {v["valueFrom"]["secretKeyRef"]["key"] for v in environment.values() if "valueFrom" in v}
        assert keys == {f"{service}-database", f"{service}-broker"}
        assert ("CASES_URL" in environment) == (service == "notify")


def test_queues_scale_the_workers_when_keda_is_there() -> None:
    scaled = of_kind(rendered(*EVERYTHING), "ScaledObject")
    assert {found["spec"]["triggers"][0]["metadata"]["queueName"] for found in scaled.values()} == {
        f"svc.{service}" for service in SERVICES
    }
    assert of_kind(rendered(), "ScaledObject") == {}


def test_roles_and_tables_are_made_before_anything_starts() -> None:
    jobs = of_kind(rendered(), "Job")
    weights = {name: int(job["metadata"]["annotations"]["helm.sh/hook-weight"]) for name, job in jobs.items()}
    assert weights["rb-provision"] < weights["rb-migrate"] < 0


def test_without_the_keys_of_an_identity_provider_the_chart_says_what_is_missing() -> None:
    command = [HELM, "template", "rb", str(CHART), "--set=auth.jwks="]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "auth.jwks" in done.stderr
