#!/usr/bin/env python3
"""slipway killed (SIGKILL) at moments spread over all that a command does: the next command leaves no temporary file or folder, and no
record is lost or half.

usage: killed_test.py SLIPWAY [KILLS [COMMAND...]]   (TAP on standard output)

KILLS (40): how often each command is killed. COMMAND: its first word; all commands if none is named. The engine is a script that builds at
once, since kills while a real engine builds are in tests/engines/storm_test.py and rollback_test.py; the index is a folder.
"""
import functools
import hashlib
import http.server
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "faults"))
import faults  # noqa: E402

SLIPWAY = pathlib.Path(sys.argv[1]).resolve()
SANITIZERS = ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS")
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 40
WHEEL = "demo-1.0-py3-none-any.whl"
METADATA = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
IMAGE = b'{"Id":"sha256:%s"}' % (b"1" * 64)
ENGINE = {**faults.LIBPOD, "/tag": faults.answer(b"", b"201 Created"),
          "/build": faults.chunked(b'{"aux":{"ID":"sha256:%s"}}' % (b"1" * 64), b'{"stream":"Successfully built %s\\n"}' % (b"1" * 64), b""),
          "/push": faults.chunked(b'{"status":"latest: digest: sha256:%s size: 1"}' % (b"2" * 64), b""), "/json": faults.answer(IMAGE)}
SMALL = """\
slipway: 1
name: app
base_image: python:3.11-slim
python_version: "3.11"
requirements: [demo]
image: {name: localhost/app}
"""
PROFILE = """\
slipway: 1
name: app
base_image: python:3.11-slim
python_version: "3.11"
torch: {version: "2.5.1", cuda: "12.4"}
requirements: [torchvision==0.19.0]
context: {path: files, copy: [{from: many, to: /many}]}
"""
# Each is killed over and over, and then run to its end; with its profile.
COMMANDS = [
    ("render app -o out", PROFILE),
    ("init fresh --gpu t4 --force", PROFILE),
    ("fix app --offline", PROFILE),
    ("upgrade app --to torch==2.8.0 --offline", PROFILE),
    ("check app --offline", PROFILE),
    ("lock app", SMALL),
    ("build app --no-verify --iidfile id --metadata-file meta --report report.html", SMALL),
    ("rollback app --to 1 --force", SMALL),
    ("push app", SMALL),
]


def make_index(folder):
    """A package index with one wheel: its URL."""
    (folder / "simple/demo").mkdir(parents=True)
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        wheel.writestr("demo.py", "")
        wheel.writestr("demo-1.0.dist-info/METADATA", METADATA)
        wheel.writestr("demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("demo-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256((folder / WHEEL).read_bytes()).hexdigest()
    (folder / "simple/demo/index.html").write_text(f'<a href="/{WHEEL}#sha256={digest}">{WHEEL}</a>')

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/simple"


class Place:
    """A project with the home, the cache and the temporary folder of its user, an engine and a package index."""

    def __init__(self, top, profile):
        self.folder, self.profile = top / "work", profile
        folder = self.folder
        (folder / "files/many/deep").mkdir(parents=True)
        for number in range(200):
            (folder / f"files/many/{number}").write_text("content\n" * number)
            (folder / f"files/many/deep/{number}").write_text("content\n" * number)
        self.git("init", "-q")
        kept = {name: os.environ[name] for name in SANITIZERS if name in os.environ}
        self.engine = faults.Engine(top / "engine", ENGINE)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder / "tmp"), "DOCKER_HOST": f"unix://{top}/engine",
                            "PIP_INDEX_URL": make_index(top / "index") if profile == SMALL else "http://127.0.0.1:1/simple", **kept}

    def git(self, *words):
        done = subprocess.run(["git", *words], cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, f"git {words}: {done.stderr}"
        return done.stdout

    def start(self, command):
        (self.folder / "app.yaml").write_text(self.profile)
        (self.folder / "app-torch-2.8.0.yaml").unlink(missing_ok=True)
        return subprocess.Popen([SLIPWAY, *command.split()], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def temporaries(self):
        notes = self.folder.glob(".git/slipway/intent-*")
        return sorted(str(path) for path in [*self.folder.rglob(".slipway-tmp-*"), *notes])

    def names(self):
        return {path for path in self.folder.rglob("*") if ".git" not in path.parts and ".cache" not in path.parts}

    def records(self):
        return self.git("for-each-ref", "--format=%(refname)", "refs/slipway/app") and self.git("log", "--format=%H", "refs/slipway/app").split()


def try_command(place, command):
    """None, or what is wrong."""
    for _ in range(2 if command.split()[0] in ("rollback", "push") else 0):
        assert place.start("build app --no-verify").wait(60) == 0, "no build"
    began = time.monotonic()
    status = place.start(command).wait(60)
    lasts, names = time.monotonic() - began, place.names()
    met = 0
    for number in range(KILLS):
        before = place.records()
        with place.start(command) as process:
            time.sleep(lasts * number / KILLS)
            process.kill()
        met += process.returncode < 0
        after = place.records()
        if after[len(after) - len(before):] != before:
            return f"kill {number} lost a record"
    if place.start(command).wait(60) != status:
        return "another exit status after the kills"
    print(f"# {command}: exit status {status}; {met} of {KILLS} kills met it")
    if place.temporaries():
        return f"left: {place.temporaries()}"
    if found := place.git("fsck", "--strict", "--no-dangling"):
        return f"git fsck: {found}"
    return None if place.names() == names else f"left: {place.names() ^ names}"


def main():
    commands = [row for row in COMMANDS if row[0].split()[0] in sys.argv[3:] or len(sys.argv) < 4]
    print(f"1..{len(commands)}")
    for number, (command, profile) in enumerate(commands, 1):
        with tempfile.TemporaryDirectory() as temporary:
            try:
                fault = try_command(Place(pathlib.Path(temporary).resolve(), profile), command)
            except (subprocess.TimeoutExpired, AssertionError) as error:
                fault = str(error)
        print(f"{'not ok' if fault else 'ok'} {number} - {command}", flush=True)
        if fault:
            print("# " + fault.replace("\n", "\n# "), flush=True)


main()
