#!/usr/bin/env python3
"""What `check` says of the shared libraries in wheels: an index of a few made-up and real names, served here, with libraries as small
as can be.

usage: link_test.py SLIPWAY      TAP on standard output
"""
import json
import os
import pathlib
import random
import string
import struct
import subprocess
import sys
import tempfile

from served import Server, script

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "trim"))
import libraries  # noqa: E402

OLD = "_ZN3c105ErrorC2ENS_14SourceLocationESs"  # of torch up to 2.6
NEW = "_ZN3c105ErrorC2ENS_14SourceLocationENSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE"


def library(needed=(), symbols=(), texts=(), soname=None, version=None):
    """A shared library: header, two segments, symbols, strings, the version needed of the first library, texts, dynamic section; its
    addresses are its offsets."""
    strings, places = b"\0", {}
    for text in (*needed, *symbols, *([soname] if soname else []), *([version] if version else [])):
        places[text] = len(strings)
        strings += text.encode() + b"\0"
    table = bytes(24) + b"".join(struct.pack("<IBBHQQ", places[name], 0x12, 0, 0, 0, 0) for name in symbols)
    at = 64 + 2 * 56
    data = table + strings
    data += bytes(-len(data) % 8)
    versions = at + len(data)
    if version:
        data += struct.pack("<HHIII", 1, 1, places[needed[0]], 16, 0) + struct.pack("<IHHII", 0, 0, 2, places[version], 0)
    data += b"\0" + b"".join(text.encode() + b"\0" for text in texts)
    data += bytes(-len(data) % 8)
    dynamic = [(1, places[name]) for name in needed] + ([(14, places[soname])] if soname else [])
    dynamic += [(0x6ffffffe, versions), (0x6fffffff, 1)] if version else []
    dynamic += [(5, at + len(table)), (10, len(strings)), (6, at), (0, 0)]
    start = at + len(data)
    data += b"".join(struct.pack("<QQ", *entry) for entry in dynamic)
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    for kind, offset, size in ((1, 0, at + len(data)), (2, start, 16 * len(dynamic))):
        head += struct.pack("<IIQQQQQQ", kind, 4, offset, offset, offset, size, size, 8)
    return head + data


TAG = {"tag": "cp311-cp311-manylinux_2_28_x86_64"}


def wheel(requires=(), **files):
    return list(requires), {**TAG, "modules": {name.replace("__", "/") + ("" if ".so" in name else ".so"): data for name, data in files.items()}}


