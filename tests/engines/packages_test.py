#!/usr/bin/env python3
"""System packages on a real engine: builds one after the other and at once share apt's cache, and none waits for a dead one.

usage: packages_test.py SLIPWAY NAME   (TAP on standard output; root, Debian or Ubuntu)
"""
import json
import os
import pathlib
import signal
import subprocess
import sys

import suite
from suite import PATIENCE, Failed, below, check, until

SLIPWAY, NAME = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
PROFILE = """\
slipway: 1
name: %s
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
system_packages: %s
"""


class Tests:
    def __init__(self, url, folder):
        self.url, self.folder, self.rig = url, folder / "work", folder / "engine"
        (self.folder / "slipway/templates").mkdir(parents=True)
        (self.folder / "slipway/templates/Dockerfile").write_text(suite.system_template())

    def profiles(self, **packages):
        for path in (self.folder / "slipway").glob("*.yaml"):
            path.unlink()
        for name, words in packages.items():
            (self.folder / f"slipway/{name}.yaml").write_text(PROFILE % (name, json.dumps(words)))

    def start(self, *words):
        return subprocess.Popen([SLIPWAY, "-H", self.url, "--format", "json", "build", "--no-verify", *words], cwd=self.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "GITHUB_ACTIONS": ""})

    def build(self, *words):
        with self.start(*words) as running:
            try:
                out, err = running.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                running.kill()
                raise Failed(f"{words}: the build does not end") from None
        check(running.returncode == 0, f"{words}: status {running.returncode}: {out[-1500:]} {err[-800:]}")
        return "".join(event["text"] for event in map(json.loads, out.splitlines()) if event.get("event") == "log")

    def steps(self, package):
        """The processes of steps that install the package, as the host numbers them."""
        found = []
        for process in below(int((self.rig / "pid").read_text())):
            try:
                words = pathlib.Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"sh") and any(f"'{package}'".encode() in word for word in words):
                found.append(process)
        return found

    def mounts(self):
        for process in below(int((self.rig / "pid").read_text())):
            name = pathlib.Path(f"/proc/{process}/comm").read_text().strip()
            if name in ("dockerd", "podman"):
                lines = pathlib.Path(f"/proc/{process}/mountinfo").read_text().splitlines()
                return sorted(line.split()[4] for line in lines)
        raise Failed("the engine has no process")

    def one_after_the_other(self):
        self.profiles(first=["tree"], second=["bc"])
        self.build("first")
        self.build("second")

    def what_was_fetched_is_kept(self):
        """Another step with the packages of the former two: BuildKit gives a build with --no-cache an empty cache."""
        self.profiles(third=["bc", "tree"])
        log = self.build("third")
        check("Need to get 0 B/" in log, f"packages were fetched again: {log[-1500:]}")

    def all_at_once(self):
        self.profiles(one=["tree", "bc"], two=["less"], three=["file"], four=["time"])
        self.build("--all", "-j", "2")

    def a_killed_build_is_in_nobodys_way(self):
        self.profiles(killed=["sl", "less"], next=["sl", "less"])
        mounts = self.mounts()
        with self.start("killed") as running:
            until(lambda: self.steps("sl") or running.poll() is not None, "the step never came")
            check(running.poll() is None, f"the build ended before it could be killed: {running.communicate()}")
            running.kill()
            for step in self.steps("sl"):
                os.kill(step, signal.SIGKILL)
        until(lambda: not self.steps("sl"), "the step lives on")
        until(lambda: self.mounts() == mounts, "mounts are left")
        self.build("next")
        until(lambda: self.mounts() == mounts, "mounts are left by the next build")


suite.run(NAME, Tests, lambda name: name.startswith(("one_", "what_", "all_", "a_")))
