#!/usr/bin/env python3
"""Caches, outputs and attestations on a real engine: they are where they should be, or the engine is said not to have them.

usage: control_test.py SLIPWAY NAME   (TAP on standard output; root, Debian or Ubuntu)

What the engine and the registry hold is looked at with python3-docker and curl, never with slipway itself.
"""
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import time

import docker

SLIPWAY, NAME = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
HERE = pathlib.Path(__file__).resolve().parent
KEEPS_ALL = NAME == "docker28c"  # its images are in containerd
BASE = "localhost/control-base:1"
CACHE = "localhost:5000/cache:tiny"
PROFILE = """\
slipway: 1
name: tiny
base_image: localhost/control-base:1
python_version: "3.11"
installer: pip
steps:
  - head -c 20 /dev/urandom | sha256sum > /mark
assertions:
  - {import: json}
image: {name: "localhost:5000/tiny"}
"""
# What an engine with a graph driver cannot do, each said before anything is sent to it.
REFUSED = [
    (["--cache-to", "type=registry,ref=localhost:5000/cache:1"], "--cache-to type=registry needs an engine"),
    (["--provenance", "mode=max"], "--attest type=provenance needs an engine"),
]


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


def small_base():
    """The rig's base without what a build here does not need, and with an ensurepip that installs nothing: a tar."""
    whole = subprocess.run([HERE / "rig", "base"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    dropped = ("usr/share/", "var/lib/dpkg", "var/cache", "usr/lib/x86_64-linux-gnu/perl", "usr/lib/x86_64-linux-gnu/gconv", "usr/sbin")
    out = io.BytesIO()
    with tarfile.open(whole) as source, tarfile.open(fileobj=out, mode="w") as target:
        for member in source:
            if not member.name.removeprefix("./").startswith(dropped):
                target.addfile(member, source.extractfile(member) if member.isreg() else None)
        for name in ("__init__.py", "__main__.py"):
            stub = tarfile.TarInfo(f"./usr/lib/python3.11/ensurepip/{name}")
            stub.mode = 0o644
            target.addfile(stub, io.BytesIO())
    return out.getvalue()


class Tests:
    def __init__(self, url, engine, folder):
        self.url, self.engine, self.folder = url, engine, folder
        self.client = docker.DockerClient(base_url=url, timeout=120)
        (folder / "slipway").mkdir()
        (folder / "slipway/tiny.yaml").write_text(PROFILE)
        self.registry = None
        if KEEPS_ALL:
            self.client.api.import_image_from_data(small_base(), *BASE.split(":"))
            self.registry = subprocess.Popen([HERE / "registry", engine, folder / "registry"], stderr=subprocess.PIPE, text=True)
            for line in self.registry.stderr:
                if "listening on" in line:
                    break

    def close(self):
        if self.registry:
            self.registry.terminate()
            self.registry.wait()

    def run(self, *words, environment=None):
        return subprocess.run([SLIPWAY, "-H", self.url, "--format", "json", "build", "tiny", *words], cwd=self.folder,
                              capture_output=True, text=True, timeout=120, env={**os.environ, "GITHUB_ACTIONS": "", **(environment or {})})

    def build(self, *words, **options):
        done = self.run(*words, **options)
        check(done.returncode == 0, f"{words}: status {done.returncode}: {done.stdout[-1500:]} {done.stderr[-800:]}")
        return json.loads(done.stdout.splitlines()[-1])

    def mark(self, image):
        """What the random step wrote: another at each run of it."""
        container = self.client.containers.create(image, ["cat", "/mark"], network_mode="none")
        try:
            container.start()
            container.wait()
            return container.logs().decode()
        finally:
            container.remove(force=True)

    def forget(self):
        """All that the engine has of earlier builds."""
        for image in self.client.images.list():
            if BASE not in image.tags:
                self.client.images.remove(image.id, force=True)
        self.client.api.prune_builds()

    def fetch(self, path, accept="*/*"):
        """What the registry has at a path."""
        pid = next(iter(pathlib.Path(f"/proc/{self.registry.pid}/task/{self.registry.pid}/children").read_text().split()), self.registry.pid)
        done = subprocess.run(["nsenter", "--net", "--target", str(pid), "curl", "-sS", "-f", "-H", f"Accept: {accept}",
                               f"http://localhost:5000/v2/{path}"], capture_output=True, text=True)
        check(done.returncode == 0, f"{path}: {done.stderr}")
        return json.loads(done.stdout)


class Containerd(Tests):
    def a_cache_in_a_registry_gives_the_steps_back(self):
        first = self.build("--cache-to", f"type=registry,ref={CACHE},mode=max")
        check(first["verified"] and first["image"]["tags"] == ["localhost:5000/tiny:latest"], first)
        mark = self.mark(first["image"]["id"])
        check("tiny" in self.fetch("cache/tags/list")["tags"], "the registry has no cache")
        self.forget()
        again = self.build("--cache-from", CACHE)
        check(self.mark(again["image"]["id"]) == mark, "the step ran again")
        self.forget()
        other = self.build()
        check(self.mark(other["image"]["id"]) != mark, "without the cache the step did not run")

    def attestations_are_stored_with_the_image(self):
        result = self.build("--provenance", "mode=max")
        manifests = self.client.api.inspect_image(result["image"]["id"]).get("Manifests")
        data = io.BytesIO(b"".join(self.client.api.get_image(result["image"]["tags"][0])))
        with tarfile.open(fileobj=data) as archive:
            texts = [archive.extractfile(member).read() for member in archive if member.isreg()]
        check(any(b"https://slsa.dev/provenance/" in text for text in texts), f"no provenance: {manifests}")

    def a_failed_build_is_explained_as_ever(self):
        profile = self.folder / "slipway/tiny.yaml"
        profile.write_text(PROFILE.replace("head -c 20", "exit 7; head"))
        try:
            done = self.run("--cache-to", f"type=registry,ref={CACHE}")
        finally:
            profile.write_text(PROFILE)
        result = json.loads(done.stdout.splitlines()[-1])
        check(done.returncode == 1 and result["findings"][0]["code"] == "SW399" and result["findings"][0]["line"] == 7,
              f"{done.returncode}: {result}")


class Graphdriver(Tests):
    def what_it_cannot_do_is_said_first(self):
        for words, text in REFUSED:
            done = self.run(*words)
            result = json.loads(done.stdout.splitlines()[-1])
            found = result["findings"][0]
            check(done.returncode == 3 and found["code"] == "SW501" and found["message"].startswith(text)
                  and "keeps them in overlay2" in found["message"] and "containerd-snapshotter" in found["hint"], f"{words}: {result}")
            events = done.stdout.splitlines()[:-1]
            check(not events, f"{words}: something was done: {events}")


def main():
    kind = Containerd if KEEPS_ALL else Graphdriver
    names = [name for name, value in vars(kind).items() if callable(value)]
    print(f"1..{len(names)}")
    with tempfile.TemporaryDirectory(prefix="control-", dir="/var/tmp") as temporary:
        folder = pathlib.Path(temporary).resolve()
        (folder / "work").mkdir()
        up = subprocess.run([HERE / "rig", "up", NAME, folder / "engine", str(os.getpid())], stdout=subprocess.PIPE, text=True)
        tests = None
        for number, name in enumerate(names, 1):
            began, fault = time.monotonic(), None
            if up.returncode == 77:
                print(f"ok {number} - {NAME} # SKIP its suite has moved on to another release")
                continue
            try:
                check(up.returncode == 0, "the engine does not start")
                tests = tests or kind(up.stdout.strip(), folder / "engine", folder / "work")
                getattr(tests, name)()
            except (Failed, OSError, ValueError, LookupError, subprocess.SubprocessError, docker.errors.DockerException) as error:
                fault = f"{type(error).__name__}: {error}"
            print(f"{'not ok' if fault else 'ok'} {number} - {NAME}: {name.replace('_', ' ')} ({time.monotonic() - began:.1f} s)", flush=True)
            if fault:
                print("# " + fault.replace("\n", "\n# "), flush=True)
        if tests:
            tests.close()
        subprocess.run([HERE / "rig", "down", NAME, folder / "engine"])


main()
