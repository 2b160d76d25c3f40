#!/usr/bin/env python3
"""The probe against installs that are wrong, each in its own way; see also tests/engines, where images are.

usage: probe_test.py PROBE      (TAP on standard output)

An install is as installers leave it in a virtual environment: modules, and a dist-info with METADATA and RECORD. The probe's Python
sees nothing else, but for a copy of `packaging`, which has no dist-info.
"""
import base64
import importlib.metadata
import hashlib
import json
import pathlib
import runpy
import shutil
import subprocess
import sys
import tempfile

import packaging

PROBE = pathlib.Path(sys.argv[1]).resolve()


class Site:
    def __init__(self, folder):
        self.python = folder / "venv/bin/python"
        self.python.parent.mkdir(parents=True)
        self.python.symlink_to(sys.executable)
        (folder / "venv/pyvenv.cfg").write_text(f"home = {pathlib.Path(sys.executable).parent}\n"
                                                "include-system-site-packages = false\n")
        self.folder = folder / f"venv/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
        self.folder.parent.mkdir(parents=True)
        shutil.copytree(pathlib.Path(packaging.__file__).parent, self.folder / "packaging",
                        ignore=shutil.ignore_patterns("__pycache__"))

    def install(self, name, version, requires=(), content="x = 1\n", path=None, more=()):
        module, info = path or f"{name}.py", f"{name}-{version}.dist-info"
        files = {module: content, f"{info}/METADATA": "\n".join(
            ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {r}" for r in requires), ""])}
        files.update(more)
        lines = []
        for file, text in files.items():
            data = text if isinstance(text, bytes) else text.encode()
            full = self.folder / file
            full.parent.mkdir(parents=True, exist_ok=True)
            full.write_bytes(data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            lines.append(f"{file},sha256={digest},{len(data)}")
        (self.folder / info / "RECORD").write_text("\n".join([*lines, f"{info}/RECORD,,", ""]))

    def probe(self, stack, *options):
        text = json.dumps(stack, ensure_ascii=False)
        command = [self.python, "-I", "-S", "-c", PROBE.read_text(), "--json", "--nonce", "n1", *options,
                   "--stack", text[:20], "--stack", text[20:]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"LANG": "C"})
        self.said = done.stderr
        assert done.stdout, done.stderr
        answer = json.loads(done.stdout)
        assert answer["nonce"] == "n1", answer
        faults = [(row["code"], row["at"], row["fault"]) for row in answer["results"] if row["fault"]]
        assert done.returncode == bool(faults), done.returncode
        return answer, faults


def all_is_well(site):
    site.install("six", "1.16.0", requires=["nothing; extra == 'more'", "old; python_version < '3'"])
    answer, faults = site.probe({"requirements": ["six>=1.10,<2", "gone; python_version < '3'"], "constraints": ["absent<2"],
                                 "assertions": [{"at": "assertions[0].import", "import": "six"}]}, "--files")
    assert faults == [], faults
    tried = {row["check"] for row in answer["results"] if not row["moot"]}
    assert tried == {"assertion", "pin", "installs", "files", "dependencies"}, tried
    assert answer["freeze"] == [{"name": "six", "version": "1.16.0", "from": None}], answer["freeze"]


def another_release(site):
    site.install("Six", "1.17.0")
    _, faults = site.probe({"requirements": ["six==1.16.0"], "constraints": ["six<1.17"]})
    assert faults == [("SW402", "requirements[six]", "six is '1.17.0', wanted ==1.16.0"),
                      ("SW402", "constraints[six]", "six is '1.17.0', wanted <1.17")], faults


def another_local_version(site):
    site.install("torchvision", "0.23.0+cpu")
    _, faults = site.probe({"installs": [{"packages": ["torchvision==0.23.0+cu128"]}], "requirements": []})
    assert faults == [("SW402", "requirements[torchvision]",
                       "torchvision is '0.23.0+cpu', wanted ==0.23.0+cu128")], faults


def nothing_to_compare_releases_with(site):
    """Without packaging and pip a plain range is judged all the same, and any other is named as not tried."""
    shutil.rmtree(site.folder / "packaging")
    site.install("local", "2.8.0+cu128")
    ranges = [("python", ">=2,<9"), ("python", ">=9"), ("python", "3"), ("python", "==3.*"), ("local", ">=2"), ("python", "!=2, > 3.1.0.0")]
    wanted = [{"at": f"assertions[{i}].is", "that": that, "is": text} for i, (that, text) in enumerate(ranges)]
    answer, faults = site.probe({"requirements": [], "assertions": wanted})
    assert [at for _, at, _ in faults] == ["assertions[1].is", "assertions[2].is"], faults
    untried = [row["at"] for row in answer["results"] if row["check"] == "assertion" and row["untried"]]
    assert untried == ["assertions[3].is", "assertions[4].is"], untried


def what_an_import_does_is_its_own(site):
    """Packages that end the process, print, answer for others, or run when Python starts."""
    site.install("good", "1")
    site.install("exits", "1", content="import os; os._exit(0)\n")
    site.install("crashes", "1", content="import os, signal; os.kill(os.getpid(), signal.SIGSEGV)\n")
    site.install("prints", "1", content="import os; print('{}'); os.write(1, b'{\"results\": []}')\n")
    site.install("patches", "1", content="import json; json.dump = json.dumps = lambda *_, **__: '[]'\n")
    (site.folder / "starts.pth").write_text("import sys; sys.modules['csv'] = None\n")
    (site.folder / "sitecustomize.py").write_text("import importlib.metadata as m; m.version = lambda _: '9'\n")
    names = ["exits", "good", "crashes", "prints", "patches"]
    stack = {"requirements": ["good==2"], "assertions": [
        {"at": f"assertions[{i}].import", "import": name} for i, name in enumerate(names)]}
    answer, faults = site.probe(stack)
    told = {at: fault for _, at, fault in faults}
    assert told.pop("requirements[good]") == "good is '1', wanted ==2", faults
    assert told.pop("assertions[0].import") == "import exits: what it imports ended the process", faults
    assert "signal 11" in told.pop("assertions[2].import"), faults
    assert not told, faults
    rows = [row["what"] for row in answer["results"] if row["check"] == "assertion"]
    assert rows == [f"import {name}" for name in names], rows
    assert '{"results": []}' in site.said, site.said


def a_moot_question_is_answered(site):
    answer, faults = site.probe({"requirements": ["gone; python_version < '3'"], "torch": None, "accelerators": []})
    moot = [row["what"] for row in answer["results"] if row["moot"]]
    assert faults == [] and "gone; python_version < '3'" in moot, answer["results"]


def not_installed(site):
    _, faults = site.probe({"requirements": ["six"]})
    assert faults == [("SW402", "requirements[six]", "six is not installed")], faults


def two_installs(site):
    site.install("six", "1.17.0")
    site.install("six", "1.16.0")
    _, faults = site.probe({"requirements": ["six"]})
    assert [fault[:2] for fault in faults] == [("SW304", "requirements[six]")], faults
    assert "two installs of six: 1.16.0 and 1.17.0 in " in faults[0][2], faults


def two_records_of_one_release(site):
    site.install("six", "1.16.0")
    shutil.copytree(site.folder / "six-1.16.0.dist-info", site.folder / "SIX-1.16.0.dist-info")
    _, faults = site.probe({"requirements": ["six"]})
    assert [fault[0] for fault in faults] == ["SW304"], faults


def a_deleted_file(site):
    site.install("six", "1.16.0", more={"six_more.py": "", "six_most.py": ""})
    (site.folder / "six.py").unlink()
    (site.folder / "six_most.py").unlink()
    _, faults = site.probe({"constraints": ["six"]})
    assert faults == [("SW402", "constraints[six]", "a file of six is missing: six.py and 1 more")], faults


def an_altered_file(site):
    site.install("six", "1.16.0")
    (site.folder / "six.py").write_text("x = 2\n")  # of the same size
    _, faults = site.probe({"requirements": ["six"]})
    assert faults == [], "sizes alone cannot tell"
    _, faults = site.probe({"requirements": ["six"]}, "--files")
    assert faults == [("SW402", "requirements[six]", "a file of six is not as it was installed: six.py")], faults
    (site.folder / "six.py").write_text("longer\n")
    _, faults = site.probe({"requirements": ["six"]})
    assert [fault[0] for fault in faults] == ["SW402"], faults


def a_file_of_two_packages(site):
    site.install("a", "1", more={"shared/__init__.py": "# a\n"})
    site.install("b", "1", more={"shared/__init__.py": "# of b\n"})
    _, faults = site.probe({}, "--files")
    assert faults == [], faults


def unmet_requirements(site):
    site.install("a", "1", requires=["b>=2", "c (>=1)"])
    site.install("b", "1.5")
    _, faults = site.probe({"requirements": ["a"]})
    assert faults == [("SW210", "requirements[a]", "a 1 requires b>=2, which is '1.5'"),
                      ("SW210", "requirements[a]", "a 1 requires c>=1, which is not installed")], faults


def numpy_abi(site):
    site.install("numpy", "2.1.0")
    site.install("old", "1", path="old/x.cpython-311-x86_64-linux-gnu.so", content=b"\0numpy.core._multiarray_umath\0")
    site.install("new", "1", path="new/x.abi3.so", content=b"\0numpy._core._multiarray_umath\0numpy.core._multiarray_umath\0")
    _, faults = site.probe({"requirements": ["old", "new"]})
    assert faults == [("SW214", "requirements[old]", "old 1 is built for NumPy 1, and NumPy 2.1.0 is installed: "
                       "old/x.cpython-311-x86_64-linux-gnu.so")], faults


def torch_without_code_for_a_gpu(site):
    site.install("torch", "2.6.0+cu124", path="torch/__init__.py",
                 content="__version__ = '2.6.0+cu124'\nclass _C:\n    _cuda_getArchFlags = lambda: 'sm_50 sm_86 sm_90a compute_90'\n")
    stack = {"torch": {"version": "2.6.0"}, "accelerators": [
        {"name": name, "compute_capability": capability} for name, capability in
        (("l4", "8.9"), ("a100", "8.0"), ("h100", "9.0"), ("kepler", "3.7"), ("rtx-5090", "12.0"))]}
    _, faults = site.probe(stack)
    assert [fault[:2] for fault in faults] == [("SW201", "accelerators[1]"), ("SW201", "accelerators[3]")], faults
    assert faults[0][2] == ("torch 2.6.0+cu124 has no code for a100 (compute capability 8.0): it has sm_50 sm_86 sm_90a "
                            "compute_90"), faults


# A torch that sees one GPU, of compute capability 9.0, for which its image has no kernel.
NO_KERNEL = """\
__version__ = "2.6.0"
class _C:
    _cuda_getArchFlags = lambda: "sm_90"
class _Properties:
    name, major, minor, total_memory = "GPU", 9, 0, 1
class cuda:
    device_count = lambda: 1
    get_device_properties = lambda number: _Properties
def empty(*shape, device):
    return None
def ones(*shape, device=None):
    raise RuntimeError("no kernel image is available")
"""


def code_that_was_trimmed_away(site):
    site.install("torch", "2.6.0", path="torch/__init__.py", content=NO_KERNEL)
    stack = {"torch": {"version": "2.6.0"}, "accelerators": [{"name": "h100", "compute_capability": "9.0"}]}
    _, faults = site.probe({**stack, "trim": {"for": ["8.9"]}}, "--gpu")
    assert ("SW308", "trim", "GPU 0 (GPU) has compute capability 9.0, and its code was trimmed away: the image is for 8.9") in faults, faults
    assert "no kernel image" not in str(faults), faults
    _, faults = site.probe(stack, "--gpu")
    assert [fault[0] for fault in faults if "no kernel image" in fault[2]] == ["SW308"], faults


def torch_that_does_not_import(site):
    site.install("torch", "2.6.0", path="torch/__init__.py", content="raise SystemExit('libcudart.so.12: not there')\n")
    _, faults = site.probe({"torch": {"version": "2.6.0"}})
    assert faults == [("SW401", "torch.version", "import torch: SystemExit: libcudart.so.12: not there")], faults


def what_cannot_be_tried(site):
    site.install("six", "1.16.0")
    (site.folder / "six-1.16.0.dist-info" / "RECORD").unlink()
    shutil.rmtree(site.folder / "packaging")
    answer, faults = site.probe({"requirements": ["six==1"]})
    untried = [(row["check"], row["untried"]) for row in answer["results"] if row["untried"]]
    assert faults == [] and [check for check, _ in untried] == ["pin", "files", "dependencies"], untried


def a_record_that_debian_left(site):
    """RECORD of Debian's pip names ../scripts/pip: dpkg put the files elsewhere, and only dpkg knows them."""
    records, own = runpy.run_path(str(PROBE), run_name="probe")["records"], site.folder
    for folder, known in ((own, True), (own / "usr/lib/python3/dist-packages", False)):
        site.folder = folder
        site.install("six", "1.16.0", more={"../scripts/six": "run\n"})
        found = importlib.metadata.Distribution.at(folder / "six-1.16.0.dist-info")
        assert [lines is not None for _, _, lines in records([("six", found)])] == [known], folder


CASES = [all_is_well, a_record_that_debian_left, what_an_import_does_is_its_own, a_moot_question_is_answered, another_release, another_local_version, nothing_to_compare_releases_with, not_installed, two_installs, two_records_of_one_release,
         a_deleted_file, an_altered_file, a_file_of_two_packages, unmet_requirements, numpy_abi, torch_without_code_for_a_gpu, code_that_was_trimmed_away,
         torch_that_does_not_import, what_cannot_be_tried]


def main():
    print(f"1..{len(CASES)}")
    for number, case in enumerate(CASES, 1):
        fault = ""
        with tempfile.TemporaryDirectory(prefix="probe-") as folder:
            try:
                case(Site(pathlib.Path(folder)))
            except (AssertionError, ValueError, KeyError) as error:
                fault = f"{type(error).__name__}: {error}"
        print(f"{'not ok' if fault else 'ok'} {number} - {case.__name__.replace('_', ' ')}", flush=True)
        if fault:
            print("# " + fault.replace("\n", "\n# "), flush=True)


main()
