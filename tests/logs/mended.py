#!/usr/bin/env python3
"""How many failures that a profile can mend are mended: each row is a profile with one fault and the log that its build gives.

usage: mended.py SLIPWAY UV [NAME...]      outside CI; UV is the program uv, whose index is asked

A row with a command is real: its requirements and constraints are installed into a fresh environment, the command is run in it, and
the log of the first of both that fails is explained with the profile. The fixes of its findings are applied, and all of that happens again,
five times at most, until the command passes. A row with a log has a fault that only an image has (a system package, a GPU): the log is a
real one in this folder or its words, and the fixes must bring the known remedy. After each fix `check` may find no error.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROUNDS = 5
BASE = {"slipway": 1, "name": "p", "python_version": "3.11"}

# Name, what the profile has, the command.
REAL = [
    ("yaml", {"requirements": ["six"]}, "import yaml"),
    ("cv2", {"requirements": ["six"]}, "import cv2"),
    ("pillow", {"requirements": ["six"]}, "import PIL.Image"),
    ("bs4", {"requirements": ["six"]}, "import bs4"),
    ("dotenv", {"requirements": ["six"]}, "import dotenv"),
    ("jwt", {"requirements": ["six"]}, "import jwt"),
    ("two-modules", {"requirements": ["six"]}, "import yaml, dateutil.parser"),
    ("einops", {"requirements": ["six"]}, "import einops"),
    ("pkg-resources", {"requirements": ["six"]}, "import pkg_resources"),
    ("multipart", {"requirements": ["fastapi"]}, "import fastapi, multipart"),
    ("hub-cached-download", {"requirements": ["huggingface_hub>=0.30"]}, "from huggingface_hub import cached_download"),
    ("hub-folder", {"requirements": ["huggingface_hub"]}, "from huggingface_hub import HfFolder"),
    ("numpy-float_", {"requirements": ["pandas"]}, "import numpy; numpy.float_"),
    ("numpy-float", {"requirements": ["numpy"]}, "import numpy; numpy.float"),
    ("numpy-abi", {"requirements": ["opencv-python-headless==4.8.1.78"]}, "import cv2"),
    ("pillow-antialias", {"requirements": ["pillow"]}, "from PIL import Image; Image.ANTIALIAS"),
    ("jinja-markup", {"requirements": ["jinja2"]}, "from jinja2 import Markup"),
    ("soft-unicode", {"requirements": ["markupsafe"]}, "from markupsafe import soft_unicode"),
    ("werkzeug", {"requirements": ["flask==2.2.2", "werkzeug"]}, "import flask"),
    ("pins", {"requirements": ["transformers==4.40.0", "tokenizers==0.21.0"]}, "import tokenizers"),
    ("pins-two", {"requirements": ["fastapi==0.100.0", "starlette==0.36.0"]}, "import fastapi"),
    ("no-version", {"requirements": ["requests==2.99.99"]}, "import requests"),
    ("python-too-old", {"requirements": ["numpy==2.5.0"]}, "import numpy"),
    ("pydantic-settings", {"requirements": ["pydantic"]}, "from pydantic import BaseSettings"),
    ("protobuf", {"requirements": ["tensorboard==2.8.0", "setuptools<70", "protobuf>=4", "numpy<1.24"]},
     "from tensorboard.compat.proto import summary_pb2"),
    ("unsatisfiable", {"requirements": ["numpy<1.0,>=1.20"]}, "import numpy"),
]
DEBIAN = {"requirements": ["six"], "system_packages": ["git"]}
TORCH = {"torch": {"version": "2.8.0", "cuda": "12.8"}, "accelerators": ["h100"], "requirements": ["six"]}
# Name, what the profile has, the log (a file here, or its words), the remedy in the mended profile.
TOLD = [
    ("libgl", DEBIAN, "ImportError: libGL.so.1: cannot open shared object file: No such file or directory", "libgl1"),
    ("libgomp", DEBIAN, "OSError: libgomp.so.1: cannot open shared object file: No such file or directory", "libgomp1"),
    ("libsndfile", DEBIAN, "OSError: libsndfile.so.1: cannot open shared object file: No such file or directory", "libsndfile1"),
    ("gcc", DEBIAN, "error: command 'gcc' failed: No such file or directory", "build-essential"),
    ("cmake", DEBIAN, "/bin/sh: 1: cmake: not found", "cmake"),
    ("cmake-python", DEBIAN, "FileNotFoundError: [Errno 2] No such file or directory: 'cmake'", "cmake"),
    ("curl", DEBIAN, "bash: line 1: curl: command not found", "curl"),
    ("ffmpeg", DEBIAN, "/bin/sh: 1: ffmpeg: not found", "ffmpeg"),
    ("git", {"requirements": ["six"]}, "ERROR: Cannot find command 'git' - do you have 'git' installed and in your PATH?", "git"),
    ("python-h", DEBIAN, "x.c:1:10: fatal error: Python.h: No such file or directory\ncompilation terminated.", "python3-dev"),
    ("ffi-h", DEBIAN, "c/_cffi_backend.c:15:10: fatal error: ffi.h: No such file or directory", "libffi-dev"),
    ("pq-h", DEBIAN, "./psycopg/psycopg.h:35:10: fatal error: libpq-fe.h: No such file or directory", "libpq-dev"),
    ("cuda-h", TORCH, "csrc/a.cpp:3:10: fatal error: cuda_runtime.h: No such file or directory", "devel"),
    ("pkg-config", DEBIAN, "Package libavcodec was not found in the pkg-config search path.\nNo package 'libavcodec' found", "libavcodec-dev"),
    ("mesa", {"requirements": ["six"], "system_packages": ["libgl1-mesa-glx"]},
     "E: Package 'libgl1-mesa-glx' has no installation candidate", r"libgl1\b(?!-)"),
    ("netcat", {"requirements": ["six"], "system_packages": ["libssl1.1"]}, "E: Unable to locate package libssl1.1", "libssl3"),
    ("triton-cc", TORCH, "RuntimeError: Failed to find C compiler. Please specify via CC environment variable or set triton.knobs.build.impl.", "gcc"),
    ("bnb", {**TORCH, "requirements": ["bitsandbytes==0.42.0"]}, "bitsandbytes/0.42.0-cuda128", r"bitsandbytes>=0\.4[5-9]"),
    ("triton-ops", {**TORCH, "requirements": ["bitsandbytes==0.45.0"]}, "bitsandbytes/0.45.0-cuda128", r"bitsandbytes>=0\.45\.3"),
    ("assert-cuda", {**TORCH, "assertions": [{"that": "torch.version.cuda", "is": "==12.4"}]},
     "AssertionError: Wrong CUDA: 12.8 (expected 12.4)", r"==\s*12\.8"),
    ("accelerate", TORCH, "ImportError: Using `low_cpu_mem_usage=True`, a `device_map`, or a `tp_plan` requires Accelerate: `pip install 'accelerate>=0.26.0'`",
     r"accelerate>=0\.26"),
    ("remote-code", TORCH, "ImportError: This modeling file requires the following packages that were not found in your environment: einops. Run `pip install einops`",
     "einops"),
    ("sentencepiece", TORCH, "You need to have sentencepiece installed to convert a slow tokenizer to a fast one.", "sentencepiece"),
    ("hub-version", {**TORCH, "requirements": ["transformers", "tokenizers==0.19.1"]},
     "ImportError: tokenizers>=0.21,<0.22 is required for a normal functioning of this module, but found tokenizers==0.19.1.", r"tokenizers>=0\.21"),
    ("pip-python", {"requirements": ["demo==1.0"], "python_version": "3.9"},
     "ERROR: Package 'demo' requires a different Python: 3.9.18 not in '>=3.10'", r"3\.10"),
    ("pip-python-new", {"requirements": ["demo==1.0"], "python_version": "3.13"},
     "ERROR: Package 'demo' requires a different Python: 3.13.0 not in '>=3.8,<3.13'", r"3\.12"),
    ("nvcc-memory", {**TORCH, "requirements": ["flash-attn==2.8.3"]}, "nvcc error   : 'cicc' died due to signal 9 (Kill signal)", "MAX_JOBS"),
    ("flash-attn", {**TORCH, "requirements": ["flash-attn==2.5.8"]}, "torch/flash-attn-isolated", "compile|wheel"),
]


def run(command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
    return done.returncode, done.stdout


def project_of(text):
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]*", text)[0]).lower()


def place(profile, path):
    """The list or map that a path leads to, and its key there; the key may be one behind the end."""
    at, key = profile, None
    for part in re.findall(r"[\w]+|\[[^\]]*\]", path):
        if key is not None:
            at = at.setdefault(key, {}) if isinstance(at, dict) else at[key]
        key = part
        if part.startswith("["):
            name = part[1:-1]
            if name.isdigit():
                key = int(name)
            elif "=" in name:
                member, value = name.split("=", 1)
                key = next(i for i, item in enumerate(at) if str(item.get(member)) == value)
            else:
                key = next(i for i, item in enumerate(at) if project_of(str(item)) == project_of(name))
    return at, key


def apply(profile, edits):
    for edit in edits:
        at, key = place(profile, edit["path"])
        if edit["op"] == "add":
            at.setdefault(key, []).append(edit["value"])
        elif edit["op"] == "set":
            at[key] = edit["value"]
        else:
            del at[key]


class Row:
    def __init__(self, slipway, uv, folder, name, more):
        self.slipway, self.uv, self.folder, self.name = slipway, uv, folder / name, name
        self.profile = {**BASE, **json.loads(json.dumps(more))}
        (self.folder / "slipway/profiles").mkdir(parents=True)

    def call(self, *arguments):
        return run([self.slipway, "--offline", "-C", str(self.folder), *arguments])

    def write(self):
        (self.folder / "slipway/p.yaml").write_text(yaml.safe_dump(self.profile, sort_keys=False))

    def fixes(self, log):
        """Apply the fixes of the log's findings; what was found, and if anything was applied."""
        self.write()
        (self.folder / "log").write_text(log)
        status, out = self.call("explain", "--profile", "slipway/p.yaml", "--format", "json", "log")
        found = json.loads(out)["findings"] if out.startswith("{") else []
        edits = [edit for finding in found for edit in finding.get("fix", [])]
        words = "; ".join(finding["message"] for finding in found) or out.strip()
        apply(self.profile, edits)
        self.write()
        return words, bool(edits)

    def checked(self):
        status, out = self.call("check", "slipway/p.yaml")
        return "" if status == 0 else out.strip().split("\n")[0]

    def build(self, command):
        """The log of the step that fails, or None."""
        venv = self.folder / "venv"
        wanted = self.folder / "requirements"
        wanted.write_text("\n".join(self.profile.get("requirements", [])) + "\n")
        held = self.folder / "constraints"
        held.write_text("\n".join(self.profile.get("constraints", [])) + "\n")
        status, log = run([self.uv, "venv", "-q", "--clear", "--python", str(self.profile["python_version"]), str(venv)])
        if status == 0:
            status, log = run([self.uv, "pip", "install", "--python", str(venv), "-r", str(wanted), "-c", str(held)])
        if status == 0:
            status, log = run([str(venv / "bin/python"), "-c", command])
        return log if status else None


