#!/usr/bin/env python3
"""Builds and pushes from a folder full of traps (tests/traps), with a real engine: what they start comes from nowhere there.

usage: traps_test.py SLIPWAY NAME   (TAP on standard output; root, Debian or Ubuntu)

The home cannot be written: the base is made by debootstrap all the same.
"""
import os
import pathlib
import subprocess
import sys

import suite
from suite import check

sys.path.insert(0, str(suite.HERE.parent / "traps"))
import traps_test as traps  # noqa: E402

SLIPWAY, NAME = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
PROFILE = """\
slipway: 1
name: bare
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
image: {name: registry.invalid/bare, tags: [x]}
"""
HELPER = "#!/bin/sh\necho helper >>{log}\npwd >>{log}\necho '{{\"Username\": \"a\", \"Secret\": \"b\"}}'\n"


class Tests:
    def __init__(self, url, folder):
        self.url, self.folder, self.log, self.home = url, folder, folder / "log", folder / "home"
        self.project = folder / "project"
        self.home.mkdir()
        (self.home / "config.json").write_text('{"credsStore": "trap"}')
        traps.make_project(self.project, self.log)
        (self.project / "bare.yaml").write_text(PROFILE)
        (self.project / "slipway/templates").mkdir(parents=True)
        (self.project / "slipway/templates/Dockerfile").write_text(suite.system_template())

    def build(self, *words, before=""):
        """Exit status, what was said, and what ran that should not, or that is the helper."""
        environment = {"PATH": f"{before}.:bin:{os.environ['PATH']}:", "HOME": "/proc/x", "DOCKER_CONFIG": str(self.home), "LC_ALL": "C.UTF-8",
                       "PYTHONPATH": ".", "BASH_ENV": "bin/sh", "ENV": "bin/sh"}
        done = subprocess.run([SLIPWAY, "-H", self.url, "build", "bare", "--no-verify", *words], cwd=self.project, env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900, check=False)
        ran = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return done.returncode, done.stdout, ran

    def a_base_is_made_from_nothing_here(self):
        status, said, ran = self.build()
        check(not ran, f"{ran} ran")
        check(status == 0, f"status {status}: {said[-1500:]}")
        check(not list(pathlib.Path("/var/tmp").glob("slipway-*")), "a folder is left in /var/tmp")

    def a_helper_here_is_no_helper(self):
        status, said, ran = self.build("--push")
        check(not ran, f"{ran} ran")
        check(status != 0 and "docker-credential-trap' is not installed" in said, f"status {status}: {said[-1500:]}")

    def a_helper_elsewhere_is_asked(self):
        folder = self.folder / "programs"
        folder.mkdir()
        (folder / "docker-credential-trap").write_text(HELPER.format(log=self.log))
        (folder / "docker-credential-trap").chmod(0o755)
        status, said, ran = self.build("--push", before=f"{folder}:")
        check(status != 0 and set(ran) == {"helper", "/"}, f"status {status}, {ran} ran: {said[-1500:]}")


suite.run(NAME, Tests, lambda name: name.startswith("a_"))
