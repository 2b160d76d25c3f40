#!/usr/bin/env python3
"""Caches, outputs and attestations on a real engine: they are where they should be, or the engine is said not to have them.

usage: control_test.py SLIPWAY NAME [containerd]   (TAP on standard output; root, Debian or Ubuntu)

With "containerd" the engine keeps its images there. What it and the registry hold is looked at with python3-docker and curl,
never with slipway itself.
"""
import contextlib
import io
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

import docker

SLIPWAY, NAME = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
HERE = pathlib.Path(__file__).resolve().parent
KEEPS_ALL = sys.argv[3:] == ["containerd"]
BASE = "localhost/control-base:1"
CACHE = "localhost:5000/cache:tiny"
PROFILE = """\
slipway: 1
name: tiny
base_image: localhost/control-base:1
python_version: "3.11"
installer: pip
steps:
  - head -c 20 /dev/urandom | sha256sum > /mark
assertions:
  - {import: json}
image: {name: "localhost:5000/tiny"}
"""
# What an engine with a graph driver cannot do, each said before anything is sent to it.
REFUSED = [
    (["--cache-to", "type=registry,ref=localhost:5000/cache:1"], "--cache-to type=registry needs an engine"),
    (["--cache-to", "type=local,dest=cache"], "--cache-to type=local needs an engine"),
    (["--cache-from", "type=gha,token=t,url=http://localhost/"], "--cache-from type=gha needs an engine"),
    (["-o", "type=oci,dest=image.tar"], "--output type=oci needs an engine"),
    (["-o", "type=registry"], "--output type=registry needs an engine"),
    (["--provenance", "mode=max"], "--attest type=provenance needs an engine"),
]


# This program runs in the container of a builder as buildctl would: it connects to the engine's own BuildKit.
BUILDCTL = """\
#!/usr/bin/python3
import os, socket, sys, threading
assert sys.argv[1:] == ["dial-stdio"], sys.argv
engine = socket.socket(socket.AF_UNIX)
engine.connect("/engine.sock")
engine.sendall(b"POST /grpc HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\nUpgrade: h2c\\r\\n\\r\\n")
head = b""
while not head.endswith(b"\\r\\n\\r\\n"):
    head += engine.recv(1)
def send():
    while data := os.read(0, 65536):
        engine.sendall(data)
    engine.shutdown(socket.SHUT_WR)
threading.Thread(target=send, daemon=True).start()
while data := engine.recv(65536):
    while data:
        data = data[os.write(1, data):]
"""


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


