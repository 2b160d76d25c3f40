#!/usr/bin/env python3
"""Every command with hostile texts in every profile's field, argument, option, log and file: nothing in its output is obeyed.

usage: hostile_test.py SLIPWAY   (TAP on standard output)

What engines and images say is in tests/verify/foreign_test.py, what builds say in tests/display.
"""
import concurrent.futures
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import hostile

SLIPWAY = pathlib.Path(sys.argv[1]).resolve()
NO_ENGINE = ("-H", "unix:///nowhere.sock")
PROFILE = {
    "slipway": 1, "name": "app", "description": "d", "accelerators": ["rtx-4090"], "driver": ">=570", "python_version": "3.11",
    "installer": "uv", "base_image": "auto", "torch": {"version": "2.5.1", "cuda": "12.4"}, "requirements": ["numpy<2"],
    "constraints": ["pip<99"], "indexes": [{"url": "default", "for": ["torch"]}], "system_packages": ["git"],
    "environment": {"A": "b"}, "secrets": [{"id": "t", "env": "T"}], "context": {"path": ".", "copy": [{"from": "a", "to": "/a"}]},
    "steps": ["true"], "command": ["python"], "assertions": [{"that": "torch.version.cuda", "is": ">=12"}, {"import": "numpy"}],
    "image": {"name": "x/y", "tags": ["{{profile}}"]}, "ignore": [{"code": "SW204", "why": "w"}],
}
COMMANDS = [("check", "app"), ("plan", "app"), ("lock", "app"), ("list",), ("matrix",), ("build", "app", "--dry-run", *NO_ENGINE), ("diff", "app", "app"),
            ("fix", "app", "--dry-run"), ("render", "app"), ("upgrade", "app", "--to", "torch==2.8.0", "--dry-run"),
            ("doctor", *NO_ENGINE), ("history", "app")]
# Their results are files for programs, which get them byte for byte unless a person or a runner reads.
FILES = {"fix", "render", "completion", "schema", "suggest"}
ARGUMENTS = [("check", "%"), ("plan", "%"), ("lock", "%"), ("lock", "app", "--upgrade-package", "%"), ("plan", "app", "--why", "%"), ("build", "%", *NO_ENGINE), ("verify", "%", *NO_ENGINE), ("explain", "%"), ("help", "%"),
             ("push", "%", *NO_ENGINE), ("rollback", "%", *NO_ENGINE), ("history", "%"), ("inspect", "%"), ("init", "%", "--gpu", "t4"),
             ("init", "x", "--gpu", "%"), ("suggest", "--gpu", "%"), ("suggest", "--gpu", "t4", "--with", "%"), ("diff", "%", "%"),
             ("upgrade", "app", "--to", "%"), ("catalog", "verify", "%"), ("list", "-C", "%"), ("doctor", "-H", "%"), ("list", "--%"),
             ("%",), ("build", "app", "--secret", "%"), ("build", "app", "--build-arg", "%"), ("build", "app", "--allow", "%")]
LOG = ["%", "#9 0.1 %", "#9 ERROR: %", "ModuleNotFoundError: No module named '%'", "ERROR: No matching distribution found for %",
       "ERROR: failed to solve: %: not found", "RuntimeError: % is not supported"]
DRAFTS = {"requirements.txt": ["torch==2.5.1", "%", "x @ %", "--index-url %", "-r %", "-e %"],
          "Dockerfile": ["FROM %", "RUN pip install %", "ENV A=%", "COPY % /x", "% x", "CMD [\"%\"]"],
          "config.yaml": ["model_name: m", "requirements: [%]", "environment_variables: {A: %}", "system_packages: [%]"]}


# Calls of `slipway mcp`, with the text in each argument.
CALLS = [("check", {"targets": ["%"]}), ("check", {"targets": ["Dockerfile"], "gpus": ["%"], "driver": "%", "python": "%"}),
         ("check", {"targets": ["Dockerfile"], "gpus": ["t4"], "build_args": ["A=%"]}),
         ("check", {"targets": ["Dockerfile"], "gpus": ["t4"], "stage": "%"}),
         ("explain", {"log": "#9 ERROR: %\nModuleNotFoundError: No module named '%'\n", "profile": "%"}), ("fix", {"profile": "%"}),
         ("inspect", {"subject": "%", "module": "%", "name": "%"}), ("plan", {"profile": "app", "why": "%"}), ("plan", {"profile": "%"}),
         ("suggest", {"gpus": ["t4"], "with": ["%"]}), ("%", {}), ("check", {"%": "%"})]


