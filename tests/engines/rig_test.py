#!/usr/bin/env python3
"""The rigs themselves: each engine starts, a build in it reaches the network, and nothing of it stays behind.

usage: rig_test.py NAME...   (TAP on standard output; root, Debian or Ubuntu)
"""
import http.client
import io
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time

RIG = pathlib.Path(__file__).with_name("rig")
DOCKERFILE = b"FROM localhost/rig-test:base\nRUN apt-get update && touch /reached\n"


class Engine(http.client.HTTPConnection):
    """HTTP over the unix socket of an engine's URL."""

    def __init__(self, url):
        super().__init__("localhost", timeout=300)
        self.path = url.removeprefix("unix://")

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def post(self, path, body):
        self.request("POST", path, body, {"Content-Type": "application/x-tar"})
        answer = self.getresponse()
        return answer.status, answer.read()


def rig(*words):
    return subprocess.run([RIG, *words], stdout=subprocess.PIPE, text=True)


def remains(folder):
    """What is left of the engine that ran in the folder: mounts, processes, its socket."""
    left = [line for line in pathlib.Path("/proc/mounts").read_text().splitlines() if str(folder) in line]
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command and int(process.name) != os.getpid():
            left.append(command)
    left += map(str, folder.glob("engine.sock"))
    return left


def eventually(condition, seconds=40):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


def reaches_network(url):
    with open(rig("base").stdout.strip(), "rb") as base:
        status, text = Engine(url).post("/images/create?fromSrc=-&repo=localhost/rig-test:base", base)
    if status != 200:
        return f"import: {status} {text[-500:]}"
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(DOCKERFILE)
        archive.addfile(member, io.BytesIO(DOCKERFILE))
    status, text = Engine(url).post("/build?version=2&t=localhost/rig-test:built", context.getvalue())
    if status != 200 or b'"error"' in text:
        return f"build: {status} {text[-500:]}"
    client = Engine(url)
    client.request("GET", "/images/localhost/rig-test:built/json")
    return None if client.getresponse().status == 200 else "the image is not there"


def down_leaves_nothing(name, folder):
    if rig("down", name, folder).returncode or rig("down", name, folder).returncode:
        return "down fails"
    return remains(folder)


def killed_leaves_nothing(name, folder):
    if rig("up", name, folder).returncode:
        return "does not start again"
    os.kill(int((folder / "pid").read_text()), signal.SIGKILL)
    (folder / "engine.sock").unlink()
    return None if eventually(lambda: not remains(folder)) else remains(folder)


def owner_ends(name, folder):
    with subprocess.Popen(["sleep", "600"]) as owner:
        started = rig("up", name, folder, str(owner.pid)).returncode == 0
        owner.kill()
    if not started:
        return "does not start"
    return None if eventually(lambda: not remains(folder)) else remains(folder)


def main(names):
    number = 0

    def report(name, what, fault):
        nonlocal number
        number += 1
        print(f"{'not ok' if fault else 'ok'} {number} - {name}: {what}", flush=True)
        if fault:
            print("# " + str(fault).replace("\n", "\n# "), flush=True)
        return fault

    print(f"1..{5 * len(names)}")
    for name in names:
        with tempfile.TemporaryDirectory(prefix="rig-") as temporary:
            folder = pathlib.Path(temporary).resolve()
            began = time.monotonic()
            up = rig("up", name, folder)
            if up.returncode == 77:
                for _ in range(5):
                    number += 1
                    print(f"ok {number} - {name} # SKIP its suite has moved on to another release")
                continue
            if report(name, f"starts ({time.monotonic() - began:.1f} s)", up.returncode):
                for _ in range(4):
                    report(name, "not tried", "it does not start")
                continue
            report(name, "a build reaches the network", reaches_network(up.stdout.strip()))
            report(name, "down leaves nothing behind", down_leaves_nothing(name, folder))
            report(name, "killed, it leaves nothing behind", killed_leaves_nothing(name, folder))
            report(name, "it stops when its owner ends", owner_ends(name, folder))


main(sys.argv[1:])
