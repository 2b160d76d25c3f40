#!/usr/bin/env python3
"""`slipway inspect` of a wheel on a server: what it asks for, what it keeps, and servers that do otherwise.

usage: remote.py SLIPWAY      TAP on standard output
"""
import hashlib
import http.server
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import threading
import zipfile

NAME = "x-1-py3-none-any.whl"


def build(path, size):
    """A wheel with a library of `size` bytes that do not pack, in the middle."""
    noise = random.Random(1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr("x/__init__.py", "from .version import cuda\n")
        with wheel.open("x/libx_cuda121.so", "w") as member:
            for _ in range(size >> 20):
                member.write(noise.randbytes(1 << 20))
        wheel.writestr("x/version.py", "cuda = '12.1'\n")
        for number in range(3000):
            wheel.writestr(f"x/data/{number:04}.txt", "")
        wheel.writestr("x-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: x\nVersion: 1\n")
        wheel.writestr("x-1.dist-info/WHEEL", "Tag: py3-none-any\n")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *arguments):
        pass

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_GET(self):
        server = self.server
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        with server.lock:
            server.asked.append(self.headers.get("Range"))
            data = server.wheel if len(server.asked) <= server.changes_after else server.wheel + b"\0"
        if server.mode == "whole" or asked is None:
            return self.answer(200, data, {})
        first = int(asked[1]) if asked[1] else max(0, len(data) - int(asked[2]))
        last = min(int(asked[2]), len(data) - 1) if asked[1] and asked[2] else len(data) - 1
        part = data[first:last + 1]
        if server.mode == "other":
            part = bytes(len(part))
        if server.mode == "shifted":
            first -= 1
        return self.answer(206, part, {"Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(data)}"})


class Setup:
    def __init__(self, slipway, folder, size):
        path = pathlib.Path(folder, NAME)
        build(path, size)
        self.slipway, self.folder = slipway, folder
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # a client that has read enough hangs up
        self.server.lock = threading.Lock()
        self.server.wheel = path.read_bytes()
        self.digest = hashlib.sha256(self.server.wheel).hexdigest()
        self.runs = 0
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def run(self, *arguments, mode="ranges", fresh=True, changes_after=1 << 30, form="{}#sha256={}"):
        self.runs += fresh
        self.server.mode, self.server.asked, self.server.changes_after = mode, [], changes_after
        environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        environment.update(XDG_CACHE_HOME=f"{self.folder}/cache{self.runs}", HOME=self.folder,
                           ASAN_OPTIONS="detect_leaks=0")
        url = form.format(f"http://127.0.0.1:{self.server.server_port}/{NAME}", self.digest)
        return subprocess.run([self.slipway, "inspect", url, "--format", "json", *arguments], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def answers(done):
    expect(done.returncode == 0, f"exit status {done.returncode}: {done.stdout} {done.stderr}")
    return json.loads(done.stdout)


def refuses(done, word):
    expect(done.returncode in (2, 3), f"exit status {done.returncode}: {done.stdout} {done.stderr}")
    message = json.loads(done.stdout)["findings"][0]["message"]
    expect(NAME in message and word in message, message)


def little_is_read(setup):
    report = answers(setup.run())
    expect(report["versions"] == {"x.version.cuda": "12.1"}, report["versions"])
    expect(report["sha256"] == setup.digest and "#" not in report["url"], report["url"])
    expect(report["read"]["requests"] == len(setup.server.asked) <= 4, setup.server.asked)
    expect(report["read"]["bytes"] < len(setup.server.wheel) / 20, report["read"])
    return report


def nothing_is_asked_twice(setup):
    first = little_is_read(setup)
    again = answers(setup.run(fresh=False))
    expect(setup.server.asked == [], setup.server.asked)
    expect(again.pop("read") == {"requests": 0, "bytes": 0}, again)
    first.pop("read")
    expect(first == again, "the second answer is another one")
    expect(answers(setup.run("--offline", fresh=False)), "offline")
    expect(setup.server.asked == [], setup.server.asked)
    refuses(setup.run("--offline", "--module", "x", fresh=False), "offline")


def without_a_digest_nothing_is_kept(setup):
    for fresh in (True, False):
        answers(setup.run("--architectures", form="x @ {}", fresh=fresh))
        expect(len(setup.server.asked) > 2, setup.server.asked)


def a_library_goes_by(setup):
    report = answers(setup.run("--architectures"))
    expect(report["libraries"][0]["architectures"] == [], report["libraries"])
    expect(report["read"]["bytes"] < len(setup.server.wheel) * 1.1, report["read"])
    answers(setup.run("--architectures", fresh=False))
    expect(setup.server.asked == [], setup.server.asked)


def a_server_without_ranges_is_told(setup):
    done = setup.run(mode="whole")
    report = answers(done)
    expect("serves no byte ranges" in done.stderr, done.stderr)
    expect(len(setup.server.asked) == 1, setup.server.asked)
    expect(report["versions"] == {"x.version.cuda": "12.1"}, report["versions"])


def a_wheel_that_changes_is_told(setup):
    refuses(setup.run(changes_after=1), "changed on its server")


def other_bytes_are_refused(setup):
    refuses(setup.run(mode="other"), "not a sound zip file")
    refuses(setup.run(mode="shifted"), "has bytes from")
    setup.server.wheel, kept = setup.server.wheel[:-1], setup.server.wheel
    refuses(setup.run(), "not a sound zip file")
    setup.server.wheel = b""
    refuses(setup.run(mode="whole"), "too short")
    setup.server.wheel = kept


CHECKS = [little_is_read, nothing_is_asked_twice, without_a_digest_nothing_is_kept, a_library_goes_by, a_server_without_ranges_is_told,
          a_wheel_that_changes_is_told, other_bytes_are_refused]


def main(slipway):
    failed = 0
    print(f"1..{len(CHECKS)}")
    with tempfile.TemporaryDirectory() as folder:
        setup = Setup(slipway, folder, 20 << 20)
        for number, check in enumerate(CHECKS, 1):
            try:
                check(setup)
                print(f"ok {number} - {check.__name__}")
            except AssertionError as fault:
                failed += 1
                print(f"not ok {number} - {check.__name__}\n# {fault}".replace("\n", "\n# ").replace("# # ", "# "))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
