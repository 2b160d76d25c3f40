#!/usr/bin/env python3
"""Builds that are spread over two real engines: both build, and what a lost engine had is built by the other.

usage: nodes_test.py SLIPWAY NAME OTHER [SECONDS]   (TAP on standard output; root, Debian or Ubuntu, Debian's Python with python3-docker)

SECONDS is how long the step of each profile waits (3): the longer it is, the less the ratio of both times depends on this machine's cores.

python3-docker tells which images the engines hold.
"""
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

import docker

import suite
from suite import check

SLIPWAY, NAME, OTHER = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3]
WAITS = int(sys.argv[4]) if len(sys.argv) > 4 else 3
PROFILE = f"""\
slipway: 1
name: p%d
base_image: {{bootstrap: "debian:bookworm"}}
python_version: "3.11"
steps: ["echo %d > /number && sleep {WAITS}"]
image: {{name: localhost/node}}
"""
PROFILES = [f"p{number}" for number in range(1, 9)]


class Tests:
    def __init__(self, url, folder):
        self.folder, self.other = folder / "work", folder / "other"
        (self.folder / "slipway/templates").mkdir(parents=True)
        (self.folder / "slipway/templates/Dockerfile").write_text(suite.STEPS_ALONE)
        for number, name in enumerate(PROFILES):
            (self.folder / f"slipway/{name}.yaml").write_text(PROFILE.replace("localhost/node", f"localhost/{name}") % (number + 1, number + 1))
        up = subprocess.run([suite.HERE / "rig", "up", OTHER, self.other, str(os.getpid())], stdout=subprocess.PIPE, text=True, check=True)
        self.urls = [url, up.stdout.strip()]
        self.clients = [docker.DockerClient(base_url=url, timeout=600) for url in self.urls]

    def _command(self, urls, *options):
        hosts = [word for url in urls for word in ("-H", url)]
        return [SLIPWAY, *hosts, "--format", "json", "build", "--all", "--no-verify", "--no-record", *options]

    def _run(self, urls, *options):
        environment = {**os.environ, "GITHUB_ACTIONS": ""}
        began = time.monotonic()
        done = subprocess.run(self._command(urls, *options), cwd=self.folder, env=environment, text=True, capture_output=True, timeout=900)
        results = [event for event in map(json.loads, done.stdout.splitlines()) if "ok" in event]
        return done, results, time.monotonic() - began

    def _images(self, client):
        return {tag.split("/")[1].split(":")[0] for image in client.images.list() for tag in image.tags if "/p" in tag}

    def _forget(self):
        for client in self.clients:
            for name in self._images(client):
                client.images.remove(f"localhost/{name}:latest", force=True)
            suite.prune(client)

    def two_engines_share_the_profiles(self):
        for url in self.urls:  # both have the base then
            subprocess.run([SLIPWAY, "-H", url, "build", "p1", "--no-verify", "--no-record"], cwd=self.folder, check=True, capture_output=True)
        self._forget()
        done, results, alone = self._run(self.urls[:1])
        check(done.returncode == 0, f"status {done.returncode}: {done.stderr[-1500:]}")
        self._forget()
        done, results, together = self._run(self.urls)
        check(done.returncode == 0, f"status {done.returncode}: {done.stderr[-1500:]} {done.stdout[-1500:]}")
        check(sorted(result["profile"] for result in results) == PROFILES and all(result["ok"] for result in results), f"results {results}")
        have = [self._images(client) for client in self.clients]
        check(have[0] | have[1] == set(PROFILES) and not have[0] & have[1], f"the engines have {have}")
        check(min(map(len, have)) > 0, f"one engine built everything: {have}")
        print(f"# eight profiles: {alone:.1f} s on one engine, {together:.1f} s on two: {together / alone:.2f}")

    def what_a_lost_engine_had_is_built_by_the_other(self):
        self._forget()
        with subprocess.Popen(self._command(self.urls), cwd=self.folder, env={**os.environ, "GITHUB_ACTIONS": ""}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            lines, words = [], []
            readers = [threading.Thread(target=lambda: lines.extend(running.stdout)), threading.Thread(target=lambda: words.extend(running.stderr))]
            for reader in readers:
                reader.start()
            ends = time.monotonic() + 120
            while not self._images(self.clients[1]) and time.monotonic() < ends:
                time.sleep(0.1)
            subprocess.run([suite.HERE / "rig", "down", OTHER, self.other], check=False)
            check(running.wait(600) == 0, f"status {running.returncode}: {words}")
            for reader in readers:
                reader.join()
        check(self._images(self.clients[0]) == set(PROFILES), f"the living engine has {self._images(self.clients[0])}")
        last = {result["profile"]: result["ok"] for result in map(json.loads, lines) if "ok" in result}
        check(last == dict.fromkeys(PROFILES, True), f"results {last}")
        check(any("does not answer any more" in line for line in words), f"the loss is not told: {words}")

    def an_engine_that_never_answers_builds_nothing(self):
        self._forget_first()
        done, results, _ = self._run([self.urls[0], "unix:///nonexistent/docker.sock"])
        check(done.returncode == 0, f"status {done.returncode}: {done.stderr[-1500:]}")
        check(self._images(self.clients[0]) == set(PROFILES), "an image is missing")
        done, results, _ = self._run(["unix:///nonexistent/docker.sock", "unix:///nonexistent/other.sock"])
        check(done.returncode == 3 and len(results) == len(PROFILES), f"status {done.returncode}, {len(results)} results")

    def _forget_first(self):
        self.clients = self.clients[:1]
        self._forget()


suite.run(NAME, Tests, lambda name: name.startswith(("two_", "what_", "an_")))
