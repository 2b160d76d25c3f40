#!/usr/bin/env python3
"""Several builds at once on a real engine: what fails, is killed or interrupted, and what the others come to.

usage: many_test.py SLIPWAY NAME   (TAP on standard output; root, Debian or Ubuntu)

What the engine holds is looked at with python3-docker, what the repository holds with git, never with slipway itself.
"""
import collections
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

import docker

import suite
from suite import PATIENCE, Failed, check, until

SLIPWAY, NAME = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
PROFILE = """\
slipway: 1
name: %s
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
steps: %s
"""
SHARED = "cat /proc/sys/kernel/random/uuid > /shared"


def processes():
    return [pathlib.Path("/proc", name) for name in os.listdir("/proc") if name.isdigit()]


class Sleep:
    """A step that lasts, known among the machine's processes by how long."""
    number = 0

    def __init__(self):
        Sleep.number += 1
        self.seconds = f"600.{os.getpid()}{Sleep.number}"
        self.step = f"sleep {self.seconds}"

    def count(self):
        found = 0
        for process in processes():
            with contextlib.suppress(OSError):
                found += (process / "cmdline").read_bytes() == f"sleep\0{self.seconds}\0".encode()
        return found

    def wait_for_end(self):
        """In the engine. Podman ends the step that it is at, whoever has gone."""
        if NAME.startswith("docker"):
            until(lambda: not self.count(), "a build goes on in the engine")


class Run:
    """`slipway build --all -j 3`, while it runs and after."""

    def __init__(self, tests, *words):
        self.lines, self.err = [], tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [SLIPWAY, "-H", tests.url, "--format", "json", "build", "--all", "-j", "3", "--no-verify", *words], cwd=tests.folder,
            stdout=subprocess.PIPE, stderr=self.err, env={**os.environ, "GITHUB_ACTIONS": ""})
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def wait_for(self, sleep, count):
        """Until so many steps sleep: an engine that is to cancel one which it is about to start may forget it."""
        until(lambda: sleep.count() == count or self.process.poll() is not None, f"they never slept: {self.lines[-3:]}")

    def worker_of(self, profile):
        """The process that builds it: the one that writes its log."""
        for worker in self.workers():
            for file in os.listdir(f"/proc/{worker}/fd"):
                with contextlib.suppress(FileNotFoundError):
                    if f"/logs/{profile}-2" in os.readlink(f"/proc/{worker}/fd/{file}"):
                        return int(worker)
        raise Failed(f"nobody builds {profile}")

    def workers(self):
        own = self.process.pid
        return pathlib.Path(f"/proc/{own}/task/{own}/children").read_text().split()

    def end(self):
        self.reader.join(PATIENCE)
        return self.process.wait(PATIENCE)

    def results(self):
        found = [line for line in self.lines if "event" not in line]
        return {line["profile"]: line for line in found}


