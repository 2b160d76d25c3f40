#!/usr/bin/env python3
"""`lock`, and what works by a lock, against an index that is served here; and pip and uv, which read the lock too.

usage: lock_test.py SLIPWAY      TAP on standard output

pip (26.1 or later) and uv are looked for on PATH; without them their tests are skipped.
"""
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

from served import Server, answer, script

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

INDEX = {
    "app": {"1.0": ["lib>=2,<3", "app-parts>=1", "extra-only>=5; extra == 'gpu'"], "2.0": ["lib>=3"]},
    "app-parts": {"1.0": ["base>=4"], "1.1": ["base>=4"]},
    "base": {"4.0": [], "5.0": []},
    "extra-only": {"5.0": []},
    "lib": {"1.0": [], "2.0": [], "2.5": []},
    "source": {"1.0": ([], {"sdist": True})},
    "whole": {"1.0": ["base==4.0", "extra-only"], "2.0": ["base==5.0", "app-parts"]},
}
NEWER = {"app-parts": {"1.2": ["base>=4"]}, "base": {"6.0": []}, "lib": {"2.6": []}}
HEAD = "slipway: 1\nname: p\npython_version: '3.11'\n"
PROFILE = HEAD + "requirements: ['app[gpu]', lib>=2]\n"
PYTHON = HEAD.replace("3.11", "%d.%d" % sys.version_info[:2])


