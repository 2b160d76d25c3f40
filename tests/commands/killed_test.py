#!/usr/bin/env python3
"""slipway killed (SIGKILL) at moments spread over all that a command does: the next command leaves no temporary file or folder.

usage: killed_test.py SLIPWAY   (TAP on standard output)
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SLIPWAY = pathlib.Path(sys.argv[1]).resolve()
SANITIZERS = ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS")
KILLS = 60
PROFILE = """\
slipway: 1
name: app
base_image: python:3.11-slim
python_version: "3.11"
torch: {version: "2.5.1", cuda: "12.4"}
requirements: [torchvision==0.19.0]
context: {path: files, copy: [{from: many, to: /many}]}
"""
# Each is killed over and over, and then run to its end.
COMMANDS = [
    "render app -o out",
    "init fresh --gpu t4 --force",
    "fix app --offline",
    "upgrade app --to torch==2.8.0 --offline",
    "check app --offline",
]


class Place:
    """A project with the home, the cache and the temporary folder of its user."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "files/many/deep").mkdir(parents=True)
        for number in range(200):
            (folder / f"files/many/{number}").write_text("content\n" * number)
            (folder / f"files/many/deep/{number}").write_text("content\n" * number)
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        kept = {name: os.environ[name] for name in SANITIZERS if name in os.environ}
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder / "tmp"),
                            "PIP_INDEX_URL": "http://127.0.0.1:1/simple", **kept}

    def start(self, command):
        (self.folder / "app.yaml").write_text(PROFILE)
        (self.folder / "app-torch-2.8.0.yaml").unlink(missing_ok=True)
        return subprocess.Popen([SLIPWAY, *command.split()], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def temporaries(self):
        return sorted(str(path) for path in self.folder.rglob(".slipway-tmp-*"))

    def names(self):
        return {path for path in self.folder.rglob("*") if ".git" not in path.parts}


def try_command(place, command):
    """None, or what is wrong."""
    began = time.monotonic()
    status = place.start(command).wait(60)
    lasts, names = time.monotonic() - began, place.names()
    met = 0
    for number in range(KILLS):
        with place.start(command) as process:
            time.sleep(lasts * number / KILLS)
            process.kill()
        met += process.returncode < 0
    if place.start(command).wait(60) != status:
        return "another exit status after the kills"
    print(f"# {command}: {met} of {KILLS} kills met it")
    if place.temporaries():
        return f"left: {place.temporaries()}"
    return None if place.names() == names else f"left: {place.names() ^ names}"


def main():
    print(f"1..{len(COMMANDS)}")
    for number, command in enumerate(COMMANDS, 1):
        with tempfile.TemporaryDirectory() as temporary:
            try:
                fault = try_command(Place(pathlib.Path(temporary).resolve()), command)
            except subprocess.TimeoutExpired as error:
                fault = str(error)
        print(f"{'not ok' if fault else 'ok'} {number} - {command}", flush=True)
        if fault:
            print("# " + fault.replace("\n", "\n# "), flush=True)


main()
