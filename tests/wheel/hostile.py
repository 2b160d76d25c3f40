#!/usr/bin/env python3
"""Wheels that lie, against `slipway inspect`: each must end in an error that names the wheel, soon and in little memory.

usage: hostile.py SLIPWAY SANITIZED      TAP on standard output; SANITIZED: whether it is built with sanitizers, which
                                         need more memory than there is to prove
"""
import io
import json
import os
import pathlib
import random
import resource
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

MEMORY = 256 << 20
SECONDS = 60
DIST = "x-1.dist-info/"
METADATA = b"Metadata-Version: 2.1\nName: x\nVersion: 1\n"


class Member:
    """A member as the directory has it and as its local header has it; what differs is a lie."""

    def __init__(self, name, data=b"", deflated=False, **lies):
        self.name = name.encode() if isinstance(name, str) else name
        packed = zlib.compressobj(9, zlib.DEFLATED, -15) if deflated else None
        self.data = packed.compress(data) + packed.flush() if deflated else data
        self.fields = dict(flags=0, method=8 if deflated else 0, crc=zlib.crc32(data), compressed=len(self.data),
                           size=len(data), extra=b"", offset=None)
        self.local = dict(self.fields, name=self.name)
        self.fields.update({key: value for key, value in lies.items() if not key.startswith("local_")})
        self.local.update({key[6:]: value for key, value in lies.items() if key.startswith("local_")})

    def header(self):
        f = self.local
        return struct.pack("<IHHHIIIIHH", 0x04034B50, 20, f["flags"], f["method"], 0, f["crc"], f["compressed"], f["size"],
                           len(f["name"]), len(f["extra"])) + f["name"] + f["extra"]

    def entry(self, offset):
        f = self.fields
        offset = offset if f["offset"] is None else f["offset"]
        return struct.pack("<IHHHHIIIIHHHHHII", 0x02014B50, 20, 20, f["flags"], f["method"], 0, f["crc"], f["compressed"],
                           f["size"], len(self.name), len(f["extra"]), 0, 0, 0, 0, offset) + self.name + f["extra"]


def archive(*members, end=None, between=b"", end64=None, locator=None, comment=b""):
    """The bytes of a zip file; `end`, `end64` and `locator` replace fields of its end records."""
    body, directory = b"", b""
    for member in members:
        directory += member.entry(len(body))
        body += member.header() + member.data
    f = dict(disk=0, start=0, here=len(members), count=len(members), size=len(directory), offset=len(body), comment=len(comment))
    f.update(end or {})
    wide = b""
    if end64 is not None:
        g = dict(record=44, disk=0, start=0, here=len(members), count=len(members), size=len(directory), offset=len(body))
        g.update(end64)
        wide = struct.pack("<IQHHIIQQQQ", 0x06064B50, g["record"], 45, 45, g["disk"], g["start"], g["here"], g["count"],
                           g["size"], g["offset"])
    at = len(body) + len(directory) + len(between)
    if locator is not None:
        h = dict(disk=0, offset=at, disks=1)
        h.update(locator)
        wide += struct.pack("<IIQI", 0x07064B50, h["disk"], h["offset"], h["disks"])
    return (body + directory + between + wide +
            struct.pack("<IHHHHIIH", 0x06054B50, f["disk"], f["start"], f["here"], f["count"], f["size"], f["offset"], f["comment"]) +
            comment)


def described(*members, **lies):
    return archive(Member(DIST + "METADATA", METADATA), Member(DIST + "WHEEL", b"Tag: py3-none-any\n"), *members, **lies)


