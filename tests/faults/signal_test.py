#!/usr/bin/env python3
"""INT, TERM and HUP end every command.

usage: signal_test.py SLIPWAY     (TAP on standard output)
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

SLIPWAY = pathlib.Path(sys.argv[1]).resolve()
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
SECONDS = 60  # a bound for a machine under load, not the time that it takes


def catches(pid, number):
    """Whether the process has come to where it hears a signal."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    mask = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return int(mask, 16) >> (number - 1) & 1 == 1


def start_explain(folder, **options):
    """A command that waits for a log whose end never comes."""
    process = subprocess.Popen([SLIPWAY, "explain", "-"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env={"PATH": os.defpath, "HOME": str(folder)}, **options)
    end = time.monotonic() + SECONDS
    while not catches(process.pid, signal.SIGTERM):
        assert time.monotonic() < end, "it never hears a signal"
        time.sleep(0.01)
    return process


def test_each_signal_interrupts(folder):
    for number in SIGNALS:
        process = start_explain(folder)
        process.send_signal(number)
        _, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 130 and b"interrupted" in err, (number, process.returncode, err)


def test_a_hangup_that_was_ignored_before_stays_ignored(folder):
    process = start_explain(folder, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    process.send_signal(signal.SIGHUP)
    out, err = process.communicate(b"#1 DONE 0.1s\n", timeout=SECONDS)
    assert process.returncode == 0, (process.returncode, out, err)


def main():
    tests = [(name[5:].replace("_", " "), test) for name, test in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        try:
            with tempfile.TemporaryDirectory(prefix="signal-") as folder:
                test(pathlib.Path(folder))
            print(f"ok {number} - {name}")
        except (AssertionError, subprocess.TimeoutExpired) as error:
            print(f"not ok {number} - {name}")
            print("# " + f"{type(error).__name__}: {error}".replace("\n", "\n# "))


main()
