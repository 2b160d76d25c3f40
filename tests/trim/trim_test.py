#!/usr/bin/env python3
"""The trimmer of images on libraries and packages made here.

usage: trim_test.py TRIM      TAP on standard output
"""
import base64
import hashlib
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

from libraries import CUBIN, container, entry, library

TRIM = sys.argv[1]
ALL = ["sm_70", "sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_90a", "sm_100", "sm_120", "compute_120"]
# The rules by which the driver chooses, as rows: the targets, the codes of one fat binary, the codes that stay.
RULES = [
    ("9.0", ALL, ["sm_90", "sm_90a"]),
    ("8.9", ["sm_80", "sm_86", "compute_90"], ["sm_86"]),
    ("8.6", ["sm_80", "sm_89", "sm_90"], ["sm_80"]),
    ("7.5,12.0", ALL, ["sm_75", "sm_120"]),
    ("12.0", ["sm_90", "compute_80", "compute_90"], ["compute_90"]),
    ("12.0", ["sm_90", "compute_90a"], []),
    ("9.0", ["sm_80", "compute_90a", "compute_80"], ["compute_80", "compute_90a"]),
    ("10.3", ["sm_100", "sm_100a", "sm_100f", "sm_103a", "sm_120f"], ["sm_100", "sm_100f", "sm_103a"]),
    ("10.0", ["sm_100f", "sm_103f", "sm_103a"], ["sm_100f"]),
    ("12.1", ["sm_120", "sm_120f", "sm_121"], ["sm_120f", "sm_121"]),
    ("8.9", ["sm_86", "sm_87"], ["sm_86"]),  # 8.7 is a Jetson: its code runs nowhere else
    ("10.3", ["sm_100", "sm_101"], ["sm_100"]),
    ("8.7", ["sm_86", "sm_87"], ["sm_87"]),
    ("9.0", ["sm_80", "lto_50", "compute_120"], ["lto_50"]),
    ("9.0", ["sm_80"], []),
]
GOOD = container("sm_80", "sm_90")
# Libraries that must stay as they are, and a part of the reason that is given.
LEFT = {
    "cut in a fat binary": (library(GOOD)[:200], "ELF header"),
    "cut before its section headers": (library(GOOD)[:-64], "ELF header"),
    "a fat binary longer than its section": (library(container("sm_80", "sm_90", size=4096)), "no fat binary"),
    "a fat binary longer than any file": (library(container("sm_80", size=2**64 - 24)), "no fat binary"),
    "an entry longer than its fat binary": (library(container(struct.pack("<HHIQ", 2, 0x101, 64, 2**40) + bytes(112))), "damaged"),
    "an entry whose length wraps around": (library(container(struct.pack("<HHIQ", 2, 0x101, 64, 2**64 - 64) + bytes(112))), "damaged"),
    "an entry's header longer than its fat binary": (library(container(struct.pack("<HHIQ", 2, 0x101, 4096, 0) + bytes(112))), "damaged"),
    "a header cut by the end of its fat binary": (library(container("sm_80", entry("sm_90")[:32])), "damaged"),
    "bytes between the fat binaries": (library(GOOD, b"something", bytes(7), GOOD), "no fat binary"),
    "a section longer than the file": (library(GOOD, size=1 << 40), "past its end"),
    "a section whose end wraps around": (library(GOOD, size=2**64 - 32), "past its end"),
    "a fat binary across two sections": (library(GOOD, size=100), "no fat binary"),
    "a section in the ELF header": (library(GOOD, offset=0), "overlap"),
    "two sections on the same bytes": (library(GOOD, more=[(".nv_fatbin", 64, len(GOOD))]), "overlap"),
    "another section on the same bytes": (library(GOOD, more=[(".rodata", 100, 8)]), "overlap"),
    "too many sections of fat binaries": (library(*[GOOD] * 9, size=len(GOOD), more=[
        (".nv_fatbin", 64 + number * len(GOOD), len(GOOD)) for number in range(1, 9)]), "absurdly many"),
    "an unknown version": (library(container("sm_80", "sm_90", version=2)), "version that is not known"),
    "an entry of an unknown version": (library(container("sm_80", entry("sm_90", version=0x0102))), "not known"),
    "an entry of an unknown kind": (library(container("sm_80", entry("sm_90", kind=64))), "not known"),
    "an entry with an unknown flag": (library(container("sm_80", entry("sm_90", flags=1 << 40))), "not known"),
    "an entry for nothing": (library(container("sm_80", entry("sm_90", kind=CUBIN, flags=0x300000))), "not known"),
    "absurdly many entries": (library(container(*[entry("sm_90", 8)] * 257)), "not known"),
}
failed = number = 0


