#!/usr/bin/env python3
"""INT, TERM and HUP end every command at once, and nothing of it is left.

usage: signal_test.py SLIPWAY BUSY [COUNT]     (TAP on standard output)

BUSY: the library of busy.c. COUNT: how often each command is interrupted, by default 3 times.

A command is interrupted at a random moment by one of the signals. It must then end with exit status 130 (or with its own, if it was
about to end anyway), without a child and without a temporary file. How long that took is printed, and how much of it was the command's own
time on a processor, which is no matter of the machine's load; the bound is for machines under load.
"""
import contextlib
import os
import pathlib
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time

import faults

SLIPWAY, BUSY = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 3
SECONDS = 60  # a bound for a machine under load, not the time that it takes
TORCH = 'slipway: 1\nname: %s\npython_version: "3.11"\naccelerators: [rtx-4090]\ntorch: {version: "2.8.0", cuda: "12.8"}\n'
STUBBORN = "#!/bin/sh\ntrap '' TERM HUP INT\nsleep 1000 &\nwait\nwait\n"


def catches(pid, number):
    """Whether the process has come to where it hears a signal."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    mask = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return int(mask, 16) >> (number - 1) & 1 == 1


def start_explain(folder, **options):
    """A command that waits for a log whose end never comes."""
    process = subprocess.Popen([SLIPWAY, "explain", "-"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env={"PATH": os.defpath, "HOME": str(folder)}, **options)
    end = time.monotonic() + SECONDS
    while not catches(process.pid, signal.SIGTERM):
        assert time.monotonic() < end, "it never hears a signal"
        time.sleep(0.01)
    return process


def test_each_signal_interrupts(folder):
    for number in SIGNALS:
        process = start_explain(folder)
        process.send_signal(number)
        _, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 130 and b"interrupted" in err, (number, process.returncode, err)


def test_a_hangup_that_was_ignored_before_stays_ignored(folder):
    process = start_explain(folder, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    process.send_signal(signal.SIGHUP)
    out, err = process.communicate(b"#1 DONE 0.1s\n", timeout=SECONDS)
    assert process.returncode == 0, (process.returncode, out, err)


def end_a_computation(process, number):
    end = time.monotonic() + SECONDS
    while spent_by(process.pid) < 0.3:
        assert process.poll() is None and time.monotonic() < end, "it does not compute"
        time.sleep(0.01)
    before = spent_by_children() + spent_by(process.pid)
    process.send_signal(number)
    _, err = process.communicate(timeout=SECONDS)
    spent = spent_by_children() - before
    assert process.returncode == 130 and b"interrupted" in err, (number, process.returncode, err)
    assert spent < 1, f"{number.name} is heard after {spent:.2f} s on a processor"


def test_a_computation_that_hears_nothing_is_ended(folder):
    if "asan" in subprocess.run(["ldd", SLIPWAY], capture_output=True, text=True).stdout:
        return  # a sanitizer must be loaded first
    (folder / "busy").mkdir()
    for number in SIGNALS:
        process = subprocess.Popen([SLIPWAY, "check", "./busy"], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env={"PATH": os.defpath, "HOME": str(folder), "LD_PRELOAD": str(BUSY)})
        try:
            end_a_computation(process, number)
        finally:
            process.kill()  # else a process that hears nothing computes on after a failure


# ---- commands, with what they work at ----


def rows(line, count):
    return "".join(line.replace("{}", str(number)) + "\n" for number in range(count))


def large(name):
    return (TORCH % name + "requirements:\n" + rows("- p{}==1.{}", 1999) + "constraints:\n" + rows("- q{}<1", 1999) + "steps:\n"
            + rows("- pip install p{}==2", 1999) + "assertions:\n" + rows("- {that: p{}, is: '==1.{}'}", 1999)
            + "environment:\n" + rows("  A{}: x", 1999))


def with_large_profiles(folder):
    for number in range(8):
        (folder / f"p{number}.yaml").write_text(large(f"p{number}"))


def with_many_profiles(folder):
    for number in range(2000):
        (folder / f"p{number}.yaml").write_text(TORCH % f"p{number}")


def with_dockerfile(folder):
    (folder / "Dockerfile").write_text("FROM python:3.11\n" + rows("RUN pip install a && echo b{} && pip install p{}", 1900))


def with_compose(folder):
    with_dockerfile(folder)
    (folder / "compose.yaml").write_text("services:\n" + rows("  s{}: {build: .}", 1900))


def with_context(folder):
    for number in range(200):
        (folder / f"files/{number}").mkdir(parents=True)
        for file in range(50):
            (folder / f"files/{number}/{file}").write_text("x")
    (folder / "p.yaml").write_text(TORCH % "p" + "context: {path: ., copy: [{from: files, to: /files/}]}\n")


def silent_listener(folder):
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, {"PIP_INDEX_URL": f"http://127.0.0.1:{listener.getsockname()[1]}/simple"}


def with_silent_index(folder):
    (folder / "p.yaml").write_text(TORCH % "p" + "requirements: [numpy]\n")
    return silent_listener(folder)


def with_engine(script):
    def make(folder):
        (folder / "p.yaml").write_text('slipway: 1\nname: p\npython_version: "3.11"\nimage: {name: localhost/p}\n')
        subprocess.run(["git", "init", "-q", folder], check=True)
        return faults.Engine(folder / "engine", script), {"DOCKER_HOST": f"unix://{folder}/engine"}
    return make


SILENT = (b"", faults.HANG)
BUILT = faults.chunked(b'{"aux":{"ID":"sha256:%s"}}' % (b"1" * 64), b'{"stream":"Successfully built %s\\n"}' % (b"1" * 64), b"")
NO_IMAGE = faults.answer(b"{}", b"404 No")
ENGINE = {**faults.LIBPOD, "/build": BUILT, "/tag": faults.answer(b"", b"201 Created"), "/json": faults.answer(b'{"Id":"sha256:%s"}' % (b"1" * 64))}


def program(folder, name, text):
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin" / name).write_text(text)
    (folder / "bin" / name).chmod(0o755)
    return {"PATH": f"{folder}/bin:{os.defpath}"}


def with_stubborn_helper(folder):
    engine, environment = with_engine({**ENGINE, "/push": SILENT})(folder)
    (folder / "config.json").write_text('{"credsStore": "stubborn"}')
    environment["DOCKER_CONFIG"] = str(folder)
    return engine, environment | program(folder, "docker-credential-stubborn", STUBBORN)


def with_stubborn_ssh(folder):
    with_engine(ENGINE)(folder)
    return None, {"DOCKER_HOST": "ssh://somewhere"} | program(folder, "ssh", STUBBORN)


# name, command, what makes its input and returns what must live as long and more environment, seconds that it may take by itself
SUBJECTS = [
    ("check of large profiles", "--offline check", with_large_profiles, 1),
    ("check of many profiles", "--offline check", with_many_profiles, 1),
    ("list of many profiles", "list", with_many_profiles, 1),
    ("matrix of many profiles", "matrix", with_many_profiles, 1),
    ("plan of a large profile", "--offline plan p0", with_large_profiles, 0.5),
    ("render of a large profile", "render p0 -o out", with_large_profiles, 0.5),
    ("render of a large context", "render p -o out", with_context, 0.5),
    ("fix of a large profile", "--offline fix p0 --dry-run", with_large_profiles, 0.5),
    ("diff of large profiles", "diff p0 p1", with_large_profiles, 0.5),
    ("init from a large Dockerfile", "init q --from Dockerfile --gpu rtx-4090", with_dockerfile, 0.5),
    ("check of a compose file with many images", "--offline check compose.yaml", with_compose, 1),
    ("check with an index that says nothing", "check p", with_silent_index, 2),
    ("inspect with an index that says nothing", "inspect numpy==2.0.0", with_silent_index, 2),
    ("suggest with an index that says nothing", "suggest --gpu rtx-4090 --with numpy", with_silent_index, 2),
    ("doctor with an engine that says nothing", "doctor", with_engine({"/_ping": SILENT}), 2),
    ("build that the engine does not answer", "--offline build p", with_engine({**ENGINE, "/build": SILENT}), 2),
    ("build whose context is large", "--offline build p", with_context, 2),
    ("verify of an image that the engine does not start", "verify localhost/p:1", with_engine({**ENGINE, "/create": SILENT}), 2),
    ("build whose image gets no name", "--offline build p --no-verify", with_engine({"p:latest/json": NO_IMAGE, **ENGINE, "/tag": SILENT}), 2),
    ("push that the engine does not answer", "--offline build p --no-verify --push", with_engine({**ENGINE, "/push": SILENT}), 2),
    ("push with a credential helper that says nothing", "--offline build p --no-verify --push", with_stubborn_helper, 2),
    ("build over an ssh that says nothing", "--offline build p", with_stubborn_ssh, 2),
]


def left_of(session_id):
    """The processes of a session, zombies apart."""
    left = []
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError):
            if entry.name.isdigit():
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == session_id and fields[0] != "Z":
                    left.append((entry / "cmdline").read_text().replace("\0", " "))
    return left


def spent_by(pid):
    """The seconds that a process has spent on a processor, to 10 ms; 0 if it is gone."""
    with contextlib.suppress(OSError):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0


def spent_by_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def interrupt(words, make, seconds):
    """One command, interrupted once: how long it took to end, how much of that on a processor, and whether it ended for the signal; None if
    it had ended before."""
    with tempfile.TemporaryDirectory(prefix="signal-") as top:
        folder, temporary = pathlib.Path(top) / "work", pathlib.Path(top) / "tmp"
        folder.mkdir()
        temporary.mkdir()
        kept, more = make(folder) or (None, {})
        environment = {"PATH": os.defpath, "HOME": top, "TMPDIR": str(temporary), "PIP_INDEX_URL": "http://127.0.0.1:9/simple", **more}
        process = subprocess.Popen([SLIPWAY, *words.split()], cwd=folder, env=environment, stdin=subprocess.DEVNULL, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        end = time.monotonic() + SECONDS
        while process.poll() is None and not catches(process.pid, signal.SIGTERM):
            assert time.monotonic() < end, "it never hears a signal"
            time.sleep(0.002)
        time.sleep(random.uniform(0, seconds))
        number = random.choice(SIGNALS)
        before, spent = spent_by_children(), spent_by(process.pid)
        running = process.poll() is None
        began = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=SECONDS)
        took, spent = time.monotonic() - began, max(spent_by_children() - before - spent, 0)
        wrong = f"{number.name}: status {process.returncode}\n{out[-300:]}\n{err[-300:]}"
        assert process.returncode in (130, 0) or not running or (took < 0.05 and process.returncode < 4), wrong
        end = time.monotonic() + 5
        while (left := left_of(process.pid)) and time.monotonic() < end:
            time.sleep(0.05)  # a process that was killed is there a moment longer
        assert not left, f"{number.name} leaves {left}"
        files = [path.name for path in temporary.iterdir()] + [path.name for path in folder.rglob("*.??????") if path.stem.count(".")]
        assert not files, f"{number.name} leaves {files}"
        del kept
        return (took, spent, process.returncode == 130) if running else None


def test_every_command_ends_at_once(_):
    for name, words, make, seconds in SUBJECTS:
        took = []
        for _ in range(COUNT):
            try:
                took.append(interrupt(words, make, seconds))
            except (AssertionError, subprocess.TimeoutExpired, ProcessLookupError) as error:
                raise AssertionError(f"{name}: {type(error).__name__}: {error}") from error
        met = [pair for pair in took if pair]
        print(f"# {name}: {len(met)} of {len(took)} were running, {sum(heard for *_, heard in met)} ended for the signal, "
              f"after at most {max((took for took, *_ in met), default=0) * 1000:.0f} ms, {max((spent for _, spent, _ in met), default=0) * 1000:.0f} "
              "of them on a processor", flush=True)


def main():
    tests = [(name[5:].replace("_", " "), test) for name, test in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        try:
            with tempfile.TemporaryDirectory(prefix="signal-") as folder:
                test(pathlib.Path(folder))
            print(f"ok {number} - {name}")
        except (AssertionError, subprocess.TimeoutExpired) as error:
            print(f"not ok {number} - {name}")
            print("# " + f"{type(error).__name__}: {error}".replace("\n", "\n# "))


main()
