#!/usr/bin/env python3
"""A home that cannot be written, or is not there: each command answers as it does with one, and says so where it matters.

usage: home_test.py SLIPWAY      (TAP on standard output)
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROFILE = """\
slipway: 1
name: plain
python_version: 3.1
torch: {version: "2.6.0", cuda: "12.4"}
accelerators: [a100]
requirements: ["torchvision==0.20.0"]
image: {name: example/plain, tags: [x]}
"""
GOOD = PROFILE.replace("3.1\n", '"3.11"\n').replace("torchvision==0.20.0", "torchvision")
COMMANDS = [
    ["check"], ["check", "good"], ["plan", "good"], ["render", "good", "-o", "rendered"], ["build", "good", "--dry-run"], ["build", "good"],
    ["fix", "plain"], ["fix", "plain", "--dry-run"], ["upgrade", "good", "--to", "torch==2.7.0"], ["inspect", "numpy==1.26.4"],
    ["catalog", "verify", "torch.yaml"], ["history"], ["list"], ["matrix"], ["gpus"], ["diff", "plain", "good"],
    ["suggest", "--gpu", "a100"], ["init", "other", "--from", "requirements.txt", "--gpu", "a100"], ["explain", "requirements.txt"],
    ["doctor"], ["push", "good"], ["verify", "good"], ["rollback", "good"], ["help"], ["schema"],
]
# No folder can be made there, not even by root.
IN_VAIN = ["/dev/null/x", "/proc/x"]


class Failed(Exception):
    pass


def environments():
    """By name; none of these homes can be written."""
    for path in IN_VAIN:
        yield f"HOME={path}", {"HOME": path}
        yield f"XDG_…={path}", {"HOME": "/", "XDG_CACHE_HOME": path, "XDG_STATE_HOME": path}
    yield "HOME is relative", {"HOME": ".", "XDG_CACHE_HOME": "/proc/x", "XDG_STATE_HOME": "/proc/x"}


class Tests:
    def __init__(self, slipway, folder):
        self.slipway, self.folder = slipway, folder

    def run(self, words, variables, *more):
        """Exit status, what was said, and the files that are there then."""
        shutil.rmtree(self.folder / "project", ignore_errors=True)
        project = self.folder / "project"
        project.mkdir()
        (project / "plain.yaml").write_text(PROFILE)
        (project / "good.yaml").write_text(GOOD.replace("name: plain", "name: good"))
        (project / "requirements.txt").write_text("numpy\n")
        environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": "/dev/null",
                       "DOCKER_HOST": f"unix://{self.folder}/nowhere", **variables}
        done = subprocess.run([self.slipway, "--offline", *more, *words], cwd=project, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False)
        files = {str(path.relative_to(project)): path.read_bytes() for path in project.rglob("*") if path.is_file()}
        return done.returncode, done.stdout, files, done.stderr

    def commands_answer_as_with_a_home(self):
        faults = []
        for words in COMMANDS:
            home = self.folder / "home"
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            wanted = self.run(words, {"HOME": str(home)})
            for name, variables in environments():
                got = self.run(words, variables)
                if got[:3] != wanted[:3]:
                    faults.append(f"{name}: slipway {' '.join(words)}: {got[0]} for {wanted[0]}: {got[3][-300:]!r}")
        if faults:
            raise Failed("\n".join(faults))

    def it_is_said_where_it_matters(self):
        for words, more, wanted in [(["build", "good", "--no-record"], [], "note: no log of this build is kept: cannot make directory '/proc/x'"),
                                    (["check", "good"], ["-v"], "note: nothing is kept between runs: cannot make directory '/proc/x'"),
                                    (["check", "good"], [], "")]:
            said = self.run(words, {"HOME": "/proc/x"}, *more)[3]
            notes = [line for line in said.splitlines() if line.startswith("note: ")]
            if len(notes) != bool(wanted) or not all(line.startswith(wanted) for line in notes):
                raise Failed(f"slipway {' '.join([*more, *words])}: {notes}, wanted {wanted!r}")


def main():
    with tempfile.TemporaryDirectory(prefix="slipway-test-") as folder:
        tests = Tests(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(folder).resolve())
        functions = [tests.commands_answer_as_with_a_home, tests.it_is_said_where_it_matters]
        print(f"1..{len(functions)}")
        failed = False
        for number, function in enumerate(functions, 1):
            name = f"{number} - {function.__name__.replace('_', ' ')}"
            try:
                function()
                print(f"ok {name}", flush=True)
            except Failed as problem:
                failed = True
                print(f"not ok {name}\n# " + str(problem).replace("\n", "\n# "), flush=True)
        return failed


if __name__ == "__main__":
    sys.exit(main())
