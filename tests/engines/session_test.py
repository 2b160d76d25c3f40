#!/usr/bin/env python3
"""A BuildKit session on a real engine: what is offered arrives, and nothing else does.

usage: session_test.py OFFER NAME   (TAP on standard output; root, Debian or Ubuntu)
"""
import base64
import hashlib
import io
import json
import os
import pathlib
import random
import signal
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

OFFER, NAME = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
RIG = pathlib.Path(__file__).resolve().with_name("rig")
DOCKER_PY = "/usr/bin/python3"  # Debian's, which has python3-docker
BASE = "localhost/slipway-session:base"
# The password of "anna" is s3cret-pw.
HTPASSWD = "anna:$2b$04$rp4pI/QIuW772v9tkkWHke3TnRQiRPOmOyotHR.mlq03Ycu9E0w12\n"
HELPER = """#!/bin/sh
read -r registry
[ "$1 $registry" = "get localhost:5000" ] || exit 1
echo '{"ServerURL": "localhost:5000", "Username": "anna", "Secret": "s3cret-pw"}'
"""
# Asks an SSH agent: its keys, a signature, and three things that a build may not ask for.
AGENT = r"""
import os, socket, struct
agent = socket.socket(socket.AF_UNIX)
agent.connect(os.environ["SSH_AUTH_SOCK"])
def read(n):
    data = b""
    while len(data) < n:
        piece = agent.recv(n - len(data))
        assert piece, "the agent hung up"
        data += piece
    return data
def ask(message):
    agent.sendall(struct.pack(">I", len(message)) + message)
    return read(struct.unpack(">I", read(4))[0])
def text(data):
    return struct.pack(">I", len(data)) + data
keys = ask(b"\x0b")
size = struct.unpack(">I", keys[5:9])[0]
key = keys[9:9 + size]
print("keys", keys[0], struct.unpack(">I", keys[1:5])[0])
print("sign", ask(b"\x0d" + text(key) + text(b"data") + struct.pack(">I", 0))[0])
print("remove", ask(b"\x13")[0], ask(b"\x12" + text(key))[0], "lock", ask(b"\x16" + text(b"x"))[0])
print("keys", ask(b"\x0b")[0])
"""


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