def check(good, name, detail=""):
    global failed, number
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {name}")
    if not good:
        print("".join(f"# {line}\n" for line in str(detail).splitlines()), end="")


def run(*arguments):
    return subprocess.run([TRIM, *map(str, arguments)], capture_output=True, text=True)


def kept_in(data):
    """[(name, bytes)] of the entries of a made library's fat binaries, read here and not by the trimmer."""
    found, at = [], 64
    while data[at:at + 4] == b"\x50\xed\x55\xba":
        size, = struct.unpack_from("<Q", data, at + 8)
        at, end = at + 16, at + 16 + size
        while at < end:
            kind, _, header, payload = struct.unpack_from("<HHIQ", data, at)
            architecture, flags = struct.unpack_from("<I", data, at + 28)[0], struct.unpack_from("<Q", data, at + 40)[0]
            name = {1: "compute", 2: "sm", 8: "lto"}[kind] + f"_{architecture}" + ("a" if flags & 0x100000 else "f" if flags & 0x200000 else "")
            found.append((name, data[at:at + header + payload]))
            at += header + payload
        break
    return found


def one(folder, targets, data):
    (folder / "in.so").write_bytes(data)
    done = run("--for", targets, "--only", folder / "in.so", folder / "out.so")
    return done, (folder / "out.so").read_bytes() if done.returncode == 0 else b""


def try_rules(folder):
    for targets, codes, stay in RULES:
        data = library(container(*codes))
        done, out = one(folder, targets, data)
        found = kept_in(out)
        right = [name for name, _ in found] == [name for name in codes if name in stay] and len(out) == len(data)
        right = right and all(body == entry(name) for name, body in found)
        end = 80 + sum(len(body) for _, body in found)
        right = right and out[end:64 + len(container(*codes))].strip(b"\0") == b"" and out[64 + len(container(*codes)):] == data[64 + len(container(*codes)):]
        again, same = one(folder, targets, out)
        check(right and same == out, f"of {' '.join(codes)} for {targets} there stays {' '.join(stay) or 'nothing'}, once and for all",
              f"{done.stdout}{done.stderr}{found}{again.stdout}")


def try_order(folder):
    data = library(container(*ALL))
    check(one(folder, "9.0,12.0", data)[1] == one(folder, "12.0,9.0,12.0", data)[1], "the order of the GPUs does not matter")
    wide = one(folder, "7.5,9.0", data)[1]
    check([name for name, _ in kept_in(one(folder, "7.5", wide)[1])] == ["sm_75"], "what was trimmed can be trimmed further")
    relocatable = library(container("sm_80", "sm_90"), section="__nv_relfatbin")
    check([name for name, _ in kept_in(one(folder, "9.0", relocatable)[1])] == ["sm_90"], "code for the linker is trimmed too")
    other = library(container("sm_80", "sm_90"), section=".rodata")
    check(one(folder, "9.0", other)[1] == other, "fat binaries in other sections are not touched")
    mixed = library(container("sm_80", entry("sm_90", kind=64)), container("sm_80", "sm_90"))
    done, out = one(folder, "9.0", mixed)
    first = len(container("sm_80", entry("sm_90", kind=64)))
    check(out[:64 + first] == mixed[:64 + first] and out != mixed and "left whole" in done.stdout,
          "an unknown fat binary stays whole, the next one is trimmed", done.stdout)
    for text in ("", "9", "9.0,", "a.b", "9.0 ,8.0", "90", ",".join(f"{n}.0" for n in range(1, 18))):
        check(run("--for", text, "--only", folder / "in.so", folder / "out.so").returncode == 2, f"'{text[:20]}' is no list of GPUs")


