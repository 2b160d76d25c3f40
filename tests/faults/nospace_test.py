#!/usr/bin/env python3
"""A disk that is full at any moment: the command says so, no file is half, no record is lost, and the next command works.

usage: nospace_test.py SLIPWAY NOSPACE [POINTS]     NOSPACE: the library of nospace.c; POINTS (8): moments of each command (TAP on standard output)

The engine is a script, since the disk of this host is what is full; tests/engines/storm_test.py has a real engine.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import faults

SLIPWAY, NOSPACE = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
POINTS = int(sys.argv[3]) if len(sys.argv) > 3 else 8
IMAGE = b'{"Id":"sha256:%s"}' % (b"1" * 64)
BUILT = faults.chunked(b'{"aux":{"ID":"sha256:%s"}}' % (b"1" * 64), b'{"stream":"Successfully built %s\\n"}' % (b"1" * 64), b"")
ENGINE = {**faults.LIBPOD, "p:latest/json": faults.answer(b"{}", b"404 No"), "/build": BUILT, "/tag": faults.answer(b"", b"201 Created"),
          "/json": faults.answer(IMAGE)}
OLD = 'slipway: 1\nname: p\npython_version: "3.11"\naccelerators: [rtx-5090]\ntorch: {version: "2.6.0", cuda: "12.4"}\n'
FAULTY = 'slipway: 1\nname: p\nbase_image: {bootstrap: "debian:bookworm"}\npython_version: "3.7"\n'
PLAIN = 'slipway: 1\nname: p\npython_version: "3.11"\nimage: {name: localhost/p}\n'
# name, words, profile, exit status with room
COMMANDS = [("render", "render p -o out", PLAIN, 0), ("init", "init n --gpu rtx-4090", PLAIN, 0), ("fix", "fix p", FAULTY, 0),
            ("upgrade", "upgrade p --to torch==2.8.0+cu128 --name q", OLD, 0), ("build", "build p --no-verify", PLAIN, 0),
            ("build with files for its result", "build p --no-verify --iidfile id --metadata-file meta", PLAIN, 0)]


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


class Project:
    """A new folder with a profile, a repository and an engine of its own."""

    def __init__(self, top, profile):
        self.top, self.work = top, top / "work"
        (self.work / "slipway").mkdir(parents=True)
        (top / "tmp").mkdir()
        (self.work / "slipway/p.yaml").write_text(profile)
        subprocess.run(["git", "init", "-q", self.work], check=True)
        self.engine = faults.Engine(top / "engine", ENGINE)
        self.environment = {"PATH": os.defpath, "HOME": str(top / "home"), "TMPDIR": str(top / "tmp"), "DOCKER_HOST": f"unix://{top}/engine"}

    def run(self, words, **more):
        done = subprocess.run([SLIPWAY, "--offline", *words.split()], cwd=self.work, env={**self.environment, **more}, capture_output=True,
                              text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    def files(self):
        """Each file of the user's by its text; those of git and of caches apart."""
        return {str(path.relative_to(self.work)): path.read_text(errors="replace") for path in self.work.rglob("*")
                if path.is_file() and ".git/" not in str(path) and not path.name.startswith(".slipway-tmp-")}

    def records(self):
        done = subprocess.run(["git", "log", "--format=%H", "refs/slipway/p"], cwd=self.work, capture_output=True, text=True)
        return done.stdout.split()

    def left(self):
        return [str(path) for path in self.top.rglob(".slipway-tmp-*")] + [str(path) for path in (self.top / "tmp").iterdir()]


def calls_of(words, profile, status):
    """How many calls need room, and the files before and after."""
    with tempfile.TemporaryDirectory(prefix="nospace-") as name:
        project = Project(pathlib.Path(name), profile)
        before = project.files()
        told = pathlib.Path(name) / "told"
        done, out = project.run(words, LD_PRELOAD=str(NOSPACE), NOSPACE_TOLD=str(told))
        check(done == status, f"{words}: status {done}: {out}")
        return int(told.read_text()), before, project.files()


def stable(name):
    return name not in ("meta", "id")


def full_once(words, profile, status, point, count, before, after):
    """Whether the command ended for the full disk."""
    with tempfile.TemporaryDirectory(prefix="nospace-") as name:
        project = Project(pathlib.Path(name), profile)
        done, out = project.run(words, LD_PRELOAD=str(NOSPACE), NOSPACE_AFTER=str(point), NOSPACE_COUNT=str(count))
        what = f"{words}, {count} calls without room after {point}: status {done}: {out}"
        check(done in (0, 1, 3) and (done in (0, status) or "No space left on device" in out), what)
        for file, text in project.files().items():
            whole = text in (before.get(file), after.get(file)) if stable(file) else text.endswith(("}\n", "1" * 64)) or text == ""
            check(whole or (file.startswith("out/") and file in after), f"{what}\n{file} is half: {text!r}")
        records = project.records()
        check(done != 0 or len(records) == ("build" in words), f"{what}\nrecords: {records}")
        for created in ("slipway/n.yaml", "slipway/q.yaml"):
            (project.work / created).unlink(missing_ok=True)
        again, told = project.run(words)
        check(again == status, f"{what}\nand then status {again}: {told}")
        check(project.records()[-len(records):] == records or not records, f"{what}\na record is lost")
        project.run("render p -o out")
        project.run("list")
        check(not project.left(), f"{what}\nleft: {project.left()}")
        return done == 3


def test(words, profile, status):
    calls, before, after = calls_of(words, profile, status)
    points = sorted({calls * number // max(POINTS, 1) for number in range(POINTS)})
    refused = sum(full_once(words, profile, status, point, count, before, after) for point in points for count in (1, 1000000))
    print(f"# {words}: {calls} calls that need room; full at {2 * len(points)} moments, {refused} times the command ended for it")


def main():
    print(f"1..{len(COMMANDS)}")
    for number, (name, words, profile, status) in enumerate(COMMANDS, 1):
        fault = None
        try:
            test(words, profile, status)
        except (Failed, subprocess.TimeoutExpired, OSError, ValueError) as error:
            fault = str(error)
        print(f"{'not ok' if fault else 'ok'} {number} - {name}", flush=True)
        if fault:
            print("# " + fault.replace("\n", "\n# "), flush=True)


main()