def elf(fatbin, **lies):
    names = b"\0.shstrtab\0.nv_fatbin\0"
    body = fatbin + names
    body += bytes(-len(body) % 8)
    f = dict(sections=64 + len(body), entry=64, count=3, index=2, offset=64, size=len(fatbin), names=64 + len(fatbin),
             names_size=len(names))
    f.update(lies)
    header = struct.pack("<7s33xQ10xHHH", b"\x7fELF\2\1\1", f["sections"], f["entry"], f["count"], f["index"])
    section = lambda name, kind, offset, size: struct.pack("<II16xQQ24x", name, kind, offset, size)
    return (header + body + section(0, 0, 0, 0) + section(11, 1, f["offset"], f["size"]) +
            section(1, 3, f["names"], f["names_size"]))


def code(kind=2, architecture=90, header=64, payload=8, data=None):
    return struct.pack("<HHIQ12xI8xQ16x", kind, 0x101, header, payload, architecture, 0x11) + bytes(payload if data is None else data)


def container(*entries, size=None):
    body = b"".join(entries)
    return struct.pack("<IHHQ", 0xBA55ED50, 1, 16, len(body) if size is None else size) + body


def library(data, deflated=True, **lies):
    return described(Member("x/libx_cuda121.so", data, deflated, **lies))


