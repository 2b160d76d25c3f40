#!/usr/bin/env python3
"""The verdict before the effect, on a real engine: no image gets a name before it is proven and recorded, and no image talks itself
into one.

usage: verdict_test.py SLIPWAY NAME   (TAP on standard output; root, Debian or Ubuntu)

What the engine holds is looked at with python3-docker, what the repository holds with git, never with slipway itself. Hostile images
are made by a step that replaces the image's Python: with one that behaves as the build expects and otherwise as it likes.
"""
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

import docker

SLIPWAY, NAME = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
HERE = pathlib.Path(__file__).resolve().parent
LABEL = "io.slipway.container"

PROFILE = """\
slipway: 1
name: tiny
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
installer: pip
environment: {RELEASE: "%(release)s"}
steps:
%(steps)s
assertions:
  - {that: python, is: ">=3.11"}
%(assertions)simage: {name: localhost/tiny, tags: [latest, stable]}
"""
# What the verification's own container differs in from a step of the build.
ALONE = "import os\\nif len(os.listdir('/sys/class/net')) < 2: raise SystemExit('alone')\\n"
SITE = "/opt/venv/lib/python3.11/site-packages"
# The nonce and the last question, for a Python that answers by itself.
HOSTILE = """\
#!/bin/sh
case "$*" in *--nonce*) ;; *) exit 0 ;; esac
while [ "$1" != --nonce ]; do shift; done
nonce=$2
row() { printf '{"check":"%%s","at":"%%s","what":"%%s","code":"SW401","fault":null,"untried":null}' "$@"; }
say() { printf '{"nonce":"%%s","python":"3.11.2","freeze":[],"gpus":[],"driver":null,"results":%%s}' "$nonce" "$1"; }
rest=$(row installs a a),$(row files a a),$(row dependencies a a),$(row numpy a a)
%s
"""
# What it does, and what the finding must say. The last one shows that the rest are not refused for what they are written in.
HOSTILES = {
    "a canned answer": ("echo '{\"results\":[]}'", "does not bear the number"),
    "an old number": ("nonce=0 say \"[$rest]\"", "does not bear the number"),
    "another status": ("exit 7", "the probe ended with status 7"),
    "silence": ("exit 0", "is no answer"),
    "a question left out": ("say \"[$rest]\"", "says nothing of what was asked: assertion assertions[0].is"),
    "a row twice": ("say \"[$rest,$(row assertion assertions[0].is x),$(row assertion assertions[0].is x)]\"", "two rows 'assertion'"),
    "a row that nobody asked for": ("say \"[$rest,$(row assertion assertions[9].is x)]\"", "nobody asked for its row"),
    "a map for a list": ("say '{\"0\":{}}'", "no list 'results'"),
    "a number for a row": ("say '[7]'", "no text 'check'"),
    "a list for a text": ("say '[{\"check\":[],\"at\":{},\"what\":1,\"code\":null,\"fault\":[],\"untried\":{}}]'", "no text 'check'"),
    "depth": ("say \"$(head -c 100000 /dev/zero | tr '\\\\0' '[')\"", "is no answer"),
    "a flood": ("exec cat /dev/zero", "the probe printed more than 32 MiB and was stopped"),
    "a long answer": ("head -c 20000000 /dev/zero | tr '\\\\0' 1", "the probe's answer is too long"),
}
LIES = "say \"[$rest,$(row assertion assertions[0].is x)]\""


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


def hostile(body):
    """A step that makes it the image's Python."""
    lines = (HOSTILE % body).splitlines()
    return "\n".join(["  - |", *(f"    {line}" for line in ["rm /opt/venv/bin/python", "cat >/opt/venv/bin/python <<'END'", *lines, "END",
                                                        "chmod 755 /opt/venv/bin/python"])])


def installed(module, source):
    return f"""  - |\n    printf "{source}" > {SITE}/{module}.py"""