class Bench:
    """A folder with a profile, and the commands run in it."""

    def __init__(self, slipway, folder, url):
        self.slipway, self.folder, self.url = slipway, folder, url
        self.lock = folder / "pylock.p.toml"
        self.write(PROFILE)

    def write(self, text):
        (self.folder / "p.yaml").write_text(text)

    def environment(self):
        return os.environ | {"HOME": str(self.folder), "XDG_CACHE_HOME": str(self.folder / "cache"), "PIP_INDEX_URL": self.url,
                             "no_proxy": "*"}

    def run(self, *words):
        return subprocess.run([self.slipway, "-C", self.folder, *words], capture_output=True, text=True, env=self.environment(),
                              timeout=120)

    def start(self, *words):
        return subprocess.Popen([self.slipway, "-C", self.folder, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                env=self.environment())


def releases(text):
    return dict(re.findall(r'^name = "(.*)"\nversion = "(.*)"$', text, re.M))


def grown():
    """The index when newer releases have come."""
    return {name: rows | NEWER.get(name, {}) for name, rows in INDEX.items()}


def locks(bench, server):
    faults = []
    done = bench.run("lock", "p")
    first = bench.lock.read_text() if bench.lock.exists() else ""
    if done.returncode != 0 or releases(first) != {"app": "1.0", "app-parts": "1.1", "base": "5.0", "extra-only": "5.0", "lib": "2.5"}:
        return [f"{done.returncode}: {done.stdout}{done.stderr}{first}"]
    if first.count("hashes = { sha256 = ") != 5 or first.count("size = ") != 5:
        faults.append(f"not every file has a size and a digest: {first}")
    if not bench.run("lock", "p").stdout.endswith(": 5 packages, as before\n") or bench.lock.read_text() != first:
        faults.append("another lock of the same")
    return faults


def keeps(bench, server):
    """A new resolution keeps the releases of the lock as long as they fit, but for those that are to move."""
    faults = []
    bench.run("lock", "p")
    server.script |= script(grown())
    shutil.rmtree(bench.folder / "cache")
    bench.write(PROFILE.replace("lib>=2", "lib>=2, app-parts>=1"))
    bench.run("lock", "p")
    if releases(bench.lock.read_text())["lib"] != "2.5":
        faults.append("a release moved by itself")
    done = bench.run("lock", "p", "--upgrade-package", "App_Parts")
    found = releases(bench.lock.read_text())
    if (found["app-parts"], found["lib"], found["base"]) != ("1.2", "2.5", "5.0") or "app-parts: 1.1 -> 1.2\n" not in done.stdout:
        faults.append(f"--upgrade-package: {found} {done.stdout}{done.stderr}")
    bench.run("lock", "p", "--upgrade")
    found = releases(bench.lock.read_text())
    if (found["app-parts"], found["lib"], found["base"]) != ("1.2", "2.6", "6.0"):
        faults.append(f"--upgrade: {found}")
    bench.write(PROFILE.replace("lib>=2", "lib<2.5"))
    bench.run("lock", "p")
    if releases(bench.lock.read_text())["lib"] != "2.0":
        faults.append("a release that no longer fits stayed")
    return faults


def stale(bench, server):
    faults = []

    def expect(words, status, text):
        done = bench.run(*words)
        if done.returncode != status or text not in done.stdout + done.stderr:
            faults.append(f"{words}: {done.returncode} {done.stdout}{done.stderr}")

    expect(["render", "p", "--locked"], 1, "p.yaml:1:1: error: the profile has no lock [SW224]")
    bench.run("lock", "p")
    expect(["render", "p", "--locked"], 0, "--require-hashes")
    expect(["check", "p", "--locked"], 0, "")
    bench.write(PROFILE.replace("lib>=2", "lib>=1"))
    expect(["render", "p", "--locked"], 1, "pylock.p.toml:1:1: error: the lock was made from something else than the profile as it stands [SW224]")
    expect(["check", "p", "--locked"], 1, "[SW224]")
    expect(["render", "p", "--offline"], 0, "and is left aside [SW224]")
    expect(["build", "p", "--dry-run", "--locked"], 1, "as it stands [SW224]")
    bench.write(PROFILE + "environment: {A: b}\n")
    expect(["render", "p", "--locked"], 0, "--require-hashes")
    bench.lock.write_text("lock-version = \"1.0\"\n")
    expect(["render", "p"], 2, "pylock.p.toml:1:1: error: slipway did not write this lock: it has no table 'tool.slipway'")
    expect(["lock", "p"], 2, "slipway did not write this lock")
    expect(["lock", "p", "--upgrade"], 0, "5 packages")
    return faults


def renewed(bench, server):
    """A stale lock is renewed near the former one: in memory by the commands that judge, in its file by those that build or render."""
    faults = []
    bench.run("lock", "p")
    first = bench.lock.read_text()
    server.script |= script(grown())
    shutil.rmtree(bench.folder / "cache")
    bench.write(PROFILE.replace("app[gpu]", "app"))
    for words in (["check", "p"], ["plan", "p"], ["build", "p", "--dry-run"]):
        done = bench.run(*words)
        text = done.stdout + done.stderr
        if done.returncode != 0 or "warning" not in text or "; judged is the lock as it would be renewed [SW224]" not in text or "extra-only: 5.0 -> -" not in text:
            faults.append(f"{words}: {done.returncode} {text}")
    if bench.lock.read_text() != first:
        faults.append("a command that judges wrote the lock")
    done = bench.run("render", "p", "-o", "out")
    if done.returncode != 0 or "note: the lock was made from something else than the profile as it stands, and is renewed [SW224]" not in done.stderr:
        faults.append(f"{done.returncode} {done.stdout}{done.stderr}")
    if releases(bench.lock.read_text()) != {"app": "1.0", "app-parts": "1.1", "base": "5.0", "lib": "2.5"}:
        faults.append(bench.lock.read_text())
    if "base==5.0 --hash" not in (bench.folder / "out/requirements.txt").read_text():
        faults.append("another set is rendered")
    done = bench.run("check", "p", "--locked")
    if done.returncode != 0:
        faults.append(done.stdout + done.stderr)
    second = bench.lock.read_text()
    bench.write(PROFILE.replace("lib>=2", "lib<1"))
    done = bench.run("render", "p")
    if bench.lock.read_text() != second or "and is left aside: " not in done.stderr:
        faults.append(f"a lock without a set: {done.stdout}{done.stderr}")
    return faults


def built(bench, server):
    """A build is of the lock: the plan that `plan` shows."""
    faults = []
    done = bench.run("build", "p", "--dry-run", "--locked")
    if done.returncode != 1 or "the profile has no lock [SW224]" not in done.stderr:
        faults.append(f"{done.returncode} {done.stdout}{done.stderr}")
    before = bench.run("build", "p", "--dry-run").stdout
    bench.run("lock", "p")
    done, plan = bench.run("build", "p", "--dry-run", "--locked"), json.loads(bench.run("plan", "p", "--format", "json").stdout)
    if done.returncode != 0 or done.stdout == before or plan["digest"][:12] not in done.stdout or "lock" not in plan:
        faults.append(f"{done.returncode} {done.stdout}{done.stderr} {plan['digest']}")
    return faults


def refused(bench, server):
    """What has no lock leaves the former one as it was."""
    faults = []
    bench.run("lock", "p")
    first = bench.lock.read_bytes()
    for body, status, text in (("requirements: [app==1.0, lib==1.0]\n", 1, "[SW226]"),
                               ("requirements: ['git-one @ git+https://127.0.0.1:9/x']\n", 3, "all 40 digits of the commit"),
                               ("requirements: ['git-one @ git+ssh://git@127.0.0.1/x']\n", 2, "is not named with a commit")):
        bench.write(HEAD + body)
        done = bench.run("lock", "p")
        if done.returncode != status or text not in done.stdout + done.stderr:
            faults.append(f"{body}: {done.returncode} {done.stdout}{done.stderr}")
        if bench.lock.read_bytes() != first or sorted(path.name for path in bench.folder.iterdir() if path.name.startswith(("pylock", ".sl"))) != ["pylock.p.toml"]:
            faults.append(f"{body}: the former lock did not stay")
    return faults


def unknown(bench, server):
    """Packages whose requirements only a build tells come last, with these requirements, beside the set as it is locked; and that is said."""
    faults = []
    bench.write(HEAD + "requirements: [source, app==1.0]\n")
    bench.run("lock", "p")
    done = bench.run("render", "p", "-o", "out")
    dockerfile = (bench.folder / "out/Dockerfile").read_text()
    first, last = ((bench.folder / f"out/{name}.txt").read_text() for name in ("requirements", "requirements-2"))
    if "uv pip install --no-deps --require-hashes --requirement /opt/slipway/requirements.txt && \\\n" not in dockerfile or \
            "uv pip install --requirement /opt/slipway/requirements-2.txt\n" not in dockerfile:
        faults.append(dockerfile)
    if "source" in first or re.findall("^[a-z].*$", last, re.M) != ["source==1.0", "app==1.0", "app-parts==1.1", "base==5.0", "lib==2.5"]:
        faults.append(f"{first}{last}{done.stderr}")
    done = bench.run("check", "p", "--locked")
    if "what these require is known only when they are built: source 1.0 [SW403]" not in done.stdout + done.stderr:
        faults.append(done.stdout + done.stderr)
    return faults


def shown(bench, server):
    faults = []
    bench.run("lock", "p")
    plan = json.loads(bench.run("plan", "p", "--format", "json").stdout)
    rows = {row["name"]: row for row in plan["packages"]}
    if [entry["by"] for entry in rows["lib"]["required_by"]] != [None, "app"] or not rows["lib"]["size"]:
        faults.append(f"plan: {rows}")
    text = bench.run("plan", "p").stdout
    if "5 packages, " not in text or not re.search(r"^base +5\.0 +\d+ B +app-parts$", text, re.M):
        faults.append(text)
    text = bench.run("plan", "p", "--why", "Base").stdout
    if text != "base 5.0\n  the profile > app 1.0 > app-parts 1.1: base>=4\n":
        faults.append(text)
    done = bench.run("plan", "p", "--why", "nothing")
    if done.returncode != 2 or "the set has no 'nothing'" not in done.stderr:
        faults.append(done.stderr)
    why = json.loads(bench.run("plan", "p", "--why", "base", "--format", "json").stdout)
    if why != {"name": "base", "version": "5.0", "required_by": [
            {"way": [{"name": "app", "version": "1.0"}, {"name": "app-parts", "version": "1.1"}], "requirement": "base>=4"}]}:
        faults.append(str(why))
    return faults


TORCH = {"torch": {"2.8.0+cu126": ["nvidia-cublas-cu12==12.6.4.1", "triton==3.4.0"], "2.8.0+cpu": []}, "torchvision": {"0.23.0+cu126": ["torch"]}}
USUAL = {"torch": {"2.8.0": ["nvidia-cublas-cu12==12.8.4.1", "triton==3.4.0"]}, "torchvision": {"0.23.0": ["torch==2.8.0"]},
         "nvidia-cublas-cu12": {"12.6.4.1": [], "12.8.4.1": []}, "triton": {"3.4.0": []}}


def torch_index(bench, server):
    """torch of a CUDA that the default index lacks is locked from torch's own index, and its CUDA libraries with it."""
    faults = []
    server.script |= script(USUAL) | script(TORCH, "whl/cu126")
    (bench.folder / "slipway/profiles/catalog").mkdir(parents=True)
    images = (ROOT / "profiles/catalog/images.yaml").read_text()
    pattern = re.compile("^  url: .*/whl/{{variant}}\"$", re.M)
    (bench.folder / "slipway/profiles/catalog/images.yaml").write_text(pattern.sub(f'  url: "{server.url}/whl/{{{{variant}}}}"', images))
    for torch, expected in (("{version: 2.8.0, cuda: '12.6'}", "2.8.0+cu126 0.23.0+cu126 12.6.4.1"),
                            ("{version: 2.8.0, cuda: '12.8'}", "2.8.0 0.23.0 12.8.4.1")):
        bench.write(HEAD + f"torch: {torch}\nrequirements: [torchvision]\n")
        done = bench.run("lock", "p", "--upgrade")
        found = releases(bench.lock.read_text()) if bench.lock.exists() else {}
        if " ".join(found.get(name, "-") for name in ("torch", "torchvision", "nvidia-cublas-cu12")) != expected:
            faults.append(f"{torch}: {found} {done.stdout}{done.stderr}")
        checked = bench.run("check", "p", "--locked")
        if checked.returncode != 0:
            faults.append(f"{torch}: {checked.stdout}{checked.stderr}")
    bench.write(HEAD + "torch: {version: 2.8.0, cuda: '12.9'}\n")
    done = bench.run("lock", "p", "--upgrade")
    if done.returncode != 3 or "torch 2.8.0+cu129 comes from its own index: " not in done.stderr:
        faults.append(f"{done.returncode}: {done.stdout}{done.stderr}")
    return faults


def overridden(bench, server):
    """An override stands in the place of all other requirements of its project, in the lock and in the image."""
    faults = []

    def expect(words, status, text):
        done = bench.run(*words)
        if done.returncode != status or text not in done.stdout + done.stderr:
            faults.append(f"{words}: {done.returncode} {done.stdout}{done.stderr}")

    bench.write(PROFILE + "overrides: [lib<2, extra-only>=5]\n")
    expect(["check", "p"], 0, "0 errors, 0 warnings")
    expect(["lock", "p"], 0, "2 packages")
    if releases(bench.lock.read_text()) != {"app": "2.0", "lib": "1.0"}:
        faults.append(bench.lock.read_text())
    expect(["check", "p", "--locked"], 0, "0 errors, 0 warnings")
    expect(["render", "p", "-o", "out"], 0, "")
    if "lib<2\n" not in (bench.folder / "out/overrides.txt").read_text() or "ENV UV_OVERRIDE=" not in (bench.folder / "out/Dockerfile").read_text():
        faults.append("not rendered")
    bench.write(PROFILE + "overrides: [lib<2, extra-only<9]\n")
    expect(["check", "p", "--locked"], 1, "[SW224]")
    bench.write(PROFILE + "overrides: [base<4]\n")
    expect(["lock", "p"], 1, "base<4   (")
    bench.lock.unlink()
    bench.write(PROFILE + "overrides: [lib<2]\ninstaller: pip\n")
    expect(["check", "p"], 2, "pip knows no overrides, and the profile has no lock [SW102]")
    expect(["lock", "p"], 0, "2 packages")
    expect(["check", "p"], 0, "0 errors")
    bench.write(HEAD + "torch: {version: 2.8.0, cuda: '12.8'}\noverrides: [torch==2.7.0]\n")
    expect(["check", "p", "--offline"], 2, "the key 'torch' says already which torch is installed [SW102]")
    return faults


def without_digests(bench, server):
    """A file without a digest is read once, its digest recorded, and that is said."""
    faults = []
    server.script |= script({"bare": {"1.0": ([], {"hashes": False})}})
    bench.write(HEAD + f"requirements: [bare, 'lib @ {server.url}/files/lib-1.0-py3-none-any.whl']\n")
    done = bench.run("lock", "p")
    text = bench.lock.read_text() if bench.lock.exists() else ""
    found = sorted(re.findall('sha256 = "([0-9a-f]{64})"', text))
    expected = sorted(hashlib.sha256(urllib.request.urlopen(f"{server.url}/files/{name}-1.0-py3-none-any.whl").read()).hexdigest()
                      for name in ("bare", "lib"))
    if done.returncode != 0 or found != expected or "the lock has that of the file as it is there now: bare, lib [SW403]" not in done.stderr + done.stdout:
        faults.append(f"{done.returncode}: {done.stdout}{done.stderr}{text}")
    before = len([request for request in server.seen if request.path.endswith(".whl")])
    again = bench.run("lock", "p", "--upgrade")
    if "as before" not in again.stdout or len([request for request in server.seen if request.path.endswith(".whl")]) != before:
        faults.append(f"read again: {again.stdout}{again.stderr}")
    return faults


def base_libc(bench, server):
    """The wheels are those for the C library of the base image."""
    faults = []
    tags = {"1.0": "cp311-cp311-manylinux_2_17_x86_64 cp311-cp311-musllinux_1_2_x86_64", "1.1": "cp311-cp311-manylinux_2_31_x86_64",
            "1.2": "cp311-cp311-manylinux_2_35_x86_64", "1.3": "cp311-cp311-manylinux_2_41_x86_64"}
    server.script |= script({"lib": {version: ([], {"tag": tag}) for version, tag in tags.items()}})
    for base, version, libc in (("python:3.11-slim-bullseye", "1.1", 'glibc = "2.31"'), ("python:3.11-slim-bookworm", "1.2", 'glibc = "2.36"'),
                                ("auto", "1.3", 'glibc = "2.41"'), ("python:3.11-alpine", "1.0", 'musl = "1.2"'),
                                ("centos:7", "1.0", 'glibc = "2.17"'), ("example.org/base:1", "1.2", 'glibc = "2.35"'),
                                ("{bootstrap: 'debian:bullseye'}", "1.1", 'glibc = "2.31"')):
        bench.write(HEAD + f"base_image: {base}\nrequirements: [lib]\n")
        done = bench.run("lock", "p", "--upgrade")
        text = bench.lock.read_text() if bench.lock.exists() else ""
        if releases(text).get("lib") != version or libc not in text or ("musllinux" in text) != ("alpine" in base):
            faults.append(f"{base}: {done.stdout}{done.stderr}{text}")
    bench.write(HEAD + "base_image: example.org/base:1\nrequirements: [lib]\n")
    done = bench.run("check", "p")
    if "not judged (example.org/base:1: its C library is not known, and taken for glibc 2.35)" not in done.stdout + done.stderr:
        faults.append(done.stdout + done.stderr)
    bench.write(HEAD + "base_image: python:3.11-slim-bullseye\nrequirements: [lib==1.2]\n")
    done = bench.run("check", "p")
    if done.returncode != 1 or "[SW204]" not in done.stdout + done.stderr:
        faults.append(done.stdout + done.stderr)
    return faults


def base_digest(bench, server):
    """The base image is locked by the digest that an engine has for it, and kept until --upgrade or another base."""
    faults = []
    digests = ["sha256:" + digit * 64 for digit in "abc"]

    def serve(name, digest):
        row = {"Id": "sha256:" + "0" * 64, "RepoDigests": [f"example.org/other@{digests[2]}", f"{name}@{digest}"]}
        for tag in ("3.11-slim", "3.11"):
            server.script[f"/v1.44/images/{name}:{tag}/json"] = answer(json.dumps(row).encode(), Content_Type="application/json")

    def expect(words, digest, reference):
        done = bench.run("-H", server.url.replace("http:", "tcp:"), "lock", "p", *words)
        text, rendered = bench.lock.read_text(), bench.run("render", "p", "--locked").stdout
        if f'base-digest = "{digest}"\n' not in text or f"FROM {reference}@{digest}\n" not in rendered:
            faults.append(f"{words}: {done.stdout}{done.stderr}{text[-800:]}{rendered[:400]}")

    server.script["/_ping"] = answer(b"OK", Api_Version="1.44", Ostype="linux")
    for path in ("info", "version"):
        server.script[f"/v1.44/{path}"] = answer(b'{"ServerVersion": "26.1.5", "OSType": "linux", "Architecture": "x86_64", "Version": "26.1.5"}')
    bench.run("-H", server.url.replace("http:", "tcp:"), "lock", "p")
    if "base-digest" in bench.lock.read_text():
        faults.append("a digest of an image that the engine lacks")
    serve("python", digests[0])
    expect([], digests[0], "python:3.11-slim")
    serve("python", digests[1])
    expect([], digests[0], "python:3.11-slim")
    expect(["--upgrade"], digests[1], "python:3.11-slim")
    serve("python", digests[0])
    bench.write(PROFILE + "base_image: python:3.11\n")
    expect([], digests[0], "python:3.11")
    return faults


def unlocked(bench, server):
    """Without a lock `plan` shows the set as it resolves today, and writes nothing."""
    faults = []
    text = bench.run("plan", "p").stdout
    if not re.search(r"^base +5\.0 +\d+ B +app-parts$", text, re.M) or "as it resolves today: 'slipway lock p' keeps it\n" not in text:
        faults.append(text)
    text = bench.run("plan", "p", "--why", "base").stdout
    if text != "base 5.0\n  the profile > app 1.0 > app-parts 1.1: base>=4\n":
        faults.append(text)
    bench.write(PROFILE.replace("'app[gpu]', lib>=2", "app==1.0, lib==1.0"))
    done = bench.run("plan", "p")
    if done.returncode != 1 or "[SW210]" not in done.stderr + done.stdout:
        faults.append(f"no set: {done.stdout}{done.stderr}")
    return faults + (["a lock was written"] if bench.lock.exists() else [])


def interrupted(bench, server):
    """A lock that is killed leaves the former lock or the new lock, whole, and nothing else once another ran to its end."""
    bench.run("lock", "p")
    old = bench.lock.read_bytes()
    server.script |= script(grown())
    found = set()
    for number in range(40):
        bench.lock.write_bytes(old)
        shutil.rmtree(bench.folder / "cache", ignore_errors=True)
        process = bench.start("lock", "p", "--upgrade")
        time.sleep(random.random() * 0.005 * number)
        process.kill()
        process.communicate()
        found.add(bench.lock.read_bytes())
    bench.run("lock", "p", "--upgrade")
    new = bench.lock.read_bytes()
    left = sorted(path.name for path in bench.folder.iterdir() if path.name not in ("p.yaml", "pylock.p.toml", "cache"))
    return ([] if found <= {old, new} and new != old else ["a part of a lock"]) + ([f"left: {left}"] if left else [])


def many(bench, server):
    """Each profile has memory of its own: as many are locked as there are."""
    row = f"  - \"lib>=2; '{'x' * 7000}' != 'y'\"\n"
    for number in range(50):
        (bench.folder / f"q{number}.yaml").write_text(HEAD.replace("name: p", f"name: q{number}") + "requirements:\n" + row * 100)
    done = bench.run("lock")
    return [] if done.returncode == 0 and len(list(bench.folder.glob("pylock.q*.toml"))) == 50 else [f"{done.returncode}: {done.stderr[-300:]}"]


def compared(bench, server):
    """`diff` of two revisions shows the releases that moved."""
    def git(*words):
        subprocess.run(["git", "-C", bench.folder, "-c", "user.name=n", "-c", "user.email=e@example.org", *words], check=True,
                       capture_output=True)

    bench.run("lock", "p")
    git("init", "-q")
    git("add", "p.yaml", "pylock.p.toml")
    git("commit", "-qm", "one")
    server.script |= script(grown())
    shutil.rmtree(bench.folder / "cache")
    bench.run("lock", "p", "--upgrade-package", "base")
    text = bench.run("diff", "p@{HEAD}", "p").stdout
    return [] if re.search(r"^constraints\.base +base==5\.0 +base==6\.0$", text, re.M) and "app-parts" not in text else [text]


def upgraded(bench, server):
    """`upgrade` shows the packages that move along, by whom they are required, and says if the packages are not known."""
    faults = []

    def table(*words):
        done = bench.run("upgrade", "p", "--format", "json", "--dry-run", *words)
        rows = json.loads(done.stdout)["table"] if done.stdout.startswith("{") else []
        return {row["component"]: (row["old"], row["new"], row["verdict"], row["why"]) for row in rows}

    bench.write(HEAD + "requirements: [whole==1.0, lib>=2]\n")
    expected = {"whole": ("==1.0", "==2.0", "moved", None), "lib": ("2.5 (>=2)", "2.5 (>=2)", "same", None),
                "app-parts": (None, "1.1", "added", "required by whole"), "base": ("4.0", "5.0", "moved", "required by app-parts"),
                "extra-only": ("5.0", None, "removed", "required by whole")}
    found = table("--to", "whole==2.0")
    if {name: found.get(name) for name in expected} != expected or "other packages" in found:
        faults.append(f"the packages: {found}")
    found = table("--to", "lib==2.0")
    if found.get("lib") != ("2.5 (>=2)", "==2.0", "moved", None) or "base" in found or "other packages" in found:
        faults.append(f"packages that stay: {found}")
    shutil.rmtree(bench.folder / "cache", ignore_errors=True)
    found = table("--to", "whole==2.0", "--offline")
    if found.get("other packages") != (None, None, "unknown", "the packages that these require are not known"):
        faults.append(f"unknown: {found}")
    return faults


def apart(bench, server):
    """A profile that cannot be locked takes nothing from the lock of another: the digest of the base image stays."""
    (bench.folder / "a.yaml").write_text(HEAD.replace("name: p", "name: a") + "requirements: [app==1.0, lib==1.0]\n")
    bench.write(HEAD + "base_image: 'example.org/base:1'\nrequirements: [lib]\n")
    bench.run("lock", "p")
    digest = f'base = "example.org/base:1"\nbase-digest = "sha256:{"5" * 64}"\n'
    held = bench.lock.read_text().replace('python = "3.11"\n', digest + 'python = "3.11"\n')
    bench.lock.write_text(held)
    done = bench.run("lock", "a", "p")
    same = digest in held and done.returncode == 1 and bench.lock.read_text() == held
    return [] if same else [f"{done.returncode} {done.stdout}{done.stderr}\n{bench.lock.read_text()}"]


def installs(bench, server, command):
    """The lock, unchanged, gives exactly its set."""
    bench.write(PYTHON + "requirements: ['app[gpu]', lib>=2]\n")
    done = bench.run("lock", "p")
    before = bench.lock.read_bytes()
    venv = bench.folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    ran = subprocess.run([word.format(python=venv / "bin/python", lock=bench.lock) for word in command], capture_output=True, text=True,
                         env=os.environ | {"HOME": str(bench.folder), "no_proxy": "*"})
    found = {}
    for path in venv.glob("lib/*/site-packages/*.dist-info/METADATA"):
        text = path.read_text()
        found[re.search("^Name: (.*)$", text, re.M)[1]] = re.search("^Version: (.*)$", text, re.M)[1]
    return [] if ran.returncode == 0 and found == releases(before.decode()) and found and bench.lock.read_bytes() == before else \
        [f"{done.stderr}{ran.stdout}{ran.stderr}{found}"]


def rebuilt(bench, server):
    """What is rendered from a lock installs the same files 10 times of 10, by the rendered command's own options, while the index gains releases
    and files of releases that it has, and the cache is lost."""
    uv, pip = shutil.which("uv"), shutil.which("pip")
    options = ["--no-deps", "--require-hashes", "--requirement", bench.folder / "out/requirements.txt"]
    install = [uv, "pip", "install", "-q", "--python", sys.executable, "--no-config"] if uv else [pip, "--isolated", "install", "-q"]
    install += ["--default-index" if uv else "--index-url", bench.url]
    bench.write(PYTHON + "requirements: ['app[gpu]', lib>=2]\n")
    bench.run("lock", "p")
    lock, seen, faults = bench.lock.read_bytes(), set(), []
    for number in range(10):
        shutil.rmtree(bench.folder / "cache", ignore_errors=True)
        done, site = bench.run("render", "p", "--locked", "-o", "out"), bench.folder / f"site-{number}"
        rendered = [(bench.folder / "out" / name).read_bytes() for name in ("Dockerfile", "requirements.txt", "constraints.txt")]
        if " ".join(options[:2]) not in rendered[0].decode():
            faults.append("the Dockerfile installs otherwise than this test")
        ran = subprocess.run([*install, *options, "--target", site], capture_output=True, text=True,
                             env=os.environ | {"HOME": str(bench.folder), "UV_CACHE_DIR": str(bench.folder / f"cache-{number}"), "no_proxy": "*"})
        files = {str(path.relative_to(site)): path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()}
        if done.returncode != 0 or ran.returncode != 0 or sum(name.endswith(".dist-info/RECORD") for name in files) != 5:
            faults.append(f"{done.stderr}{ran.stdout}{ran.stderr}{list(files)}")
        seen.add(hashlib.sha256(repr((rendered, files)).encode()).hexdigest())
        newer = {name: {f"9.{number}": []} for name in INDEX}
        more = {"base": {"5.0": ([], {"tag": f"py3-none-any py3{number}-none-any py2.py3-none-any"})}}
        server.script |= script({name: rows | newer[name] | more.get(name, {}) for name, rows in grown().items()})
    if len(seen) != 1 or bench.lock.read_bytes() != lock:
        faults.append(f"{len(seen)} different results of 10")
    bench.run("lock", "p", "--upgrade")
    if releases(bench.lock.read_text())["app"] == "1.0":
        faults.append("the index has nothing new, so that this test proves nothing")
    return faults


def installers():
    uv, pip = shutil.which("uv"), shutil.which("pip")
    version = subprocess.run([pip, "--version"], capture_output=True, text=True).stdout if pip else ""
    new = re.match(r"pip (\d+)\.(\d+)", version)
    yield "uv pip sync", [uv, "pip", "sync", "--python", "{python}", "--no-config", "{lock}"] if uv else None
    recent = new and (int(new[1]), int(new[2])) >= (26, 1)
    yield "pip install -r", [pip, "--isolated", "--python", "{python}", "install", "-r", "{lock}"] if recent else None


def main(slipway):
    slipway = pathlib.Path(slipway).resolve()
    tests = [(test.__name__, test, ()) for test in (locks, keeps, stale, renewed, built, refused, unknown, shown, torch_index, overridden, without_digests, base_libc, base_digest, rebuilt, unlocked, interrupted, many, compared, upgraded, apart)]
    tests += [(name, installs, (command,)) for name, command in installers()]
    failed = 0
    for number, (name, test, more) in enumerate(tests, 1):
        if more == (None,):
            print(f"ok {number} - {name} # SKIP no such installer here")
            continue
        with tempfile.TemporaryDirectory(prefix="lock-") as temporary, Server(script(INDEX)) as server:
            faults = test(Bench(slipway, pathlib.Path(temporary), f"{server.url}/simple"), server, *more)
        failed += bool(faults)
        print(f"{'not ok' if faults else 'ok'} {number} - {name}")
        for fault in faults:
            print("\n".join(f"# {line}" for line in fault.split("\n")))
    print(f"1..{len(tests)}")
    return 1 if failed else 0


sys.exit(main(sys.argv[1]))
