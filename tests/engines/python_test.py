#!/usr/bin/env python3
"""Another Python than the base image's, on a real engine: by uv from a mirror, and from a folder of builds.

usage: python_test.py SLIPWAY NAME   (TAP on standard output; root, Debian or Ubuntu, Debian's Python with python3-docker)

The builds are made here, of the Pythons that pyenv has, in the form of python-build-standalone.
"""
import hashlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile

import docker

import suite
from suite import check

SLIPWAY, NAME = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
PYENV = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv")) / "versions"
PORT = 8090
MIRROR = f"http://10.0.2.100:{PORT}/"
PROFILE = """\
slipway: 1
name: python
base_image: {bootstrap: "%(base)s"}
python_version: "%(python)s"
%(more)s
installer: %(installer)s
requirements: [einops==0.8.1]
assertions: [{that: python, is: "==%(python)s.*"}, {import: einops}]
image: {name: localhost/python}
"""


def make_build(version, folder):
    """A build of a Python of pyenv; its name."""
    found = sorted(PYENV.glob(f"{version}.*"))
    check(found, f"pyenv has no Python {version}")
    name = f"cpython-{found[-1].name}+20240101-{os.uname().machine}-unknown-linux-gnu-install_only.tar.gz"
    folder.mkdir(exist_ok=True)

    def chosen(member):
        parts = member.name.split("/")
        return None if "test" in parts or "__pycache__" in parts or member.name.startswith(("python/share", "python/lib/pkgconfig")) or \
            ("site-packages" in parts and parts[-1] != "site-packages") or member.name.endswith(".a") else member

    with tarfile.open(folder / name, "w:gz", compresslevel=1) as build:
        build.add(found[-1], "python", filter=chosen)
        program = found[-1] / f"bin/python{version}"
        info = build.gettarinfo(program, f"python/bin/python{version}")
        data = relocatable(program.read_bytes(), found[-1])
        build.addfile(info, io.BytesIO(data))
    return name


def relocatable(program, prefix):
    """Return the program's bytes; a path to pyenv's library in them becomes a path beside the program."""
    there = os.fsencode(prefix / "lib") + b"\0"
    return program.replace(there, b"$ORIGIN/../lib".ljust(len(there), b"\0"))


def entry(name, folder):
    """The mirror's statement about a build, as uv reads it."""
    version = name.split("-")[1].split("+")[0]
    major, minor, patch = map(int, version.split("."))
    return {"name": "cpython", "arch": {"family": os.uname().machine, "variant": None}, "os": "linux", "libc": "gnu", "major": major,
            "minor": minor, "patch": patch, "prerelease": "", "url": MIRROR + name.replace("+", "%2B"),
            "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(), "variant": None, "build": "20240101"}


class Tests:
    def __init__(self, url, folder):
        self.url, self.folder, self.rig, self.mirror = url, folder / "work", folder / "engine", folder / "mirror"
        self.folder.mkdir()
        names = [make_build(version, self.mirror) for version in ("3.9", "3.13")]
        downloads = {name.split("+")[0] + "-linux-x86_64-gnu": entry(name, self.mirror) for name in names}
        (self.mirror / "downloads.json").write_text(json.dumps(downloads))
        self.client = docker.DockerClient(base_url=url, timeout=600)
        self.server = suite.serve(self.rig, self.mirror, PORT)

    def build(self, base, python, more="", installer="uv", told=True):
        (self.folder / "python.yaml").write_text(PROFILE % {"base": base, "python": python, "more": more, "installer": installer})
        done = subprocess.run([SLIPWAY, "-H", self.url, "--format", "json", "build", "python", "--no-record"], cwd=self.folder, text=True,
                              capture_output=True, timeout=1500,
                              env={**os.environ, "GITHUB_ACTIONS": "", "UV_PYTHON_DOWNLOADS_JSON_URL": MIRROR + "downloads.json"})
        log = "".join(event["text"] for event in map(json.loads, done.stdout.splitlines()) if event.get("event") == "log")
        check(done.returncode == 0, f"status {done.returncode}: {log[-3000:]} {done.stdout[-1500:]} {done.stderr[-800:]}")
        result = json.loads(done.stdout.splitlines()[-1])
        check(("SW231" in [finding["code"] for finding in result["findings"]]) == told, f"the other Python is {'not ' if told else ''}told of")

    def version(self):
        return self.client.containers.run("localhost/python", entrypoint=["/opt/venv/bin/python", "-c",
                                          "import sys; print('%d.%d' % sys.version_info[:2], sys.base_prefix)"], remove=True).decode().strip()

    def compiled(self, *modules):
        """Those of the modules that have bytecode in the image."""
        code = "import importlib.util as u, os, sys; print(*[name for name in sys.argv[1:] if os.path.exists(u.find_spec(name).cached)])"
        return self.client.containers.run("localhost/python", entrypoint=["/opt/venv/bin/python", "-I", "-B", "-c", code, *modules],
                                          remove=True).decode().split()

    def an_older_one_by_uv_with_bytecode(self):
        self.build("debian:bookworm", "3.9", "bytecode: true")
        check(self.version().startswith("3.9 /opt/python/"), self.version())
        check(self.compiled("einops", "wave", "xml.dom.minidom") == ["einops", "wave", "xml.dom.minidom"], "modules have no bytecode")

    def a_newer_one_by_uv_with_pip_and_no_bytecode(self):
        self.build("debian:bookworm", "3.13", "bytecode: false", installer="pip")
        check(self.version().startswith("3.13 /opt/python/"), self.version())
        check(not self.compiled("einops"), "einops has bytecode")

    def from_a_folder_on_another_distribution(self):
        make_build("3.11", self.folder / "builds of python")
        self.build("debian:trixie", "3.11", "python_builds: builds of python")
        check(self.version() == "3.11 /opt/python/python", self.version())


if __name__ == "__main__":
    if PYENV.is_dir():
        suite.run(NAME, Tests, lambda name: name.startswith(("an_", "a_", "from_")))
    else:
        print("1..0 # SKIP pyenv is not here")