def real(row, command):
    for turn in range(ROUNDS):
        log = row.build(command)
        if log is None:
            return turn > 0, f"after {turn} rounds" if turn else "nothing failed"
        words, any_fix = row.fixes(log)
        if not any_fix:
            return False, f"no fix: {words[:150]}"
        fault = row.checked()
        if fault:
            return False, f"check refuses: {fault[:150]}"
    return False, "not in five rounds"


def told(row, log, remedy):
    path = HERE / f"{log}.log"
    words, any_fix = row.fixes(path.read_text(errors="replace") if "\n" not in log and " " not in log and path.exists() else log + "\n")
    text = (row.folder / "slipway/p.yaml").read_text()
    if not any_fix:
        return False, f"no fix: {words[:150]}"
    fault = row.checked()
    return bool(re.search(remedy, text)) and not fault, fault or words[:100]


def main():
    slipway, uv, names = os.path.abspath(sys.argv[1]), sys.argv[2], set(sys.argv[3:])
    good = count = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, rows in (("real", REAL), ("told", TOLD)):
            for name, more, *rest in rows:
                if names and name not in names:
                    continue
                row = Row(slipway, uv, pathlib.Path(folder) / kind, name, more)
                passed, words = (real if kind == "real" else told)(row, *rest)
                good, count = good + passed, count + 1
                print(f"{'ok' if passed else 'not ok'} {count} - {kind} {name}: {words}", flush=True)
    print(f"{good} of {count} mended, {100 * good / max(count, 1):.0f} %")
    return 0 if good >= 0.75 * count else 1


if __name__ == "__main__":
    sys.exit(main())
