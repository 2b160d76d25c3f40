#!/usr/bin/env python3
"""The packaged binary runs every command in systems that have nothing installed: Debian 11, 12 and 13, and a root with musl and busybox.

usage: systems_test.py [--no-engine] BINARY [ROOT...]   (TAP on standard output; root, Debian or Ubuntu; default: all roots)
  --no-engine  leave out the commands that need an engine
  BINARY       what .github/package/package writes as FOLDER/slipway
  ROOT         bare-bullseye, bare-bookworm, bare-trixie or musl

A system is a root of its own, in which only /proc, a socket of a real Docker Engine, the machine's CA certificates and names of hosts are
this machine's. No root has git, Python, curl or certificates. The commands go their way in one project: written, checked, built, pushed,
built again, compared, rolled back.
"""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import docker

HERE = pathlib.Path(__file__).resolve().parent
ENGINES = HERE.parent / "engines"
sys.path.append(str(ENGINES))
import suite  # noqa: E402

HAS_ENGINE = sys.argv[1] != "--no-engine"
WORDS = sys.argv[1:] if HAS_ENGINE else sys.argv[2:]
BINARY = pathlib.Path(WORDS[0]).resolve()
ROOTS = WORDS[1:] or ["bare-bullseye", "bare-bookworm", "bare-trixie", "musl"]
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
DOCKERFILE = "FROM localhost/base\nCOPY app.py /app.py\nCMD [\"python3\", \"/app.py\"]\n"
IMAGE = """\
slipway: 1
name: web
dockerfile: {path: Dockerfile}
assertions:
  - {import: json}
image: {name: localhost:5000/web}
"""
STACK = """\
slipway: 1
name: stack
accelerators: [rtx-4090]
python_version: "3.11"
base_image: python:3.11-slim
torch: {version: "2.5.1", cuda: "12.4"}
requirements: [idna]
"""
LOG = "#9 ERROR: process did not complete: exit code: 1\nModuleNotFoundError: No module named 'triton.ops'\n"
# In a mount namespace of its own, so that the root stays as it is; the project and the home are in the folder /srv of all commands.
ENTER = """\
set -eu
root=$1 work=$2 socket=$3 binary=$4
shift 4
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o "lowerdir=$root,upperdir=/mnt/upper,workdir=/mnt/work" overlay /mnt/root
# The root's /var/run leads to /run, which from here would be this machine's own.
mkdir -p /mnt/root/srv /mnt/root/proc /mnt/root/run /mnt/root/var /mnt/root/etc/ssl/certs /mnt/root/usr/local/bin /mnt/root/tmp
[ -L /mnt/root/var/run ] || ln -s /run /mnt/root/var/run
touch /mnt/root/usr/local/bin/slipway /mnt/root/run/docker.sock
mount --bind "$work" /mnt/root/srv
mount --bind "$binary" /mnt/root/usr/local/bin/slipway
[ ! -S "$socket" ] || mount --bind "$socket" /mnt/root/run/docker.sock
mount -t proc proc /mnt/root/proc
cp /etc/ssl/certs/ca-certificates.crt /mnt/root/etc/ssl/certs/
cp -L /etc/resolv.conf /etc/hosts /mnt/root/etc/
exec chroot /mnt/root /usr/local/bin/slipway -C /srv/project "$@"
"""


def musl_root(folder):
    """A root with musl's C library and busybox, as Alpine has them, from Debian's packages."""
    for package in ("musl", "busybox-static"):
        subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    root = folder / "root"
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, root], check=True)
    for name in ("sh", "ls", "cat"):
        (root / "bin" / name).symlink_to("busybox")
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    assert list(root.rglob("ld-musl-*")) and not list(root.rglob("libc.so.6")), "no root with musl"
    return root


