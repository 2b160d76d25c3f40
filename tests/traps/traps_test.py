#!/usr/bin/env python3
"""No command runs what lies in the folder that it looks at: whoever checks a pull request does not run its files.

usage: traps_test.py SLIPWAY      (TAP on standard output)

The project's folder and a folder below it hold a trap for each program that slipway may start, for the modules that a
Python imports and for what git is configured to run. Each trap leaves its name in a file. The variables of the user lead there
in each way that a careless shell configuration does: entries of PATH that are relative or empty, a relative HOME, and the
variables by which other programs are told what to run.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

PROGRAMS = """python3 python pip pip3 uv git ssh ssh-agent docker-credential-trap docker-credential-desktop debootstrap unshare env sh bash
    dpkg apt-get apt-config dockerd docker containerd runc crun podman buildah buildkitd nvidia-smi nvidia-container-cli cc gcc c++
    ld strip objdump cuobjdump readelf tar gzip xz sudo""".split()
MODULES = "logging json os site sitecustomize usercustomize encodings subprocess configparser".split()
PROFILE = """\
slipway: 1
name: {name}
python_version: "3.11"
{base}torch: {{version: "2.6.0", cuda: "12.4"}}
accelerators: [a100]
requirements: ["numpy<2"]
image: {{name: example/{name}, tags: [x]}}
"""
LOG = """\
#10 ERROR: process "/bin/sh -c pip install numpy" did not complete successfully: exit code: 1
AssertionError: Wrong CUDA: 12.6
"""
COMMANDS = [
    ["check"], ["plan", "plain"], ["render", "plain", "-o", "rendered"], ["build", "plain"],
    ["build", "bare"], ["build", "--all", "-j", "2"], ["build", "plain", "--dry-run"], ["build", "plain", "--secret", "id=x,env=HOME"],
    ["build", "plain", "--gpus", "all"], ["fix", "plain"], ["fix", "plain", "--dry-run"], ["upgrade", "plain", "--to", "torch==2.7.0"],
    ["inspect", "numpy==1.26.4"], ["catalog", "verify"], ["doctor"], ["push", "plain"], ["verify", "plain"], ["verify", "python:3.11"],
    ["rollback", "plain"], ["history"], ["diff", "plain", "bare"], ["diff", "plain@{HEAD}", "plain"], ["list"], ["matrix"], ["gpus"],
    ["suggest", "--gpu", "a100"], ["init", "other", "--from", "requirements.txt", "--gpu", "a100"], ["explain", "build.log"],
    ["-H", "ssh://nobody@127.0.0.1:9", "doctor"], ["-H", "ssh://nobody@127.0.0.1:9", "build", "plain"], ["help"], ["version"], ["schema"],
]


class Failed(Exception):
    pass


def make_programs(folder, log, names):
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(f"#!/bin/sh\necho program {name} >>{log}\nexit 1\n")
        (folder / name).chmod(0o755)


def make_modules(folder, log):
    for name in [*(f"{module}.py" for module in MODULES), "pip/__init__.py", "pip/__main__.py", "pip/_internal/__init__.py"]:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"open({str(log)!r}, 'a').write('module {name}\\n')\n")


def make_project(folder, log):
    """A repository of a stranger's, as git gives it to whoever has cloned it, and what a stranger may put beside .git."""
    make_programs(folder, log, [name for name in PROGRAMS if name != "pip"])
    make_programs(folder / "bin", log, PROGRAMS)
    make_modules(folder, log)
    for name, base in [("plain", ""), ("bare", 'base_image: {bootstrap: "debian:bookworm"}\n')]:
        (folder / f"{name}.yaml").write_text(PROFILE.format(name=name, base=base))
    (folder / "requirements.txt").write_text("numpy\n")
    (folder / "build.log").write_text(LOG)
    (folder / ".gitattributes").write_text("* filter=trap diff=trap\n")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", folder]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "plain.yaml", "bare.yaml"], check=True)
    subprocess.run([*git, "commit", "-qm", "first"], check=True)
    trap = folder / "bin" / "git"
    for key in ["core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "filter.trap.clean", "filter.trap.smudge",
                "diff.trap.command", "diff.trap.textconv", "credential.helper"]:
        subprocess.run([*git, "config", key, trap], check=True)
    for hook in ["pre-commit", "post-checkout", "reference-transaction", "post-index-change"]:
        (folder / ".git/hooks").mkdir(exist_ok=True)
        (folder / ".git/hooks" / hook).write_text(trap.read_text())
        (folder / ".git/hooks" / hook).chmod(0o755)


