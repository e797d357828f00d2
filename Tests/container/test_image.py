"""What the Dockerfile promises, as far as it can be seen without building it."""

import pathlib
import re
import subprocess

import pytest

import dockerfile
from service import ROOT, binary, command_line
from tools import check

STAGES = dockerfile.read(ROOT / "Dockerfile")
FINAL = STAGES[-1]
PLAYBOOK = ROOT / "scripts" / "playbook"
# Linked into the program in the image (--static-swift-stdlib), shared ones here.
SWIFT_LIBRARY = re.compile(r"lib(swift|Foundation|_Foundation|dispatch|BlocksRuntime)")


def test_the_library_list_is_what_the_program_links() -> None:
    listed = next(
        stage.pairs("ARG")["LIBRARIES"] for stage in STAGES if "LIBRARIES" in stage.pairs("ARG")
    ).split()
    assert listed == sorted(listed)
    linked = re.findall(r"^\s*(\S+) => (\S+)", check("ldd", binary()), re.MULTILINE)
    assert all(path.startswith("/") for _, path in linked), linked
    assert {name for name, _ in linked if not SWIFT_LIBRARY.match(name)} == set(listed)


def test_the_last_stage_begins_with_nothing_and_runs_nothing() -> None:
    assert FINAL.base == "scratch"
    assert not FINAL.values("RUN"), "there is no shell to run it"
    for name in ("ENTRYPOINT", "CMD"):
        assert FINAL.values(name)[0].startswith("["), f"{name} would need a shell"
    probe = FINAL.values("HEALTHCHECK")[0].split("CMD ", 1)[1]
    assert probe == '["/usr/bin/image-service", "healthcheck"]'


def test_it_runs_as_a_user_without_rights_who_owns_the_data() -> None:
    user = FINAL.values("USER")[0]
    number, group = (int(part) for part in user.split(":"))
    assert number > 0 and group > 0
    assert FINAL.values("VOLUME") == ["/data"]
    assert any(f"--chown={user} /volume/ /" in value for value in FINAL.values("COPY"))
    build = "\n".join(value for stage in STAGES for value in stage.values("RUN"))
    assert f"x:{number}:{group}::" in build, "the number has a name in /etc/passwd"


def test_it_listens_where_others_reach_it() -> None:
    settings = FINAL.pairs("ENV")
    assert settings["HOST"] == "0.0.0.0"
    assert settings["DATA_DIR"] == "/data"
    assert FINAL.values("EXPOSE") == ["8001"]


def test_its_labels_say_what_it_is(tmp_path: pathlib.Path) -> None:
    labels = FINAL.pairs("LABEL")
    prefix = "org.opencontainers.image."
    assert {f"{prefix}{name}" for name in ("title", "description", "revision")} <= set(labels)
    assert labels[f"{prefix}licenses"] == "Apache-2.0"
    version = command_line(tmp_path, "version").stdout
    assert labels[f"{prefix}version"] == re.search(r"\d+\.\d+\.\d+\S*", version).group()


@pytest.mark.parametrize("folder", [ROOT, PLAYBOOK], ids=["service", "playbook"])
def test_no_key_comes_into_a_layer(folder: pathlib.Path) -> None:
    for stage in dockerfile.read(folder / "Dockerfile"):
        for name in (*stage.pairs("ENV"), *stage.pairs("ARG")):
            assert not re.search("KEY|SECRET|TOKEN|PASSWORD", name), name
        for name, arguments in stage.steps:
            assert "API_KEY" not in arguments, f"{name} {arguments}"


@pytest.mark.parametrize("folder", [ROOT, PLAYBOOK], ids=["service", "playbook"])
def test_all_that_is_copied_is_there_and_let_through(folder: pathlib.Path) -> None:
    ignore = dockerfile.Ignore(folder / ".dockerignore")
    sources = [name for stage in dockerfile.read(folder / "Dockerfile") for name in stage.copied()]
    assert sources
    for source in sources:
        assert (folder / source).exists(), source
        inside = [pattern for pattern in ignore.patterns if pattern.startswith(f"!{source}/")]
        assert inside or not ignore.excludes(source), source


PRIVATE = [
    ".env", ".git/config", "data/api-key", "data/blobs/ab/abcd", ".venv/bin/python", ".build/x.o",
    "id_rsa", "notes.txt", "scripts/run", "docker-compose.yml", "photos/a.jpg",
    "Tests/clients/test_images.py", "Tests/requirements.txt", "Sources/UV/__pycache__/a.pyc",
]


@pytest.mark.parametrize("path", PRIVATE)
def test_what_is_nobody_elses_business_stays_out_of_the_build(path: str) -> None:
    assert dockerfile.Ignore(ROOT / ".dockerignore").excludes(path)


def test_every_swift_file_gets_into_the_build() -> None:
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "Package.swift", "*.swift", "*.h",
                             "*.modulemap"], capture_output=True, text=True, check=True)
    ignore = dockerfile.Ignore(ROOT / ".dockerignore")
    needed = [path for path in listed.stdout.split() if not path.startswith("scripts/")]
    assert len(needed) > 100
    assert [path for path in needed if ignore.excludes(path)] == []
