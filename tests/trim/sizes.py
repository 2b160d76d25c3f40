#!/usr/bin/env python3
"""Rows of profiles/catalog/sizes.yaml: the GPU code in wheels, and how much of it the trimmer keeps for one GPU.

usage: sizes.py TRIM WHEEL...      a WHEEL is a file, or a pinned requirement ("torch==2.8.0"), which pip downloads for Python 3.11

A wheel with a library for each of several CUDAs, such as bitsandbytes', gives a row a CUDA; torch's has its own in torch/version.py.
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import zipfile

GPUS = ["6.1", "7.0", "7.5", "8.0", "8.6", "8.9", "9.0", "10.0", "10.3", "12.0", "12.1"]


def download(requirement, folder):
    # Not the files of a folder on this machine, which PIP_FIND_LINKS may name: what everybody gets.
    subprocess.run([sys.executable, "-m", "pip", "-q", "download", "--no-deps", "--only-binary", ":all:", "--python-version", "3.11",
                    "-d", folder, requirement], check=True)
    return next(pathlib.Path(folder).glob("*.whl"))


def measure(trim, library):
    """Bytes of GPU code, and those that stay for each of GPUS."""
    found = []
    for gpu in GPUS:
        told = subprocess.run([trim, "--for", gpu, "--only", library], capture_output=True, text=True, check=True).stdout
        before, after = map(int, re.search(r"^code: (\d+) -> (\d+) bytes", told, re.M).groups())
        found.append(after)
    return before, found


def read(trim, wheel):
    """{CUDA or None: (bytes of code, [bytes that stay])}"""
    sums, cudas, own = {}, set(), None
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        for entry in archive.infolist():
            if entry.filename == "torch/version.py":
                own = re.search(rb"^cuda.*'([0-9.]+)'", archive.read(entry), re.M)[1].decode()
            if not re.search(r"\.so(\.\d+)*$", entry.filename):
                continue
            library = archive.extract(entry, folder)
            before, after = measure(trim, library)
            pathlib.Path(library).unlink()
            digits = re.search(r"_cuda(\d+)(\d)\.so$", entry.filename)
            cuda = f"{digits[1]}.{digits[2]}" if digits else None
            cudas |= {cuda} - {None}
            old = sums.get(cuda, (0, [0] * len(GPUS)))
            sums[cuda] = old[0] + before, [a + b for a, b in zip(old[1], after)]
    if cudas:
        whole = sum(before for before, _ in sums.values())
        return {cuda: (whole, sums[cuda][1]) for cuda in cudas}
    return {own: sums.get(None, (0, [0] * len(GPUS)))}


def main(trim, *wheels):
    for word in wheels:
        with tempfile.TemporaryDirectory() as folder:
            wheel = pathlib.Path(word) if word.endswith(".whl") else download(word, folder)
            project, version = wheel.name.split("-")[:2]
            for cuda, (before, after) in sorted(read(trim, wheel).items(), key=lambda row: [int(part) for part in (row[0] or "0").split(".")]):
                kept = ", ".join(f'"{gpu}": {size}' for gpu, size in zip(GPUS, after))
                print(f'  - {{project: {project.lower().replace("_", "-")}, version: "{version.split("+")[0]}"{f", cuda: {cuda!r}" if cuda else ""}, code: {before}, '
                      f'kept: {{{kept}}}, source: {wheel.name}, verified: "by tests/trim/sizes.py, {time.strftime("%Y-%m-%d")}"}}'.replace("'", '"'), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