ZEROS = bytes(64 << 20)
BOMB = Member("x/libx_cuda121.so", ZEROS, True)
FOUR_GIB = 0xFFFFFFFF
WIDE = struct.pack("<HHQQ", 1, 16, 1 << 60, 1 << 60)
LIARS = {
    # bombs
    "a library that is packed too tightly": (described(BOMB), "--architectures"),
    "metadata that are too large": (archive(Member(DIST + "METADATA", ZEROS, True)),),
    "a module that is too large": (described(Member("x/__init__.py", ZEROS, True)), "--module", "x"),
    "more than the directory says": (archive(Member(DIST + "METADATA", ZEROS, True, size=100, local_size=100)),),
    "less than the directory says": (archive(Member(DIST + "METADATA", METADATA, True, size=4000, local_size=4000)),),
    # sizes and sums
    "a wrong sum": (archive(Member(DIST + "METADATA", METADATA, crc=1, local_crc=1)),),
    "two sums": (archive(Member(DIST + "METADATA", METADATA, local_crc=1)),),
    "two sizes": (archive(Member(DIST + "METADATA", METADATA, local_size=1)),),
    "a stored member with two sizes": (archive(Member(DIST + "METADATA", METADATA, size=1, local_size=1)),),
    "two names": (archive(Member(DIST + "METADATA", METADATA, local_name=b"y" * 22)),),
    "two methods": (archive(Member(DIST + "METADATA", METADATA, local_method=8)),),
    "an unknown method": (archive(Member(DIST + "METADATA", METADATA, method=12, local_method=12)),),
    "encryption": (archive(Member(DIST + "METADATA", METADATA, flags=1, local_flags=1)),),
    "no deflate": (archive(Member(DIST + "METADATA", b"\xff" * 50, method=8, local_method=8)),),
    "an empty deflate stream": (archive(Member(DIST + "METADATA", b"", method=8, local_method=8, size=9, local_size=9)),),
    "data behind the deflate stream": (archive(Member(DIST + "METADATA", b"\3\0more", method=8, local_method=8, size=0,
                                                      local_size=0, crc=0, local_crc=0)),),
    # places
    "an offset past the end": (archive(Member(DIST + "METADATA", METADATA, offset=1 << 30)),),
    "an offset in the directory": (archive(Member(DIST + "METADATA", METADATA, offset=100)),),
    "a member that reaches past the end": (archive(Member(DIST + "METADATA", METADATA, compressed=1 << 31, local_compressed=1 << 31)),),
    "two members in one place": (described(Member("y", offset=0)),),
    "a member within another": (described(Member("y", Member("z", b"z").header() + b"z"), Member("z", b"z", offset=160)),),
    "something in front": (b"#!/bin/sh\n" + described(),),
    "something behind": (described() + b"\0",),
    "something before the end record": (described(between=b"\0"),),
    # names
    "two members of one name": (described(Member("y"), Member("y")),),
    "a name with a NUL": (described(Member(b"y\0z")),),
    "a name that is not UTF-8": (described(Member(b"\xff")),),
    "no name": (described(Member(b"")),),
    "two distributions": (described(Member("y-1.dist-info/METADATA", METADATA)),),
    "no metadata": (archive(Member("x.py")),),
    # directories
    "fewer members than it says": (described(end=dict(here=60000, count=60000)),),
    "more members than it says": (described(end=dict(here=1, count=1)),),
    "a directory elsewhere": (described(end=dict(offset=1)),),
    "a directory past the end": (described(end=dict(offset=FOUR_GIB - 1)),),
    "an absurd directory": (described(end=dict(size=FOUR_GIB - 1)),),
    "one disk of two": (described(end=dict(disk=1)),),
    "a comment that is too long": (described(end=dict(comment=5)),),
    # zip64
    "an absurd count": (described(end=dict(here=0xFFFF, count=0xFFFF), end64=dict(here=1 << 62, count=1 << 62), locator={}),),
    "an absurd size": (described(end=dict(size=FOUR_GIB), end64=dict(size=1 << 62), locator={}),),
    "an offset that overflows": (described(end=dict(offset=FOUR_GIB), end64=dict(offset=(1 << 64) - 1), locator={}),),
    "two end records that disagree": (described(end64=dict(count=1, here=1), locator={}),),
    "a locator of itself": (described(end64={}, locator=dict(offset=(1 << 64) - 20)),),
    "a locator into the members": (described(end64={}, locator=dict(offset=0)),),
    "a zip64 end record of another size": (described(end64=dict(record=1 << 63), locator={}),),
    "a zip64 field that is missing": (described(Member("y", size=FOUR_GIB)),),
    "a zip64 field that is too short": (described(Member("y", size=FOUR_GIB, extra=b"\1\0\4\0abcd")),),
    "a zip64 field that is cut": (described(Member("y", size=FOUR_GIB, extra=b"\1\0\x20\0abcd")),),
    "sizes that overflow": (described(Member("y", size=FOUR_GIB, compressed=FOUR_GIB, extra=WIDE)),),
    "zip64 within zip64": (described(Member("y", size=FOUR_GIB, extra=b"\1\0\x08\0" + struct.pack("<Q", FOUR_GIB) * 1 + WIDE,
                                            compressed=FOUR_GIB)),),
    "another size in the local zip64 field": (archive(Member(DIST + "METADATA", METADATA, local_size=FOUR_GIB,
                                                             local_compressed=FOUR_GIB, local_extra=WIDE)),),
    # what is in it
    "a library without its sections": (library(elf(container(code()), sections=1 << 40)), "--architectures"),
    "a library with absurdly many sections": (library(elf(container(code()), count=0xFFFF)), "--architectures"),
    "a library without section names": (library(elf(container(code()), names=1 << 50)), "--architectures"),
    "a section past the end": (library(elf(container(code()), size=1 << 60)), "--architectures"),
    "a fat binary past its section": (library(elf(container(code(), code(payload=1 << 62, data=8)))), "--architectures"),
    "a fat binary of an absurd size": (library(elf(container(code(), size=1 << 61))), "--architectures"),
    "an entry with an absurd header": (library(elf(container(code(), code(header=1 << 30)))), "--architectures"),
    "a section without a fat binary": (library(elf(bytes(64))), "--architectures"),
    "code for absurdly many architectures": (library(elf(container(*(code(architecture=i) for i in range(200))))), "--architectures"),
    "as many in one fat binary as there is room for": (library(elf(container(*(code(architecture=i) for i in range(400000))))),
                                                       "--architectures"),
    "blocks in blocks": (described(Member("x.py", "".join(f"{' ' * i}if x:\n" for i in range(500)).encode())), "--module", "x"),
    "handlers without end": (described(Member("x.py", b"try:\n" + b" import a\n" * 90000 + b"except:\n pass\n" * 90000 + b"a=1\n" * 10001)),
                             "--module", "x"),
    "names without end": (described(Member("x.py", b"a=1\n" * 200000, True)), "--module", "x"),
}


