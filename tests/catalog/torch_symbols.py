#!/usr/bin/env python3
"""Makes and checks profiles/catalog/torch.symbols: the names that the libraries of each torch release export.

usage: torch_symbols.py WHEEL_LIBRARY TABLE --add VERSION...      reads the releases' wheels, and writes the table anew
       torch_symbols.py WHEEL_LIBRARY TABLE --check VERSION...    exit status 1 if a wheel says other than the table

The wheels are those that the table names, or for a new release the first of the index that pip uses; each has some 500 MB.

The table begins with lines of text: its name; for each release, oldest first, the version, the CUDA that its wheel is built with,
the wheel's file and the count of its names; an empty line. Behind them, all numbers little-endian: the count of patterns (2 bytes) and
each pattern, a bit for each release; the count of names (4 bytes) and for each name, in the order of their CRC-32, the distance
to the CRC before and the number of its pattern, both as LEB128.
"""
import collections
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile
import zlib

FIRST = "slipway-torch-symbols 1"
OF_TORCH = re.compile(r"_Z(?:TV|TI|TS|TT|GV)?N[rVKRO]*(?:2at|3c10|5torch|6caffe2)|aoti_torch_|torch_")


def of_torch(names):
    return {name for name in names if OF_TORCH.match(name)}


def version_key(version):
    return [int(part) for part in version.split(".")]


def number(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def read(path):
    """{version: (cuda, file, CRCs)}"""
    data = path.read_bytes() if path.exists() else f"{FIRST}\n\n\0\0\0\0\0\0".encode()
    head, _, rest = data.partition(b"\n\n")
    lines = [line.split(" ") for line in head.decode().splitlines()[1:]]
    size, count = (len(lines) + 7) // 8, int.from_bytes(rest[:2], "little")
    patterns = [int.from_bytes(rest[2 + size * i:2 + size * (i + 1)], "little") for i in range(count)]
    at, crc, found = 2 + size * count + 4, 0, [set() for _ in lines]

    def take():
        nonlocal at
        value = shift = 0
        while True:
            value |= (rest[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if rest[at - 1] < 128:
                return value

    for _ in range(int.from_bytes(rest[at - 4:at], "little")):
        crc += take()
        pattern = patterns[take()]
        for i, names in enumerate(found):
            if pattern >> i & 1:
                names.add(crc)
    return {version: (cuda, file, names) for (version, cuda, file, _), names in zip(lines, found)}


def write(path, releases):
    order = sorted(releases, key=version_key)
    bits = {}
    for place, version in enumerate(order):
        for crc in releases[version][2]:
            bits[crc] = bits.get(crc, 0) | 1 << place
    counts = collections.Counter(bits.values())
    patterns = sorted(counts, key=lambda pattern: (-counts[pattern], pattern))
    places = {pattern: i for i, pattern in enumerate(patterns)}
    size = (len(order) + 7) // 8
    out = [f"{FIRST}\n" + "".join(f"{version} {releases[version][0]} {releases[version][1]} {len(releases[version][2])}\n" for version in order) + "\n"]
    out = [out[0].encode(), len(patterns).to_bytes(2, "little"), *(pattern.to_bytes(size, "little") for pattern in patterns),
           len(bits).to_bytes(4, "little")]
    before = 0
    for crc in sorted(bits):
        out += [number(crc - before), number(places[bits[crc]])]
        before = crc
    path.write_bytes(b"".join(out))


def of_wheel(program, folder, version):
    """The file, the CUDA and the names of a release's wheel."""
    done = None
    for python in ("3.10", "3.11", "3.12"):
        done = subprocess.run([sys.executable, "-m", "pip", "-q", "download", "--no-deps", "--only-binary", ":all:", "--python-version", python,
                               *(f"--platform={name}_x86_64" for name in ("manylinux_2_28", "manylinux2014", "manylinux1", "linux")),
                               "-d", folder, f"torch=={version}"], check=False)
        if done.returncode == 0:
            break
    done.check_returncode()
    wheel = next(pathlib.Path(folder).glob("torch-*.whl"))
    names = set()
    with zipfile.ZipFile(wheel) as archive:
        cuda = re.search(r"^cuda[^=]*= '([\d.]+)'", archive.read("torch/version.py").decode(), re.M)[1]
        for member in archive.namelist():
            if re.fullmatch(r"torch/lib/lib(?:c10|torch|shm).*\.so", member):
                out = subprocess.run([program, "exact"], input=archive.extract(member, folder) + "\n", stdout=subprocess.PIPE, text=True, check=True)
                names |= of_torch(line.split(" ", 1)[1] for line in out.stdout.splitlines() if line.startswith("exported "))
    return cuda, wheel.name, {zlib.crc32(name.encode()) for name in names}


def main(program, table, what, *versions):
    table, differ = pathlib.Path(table), 0
    releases = read(table)
    for version in versions:
        with tempfile.TemporaryDirectory() as folder:
            cuda, file, names = of_wheel(program, folder, version)
        if what == "--add":
            releases[version] = (cuda, file, names)
        elif releases.get(version) != (cuda, file, names):
            differ += 1
            print(f"{version}: the table has {releases.get(version, ('', '', ()))[:2]}, the wheel is {file} for CUDA {cuda}; "
                  f"{len(names ^ set(releases.get(version, ('', '', ()))[2]))} names differ")
        print(f"{version}: {len(names)} names")
    if what == "--add":
        write(table, releases)
    return differ > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
