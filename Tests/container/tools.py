"""The programs that check what scripts/deploy holds, each found or the test skipped by its name."""

import os
import pathlib
import shutil
import subprocess

import pytest

from service import ROOT

DEPLOY = ROOT / "scripts" / "deploy"
# Unpacked, not installed: a package of a server would start that server on this machine.
UNPACKED = ROOT / ".venv" / "deploy-tools"
PACKAGES = {
    "promtool": "prometheus", "prometheus": "prometheus", "caddy": "caddy", "nginx": "nginx",
}
SECONDS_MAX = 120


def tool(name: str) -> str:
    """The path of a program: an installed one, or one out of Debian's package."""
    # Debian keeps servers where only root's PATH looks.
    folders = ["/usr/sbin", UNPACKED / "usr" / "bin", UNPACKED / "usr" / "sbin"]
    path = os.pathsep.join([os.environ["PATH"], *map(str, folders)])
    if found := shutil.which(name, path=path):
        return found
    if package := PACKAGES.get(name):
        unpack(package)
        if found := shutil.which(name, path=path):
            return found
    pytest.skip(f"{name} is not on this machine")


def unpack(package: str) -> None:
    """Fetches a Debian package, which takes no rights, and unpacks it without installing it."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return
    UNPACKED.mkdir(parents=True, exist_ok=True)
    # Where this fails (no network, another Debian), the caller skips and says what is missing.
    subprocess.run(["apt-get", "download", "-qq", package], cwd=UNPACKED, check=False,
                   capture_output=True, timeout=SECONDS_MAX)
    for archive in UNPACKED.glob(f"{package}_*.deb"):
        subprocess.run(["dpkg-deb", "-x", archive, UNPACKED], check=True)
        archive.unlink()


def run(*command: object, cwd: pathlib.Path | None = None) -> subprocess.CompletedProcess:
    """Runs a program to its end."""
    return subprocess.run([str(word) for word in command], cwd=cwd, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=SECONDS_MAX, check=False)


def check(*command: object, cwd: pathlib.Path | None = None) -> str:
    """Runs a program that has to succeed, and gives what it printed."""
    ran = run(*command, cwd=cwd)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout
