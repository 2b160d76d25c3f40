#!/usr/bin/env python3
"""What holds for every command: one table of command lines, each tried under every kind of output; and the help of each.

usage: commands_test.py SLIPWAY   (TAP on standard output)

A command that `slipway help` lists and this table does not is a failure.
"""
import concurrent.futures
import fcntl
import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios

SLIPWAY = pathlib.Path(sys.argv[1]).resolve()
SANITIZERS = ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS")
PROFILE = """\
slipway: 1
name: app
description: a description that is long enough to be cut where a terminal has eighty columns and not in one of two hundred
accelerators: [rtx-4090]
torch: {version: "2.5.1", cuda: "12.4"}
"""
BAD = PROFILE.replace("12.4", "12.9").replace("name: app", "name: bad")
LOG = "#9 ERROR: process did not complete: exit code: 1\nModuleNotFoundError: No module named 'triton.ops'\n"
NO_ENGINE = "-H unix:///nowhere.sock"
# Command, the rest of a line, the exit status, and what is printed with --format json: "document", "lines" (one each), or
# "text" where the result is a file of its own kind.
TABLE = [
    ("build", f"app --dry-run {NO_ENGINE}", 0, "lines"),
    ("build", f"bad {NO_ENGINE}", 1, "lines"),
    ("catalog", "verify gpus", 0, "document"),
    ("check", "app", 0, "document"),
    ("check", "bad", 1, "document"),
    ("completion", "bash", 0, "text"),
    ("diff", "app app", 0, "document"),
    ("doctor", NO_ENGINE, 3, "document"),
    ("explain", "build.log", 1, "document"),
    ("fix", "bad --dry-run", 1, "document"),
    ("gpus", "", 0, "document"),
    ("help", "build", 0, "text"),
    ("history", "", 0, "document"),
    ("init", "fresh --gpu t4 --force", 0, "document"),
    ("inspect", "none.whl", None, None),
    ("list", "", 0, "document"),
    ("lock", "app", 0, "document"),
    ("matrix", "", 0, "document"),
    ("mcp", "surplus", 2, "text"),  # it reads until its input ends: tests/mcp
    ("plan", "app", 0, "document"),
    ("push", f"app {NO_ENGINE}", 3, "document"),
    ("render", "app", 0, "text"),
    ("rollback", "", 2, "document"),
    ("schema", "", 0, "document"),
    ("suggest", "--gpu t4", 0, "document"),
    ("upgrade", "app --to torch==2.8.0 --dry-run --offline", 0, "document"),
    ("verify", f"app {NO_ENGINE}", 3, "document"),
]


def folder_for(parent):
    folder = pathlib.Path(tempfile.mkdtemp(dir=parent))
    for name, text in (("app.yaml", PROFILE), ("bad.yaml", BAD), ("build.log", LOG)):
        (folder / name).write_text(text)
    return folder


def environment(folder, **more):
    kept = {name: os.environ[name] for name in SANITIZERS if name in os.environ}
    # One cache for all: a page of the index comes down once.
    return {"PATH": os.defpath, "HOME": str(folder), "XDG_CACHE_HOME": str(folder.parent / "cache"), "LC_ALL": "C.UTF-8",
            "TERM": "xterm", **kept, **more}


def listed_commands(folder):
    text = subprocess.run([SLIPWAY, "help"], capture_output=True, text=True, check=True, env=environment(folder)).stdout
    return [line.split()[0] for line in text.split("Commands:\n")[1].split("\n\n")[0].splitlines()]


def words(row, *more):
    return [str(SLIPWAY), row[0], *row[1].split(), *more]


def run(row, folder, *more, **env):
    return subprocess.run(words(row, *more), cwd=folder, env=environment(folder, **env), stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=100)


