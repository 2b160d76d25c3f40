#!/usr/bin/env python3
"""Runs every phase of the tests and counts: each TAP subtest, each test program, each tool is one.

usage: phases.py [--all] [--since REF] [--no-engines] [PHASE...]

  --all          all phases with all their tests, as every night; else those that a change can be judged by in 20 minutes
  --since REF    clang-tidy reads what changed since this commit; default: where the branch left main, or on main the commit before
  --no-engines   leave out the tests that start real container engines
  PHASE...       only these phases; --list names them. `quick` alone is unit tests and cases, for while you write

The output of a phase goes to build-test/phases/PHASE.log; its end is shown if something failed. The engines' tests wait more than
they compute, so they run beside the other phases. The last line is `N passed, N failed, N skipped`. Exit status: 0 if all passed
that ran, 1 if something failed or nothing ran.
"""
import argparse
import concurrent.futures
import dataclasses
import hashlib
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
GCC = ROOT / "build-test"
CLANG = ROOT / "build-sanitize"
LOGS = GCC / "phases"
# Of a failed subtest's own words, so many lines.
SHOWN = 20
JOBS = len(os.sched_getaffinity(0))
# What the checkout's formatter and linter settings are written for: other releases judge differently.
CLANG_TOOLS = "14"
# Files in which tests/analyzer.h, which stands a macro before a function, cannot be included; nor in the guard and the trimmer, which have no lib/.
DEFINES_FAILURE = ("lib/base/error.c", "lib/base/cancel.c")
# Suites of tests that foreign bytes reach, which run with sanitizers on every change.
SANITIZED = ("unit", "fuzz", "cases", "faults", "wheel", "http", "context", "mcp")
# Suites of unit tests that take valgrind longest, for what they repeat; they run in it every night.
SLOW_IN_VALGRIND = ("context", "disturbed", "foreign", "gpu", "history", "judged", "logs", "rules")
TAP_LINE = re.compile(r"\s*(not )?ok\b\s*\d*\s*(?:- )?(.*?)(?:\s+#\s*(SKIP|TODO)\b\s*(.*))?$", re.IGNORECASE)


@dataclasses.dataclass
class Tally:
    passed: int = 0
    failed: list = dataclasses.field(default_factory=list)  # a name, and on further lines what the test said
    skipped: list = dataclasses.field(default_factory=list)  # (name, reason)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


class Log:
    """Runs commands with their output in the phase's log."""

    def __init__(self, name):
        self.path = LOGS / f"{name}.log"
        self.file = self.path.open("w")

    def run(self, *command, **environment):
        print("$", shlex.join(map(str, command)), file=self.file, flush=True)
        return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=self.file, stderr=subprocess.STDOUT,
                              env={**os.environ, **environment}).returncode

    def tail(self, lines=60):
        self.file.flush()
        return "\n".join(self.path.read_text(errors="replace").splitlines()[-lines:])


def verdict(name, status):
    return Tally(failed=[name]) if status else Tally(passed=1)


def count_tap(name, text):
    """The subtests of one TAP stream; `Bail out!` is a failure. A failure takes the comments after it along."""
    tally, failing = Tally(), False
    for line in text.splitlines():
        if failing and line.lstrip().startswith("#") and tally.failed[-1].count("\n") < SHOWN:
            tally.failed[-1] += f"\n    {line.strip()[:2000]}"
        if line.startswith("Bail out!"):
            tally.failed.append(f"{name}: {line}")
        match = TAP_LINE.match(line)
        if not match:
            continue
        failed, what, directive, reason = match.groups()
        failing = bool(failed and not directive)
        if directive and directive.upper() == "SKIP":
            tally.skipped.append((f"{name}: {what}", reason or "no reason given"))
        elif failing:
            tally.failed.append(f"{name}: {what}")
        else:
            tally.passed += 1
    return tally


def count_meson(path):
    """The subtests of one `meson test`, from its testlog.json: TAP where a test speaks it, else the test as one."""
    tally = Tally()
    for line in path.read_text().splitlines():
        test = json.loads(line)
        name, result, output = test["name"], test["result"], test.get("stdout", "")
        own = count_tap(name, output) if re.search(r"^(TAP version|1\.\.\d)", output, re.MULTILINE) else Tally()
        if result == "SKIP" and not own.skipped:
            own.skipped.append((name, output.strip().splitlines()[-1] if output.strip() else "no reason given"))
        elif result not in ("OK", "SKIP", "EXPECTEDFAIL") and not own.failed:
            own.failed.append(f"{name}: {result.lower()}")
        elif result == "OK" and not (own.passed or own.skipped):
            own.passed += 1
        tally.add(own)
    return tally