def environments(home, real):
    """What leads into the folder, by name. `real`: a PATH with the machine's programs."""
    common = {"LC_ALL": "C.UTF-8", "HOME": str(home), "PATH": real, "DOCKER_CONFIG": str(home),
              "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    yield "nothing", common
    nowhere = str(home / "nowhere")
    for path in [".", "", f".:{real}", f":{real}", f"bin:{real}", f"./bin:{real}", f"{real}:", f"{nowhere}:.", f"{nowhere}::bin"]:
        yield f"PATH={path}", {**common, "PATH": path}
    yield "HOME=.", {**common, "HOME": "."}
    yield "Python's", {**common, "PYTHONPATH": ".", "PYTHONHOME": ".", "PYTHONSTARTUP": "site.py", "VIRTUAL_ENV": ".", "PATH": f"bin:{real}"}
    yield "the shell's", {**common, "BASH_ENV": "bin/sh", "ENV": "bin/sh", "SHELL": "bin/sh", "PATH": f":{real}"}
    yield "git's", {**common, "GIT_SSH": "bin/ssh", "GIT_EXEC_PATH": "bin", "GIT_CONFIG_GLOBAL": ".git/config", "GIT_PAGER": "bin/git"}
    yield "XDG", {**common, "XDG_CONFIG_HOME": ".", "XDG_CONFIG_DIRS": ".:", "XDG_CACHE_HOME": "cache", "XDG_RUNTIME_DIR": "."}


class Tests:
    def __init__(self, folder, slipway):
        self.slipway, self.log, self.home = slipway, folder / "log", folder / "home"
        self.project, self.real = folder / "project", os.environ.get("PATH", os.defpath)
        self.home.mkdir()
        (self.home / "config.json").write_text('{"credsStore": "trap"}')
        make_project(self.project, self.log)

    def sprung(self):
        names = sorted(set(self.log.read_text().splitlines())) if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return names

    def run(self, words, cwd, environment):
        # Only `doctor` may look for a program to start as an engine; the others would start it.
        host = {} if "doctor" in words else {"DOCKER_HOST": f"unix://{self.home}/nowhere"}
        subprocess.run([self.slipway, *words], cwd=cwd, env={**environment, **host}, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120, check=False)

    def the_traps_work(self):
        """Each would be seen: a shell that is led here starts the programs, a Python that is started here imports the modules."""
        for path in [".", "", "bin"]:
            names = [name for name in PROGRAMS if name != "pip" or path == "bin"]
            subprocess.run(["/bin/sh", "-c", "; ".join(f"command {name}" for name in names)], cwd=self.project, env={"PATH": path},
                           check=False)
            missing = {f"program {name}" for name in names} - set(self.sprung())
            if missing:
                raise Failed(f"PATH={path}: these traps did not spring: {sorted(missing)}")
        for module in ["pip", "logging", "json"]:
            subprocess.run([sys.executable, "-c", f"import {module}"], cwd=self.project, check=False, stderr=subprocess.DEVNULL)
            if not any(module in name for name in self.sprung()):
                raise Failed(f"the trap of the module {module} did not spring")

    def no_command_springs_one(self):
        faults = []
        for name, environment in environments(self.home, self.real):
            for words in COMMANDS:
                # Without --offline each look at the index, which cannot be reached here, is tried again after a while.
                self.run(words if name == "nothing" else ["--offline", *words], self.project, environment)
                faults += [f"{name}: slipway {' '.join(words)} ran {trap}" for trap in self.sprung()]
        if faults:
            raise Failed("\n".join(faults))

    def no_command_springs_one_from_elsewhere(self):
        """-C says which folder it is, and the folder that it is said in may be a stranger's too."""
        faults = []
        environment = dict(environments(self.home, self.real))[f"PATH=.:{self.real}"]
        for cwd, folder in [(self.home, self.project), (self.project / "bin", ".."), (self.project, "bin")]:
            for words in [["check"], ["plan", "plain"], ["doctor"], ["inspect", "numpy==1.26.4"]]:
                self.run(["-C", folder, "--offline", *words], cwd, environment)
                faults += [f"in {cwd}: slipway -C {folder} {' '.join(words)} ran {trap}" for trap in self.sprung()]
        if faults:
            raise Failed("\n".join(faults))


def main():
    with tempfile.TemporaryDirectory(prefix="slipway-test-") as folder:
        tests = Tests(pathlib.Path(folder).resolve(), pathlib.Path(sys.argv[1]).resolve())
        functions = [tests.the_traps_work, tests.no_command_springs_one, tests.no_command_springs_one_from_elsewhere]
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
