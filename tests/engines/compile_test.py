#!/usr/bin/env python3
"""CUDA code that is compiled in a stage of its own, by a real engine and NVIDIA's real nvcc: what compiles again, and what does not.

usage: compile_test.py SLIPWAY NAME [OTHER]   (TAP on standard output; root, Debian or Ubuntu, Debian's Python with python3-docker)

With OTHER an engine of that name takes the wheel that the first engine compiled, and nothing else is tried. The project, its nvcc and its
compiler are real. Only torch, which has 3 GB and which this project's code does not call, is a wheel of some lines, from an index in the
engine's own network.
"""
import hashlib
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import docker

import suite
from suite import check

SLIPWAY, NAME, OTHER = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None
PORT = 8089
INDEX = f"http://10.0.2.100:{PORT}/"
PROFILE = """\
slipway: 1
name: compiled
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
installer: %(installer)s
accelerators: [%(gpu)s]
torch: {version: "%(torch)s", cuda: "13.0"}
indexes: [{url: "%(index)s", for: [torch]}]
requirements: ["tiny-kernels @ %(source)s"]
compile: [tiny-kernels]
system_packages: %(packages)s
context: {copy: [{from: %(folder)s, to: /src/%(folder)s}, {from: service.py, to: /app/}]}
ignore: [{code: SW204, why: "the index of torch is in the network of the engine"}]
assertions: [{import: tiny_kernels}]
image: {name: %(image)s}
%(wheels)s
"""
SETUP = """\
import os, pathlib, subprocess, urllib.error, urllib.request
import torch  # as every project with torch.utils.cpp_extension does; build isolation would not have it
from setuptools import setup
from setuptools.command.build_py import build_py
from wheel.bdist_wheel import bdist_wheel

class Published(bdist_wheel):  # as setup.py of flash-attn has it
    def run(self):
        if not os.path.exists("page"):
            return super().run()
        url = pathlib.Path("page").read_text()
        print("Guessing wheel URL: ", url)
        try:
            os.makedirs(self.dist_dir, exist_ok=True)
            urllib.request.urlretrieve(url, os.path.join(self.dist_dir, os.path.basename(url)))
        except (urllib.error.HTTPError, urllib.error.URLError):
            print("Precompiled wheel not found. Building from source...")
            super().run()

class Compiled(build_py):
    def run(self):
        super().run()
        codes = [name.replace(".", "") for name in os.environ["TORCH_CUDA_ARCH_LIST"].split(";")]
        flags = [f"-gencode=arch=compute_{code},code=sm_{code}" for code in codes]
        out = pathlib.Path(self.build_lib) / "tiny_kernels/libkernels.so"
        subprocess.run([os.environ["CUDA_HOME"] + "/bin/nvcc", "-shared", "-Xcompiler", "-fPIC", f'-DBUILT_FOR="{";".join(codes)}"',
                        f'-DBUILT_WITH="{torch.__version__}"', *flags, "-o", str(out), "kernels.cu"], check=True)

setup(name="tiny-kernels", version="1.0", packages=["tiny_kernels"], cmdclass={"build_py": Compiled, "bdist_wheel": Published},
      has_ext_modules=lambda: True)
"""
KERNELS = """\
__global__ void scale(float *out, const float *in, float by, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        out[i] = in[i] * by;
}
extern "C" int launch(float *out, const float *in, float by, int n)
{
    scale<<<(n + 255) / 256, 256>>>(out, in, by, n);
    return cudaGetLastError();
}
extern "C" const char *built_for(void) { return BUILT_FOR; }
extern "C" const char *built_with(void) { return BUILT_WITH; }
"""
MODULE = """\
import ctypes, pathlib
library = ctypes.CDLL(str(pathlib.Path(__file__).with_name("libkernels.so")))
library.built_for.restype = library.built_with.restype = ctypes.c_char_p
"""


