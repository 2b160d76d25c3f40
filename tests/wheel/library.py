#!/usr/bin/env python3
"""What the library readers see of the libraries in published wheels, held against readelf.

usage: library.py WHEEL_LIBRARY [WHEEL...]

Without wheels: those of WHEELS, from the index that pip uses. Each library is read exactly, and from its start.
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

# Linked by GNU ld, lld and gold; moved about by patchelf; of C, C++, CUDA and Rust.
WHEELS = ["torchtext==0.18.0", "torchcodec==0.9.1", "xformers==0.0.35", "ctranslate2==4.7.2", "numpy==2.3.5", "tokenizers==0.22.1",
          "bitsandbytes==0.42.0", "torchaudio==2.11.0"]
TARGET = ["--python-version", "3.12", "--implementation", "cp", "--only-binary", ":all:", "--no-deps"]
PLATFORMS = [f"--platform={name}_x86_64" for name in ("manylinux_2_28", "manylinux_2_27", "manylinux2014", "manylinux_2_17", "manylinux1", "linux")]


def dump(path, *options):
    return subprocess.run(["readelf", "-W", *options, path], stdout=subprocess.PIPE, text=True, check=True).stdout


def expected(path):
    """The set of lines that the reader has to print."""
    lines = set()
    dynamic = dump(path, "-d")
    lines |= {f"needed {name}" for name in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)}
    lines |= {f"soname {name}" for name in re.findall(r"\(SONAME\).*\[(.*)\]", dynamic)}
    lines |= {f"rpath {name}" for name in re.findall(r"\((?:RUNPATH|RPATH)\).*\[(.*)\]", dynamic)}
    for row in dump(path, "--dyn-syms").splitlines():
        found = re.match(r"\s*\d+: [0-9a-f]+\s+\S+\s+(\S+)\s+(\S+)\s+\S+\s+(?:\[.*?\]\s+)?(\S+)\s+([^@\s]+)", row)
        if found and found[2] != "LOCAL" and found[1] != "FILE":
            kind = "exported" if found[3] != "UND" else "weak" if found[2] == "WEAK" else "undefined"
            lines.add(f"{kind} {found[4]}")
    file, part = None, False
    for row in dump(path, "-V").splitlines():
        part = "Version needs section" in row or (part and not row.startswith("Version"))
        named = re.search(r"File: (\S+)", row)
        file = named[1] if named else file
        version = re.search(r"Name: (\S+)\s+Flags", row)
        if part and version:
            lines.add(f"version {file} {version[1]}")
    return lines


def seen(program, mode, paths):
    out = subprocess.run([program, mode], input="\n".join(map(str, paths)) + "\n", stdout=subprocess.PIPE, text=True, check=True).stdout
    found, path = {}, None
    for line in out.splitlines():
        word, rest = line.split(" ", 1)
        if word == "file":
            path = found.setdefault(rest, [])
        else:
            path.append(line)
    return found


def main(program, *wheels):
    differ = early = libraries = 0
    with tempfile.TemporaryDirectory() as folder:
        if not wheels:
            subprocess.run([sys.executable, "-m", "pip", "-q", "download", *TARGET, *PLATFORMS, "-d", folder, *WHEELS], check=True)
            wheels = sorted(pathlib.Path(folder).glob("*.whl"))
        for wheel in wheels:
            target = pathlib.Path(folder, pathlib.Path(wheel).stem)
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(target)
            paths = [path for path in sorted(target.rglob("*.so*")) if re.search(r"\.so(\.\d+)*$", path.name) and path.stat().st_size > 64]
            for mode in ("exact", "early"):
                for path, lines in seen(program, mode, paths).items():
                    want, got = expected(path), {line for line in lines if not line.startswith(("read ", "opened "))}
                    found_early = lines[-1].endswith(" early")
                    libraries += mode == "early"
                    early += found_early
                    # A name of its own that is not the file's name is not told apart at the start.
                    own = {line for line in want | got if line.startswith("soname ")} if found_early else set()
                    if want - own != got - own:
                        differ += 1
                        print(f"{mode}: {path.removeprefix(folder)}: lacks {sorted(want - got)[:5]}, and has {sorted(got - want)[:5]}")
    print(f"{libraries} libraries, {early} of them read from their start, {differ} differ")
    return differ > 0 or early < libraries / 3


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
