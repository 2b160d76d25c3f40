#!/usr/bin/env python3
"""Every command on one real engine, interrupted, killed and without room at random moments, and many builds at once: nothing is lost,
nothing is half, and nothing stays behind.

usage: storm_test.py SLIPWAY NOSPACE ENGINE [ROUNDS [SECONDS [SEED]]]   (TAP on standard output; root, Debian or Ubuntu)

NOSPACE is the library of tests/faults/nospace.c. ROUNDS (6): how often a command is stopped, and as often it finds the disk full.
SECONDS (10): how long builds run at once. What the engine holds is looked at with python3-docker, what the repository holds with git.
The times from a signal to the end are printed; they are no test, since they are the machine's too.
"""
import json
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import threading
import time

import docker
import suite
from suite import check

SLIPWAY, NOSPACE = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
ROUNDS, SECONDS, SEED = (int(text) for text in (sys.argv[4:] + ["6", "10", str(random.randrange(1 << 30))][len(sys.argv) - 4:]))
PATIENCE = 120  # a bound for a machine under load, not the time that a thing takes
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
PROFILE = """\
slipway: 1
name: %s
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
installer: pip
environment: {RELEASE: "%s"}
ignore: []
assertions: [{that: python, is: ">=3.11"}]
"""
# Little but steps, so that the time goes into what is tested.
BARE = 'FROM {{base.reference}}\nCOPY ["constraints.txt", "/"]\n{{#steps}}\nRUN ["/bin/sh", "-c", {{command|json}}]\n{{/steps}}\n'
BARE_PROFILE = 'slipway: 1\nname: %s\nbase_image: {bootstrap: "debian:bookworm"}\npython_version: "3.11"\nsteps: ["sleep 0.%d; echo %s"]\n'
# Each with the share of the time that a build takes in which it is stopped.
COMMANDS = [("build p", 1.0), ("build p", 1.0), ("build p --no-verify", 0.6), ("verify p", 0.5), ("rollback p --to 1", 0.6), ("rollback p --to 2", 0.6),
            ("rollback p", 0.6), ("push p", 0.2), ("render p -o out", 0.1), ("fix p", 0.1), ("upgrade p --to python==3.12 --name q", 0.1), ("plan p", 0.05),
            ("check", 0.1), ("lock p", 0.1), ("list", 0.05), ("history p", 0.05), ("matrix", 0.05), ("diff p p@1", 0.1), ("inspect p:latest", 0.5),
            ("init n --gpu rtx-4090", 0.1), ("suggest --gpu rtx-4090", 0.1), ("gpus", 0.05), ("doctor", 0.2), ("explain log", 0.1)]