class Project:
    """A git repository with one profile."""

    def __init__(self, url, folder):
        self.url, self.folder = url, folder
        self.client = docker.DockerClient(base_url=url, timeout=120)
        (folder / "slipway").mkdir(parents=True)
        self.profile = folder / "slipway/tiny.yaml"
        self.environment = {**os.environ, "GITHUB_ACTIONS": ""}
        self.git("init", "-q")
        self.git("config", "user.name", "Ada")
        self.git("config", "user.email", "ada@example.org")

    def git(self, *words):
        done = subprocess.run(["git", *words], cwd=self.folder, capture_output=True, text=True)
        check(done.returncode == 0, f"git {words}: {done.stderr}")
        return done.stdout.strip()

    def words(self, *words):
        return [SLIPWAY, "-H", self.url, "--format", "json", *words]

    def run(self, *words):
        return subprocess.run(self.words(*words), cwd=self.folder, capture_output=True, text=True, env=self.environment, timeout=300)

    @contextlib.contextmanager
    def start(self, *words):
        """slipway, which does not outlive a test that fails."""
        with (self.folder / "output").open("w") as output, subprocess.Popen(
                self.words(*words), cwd=self.folder, env=self.environment, stdout=output, stderr=output) as process:
            try:
                yield process
            finally:
                process.kill()

    def output(self):
        """The end of what the last one that was started said."""
        return (self.folder / "output").read_text()[-800:]

    def write(self, release, steps="  - 'true'", assertions=""):
        self.profile.write_text(PROFILE % {"release": release, "steps": steps, "assertions": assertions})

    def build(self, *words, status=0):
        done = self.run("build", "tiny", *words)
        check(done.returncode == status, f"status {done.returncode}: {done.stdout[-1500:]} {done.stderr[-500:]}")
        return json.loads(done.stdout.splitlines()[-1])

    def records(self):
        done = subprocess.run(["git", "log", "--format=%s", "refs/slipway/tiny"], cwd=self.folder, capture_output=True, text=True)
        return [line.split(": ", 1)[1] for line in done.stdout.splitlines()]

    def record(self):
        return json.loads(self.git("show", "refs/slipway/tiny:record.json"))

    def names(self):
        """What each of the two names means."""
        found = []
        for tag in ("latest", "stable"):
            try:
                found.append(self.client.images.get(f"localhost/tiny:{tag}").id.removeprefix("sha256:"))
            except docker.errors.ImageNotFound:
                found.append(None)
        return found

    def containers(self):
        while True:
            try:
                return self.client.containers.list(all=True, filters={"label": LABEL})
            except (docker.errors.NotFound, docker.errors.APIError):
                time.sleep(0.05)  # python3-docker asks for each that it was told, and one of them was removed in between

    def wait_for_container(self, process, other=None):
        """Until the verification's container runs, which is not `other`."""
        end = time.monotonic() + 120
        while time.monotonic() < end:
            check(process.poll() is None, f"slipway has ended: {self.output()}")
            running = [container for container in self.containers() if container.status == "running" and container.id != other]
            if running:
                return running[0]
            time.sleep(0.02)
        raise Failed("no container runs")


def bare(image):
    return image.removeprefix("sha256:")


