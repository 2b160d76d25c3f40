#!/usr/bin/env python3
"""No false alarm: stacks that are public and known to work, one a file in works/, give no warning and no error.

usage: works.py SLIPWAY [--online]      TAP on standard output

The first line of each file says where the stack comes from: `# source: ...`. Facts only: which releases, for which
GPUs. With --online the package index is asked as well; without it the catalog alone speaks, so that the answer is the
same on every day; what could not be asked about from here (SW403, and SW222 without the index) says nothing
about a stack, and is only shown. Without --online the cache is empty, too.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LEAST = 30


def faults(slipway, path, network, environment):
    first = path.read_text().partition("\n")[0]
    found = [] if first.startswith("# source: ") and len(first) > 30 else ["its first line does not say where it comes from"]
    done = subprocess.run([slipway, "check", "--format", "json", *network, path], stdout=subprocess.PIPE, env=environment, timeout=600)
    for finding in json.loads(done.stdout)["findings"]:
        if finding["code"] == "SW403" or (finding["code"] == "SW222" and network):
            print(f"# {path.stem}: {finding['message']}")
        elif finding["severity"] != "note":
            found.append(f"{finding['line']}:{finding['column']}: {finding['code']} {finding['message']}")
    return found or ([f"exit status {done.returncode}"] if done.returncode else [])


def main(slipway, *options):
    with tempfile.TemporaryDirectory(prefix="works-") as empty:
        judge(slipway, options, os.environ if "--online" in options else {**os.environ, "XDG_CACHE_HOME": empty})


def judge(slipway, options, environment):
    paths = sorted((HERE / "works").glob("*.yaml"))
    print(f"1..{len(paths) + 1}")
    for number, path in enumerate(paths, 1):
        found = faults(slipway, path, [] if "--online" in options else ["--offline"], environment)
        print(f"{'not ok' if found else 'ok'} {number} - {path.stem}")
        for fault in found:
            print(f"# {fault}")
    print(f"{'ok' if len(paths) >= LEAST else 'not ok'} {len(paths) + 1} - there are at least {LEAST}")


main(*sys.argv[1:])