class Tests:
    def __init__(self, url, folder):
        self.url, self.folder = url, folder / "work"
        self.client = docker.DockerClient(base_url=url, timeout=120)
        (self.folder / "slipway/templates").mkdir(parents=True)
        (self.folder / "slipway/templates/Dockerfile").write_text(suite.STEPS_ALONE)
        for words in (["init", "-q"], ["config", "user.name", "Ada"], ["config", "user.email", "ada@example.org"]):
            subprocess.run(["git", *words], cwd=self.folder, check=True)

    def profiles(self, **steps):
        for path in (self.folder / "slipway").glob("*.yaml"):
            path.unlink()
        for name, commands in steps.items():
            (self.folder / f"slipway/{name}.yaml").write_text(PROFILE % (name, json.dumps(commands)))

    def has(self, name):
        return any(tag.split("/")[-1] == f"{name}:latest" for image in self.client.images.list() for tag in image.tags)

    def records(self, name):
        done = subprocess.run(["git", "log", "--format=%s", f"refs/slipway/{name}"], cwd=self.folder, capture_output=True, text=True)
        return done.stdout.splitlines()

    def one_of_three_fails(self):
        self.profiles(alpha=[SHARED, "echo alpha"], beta=[SHARED, "echo beta; exit 7"], gamma=[SHARED, "echo gamma"])
        run = Run(self, "--iidfile", "{profile}.id")
        status = run.end()
        results = run.results()
        check(status == 1 and {name: line["ok"] for name, line in results.items()} == {"alpha": True, "beta": False, "gamma": True},
              f"status {status}: {results}")
        check(all(line["profile"] in results for line in run.lines), "an event without its profile")
        last = {line["profile"]: line for line in run.lines}
        check(last == results, "a result is not the last of its profile")
        check(self.has("alpha") and self.has("gamma") and not self.has("beta"), "tags are missing or left")
        records = {name: self.records(name) for name in results}
        check(records == {"alpha": ["alpha@1: unverified"], "beta": ["beta@1: failed"], "gamma": ["gamma@1: unverified"]}, f"records: {records}")
        for name in ("alpha", "gamma"):
            check((self.folder / f"{name}.id").read_text() == results[name]["image"]["id"], f"the file with the ID of {name}")
        imports = collections.Counter(line["text"] for line in run.lines if line.get("event") == "step-started")
        check(imports["localhost/slipway-base:debian-bookworm"] == 1, f"the base came more than once: {imports}")
        layers = [self.client.images.get(results[name]["image"]["id"]).attrs["RootFS"]["Layers"] for name in ("alpha", "gamma")]
        if NAME.startswith("docker"):  # Podman builds them side by side, each for itself
            check(layers[0][:3] == layers[1][:3], f"what both have was made twice: {layers}")

    def one_that_is_killed(self):
        sleep = Sleep()
        self.profiles(alpha=["sleep 3; echo alpha"], beta=[sleep.step])
        run = Run(self)
        run.wait_for(sleep, 1)
        os.kill(run.worker_of("beta"), signal.SIGKILL)
        status = run.end()
        results = run.results()
        check(status == 3 and results["alpha"]["ok"] and not results["beta"]["ok"], f"status {status}: {results}")
        check("killed by signal 9" in results["beta"]["findings"][0]["message"], f"{results['beta']}")
        check(self.has("alpha"), "the other was not built")
        sleep.wait_for_end()

    def an_interrupt_ends_all(self):
        sleep = Sleep()
        self.profiles(**{name: [f"echo {name}", sleep.step] for name in ("one", "two", "three")})
        run = Run(self)
        run.wait_for(sleep, 3)
        workers = run.workers()
        began = time.monotonic()
        run.process.send_signal(signal.SIGINT)
        status = run.end()
        check(status == 130 and len(run.results()) == 3, f"status {status}: {run.results()}")
        check(time.monotonic() - began < 30, "it took too long")
        check(len(workers) == 3 and not any(os.path.exists(f"/proc/{worker}") for worker in workers), f"left: {workers}")
        check(not any(self.has(name) for name in ("one", "two", "three")), "a tag was left")
        sleep.wait_for_end()

    def a_killed_parent_leaves_nobody(self):
        sleep = Sleep()
        self.profiles(one=["echo one", sleep.step], two=["echo two", sleep.step])
        run = Run(self)
        run.wait_for(sleep, 2)
        workers = run.workers()
        run.process.kill()
        run.process.wait()
        until(lambda: not any(os.path.exists(f"/proc/{worker}") for worker in workers), f"left: {workers}")
        sleep.wait_for_end()

    def the_first_failure_stops_the_others_where_asked(self):
        sleep = Sleep()
        self.profiles(first=["sleep 1; exit 1"], second=[sleep.step], third=[sleep.step], waiting=["true"])
        run = Run(self, "--fail-fast")
        status = run.end()
        results = run.results()
        check(status == 1 and len(results) == 4 and not any(line["ok"] for line in results.values()), f"status {status}: {results}")
        check(not self.has("waiting"), "one was started after the failure")


suite.run(NAME, Tests, lambda name: name.startswith(("one_", "an_", "a_", "the_")))
