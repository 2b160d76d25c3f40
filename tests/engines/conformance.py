#!/usr/bin/env python3
"""Runs the conformance program on a rig's engine.

usage: conformance.py PROGRAM NAME      (TAP on standard output; root, Debian or Ubuntu)
"""
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile

RIG = pathlib.Path(__file__).with_name("rig")
MOVED_ON = 77  # rig's: the suite now has another release of the engine


def process_behind(path):
    """The process that listens on a Unix socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        return struct.unpack("iii", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


def main(program, name):
    base = subprocess.run([RIG, "base"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="slipway-", dir="/var/tmp") as folder:
        up = subprocess.run([RIG, "up", name, folder], stdout=subprocess.PIPE, text=True)
        if up.returncode == MOVED_ON:
            print(f"1..0 # SKIP {name} is no longer what its suite has")
            return 0
        if up.returncode != 0:
            print(f"Bail out! {name} does not start")
            return 1
        try:
            url = up.stdout.strip()
            process = process_behind(url.removeprefix("unix://"))
            return subprocess.run([program, url, base, str(process)]).returncode
        finally:
            subprocess.run([RIG, "down", name, folder])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