def on_terminal(row, folder, columns, *more):
    """What it writes to a terminal of that many columns; its exit status."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.execve(SLIPWAY, words(row, *more), environment(folder))
    written = b""
    while True:
        try:
            read = os.read(terminal, 65536)
        except OSError:
            break
        if not read:
            break
        written += read
    os.close(terminal)
    return written.decode().replace("\r\n", "\n"), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def check(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part)[-1500:] for part in what))


def status_fits(row, status):
    return row[2] is None or status == row[2]


def plain_without_a_terminal(row, folder):
    done = run(row, folder)
    check(status_fits(row, done.returncode), done)
    check(b"\033" not in done.stdout + done.stderr, done)
    check(done.stdout.isascii() or row[0] == "render", "not ASCII", done.stdout)


def json_where_it_has_a_result(row, folder):
    done = run(row, folder, "--format", "json")
    check(status_fits(row, done.returncode), done)
    if row[3] == "document":
        json.loads(done.stdout)
    if row[3] == "lines":
        check(all(json.loads(line) is not None for line in done.stdout.splitlines()) and done.stdout, done)
    check(row[3] not in ("document", "lines") or done.stderr == b"", done)


def colour_only_on_a_terminal(row, folder):
    for more in (["--no-color"], ["--format", "plain"]):
        text, status = on_terminal(row, folder, 80, *more)
        check(status_fits(row, status), status, text)
        check(not re.search(r"\033\[[0-9;]*m", text), text)


def fits_the_terminal(row, folder):
    """Tables are cut to the terminal, never broken; what is no table may be longer than it is wide."""
    for columns in (80, 200):
        text, status = on_terminal(row, folder, columns)
        check(status_fits(row, status), status, text)
        if row[0] in ("gpus", "history", "list"):
            plain = re.sub(r"\033\[[0-9;]*[A-Za-z]", "", text)
            check(max(map(len, plain.splitlines())) <= columns, columns, max(plain.splitlines(), key=len), plain)


def right_in_a_c_locale(row, folder):
    done = run(row, folder, LC_ALL="C")
    check(status_fits(row, done.returncode), done)
    check(run(row, folder).returncode == done.returncode, done)


def clean_when_the_reader_goes(row, folder):
    reader, writer = os.pipe()
    os.close(reader)  # `| head`, after it has read enough
    with open(folder / "stderr", "wb") as err:
        status = subprocess.run(words(row), cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL, stdout=writer,
                                stderr=err, timeout=100).returncode
    os.close(writer)
    check(status_fits(row, status), status, (folder / "stderr").read_bytes())
    check(b"cannot write" not in (folder / "stderr").read_bytes(), (folder / "stderr").read_bytes())


def no_lie_when_output_is_closed(row, folder):
    """What was to be printed and could not be is a failure; nothing else is closed or overwritten for it."""
    closed = subprocess.run(["sh", "-c", '"$0" "$@" >&-', *words(row)], cwd=folder, env=environment(folder),
                            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=100)
    check(closed.returncode != 0 or not run(row, folder).stdout, closed)
    check(closed.returncode >= 0 and b"anitizer" not in closed.stderr, closed)
    full = subprocess.run(["sh", "-c", '"$0" "$@" >/dev/full', *words(row)], cwd=folder, env=environment(folder),
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=100)
    check(full.returncode != 0 or not run(row, folder).stdout, full)


def help_fits_every_terminal(row, folder):
    """The same on each, and in eighty columns; only what is to be typed, which is indented, may be longer."""
    text = run(row, folder).stdout.decode()
    check(text.isascii() and all(on_terminal(row, folder, columns) == (text, 0) for columns in (80, 200)), text)
    options = text.split("\nOptions")[1:]
    prose = [line for line in text.splitlines() if not line.startswith(" ")] + [line for part in options
             for line in part.split("\nExample:")[0].splitlines()]
    check(max(map(len, prose)) <= 80, max(prose, key=len))


QUESTIONS = [plain_without_a_terminal, json_where_it_has_a_result, colour_only_on_a_terminal, fits_the_terminal,
             right_in_a_c_locale, clean_when_the_reader_goes, no_lie_when_output_is_closed]
HELP_QUESTIONS = [help_fits_every_terminal, clean_when_the_reader_goes, no_lie_when_output_is_closed]


def answer(row, question, parent):
    try:
        question(row, folder_for(parent))
        return None
    except (AssertionError, ValueError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {error}"


def main():
    with tempfile.TemporaryDirectory(prefix="commands-") as parent:
        commands = listed_commands(folder_for(parent))
        missing = set(commands) ^ {row[0] for row in TABLE}
        helps = [("help", name, 0, "text") for name in ["", *commands]]
        tests = [(row, question) for row in TABLE for question in QUESTIONS]
        tests += [(row, question) for row in helps for question in HELP_QUESTIONS]
        print(f"1..{len(tests) + 1}")
        print(f"{'not ok' if missing else 'ok'} 1 - every command is in the table")
        for name in sorted(missing):
            print(f"# {name}")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            faults = pool.map(lambda test: answer(*test, parent), tests)
            for number, ((row, question), fault) in enumerate(zip(tests, faults), 2):
                what = f"{' '.join(row[:2]).strip()}: {question.__name__.replace('_', ' ')}"
                print(f"{'not ok' if fault else 'ok'} {number} - {what}")
                if fault:
                    print("# " + fault.replace("\n", "\n# "))


main()
