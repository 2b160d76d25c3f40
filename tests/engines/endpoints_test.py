#!/usr/bin/env python3
"""Engines that are reached by ssh, through a real sshd, and by TCP with TLS; and what is said where they are not reached.

usage: endpoints_test.py SLIPWAY OFFER   (TAP on standard output; root, Debian or Ubuntu)

All of it happens in the network of a rig, whose ports are nobody else's.
"""
import concurrent.futures
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SLIPWAY, OFFER = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
RIG = pathlib.Path(__file__).resolve().with_name("rig")
SSH, NSENTER = shutil.which("ssh"), shutil.which("nsenter")
# What a login finds in its PATH: a program of the rig's Debian, run in it, with the engines' sockets in sight.
INSIDE = """#!/bin/sh
exec unshare -m sh -c 'mount --bind /var/tmp {root}/var/tmp && exec chroot {root} /usr/bin/{name} "$@"' sh "$@"
"""
# Each port is another kind of machine.
DOCKER, PODMAN, BARE, CHATTY, SILENT, DYING, TLS, EXPIRED, PLAIN = 2222, 2223, 2224, 2225, 2226, 2227, 2376, 2377, 2375
SSHD = """\
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
KbdInteractiveAuthentication no
PasswordAuthentication no
PermitRootLogin yes
UsePAM no
StrictModes no
PidFile none
Match LocalPort {docker}
SetEnv PATH={folder}/docker:/usr/sbin:{folder}/tools
Match LocalPort {dying}
SetEnv PATH={folder}/docker:/usr/sbin:{folder}/tools
Match LocalPort {podman}
SetEnv PATH={folder}/podman:/usr/sbin:{folder}/tools
Match LocalPort {bare}
SetEnv PATH={folder}/tools
Match LocalPort {chatty}
ForceCommand echo welcome
"""
# What dockerd is started with.
OPTIONS = f"""\
-H
tcp://127.0.0.1:{TLS}
--tlsverify
--tlscacert=/mnt/tls/ca.pem
--tlscert=/mnt/tls/server.pem
--tlskey=/mnt/tls/key.pem
"""


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


def run(*words, **more):
    return subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=300, **more)


def must(*words):
    done = run(*words)
    check(done.returncode == 0, f"{words[0]} failed: {done.stdout[-800:]}")
    return done.stdout.strip()


def wait_until(condition, text, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, text)
        time.sleep(0.05)


def children(pid):
    """All that a process started and that still runs."""
    with contextlib.suppress(OSError):
        for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield int(child)
            yield from children(child)


def clients(environment):
    """The processes of an environment's ssh."""
    marker, found = os.fsencode(f"{environment['PATH'].partition(':')[0]}/config"), []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if marker in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


def make_certificates(folder):
    """An authority, and what it signed: for the server, for us, and both of a stranger's and of yesterday's."""
    folder.mkdir()
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for name in ["ca", "stranger"]:
        must("openssl", "req", "-x509", *key, "-keyout", folder / f"{name}-key.pem", "-out", folder / f"{name}.pem",
             "-subj", f"/CN={name}", "-days", "2")
    must("openssl", "req", *key, "-keyout", folder / "key.pem", "-out", folder / "request", "-subj", "/CN=us")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    for name, authority, days in [("server", "ca", 2), ("cert", "ca", 2), ("yesterday", "ca", -1), ("strange", "stranger", 2)]:
        must("openssl", "x509", "-req", "-in", folder / "request", "-CA", folder / f"{authority}.pem",
             "-CAkey", folder / f"{authority}-key.pem", "-CAcreateserial", "-days", days, "-extfile", folder / "names",
             "-out", folder / f"{name}.pem")


