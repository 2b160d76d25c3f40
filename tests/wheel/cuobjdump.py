#!/usr/bin/env python3
"""The GPU code that `slipway inspect` finds in libraries, held against NVIDIA's cuobjdump. Skipped where that is not there.

usage: cuobjdump.py SLIPWAY

Reads bitsandbytes 0.42.0 from the index that pip uses, and, where nvcc is there too, a library made here that has
PTX, code for "a" and "f" targets, and compressed code.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

SKIPPED = 77
TARGETS = ["arch=compute_80,code=sm_80", "arch=compute_90a,code=sm_90a", "arch=compute_90,code=[sm_90,compute_90]"]


def asked(slipway, wheel, *arguments):
    done = subprocess.run([slipway, "inspect", str(wheel), "--format", "json", *arguments], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def dumped(library):
    """{("sm", 90)} and the like, as cuobjdump lists them; it may leave out the letter of sm_90a."""
    found = set()
    for option, word in (("--list-elf", "sm"), ("--list-ptx", "compute")):
        text = subprocess.run(["cuobjdump", option, str(library)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False).stdout
        found |= {(word, int(number)) for number in re.findall(r"\.sm_(\d+)[a-z]?\.(?:cubin|ptx)", text)}
    return found


def compare(slipway, wheel, folder):
    """How many libraries differ; the report of the wheel."""
    report = asked(slipway, wheel, "--architectures")
    differ = 0
    with zipfile.ZipFile(wheel) as archive:
        for library in report["libraries"]:
            mine = {(word, int(number)) for code in library["architectures"] + library["ptx"]
                    for word, number in re.findall(r"^(sm|compute)_(\d+)[af]?$", code)}
            theirs = dumped(archive.extract(library["path"], folder))
            differ += mine != theirs
            print(f"{library['path']}: {len(mine)} kinds of code" +
                  ("" if mine == theirs else f", cuobjdump has {sorted(theirs - mine)} more and {sorted(mine - theirs)} less"))
    return differ, report


def published(slipway, folder):
    subprocess.run(["python3", "-m", "pip", "-q", "download", "--no-deps", "-d", folder, "bitsandbytes==0.42.0"], check=True)
    differ, report = compare(slipway, next(pathlib.Path(folder).glob("bitsandbytes*.whl")), folder)
    cudas = {library["cuda"] for library in report["libraries"]}
    ptx = [library["path"] for library in report["libraries"] if library["ptx"]]
    if "128" in cudas or "122" not in cudas or ptx:
        print(f"bitsandbytes 0.42.0 has libraries for {sorted(cudas)}, and PTX in {ptx}")
        return 1
    return differ


def made(slipway, folder):
    source, library = pathlib.Path(folder, "k.cu"), pathlib.Path(folder, "libk_cuda.so")
    source.write_text("__global__ void k(int *p) { p[threadIdx.x] += 1; }\n")
    subprocess.run(["nvcc", "-shared", "-Xcompiler", "-fPIC", "-Xfatbin", "-compress-all", "-o", library, source] +
                   [word for target in TARGETS for word in ("-gencode", target)], check=True)
    wheel = pathlib.Path(folder, "k-1-py3-none-any.whl")
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(library, "k/libk_cuda.so")
        archive.writestr("k-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: k\nVersion: 1\n")
        archive.writestr("k-1.dist-info/WHEEL", "Tag: py3-none-any\n")
    differ, report = compare(slipway, wheel, folder)
    codes = report["libraries"][0]
    if codes["architectures"] != ["sm_80", "sm_90", "sm_90a"] or codes["ptx"] != ["compute_90"]:
        print(f"made for {TARGETS}, read as {codes}")
        return 1
    return differ


def main(slipway):
    if shutil.which("cuobjdump") is None:
        print("skipped: there is no cuobjdump")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        differ = published(slipway, folder)
        if shutil.which("nvcc") is not None:
            differ += made(slipway, folder)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
