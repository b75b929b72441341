"""The wheel holds everything that serving needs, and starts away from the repository."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOMS = ("befit", "documents", "engine", "models", "rules")


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_every_file_of_every_room_reaches_the_wheel(root, wheel):
    kept = {
        path.relative_to(root).as_posix()
        for room in ROOMS
        for path in (root / room).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    with ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert kept - packed == set()
    assert {name for name in packed if name.split("/")[0] not in ROOMS and ".dist-info/" not in name} == set()


def test_every_example_company_reaches_the_wheel(root, wheel):
    folder = root / "examples"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    kept = {f"engine/packs/{name}" for name in files if "__pycache__" not in name}
    with ZipFile(wheel) as archive:
        assert kept - set(archive.namelist()) == set()


def test_the_installed_wheel_starts(wheel, tmp_path):
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, wheel]
    subprocess.run(install, check=True, capture_output=True)
    elsewhere = {**os.environ, "PYTHONPATH": str(site)}
    told = subprocess.run(
        [site / "bin" / "befit", "--help"], cwd=tmp_path, env=elsewhere, check=True, capture_output=True, text=True
    )
    assert "serve" in told.stdout
    where = [sys.executable, "-c", "import engine; print(engine.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, env=elsewhere, check=True, capture_output=True, text=True)
    assert found.stdout.startswith(str(site))
    init = [site / "bin" / "befit", "init", "--pack", "telco", "mine"]
    subprocess.run(init, cwd=tmp_path, env=elsewhere, check=True, capture_output=True)
    assert (tmp_path / "mine" / "policy.yaml").is_file()