def processes_of(session):
    """The living processes of a session."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split() if entry.name.isdigit() else []
            if fields and int(fields[3]) == session and fields[0] != "Z":
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except OSError:
            pass
    return found


class Storm:
    def __init__(self, url, folder):
        self.random = random.Random(SEED)
        print(f"# seed {SEED}", flush=True)
        self.rig, self.top, self.work = folder / "engine", folder, folder / "work"
        self.client = docker.DockerClient(base_url=url, timeout=120)
        for name in ("work/slipway", "tmp"):
            (folder / name).mkdir(parents=True)
        self.environment = {**os.environ, "GITHUB_ACTIONS": "", "TMPDIR": str(folder / "tmp"), "DOCKER_HOST": url,
                            "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple"}
        (self.work / "log").write_text("ERROR: no matching distribution\n" * 200_000)
        (self.work / ".gitignore").write_text("log\nout\n")
        self.git("init", "-q")
        self.release = 0
        for _ in range(2):
            self.change()
            began = time.monotonic()
            self.done("build", "p")
            self.whole = time.monotonic() - began

    def git(self, *words):
        made = subprocess.run(["git", *words], cwd=self.work, capture_output=True, text=True)
        check(made.returncode == 0, f"git {words}: {made.stderr}")
        return made.stdout

    def change(self):
        self.release += 1
        (self.work / "slipway/p.yaml").write_text(PROFILE % ("p", self.release))

    def start(self, words, **more):
        return subprocess.Popen([SLIPWAY, *words], cwd=self.work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, errors="replace", start_new_session=True, env={**self.environment, **more})

    def done(self, *words):
        process = self.start(words)
        out, _ = process.communicate(timeout=900)
        check(process.returncode == 0, f"{words}: status {process.returncode}: {out[-1500:]}")

    # ---- what holds after each ----

    def records(self):
        return self.git("log", "--format=%H", "refs/slipway/p").split()

    def check_records(self, before, what):
        after = self.records()
        check(after[len(after) - len(before):] == before, f"{what}: a record is lost")
        for name in (self.work / "slipway").iterdir():
            text = name.read_text()
            whole = text.endswith("\n") and ("slipway: 1\n" in text or name.name.startswith("pylock."))
            check(name.name.startswith(".slipway-tmp-") or whole, f"{what}: {name} is half: {text!r}")

    def check_whole(self, what):
        """The next commands finish what is half and sweep what was left."""
        self.done("rollback", "p", "--to", str(self.random.choice([1, 2])), "--force")
        self.change()
        self.done("build", "p")
        self.done("render", "p", "-o", "out")
        record = json.loads(self.git("show", "refs/slipway/p:record.json"))
        check(self.client.images.get("p:latest").id.split(":")[-1] == record["image"]["id"].split(":")[-1], f"{what}: tag and record differ")
        check(not (self.work / ".git/slipway/intent-p").exists(), f"{what}: a note is left")
        check(not self.client.containers.list(all=True), f"{what}: a container is left")
        found = self.git("fsck", "--strict", "--no-dangling")
        check(not found, f"{what}: git fsck: {found}")
        swept = [self.work / "slipway", self.work / "out", self.work / ".git/slipway", self.top / "tmp"]
        left = [str(path) for folder in swept for path in folder.glob(".slipway-tmp-*")] + [str(path) for path in (self.top / "tmp").iterdir()]
        check(not left, f"{what}: left: {left}")
        mounts = [line for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines() if "slipway" in line and str(self.top) in line]
        check(not mounts, f"{what}: mounts: {mounts}")

    def stop_one(self, number):
        """One command, stopped at a random moment: the time that it took to end, or None if it had ended or was killed."""
        words, share = self.random.choice(COMMANDS)
        before, how = self.records(), self.random.choice([*SIGNALS, signal.SIGKILL])
        what = f"{number}: {words}, {how.name}"
        if self.random.random() < 0.5:
            self.change()
        (self.work / "slipway/q.yaml").unlink(missing_ok=True)
        (self.work / "slipway/n.yaml").unlink(missing_ok=True)
        process = self.start(words.split())
        time.sleep(self.random.uniform(0, max(self.whole * share, 0.05)))
        running, began = process.poll() is None, time.monotonic()
        process.send_signal(how)
        out, _ = process.communicate(timeout=PATIENCE)
        took = time.monotonic() - began
        early = took < 0.2 and process.returncode == -how
        allowed = (-signal.SIGKILL,) if how == signal.SIGKILL else (130, 0, 1, 2, 3)
        check(not running or process.returncode in allowed or early or process.returncode in (0, 1, 2, 3), f"{what}: status {process.returncode}: {out[-800:]}")
        end = time.monotonic() + PATIENCE
        while left := processes_of(process.pid):
            check(time.monotonic() < end, f"{what}: left: {left}")
            time.sleep(0.02)
        self.check_records(before, what)
        return took if running and how != signal.SIGKILL else None

    # ---- the tests ----

    def stopped_at_any_moment(self):
        took = []
        for number in range(ROUNDS):
            took.append(self.stop_one(number))
            if number % 10 == 9 or number == ROUNDS - 1:
                self.check_whole(f"after {number + 1}")
        heard = sorted(seconds for seconds in took if seconds is not None)
        late = [f"{seconds:.2f}" for seconds in heard if seconds > 1]
        if heard:
            print(f"# {ROUNDS} commands stopped; {len(heard)} signals met a command at work: median {heard[len(heard) // 2] * 1000:.0f} ms, longest "
                  f"{heard[-1] * 1000:.0f} ms; over a second: {late}; load {os.getloadavg()[0]:.0f}", flush=True)

    def a_disk_that_is_full(self):
        refused = 0
        for number in range(ROUNDS):
            words, _ = self.random.choice([command for command in COMMANDS if command[0].split()[0] not in ("gpus", "list", "plan", "explain")])
            before, after = self.records(), int(2 ** self.random.uniform(0, 8)) - 1
            count = self.random.choice([1, 1000000])
            what = f"{number}: {words}, no room after {after} calls, for {count}"
            (self.work / "slipway/q.yaml").unlink(missing_ok=True)
            (self.work / "slipway/n.yaml").unlink(missing_ok=True)
            self.change()
            process = self.start(words.split(), LD_PRELOAD=str(NOSPACE), NOSPACE_AFTER=str(after), NOSPACE_COUNT=str(count))
            out, _ = process.communicate(timeout=900)
            check(process.returncode in (0, 1, 2, 3), f"{what}: status {process.returncode}: {out[-800:]}")
            refused += process.returncode != 0 and "No space left" in out
            self.check_records(before, what)
            if number % 10 == 9 or number == ROUNDS - 1:
                self.check_whole(f"after {what}")
        print(f"# {ROUNDS} commands with a full disk, {refused} of them ended for it", flush=True)

    def many_builds_at_once(self):
        """Eight profiles with -j 8, again and again, some of them cancelled, in six folders beside one with -j 2: 50 builds
        at a time. A short run has two folders."""
        folders = []
        for name in range(7 if SECONDS > 60 else 2):
            folder = self.top / f"many{name}"
            (folder / "slipway/templates").mkdir(parents=True)
            (folder / "slipway/templates/Dockerfile.mustache").write_text(BARE)
            subprocess.run(["git", "init", "-q", folder], check=True)
            folders.append(folder)
        engine = next(process for process in suite.below(int((self.rig / "pid").read_text())) if pathlib.Path(f"/proc/{process}/comm").read_text() in ("dockerd\n", "podman\n"))
        end, samples, problems, counts = time.monotonic() + SECONDS, [], [], {"whole": 0, "cancelled": 0}
        stop = threading.Event()

        def sample():
            while not stop.wait(1):
                status = pathlib.Path(f"/proc/{engine}/status").read_text()
                samples.append((len(os.listdir(f"/proc/{engine}/fd")), int(status.split("VmRSS:")[1].split()[0]) // 1024))

        def rounds(folder, seed):
            own = random.Random(seed)
            while time.monotonic() < end and not problems:
                for number in range(8):
                    (folder / f"slipway/{folder.name}x{number}.yaml").write_text(
                        BARE_PROFILE % (f"{folder.name}x{number}", own.randrange(1, 9), own.randrange(1 << 30)))
                process = subprocess.Popen([SLIPWAY, "build", "--all", "-j", "8" if folder is not folders[-1] else "2", "--no-verify"], cwd=folder, text=True,
                                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.environment, start_new_session=True)
                cancelled = own.random() < 0.4
                how = own.choice(SIGNALS)
                if cancelled:
                    time.sleep(own.uniform(0, self.whole))
                    process.send_signal(how)
                try:
                    out, _ = process.communicate(timeout=900)
                except subprocess.TimeoutExpired:
                    problems.append("a build hangs")
                    return
                counts["cancelled" if cancelled else "whole"] += 1
                # A signal may come before the program hears any.
                unheard = cancelled and process.returncode == -how and not out
                if process.returncode not in ((0, 130) if cancelled else (0,)) and not unheard:
                    problems.append(f"status {process.returncode}: {out[-1500:]}")
                if left := processes_of(process.pid):
                    time.sleep(2)
                    problems.extend(processes_of(process.pid) and [f"left: {left}"])

        threads = [threading.Thread(target=rounds, args=[folder, SEED + number]) for number, folder in enumerate(folders)]
        sampler = threading.Thread(target=sample)
        for thread in [sampler, *threads]:
            thread.start()
        for thread in threads:
            thread.join()
        # A step that is cancelled ends a moment after its client.
        limit = time.monotonic() + PATIENCE
        while self.client.containers.list(all=True) and time.monotonic() < limit:
            time.sleep(0.2)
        time.sleep(3)
        stop.set()
        sampler.join()
        check(not problems, problems[:2])
        check(not self.client.containers.list(all=True), "a container is left")
        left = [str(path) for path in (self.top / "tmp").iterdir()]
        check(not left, f"temporary files: {left}")
        quarter = max(len(samples) // 4, 1)
        early, late = samples[:quarter], samples[-quarter:]
        print(f"# {counts}; the engine: {max(fds for fds, _ in early)} descriptors and {max(mib for _, mib in early)} MiB at most in the first quarter, "
              f"{max(fds for fds, _ in late)} and {max(mib for _, mib in late)} in the last, {samples[-1][0]} and {samples[-1][1]} at the end; "
              f"largest slipway {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024} MiB", flush=True)
        check(samples[-1][0] <= max(fds for fds, _ in early) + 20, f"the engine's descriptors grow: {samples[:3]} … {samples[-3:]}")


suite.run(sys.argv[3], Storm, lambda name: name in ("stopped_at_any_moment", "a_disk_that_is_full", "many_builds_at_once"))
