#!/usr/bin/env python3
"""Resolves real requirement sets (sets.txt) with us and with uv, and has uv judge our set: it must accept what we give, pinned.

usage: uv_test.py RESOLVER [FIRST [LAST]]     (TAP on standard output; uv and the network must be there, else all is skipped)
UV_TEST_CACHE: a folder for the caches of both; without it each run begins with empty ones.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
INDEX = os.environ.get("UV_TEST_INDEX") or os.environ.get("PIP_INDEX_URL", "")
PYTHON = "3.12"


def ours(resolver, cache, requirements):
    run = subprocess.run([resolver, INDEX, cache, f"{PYTHON}.99", "uv", *requirements], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         encoding="utf-8", timeout=400)
    return run.returncode, run.stdout.splitlines()


def theirs(uv, cache, requirements, pins=(), build=True):
    with tempfile.TemporaryDirectory() as folder:
        path, limits = pathlib.Path(folder, "in.txt"), pathlib.Path(folder, "pins.txt")
        path.write_text("\n".join(requirements) + "\n")
        limits.write_text("\n".join(pins) + "\n")
        run = subprocess.run([uv, "pip", "compile", "-q", "--no-header", "--no-annotate", "--python-version", PYTHON, "--python-platform",
                              "x86_64-manylinux_2_35", "--index-url", INDEX, "--cache-dir", cache, "-c", limits, path,
                              *([] if build else ["--no-build"])],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", timeout=400,
                             env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"})
    return run.returncode, sorted(run.stdout.split()), run.stderr


def judge(resolver, uv, folder, requirements):
    """("same", "other", "none" or "differs", what to say)."""
    status, lines = ours(resolver, folder / "ours", requirements)
    if status not in (0, 1):
        return "failed", lines
    theirs_status, theirs_set, words = theirs(uv, folder / "uv", requirements)
    if status == 1:
        return ("none", []) if theirs_status != 0 else ("differs", ["uv has a set"] + lines)
    pins = [line.split()[0] for line in lines]
    accepted, _, words = theirs(uv, folder / "uv", requirements, pins)
    if accepted != 0:
        return "differs", words.splitlines()
    return ("same" if sorted(pins) == theirs_set else "other"), [f"only uv's: {sorted(set(theirs_set) - set(pins))}",
                                                                f"only ours: {sorted(set(pins) - set(theirs_set))}"]


def main(resolver, first=0, last=200):
    uv = shutil.which("uv")
    if uv is None or not INDEX:
        print("1..0 # SKIP uv or an index is not there")
        return 0
    sets = [line.split() for line in (HERE / "sets.txt").read_text().splitlines() if not line.startswith("#")][int(first):int(last)]
    counts = {}
    with tempfile.TemporaryDirectory() as temporary:
        temporary = os.environ.get("UV_TEST_CACHE") or temporary
        for number, requirements in enumerate(sets, 1):
            start = time.monotonic()
            kind, lines = judge(resolver, uv, pathlib.Path(temporary), requirements)
            counts[kind] = counts.get(kind, 0) + 1
            wrong = kind in ("differs", "failed")
            print(f"{'not ok' if wrong else 'ok'} {number} - {' '.join(requirements)}: {kind} ({time.monotonic() - start:.1f} s)", flush=True)
            for line in lines if kind != "same" else []:
                print(f"# {line}", flush=True)
    print(f"1..{len(sets)}\n# {counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
