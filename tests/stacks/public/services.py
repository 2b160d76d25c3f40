#!/usr/bin/env python3
"""Public services as they stand: each file of theirs that slipway reads is judged, brought in by `init`, and built as it is.

usage: services.py SLIPWAY FOLDER... [--gpu NAME] [--only WAY] [--engine URL [--stand-in IMAGE]] [--seconds N]

A line on standard output for each file and way. FOLDER is a clone of a service, or a folder of clones, with a work tree or without.
Nothing in them is changed: each is copied first.
    check   errors and warnings with their codes and lines, and how many subjects were proven, wrong and not judged
    init    complete: at most one line is named as not carried over; in part: the lines that it names; refused: its words
    build   only with --engine, and only Dockerfiles: a profile with `dockerfile` is built on this engine. A base image that cannot be
            pulled gets --stand-in (an image that the engine has) by the same name. What is told: the words at which the build ends,
            and whether every byte of the Dockerfile was kept in what was sent.
At the end stands how many there were of each. The package index is asked, and a build takes what its steps take: so this is no part
of the test suite. Exit status 0 if no answer was silent or late, no command crashed and no byte was lost; 1 otherwise.
"""
import argparse
import collections
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

try:
    import docker  # python3-docker: only for --engine
except ImportError:
    docker = None

NAMES = re.compile(r"(Dockerfile|Containerfile)(\.\w[\w.-]*)?|.*\.Dockerfile|requirements[\w.-]*\.txt|pyproject\.toml|uv\.lock|poetry\.lock|"
                   r"pylock[\w.-]*\.toml|Pipfile\.lock|cog\.yaml|environment[\w.-]*\.ya?ml|(docker-)?compose[\w.-]*\.ya?ml|config\.yaml")
IS_DOCKERFILE = re.compile(r"(Dockerfile|Containerfile)(\.\w[\w.-]*)?|.*\.Dockerfile")
FILES = 12  # of one service


def clones(folder):
    """The git directories in a folder that is a clone, or in the folders below it."""
    for path in (folder, folder / ".git", folder / "repo"):
        if (path / "HEAD").is_file():
            return [path]
    return [git for child in sorted(folder.iterdir()) if child.is_dir() for git in clones(child)]


def copy(git, to):
    """The files of the newest commit, as far as the clone has them; returns how many there are."""
    listed = subprocess.run(["git", "--git-dir", git, "ls-tree", "-rz", "HEAD"], capture_output=True).stdout.decode(errors="surrogateescape")
    rows = [(*head.split(), path) for head, _, path in (row.partition("\t") for row in listed.split("\0") if row)]
    files = [(mode, digest, to / path) for mode, kind, digest, path in rows if kind == "blob" and mode != "120000"]
    asked = "".join(f"{digest}\n" for _, digest, _ in files).encode()
    data, at, count = subprocess.run(["git", "--git-dir", git, "cat-file", "--batch"], input=asked, capture_output=True).stdout, 0, 0
    for mode, _, path in files:
        end = data.index(b"\n", at)
        words, at = data[at:end].split(), end + 1
        if words[-1] != b"missing":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data[at:at + int(words[2])])
            path.chmod(0o755 if mode == "100755" else 0o644)
            at, count = at + int(words[2]) + 1, count + 1
    return count


def inputs(folder):
    found = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file() and NAMES.fullmatch(path.name)]
    found = [path for path in found if path.name != "config.yaml" or re.search(r"(?m)^(model_name|resources|requirements):", (folder / path).read_text(errors="replace"))]
    return sorted(found, key=lambda path: (len(path.parts), str(path)))[:FILES]