def small_base():
    """The rig's base without what a build here does not need, and with an ensurepip that installs nothing: a tar."""
    whole = subprocess.run([HERE / "rig", "base"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    dropped = ("usr/share/", "var/lib/dpkg", "var/cache", "usr/lib/x86_64-linux-gnu/perl", "usr/lib/x86_64-linux-gnu/gconv", "usr/sbin")
    out = io.BytesIO()
    with tarfile.open(whole) as source, tarfile.open(fileobj=out, mode="w") as target:
        for member in source:
            if not member.name.removeprefix("./").startswith(dropped):
                target.addfile(member, source.extractfile(member) if member.isreg() else None)
        for name in ("__init__.py", "__main__.py"):
            stub = tarfile.TarInfo(f"./usr/lib/python3.11/ensurepip/{name}")
            stub.mode = 0o644
            target.addfile(stub, io.BytesIO())
    return out.getvalue()


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


class Daemon:
    """A BuildKit daemon behind TLS, which wants a certificate of its clients: what it is asked goes to an engine's own BuildKit."""

    def __init__(self, folder, engine):
        folder.mkdir()
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"]
        openssl(folder, "req", "-x509", *key, "-keyout", "ca-key.pem", "-out", "ca.pem", "-days", "2")
        openssl(folder, "req", *key, "-keyout", "key.pem", "-out", "request.pem", "-addext", "subjectAltName=DNS:localhost")
        openssl(folder, "x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2",
                "-copy_extensions", "copy", "-out", "cert.pem")
        self.engine, self.agreed = engine, set()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self.context.load_verify_locations(folder / "ca.pem")
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.set_alpn_protocols(["h2"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"buildkit+https://localhost:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        try:
            client = self.context.wrap_socket(connection, server_side=True)
        except OSError:
            return
        self.agreed.add(client.selected_alpn_protocol())
        engine = socket.socket(socket.AF_UNIX)
        engine.connect(self.engine)
        engine.sendall(b"POST /grpc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += engine.recv(1)
        threading.Thread(target=self.pump, args=[engine, client], daemon=True).start()
        self.pump(client, engine)

    @staticmethod
    def pump(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except (OSError, ValueError):
            pass


class Tests:
    def __init__(self, url, engine, folder):
        self.url, self.engine, self.folder = url, engine, folder
        self.client = docker.DockerClient(base_url=url, timeout=120)
        (folder / "slipway").mkdir()
        (folder / "slipway/tiny.yaml").write_text(PROFILE)
        self.registry = None
        if KEEPS_ALL:
            self.client.api.import_image_from_data(small_base(), *BASE.split(":"))
            self.registry = subprocess.Popen([HERE / "registry", engine, folder / "registry"], stderr=subprocess.PIPE, text=True)
            check(any("listening on" in line for line in self.registry.stderr), "the registry does not start")
            threading.Thread(target=self.registry.stderr.read, daemon=True).start()  # it must never wait for a reader

    def close(self):
        if self.registry:
            self.registry.terminate()
            self.registry.wait()

    @contextlib.contextmanager
    def profile(self, text):
        path = self.folder / "slipway/tiny.yaml"
        path.write_text(text)
        try:
            yield
        finally:
            path.write_text(PROFILE)

    def run(self, *words, url=None, environment=None):
        return subprocess.run([SLIPWAY, "-H", url or self.url, "--format", "json", "build", "tiny", *words], cwd=self.folder,
                              capture_output=True, text=True, timeout=120, env={**os.environ, "GITHUB_ACTIONS": "", **(environment or {})})

    def build(self, *words, **options):
        done = self.run(*words, **options)
        check(done.returncode == 0, f"{words}: status {done.returncode}: {done.stdout[-1500:]} {done.stderr[-800:]}")
        return json.loads(done.stdout.splitlines()[-1])

    def mark(self, image):
        """What the random step wrote: another at each run of it."""
        container = self.client.containers.create(image, ["cat", "/mark"], network_mode="none")
        try:
            container.start()
            container.wait()
            return container.logs().decode()
        finally:
            container.remove(force=True)

    def forget(self):
        """All that the engine has of earlier builds."""
        for image in self.client.images.list():
            if BASE not in image.tags:
                self.client.images.remove(image.id, force=True)
        self.client.api.prune_builds()

    def fetch(self, path, accept="*/*"):
        """What the registry has at a path."""
        pid = next(iter(pathlib.Path(f"/proc/{self.registry.pid}/task/{self.registry.pid}/children").read_text().split()), self.registry.pid)
        done = subprocess.run(["nsenter", "--net", "--target", str(pid), "curl", "-sS", "-f", "-H", f"Accept: {accept}",
                               f"http://localhost:5000/v2/{path}"], capture_output=True, text=True)
        check(done.returncode == 0, f"{path}: {done.stderr}")
        return json.loads(done.stdout)


class Containerd(Tests):
    def a_cache_in_a_registry_gives_the_steps_back(self):
        first = self.build("--cache-to", f"type=registry,ref={CACHE},mode=max")
        check(first["verified"] and first["image"]["tags"] == ["localhost:5000/tiny:latest"], first)
        mark = self.mark(first["image"]["id"])
        check("tiny" in self.fetch("cache/tags/list")["tags"], "the registry has no cache")
        self.forget()
        again = self.build("--cache-from", CACHE)
        check(self.mark(again["image"]["id"]) == mark, "the step ran again")
        self.forget()
        other = self.build()
        check(self.mark(other["image"]["id"]) != mark, "without the cache the step did not run")

    def attestations_are_stored_with_the_image(self):
        result = self.build("--provenance", "mode=max")
        manifests = self.client.api.inspect_image(result["image"]["id"]).get("Manifests")
        data = io.BytesIO(b"".join(self.client.api.get_image(result["image"]["tags"][0])))
        with tarfile.open(fileobj=data) as archive:
            texts = [archive.extractfile(member).read() for member in archive if member.isreg()]
        check(any(b"https://slsa.dev/provenance/" in text for text in texts), f"no provenance: {manifests}")

    def a_cache_in_a_folder_gives_the_steps_back(self):
        first = self.build("--cache-to", "type=local,dest=cache,mode=max")
        check(json.loads((self.folder / "cache/index.json").read_text())["manifests"], "the cache has no manifest")
        mark = self.mark(first["image"]["id"])
        self.forget()
        done = self.run("--cache-from", "type=local,src=cache", "--cache-from", "type=local,src=not-there")
        again = json.loads(done.stdout.splitlines()[-1])
        check(done.returncode == 0 and self.mark(again["image"]["id"]) == mark, "the step ran again")
        check("there is no cache 'latest' in 'not-there'" in done.stdout, "nothing is said of a cache that is not there")
        left = [str(path) for path in (self.folder / "cache").rglob(".slipway*")]
        check(not left, f"left behind: {left}")

    def outputs_are_whole_and_not_verified(self):
        mark = self.mark(self.build()["image"]["id"])
        result = self.build("-o", "out/root", "-o", "type=oci,dest=out/oci.tar", "-o", "type=docker,dest=out/docker.tar")
        check(result["image"] is None and not result["verified"] and [found["code"] for found in result["findings"]] == ["SW403"], result)
        check((self.folder / "out/root/mark").read_text() == mark, "the folder holds another image")
        with tarfile.open(self.folder / "out/oci.tar") as archive:
            names = [json.loads(archive.extractfile("index.json").read())["manifests"][0]["annotations"]["io.containerd.image.name"]]
        with tarfile.open(self.folder / "out/docker.tar") as archive:
            names += json.loads(archive.extractfile("manifest.json").read())[0]["RepoTags"]
        check(names == ["localhost:5000/tiny:latest"] * 2, names)
        check(sorted(os.listdir(self.folder / "out")) == ["docker.tar", "oci.tar", "root"], os.listdir(self.folder / "out"))
        check(not list((self.folder / "out/root").glob(".slipway*")), "a temporary is left")

    def an_output_can_be_the_engine_and_a_registry(self):
        result = self.build("-o", "type=registry")
        check(result["verified"] and "latest" in self.fetch("tiny/tags/list")["tags"], result)

    def layers_are_compressed_with_zstd_if_the_profile_asks(self):
        manifest = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
        kinds, sizes = [], []
        for compression in ("gzip", "zstd"):
            with self.profile(PROFILE.replace('tiny"}', f'tiny", compression: {compression}}}')):
                result = self.build("--push", "--no-cache")
            layers = self.fetch(f"tiny/manifests/{result['pushed'][0]['digest']}", manifest)["layers"]
            kinds.append({layer["mediaType"].rsplit(".", 1)[-1].rsplit("+", 1)[-1] for layer in layers})
            sizes.append(sum(layer["size"] for layer in layers))
        check(kinds == [{"gzip"}, {"zstd"}] and result["verified"], f"{kinds} {result}")
        check(sizes[1] < sizes[0], f"bytes of gzip and zstd: {sizes}")

    def an_output_that_cannot_be_written_leaves_nothing(self):
        (self.folder / "out").mkdir(exist_ok=True)
        (self.folder / "out/taken").mkdir()
        (self.folder / "out/taken/file").touch()
        done = self.run("-o", "type=oci,dest=out/taken")
        check(done.returncode == 3 and "cannot write what the build exports to 'out/taken'" in done.stdout, done.stdout[-800:])
        check(not list((self.folder / "out").glob(".slipway*")), "a temporary is left")

    def a_daemon_of_its_own_builds_over_tls(self):
        daemon = Daemon(self.folder / "tls", self.url.removeprefix("unix://"))
        login = {"DOCKER_CERT_PATH": str(self.folder / "tls")}
        done = self.run(url=daemon.url, environment=login)
        check(done.returncode == 3 and "keeps no images" in done.stdout, done.stdout[-800:])
        doctor = subprocess.run([SLIPWAY, "-H", daemon.url, "doctor"], cwd=self.folder, capture_output=True, text=True, timeout=120,
                                env={**os.environ, **login}).stdout
        check("engine: BuildKit" in doctor and "API" not in doctor, doctor)
        result = self.build("-o", "type=docker,dest=daemon.tar", url=daemon.url, environment=login)
        check(not result["verified"] and (self.folder / "daemon.tar").stat().st_size > 1_000_000, result)
        check(daemon.agreed == {"h2"}, daemon.agreed)
        done = self.run(url=daemon.url)
        check(done.returncode == 3 and "no BuildKit daemon at" in done.stdout, "without a certificate: " + done.stdout[-800:])

    def a_base_that_a_daemon_cannot_find_is_explained(self):
        daemon = Daemon(self.folder / "tls-absent", self.url.removeprefix("unix://"))
        with self.profile(PROFILE.replace(BASE, "localhost:5000/absent:1")):
            done = self.run("-o", "type=docker,dest=absent.tar", url=daemon.url, environment={"DOCKER_CERT_PATH": str(self.folder / "tls-absent")})
        found = json.loads(done.stdout.splitlines()[-1])["findings"][0]
        check(done.returncode == 1 and found["code"] == "SW307" and found["line"] == 3 and "localhost:5000/absent:1" in found["message"], found)

    def a_failed_build_is_explained_as_ever(self):
        with self.profile(PROFILE.replace("head -c 20", "exit 7; head")):
            done = self.run("--cache-to", f"type=registry,ref={CACHE}")
        result = json.loads(done.stdout.splitlines()[-1])
        check(done.returncode == 1 and result["findings"][0]["code"] == "SW399" and result["findings"][0]["line"] == 7,
              f"{done.returncode}: {result}")


class Graphdriver(Tests):
    def a_builder_of_docker_buildx_builds_through_its_container(self):
        client, folder = self.client, self.folder / "docker"
        client.api.import_image_from_data(small_base(), *BASE.split(":"))
        box = client.containers.create(BASE, ["/bin/sleep", "3600"], name="buildx_buildkit_box0", volumes=["/mnt/engine.sock:/engine.sock"])
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w") as archive:
            program = tarfile.TarInfo("buildctl")
            program.mode, program.size = 0o755, len(BUILDCTL)
            archive.addfile(program, io.BytesIO(BUILDCTL.encode()))
        box.put_archive("/usr/bin", data.getvalue())
        (folder / "buildx/instances").mkdir(parents=True)
        # As buildx 0.13 writes it.
        (folder / "buildx/instances/box").write_text(json.dumps({"Name": "box", "Driver": "docker-container", "Dynamic": False, "Nodes": [
            {"Name": "box0", "Endpoint": self.url, "Platforms": None, "DriverOpts": None, "Flags": None, "Files": None}]}))
        words = [SLIPWAY, "--format", "json", "build", "tiny", "--builder", "box", "-o", "out/builder"]
        environment = {**os.environ, "GITHUB_ACTIONS": "", "DOCKER_CONFIG": str(folder)}
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=120, env=environment)
        check(done.returncode == 3 and "(builder 'box')" in done.stdout and "is not running" in done.stdout, f"a stopped builder: {done.stdout[-800:]}")
        box.start()
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=120, env=environment)
        check(done.returncode == 0 and len((self.folder / "out/builder/mark").read_text()) > 60, f"status {done.returncode}: {done.stdout[-1500:]}")
        box.remove(force=True)

    def a_builder_of_docker_buildx_builds_through_its_pod(self):
        folder, programs = self.folder / "kube", self.folder / "programs"
        self.client.api.import_image_from_data(small_base(), *BASE.split(":"))
        (folder / "buildx/instances").mkdir(parents=True)
        programs.mkdir()
        # As buildx 0.13 writes it.
        (folder / "buildx/instances/farm").write_text(json.dumps({"Name": "farm", "Driver": "kubernetes", "Dynamic": False, "Nodes": [
            {"Name": "farm0", "Endpoint": "kubernetes:///farm?deployment=&kubeconfig=", "Platforms": None,
             "DriverOpts": {"namespace": "builders", "replicas": "1"}, "Flags": None, "Files": None}]}))
        # kubectl without a cluster: the words for the pod are checked, and the engine's own BuildKit answers.
        called = ["--namespace", "builders", "exec", "-i", "deploy/farm0", "--", "buildctl"]
        program = BUILDCTL.replace("assert ", f"assert sys.argv[1:{len(called) + 1}] == {called!r}, sys.argv\nsys.argv[1:{len(called) + 1}] = []\nassert ") \
            .replace("/engine.sock", self.url.removeprefix("unix://"))
        (programs / "kubectl").write_text(program)
        (programs / "kubectl").chmod(0o755)
        words = [SLIPWAY, "--format", "json", "build", "tiny", "--builder", "farm", "-o", "out/farm"]
        environment = {**os.environ, "GITHUB_ACTIONS": "", "DOCKER_CONFIG": str(folder), "PATH": f"{programs}:{os.environ['PATH']}"}
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=120, env=environment)
        check(done.returncode == 0 and len((self.folder / "out/farm/mark").read_text()) > 60, f"status {done.returncode}: {done.stdout[-1500:]}")
        (programs / "kubectl").write_text("#!/bin/sh\necho 'Error from server (NotFound): deployments.apps \"farm0\" not found' >&2\nexit 1\n")
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=120, env=environment)
        check(done.returncode == 3 and 'deployments.apps \\"farm0\\" not found' in done.stdout, f"a pod that is gone: {done.stdout[-800:]}")

    def a_compression_that_it_cannot_keep_is_said(self):
        with self.profile(PROFILE.replace('tiny"}', 'tiny", compression: zstd}')):
            done = self.run()
        check("the layers are not compressed with zstd: Docker" in done.stdout, done.stdout[-800:])

    def what_it_cannot_do_is_said_first(self):
        for words, text in REFUSED:
            done = self.run(*words)
            result = json.loads(done.stdout.splitlines()[-1])
            found = result["findings"][0]
            check(done.returncode == 3 and found["code"] == "SW501" and found["message"].startswith(text)
                  and "keeps them in overlay2" in found["message"] and "containerd-snapshotter" in found["hint"], f"{words}: {result}")
            events = done.stdout.splitlines()[:-1]
            check(not events, f"{words}: something was done: {events}")


def main():
    kind = Containerd if KEEPS_ALL else Graphdriver
    names = [name for name, value in vars(kind).items() if callable(value)]
    print(f"1..{len(names)}")
    with tempfile.TemporaryDirectory(prefix="control-", dir="/var/tmp") as temporary:
        folder = pathlib.Path(temporary).resolve()
        (folder / "work").mkdir()
        (folder / "engine").mkdir()
        if KEEPS_ALL:
            (folder / "engine/options").write_text("--feature\ncontainerd-snapshotter=true\n")
        up = subprocess.run([HERE / "rig", "up", NAME, folder / "engine", str(os.getpid())], stdout=subprocess.PIPE, text=True)
        tests = None
        for number, name in enumerate(names, 1):
            began, fault = time.monotonic(), None
            if up.returncode == 77:
                print(f"ok {number} - {NAME} # SKIP its suite has moved on to another release")
                continue
            try:
                check(up.returncode == 0, "the engine does not start")
                tests = tests or kind(up.stdout.strip(), folder / "engine", folder / "work")
                getattr(tests, name)()
            except (Failed, OSError, ValueError, LookupError, subprocess.SubprocessError, docker.errors.DockerException) as error:
                fault = f"{type(error).__name__}: {error}"
            print(f"{'not ok' if fault else 'ok'} {number} - {NAME}: {name.replace('_', ' ')} ({time.monotonic() - began:.1f} s)", flush=True)
            if fault:
                print("# " + fault.replace("\n", "\n# "), flush=True)
        if tests:
            tests.close()
        subprocess.run([HERE / "rig", "down", NAME, folder / "engine"])


main()
