"""The frame of tests on one real engine: the rig, a TAP line for each test, and an HTTP server in the engine's own network."""
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

import docker

HERE = pathlib.Path(__file__).resolve().parent
# Seconds. A wait without an end is told from a wait on a machine with much to do.
PATIENCE = 300
# A template with little but the steps, so that the time goes into what is tested.
STEPS_ALONE = """\
FROM {{base.reference}}
COPY ["constraints.txt", "/"]
{{#steps}}
RUN ["/bin/sh", "-c", {{command|json}}]
{{/steps}}
"""


class Failed(Exception):
    """A claim of a test that does not hold."""


FAULTS = (Failed, AttributeError, LookupError, TypeError, ValueError, OSError, StopIteration, subprocess.TimeoutExpired, docker.errors.DockerException)


def check(condition, text):
    if not condition:
        raise Failed(text)


def until(what, text):
    """Wait until a condition holds."""
    ends = time.monotonic() + PATIENCE
    while not what():
        check(time.monotonic() < ends, text)
        time.sleep(0.05)


def below(process):
    """All processes that descend from this process."""
    for task in pathlib.Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                yield int(child)
                yield from below(int(child))


def serve(rig, folder, port):
    """Serve a folder by HTTP in the network of the engine; returns the server, which dies with this process."""
    own = os.readlink("/proc/self/ns/net")
    inside = next(process for process in below(int((rig / "pid").read_text())) if os.readlink(f"/proc/{process}/ns/net") != own)
    return subprocess.Popen(["nsenter", f"--net=/proc/{inside}/ns/net", "setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "http.server",
                             str(port), "--directory", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def prune(client, **only):
    """Leave nothing in the cache of the engine's builder, or nothing that these filters name; python3-docker's own call keeps all that
    is in use."""
    filters = json.dumps({name: {value: True} for name, value in only.items()})
    client.api._post(client.api._url("/build/prune"), params={"all": "true", "filters": filters}).raise_for_status()


def system_template():
    """The shipped template as far as it installs system packages."""
    whole = (HERE.parents[1] / "templates/Dockerfile").read_text()
    return whole[:whole.index("{{/system}}\n")] + "{{/system}}\n"


@contextlib.contextmanager
def registry(rig, folder):
    """A registry at localhost:5000 in the network of the engine."""
    with subprocess.Popen([HERE / "registry", rig, folder], stderr=subprocess.PIPE, text=True) as running:
        check(any("listening on" in line for line in running.stderr), "the registry does not start")
        threading.Thread(target=running.stderr.read, daemon=True).start()  # it must never wait for a reader
        try:
            yield
        finally:
            running.terminate()


def run(engine, tests_class, is_test):
    """Start the engine and make tests_class(url, folder), whose rig is in folder/engine; run each of its functions whose name `is_test` takes.
    An attribute `server` is ended at the end."""
    with tempfile.TemporaryDirectory(prefix="engine-") as temporary:
        folder = pathlib.Path(temporary).resolve()
        up = subprocess.run([HERE / "rig", "up", engine, folder / "engine", str(os.getpid())], stdout=subprocess.PIPE, text=True)
        tests = tests_class(up.stdout.strip(), folder) if up.returncode == 0 else None
        names = [name for name in vars(tests_class) if not name.startswith("_") and is_test(name)]
        print(f"1..{len(names)}")
        for number, name in enumerate(names, 1):
            began, fault = time.monotonic(), None
            try:
                check(tests, "the engine does not start")
                getattr(tests, name)()
            except FAULTS as error:
                fault = f"{type(error).__name__}: {error}"
            print(f"{'not ok' if fault else 'ok'} {number} - {engine}: {name.replace('_', ' ')} ({time.monotonic() - began:.1f} s)", flush=True)
            if fault:
                print("# " + fault.replace("\n", "\n# "), flush=True)
        if hasattr(tests, "server"):
            tests.server.kill()
        subprocess.run([HERE / "rig", "down", engine, folder / "engine"], check=False)
