#!/usr/bin/env python3
"""Faults with a real engine: killed, cut off, without room, slow, interrupted; each must end in one clear way and leave nothing.

usage: faults_test.py SLIPWAY NAME   (TAP on standard output; root, Debian or Ubuntu)
"""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import docker

SLIPWAY, NAME = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 30  # generous for what takes 2 to 6 here
HEAD = 'slipway: 1\nname: %s\npython_version: "3.11"\n'
BASED = HEAD + 'base_image: {bootstrap: "debian:bookworm"}\n'
# Python's own word for where it runs: the probe is quick in the build and slow in the container.
SLOW_PROBE = """\
steps:
  - echo 'import os, time; os.path.exists("/.dockerenv") and time.sleep(600)' > /opt/venv/lib/python3.11/site-packages/slow.py
assertions: [{import: slow}]
"""
# Three megabytes where two are kept, and then a failure that is told at the end.
LOUD = """\
steps: ["seq -w 400000"]
"""


def unmount(folder):
    """Waits for the last process of an engine that is down."""
    end = time.monotonic() + SECONDS
    while subprocess.run(["umount", folder], stderr=subprocess.DEVNULL).returncode:
        check(time.monotonic() < end, f"{folder.name} stays in use")
        time.sleep(0.1)


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


class Running:
    """slipway at work, stopped at a moment; then how it ended."""

    def __init__(self, tests, url, *words):
        self.events, self.deadline = [], None
        self.process = subprocess.Popen([SLIPWAY, "-H", url, "--format", "json", *words], cwd=tests.folder, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=tests.environment)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def stop(self, how):
        """Something happens to it, or to its engine: from then on it has seconds."""
        self.deadline = time.monotonic() + SECONDS
        how()

    def ended(self, status, *texts):
        out, err = self.process.communicate(timeout=300)
        self.events += [json.loads(line) for line in out.splitlines()]
        check(self.process.returncode == status, f"status {self.process.returncode}: {self.events[-2:]} {err[-500:]}")
        check(self.deadline is None or time.monotonic() < self.deadline, "it took too long")
        last = self.events[-1]
        told = [finding for finding in last.get("findings", []) if finding["severity"] == "error"]
        if texts:
            said = json.dumps(told)
            check(len(told) == 1 and all(text in said for text in texts), f"{texts}: {said}")
        return last