def make_wheel(folder, project, version, files):
    """A wheel of any Python with these files; its name."""
    stem = f"{project}-{version}"
    files = {**files, f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n",
             f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    rows = [f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}"
            for name, text in files.items()]
    files[f"{stem}.dist-info/RECORD"] = "\n".join([*rows, f"{stem}.dist-info/RECORD,,", ""])
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        for member, text in files.items():
            wheel.writestr(member, text)
    return f"{stem}-py3-none-any.whl"


def wheel_of_torch(folder, version):
    """A torch that says its release, its CUDA and its GPUs, and nothing more."""
    local = f"{version}+cu130"
    return make_wheel(folder, "torch", local, {
        "torch/__init__.py": f"from torch import version, _C\n__version__ = '{local}'\n",
        "torch/_C.py": "def _cuda_getArchFlags():\n    return 'sm_89 sm_90'\n",
        "torch/version.py": f"__version__ = '{local}'\ncuda = '13.0'\n"})


class Tests:
    def __init__(self, url, folder):
        self.url, self.folder, self.rig, self.index = url, folder / "work", folder / "engine", folder / "index"
        (self.folder / "kernels/tiny_kernels").mkdir(parents=True)
        (self.folder / "kernels/setup.py").write_text(SETUP)
        (self.folder / "kernels/kernels.cu").write_text(KERNELS)
        (self.folder / "kernels/tiny_kernels/__init__.py").write_text(MODULE)
        self.client = docker.DockerClient(base_url=url, timeout=600)
        self.values = {"installer": "uv", "gpu": "h100", "torch": "2.12.0", "index": INDEX, "packages": "[]", "image": "localhost/compiled", "wheels": "",
                       "source": "file:///src/kernels", "folder": "kernels"}
        self.serve(self.index)

    def serve(self, folder):
        (folder / "torch").mkdir(parents=True)
        names = [wheel_of_torch(folder / "torch", version) for version in ("2.12.0", "2.12.1")]
        (folder / "torch/index.html").write_text("".join(f'<a href="{name.replace("+", "%2B")}">{name}</a>\n' for name in names))
        self.server = suite.serve(self.rig, folder, PORT)

    def build(self, *options, **values):
        """Build with other values in the profile, and return the log."""
        self.values.update(values)
        (self.folder / "compiled.yaml").write_text(PROFILE % self.values)
        (self.folder / "service.py").touch()
        done = subprocess.run([SLIPWAY, "-H", self.url, "--format", "json", "build", "compiled", "--no-record", *options], cwd=self.folder, text=True,
                              capture_output=True, env={**os.environ, "GITHUB_ACTIONS": ""}, timeout=1500)
        log = "".join(event["text"] for event in map(json.loads, done.stdout.splitlines()) if event.get("event") in ("log", "note", "warning"))
        check(done.returncode == 0, f"status {done.returncode}: {log[-4000:]} {done.stdout[-1500:]} {done.stderr[-800:]}")
        return log

    def say(self, *command):
        return self.client.containers.run("localhost/compiled", entrypoint=list(command), remove=True).decode().strip()

    def built(self):
        return self.say("/opt/venv/bin/python", "-c", "import tiny_kernels as t; print(t.library.built_for().decode(), t.library.built_with().decode())")

    def git(self, *words):
        subprocess.run(["git", "-C", self.folder / "kernels", "-c", "user.name=test", "-c", "user.email=test@example.org", *words], check=True,
                       capture_output=True)

    def commit(self, line):
        """Commit the project with one line more, and leave its folder as it was."""
        source = self.folder / "kernels/kernels.cu"
        before = source.read_text()
        source.write_text(before + line)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", line)
        self.git("push", "-q", self.folder / "kernels.git", "HEAD:main")
        source.write_text(before)

    def it_is_compiled_and_imported(self):
        log = self.build()
        check("compiling for 9.0" in log and "compiled in" in log, f"nothing was compiled: {log[-3000:]}")
        check(self.built() == "90 2.12.0+cu130", f"built for {self.built()}")
        code = self.say("/opt/venv/bin/python", "-c", "import tiny_kernels as t; print(b'.nv_fatbin' in open(t.library._name, 'rb').read())")
        check(code == "True", "the library has no GPU code")
        plan = subprocess.run([SLIPWAY, "--format", "json", "plan", "compiled"], cwd=self.folder, text=True, capture_output=True)
        check(plan.returncode == 0, f"plan ended with status {plan.returncode}: {plan.stdout[-1500:]} {plan.stderr[-500:]}")
        last = json.loads(plan.stdout)["compiled"][0]["last"]
        check(last["way"] in ("compiled", "cache") and f"compiled in {last['seconds']} s" in log, f"plan says of the last build: {last}")

    def no_compiler_is_in_the_image(self):
        found = self.say("/bin/sh", "-c", "find / -xdev \\( -name nvcc -o -name cicc -o -name 'g++*' -o -name cc1plus \\) -not -path '/proc/*'")
        check(found == "", f"the image has {found}")

    def a_change_of_the_service_compiles_nothing(self):
        (self.folder / "service.py").write_text("print('changed')\n")
        log = self.build()
        check("compiling for" not in log, f"it was compiled again: {log[-2000:]}")

    def another_base_takes_the_wheel_from_the_cache(self):
        log = self.build(packages="[less]")
        check("taken from the cache" in log and "compiling for" not in log, f"it was compiled again: {log[-2000:]}")
        check(self.built() == "90 2.12.0+cu130", f"built for {self.built()}")

    def another_gpu_compiles_again(self):
        log = self.build(gpu="rtx-4090")
        check("compiling for 8.9" in log, f"it was not compiled: {log[-2000:]}")
        check(self.built() == "89 2.12.0+cu130", f"built for {self.built()}")

    def another_torch_compiles_again(self):
        log = self.build(torch="2.12.1")
        check("compiling for 8.9" in log, f"it was not compiled: {log[-2000:]}")
        check(self.built() == "89 2.12.1+cu130", f"built for {self.built()}")

    def another_source_compiles_again(self):
        with open(self.folder / "kernels/kernels.cu", "a") as source:
            source.write("// changed\n")
        check("compiling for 8.9" in self.build(), "it was not compiled")

    def the_first_source_is_still_in_the_cache(self):
        (self.folder / "kernels/kernels.cu").write_text(KERNELS)
        self.build(gpu="h100", torch="2.12.0", packages="[less]")
        check(self.built() == "90 2.12.0+cu130", f"built for {self.built()}")

    def a_repository_is_compiled_again_for_another_commit_only(self):
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", self.folder / "kernels.git"], check=True)
        self.git("init", "-q")
        self.commit("// one\n")
        before = dict(self.values)
        try:
            log = self.build(source="git+file:///src/kernels.git@main", folder="kernels.git")
            check("compiling for 9.0" in log, f"it was not compiled: {log[-2000:]}")
            check(self.built() == "90 2.12.0+cu130", f"built for {self.built()}")
            self.commit("// two\n")
            check("compiling for 9.0" in self.build(), "another commit was not compiled")
            (self.folder / "service.py").write_text("print('changed again')\n")
            check("compiling for" not in self.build(packages="[]"), "it was compiled again")
        finally:
            self.values = before

    def a_wheel_of_a_release_page_is_taken(self):
        wheel = make_wheel(self.index, "tiny_kernels", "1.0", {"tiny_kernels/__init__.py": "origin = 'page'\n"})
        (self.folder / "kernels/page").write_text(INDEX + wheel)
        log = self.build()
        check(f"of the release page fits; nothing is compiled: {INDEX}{wheel}" in log, f"the wheel was not taken: {log[-2000:]}")
        check(self.say("/opt/venv/bin/python", "-c", "import tiny_kernels as t; print(t.origin)") == "page", "another wheel is in the image")
        (self.folder / "kernels/page").write_text(INDEX + "absent.whl")
        log = self.build(gpu="rtx-4090")
        check("the release page has no wheel that fits" in log and "compiled in" in log, f"it was not compiled: {log[-2000:]}")
        (self.folder / "kernels/page").unlink()
        self.build(gpu="h100")

    def forget(self):
        """Take the compiled wheels from the builder, which another builder would not have either."""
        for row in self.client.api.df()["BuildCache"]:
            if row["Description"].startswith("cached mount /var/cache/slipway-wheels "):
                suite.prune(self.client, id=row["ID"])
        for image in self.client.images.list():
            if any("/slipway-wheels:" in tag or "/team/wheels:" in tag for tag in image.tags):
                self.client.images.remove(image.id, force=True)

    def another_builder_takes_the_wheel_from_a_folder(self):
        log = self.build(wheels="wheels: {cache: kept}")
        kept = list((self.folder / "kept").iterdir())
        check(len(kept) == 1 and kept[0].suffix == ".tar" and "the wheels are kept" in log, f"the folder has {kept}: {log[-1500:]}")
        self.forget()
        log = self.build(packages="[]")
        check("a wheel of an earlier build fits" in log and "compiling for" not in log, f"it was compiled again: {log[-2000:]}")
        check(self.built() == "90 2.12.0+cu130", f"built for {self.built()}")
        check([path.stat().st_ino for path in (self.folder / "kept").iterdir()] == [kept[0].stat().st_ino], "the same wheels were written again")
        with open(self.folder / "kernels/kernels.cu", "a") as source:
            source.write("// another\n")
        check("compiling for 9.0" in self.build(), "a wheel of another source was taken")

    def another_builder_takes_the_wheel_from_a_registry(self):
        with suite.registry(self.rig, self.folder.parent / "registry"):
            log = self.build("--push", wheels="wheels: {cache: localhost:5000/team/wheels}", image="localhost:5000/compiled")
            check("the wheels are kept: localhost:5000/team/wheels:" in log, f"nothing was kept: {log[-1500:]}")
            self.forget()
            log = self.build(packages="[less]")
            check("a wheel of an earlier build fits" in log and "compiling for" not in log, f"it was compiled again: {log[-2000:]}")
        log = self.build()
        check("no wheels of earlier builds" in log, f"a registry that is not there was no warning: {log[-1500:]}")