def run(folder, words, form, environment, files=(), sent=b""):
    for name, text in files:
        pathlib.Path(folder, name).write_bytes(text)
    kept = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
    done = subprocess.run([SLIPWAY, "--format", form, "--offline", *words], cwd=folder, capture_output=True, timeout=100,
                          input=sent,
                          env={"PATH": os.defpath, "HOME": folder, "LC_ALL": "C.UTF-8", **kept, **environment})
    assert 0 <= done.returncode <= 3, (done.returncode, done.stderr[-3000:])
    shown = words[0] not in FILES or "GITHUB_ACTIONS" in environment
    if shown:
        hostile.check_text(done.stdout, form == "github")
    hostile.check_text(done.stderr, form == "github")


def jobs_of_profiles():
    def places(value, path=()):
        for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
            yield from places(value[key], (*path, key))
        if not isinstance(value, (dict, list)):
            yield path

    for path in places(PROFILE):
        for text in hostile.TEXTS:
            profile = copy.deepcopy(PROFILE)
            at = profile
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = text
            yield profile
    for text in hostile.TEXTS:
        yield {**PROFILE, text: 1}
        yield {**PROFILE, "environment": {text: "x"}}
        yield {**PROFILE, "extends": text}


def profiles():
    for number, profile in enumerate(jobs_of_profiles()):
        text = json.dumps(profile, ensure_ascii=number % 2 == 0).encode("utf-8")
        # Each profile meets some commands and formats, and each pair of these meets many profiles.
        for i in range(3):
            words = COMMANDS[(number * 3 + i) % len(COMMANDS)]
            yield words, hostile.FORMATS[(number + i) % len(hostile.FORMATS)], [("app.yaml", text)]


def arguments():
    for words in ARGUMENTS:
        for number, text in enumerate(hostile.TEXTS):
            text = text.replace("\0", "")
            for form in (hostile.FORMATS[number % len(hostile.FORMATS)], hostile.FORMATS[5]):
                yield [word.replace("%", text) for word in words], form, [("app.yaml", json.dumps(PROFILE).encode())]


def logs():
    for line in LOG:
        for text in hostile.TEXTS:
            for form in hostile.FORMATS:
                log = f"#9 [1/2] RUN {text}\n{line.replace('%', text)}\nERROR: failed to build: {text}\n"
                yield ("explain", "build.log"), form, [("build.log", log.encode())]


def drafts():
    for name, lines in DRAFTS.items():
        for number, text in enumerate(hostile.TEXTS):
            body = "\n".join(line.replace("%", json.dumps(text) if name == "config.yaml" else text) for line in lines) + "\n"
            for form in (hostile.FORMATS[number % len(hostile.FORMATS)], hostile.FORMATS[5]):
                yield ("init", "fresh", "--gpu", "t4", "--force", "--from", name), form, [(name, body.encode())]


def calls_of_agents():
    profile = json.dumps(PROFILE).encode()
    for tool, arguments in CALLS:
        for number, text in enumerate(hostile.TEXTS):
            # The id is the client's own and goes back unchanged.
            call = {"jsonrpc": "2.0", "id": 1 if "s3cret" in text else "%", "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
            line = json.dumps(call).replace("%", json.dumps(text)[1:-1]).encode() + b"\n"
            dockerfile = f"FROM python:3.11-slim\nRUN pip install torch==2.4.0 {text}\nLABEL a={text}\n"
            yield ("mcp",), hostile.FORMATS[number % len(hostile.FORMATS)], [("app.yaml", profile), ("Dockerfile", dockerfile.encode())], line


def names_of_files():
    for number, text in enumerate(hostile.TEXTS):
        name = text.replace("/", "-").replace("\0", "").replace("s3cret", "") + ".yaml"  # no URL is left of one
        files = [(name, json.dumps({**PROFILE, "nonsense": 1}).encode())]
        for words in (("check", f"./{name}"), ("list",), ("check",), ("matrix",), ("build", "--all", *NO_ENGINE)):
            for form in (hostile.FORMATS[number % len(hostile.FORMATS)], hostile.FORMATS[5]):
                yield words, form, files


def one(job):
    words, (form, environment), files, *sent = job
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        try:
            run(folder, words, form, environment, files, *sent)
        except Exception as fault:
            raise AssertionError(f"{words} {form} {environment} {files}: {fault}") from fault


def main():
    tests = [profiles, arguments, logs, drafts, calls_of_agents, names_of_files]
    print(f"1..{len(tests)}")
    failed = 0
    for number, test in enumerate(tests, 1):
        jobs = list(test())
        assert len(jobs) > 80, len(jobs)
        faults = []
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for future in [pool.submit(one, job) for job in jobs]:
                if future.exception() is not None:
                    faults.append(str(future.exception()))
        failed += bool(faults)
        print(f"{'not ok' if faults else 'ok'} {number} - {test.__name__.replace('_', ' ')}", flush=True)
        for fault in faults[:3]:
            print("# " + fault.replace("\n", "\n# ")[:3000], flush=True)
        if faults:
            print(f"# {len(faults)} of {len(jobs)}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