class System:
    """One root, and a project in it with an engine's socket at its usual place."""

    def __init__(self, name, folder, rig):
        (folder / "musl").mkdir()
        made = None if name == "musl" else subprocess.run([ENGINES / "rig", "root", name], check=True, text=True, stdout=subprocess.PIPE)
        self.root = pathlib.Path(made.stdout.strip()) if made else musl_root(folder / "musl")
        self.work, self.socket = folder / "work", rig / "engine.sock"
        self.project = self.work / "project"
        self.project.mkdir(parents=True)
        (self.work / "home").mkdir()
        self.git("init", "-q", "-b", "main")
        for name, text in {"web.yaml": IMAGE, "stack.yaml": STACK, "Dockerfile": DOCKERFILE, "app.py": "print(1)\n", "build.log": LOG}.items():
            (self.project / name).write_text(text)
        self.commit("First profiles")

    def git(self, *words):
        subprocess.run(["git", "-c", "user.name=me", "-c", "user.email=me@localhost", "-C", self.project, *words], check=True)

    def commit(self, what):
        self.git("add", ".")
        self.git("commit", "-q", "-m", what)

    def run(self, *words, status=0, said="", data=""):
        """Run a command, which must end with this status and say this."""
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/srv/home", "SSL_CERT_FILE": CERTIFICATES, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(["unshare", "--mount", "sh", "-c", ENTER, "enter", self.root, self.work, self.socket, BINARY, *words],
                              env=environment, input=data, text=True, capture_output=True, timeout=600)
        text = done.stdout + done.stderr
        assert done.returncode == status and said in text, f"{words}: status {done.returncode}, wanted {status} and {said!r}: {text[-3000:]}"
        return text


def offline_commands(system):
    run = system.run
    libraries = run("--version", "-v", said="libgit2")
    assert "not installed" not in libraries, libraries
    run("help", said="Commands:")
    run("help", "SW204", said="not-published")
    run("gpus", said="rtx-4090")
    run("list", said="web")
    run("matrix", said='"include"')
    run("schema", said="$schema")
    run("completion", "bash", said="slipway")
    run("explain", "build.log", status=1, said="SW305")
    run("--offline", "check", "stack", said="GPU libraries: 1 proven (torch)")
    run("--offline", "plan", "stack", said="2.5.1")
    run("--offline", "render", "stack", said="FROM python:3.11-slim")
    run("--offline", "render", "stack", "-o", "out")
    run("--offline", "suggest", "--gpu", "l4", said="torch")
    run("init", "copy", "--from", "Dockerfile", "--offline")
    (system.project / "slipway/copy.yaml").unlink()
    run("mcp", data='{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n', said='"check"')


def index_commands(system):
    run = system.run
    run("check", "stack", said="releases: ")
    run("fix", "stack", "--dry-run")
    run("lock", "stack")
    assert (system.project / "pylock.stack.toml").exists()
    run("inspect", "idna==3.7", said="idna")
    run("upgrade", "stack", "--to", "torch==2.8.0+cu128", "--offline")


def engine_commands(system):
    run = system.run
    run("doctor", said="engine")
    system.commit("Locks")
    run("build", "web", "--push", said="built")
    run("verify", "web", said="checks hold")
    (system.project / "app.py").write_text("print(2)\n")
    system.commit("Another program")
    run("build", "web", said="built")
    run("history", "web", said="web@2")
    run("diff", "web@{main}", "web")
    run("push", "web")
    run("rollback", "web", said="web")
    run("inspect", "localhost:5000/web:latest", said="MB")


def test(name, folder, rig):
    """The commands of one system; what each group took."""
    system = System(name, folder, rig)
    for commands in (offline_commands, index_commands, *([engine_commands] if HAS_ENGINE else [])):
        began = time.monotonic()
        commands(system)
        yield f"{commands.__name__.replace('_', ' ')} ({time.monotonic() - began:.1f} s)"


@contextlib.contextmanager
def engine(folder):
    """A Docker Engine that has the image localhost/base and a registry beside it; gives the rig's folder."""
    up = subprocess.run([ENGINES / "rig", "up", "docker26", folder / "engine", str(os.getpid())], stdout=subprocess.PIPE, text=True, check=True)
    base = subprocess.run([ENGINES / "rig", "base"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    docker.DockerClient(base_url=up.stdout.strip(), timeout=300).api.import_image_from_file(base, repository="localhost/base", tag="latest")
    try:
        with suite.registry(folder / "engine", folder / "registry"):
            yield folder / "engine"
    finally:
        subprocess.run([ENGINES / "rig", "down", "docker26", folder / "engine"], check=False)


def main():
    print(f"1..{len(ROOTS)}")
    with tempfile.TemporaryDirectory(prefix="systems-") as temporary:
        folder = pathlib.Path(temporary).resolve()
        with engine(folder) if HAS_ENGINE else contextlib.nullcontext(folder) as rig:
            for number, name in enumerate(ROOTS, 1):
                (folder / name).mkdir()
                try:
                    for line in test(name, folder / name, rig):
                        print(f"# {name}: {line}", flush=True)
                    print(f"ok {number} - {name}: every command runs", flush=True)
                except (AssertionError, OSError, subprocess.SubprocessError) as error:
                    print(f"not ok {number} - {name}: every command runs\n# " + str(error).replace("\n", "\n# "), flush=True)
                shutil.rmtree(folder / name, ignore_errors=True)


main()
