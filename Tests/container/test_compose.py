"""What docker-compose.yml promises; with Docker Compose on the machine, what that makes of it."""

import os
import pathlib
import re
import shlex
import shutil
import subprocess

import pytest
import yaml

import dockerfile
from service import ROOT

FILE = ROOT / "docker-compose.yml"
COMPOSE = yaml.safe_load(FILE.read_text())
SERVICES = COMPOSE["services"]
KEY = "key-for-this-test-4711"


def compose(folder: pathlib.Path, *words: str, **settings: str) -> subprocess.CompletedProcess:
    """Docker Compose on the file, without this shell's settings. COMPOSE: how to call it."""
    command = shlex.split(os.environ.get("COMPOSE", ""))
    if not command and shutil.which("docker-compose"):
        command = ["docker-compose"]
    elif not command and shutil.which("docker"):
        command = ["docker", "compose"]
    if not command or subprocess.run([*command, "version"], capture_output=True).returncode != 0:
        pytest.skip("Docker Compose is not on this machine")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)} | settings
    # A folder of its own, so that no .env of this checkout helps.
    shutil.copy(FILE, folder)
    return subprocess.run([*command, "-f", folder / FILE.name, *words], env=environment,
                          capture_output=True, text=True, check=False)


def test_docker_compose_accepts_it(tmp_path: pathlib.Path) -> None:
    ran = compose(tmp_path, "config", API_KEY=KEY)
    assert ran.returncode == 0, ran.stderr
    read = yaml.safe_load(ran.stdout)["services"]
    assert [read[name]["environment"]["API_KEY"] for name in sorted(read)] == [KEY, KEY]


def test_the_key_may_stand_in_the_env_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / ".env").write_text(f"API_KEY={KEY}\n")
    assert KEY in compose(tmp_path, "config").stdout


@pytest.mark.parametrize("settings", [{}, {"API_KEY": ""}], ids=["missing", "empty"])
def test_without_a_key_it_says_what_to_do(
    tmp_path: pathlib.Path, settings: dict[str, str]
) -> None:
    ran = compose(tmp_path, "config", **settings)
    assert ran.returncode != 0
    assert "API_KEY" in ran.stderr and ".env" in ran.stderr, ran.stderr


def test_the_file_holds_no_key() -> None:
    for service in SERVICES.values():
        value = service["environment"]["API_KEY"]
        assert re.fullmatch(r"\$\{API_KEY:\?[^}]*\.env[^}]*\}", value), value
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("name", ["image_service", "jupyter"])
def test_a_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "devices", "network_mode", "pid"} & set(service)
    # Only named volumes: nothing of the host is in reach.
    volumes = [volume.split(":") for volume in service["volumes"]]
    assert all(source in COMPOSE["volumes"] for source, _ in volumes), volumes


def test_nothing_is_published_beyond_this_machine_unless_asked_for() -> None:
    assert SERVICES["image_service"]["ports"] == ["${BIND_ADDRESS:-127.0.0.1}:8001:8001"]
    # What runs programs for whoever reaches it has no setting that opens it.
    assert SERVICES["jupyter"]["ports"] == ["127.0.0.1:8888:8888"]


def test_the_images_outlive_the_container() -> None:
    final = dockerfile.read(ROOT / "Dockerfile")[-1]
    assert SERVICES["image_service"]["volumes"] == [f"images:{final.pairs('ENV')['DATA_DIR']}"]


def test_jupyter_waits_until_uploads_work() -> None:
    waits = SERVICES["jupyter"]["depends_on"]["image_service"]
    assert waits == {"condition": "service_healthy"}
    probe = SERVICES["image_service"]["healthcheck"]["test"]
    assert probe[0] == "CMD" and probe[-1].endswith("/readyz"), "there is no shell for another form"
    assert SERVICES["jupyter"]["environment"]["IMAGE_SERVICE_URL"] == "http://image_service:8001"


def test_a_stop_waits_longer_than_the_service_needs() -> None:
    readme = (ROOT / "README.md").read_text()
    shutdown_seconds = int(re.search(r"`SHUTDOWN_TIMEOUT` \| `(\d+)`", readme).group(1))
    grace = SERVICES["image_service"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > shutdown_seconds


def test_jupyter_without_a_token_answers_this_machine_only() -> None:
    settings = (ROOT / "scripts" / "playbook" / "jupyter_server_config.py").read_text()
    assert 'c.IdentityProvider.token = ""' in settings
    assert "c.ServerApp.allow_remote_access = False" in settings
    assert 'c.ServerApp.local_hostnames = ["localhost"]' in settings
    assert "disable_check_xsrf" not in settings and "allow_origin" not in settings


def test_the_playbooks_packages_are_pinned() -> None:
    lines = (ROOT / "scripts" / "playbook" / "requirements.txt").read_text().splitlines()
    packages = [line for line in lines if line.strip() and not line.startswith("#")]
    assert packages
    assert [line for line in packages if not re.fullmatch(r"[\w.\[\]-]+==[\w.]+", line)] == []
    assert any(line.startswith("jupyterlab==") for line in packages)
