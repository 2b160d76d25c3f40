#!/usr/bin/env python3
"""Libraries of a real wheel, trimmed, and what NVIDIA's cuobjdump says of them.

usage: cuobjdump_test.py TRIM [LIBRARY...]      TAP on standard output

Without LIBRARY those of bitsandbytes are read, from the index that pip uses, as cuobjdump is where PATH has none. cuobjdump must list
what the trimmer says that it kept, and extract each of these with the bytes that it has in the untrimmed library.
"""
import collections
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

TARGETS = ["9.0", "8.9", "7.5,8.6,8.9,12.0"]
WHEEL, TOOL = "bitsandbytes==0.48.2", "nvidia-cuda-cuobjdump"
LIBRARIES = ["libbitsandbytes_cuda118.so", "libbitsandbytes_cuda128.so", "libbitsandbytes_cuda130.so"]


def fetch(requirement, folder):
    done = subprocess.run([sys.executable, "-m", "pip", "-q", "download", "--no-deps", "-d", folder, requirement], capture_output=True, text=True)
    wheels = list(pathlib.Path(folder).glob(re.split("[=<>]", requirement)[0].replace("-", "_") + "*.whl"))
    return wheels[0] if done.returncode == 0 and wheels else None


def find_tool(folder):
    if shutil.which("cuobjdump"):
        return shutil.which("cuobjdump")
    wheel = fetch(TOOL, folder)
    if wheel is None:
        return None
    with zipfile.ZipFile(wheel) as archive:
        tool = archive.extract(next(name for name in archive.namelist() if name.endswith("/bin/cuobjdump")), folder)
    pathlib.Path(tool).chmod(0o755)
    return tool


def find_libraries(folder):
    wheel = fetch(WHEEL, folder)
    if wheel is None:
        return []
    with zipfile.ZipFile(wheel) as archive:
        return [pathlib.Path(archive.extract(f"bitsandbytes/{name}", folder)) for name in LIBRARIES]


def extract(tool, library, folder):
    """{(kind of code, SHA-256 of it): how often}: all that cuobjdump finds and extracts; and why it could not go on, or None."""
    folder.mkdir()
    found, fault = collections.Counter(), None
    for option in ("-xelf", "-xptx"):
        done = subprocess.run([tool, option, "all", library.resolve()], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        fault = next((line for line in done.stderr.splitlines() if "fatal" in line), fault)
    for path in folder.iterdir():
        number, kind = re.search(r"\.sm_(\d+[af]?)\.(cubin|ptx)$", path.name).groups()
        found[("sm_" if kind == "cubin" else "compute_") + number, hashlib.sha256(path.read_bytes()).hexdigest()] += 1
        path.unlink()
    folder.rmdir()
    return found, fault


def bare(codes):
    """Without the letter of sm_100f, which cuobjdump leaves out."""
    return {code.rstrip("f") for code in codes}


def compare(trim, tool, library, folder):
    before, fault = extract(tool, library, folder / "x")
    if fault is not None:
        yield True, f"{library.name} # SKIP cuobjdump cannot read it untrimmed: {fault.split(' in ')[0]}", ""
        return
    for targets in TARGETS:
        out = folder / library.name
        done = subprocess.run([trim, "--for", targets, "--only", library, out], capture_output=True, text=True, check=False)
        kept, dropped = (set(re.search(rf"^{word}:(.*)$", done.stdout, re.M)[1].split()) for word in ("kept", "dropped"))
        after, fault = extract(tool, out, folder / "x")
        names = {name for name, _ in after}
        yield fault is None and bool(before) and names == bare(kept) and bare(kept | dropped) == {name for name, _ in before}, \
            f"{library.name} for {targets}: cuobjdump lists {' '.join(sorted(names))}", done.stdout
        yield not after - before, f"{library.name} for {targets}: {after.total()} of {before.total()} stay, with the bytes that they had", after - before
        yield out.stat().st_size == library.stat().st_size, f"{library.name} for {targets}: it is as long as before", ""
        again = folder / "again.so"
        subprocess.run([trim, "--for", targets, "--only", out, again], stdout=subprocess.DEVNULL, check=False)
        yield again.read_bytes() == out.read_bytes(), f"{library.name} for {targets}: twice is the same as once", ""


def main(trim, *libraries):
    trim = pathlib.Path(trim).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        tool = find_tool(folder)
        libraries = [pathlib.Path(path) for path in libraries] or (find_libraries(folder / "wheel") if tool else [])
        if not tool or not libraries:
            print("1..0 # SKIP there is no cuobjdump and no wheel to be had")
            return 0
        (folder / "out").mkdir()
        rows = [row for library in libraries for row in compare(trim, tool, library, folder / "out")]
    print(f"1..{len(rows)}")
    for number, (good, what, detail) in enumerate(rows, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {what}")
        if not good:
            print("".join(f"# {line}\n" for line in str(detail).splitlines()[:30]), end="")
    return 0 if all(good for good, *_ in rows) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