class Program:
    def __init__(self, slipway, sanitized, folder):
        self.slipway, self.sanitized, self.path = slipway, sanitized, pathlib.Path(folder) / "x-1-py3-none-any.whl"
        self.environment = dict(os.environ, HOME=folder, XDG_CACHE_HOME=folder, ASAN_OPTIONS="allocator_may_return_null=1")

    def limit(self):
        if not self.sanitized:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    def run(self, data, *arguments):
        self.path.write_bytes(data)
        return subprocess.run([self.slipway, "inspect", str(self.path), "--format", "json", *arguments], env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=SECONDS, preexec_fn=self.limit,
                              check=False)

    def refuses(self, data, *arguments):
        """Why it did not refuse these as it should, or None."""
        done = self.run(data, *arguments)
        if done.returncode != 2:
            return f"exit status {done.returncode}: {done.stdout[-300:]} {done.stderr[-300:]}"
        message = json.loads(done.stdout)["findings"][0]
        if self.path.name not in message["message"] and message["file"] not in ("x.py", "x/__init__.py"):
            return f"does not name the wheel: {message['message']}"
        return None


def sound():
    """A wheel as they are, with everything in it that is looked at."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr("x/version.py", "cuda = '12.1'\n")
        wheel.writestr("x/libx_cuda121.so", elf(container(code(), code(1))))
        wheel.writestr(DIST + "METADATA", METADATA)
        wheel.writestr(DIST + "WHEEL", "Tag: py3-none-any\n")
    return out.getvalue()


def truncations(program, data):
    for n in range(len(data)):
        fault = program.refuses(data[:n])
        if fault is not None:
            return f"cut to {n} of {len(data)} bytes: {fault}"
    return None


def mutations(program, data):
    """What may happen to random damage: an answer or a refusal, nothing else."""
    chance = random.Random(1)
    for n in range(300):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        done = program.run(bytes(damaged), "--architectures")
        if done.returncode not in (0, 2) or "Sanitizer" in done.stderr:
            return f"mutation {n}: exit status {done.returncode}: {done.stderr[-300:]}"
    return None


def takes(program, data):
    done = program.run(data, "--architectures")
    if done.returncode != 0:
        return f"exit status {done.returncode}: {done.stdout}"
    found = json.loads(done.stdout)
    library_row = found["libraries"][0]
    right = found["versions"] == {"x.version.cuda": "12.1"} and library_row["cuda"] == "121"
    return None if right and library_row["architectures"] == ["sm_90"] and library_row["ptx"] == ["compute_90"] else done.stdout


def main(slipway, sanitized):
    with tempfile.TemporaryDirectory() as folder:
        program = Program(slipway, sanitized == "true", folder)
        checks = [("a sound wheel is read", lambda: takes(program, sound())),
                  ("zip64 records that nothing needs are read",
                   lambda: takes(program, described(Member("x/version.py", b"cuda = '12.1'\n"),
                                                    Member("x/libx_cuda121.so", elf(container(code(), code(1)))),
                                                    end64={}, locator={}, comment=b"said behind")))]
        checks += [(name, lambda liar=liar: program.refuses(*liar)) for name, liar in LIARS.items()]
        checks += [("every truncation", lambda: truncations(program, sound())), ("mutations", lambda: mutations(program, sound()))]
        print(f"1..{len(checks)}")
        failed = 0
        for number, (name, check) in enumerate(checks, 1):
            fault = check()
            failed += fault is not None
            print(f"{'ok' if fault is None else 'not ok'} {number} - {name}")
            if fault is not None:
                print("".join(f"# {line}\n" for line in str(fault).splitlines()), end="")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