# Its tables lie behind more packed bytes than are read of a library that the build did not make.
LARGE = library(texts=["libcublas.so.12", "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=900_000))])
CUDA12 = library(["libcudart.so.12", "libc10_cuda.so", "libc.so.6"])
INDEX = {
    "torch": {"2.5.0": [], "2.6.0": ["nvidia-cuda-runtime-cu12", "nvidia-cublas-cu12"], "2.8.0": ["nvidia-cuda-runtime-cu12", "nvidia-cublas-cu12"]},
    "nvidia-cuda-runtime-cu12": {"12.8.90": []},
    "nvidia-cublas-cu12": {"12.8.4.1": []},
    "nvidia-cudnn-cu12": {"9.10.2.21": []},
    "plain": {"1.0": wheel(plain___c=library(["libc.so.6", "libcuda.so.1", "libpython3.11.so.1.0"]))},
    "for-twelve": {"1.0": wheel(twelve___c=CUDA12)},
    "for-thirteen": {"1.0": wheel(thirteen___c=library(["libcudart.so.13", "libc10_cuda.so"]))},
    "alone": {"1.0": wheel(alone___c=library(["libcudart.so.13"]))},
    "in-part": {"1.0": wheel(part___c=library(["libcublas.so.12"]), part___extra=library(["libcudnn.so.8"]))},
    "of-two-cudas": {"1.0": wheel(rand=library(["libcurand.so.10"]), blas=library(["libcublas.so.12"]))},
    "of-old-cudnn": {"1.0": wheel(old=library(["libcudnn.so.8", "libcublas.so.11"]))},
    "own": {"1.0": wheel(own___c=library(["libcudart-12ab34cd.so.12.4", "libown.so"]), own__lib__libown=library(soname="libown.so"),
                         **{"own.libs__libcudart-12ab34cd.so.12.4": library()})},
    "named-twice": {"1.0": wheel(named___c=library(["libcudart.so.13"]), named__libcudart=library(), **{"named__libcudart.so.13": library()})},
    "opener": {"1.0": wheel(opener___c=library(["libc.so.6"], texts=["libcublas.so.12", "libnccl.so.2"]))},
    "opens-either": {"1.0": wheel(either___c=library(texts=["libcublas.so.11", "libcublas.so.12"]))},
    "grafted-own": {"1.0": wheel(grafted_own___c=library(["libgraftedown-12ab34cd.so.1"]), **{"grafted_own.libs__libgraftedown-12ab34cd.so.1": LARGE})},
    "grafted-other": {"1.0": wheel(grafted_other___c=library(["libblas-12ab34cd.so.1"]), **{"grafted_other.libs__libblas-12ab34cd.so.1": LARGE})},
    "of-new-glibc": {"1.0": wheel(new_glibc___c=library(["libc.so.6"], version="GLIBC_2.39"))},
    "of-new-glibc-in-part": {"1.0": wheel(part_glibc___c=library(["libc.so.6"], version="GLIBC_2.17"),
                                          part_glibc___d=library(["libc.so.6"], version="GLIBC_2.39"))},
    "of-ampere": {"1.0": wheel(ampere___c=CUDA12, ampere__kernels=libraries.library(libraries.container("sm_80", "sm_86")))},
    "of-ampere-and-ptx": {"1.0": wheel(ampere_ptx___c=CUDA12, ampere_ptx__kernels=libraries.library(libraries.container("sm_80", "compute_80")))},
    "of-hopper-alone": {"1.0": wheel(hopper___c=CUDA12, hopper__kernels=libraries.library(libraries.container("sm_90a")))},
    "of-new-stdcxx": {"1.0": wheel(new_stdcxx___c=library(["libstdc++.so.6"], version="GLIBCXX_3.4.32"))},
    "picture": {"1.0": wheel(picture=library(["libGL.so.1"]))},
    "video": {"1.0": wheel(video4=library(["libavutil.so.56"]), video7=library(["libc.so.6"]))},
    "odd": {"1.0": wheel(odd=library(["libodd.so.7"]))},
    "old-abi": {"1.0": wheel(old___c=library(["libc10.so"], [OLD, "malloc"]))},
    "new-abi": {"1.0": wheel(new___c=library(["libc10.so"], [NEW, "_ZN3c1012NotAnyNameEv"]))},
    "of-others": {"1.0": wheel(others___c=library(["libc10.so", "libelsewhere.so"], [OLD]))},
    "of-many": {"1.0": wheel(many__torch26=library(["libc10.so"], [OLD]), many__torch28=library(["libc10.so"], [NEW]))},
    "of-two": {"1.0": wheel(two__libx4=library(["libc10.so"], [OLD]), two__libx5=library(["libc10.so"], [NEW]))},
    "damaged": {"1.0": wheel(damaged=b"\x7fELF\2\1\1" + bytes(49) + b"\1\0\xff" + bytes(200))},
    "xformers": {"0.0.28.post2": wheel(xformers___C=library(["libcudart.so.13", "libc10_cuda.so"]))},
    "torchao": {"1.0": wheel(torchao___c=library(["libc10.so"], [OLD]))},
}
INDEX["apart"] = {"1.0": ([], {**TAG, "modules": {"apart/__init__.py": "import os\n", "apart/ops.so": library(["libc10.so"], [OLD]),
                                                "apart/gpu.so": library(["libcudart.so.13", "libc10_cuda.so"])}})}
INDEX["apart-not"] = {"1.0": ([], {**TAG, "modules": {"apart_not/__init__.py": "import os, torch\n", "apart_not/ops.so": library(["libc10.so"], [OLD])}})}
INDEX["apart-by-name"] = {"1.0": (["torch"], {**TAG, "modules": {"apart_by_name/__init__.py": "import os\n",
                                                               "apart_by_name/ops.so": library(["libc10.so"], [OLD])}})}
INDEX["needs-opener"] = {"1.0": (["opener"], {"modules": {"needs_opener.py": "import opener\n"}})}
INDEX["names-opener"] = {"1.0": (["opener"], {"modules": {"names_opener.py": "def f():\n  import opener\n"}})}
INDEX["guards-alone"] = {"1.0": (["alone"], {"modules": {"guards_alone.py": "try:\n  import alone\nexcept ImportError:\n  alone = None\n"}})}
INDEX["imports-alone"] = {"1.0": (["alone"], {"modules": {"imports_alone.py": "import alone\n"}})}

TORCH = 'torch: {{version: "2.8.0", cuda: "12.8"}}\n'
OLD_TORCH = 'torch: {{version: "2.6.0", cuda: "12.4"}}\n'

# name: (the profile's keys, the findings: a line has CODE, severity and the beginning of the text).
CASES = {
    "libraries of the system, the driver and Python": ("requirements: [plain==1.0]", []),
    "a library of torch's CUDA": (TORCH + "requirements: [for-twelve==1.0]", []),
    "a library that the wheel has under auditwheel's name": ("requirements: [own==1.0]", []),
    "a library of another CUDA than torch's": (
        TORCH + "requirements: [for-thirteen==1.0]", ["SW217 error for-thirteen 1.0 needs libcudart.so.13, which nothing in the image brings"]),
    "a library that the wheel has under two names": ("requirements: [named-twice==1.0]", []),
    "a release that torch's own index has for this CUDA": (
        'torch: {{version: "2.5.0", cuda: "12.4"}}\nrequirements: [xformers==0.0.28.post2]',
        ["SW217 warning xformers 0.0.28.post2 needs libcudart.so.13, which nothing in the image brings"]),
    "a newer glibc than the base image has": (
        "base_image: python:3.11-slim-bookworm\nrequirements: [of-new-glibc==1.0]",
        ["SW220 error of-new-glibc 1.0 needs glibc 2.39, and the base image has glibc 2.36"]),
    "a newer glibc, needed by some of the libraries": (
        "base_image: python:3.11-slim-bookworm\nrequirements: [of-new-glibc-in-part==1.0]",
        ["SW220 warning of-new-glibc-in-part 1.0 needs glibc 2.39, and the base image has glibc 2.36"]),
    "code for the GPU in the wheel's own bytes": (TORCH + "accelerators: [a100]\nrequirements: [of-ampere==1.0]", []),
    "no code for the GPU in the wheel's own bytes": (
        TORCH + "accelerators: [h100]\nrequirements: [of-ampere==1.0]", ["SW208 error of-ampere 1.0 has no code for the H100 (9.0)"]),
    "PTX for the GPU in the wheel's own bytes": (TORCH + "accelerators: [h100]\nrequirements: [of-ampere-and-ptx==1.0]", []),
    "code for the one architecture with all its features": (TORCH + "accelerators: [h100]\nrequirements: [of-hopper-alone==1.0]", []),
    "such code on a newer GPU": (
        TORCH + "accelerators: [b200]\nrequirements: [of-hopper-alone==1.0]", ["SW208 error of-hopper-alone 1.0 has no code for the B200 (10.0)"]),
    "no GPU is named": (TORCH + "requirements: [of-ampere==1.0]", []),
    "a newer libstdc++ than the base image has": (
        "base_image: python:3.11-slim-bookworm\nrequirements: [of-new-stdcxx==1.0]",
        ["SW220 error of-new-stdcxx 1.0 needs libstdc++ with GLIBCXX_3.4.32, and the base image has libstdc++ with GLIBCXX_3.4.30"]),
    "a newer libstdc++ that a step installs": (
        "base_image: python:3.11-slim-bookworm\nsteps: [apt-get install -y libstdc++6]\nrequirements: [of-new-stdcxx==1.0]", []),
    "a libstdc++ that the base image has": ("base_image: python:3.11-slim-trixie\nrequirements: [of-new-stdcxx==1.0]", []),
    "a glibc that the base image has": ("base_image: python:3.11-slim-trixie\nrequirements: [of-new-glibc==1.0]", []),
    "a library that nobody brings": ("requirements: [alone==1.0]", ["SW217 error alone 1.0 needs libcudart.so.13, which nothing"]),
    "a library of a project that its user can do without": (
        "requirements: [guards-alone==1.0]", ["SW217 warning alone 1.0 needs libcudart.so.13, which nothing in the image brings"]),
    "a library of a project that the profile names, and another can do without": (
        "requirements: [guards-alone==1.0, alone==1.0]", ["SW217 error alone 1.0 needs libcudart.so.13, which nothing in the image brings"]),
    "a library of a project that one of its users needs": (
        "requirements: [guards-alone==1.0, imports-alone==1.0]",
        ["SW217 error alone 1.0 needs libcudart.so.13, which nothing in the image brings"]),
    "a library that a requirement brings": ("requirements: [for-twelve==1.0, nvidia-cuda-runtime-cu12]", []),
    "a library that the base image brings": (
        'python_version: "3.10"\nbase_image: "nvidia/cuda:13.0.2-cudnn-runtime-ubuntu22.04"\nrequirements: ["alone==1.0"]', []),
    "a base image that is not known": (
        'base_image: "example.org/own:1"\nrequirements: [alone==1.0]', ["SW403 note alone 1.0 needs libcudart.so.13, and it is not known who brings it"]),
    "a package of the system that is about CUDA": ("system_packages: [libcudart13]\nrequirements: [alone==1.0]", []),
    "a part that a wheel can do without": (TORCH + "requirements: [in-part==1.0]", []),
    "both CUDAs": (
        TORCH + "requirements: [for-thirteen==1.0, alone==1.0, nvidia-cuda-runtime-cu12]\n",
        ["SW217 error alone 1.0 needs libcudart.so.13", "SW217 error for-thirteen 1.0 needs libcudart.so.13"]),
    "a library that is opened by name": (
        "accelerators: [a100]\nrequirements: [needs-opener==1.0]", ["SW217 error opener 1.0 opens libcublas.so.12, which nothing"]),
    "a library that is opened by a project that its user does not import when it is imported": (
        "accelerators: [a100]\nrequirements: [names-opener==1.0]", ["SW217 warning opener 1.0 opens libcublas.so.12, which nothing"]),
    "a library that is opened by the project's own library, which auditwheel put beside the package": (
        "accelerators: [a100]\nrequirements: [grafted-own==1.0]", ["SW217 error grafted-own 1.0 opens libcublas.so.12, which nothing"]),
    "a library that is opened by a library of others, which is not read that far": (
        "accelerators: [a100]\nrequirements: [grafted-other==1.0]", []),
    "a library that is opened by name, without a GPU": ("requirements: [opener==1.0]", []),
    "a library that is opened by name and comes with torch": (TORCH + "accelerators: [a100]\nrequirements: [opener==1.0]", []),
    "a library that is opened by several names": (TORCH + "accelerators: [a100]\nrequirements: [opens-either==1.0]", []),
    "a CUDA that has dropped the GPU": (
        "accelerators: [v100]\nrequirements: [alone==1.0]",
        ["SW208 error alone 1.0 is built for CUDA 13, which makes no code for the Tesla V100 (7.0)", "SW217 error alone 1.0"]),
    "a CUDA that needs a newer driver": (
        'driver: "550"\nrequirements: [alone==1.0]',
        ["SW203 error alone 1.0 is built for CUDA 13, which needs driver 580; the profile admits 550", "SW217 error alone 1.0"]),
    "a library of a package of the system": (
        "requirements: [picture==1.0]", ["SW217 error picture 1.0 needs libGL.so.1, which nothing in the image brings"]),
    "a library of a package that is installed": ("system_packages: [libgl1]\nrequirements: [picture==1.0]", []),
    "one of several libraries can be loaded": ("requirements: [video==1.0]", []),
    "a library that nobody knows": ("requirements: [odd==1.0]", []),
    "a symbol of an older torch": (
        TORCH + "requirements: [old-abi==1.0]", [f"SW218 error old-abi 1.0 needs a symbol that torch 2.8.0 does not export: {OLD}"]),
    "a symbol of this torch, and one that no torch has": (TORCH + "requirements: [new-abi==1.0]", []),
    "libraries for torch in a wheel that imports without torch": (
        TORCH + "requirements: [apart==1.0]", [f"SW218 warning apart 1.0 needs a symbol that torch 2.8.0 does not export: {OLD}",
                                               "SW217 warning apart 1.0 needs libcudart.so.13, which nothing in the image brings"]),
    "a library for torch in a wheel that imports torch": (
        TORCH + "requirements: [apart-not==1.0]", [f"SW218 error apart-not 1.0 needs a symbol that torch 2.8.0 does not export: {OLD}"]),
    "a library for torch in a wheel that requires torch": (
        TORCH + "requirements: [apart-by-name==1.0]", [f"SW218 error apart-by-name 1.0 needs a symbol that torch 2.8.0 does not export: {OLD}"]),
    "symbols of an older torch with that torch": (OLD_TORCH + "requirements: [old-abi==1.0]", []),
    "symbols of a newer torch": (OLD_TORCH + "requirements: [new-abi==1.0]", [f"SW218 error new-abi 1.0 needs a symbol that torch 2.6.0 does not export: {NEW}"]),
    "a build of torch with another ABI": (
        'torch: {{version: "2.6.0", cuda: "12.6"}}\nrequirements: [new-abi==1.0]',
        ["SW403 note the symbols that these take from torch are not checked, since those of this build of torch 2.6.0 are not known: new-abi"]),
    "symbols that may come from elsewhere": (TORCH + "requirements: [of-others==1.0]", []),
    "a library for each torch": (TORCH + "requirements: [of-many==1.0]", []),
    "variants, of which one can be loaded": (TORCH + "requirements: [of-two==1.0]", []),
    "a project that goes on without its compiled part": (TORCH + "requirements: [torchao==1.0]", ["SW218 note torchao 1.0 needs a symbol that torch 2.8.0"]),
    "libraries of two projects, for one CUDA": (
        "requirements: [of-two-cudas==1.0]", ["SW217 error of-two-cudas 1.0 needs libcurand.so.10, which nothing"]),
    "a library that newer releases do not have": (
        "requirements: [of-old-cudnn==1.0]", ["SW217 error of-old-cudnn 1.0 needs libcudnn.so.8, which nothing"]),
    "a library that is damaged": ("requirements: [damaged==1.0]", ["SW403 note the libraries of these wheels are not checked: damaged"]),
}
# The hints and fixes of the findings: projects for one CUDA, in releases that have the library.
CURES = {
    "libraries of two projects, for one CUDA": ["  fix: add requirements nvidia-cublas-cu12\n", "  fix: add requirements nvidia-curand-cu12\n"],
    "a library that newer releases do not have": ["  fix: add requirements nvidia-cublas-cu11\n", "  fix: add requirements nvidia-cudnn-cu11<9\n"],
}
CODES = ("SW203", "SW208", "SW217", "SW218", "SW220")


def said(finding):
    return finding["code"] in CODES or (finding["code"] == "SW403" and any(word in finding["message"] for word in ("librar", "who brings", "symbols")))


def check(slipway, server, folder, keys, *options):
    path = pathlib.Path(folder, "p.yaml")
    keys = keys.format(server=server.url)
    python = "" if "python_version" in keys else 'python_version: "3.11"\n'
    path.write_text(f"slipway: 1\nname: p\n{python}{keys}\n")
    environment = {**os.environ, "PIP_INDEX_URL": f"{server.url}/simple", "PIP_CONFIG_FILE": os.devnull, "XDG_CACHE_HOME": folder}
    done = subprocess.run([slipway, "check", "--format", "json", *options, path], stdout=subprocess.PIPE, env=environment, timeout=120)
    return json.loads(done.stdout)


def problem(slipway, server, folder, keys, expected):
    lines = sorted(f"{f['code']} {f['severity']} {f['message']}" for f in check(slipway, server, folder, keys)["findings"] if said(f))
    fits = len(lines) == len(expected) and all(line.startswith(start) for line, start in zip(lines, sorted(expected)))
    return None if fits else f"expected {expected}, and it says {lines}"


def cached(slipway, server, folder):
    """The second proof asks for no byte of a wheel."""
    keys = TORCH + "requirements: [old-abi==1.0, new-abi==1.0]"
    first = check(slipway, server, folder, keys)["findings"]
    before = len([request for request in server.seen if request.path.endswith(".whl")])
    again = check(slipway, server, folder, keys, "--offline")["findings"]
    after = len([request for request in server.seen if request.path.endswith(".whl")])
    return None if [f for f in first if said(f)] == [f for f in again if said(f)] and before == after else f"{before} and {after} requests"


def found(slipway, server, folder):
    """A file that names no image may get a library of CUDA from it; a Dockerfile says which image that is."""
    environment = {**os.environ, "PIP_INDEX_URL": f"{server.url}/simple", "PIP_CONFIG_FILE": os.devnull, "XDG_CACHE_HOME": folder}
    for name, text, expected in (
            ("requirements.txt", "needs-opener==1.0\n", "SW217 warning opener 1.0 opens libcublas.so.12, which no requirement brings, and the file"),
            ("Dockerfile", "FROM python:3.11-slim\nRUN pip install needs-opener==1.0\n",
             "SW217 error opener 1.0 opens libcublas.so.12, which nothing in the image brings"),
            ("Dockerfile", "FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04\nRUN pip install needs-opener==1.0\n", "")):
        pathlib.Path(folder, name).write_text(text)
        done = subprocess.run([slipway, "check", "--format", "json", "--gpu", "a100", name], cwd=folder, stdout=subprocess.PIPE, env=environment, timeout=120)
        lines = "|".join(f"{f['code']} {f['severity']} {f['message']}" for f in json.loads(done.stdout)["findings"] if f["code"] == "SW217")
        if not lines.startswith(expected) or bool(lines) != bool(expected):
            return f"{name}: expected {expected!r}, and it says {lines!r}"
    return None


def main(slipway):
    slipway = pathlib.Path(slipway).resolve()
    print(f"1..{len(CASES) + 2}")
    with Server(script(INDEX)) as server:
        tests = [(name, lambda folder, row=row: problem(slipway, server, folder, *row)) for name, row in CASES.items()]
        tests.append(("from the cache alone", lambda folder: cached(slipway, server, folder)))
        tests.append(("files that name an image, or none", lambda folder: found(slipway, server, folder)))
        for number, (name, test) in enumerate(tests, 1):
            with tempfile.TemporaryDirectory() as folder:
                fault = test(folder)
            print(f"{'not ok' if fault else 'ok'} {number} - {name}")
            if fault:
                print(f"# {fault}")


if __name__ == "__main__":
    main(*sys.argv[1:])
