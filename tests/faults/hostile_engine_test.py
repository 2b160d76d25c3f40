#!/usr/bin/env python3
"""An engine that turns hostile at any call of any command: each must end with one clear error and exit status 3.

usage: hostile_engine_test.py SLIPWAY     (TAP on standard output)

A stand-in plays a Podman that serves every call, so that the calls of each command become known; then it misbehaves at one of them
after the other. The limits are shortened by SLIPWAY_ENGINE_PATIENCE_MS.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

import faults

SLIPWAY = pathlib.Path(sys.argv[1]).resolve()
SECONDS = 90  # for a machine under load; what is shortened ends in about two
PATIENCE_MS = 1200
IMAGE = "sha256:" + "1" * 64
PROFILE = 'slipway: 1\nname: p\npython_version: "3.11"\nimage: {name: localhost/p}\n'
KIND = {
    "/_ping": faults.PODMAN,
    "/info": faults.INFO,
    "/build": faults.chunked(b'{"stream":"STEP 1/1: FROM x\\n"}', b'{"stream":"Successfully built %s\\n"}' % (b"1" * 64), b""),
    "/tag": faults.answer(b"", b"201 Created"),
    "/push": faults.chunked(b'{"status":"v: digest: %s size: 1"}' % IMAGE.encode(), b'{"aux":{"Digest":"%s"}}' % IMAGE.encode(), b""),
    "/history": faults.answer(b'[{"Id":"x","CreatedBy":"RUN x","Size":1}]'),
    "/containers/json": faults.answer(b"[]"),
    "/containers/create": faults.answer(b'{"Id":"c"}', b"201 Created"),
    "/attach": faults.chunked(b""),
    "/start": faults.answer(b"", b"204 No Content"),
    "/wait": faults.answer(b'{"StatusCode":0}'),
    "/logs": faults.answer(b"\1\0\0\0\0\0\0\2{}"),
    "/json": faults.answer(json.dumps({"Id": IMAGE, "Size": 1, "RootFS": {"Layers": []}, "Config": {"Env": []}, "State": {"ExitCode": 0}}).encode()),
}
HEAD = b"HTTP/1.1 200 OK\r\n"
MANNERS = {
    "says nothing": (b"", faults.HANG),
    "sends a byte now and then": (HEAD + b"X-Y: " + b"z" * 2000, faults.SLOW),
    "sends a body that drips": (HEAD + b"Content-Length: 9000\r\n\r\n" + b"{" * 9000, faults.SLOW),
    "speaks another protocol": bytes(range(256)) * 10,
    "sends headers without an end": HEAD + b"X-Y: zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\r\n" * 20000,
    "promises more than it sends": HEAD + b"Content-Length: 1000\r\n\r\n{}",
    "hangs up": b"",
    "answers garbage": faults.answer(bytes(range(255, 0, -1)) * 9),
}
COMMANDS = {"doctor": ["doctor"], "build": ["build", "p"], "verify": ["verify", "p"], "verify an image": ["verify", "localhost/x:1"],
            "inspect an image": ["inspect", "localhost/x:1"], "push": ["push", "p"]}
# What these answer with success is of no interest.
UNREAD = re.compile(r"POST /containers/create|POST \S+/(start|wait|tag)$")
# What is asked only for more to show, or to clear away: without an answer the command goes on.
NEEDLESS = re.compile(r"DELETE |/containers/json|/system/df|/images/json|/prune|GET \S+/version$")


class Engine(faults.Engine):
    """It serves calls by the end of their path, and turns at one of them."""

    def __init__(self, path, turn=None, manner=None):
        self.turn, self.manner, self.calls, self.turned = turn, manner, [], threading.Event()
        super().__init__(path, KIND)

    def answer(self, connection, reader):
        line = reader.peek(1 << 16).split(b"\r\n")[0].decode(errors="replace")
        call = re.sub(r"/v[0-9.]+|\?.*|slipway-[0-9a-f]{16,}|HTTP/1.1| $", "", line).strip()
        self.calls.append(call)
        self.script = KIND
        if call == self.turn:
            self.turned.set()
            self.script = {"": self.manner}
        return super().answer(connection, reader)


def run(folder, engine_path, words):
    environment = {"PATH": os.defpath, "HOME": str(folder), "LC_ALL": "C.UTF-8", "SLIPWAY_ENGINE_PATIENCE_MS": str(PATIENCE_MS),
                   "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "TMPDIR": str(folder)}
    began = time.monotonic()
    done = subprocess.run([SLIPWAY, "-H", f"unix://{engine_path}", "--offline", "--format", "json", *words], cwd=folder, env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=SECONDS)
    return done, time.monotonic() - began


def prepare(top, name):
    folder = top / name
    folder.mkdir()
    (folder / "p.yaml").write_text(PROFILE)
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder


def try_one(top, number, words, call, how, manner):
    folder = prepare(top, str(number))
    engine = Engine(folder / "e", call, manner)
    try:
        done, seconds = run(folder, folder / "e", words)
    except subprocess.TimeoutExpired:
        return [f"it does not end within {SECONDS} s"]
    if not engine.turned.is_set():
        return []
    told = []
    if done.returncode != 3:
        told.append(f"exit status {done.returncode}: {done.stdout[-300:]} {done.stderr[-300:]}")
    if re.search(r"[\0-\x08\x0b-\x1f\x7f]", done.stdout + done.stderr):
        told.append("it prints control characters")
    if not re.search(r'"severity": *"error"|"state": *"problem"|error:', done.stdout + done.stderr):
        told.append(f"no error is told: {done.stdout[-300:]} {done.stderr[-300:]}")
    return told


def calls_of(top, name, words):
    folder = prepare(top, name.replace(" ", "-"))
    engine = Engine(folder / "e")
    run(folder, folder / "e", words)
    return list(dict.fromkeys(call for call in engine.calls if call and not NEEDLESS.search(call)))


def main():
    with tempfile.TemporaryDirectory(prefix="hostile-") as temporary, concurrent.futures.ThreadPoolExecutor(8) as pool:
        top = pathlib.Path(temporary)
        trials = [(f"{name}: at {call} the engine {how}", words, call, how, manner) for name, words in COMMANDS.items()
                  for call in calls_of(top, name, words) for how, manner in MANNERS.items()
                  if not (how == "answers garbage" and UNREAD.search(call))]
        results = pool.map(lambda item: try_one(top, item[0], *item[1][1:]), enumerate(trials))
        print(f"1..{len(trials)}")
        for number, (trial, told) in enumerate(zip(trials, results), 1):
            print(f"{'not ok' if told else 'ok'} {number} - {trial[0]}")
            for line in told:
                print("# " + line.replace("\n", "\n# "), flush=True)


if __name__ == "__main__":
    main()