def compile_in(log, folder, *settings, targets=(), **environment):
    if not (folder / "build.ninja").exists():
        status = log.run("meson", "setup", folder, "-Dwerror=true", "-Dengines=true", *settings, **environment)
        if status:
            return status
    return log.run("ninja", "-C", folder, "--quiet", *targets)


def of_every_day(options):
    """The words for meson that leave the tests of suite `nightly` out, unless all tests are wanted."""
    return [] if options.all else ["--no-suite", "nightly"]


def unit_suites():
    """The names of the unit tests' suites, from the list that the build has made of them."""
    return re.findall(r"X\((\w+)\)", (GCC / "tests/unit/unit_suites.h").read_text().split(")", 1)[1])


def run_units(log, suites, *before, **environment):
    """Run suites of unit tests, several in one process; `before` is a program that runs the process."""
    def run(some):
        done = subprocess.run([*before, GCC / "tests/unit/unit", *some], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP", "SLIPWAY_SOURCE": str(ROOT), **environment})
        print("$ unit", *some, "\n" + done.stdout + done.stderr, file=log.file, flush=True)
        tally = count_tap("unit", done.stdout)
        if done.returncode and not tally.failed:
            tally.failed.append(f"unit {' '.join(some)}: exit status {done.returncode}\n    {done.stderr[-2000:].strip()}")
        return tally

    total = Tally()
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for tally in pool.map(run, filter(None, (suites[first::8] for first in range(8)))):
            total.add(tally)
    return total


def meson_test(log, folder, *words, **environment):
    # Phases that run at the same time share the folder. A wrapper's name becomes part of the file's.
    base = f"phase-{log.path.stem}"
    for path in (folder / "meson-logs").glob(f"{base}*.json"):
        path.unlink()
    status = log.run("meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs", "--logbase", base, *words,
                     **environment)
    tally = Tally()
    for path in (folder / "meson-logs").glob(f"{base}*.json"):
        tally.add(count_meson(path))
    if status and not tally.failed:
        tally.failed.append(f"meson test: exit status {status}")
    return tally


def tracked(*patterns):
    """Files of the checkout by pattern; a checkout without git is walked."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(str(path.relative_to(ROOT)) for path in found if not path.relative_to(ROOT).parts[0].startswith("build"))


def c_files():
    return tracked("lib/*/*.[ch]", "cmd/*.[ch]", "cmd/*/*.[ch]", "tests/*.h", "tests/*/*.[ch]")


def scripts():
    """Shell scripts by their first line."""
    for name in tracked("tests/*", "tests/engines/*", "tests/bench/*", ".ci/*", ".github/actions/*/*", ".github/package/*"):
        with open(ROOT / name, "rb") as file:
            if re.match(rb"#!.*\b(ba)?sh\b", file.readline()):
                yield name


def clang_tool(name):
    """The tool of the right release, or None."""
    for command in (f"{name}-{CLANG_TOOLS}", name):
        try:
            text = subprocess.run([command, "--version"], capture_output=True, text=True).stdout
        except FileNotFoundError:
            continue
        if re.search(rf"version {CLANG_TOOLS}\.", text):
            return command
    return None


def phase_gcc(log, options):
    return verdict("compiles with gcc, warnings as errors", compile_in(log, GCC))


def phase_tests(log, options):
    # The fuzz targets replay their inputs with sanitizers, below.
    return meson_test(log, GCC, "--no-suite", "engines", *([] if options.all else ["--no-suite", "fuzz"]), *of_every_day(options))


def phase_quick(log, options):
    """Unit tests and cases, side by side, with as little of the tree built as they need."""
    if compile_in(log, GCC, targets=("cmd/slipway", "tests/unit/unit")):
        return verdict("compiles with gcc", 1)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        cases = pool.submit(subprocess.run, [sys.executable, ROOT / "tests/cases/run.py", GCC / "cmd/slipway"], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True)
        tally = run_units(log, unit_suites())
        done = cases.result()
    print(done.stdout, done.stderr, file=log.file, flush=True)
    tally.add(count_tap("cases", done.stdout))
    return tally


def phase_format(log, options):
    tool = clang_tool("clang-format")
    if not tool:
        return Tally(skipped=[("clang-format", f"the format is that of release {CLANG_TOOLS}, which is not here")])
    return verdict("clang-format", log.run(tool, "--dry-run", "--Werror", *c_files()))


def phase_shellcheck(log, options):
    return verdict("shellcheck", log.run("shellcheck", *scripts()))


def phase_cppcheck(log, options):
    return verdict("cppcheck", log.run(
        "cppcheck", "--enable=warning,performance,portability", "--inline-suppr", "--error-exitcode=1", "--quiet",
        f"-j{JOBS}", "--std=c11", "-D_GNU_SOURCE", "-Ilib", "--suppressions-list=tests/cppcheck.txt", "lib", "cmd"))


def phase_clang(log, options):
    return verdict("compiles with clang, warnings as errors", compile_in(
        log, CLANG, "-Db_sanitize=address,undefined", "-Db_lundef=false", CC="clang"))


def phase_sanitize(log, options):
    # These tests feed foreign bytes to the code. The other tests run slipway on the same paths from outside; every night they run with
    # sanitizers too.
    chosen = [] if options.all else [word for name in SANITIZED for word in ("--suite", name)]
    return meson_test(log, CLANG, *chosen, "--no-suite", "engines", *of_every_day(options), "--timeout-multiplier", "4",
                      ASAN_OPTIONS="detect_stack_use_after_return=1",
                      LSAN_OPTIONS=f"suppressions={ROOT}/tests/lsan.supp:print_suppressions=0",
                      UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1")


def phase_valgrind(log, options):
    """Valgrind finds the reads of values that were never set, which the sanitizers do not. It runs several suites in one process."""
    suites = [name for name in unit_suites() if options.all or name not in SLOW_IN_VALGRIND]
    return run_units(log, suites, "valgrind", "--quiet", f"--suppressions={ROOT}/tests/valgrind.supp", "--error-exitcode=99",
                     "--leak-check=full", "--errors-for-leak-kinds=definite", "--child-silent-after-fork=yes")


def git(*words):
    """The lines that git prints, or none if it cannot."""
    try:
        done = subprocess.run(["git", "-C", ROOT, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except FileNotFoundError:
        return []
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else []


def base_commit(options):
    """The commit since which the code has changed, or None if it is unknown."""
    if options.since:
        return (git("rev-parse", "--verify", "--quiet", options.since + "^{commit}") or [None])[0]
    head = git("rev-parse", "HEAD")
    for main in ("origin/main", "main"):
        base = git("merge-base", "HEAD", main)
        if base and base != head:
            return base[0]
    return (git("rev-parse", "--verify", "--quiet", "HEAD^1") or [None])[0]


def includer(header, files):
    """The file through which a header is read: of the same name if there is such a file, else the first that includes it."""
    own = header.removesuffix(".h").removesuffix("_internal") + ".c"
    name = re.escape(header.removeprefix("lib/").removeprefix("cmd/"))
    line = re.compile(rf'#include "(\.\./)*({name}|{re.escape(pathlib.PurePath(header).name)})"')
    users = [path for path in files if line.search((ROOT / path).read_text())]
    return own if own in users else users[0] if users else None


def tidied(options):
    """The C files that clang-tidy reads: what changed, and for a changed header one file that includes it."""
    files = [name for name in c_files() if name.endswith(".c") and name.startswith(("lib", "cmd"))]
    base = base_commit(options)
    if options.all or base is None:
        return files
    changed = set(git("diff", "--name-only", base) + git("ls-files", "--others", "--exclude-standard"))
    if ".clang-tidy" in changed:
        return files
    through = {includer(name, files) for name in changed if name.endswith(".h") and name.startswith(("lib", "cmd")) and (ROOT / name).exists()}
    return [name for name in files if name in changed or name in through]


def tidy_stamp(path, common):
    """Named by all that the verdict on a file depends on: a clean file is not read again."""
    return CLANG / "tidy" / hashlib.sha256(common + path.encode() + (ROOT / path).read_bytes()).hexdigest()


def phase_tidy(log, options):
    tool = clang_tool("clang-tidy")
    if not tool:
        return Tally(skipped=[("clang-tidy", f"the checks are those of release {CLANG_TOOLS}, which is not here")])
    files = tidied(options)
    if not files:
        return Tally(skipped=[("clang-tidy", "no C file has changed")])
    common = b"".join((ROOT / name).read_bytes() for name in [".clang-tidy", *c_files()] if not name.endswith(".c"))
    (CLANG / "tidy").mkdir(exist_ok=True)

    def check(name):
        stamp = tidy_stamp(name, common)
        hint = [] if name in DEFINES_FAILURE or name.startswith(("cmd/guard/", "cmd/trim/")) else ["--extra-arg=-include", "--extra-arg=" + str(ROOT / "tests/analyzer.h")]
        if not stamp.exists() and not log.run(tool, "-p", CLANG, "--quiet", "--warnings-as-errors=*", *hint, name):
            stamp.touch()
        return name if not stamp.exists() else None

    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        unclean = list(filter(None, pool.map(check, files)))
    return Tally(passed=len(files) - len(unclean), failed=[f"clang-tidy: {name}" for name in unclean])


def phase_package(log, options):
    done = subprocess.run([sys.executable, ROOT / "tests/package/package_test.py"], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True)
    print(done.stdout, done.stderr, file=log.file, flush=True)
    return count_tap("package", done.stdout)


def phase_portable(log, options):
    done = subprocess.run([ROOT / "tests/portable"], stdin=subprocess.DEVNULL, text=True, capture_output=True)
    print(done.stdout, done.stderr, file=log.file, flush=True)
    if done.returncode == 3:
        return Tally(skipped=[("portable", done.stderr.strip().splitlines()[-1])])
    return count_tap("portable", done.stdout)


def phase_engines(log, options):
    return meson_test(log, GCC, "--suite", "engines", *of_every_day(options), "--num-processes", str(JOBS))


# In this order; a phase that needs a build comes after it.
PHASES = {name.removeprefix("phase_"): function for name, function in list(globals().items())
          if name.startswith("phase_")}
NEEDS = {"tests": "gcc", "valgrind": "gcc", "engines": "gcc", "sanitize": "clang", "tidy": "clang"}
# Every night, or by name.
NIGHTLY = ("package", "portable")


def run_phase(name, options):
    log = Log(name)
    began = time.monotonic()
    tally = PHASES[name](log, options)
    if not (tally.passed or tally.failed or tally.skipped):
        tally.failed.append(f"{name}: ran nothing")
    seconds = time.monotonic() - began
    print(f"{name:<12}{seconds:>7.1f} s {tally.passed:>6} passed {len(tally.failed):>4} failed "
          f"{len(tally.skipped):>4} skipped", flush=True)
    if tally.failed:
        print(f"---- {log.path.relative_to(ROOT)}:\n{log.tail()}\n----", flush=True)
    return tally


def chosen(options):
    names = options.phases or [name for name in PHASES if name != "quick" and (options.all or name not in NIGHTLY)]
    names = [name for name in names if not (options.no_engines and name == "engines")]
    names += [NEEDS[name] for name in names if name in NEEDS]
    return [name for name in PHASES if name in names]


def run_phases(names, options):
    """Run the phases in their order, the engines' beside those after the build that it needs; the sum of all."""
    total, broken, beside = Tally(), set(), None
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        for name in [name for name in names if name != "engines"]:
            if NEEDS.get(name) in broken:
                print(f"{name:<12}      - not run: {NEEDS[name]} failed", flush=True)
                continue
            tally = run_phase(name, options)
            total.add(tally)
            if tally.failed:
                broken.add(name)
            elif name == NEEDS["engines"] and "engines" in names:
                beside = pool.submit(run_phase, "engines", options)
        if beside:
            total.add(beside.result())
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--since", metavar="REF", help=argparse.SUPPRESS)
    parser.add_argument("--no-engines", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--list", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("phases", nargs="*", choices=[[], *PHASES], metavar="PHASE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.list:
        print(*PHASES, sep="\n")
        return 0
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # programs that nohup starts ignore a hangup, and so would those that are tested
    LOGS.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    total = run_phases(chosen(options), options)
    print(f"{'all':<12}{time.monotonic() - began:>7.1f} s")
    for name, reason in total.skipped:
        print(f"skipped: {name}: {reason}")
    for name in total.failed:
        print(f"failed: {name}")
    print(f"{total.passed} passed, {len(total.failed)} failed, {len(total.skipped)} skipped")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