class Tests:
    def __init__(self, url, folder):
        self.project, self.folder = Project(url, folder / "project"), folder

    def stands(self, before):
        names, records = before
        check(self.project.names() == names, f"a name has moved: {self.project.names()}, was {names}")
        check(self.project.containers() == [], f"containers are left: {self.project.containers()}")
        return self.project.records()[:len(self.project.records()) - len(records)]

    def state(self):
        return self.project.names(), self.project.records()

    def a_good_build_gets_its_names_and_its_record(self):
        self.project.write("good")
        result = self.project.build()
        check(result["verified"] and len(result["image"]["tags"]) == 2, result)
        check(self.project.names() == [bare(result["image"]["id"])] * 2, self.project.names())
        check(self.project.records() == ["verified"] and self.project.record()["image"]["id"] == result["image"]["id"], self.project.records())
        check(self.project.containers() == [], "a container is left")

    def a_rejected_build_moves_no_name(self):
        before = self.state()
        self.project.write("rejected", installed("alone", ALONE), "  - {import: alone}\n")
        iidfile = self.project.folder / "iid"
        iidfile.write_text("an older build's")
        result = self.project.build("--iidfile", "iid", status=1)
        check(not result["verified"] and result["image"]["tags"] == [], result)
        check([finding["code"] for finding in result["findings"]] == ["SW401"] and "alone" in result["findings"][0]["message"], result["findings"])
        check(self.stands(before) == ["rejected"], self.project.records())
        check(not iidfile.exists(), "the file of the image's ID is there")

    def no_verify_names_it_and_says_so(self):
        self.project.write("unproven", installed("alone", ALONE), "  - {import: alone}\n")
        result = self.project.build("--no-verify")
        check(not result["verified"] and self.project.names() == [bare(result["image"]["id"])] * 2, result)
        check(self.project.records()[0] == "unverified", self.project.records())
        self.project.write("good")
        self.project.build()

    def hostile_images_are_rejected(self):
        for what, (body, text) in HOSTILES.items():
            before = self.state()
            self.project.write(what, hostile(body))
            result = self.project.build(status=1)
            told = [finding["message"] for finding in result["findings"] if finding["code"] == "SW401"]
            check(any(text in line for line in told), f"{what}: {told}")
            check(self.stands(before) == ["rejected"], f"{what}: {self.project.records()[:2]}")

    def a_python_that_reads_the_question_can_lie(self):
        """The limit that the documentation states, and the proof that the images above fail for what they say."""
        self.project.write("lies", hostile(LIES))
        check(self.project.build()["verified"], "it is not believed")
        self.project.write("good")
        self.project.build()

    def the_container_is_bounded(self):
        self.project.write("waits", hostile("sleep 600"))
        before = self.state()
        with self.project.start("build", "tiny") as process:
            container = self.project.wait_for_container(process)
            config, inside = container.attrs["HostConfig"], {}
            for what, command in {"root": "touch /x 2>&1", "tmp": "touch /tmp/x && df -k /tmp | tail -n 1", "home": "echo $HOME",
                                  "status": "grep -E '^(Cap|NoNewPrivs)' /proc/1/status", "net": "ls /sys/class/net"}.items():
                inside[what] = container.exec_run(["/bin/sh", "-c", command]).output.decode()
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        check(config["LogConfig"]["Type"] == "none" and config["ReadonlyRootfs"], config)
        check(config["Memory"] == 8 << 30 and config["PidsLimit"] == 4096 and config["NetworkMode"] == "none", config)
        check("Read-only" in inside["root"], inside)
        check(int(inside["tmp"].split()[1]) <= 1 << 20 and inside["home"].strip() == "/tmp", inside)
        capabilities = dict(re.findall(r"(\w+):\s*(\S+)", inside["status"]))
        check(all(int(capabilities[f"Cap{kind}"], 16) == 0 for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")), inside["status"])
        check(capabilities["NoNewPrivs"] == "1", inside["status"])
        check(inside["net"].split() == ["lo"], inside["net"])
        check(process.returncode == 130 and self.stands(before) == [], f"status {process.returncode}: {self.project.records()[:2]}")

    def a_time_limit_ends_what_goes_on(self):
        bodies = {"a loop": "while :; do :; done", "children": "while :; do (sleep 100 & sleep 100) & done",
                  "files": "while :; do cat /dev/zero >/tmp/$$ 2>/dev/null; cat /dev/zero >/big 2>/dev/null; done"}
        for what, body in bodies.items():
            before = self.state()
            self.project.write(what, hostile(body))
            began = time.monotonic()
            result = self.project.build("--verify-timeout", "4", status=1)
            # A shell that cannot fork ends with status 2: the limit of processes came before the limit of time.
            ends = ["did not end within 4 s", "out of memory", *(["ended with status 2"] if what == "children" else [])]
            check(any(end in str(result["findings"]) for end in ends), f"{what}: {result['findings']}")
            check(time.monotonic() - began < 60, f"{what}: it took {time.monotonic() - began:.0f} s")
            check(self.stands(before) == ["rejected"], f"{what}: {self.project.records()[:2]}")

    def a_flood_fills_no_disk(self):
        self.project.write("flood", hostile("exec cat /dev/zero"))
        self.project.build("--no-verify")  # so that the image is there
        def used():
            return int(subprocess.run(["du", "-sk", "--one-file-system", self.folder / "engine"], capture_output=True, text=True).stdout.split()[0])
        before, most, stop = used(), [0], threading.Event()
        def watch():
            while not stop.is_set():
                most[0] = max(most[0], used())
        watcher = threading.Thread(target=watch)
        watcher.start()
        done = self.project.run("verify", "tiny")
        stop.set()
        watcher.join()
        check(done.returncode == 1 and "more than 32 MiB" in done.stdout, done.stdout[-800:])
        check(most[0] - before < 8 << 10, f"{most[0] - before} KiB more on the disk")
        self.project.write("good")
        self.project.build()

    def killed_at(self, when):
        """Build something new and kill slipway when `when` says so; the state before."""
        before = self.state()
        with self.project.start("build", "tiny") as process:
            when(process)
            process.kill()
            process.wait()
        return before

    def what_a_killed_slipway_leaves_is_swept(self):
        self.project.write("waits", hostile("sleep 600"))
        before = self.killed_at(self.project.wait_for_container)
        left = self.project.containers()
        check(len(left) == 1 and self.project.names() == before[0], f"{left} {self.project.names()}")
        other = self.project.client.containers.create("localhost/tiny:latest", ["true"], labels={LABEL: "another/boot/1/1"})
        with self.project.start("build", "tiny") as process:
            own = self.project.wait_for_container(process, left[0].id)
            while any(container.id == left[0].id for container in self.project.containers()):
                check(process.poll() is None, "it ends without sweeping")
                time.sleep(0.05)
            self.project.run("verify", "localhost/slipway-base:debian-bookworm")  # of a process beside it, which sweeps too
            check(any(container.id == own.id for container in self.project.containers()), "a living process lost its container")
            process.send_signal(signal.SIGHUP)
            process.wait(20)
        check(process.returncode == 130, f"status {process.returncode}")
        check([container.id for container in self.project.containers()] == [other.id], "what is another host's is gone, or ours is left")
        other.remove(force=True)
        self.project.write("good")
        self.project.build()

    def killed_while_it_gets_its_names(self):
        """At every moment of the last steps: strace(1) kills slipway at a system call, so that no moment is left to luck."""
        image = self.project.names()
        intent = self.project.folder / ".git/slipway/intent-tiny"
        unfinished = finished = 0
        for number in range(1, 60):
            self.project.write(f"n{number % 2}")
            before = self.project.records()
            # The renames that matter are of the note and of the ref; the connects and sends those of the engine's calls.
            done = subprocess.run(["strace", "-f", "-qq", "-o", os.devnull, "-e", "trace=rename,unlink", "-e",
                                   f"inject=rename,unlink:signal=SIGKILL:when={number}", *self.project.words("build", "tiny")],
                                  cwd=self.project.folder, env=self.project.environment, capture_output=True, text=True, timeout=300)
            after, names = self.project.records(), self.project.names()
            check(after[len(after) - len(before):] == before, "records are lost")
            if intent.exists():
                unfinished += 1
                self.project.build()
                check(not intent.exists() and len(self.project.records()) >= len(before) + 2, "the killed build is not recorded")
                check([bare(self.project.record()["image"]["id"])] * 2 == self.project.names(), "names and record differ")
            elif len(after) == len(before):
                check(names == image, f"killed at call {number}: names without a record: {names}")
            image = self.project.names()
            if done.returncode == 0:
                finished += 1
                break
        check(finished and unfinished, f"{finished} whole, {unfinished} to be finished")
        print(f"# killed at {number - 1} calls, {unfinished} of them left a build to be finished")

    def a_record_that_cannot_be_written_is_no_success(self):
        before = self.state()
        self.project.write("unrecorded")
        script = 'mount --bind . . && cd "$PWD" && mount -o remount,ro,bind . && exec "$@"'
        def run(*words):
            done = subprocess.run(["unshare", "-m", "sh", "-ec", script, "sh", *self.project.words("build", "tiny", *words)], text=True,
                                  cwd=self.project.folder, capture_output=True, env=self.project.environment)
            return done.returncode, json.loads(done.stdout.splitlines()[-1])
        status, result = run()
        check(status == 3 and not result["ok"] and "--no-record" in str(result["findings"]), f"status {status}: {result}")
        check(self.stands(before) == [], self.project.records())
        status, result = run("--no-record")
        check(status == 0 and self.project.names() == [bare(result["image"]["id"])] * 2, f"status {status}: {result}")
        check(self.project.records() == before[1], "it is recorded")

    def a_record_lost_at_the_end_takes_the_names_back(self):
        before = self.state()
        self.project.write("lost", hostile("sleep 5; " + LIES))
        with self.project.start("build", "tiny") as process:
            self.project.wait_for_container(process)
            lock = self.project.folder / ".git/refs/slipway/tiny.lock"
            lock.write_text("another program's")
            process.wait(60)
        lock.unlink()
        check(process.returncode == 3, f"status {process.returncode}: {self.project.output()}")
        check(self.stands(before) == [], self.project.records())
        self.project.write("good")
        self.project.build()


def main():
    with tempfile.TemporaryDirectory(prefix="verdict-") as temporary:
        folder = pathlib.Path(temporary).resolve()
        up = subprocess.run([HERE / "rig", "up", NAME, folder / "engine", str(os.getpid())], stdout=subprocess.PIPE, text=True)
        if up.returncode == 77:
            print(f"1..1\nok 1 - {NAME} # SKIP its suite has moved on to another release")
            return
        tests = Tests(up.stdout.strip(), folder) if up.returncode == 0 else None
        wanted = sys.argv[3:]
        steps = [(name, getattr(tests, name, None)) for name, value in vars(Tests).items()
                 if not name.startswith("_") and name not in ("stands", "state", "killed_at") and (not wanted or name in wanted)]
        print(f"1..{len(steps)}")
        for number, (name, step) in enumerate(steps, 1):
            began, fault = time.monotonic(), None
            try:
                check(tests, "the engine does not start")
                step()
            except (Failed, KeyError, IndexError, ValueError, AttributeError, OSError, docker.errors.DockerException,
                    subprocess.TimeoutExpired) as error:
                fault = f"{type(error).__name__}: {error}"
            what = f"{NAME}: {name.replace('_', ' ')} ({time.monotonic() - began:.1f} s)"
            print(f"{'not ok' if fault else 'ok'} {number} - {what}", flush=True)
            if fault:
                print("# " + fault.replace("\n", "\n# "), flush=True)
        subprocess.run([HERE / "rig", "down", NAME, folder / "engine"])


main()
