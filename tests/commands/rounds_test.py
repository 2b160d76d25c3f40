#!/usr/bin/env python3
"""Several renders to one folder at once, while the profile changes: the folder has what the profile says at the end, whole. Several
commands that write profiles at once: each profile is whole.

usage: rounds_test.py SLIPWAY [ROUNDS]   (TAP on standard output)
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

SLIPWAY = pathlib.Path(sys.argv[1]).resolve()
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
AT_ONCE = 4
PROFILE = """\
slipway: 1
name: app
context: {path: .., copy: [{from: %s, to: /app/}]}
environment: {RELEASE: "%s"}
"""


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


def make_project(folder):
    (folder / "slipway").mkdir()
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / f"{name}.py").write_text(name)


def set_profile(folder, release):
    """Replaced in one step, as editors do it."""
    text = PROFILE % (("one", "two")[release % 2], release)
    (folder / "slipway/next").write_text(text)
    os.replace(folder / "slipway/next", folder / "slipway/app.yaml")


def render(folder, output):
    return subprocess.Popen([SLIPWAY, "render", "app", "-o", output], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def rounds(folder):
    make_project(folder)
    for number in range(ROUNDS):
        running = []
        for k in range(AT_ONCE):
            set_profile(folder, number * AT_ONCE + k)
            running.append(render(folder, "out"))
        for process in running:
            output = process.communicate()[0]
            check(process.returncode == 0, f"round {number}: status {process.returncode}: {output}")
        done = render(folder, f"alone-{number}")
        check(done.wait() == 0, done.stdout.read())
        check(tree(folder / "out") == tree(folder / f"alone-{number}"), f"round {number}: the folder is another than the profile's")


def a_waiting_render_is_told_and_interrupted(folder):
    """The folder is locked by this test, as a render would."""
    import fcntl
    (folder / "out").mkdir()
    make_project(folder)
    set_profile(folder, 1)
    held = os.open(folder / "out", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    process = render(folder, "out")
    check("waiting for another slipway" in process.stdout.readline(), "the user is not told")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    check(process.wait(10) == 130 and time.monotonic() - began < 5, f"status {process.returncode}")
    check(list((folder / "out").iterdir()) == [], "it has written all the same")
    process = render(folder, "out")
    check("waiting" in process.stdout.readline(), "the user is not told")
    os.close(held)
    check(process.wait(30) == 0 and (folder / "out/Dockerfile").exists(), "it does not go on")


FAULTY = 'slipway: 1\nname: app\nbase_image: {bootstrap: "debian:bookworm"}\npython_version: "3.7"\n'
WRITERS = ["fix app", "init new --gpu rtx-4090", "init app --gpu rtx-4090 --force", "upgrade app --to python==3.12 --name next"]


def write(folder, words):
    return subprocess.Popen([SLIPWAY, "--offline", *words.split()], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache")})


def a_waiting_writer_is_told_and_interrupted(folder):
    """The folder of the profiles is locked by this test, as a writer would."""
    import fcntl
    (folder / "slipway").mkdir()
    (folder / "slipway/app.yaml").write_text(FAULTY)
    held = os.open(folder / "slipway", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    for words in WRITERS:
        process = write(folder, words)
        check(any("waiting for another slipway" in line for line in process.stdout), f"{words}: the user is not told")
        process.send_signal(signal.SIGINT)
        check(process.wait(60) == 130, f"{words}: status {process.returncode}")
        files = {path.name: path.read_text() for path in (folder / "slipway").iterdir()}
        check(files == {"app.yaml": FAULTY}, f"{words}: it has written all the same: {files}")
    os.close(held)


def writers_at_once_leave_whole_profiles(folder):
    (folder / "slipway").mkdir()
    for number in range(ROUNDS):
        (folder / "slipway/app.yaml").write_text(FAULTY)
        for name in ("new", "next"):
            (folder / f"slipway/{name}.yaml").unlink(missing_ok=True)
        running = [(words, write(folder, words)) for words in WRITERS]
        for words, process in running:
            out = process.communicate()[0]
            told = process.returncode == 0 or "in the meantime" in out or "is there already" in out or "SW" in out
            check(process.returncode in (0, 1, 2) and told, f"round {number}: {words}: status {process.returncode}: {out}")
        for path in (folder / "slipway").iterdir():
            done = write(folder, f"plan {path.stem}")
            out = done.communicate()[0]
            check(path.suffix == ".yaml" and (done.returncode == 0 or path.read_text() == FAULTY), f"round {number}: {path.name} is half: {out}")


def main():
    steps = [rounds, a_waiting_render_is_told_and_interrupted, a_waiting_writer_is_told_and_interrupted,
             writers_at_once_leave_whole_profiles]
    print(f"1..{len(steps)}")
    for number, step in enumerate(steps, 1):
        fault = None
        with tempfile.TemporaryDirectory(prefix="rounds-") as folder:
            try:
                step(pathlib.Path(folder).resolve())
            except (Failed, OSError, subprocess.TimeoutExpired) as error:
                fault = f"{type(error).__name__}: {error}"
        print(f"{'not ok' if fault else 'ok'} {number} - {step.__name__.replace('_', ' ')}", flush=True)
        if fault:
            print("# " + fault.replace("\n", "\n# "), flush=True)


main()
