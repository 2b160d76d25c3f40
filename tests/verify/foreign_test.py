#!/usr/bin/env python3
"""What an engine and an image say, in every wrong shape and with hostile texts: no crash, and no output that a reader obeys.

usage: foreign_test.py SLIPWAY      (TAP on standard output)

The engine is a stand-in with the few calls of `doctor` and `verify`: no real one says such things.
"""
import concurrent.futures
import copy
import http.server
import json
import os
import pathlib
import socketserver
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "commands"))
import hostile  # noqa: E402

SLIPWAY = pathlib.Path(sys.argv[1]).resolve()
IMAGE = "example/foreign:1"
INFO = {"ID": "x", "ServerVersion": "26.1.5", "OSType": "linux", "Architecture": "x86_64", "Driver": "overlay2",
        "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]], "SecurityOptions": ["name=rootless"],
        "Runtimes": {"runc": {}, "nvidia": {"path": "x"}}, "CDISpecDirs": ["/etc/cdi"],
        "DiscoveredDevices": [{"Source": "cdi", "ID": "nvidia.com/gpu=0"}], "DockerRootDir": "/", "Rootless": False}
DOCUMENTS = {
    "version": {"Version": "26.1.5", "ApiVersion": "1.45", "MinAPIVersion": "1.24", "Os": "linux", "Arch": "amd64",
                "Components": [{"Name": "Engine", "Version": "26.1.5"}]},
    "info": INFO,
    "image": {"Id": "sha256:1", "RepoDigests": ["example/foreign@sha256:1"], "Size": 7, "RootFS": {"Layers": ["sha256:2"]},
              "Config": {"Labels": {"io.slipway.plan": "0"}, "Env": ["LD_LIBRARY_PATH=/own"]}},
    "created": {"Id": "c", "Warnings": []},
    "waited": {"StatusCode": 1, "Error": None},
    "container": {"Id": "c", "State": {"ExitCode": 1, "OOMKilled": False, "Error": ""}},
    "probe": {"python": "3.11.2", "nonce": "n", "freeze": [{"name": "torch", "version": "2.5.1", "from": {"url": "x"}}],
              "driver": {"release": "580.65.06", "cuda": "13.0"},
              "gpus": [{"name": "NVIDIA H200", "compute_capability": "9.0", "memory": 150121545728}],
              "results": [{"check": "import", "at": "assertions[0]", "what": "import numpy", "code": "SW401", "fault": "not there",
                           "untried": None},
                          {"check": "gpu", "at": "accelerators", "what": "a product", "code": "SW401", "fault": None,
                           "untried": "no GPU"}]},
}
DEEP = []
for _ in range(45):
    DEEP = [DEEP]
GONE = object()
SHAPES = [GONE, None, -1, 2 ** 63 - 1, 0.5, "", "x" * 70000, {}, [["a"], {"b": []}, 7], {"": None, "0": []}, DEEP]
WORDS = {"doctor": ("doctor",), "verify": ("verify", IMAGE, "--gpus", "all")}