def process_behind(path):
    """The process that listens on a Unix socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        return struct.unpack("iii", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


def describe(archive, top):
    """{path: what it is} of what a tar holds below `top`."""
    found = {}
    for member in archive:
        path = pathlib.PurePosixPath(member.name)
        if path.parts[:1] != (top,):
            continue
        content = hashlib.sha256(archive.extractfile(member).read()).hexdigest() if member.isreg() else ""
        found[str(path.relative_to(top))] = (member.type, oct(member.mode & 0o7777), member.linkname, content, member.uid, member.gid,
                                             0 if member.isdir() else int(member.mtime))
    return found


def generate(folder, seed):
    """A tree with all that names, modes and links can be."""
    choose = random.Random(seed)
    names = ["a", "a.b", "a-b", "A", "\u00e9", "sp ace", "new\nline", ".hidden", "x" * 200, "%41+", "[b]*?", "#", "!not"]
    folders = [folder]
    for number in range(60):
        parent = choose.choice(folders)
        path = parent / choose.choice(names)
        if path.exists() or path.is_symlink() or len(str(path)) > 2000:
            continue
        kind = choose.random()
        if kind < 0.3:
            path.mkdir()
            folders.append(path)
        elif kind < 0.4:
            path.symlink_to(choose.choice(["a", "nowhere", "../a", "/etc/passwd", "sp ace/a"]))
            continue
        else:
            path.write_bytes(choose.randbytes(choose.choice([0, 1, 100, 32 * 1024, 70_000])))
            path.chmod(choose.choice([0o644, 0o600, 0o755, 0o4755, 0o640]))
        os.utime(path, (choose.randrange(1 << 30), choose.randrange(1 << 30)))


class Modern:
    """Makes of an engine one that has lost /session: what begins as HTTP/2 is led to its /grpc."""

    def __init__(self, path, engine):
        self.path, self.engine, self.refused, self.tunnels = path, engine, 0, 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(8)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, client):
        first = client.recv(65536)
        engine = socket.socket(socket.AF_UNIX)
        engine.connect(self.engine)
        if first.startswith(b"POST /session "):
            self.refused += 1
            client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            client.close()
            return
        if first.startswith(b"PRI * HTTP/2.0"):
            self.tunnels += 1
            engine.sendall(b"POST /grpc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += engine.recv(1)
        engine.sendall(first)
        threading.Thread(target=self.pump, args=[engine, client], daemon=True).start()
        self.pump(client, engine)

    @staticmethod
    def pump(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Tests:
    def __init__(self, url, folder):
        self.url, self.folder, self.count = url, folder, 0
        self.docker("with open(%r, 'rb') as tar: client.api.import_image_from_data(tar.read(), %r, 'base')"
                    % (subprocess.run([RIG, "base"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip(),
                       BASE.rpartition(":")[0]))

    def docker(self, code):
        """Runs Python with `client` being python3-docker's, an independent client."""
        program = f"import docker, json, sys\nclient = docker.DockerClient(base_url={self.url!r}, timeout=120)\n{code}"
        done = subprocess.run([DOCKER_PY, "-c", program], capture_output=True)
        check(done.returncode == 0, f"python3-docker: {done.stderr[-800:]}")
        return done.stdout

    def project(self, dockerfile, **files):
        """A folder for `offer`; a build step says `salt` so that no build is another's."""
        self.count += 1
        folder = self.folder / f"project{self.count}"
        (folder / "context").mkdir(parents=True)
        (folder / "Dockerfile").write_text(dockerfile.replace("BASE", BASE).replace("SALT", str(self.count)))
        for name, content in files.items():
            (folder / "context" / name.replace("_", ".")).write_text(content)
        return folder

    def offer(self, folder, *words, environment=None):
        done = subprocess.run([OFFER, self.url, folder, *words], stdout=subprocess.PIPE, text=True, errors="replace",
                              env={**os.environ, **(environment or {})}, timeout=300)
        return done.stdout.rstrip("\n").split("\n")[-1], done.stdout

    def built(self, folder, *words, environment=None):
        last, out = self.offer(folder, *words, environment=environment)
        check(last.startswith("built sha256:"), out[-1500:])
        return last.split()[1], out

    def tree(self, image, path):
        """What an image holds at a path."""
        data = self.docker(f"""
container = client.containers.create({image!r}, ["true"])
try:
    for piece in container.get_archive({path!r})[0]: sys.stdout.buffer.write(piece)
finally:
    container.remove()
""")
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            return describe(archive, path.strip("/"))

    def secrets_reach_the_steps_that_mount_them(self):
        secret = self.folder / "secret"
        secret.write_bytes(b"planted\0secret\n" * 3000)
        digest = hashlib.sha256(secret.read_bytes()).hexdigest()
        step = "RUN --mount=type=secret,id=%s%s [ ! -e /run/secrets/%s ] || sha256sum /run/secrets/%s; echo SALT\n"
        folder = self.project("FROM BASE\n" + step % ("token", ",required=true", "token", "token")
                              + step % ("none", "", "none", "none"))
        _, out = self.built(folder, f"secret=token={secret}")
        check(digest in out and "/run/secrets/none" not in out, out[-800:])
        last, _ = self.offer(self.project("FROM BASE\n" + step % ("other", ",required=true", "other", "other")),
                             f"secret=token={secret}")
        check(last.startswith("failed") and "other" in last, last)

    def only_what_changed_travels(self):
        def transferred(folder):
            _, out = self.built(folder, f"key={self.count}")
            return int(out.rsplit("\ntransferred ", 1)[1].split("\n")[0])

        folder = self.project("FROM BASE\nCOPY context/ /data/\n")
        for number in range(20):
            (folder / f"context/{number}").write_bytes(os.urandom(100_000))
        first, again = transferred(folder), transferred(folder)
        (folder / "context/7").write_bytes(os.urandom(100_000))
        changed = transferred(folder)
        (folder / "context/8").unlink()
        (folder / "Dockerfile").write_text((folder / "Dockerfile").read_text() + "LABEL a=b\n")
        image, _ = self.built(folder, f"key={self.count}")
        check(first > 2_000_000 and again < 5_000 and 100_000 <= changed < 110_000, f"{first}, {again}, {changed}")
        tree = self.tree(image, "/data")
        check("7" in tree and "8" not in tree, f"{sorted(tree)}")

    def the_image_holds_the_very_tree(self):
        for seed in range(3):
            folder = self.project("FROM BASE\nCOPY context/ /data/\n")
            generate(folder / "context", seed)
            image, _ = self.built(folder, f"key=tree{seed}")
            with tarfile.open(fileobj=io.BytesIO(subprocess.run(
                    ["tar", "-C", folder, "--hard-dereference", "--owner=0", "--group=0", "-c", "context"],
                    stdout=subprocess.PIPE, check=True).stdout)) as archive:
                there = describe(archive, "context")
            found = self.tree(image, "/data")
            there.pop("."), found.pop(".")
            wrong = {path: (there.get(path), found.get(path)) for path in {*there, *found} if there.get(path) != found.get(path)}
            check(not wrong and len(there) > 20, f"seed {seed}: {len(wrong)} of {len(there)}: {list(wrong.items())[:3]}")

    def a_copy_through_a_link_finds_what_it_leads_to(self):
        folder = self.project("FROM BASE\nCOPY context/link /found\nRUN cat /found; echo SALT\n", real_txt="led here")
        (folder / "context/link").symlink_to("real.txt")
        _, out = self.built(folder)
        check("led here" in out, out[-800:])

    def an_agent_signs_and_does_no_more(self):
        agent = self.folder / "agent.sock"
        with subprocess.Popen(["ssh-agent", "-D", "-a", agent], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as running:
            try:
                while not agent.exists():
                    check(running.poll() is None, "ssh-agent does not start")
                    time.sleep(0.02)
                key = self.folder / "key"
                subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
                environment = {**os.environ, "SSH_AUTH_SOCK": str(agent)}
                subprocess.run(["ssh-add", "-q", key], check=True, env=environment)
                folder = self.project("FROM BASE\nCOPY context/agent.py /\nRUN --mount=type=ssh python3 /agent.py; echo SALT\n",
                                      agent_py=AGENT)
                _, out = self.built(folder, f"agent={agent}")
                check("keys 12 1\nsign 14\nremove 5 5 lock 5\nkeys 12\n" in out, out[-1500:])
                left = subprocess.run(["ssh-add", "-l"], env=environment, capture_output=True, text=True).stdout
                check(left.count("ED25519") == 1, left)
                last, _ = self.offer(self.project("FROM BASE\nRUN --mount=type=ssh,required=true true; echo SALT\n"))
                check(last.startswith("failed"), last)
            finally:
                running.terminate()

    def a_private_base_needs_its_login(self):
        image = "localhost:5000/private/base:1"
        registry = self.folder / "registry"
        registry.mkdir()
        (registry / "htpasswd").write_text(HTPASSWD)
        (registry / "config.yml").write_text(json.dumps({
            "version": 0.1, "log": {"level": "error"}, "storage": {"filesystem": {"rootdirectory": str(registry / "data")}},
            "auth": {"htpasswd": {"realm": "test", "path": str(registry / "htpasswd")}}, "http": {"addr": "127.0.0.1:5000"}}))
        inside = ["nsenter", "--net", "--target", str(process_behind(self.url.removeprefix("unix://")))]
        with subprocess.Popen([*inside, "docker-registry", "serve", registry / "config.yml"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            try:
                while subprocess.run([*inside, "curl", "-s", "-o", "/dev/null", "http://127.0.0.1:5000/v2/"]).returncode:
                    check(running.poll() is None, "the registry does not start")
                    time.sleep(0.05)
                self.docker(f"""
client.images.get({BASE!r}).tag({image!r})
said = client.images.push({image!r}, auth_config={{"username": "anna", "password": "s3cret-pw"}})
assert "errorDetail" not in said, said
client.images.remove({image!r})""")
                config = self.folder / "config"
                config.mkdir()
                helper = config / "docker-credential-test"
                helper.write_text(HELPER)
                helper.chmod(0o755)
                folder = self.project(f"FROM {image}\nRUN echo SALT\n")
                (config / "config.json").write_text("{}")
                last, _ = self.offer(folder, f"config={config}")
                check(last.startswith("failed"), f"without a login: {last}")
                (config / "config.json").write_text('{"credHelpers": {"localhost:5000": "missing"}}')
                last, out = self.offer(folder, f"config={config}")
                check(last.startswith("failed") and "warning no login for 'localhost:5000'" in out, out)
                (config / "config.json").write_text('{"credHelpers": {"localhost:5000": "test"}}')
                _, out = self.built(folder, f"config={config}", environment={"PATH": f"{config}:{os.environ['PATH']}"})
                (self.folder / "said").write_text(out)
                kept = [self.folder.parent / "engine", self.folder / "said"]
                for password in ["s3cret-pw", base64.b64encode(b"anna:s3cret-pw").decode()]:
                    found = subprocess.run(["grep", "-rlF", "--devices=skip", password, *kept], capture_output=True, text=True)
                    check(found.returncode == 1, f"the password is in {found.stdout} {found.stderr[-300:]}")
            finally:
                running.terminate()

    def transfer(self, act):
        """Begins a build, acts while a large file is on its way; gives what was said and the seconds that the rest took."""
        for _ in range(10):
            folder = self.project("FROM BASE\nCOPY context/ /data/\n")
            large = folder / "context/large"
            with large.open("wb") as file:
                file.truncate(400 << 20)
            with subprocess.Popen([OFFER, self.url, folder, f"key={self.count}"], stdout=subprocess.PIPE, text=True) as running:
                end = time.monotonic() + 60
                while running.poll() is None and not self.is_reading(running, large):
                    check(time.monotonic() < end, "the file is not read")
                running.send_signal(signal.SIGSTOP)
                there = running.poll() is None and self.is_reading(running, large)  # else it was too quick for us
                began = time.monotonic()
                if there:
                    act(running, large)
                running.send_signal(signal.SIGCONT)
                out = running.communicate(timeout=120)[0]
            if there:
                return out, time.monotonic() - began
        raise Failed("the transfer was never met")

    @staticmethod
    def is_reading(running, path):
        """Whether a process has the file open."""
        for link in pathlib.Path(f"/proc/{running.pid}/fd").glob("*"):
            try:
                if os.readlink(link) == str(path):
                    return True
            except OSError:
                continue
        return False

    def a_file_that_changes_in_mid_transfer_ends_the_build(self):
        def grow(_, large):
            with large.open("ab") as file:
                file.write(b"more")

        out, _ = self.transfer(grow)
        check("error -2 'large' grew while the context was read" in out, out[-800:])

    def a_cancel_in_mid_transfer_ends_the_build(self):
        out, seconds = self.transfer(lambda running, _: running.send_signal(signal.SIGINT))
        check("error -4 interrupted" in out and seconds < 10, f"{out[-800:]} after {seconds:.1f} s")

    def a_client_that_is_killed_leaves_no_build(self):
        folder = self.project("FROM BASE\nRUN echo started; sleep 600; echo SALT\n")
        with subprocess.Popen([OFFER, self.url, folder], stdout=subprocess.PIPE, text=True) as running:
            for line in running.stdout:
                if "started" in line:
                    break
            running.kill()
        inside = ["nsenter", "--pid", "--mount", "--target", str(process_behind(self.url.removeprefix("unix://")))]
        end = time.monotonic() + 60
        while subprocess.run([*inside, "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -q 'sleep 60[0]'"],
                             stderr=subprocess.DEVNULL).returncode == 0:
            check(time.monotonic() < end, "the step goes on")
            time.sleep(0.1)

    def an_engine_that_is_killed_in_mid_transfer_is_missed(self):
        supervisor = int((self.folder.parent / "engine/pid").read_text())  # everything of the engine dies with it
        out, seconds = self.transfer(lambda *_: os.kill(supervisor, signal.SIGKILL))
        check("error -3 " in out and "went away" in out and seconds < 20, f"{out[-800:]} after {seconds:.1f} s")


def main():
    with tempfile.TemporaryDirectory(prefix="session-", dir="/var/tmp") as temporary:
        folder = pathlib.Path(temporary).resolve()
        (folder / "work").mkdir()
        up = subprocess.run([RIG, "up", NAME, folder / "engine", str(os.getpid())], stdout=subprocess.PIPE, text=True)
        if up.returncode == 77:
            print(f"1..1\nok 1 - {NAME} # SKIP its suite has moved on to another release")
            return
        names = [name for name in vars(Tests) if name.startswith(("a_", "an_", "only", "secrets", "the_"))]
        print(f"1..{len(names)}")
        tests = Tests(up.stdout.strip(), folder / "work") if up.returncode == 0 else None
        for number, name in enumerate(names, 1):
            began, fault = time.monotonic(), None
            try:
                check(tests, "the engine does not start")
                getattr(tests, name)()
            except (Failed, OSError, subprocess.SubprocessError) as error:
                fault = f"{type(error).__name__}: {error}"
            what = f"{NAME}: {name.replace('_', ' ')} ({time.monotonic() - began:.1f} s)"
            print(f"{'not ok' if fault else 'ok'} {number} - {what}", flush=True)
            if fault:
                print("# " + fault.replace("\n", "\n# "), flush=True)
        subprocess.run([RIG, "down", NAME, folder / "engine"])


main()
