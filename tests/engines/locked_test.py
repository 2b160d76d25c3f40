#!/usr/bin/env python3
"""An image built from its lock again and again, on a real engine with a real uv, while indexes gain releases and the tag of the base image moves.

usage: locked_test.py SLIPWAY NAME [ROUNDS]   (TAP on standard output; root, Debian or Ubuntu, Debian's Python with python3-docker)

Two indexes in the engine's own network have real wheels that are made here; slipway runs in that network, too. ROUNDS: the count of rebuilds, 2 if
it is left out.
"""
import base64
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import zipfile

import docker

import suite
from suite import check

SLIPWAY, NAME, ROUNDS = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 2
PORT = 8091
INDEX = f"http://10.0.2.100:{PORT}/"
BASE = "localhost:5000/base:1"
SEED = """\
slipway: 1
name: seed
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
requirements: [einops==0.8.1]
image: {name: localhost/seed}
"""
PROFILE = f"""\
slipway: 1
name: locked
base_image: {BASE}
python_version: "3.11"
torch: {{version: "2.12.0", cuda: "13.0"}}
indexes:
  - {{url: "{INDEX}cuda/", for: [torch]}}
  - {{url: "{INDEX}simple/", for: [apple, pear, plum]}}
requirements: [apple, "pear>=1"]
assertions: [{{import: apple}}, {{import: plum}}]
image: {{name: localhost/locked}}
"""
RECORDS = "cat $(find /opt/venv -path '*.dist-info/RECORD' | sort) | sha256sum; ls -d /opt/venv/lib/*/site-packages/*.dist-info; cat /moved 2>/dev/null || true"


def wheel(folder, project, version, files, requires=()):
    """A real wheel, and the page of its project anew."""
    folder = folder / project
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{project}-{version}.dist-info"
    metadata = "".join(f"Requires-Dist: {line}\n" for line in requires)
    files = {**files, f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n{metadata}",
             f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    rows = [f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}"
            for name, text in files.items()]
    with zipfile.ZipFile(folder / f"{project}-{version}-py3-none-any.whl", "w") as archive:
        for name, text in {**files, f"{info}/RECORD": "\n".join([*rows, f"{info}/RECORD,,", ""])}.items():
            archive.writestr(name, text)
    links = [f'<a href="{path.name.replace("+", "%2B")}#sha256={hashlib.sha256(path.read_bytes()).hexdigest()}">{path.name}</a>\n'
             for path in sorted(folder.glob("*.whl"))]
    (folder / "index.html").write_text("".join(links))


def torch(folder, version, local):
    """A torch that says its release, its CUDA and its GPUs, and nothing more."""
    full = f"{version}+{local}"
    wheel(folder, "torch", full, {"torch/__init__.py": f"from torch import version, _C\n__version__ = '{full}'\n",
                                  "torch/_C.py": "def _cuda_getArchFlags():\n    return 'sm_89 sm_90'\n",
                                  "torch/version.py": f"__version__ = '{full}'\ncuda = '13.0'\n"}, ["plum"])


class Tests:
    def __init__(self, url, folder):
        self.url, self.folder, self.rig, self.index = url, folder / "work", folder / "engine", folder / "index"
        self.folder.mkdir()
        self.client = docker.DockerClient(base_url=url, timeout=600)
        torch(self.index / "cuda", "2.12.0", "cu130")
        self.release("1.0")
        self.server = suite.serve(self.rig, self.index, PORT)
        own = os.readlink("/proc/self/ns/net")
        self.inside = next(process for process in suite.below(int((self.rig / "pid").read_text()))
                           if os.readlink(f"/proc/{process}/ns/net") != own)

    def release(self, version):
        """Releases of all projects of the plain index."""
        for project, requires in (("apple", ["pear", "plum>=0.1"]), ("pear", []), ("plum", [])):
            wheel(self.index / "simple", project, version, {f"{project}.py": f"version = '{version}'\n"}, requires)

    def slipway(self, *words, cache="cache"):
        """Run slipway in the engine's network, and return its standard output."""
        done = subprocess.run(["nsenter", f"--net=/proc/{self.inside}/ns/net", SLIPWAY, "-H", self.url, *words], cwd=self.folder, text=True,
                              capture_output=True, timeout=1500,
                              env={**os.environ, "GITHUB_ACTIONS": "", "XDG_CACHE_HOME": str(self.folder / cache)})
        check(done.returncode == 0, f"{words}: status {done.returncode}: {done.stdout[-4000:]} {done.stderr[-1500:]}")
        return done.stdout

    def records(self):
        return self.client.containers.run("localhost/locked", entrypoint=["/bin/sh", "-c", RECORDS], remove=True).decode()

    def move_base(self, change):
        """Let the tag of the base image name another image in the registry."""
        container = self.client.containers.run("localhost/seed", entrypoint=["/bin/sh", "-c", change], detach=True)
        container.wait()
        container.commit(*BASE.rsplit(":", 1))
        container.remove()
        pushed = self.client.images.push(*BASE.rsplit(":", 1))
        check("errorDetail" not in pushed, pushed)

    def the_same_files_whatever_the_indexes_and_the_tag_come_to(self):
        with suite.registry(self.rig, self.folder.parent / "registry"):
            (self.folder / "seed.yaml").write_text(SEED)
            (self.folder / "locked.yaml").write_text(PROFILE)
            self.slipway("build", "seed", "--no-record")
            self.move_base("rm -rf /opt/venv")
            self.slipway("lock", "locked")
            lock = (self.folder / "pylock.locked.toml").read_text()
            check("base-digest = " in lock and lock.count("sha256 = ") == 4, lock)
            self.slipway("build", "locked", "--locked", "--no-record")
            first = self.records()
            check("apple-1.0.dist-info" in first and "torch-2.12.0+cu130.dist-info" in first, first)
            for number in range(ROUNDS):
                self.release(f"2.{number}")
                torch(self.index / "cuda", f"2.12.{number + 1}", "cu130")
                self.move_base(f"rm -rf /opt/venv; echo {number} > /moved")
                self.client.images.remove("localhost/locked", force=True)
                self.slipway("build", "locked", "--locked", "--no-record", "--no-cache", cache=f"cache-{number}")
                check(self.records() == first, f"round {number}: {self.records()} in place of {first}")
                check((self.folder / "pylock.locked.toml").read_text() == lock, "the lock was written anew")
            self.slipway("lock", "--upgrade", "locked", cache="another")
            self.slipway("build", "locked", "--no-record", "--no-cache", cache="another")
            check(f"apple-2.{ROUNDS - 1}.dist-info" in self.records() and f"\n{ROUNDS - 1}\n" in "\n" + self.records(),
                  f"an upgrade moves nothing: {self.records()}")


suite.run(NAME, Tests, lambda name: name.startswith("the_"))