class Engine(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def __init__(self, path):
        self.documents = DOCUMENTS
        super().__init__(str(path), Calls)


class Calls(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "engine"

    def log_message(self, *_):
        pass

    def say(self, name, status=200):
        value = self.server.documents[name]
        data = b"OK" if value == "OK" else json.dumps(value).encode()
        if name == "probe":
            data = b"\1\0\0\0" + len(data).to_bytes(4, "big") + data
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Api-Version", "1.45")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        path = self.path.split("?")[0]
        if path.endswith("/_ping"):
            self.send_response(200)
            self.send_header("Api-Version", "1.45")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"OK")
        else:
            self.say(next(name for part, name in (("/version", "version"), ("/info", "info"), ("/images/", "image"),
                                                  ("/logs", "probe"), ("/containers/", "container"), ("", "info")) if part in path))

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "/containers/create" in self.path:
            self.say("created", 201)
        elif "/wait" in self.path:
            self.say("waited")
        else:
            self.send_response(204)
            self.end_headers()

    do_DELETE = do_POST


class Host:
    """A folder, an engine, and slipway with them."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="foreign-")
        self.path = pathlib.Path(self.folder.name, "engine.sock")
        self.engine = Engine(self.path)
        threading.Thread(target=self.engine.serve_forever, daemon=True).start()

    def run(self, documents, command, form="plain", environment=()):
        self.engine.documents = documents
        junit = pathlib.Path(self.folder.name, "junit.xml")
        junit.unlink(missing_ok=True)
        more = ("--junit", str(junit)) if command == "verify" else ()
        kept = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        done = subprocess.run([SLIPWAY, "-C", self.folder.name, "-H", f"unix://{self.path}", "--format", form, *WORDS[command], *more],
                              capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
                              env={"PATH": os.defpath, "HOME": self.folder.name, "LC_ALL": "C.UTF-8", **kept, **dict(environment)})
        assert 0 <= done.returncode <= 3 and b"Sanitizer" not in done.stderr and b"runtime error" not in done.stderr, (
            done.returncode, done.stderr[-3000:])
        return done, junit.read_bytes() if junit.exists() else b""


def places(value, path=()):
    yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*path, key))


def changed(name, path, value):
    documents = copy.deepcopy(DOCUMENTS)
    *way, last = (name, *path)
    at = documents
    for key in way:
        at = at[key]
    if value is GONE and not path:
        return None
    if value is GONE:
        del at[last]
    else:
        at[last] = value
    return documents


def is_text(name, path):
    value = DOCUMENTS[name]
    for key in path:
        value = value[key]
    return not isinstance(value, (dict, list))


def check_output(done, junit, form, environment):
    hostile.check_text(done.stdout, form == "github")
    hostile.check_text(done.stderr, form == "github")
    if form == "json" or (form == "sarif" and done.stdout.startswith(b"{")):
        json.loads(done.stdout)
    if junit:
        hostile.check_text(junit)
        xml.etree.ElementTree.fromstring(junit)


def wrong_shapes(hosts):
    jobs = [(name, path, value, command) for name, document in DOCUMENTS.items() for path in places(document) for value in SHAPES
            for command in (("doctor", "verify") if name == "info" and len(path) < 2 else ("verify",)) if name != "version"]
    jobs += [("version", path, value, "doctor") for path in places(DOCUMENTS["version"]) for value in SHAPES]

    def one(host, job):
        name, path, value, command = job
        documents = changed(name, path, value)
        if documents is not None:
            host.run(documents, command)

    each(hosts, jobs, one)


def hostile_texts(hosts):
    jobs = [(name, path, text, form) for name, document in DOCUMENTS.items() for path in places(document) if is_text(name, path)
            for text in hostile.TEXTS for form in hostile.FORMATS]
    # All forms see each text at some place, and each place some text: all of all would take minutes.
    jobs = [job for number, job in enumerate(jobs) if number % (5 if job[0] == "probe" else 23) == 0]

    def one(host, job):
        name, path, text, (form, environment) = job
        done, junit = host.run(changed(name, path, text), "doctor" if name == "version" else "verify", form, environment)
        check_output(done, junit, form, environment)

    each(hosts, jobs, one)


def each(hosts, jobs, one):
    """The jobs, shared out among the hosts."""
    def some(number):
        for job in jobs[number::len(hosts)]:
            try:
                one(hosts[number], job)
            except Exception as fault:
                raise AssertionError(f"{job}: {fault}") from fault

    assert len(jobs) > 300, len(jobs)
    with concurrent.futures.ThreadPoolExecutor(len(hosts)) as pool:
        list(pool.map(some, range(len(hosts))))


def main():
    hosts = [Host() for _ in range(os.cpu_count() or 1)]
    tests = [wrong_shapes, hostile_texts]
    print(f"1..{len(tests)}")
    failed = 0
    for number, test in enumerate(tests, 1):
        try:
            test(hosts)
            print(f"ok {number} - {test.__name__.replace('_', ' ')}", flush=True)
        except AssertionError as fault:
            failed += 1
            print(f"not ok {number} - {test.__name__.replace('_', ' ')}\n# " + str(fault).replace("\n", "\n# ")[:4000], flush=True)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