def recorded(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def install(site, project, files, version="1.0", extra=""):
    """A project as an installer leaves it."""
    lines = []
    for path, data in files.items():
        data = data.encode() if isinstance(data, str) else data
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(data)
        lines.append(f"{path},{recorded(data)},{len(data)}\n")
    info = f"{project}-{version}.dist-info"
    (site / info).mkdir(parents=True, exist_ok=True)
    (site / info / "RECORD").write_text("".join(lines) + f"{info}/RECORD,,\n" + extra)
    return site / info / "RECORD"


def record(path):
    return {line.rsplit(",", 2)[0].strip('"'): line.rsplit(",", 2)[1:] for line in path.read_text().splitlines()}


def trim(site, *arguments, targets="9.0"):
    done = run("--for", targets, "--journal", site.parent / "trim.json", *arguments, site)
    path = site.parent / "trim.json"
    return done, {row["file"][len(str(site)) + 1:]: row for row in json.loads(path.read_text())["files"]} if path.exists() else {}


def digest_of(row):
    return ["sha256=" + row["sha256"], str(row["size"])]


def try_left(folder):
    site = folder / "left"
    files = {f"p/{place}.so": data for place, (data, _) in enumerate(LEFT.values())}
    install(site, "p", files)
    done, rows = trim(site)
    for place, (name, (data, why)) in enumerate(LEFT.items()):
        row = rows.get(f"p/{place}.so", {})
        same = (site / f"p/{place}.so").read_bytes() == data
        check(done.returncode == 0 and same and why in row.get("left", ""), f"left as it was: {name}", f"{row} {done.stderr}")


def try_record(folder):
    site = folder / "record"
    data, other = library(container(*ALL)), library(container("sm_90"))
    path = install(site, "Some_Torch", {"t/lib/a.so": data, "t/lib/b.so": other, "t/x, y.py": "x = 1\n"},
                   extra='"t/x, z.so",,\n../../../bin/tool,sha256=x,1\nbroken line\n')
    (site / "t/lib/a.so").chmod(0o751)
    os.utime(site / "t/lib/a.so", (1, 2))
    before = path.read_text().splitlines()
    done, rows = trim(site)
    after = path.read_text().splitlines()
    row = rows["t/lib/a.so"]
    now = (site / "t/lib/a.so").read_bytes()
    status = (site / "t/lib/a.so").stat()
    check(record(path)["t/lib/a.so"] == [recorded(now), str(len(now))] == digest_of(row["after"]), "RECORD and journal have the new digest", after)
    check(digest_of(row["before"]) == [recorded(data), str(len(data))], "the journal has the digest of before", row)
    check([old for old in before if "a.so" not in old] == [new for new in after if "a.so" not in new], "the other lines stay", after)
    check((status.st_mode & 0o7777, status.st_mtime) == (0o751, 2), "rights and time stay", status)
    check(row["kept"] == ["sm_90", "sm_90a"] and row["project"] == "some-torch" and "sm_80" in row["dropped"] and
          row["code"]["after"] < row["code"]["before"], "the journal says what stays", row)
    check("t/lib/b.so" not in rows, "a library that needs nothing is not written again")
    once = (path.read_bytes(), (site.parent / "trim.json").read_bytes(), now)
    trim(site)
    check(once == (path.read_bytes(), (site.parent / "trim.json").read_bytes(), (site / "t/lib/a.so").read_bytes()), "twice is the same as once")
    (site / "t/lib/a.so").write_bytes(next(iter(LEFT.values()))[0])
    done, _ = trim(site)
    check("left as it is" not in done.stdout, "a later run for the same GPUs reads no library that it trimmed", done.stdout)
    (site / "t/lib/a.so").write_bytes(now)
    install(site, "more", {"m/c.so": data})
    _, rows = trim(site)
    check(set(rows) == {"t/lib/a.so", "m/c.so"}, "a later run adds to the journal", set(rows))
    both = library(container(*ALL, "sm_61"))
    install(site, "Some_Torch", {"t/lib/a.so": both, "t/lib/b.so": other})
    _, rows = trim(site)
    check(digest_of(rows["t/lib/a.so"]["before"]) == [recorded(both), str(len(both))], "a file that was installed again has its own digest of before")
    install(site, "Some_Torch", {"t/lib/a.so": "x" * 5000, "t/lib/b.so": other})
    _, rows = trim(site)
    check("t/lib/a.so" not in rows, "of a file that is another now nothing is said any more", rows)


def try_narrower(folder):
    site = folder / "narrower"
    data = library(container(*ALL))
    path = install(site, "torch", {"t/a.so": data})
    trim(site, targets="9.0,12.0")
    _, rows = trim(site, targets="12.0")
    now = (site / "t/a.so").read_bytes()
    check(rows["t/a.so"]["kept"] == ["sm_120"] and digest_of(rows["t/a.so"]["before"]) == [recorded(data), str(len(data))] and
          record(path)["t/a.so"] == [recorded(now), str(len(now))], "trimmed further, the first digest stays", rows)


def try_shared(folder):
    site = folder / "shared"
    data = library(container(*ALL))
    paths = [install(site, project, {"n/a.so": data}) for project in ("one", "two")]
    trim(site)
    now = (site / "n/a.so").read_bytes()
    check(all(record(path)["n/a.so"] == [recorded(now), str(len(now))] for path in paths), "a file of two projects is right in both RECORDs")


def try_removal(folder):
    site = folder / "removal"
    cuda = {f"b/libb_cuda{number}.so": library(container("sm_90")) for number in (118, 121, 128, 130)}
    record_b = install(site, "bitsandbytes", {**cuda, "b/libb_rocm63.so": "x" * 5000, "b/libb_cpu.so": "x" * 5000, "b/libc_cuda118.so": "x" * 5000})
    install(site, "nvidia_cuda_runtime_cu12", {"nvidia/cuda_runtime/include/cuda.h": "int x;\n", "nvidia/cuda_runtime/lib/libcudart_static.a": "x",
                                               "nvidia/cuda_runtime/lib/libcudart.so": "x"})
    install(site, "good", {"good/__init__.py": "x = 1  # from tests import y\n", "good/tests/test_x.py": "import good.tests.y\n",
                           "good/__pycache__/__init__.cpython-311.pyc": "x", "good/include/a.h": "x", "tests/own.py": "x\n"})
    install(site, "needs", {"needs/__init__.py": "if 1:\n    from .tests.helper import x\n", "needs/tests/helper.py": "x = 1\n"})
    done, rows = trim(site, "--cuda", "128", "--remove", "libraries", "--remove", "archives", "--remove", "headers", "--remove", "tests")
    gone = {path for path, row in rows.items() if row.get("after", 0) is None}
    check(gone == {"b/libb_cuda118.so", "b/libb_cuda121.so", "b/libb_cuda130.so", "b/libb_rocm63.so", "good/tests/test_x.py",
                   "nvidia/cuda_runtime/include/cuda.h", "nvidia/cuda_runtime/lib/libcudart_static.a"}, "what no process loads goes", gone)
    check(not any((site / path).exists() for path in gone) and not (site / "good/tests").exists(), "it is gone, and so are empty folders")
    check(gone.isdisjoint(record(record_b)) and "b/libb_cuda128.so" in record(record_b), "RECORD does not name it any more")
    check("the tests of needs stay" in done.stdout, "tests that a package imports stay, and that is said", done.stdout)
    check({row["reason"] for row in rows.values() if "reason" in row} == {"libraries", "archives", "headers", "tests"}, "each has its reason")
    site = folder / "second/compiles"
    install(site, "cupy_cuda12x", {"cupy/__init__.py": "x\n"})
    install(site, "nvidia_cuda_runtime_cu12", {"nvidia/cuda_runtime/include/cuda.h": "int x;\n"})
    trim(site, "--remove", "headers")
    check((site / "nvidia/cuda_runtime/include/cuda.h").exists(), "headers stay where a project compiles with them")
    site = folder / "third/keep"
    data = library(container(*ALL))
    for project in ("nvidia_cudnn_cu12", "Kept.Project", "torch"):
        install(site, project, {f"{project}/a.so": data})
    _, rows = trim(site, "--keep", "nvidia", "--keep", "kept-project")
    check(set(rows) == {"torch/a.so"}, "what is to be kept is not touched", rows)


def try_own_cuda(folder):
    """Without a word about CUDA, the torch that is installed decides which libraries stay."""
    cuda = {f"b/libb_cuda{number}.so": "x" * 100 for number in (118, 126, 128)}
    rows = [("cuda: Optional[str] = '12.8'\n", [], {118, 126}), ('cuda = "11.8"\n', [], {126, 128}), ("cuda = None\n", [], set()),
            ("cuda: Optional[str] = '12.8\n", [], set()), ("hip = '12.8'\n", [], set()), ("cuda = '12.8'\n", ["--cuda", "126"], {118}),
            (None, [], set()), (None, ["--cuda", "126"], {118, 128})]
    for number, (version, arguments, gone) in enumerate(rows):
        site = folder / str(number) / "site"
        install(site, "b", cuda)
        if version is not None:
            install(site, "torch", {"torch/version.py": "__version__ = '2.8.0'\n" + version})
        _, found = trim(site, "--remove", "libraries", *arguments)
        check(set(found) == {f"b/libb_cuda{digits}.so" for digits in gone}, f"torch says {version!r}, asked {arguments}: {gone or 'none'} go", set(found))


def try_bytecode(folder):
    site = folder / "bytecode" / "site"
    files = {"p/__init__.py": "x = 1\n", "p/__pycache__/__init__.cpython-311.pyc": "x", "p/only.pyc": "x"}
    install(site, "p", files)
    _, rows = trim(site)
    check(not rows, "without a word every compiled module stays", set(rows))
    _, rows = trim(site, "--remove", "bytecode")
    check(set(rows) == {"p/__pycache__/__init__.cpython-311.pyc"}, "a compiled twin goes, a module that is there only compiled stays", set(rows))


def try_plan_only(folder):
    data = library(container(*ALL))
    (folder / "in.so").write_bytes(data)
    written, told = run("--for", "9.0", "--only", folder / "in.so", folder / "out.so"), run("--for", "9.0", "--only", folder / "in.so")
    check(told.returncode == 0 and written.stdout == told.stdout + written.stdout.splitlines()[-1] + "\n" and "sha256" not in told.stdout,
          "without a place for the library it is only said what would stay", told.stdout + told.stderr)
    check(run("--for", "9.0", "--only").returncode == 2 and run("--for", "9.0", "--only", "a", "b", "c").returncode == 2, "one library, one place")


def try_traps(folder):
    site, outside = folder / "traps", folder / "outside"
    data = library(container(*ALL))
    outside.mkdir()
    (outside / "a.so").write_bytes(data)
    (outside / "x.a").write_text("x")
    install(site, "p", {"p/__init__.py": "x\n"}, extra=f"p/link.so,,\np/folder/a.so,,\np/folder/x.a,,\np/x.a,,\n../outside/a.so,,\n{outside}/a.so,,\n"
                                                       "p/../../outside/a.so,,\np/./a.so,,\np//a.so,,\n" + "a" * 5000 + ",,\np/fifo.so,,\n")
    os.symlink(outside / "a.so", site / "p/link.so")
    os.symlink(outside / "x.a", site / "p/x.a")
    os.symlink(outside, site / "p/folder")
    os.mkfifo(site / "p/fifo.so")
    done, rows = trim(site, "--remove", "archives")
    check(done.returncode == 0 and (outside / "a.so").read_bytes() == data and (outside / "x.a").exists(), "nothing outside of the folder is touched",
          f"{rows} {done.stderr}")
    os.link(outside / "a.so", site / "p/hard.so")
    with (site / "p-1.0.dist-info/RECORD").open("a") as file:
        file.write("p/hard.so,,\n")
    trim(site)
    check((outside / "a.so").read_bytes() == data and (site / "p/hard.so").read_bytes() != data, "another name of a file keeps its bytes")
    (site.parent / "trim.json").write_text('{"version":2}\n')
    check(run("--for", "9.0", "--journal", site.parent / "trim.json", site).returncode == 1,
          "a journal that is not its own is not overwritten")
    check(run("--for", "9.0", "--journal", folder / "no/such/trim.json", site).returncode == 1, "a journal that cannot be written is a failure")
    check(run("--for", "9.0", folder / "nothing").returncode == 1, "a folder that is not there is a failure")


with tempfile.TemporaryDirectory() as name:
    print("TAP version 13")
    for test in (try_rules, try_order, try_left, try_record, try_narrower, try_shared, try_removal, try_own_cuda, try_bytecode, try_plan_only, try_traps):
        place = pathlib.Path(name, test.__name__)
        place.mkdir()
        test(place)
    print(f"1..{number}")
sys.exit(1 if failed else 0)