class Service:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder

    def slipway(self, *words):
        """The exit status, what was printed as JSON (the last line of a build), and the errors."""
        command = [self.options.slipway, "-C", self.folder, "--format", "json", *words]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=self.options.seconds)
        except subprocess.TimeoutExpired as late:
            return 124, {}, (late.stderr or b"").decode(errors="replace")
        text = done.stdout if words[0] != "build" else (done.stdout.splitlines() or [""])[-1]
        try:
            return done.returncode, json.loads(text), done.stderr
        except json.JSONDecodeError:
            return done.returncode, {}, done.stderr

    def check(self, file):
        status, answer, errors = self.slipway("check", file, "--gpu", self.options.gpu)
        if not answer:
            return status in (1, 2, 3) and bool(errors.strip()), f"status {status}: {' '.join(errors.split())[:200]}"
        said = [f"{f['severity']} {f['code']} {f['file']}:{f['line']} {f['message'][:110]}" for f in answer["findings"] if f["severity"] != "note"]
        notes = sum(f["severity"] == "note" for f in answer["findings"])
        judged = collections.Counter(row["judgement"] for row in answer.get("coverage", []))
        told = bool(said) or notes > 0 or judged["proven"] > 0
        return told, "; ".join([f"{dict(judged)}, {notes} notes", *said])

    def init(self, file):
        (self.folder / "slipway/public.yaml").unlink(missing_ok=True)
        status, answer, errors = self.slipway("init", "public", "--gpu", self.options.gpu, "--from", file)
        if status != 0:
            words = " ".join([f["message"] for f in answer.get("findings", [])] or errors.split())
            return status in (1, 2, 3) and bool(words), f"refused: {words[:200]}"
        left = [f"{row['line']}: {row['text'][:50]} ({row['why'][:60]})" for row in answer.get("left_out", [])]
        kept = "as it is" if "\ndockerfile:" in (self.folder / "slipway/public.yaml").read_text() else "in slipway's words"
        return True, "; ".join([f"{'complete' if len(left) <= 1 else 'in part'}: {kept}", *left])

    def give_bases(self, file):
        """Tag the stand-in by the name of each base image of a Dockerfile; the names that no tag can have."""
        client, text = docker.DockerClient(base_url=self.options.engine), (self.folder / file).read_text(errors="replace")
        values, stages, refused = dict(re.findall(r"(?m)^ARG\s+(\w+)=[\"']?([^\s\"']*)", text)), set(), []
        for base, stage in re.findall(r"(?mi)^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", text):
            base = re.sub(r"\$\{?(\w+)(?::-([^}]*))?\}?", lambda match: values.get(match[1], match[2] or ""), base)
            if base != "scratch" and base not in stages:
                name, _, tag = base.partition(":") if "/" not in base.partition(":")[2] else (base, "", "")
                if "@" in base or not client.api.tag(self.options.stand_in, name, tag or "latest"):
                    refused.append(base)
            stages.add(stage)
        return refused

    def build(self, file):
        profile = self.folder / "slipway/built.yaml"
        profile.parent.mkdir(exist_ok=True)
        profile.write_text(f"slipway: 1\nname: built\ndockerfile: {{path: '../{file}', context: ..}}\nimage: {{name: localhost/public-service}}\n")
        printed = subprocess.run([self.options.slipway, "-C", self.folder, "render", "built"], capture_output=True).stdout
        kept = printed.startswith((self.folder / file).read_bytes())
        refused = self.give_bases(file)
        ends, text, stopped = self.run_build()
        codes = sorted(set(re.findall(r"error: .*\[(SW2\d\d)\]", text)))
        if ends != 0 and codes:  # what the check refuses is known from `check`: here the build counts
            with profile.open("a") as end:
                end.write("ignore:\n" + "".join(f"- {{code: {code}, why: only built}}\n" for code in codes))
            ends, text, stopped = self.run_build()
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("slipway: interrupted", "log: "))] or [""]
        errors = [line for line in lines if "error: " in line] or lines[-1:]
        words = "built" if ends == 0 else f"stopped at: {lines[-1][:200]}" if stopped else errors[-1][:300]
        return kept, f"{'every byte kept' if kept else 'BYTES LOST'}, {words}{f', no stand-in for {refused}' if refused else ''}"

    def run_build(self):
        command = [self.options.slipway, "-C", self.folder, "-H", self.options.engine, "build", "built", "--no-record", "--progress", "plain"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as running:
            try:
                text = running.communicate(timeout=self.options.seconds)[0]
                return running.returncode, text, False
            except subprocess.TimeoutExpired:
                running.send_signal(signal.SIGINT)
                return 130, running.communicate()[0], True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slipway", type=pathlib.Path)
    parser.add_argument("folders", nargs="+", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--gpu", default="rtx-4090")
    parser.add_argument("--engine", help="also build the Dockerfiles, on this engine")
    parser.add_argument("--stand-in", default="localhost/stand-in:latest", metavar="IMAGE")
    parser.add_argument("--only", choices=("check", "init", "build"), help="only this way")
    parser.add_argument("--seconds", type=int, default=300, help="of one command (300)")
    options = parser.parse_args()
    options.slipway = options.slipway.resolve()
    count, faults = collections.Counter(), 0
    for git in (git for folder in options.folders for git in clones(folder)):
        with tempfile.TemporaryDirectory(prefix="service-") as temporary:
            if copy(git, pathlib.Path(temporary, "service")) == 0:
                print(f"## {git}: cannot be read", flush=True)
                continue
            service = Service(options, pathlib.Path(temporary, "service"))
            for file in inputs(service.folder):
                ways = {"check": service.check, "init": service.init}
                if options.engine and IS_DOCKERFILE.fullmatch(file.name):
                    ways["build"] = service.build
                for way in [way for way in ways if options.only in (None, way)]:
                    right, text = ways[way](file)
                    print(f"{git} {file} {way}: {'' if right else 'FAULT '}{text}", flush=True)
                    count[f"{way} {text.split(':')[0] if way == 'init' else ''}".strip()] += 1
                    faults += not right
    print(f"{dict(count)}, {faults} faults")
    return faults > 0


if __name__ == "__main__":
    sys.exit(main())