class Tests:
    def __init__(self, folder):
        self.top, self.folder = folder, folder / "work"
        self.engine = folder / "engine"
        self.start()
        self.client = docker.DockerClient(base_url=self.url, timeout=120)
        self.folder.mkdir()
        (folder / "tmp").mkdir()
        self.environment = {**os.environ, "GITHUB_ACTIONS": "", "TMPDIR": str(folder / "tmp"), "DOCKER_CONFIG": str(folder)}
        subprocess.run(["git", "init", "-q"], cwd=self.folder, check=True)
        self.registry = None

    def start(self):
        up = subprocess.run([HERE / "rig", "up", NAME, self.engine, str(os.getpid())], stdout=subprocess.PIPE, text=True)
        check(up.returncode == 0, "the engine does not start")
        self.url = up.stdout.strip()

    def kill_engine(self):
        os.kill(int((self.engine / "pid").read_text()), signal.SIGKILL)

    def profile(self, name, text):
        (self.folder / f"{name}.yaml").write_text(text.replace("%s", name))

    def tags(self):
        return [tag for image in self.client.images.list() for tag in image.tags]

    def records(self, name):
        done = subprocess.run(["git", "log", "--format=%s", f"refs/slipway/{name}"], cwd=self.folder, capture_output=True, text=True)
        return done.stdout.splitlines()

    def check_nothing_left(self, name, records=0):
        check(not any(name in tag for tag in self.tags()), f"tagged: {self.tags()}")
        self.check_clean(name, records)

    def check_clean(self, name, records):
        check(len(self.records(name)) == records, f"recorded: {self.records(name)}")
        left = [path.name for path in (self.top / "tmp").iterdir()]
        check(not left, f"temporary files: {left}")
        end = time.monotonic() + SECONDS
        while self.client.containers.list(all=True):
            check(time.monotonic() < end, "a container is left")
            time.sleep(0.1)

    @contextlib.contextmanager
    def between(self, listen, target, *rule, inside=False):
        """A between.py, in the engine's network where `inside`."""
        enter = []
        if inside:
            supervisor = (self.engine / "pid").read_text().strip()
            children = pathlib.Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
            unshare = next(pid for pid in children if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "unshare")
            init = pathlib.Path(f"/proc/{unshare}/task/{unshare}/children").read_text().split()[0]
            enter = ["nsenter", f"--net=/proc/{init}/ns/net"]
        with subprocess.Popen([*enter, sys.executable, HERE / "between.py", str(listen), str(target), *map(str, rule)],
                              stdout=subprocess.PIPE, text=True) as process:
            try:
                check(process.stdout.readline() == "ready\n", "between.py does not start")
                yield process.stdout
            finally:
                process.kill()

    def start_registry(self):
        """At localhost:5000 for the engine; what stands before it is at localhost:5001."""
        with (self.top / "registry.log").open("w") as log:
            self.registry = subprocess.Popen([HERE / "registry", self.engine, self.top / "registry"], stdout=log, stderr=log)
        end = time.monotonic() + SECONDS
        while "listening on" not in (self.top / "registry.log").read_text():
            check(time.monotonic() < end and self.registry.poll() is None, "the registry does not start")
            time.sleep(0.05)

    # ---- in an order in which each leaves an engine for the next ----

    def a_push_is_tried_again_while_the_fault_may_pass(self):
        self.profile("small", BASED + 'image: {name: "localhost:5001/small"}\n')
        self.start_registry()
        last = Running(self, self.url, "build", "small", "--no-verify").ended(0)
        check(last["ok"], last)
        with self.between(5001, 5000, "PUT /v2/.*/manifests/", "up", 0, "503", 3, inside=True):
            running = Running(self, self.url, "push", "small")
            last = running.ended(3, "after 3 tries", "503 Service Unavailable")
            told = [event["text"] for event in running.events if event.get("event") == "warning"]
            check(sum("trying again" in text for text in told) == 2 and last["pushed"] == [], told)
            check(self.records("small") == ["small@1: unverified"], self.records("small"))
        with self.between(5001, 5000, "PUT /v2/.*/manifests/", "up", 0, "503", 2, inside=True):
            running = Running(self, self.url, "push", "small")
            check(len(running.ended(0)["pushed"]) == 1, running.events[-1])
            check(sum("trying again" in event.get("text", "") for event in running.events) == 2, running.events)

    def a_pull_of_a_base_is_tried_again_too(self):
        self.client.images.remove("localhost:5001/small")
        self.profile("onit", HEAD + 'base_image: "localhost:5001/small"\n')
        with self.between(5001, 5000, "(GET|HEAD) /v2/.*/manifests/", "up", 0, "503", 2, inside=True):
            running = Running(self, self.url, "build", "onit", "--no-verify")
            running.ended(0)
            check(sum("trying again" in event.get("text", "") for event in running.events) == 1, running.events[:5])
        self.client.images.remove("onit")

    def an_interrupt_in_mid_pull(self):
        self.profile("pulls", HEAD + 'base_image: "localhost:5001/never"\n')
        with self.between(5001, 5000, "GET /v2/", "up", 0, "stall", 100, inside=True) as said:
            running = Running(self, self.url, "build", "pulls")
            said.readline()
            running.stop(running.interrupt)
            running.ended(130)
        self.check_nothing_left("pulls")

    def large(self, name):
        """A profile whose context takes a while to be sent."""
        (self.folder / "large").mkdir(exist_ok=True)
        with (self.folder / "large/file").open("wb") as file:
            file.truncate(200 << 20)
        self.profile(name, BASED + "context: {path: large, copy: [{from: file, to: /}]}\n")

    def stopped_in_mid_upload(self, name, how, status, *texts):
        self.large(name)
        socket = self.top / f"{name}.sock"
        with self.between(socket, self.engine / "engine.sock", "POST /session", "up", 8 << 20, "stall", 1) as said:
            running = Running(self, f"unix://{socket}", "build", name)
            said.readline()
            running.stop(lambda: how(running))
            running.ended(status, *texts)

    def an_interrupt_in_mid_upload(self):
        self.stopped_in_mid_upload("uploads", Running.interrupt, 130)
        self.check_nothing_left("uploads")

    def an_interrupt_in_mid_proof(self):
        self.profile("proves", BASED + SLOW_PROBE)
        running = Running(self, self.url, "build", "proves")
        end = time.monotonic() + 120
        while not self.client.containers.list():
            check(time.monotonic() < end, "nothing is proven")
            if running.process.poll() is not None:
                running.ended(130)
            time.sleep(0.1)
        running.stop(running.interrupt)
        running.ended(130)
        self.check_clean("proves", 0)

    def stopped_in_mid_push(self, how, status, *texts):
        (self.folder / "fresh").mkdir(exist_ok=True)
        (self.folder / "fresh/file").write_bytes(os.urandom(4 << 20))
        self.profile("pushes", BASED + 'context: {path: fresh, copy: [{from: file, to: /}]}\n'
                                       'image: {name: "localhost:5001/small"}\n')
        Running(self, self.url, "build", "pushes", "--no-verify").ended(0)
        before = self.records("pushes")
        with self.between(5001, 5000, "PATCH /v2/", "up", 1 << 20, "stall", 100, inside=True) as said:
            running = Running(self, self.url, "push", "pushes")
            said.readline()
            running.stop(lambda: how(running))
            running.ended(status, *texts)
        check(self.records("pushes") == before, self.records("pushes"))

    def an_interrupt_in_mid_push(self):
        self.stopped_in_mid_push(Running.interrupt, 130)

    def a_kill_in_mid_push(self):
        self.stopped_in_mid_push(lambda running: running.process.kill(), -signal.SIGKILL)
        with self.between(5001, 5000, "NONE", "up", 0, "cut", 0, inside=True):
            last = Running(self, self.url, "push", "pushes").ended(0)
        check(len(last["pushed"]) == 1, last)

    def an_answer_that_is_cut_off_in_mid_chunk(self):
        self.profile("cut", BASED + "steps: [\"sleep 1; echo hello\", \"sleep 600\"]\n")
        socket = self.top / "cut.sock"
        with self.between(socket, self.engine / "engine.sock", "POST /v[0-9.]+/build\\?", "down", 3001, "cut", 1) as said:
            running = Running(self, f"unix://{socket}", "build", "cut")
            said.readline()
            running.ended(3, "SW501", "went away")
        self.check_nothing_left("cut")

    def a_log_that_the_engine_clips_is_told_of(self):
        self.profile("loud", BASED + LOUD)
        running = Running(self, self.url, "build", "loud", "--no-verify")
        last = running.ended(0)
        told = [event["text"] for event in running.events if event.get("event") == "warning"]
        check(any("left out" in text and "BUILDKIT_STEP_LOG_MAX_SIZE" in text for text in told), told)
        done = subprocess.run([SLIPWAY, "--format", "json", "explain", last["log"]], capture_output=True, text=True)
        notes = [finding for finding in json.loads(done.stdout)["findings"] if "cut this step's output" in finding["message"]]
        check(len(notes) == 1 and notes[0]["severity"] == "note", done.stdout)

    def a_full_disk_here(self):
        full = self.top / "full"
        full.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", full], check=True)
        try:
            with contextlib.suppress(OSError), (full / "fill").open("wb", buffering=0) as file:
                while True:
                    file.write(b"x" * 4096)
            kept = self.environment
            self.environment = {**kept, "XDG_CACHE_HOME": str(full), "TMPDIR": str(full)}
            running = Running(self, self.url, "build", "loud", "--no-verify")
            self.environment = kept
            last = running.ended(0)  # the log is lost, which is told; the image is not
            told = [event["text"] for event in running.events if event.get("event") == "warning"]
            check(last["ok"] and any("No space left on device" in text for text in told), told)
        finally:
            unmount(full)

    def an_engine_killed_in_mid_upload(self):
        self.stopped_in_mid_upload("killed", lambda _: self.kill_engine(), 3, "SW501", "went away")
        self.start()
        self.check_nothing_left("killed")

    def an_engine_killed_in_mid_push(self):
        self.start_registry()
        self.stopped_in_mid_push(lambda _: self.kill_engine(), 3, "SW501", "went away")

    def a_full_disk_of_the_engine(self):
        small = self.top / "small"
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", small], check=True)
        try:
            up = subprocess.run([HERE / "rig", "up", NAME, small, str(os.getpid())], stdout=subprocess.PIPE, text=True)
            check(up.returncode == 0, "the engine does not start")
            Running(self, up.stdout.strip(), "build", "small").ended(3, "SW309", "no space left on device")
            client = docker.DockerClient(base_url=up.stdout.strip())
            check(client.images.list() == [], client.images.list())
        finally:
            subprocess.run([HERE / "rig", "down", NAME, small])
            unmount(small)


def main():
    with tempfile.TemporaryDirectory(prefix="faults-", dir="/var/tmp") as temporary:
        tests = Tests(pathlib.Path(temporary).resolve())
        names = [name for name in vars(Tests) if name.startswith(("a_", "an_"))]
        print(f"1..{len(names)}")
        for number, name in enumerate(names, 1):
            began, fault = time.monotonic(), None
            try:
                getattr(tests, name)()
            except (Failed, KeyError, IndexError, ValueError, TypeError, OSError, subprocess.SubprocessError,
                    docker.errors.DockerException) as error:
                fault = f"{type(error).__name__}: {error}"
            what = f"{NAME}: {name.replace('_', ' ')} ({time.monotonic() - began:.1f} s)"
            print(f"{'not ok' if fault else 'ok'} {number} - {what}", flush=True)
            if fault:
                print("# " + fault[:3000].replace("\n", "\n# "), flush=True)
        if tests.registry:
            tests.registry.kill()
        subprocess.run([HERE / "rig", "down", NAME, tests.engine])


main()