class Engines(Tests):
    def on_another_engine_the_wheel_is_taken_and_only_what_decides_it_compiles_again(self):
        check("compiling for 9.0" in self.build(wheels="wheels: {cache: kept}"), "nothing was compiled")
        with tempfile.TemporaryDirectory(prefix="other-") as temporary:
            other = pathlib.Path(temporary).resolve()
            up = subprocess.run([suite.HERE / "rig", "up", OTHER, other, str(os.getpid())], stdout=subprocess.PIPE, text=True, check=True)
            server = suite.serve(other, self.index, PORT)
            self.url = up.stdout.strip()
            self.client = docker.DockerClient(base_url=self.url, timeout=600)
            (self.folder / "service.py").write_text("print('changed')\n")
            log = self.build()
            check("a wheel of an earlier build fits" in log and "compiling for" not in log, f"it was compiled again: {log[-2000:]}")
            check(self.built() == "90 2.12.0+cu130", f"built for {self.built()}")
            self.no_compiler_is_in_the_image()
            check("compiling for 8.9" in self.build(gpu="rtx-4090"), "another GPU was not compiled for")
            check("compiling for 8.9" in self.build(torch="2.12.1"), "another torch was not compiled for")
            server.kill()
            subprocess.run([suite.HERE / "rig", "down", OTHER, other], check=False)


if OTHER:
    suite.run(NAME, Engines, lambda name: name.startswith("on_"))
    sys.exit()
# Podman tells nothing of its builder's cache.
suite.run(NAME, Tests, lambda name: name.startswith(("it_", "no_", "a_", "another_", "the_")) and not ("builder" in name and NAME.startswith("podman")))