class Tests:
    def __init__(self, folder):
        self.folder, self.servers = folder, []
        self.docker, self.podman = folder / "docker26", folder / "podman4"

    def __enter__(self):
        try:
            self.docker.mkdir()
            make_certificates(self.docker / "tls")
            (self.docker / "options").write_text(OPTIONS)
            for place in [self.docker, self.podman]:
                must(RIG, "up", place.name, place, os.getpid())
            supervisor = (self.docker / "pid").read_text().strip()
            self.inside = [NSENTER, "--net", "--target", str(next(children(supervisor)))]
            self.dying = self.start_sshd()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.kill()
            server.wait()
        for place in [self.docker, self.podman]:
            run(RIG, "down", place.name, place)

    # ---- what is tested against ----

    def serve(self, *words):
        log = open(self.folder / f"server{len(self.servers)}.log", "wb")
        self.servers.append(subprocess.Popen([*self.inside, *map(str, words)], stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        return self.servers[-1]

    def is_open(self, port):
        return run(*self.inside, "python3", "-c",
                   f"import socket; socket.create_connection(('127.0.0.1', {port}))").returncode == 0

    def start_sshd(self):
        root = must(RIG, "root", "bookworm")
        for name in ["docker", "podman", "tools"]:
            (self.folder / name).mkdir()
        for name in ["sh", "bash", "unshare", "mount"]:
            (self.folder / "tools" / name).symlink_to(shutil.which(name))
        for name in ["docker", "podman"]:
            program = self.folder / name / name
            program.write_text(INSIDE.format(root=root, name=name))
            program.chmod(0o755)
        for name in ["host", "user", "other"]:
            must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name)
        (self.folder / "sshd_config").write_text(SSHD.format(folder=self.folder, docker=DOCKER, podman=PODMAN, bare=BARE,
                                                             chatty=CHATTY, dying=DYING))
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        servers = {port: self.serve("/usr/sbin/sshd", "-D", "-e", "-f", self.folder / "sshd_config", "-p", port)
                   for port in range(DOCKER, DYING + 1)}
        wait_until(lambda: all(self.is_open(port) for port in servers), "sshd does not start")
        servers[SILENT].send_signal(signal.SIGSTOP)
        return servers[DYING]

    def client(self, name, key="user", known=True):
        """An environment with a ssh that is configured as a user's would be; a configuration in HOME would be root's own."""
        folder = self.folder / f"client-{name}"
        folder.mkdir()
        host = (self.folder / "host.pub").read_text() if known else ""
        (folder / "known").write_text("".join(f"[127.0.0.1]:{port} {host}" for port in range(DOCKER, DYING + 1) if host))
        (folder / "config").write_text(f"IdentityFile {self.folder}/{key}\nIdentitiesOnly yes\nIdentityAgent none\n"
                                       f"UserKnownHostsFile {folder}/known\nGlobalKnownHostsFile none\n"
                                       "KexAlgorithms curve25519-sha256\n")
        (folder / "ssh").write_text(f'#!/bin/sh\nexec {SSH} -F {folder}/config "$@"\n')
        (folder / "ssh").chmod(0o755)
        return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}

    def url(self, port, engine=None):
        return f"ssh://root@127.0.0.1:{port}{engine or self.docker}/engine.sock"

    def doctor(self, environment, *words):
        """What is said of the engine, and the seconds that it took."""
        began = time.monotonic()
        done = run(*self.inside, SLIPWAY, *words, "doctor", env=environment, cwd=self.folder)
        engine = re.search(r"^(\w+) +engine: (.*(?:\n  .*)?)", done.stdout, re.MULTILINE)
        check(engine, done.stdout[-800:])
        check((done.returncode == 0) == (engine[1] == "ok"), f"exit status {done.returncode}: {done.stdout[-800:]}")
        return engine[1], engine[2], time.monotonic() - began

    def check_all(self, cases):
        """`cases`: name, environment, words before the command, what must be said, with "ok" or not."""
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda case: self.doctor(case[1], *case[2]), cases))
        faults = [f"{name}: '{says}' in {seconds:.1f} s, wanted {wanted} '{words}'"
                  for (name, _, _, wanted, words), (verdict, says, seconds) in zip(cases, answers)
                  if verdict != wanted or words not in says or seconds > 60]
        check(not faults, "\n".join(faults))

    def project(self, name, size):
        folder = self.folder / f"project-{name}"
        (folder / "context").mkdir(parents=True)
        (folder / "Dockerfile").write_text("FROM scratch\nCOPY context/ /\n")
        with (folder / "context/large").open("wb") as file:
            file.write(os.urandom(1 << 20))
            file.truncate(size)
        return folder

    def build(self, name, url, environment, size=1 << 20):
        return subprocess.Popen([*self.inside, OFFER, url, self.project(name, size), f"key={name}"], env=environment,
                                stdout=subprocess.PIPE, text=True)

    # ---- ssh ----

    def engines_are_reached_by_ssh(self):
        good = self.client("good")
        home = self.folder / "home"
        context = home / "contexts/meta" / hashlib.sha256(b"far").hexdigest()
        context.mkdir(parents=True)
        (context / "meta.json").write_text(json.dumps({"Name": "far", "Endpoints": {"docker": {"Host": self.url(DOCKER)}}}))
        by_context = {**good, "DOCKER_CONFIG": str(home), "DOCKER_CONTEXT": "far"}
        self.check_all([
            ("docker", good, ["-H", self.url(DOCKER)], "ok", "Docker 26."),
            ("DOCKER_HOST", {**good, "DOCKER_HOST": self.url(DOCKER)}, [], "ok", "Docker 26."),
            ("a context", by_context, [], "ok", "Docker 26."),
            ("podman", good, ["-H", self.url(PODMAN, self.podman)], "ok", "Podman 4."),
        ])
        check(not clients(good), "an ssh is left")

    def a_build_with_its_session_goes_through_ssh(self):
        client = self.client("builder")
        out = self.build("far", self.url(DOCKER), client).communicate(timeout=300)[0]
        check("\nbuilt sha256:" in out, out[-800:])
        check(int(re.search(r"^transferred (\d+)", out, re.MULTILINE)[1]) >= 1 << 20, out[-800:])
        check(not clients(client), "an ssh is left")

    def what_keeps_ssh_from_an_engine_is_said(self):
        nowhere = self.folder / "nowhere"
        nowhere.mkdir()
        good, strangers, refused = self.client("in-vain"), self.client("unknown", known=False), self.client("refused", key="other")
        docker = ["-H", self.url(DOCKER)]
        self.check_all([
            ("a host that never answers", good, ["-H", self.url(SILENT)], "problem", "timed out"),
            ("an unknown host", strangers, docker, "problem", "Host key verification failed."),
            ("a refused key", refused, docker, "problem", "Permission denied (publickey)"),
            ("no server", good, ["-H", self.url(9)], "problem", "Connection refused"),
            ("no engine there", good, ["-H", self.url(DOCKER, nowhere)], "problem", "no such file or directory"),
            ("no client there", good, ["-H", self.url(BARE)], "problem", "podman: not found"),
            ("a chatty shell", good, ["-H", self.url(CHATTY)], "problem", "does not speak HTTP"),
            ("no ssh here", {**good, "PATH": str(nowhere)}, docker, "problem", "cannot start 'ssh'"),
            ("the way to find out", refused, docker, "problem", f"ssh -p {DOCKER} root@127.0.0.1 docker version"),
        ])
        check(not clients(good) and not clients(refused) and not clients(strangers), "an ssh is left")

    def interrupt(self, name, port, act):
        """Begins a build through ssh and acts while its context is on its way; gives what was said and how long it took."""
        environment = self.client(name)
        running = self.build(name, self.url(port), environment, 64 << 30)
        large = str(self.folder / f"project-{name}" / "context/large")

        def is_reading():
            check(running.poll() is None, "the build has ended")
            with contextlib.suppress(OSError):
                return any(os.readlink(fd) == large for fd in pathlib.Path(f"/proc/{running.pid}/fd").iterdir())

        wait_until(is_reading, "the file is not read")
        began = time.monotonic()
        act(running)
        out = running.communicate(timeout=300)[0]
        seconds = time.monotonic() - began
        wait_until(lambda: not clients(environment), f"{name}: an ssh is left")
        return out, seconds

    def a_build_through_ssh_ends_when_it_is_told_to(self):
        out, seconds = self.interrupt("canceled", DOCKER, lambda running: running.send_signal(signal.SIGINT))
        check("error -4 interrupted" in out and seconds < 60, f"{out[-800:]} after {seconds:.1f} s")
        self.interrupt("killed", DOCKER, lambda running: running.kill())

    def a_build_through_ssh_ends_with_the_other_side(self):
        def stop(_):
            """As a machine that has lost its power: nothing is closed, nothing answers."""
            for pid in list(children(self.dying.pid)):
                os.kill(pid, signal.SIGSTOP)

        out, seconds = self.interrupt("dead", DYING, stop)
        check("error -3 " in out and seconds < 90, f"{out[-800:]} after {seconds:.1f} s")
        for pid in list(children(self.dying.pid)):
            os.kill(pid, signal.SIGKILL)

    # ---- TLS ----

    def tls(self, name, **files):
        """An environment with these certificates: a file here by its name there."""
        folder = self.folder / f"tls-{name}"
        folder.mkdir()
        for there, here in files.items():
            shutil.copy(self.docker / "tls" / f"{here}.pem", folder / f"{there}.pem")
        return {**os.environ, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder)}

    def tls_is_what_docker_makes_of_it(self):
        certificates = self.docker / "tls"
        self.serve("openssl", "s_server", "-accept", f"127.0.0.1:{EXPIRED}", "-cert", certificates / "yesterday.pem",
                   "-key", certificates / "key.pem", "-www")
        self.serve("python3", "-m", "http.server", "--bind", "127.0.0.1", PLAIN)
        wait_until(lambda: self.is_open(EXPIRED) and self.is_open(PLAIN), "the servers do not start")
        good = self.tls("good", ca="ca", cert="cert", key="key")
        home = self.folder / "tls-home"
        name = hashlib.sha256(b"far").hexdigest()
        shutil.copytree(good["DOCKER_CERT_PATH"], home / "contexts/tls" / name / "docker")
        (home / "contexts/meta" / name).mkdir(parents=True)
        (home / "contexts/meta" / name / "meta.json").write_text(
            json.dumps({"Name": "far", "Endpoints": {"docker": {"Host": f"tcp://127.0.0.1:{TLS}"}}}))
        lax = self.tls("lax", ca="stranger", cert="cert", key="key")
        del lax["DOCKER_TLS_VERIFY"]
        here = ["-H", "tcp://127.0.0.1"]
        self.check_all([
            ("good", good, here, "ok", "Docker 26."),
            ("a context", {**os.environ, "DOCKER_CONFIG": str(home), "DOCKER_CONTEXT": "far"}, [], "ok", "Docker 26."),
            ("not verified", {**lax, "DOCKER_TLS": "1"}, here, "ok", "Docker 26."),
            ("another authority", self.tls("stranger", ca="stranger", cert="cert", key="key"), here, "problem",
             "unable to get local issuer certificate"),
            ("another name", good, ["-H", "tcp://localhost"], "problem", "no alternative certificate subject name matches"),
            ("no certificate", self.tls("none", ca="ca"), here, "problem", "no cert.pem"),
            ("an expired certificate", self.tls("old", ca="ca", cert="yesterday", key="key"), here, "problem", "ca.pem, cert.pem and key.pem"),
            ("a stranger's certificate", self.tls("strange", ca="ca", cert="strange", key="key"), here, "problem",
             "ca.pem, cert.pem and key.pem"),
            ("another's key", self.tls("key", ca="ca", cert="cert", key="ca-key"), here, "problem", "private key"),
            ("an expired server", good, ["-H", f"tcp://127.0.0.1:{EXPIRED}"], "problem", "certificate has expired"),
            ("a server without TLS", good, ["-H", f"tcp://127.0.0.1:{PLAIN}"], "problem", "unset DOCKER_TLS_VERIFY"),
            ("no TLS", os.environ, ["-H", f"tcp://127.0.0.1:{TLS}"], "problem", "set DOCKER_TLS_VERIFY=1"),
        ])

    def a_build_with_its_session_goes_through_tls(self):
        environment = {**os.environ, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(self.docker / "tls")}
        out = self.build("tls", "tcp://127.0.0.1", environment).communicate(timeout=300)[0]
        check("\nbuilt sha256:" in out, out[-800:])

    def timed(self, test):
        began, fault = time.monotonic(), ""
        try:
            test(self)
        except (Failed, OSError, subprocess.SubprocessError) as error:
            fault = f"\n{type(error).__name__}: {error}".replace("\n", "\n# ")
        return "not ok" if fault else "ok", f"{test.__name__.replace('_', ' ')} ({time.monotonic() - began:.1f} s){fault}"


TESTS = [test for name, test in vars(Tests).items() if name.startswith(("a_", "engines_", "what_", "tls_"))]


def main():
    print(f"1..{len(TESTS)}")
    with tempfile.TemporaryDirectory(prefix="ends-", dir="/var/tmp") as temporary:
        folder = pathlib.Path(temporary).resolve()
        # Mostly they wait.
        with Tests(folder) as tests, concurrent.futures.ThreadPoolExecutor(len(TESTS)) as pool:
            for number, (verdict, what) in enumerate(pool.map(tests.timed, TESTS), 1):
                print(f"{verdict} {number} - {what}", flush=True)


main()
