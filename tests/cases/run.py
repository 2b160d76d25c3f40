#!/usr/bin/env python3
"""The command line as data: a folder here with a file `cmd` is a case.

usage: run.py [--accept] SLIPWAY [CASE...]      TAP on standard output

    CASE/cmd       one line for sh; "$SLIPWAY" is the program, "$PROFILES" the shipped profiles, "$CASES" this folder
    CASE/stdout    what it must print there; without the file: nothing
    CASE/stderr    the same for standard error
    CASE/status    the exit status; without the file: 0
    CASE/...       anything else is input

Each case runs in a new copy of its folder, which is also its HOME, with nothing else in the environment than PATH,
LC_ALL=C.UTF-8, what sanitizers read, a package index that never answers (no case asks the network) and no file of pip's or uv's. The copy's path reads as TEMP in the output. `--accept` rewrites what is
expected, for review: then read the difference, and believe it only when the standard or the contract says so.
"""
import argparse
import concurrent.futures
import difflib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
EXPECTED = ("stdout", "stderr", "status")
PASSED_ON = ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS")
SECONDS = 120


def expected(case):
    def read(name, default):
        path = case / name
        return path.read_bytes() if path.exists() else default

    return {"stdout": read("stdout", b""), "stderr": read("stderr", b""), "status": read("status", b"0\n")}


def run(case, slipway):
    """What the case's command gave, by the names of EXPECTED."""
    with tempfile.TemporaryDirectory(prefix="case-") as temporary:
        folder = pathlib.Path(temporary).resolve() / "TEMP"
        shutil.copytree(case, folder, symlinks=True, ignore=shutil.ignore_patterns("cmd", *EXPECTED))
        environment = {"PATH": os.defpath, "HOME": str(folder), "LC_ALL": "C.UTF-8", "SLIPWAY": str(slipway),
                       "PROFILES": str(HERE.parent.parent / "profiles"), "CASES": str(HERE),
                       "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": "/dev/null", "UV_NO_CONFIG": "1"}
        environment |= {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        try:
            done = subprocess.run(["sh", "-c", (case / "cmd").read_text()], cwd=folder, env=environment,
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired as late:
            return {"stdout": late.stdout or b"", "stderr": late.stderr or b"", "status": b"it did not end\n"}
        return {"stdout": done.stdout.replace(os.fsencode(folder), b"TEMP"),
                "stderr": done.stderr.replace(os.fsencode(folder), b"TEMP"), "status": b"%d\n" % done.returncode}


def reason_to_skip(case, instrumented):
    if instrumented and "ulimit -v" in (case / "cmd").read_text():
        return "AddressSanitizer reserves more address space than this case allows"
    return None


def difference(want, got):
    lines = []
    for name in EXPECTED:
        if want[name] != got[name]:
            before, after = (side[name].decode(errors="backslashreplace").splitlines() for side in (want, got))
            lines += difflib.unified_diff(before, after, f"expected {name}", f"{name}", lineterm="")
    return lines


def accept(case, got):
    for name in EXPECTED:
        if got[name] == (b"0\n" if name == "status" else b""):
            (case / name).unlink(missing_ok=True)
        else:
            (case / name).write_bytes(got[name])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accept", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("slipway", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    cases = [HERE / name for name in options.names] or sorted(path.parent for path in HERE.rglob("cmd"))
    slipway = options.slipway.resolve()
    instrumented = b"__asan_init" in slipway.read_bytes()
    failures = 0
    print(f"1..{len(cases)}" if cases else "1..0 # SKIP no cases")
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        reasons = [reason_to_skip(case, instrumented) for case in cases]
        results = pool.map(lambda case, reason: reason is None and run(case, slipway), cases, reasons)
        for number, (case, reason, got) in enumerate(zip(cases, reasons, results), 1):
            if reason:
                print(f"ok {number} - {case.relative_to(HERE)} # SKIP {reason}")
                continue
            faults = difference(expected(case), got)
            if faults and options.accept:
                accept(case, got)
                faults = []
            failures += bool(faults)
            print(f"{'not ok' if faults else 'ok'} {number} - {case.relative_to(HERE)}")
            for line in faults:
                print("#", line)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
