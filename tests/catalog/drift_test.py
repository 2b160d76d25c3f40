#!/usr/bin/env python3
"""`slipway catalog verify`: rows that say what the wheels say, and one row after the other that does not.

usage: drift_test.py SLIPWAY      TAP on standard output; the last test asks the index that pip uses here, where that answers

The index is served here: wheels with nothing in them but what a row speaks of, on a default index and on one like torch's own.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE.parent / "stacks"), str(HERE.parent / "wheel")]
from hostile import code, container, elf  # noqa: E402
from served import Server, script  # noqa: E402

LINUX = "manylinux_2_28_x86_64"


def library(*codes):
    """A shared library with GPU code: (architecture, whether PTX)."""
    return elf(container(*(code(kind=1 if ptx else 2, architecture=number) for number, ptx in codes)))


def torch(cuda, names):
    # A compiler may put other text right in front of the list.
    return {"torch/version.py": f"cuda: str = '{cuda}'\n", "torch/lib/libtorch_python.so": f"\0ELF\0no sm_1\0ipc_h{names}\0sm_99\0"}


def nvrtc(*names):
    return {f"nvidia/lib/{name}": "\0".join(["", "sm_99", *names, ""]) for name in ("libnvrtc.so.12",)}


DEFAULT = {
    "torch": {"2.0.0": (["triton==2.0.0; python_version < '3.12'"], {"tag": f"cp310-cp310-{LINUX} cp312-cp312-{LINUX}",
                                                                     "modules": torch("12.1", "sm_70 sm_80 sm_90a compute_80")}),
              "2.0.1": ([], {"tag": f"cp310-cp310-{LINUX}", "modules": torch("12.1", "sm_70 sm_80 compute_80")})},
    "torchvision": {"0.2": ["torch>=2.0.0"], "0.1": ["torch==2.0.0"]},
    "torchaudio": {"2.1": [], "2.0": ["torch==1.0"]},
    "triton": {"2.0.0": ([], {"modules": {"triton/ops/__init__.py": ""}}), "3.0.0": ([], {"modules": {"triton/x.py": ""}})},
    "bitsandbytes": {
        "0.2": ([], {"modules": {"bitsandbytes/__init__.py": "import triton.language\n"}}),
        "0.1": ([], {"modules": {"bitsandbytes/__init__.py": "def f():\n    from triton.ops.x import y\n",
                                 "bitsandbytes/libbitsandbytes_cuda118.so": library((70, False)),
                                 "bitsandbytes/libbitsandbytes_cuda121.so": library((80, False), (90, False), (90, True)),
                                 "bitsandbytes/libbitsandbytes_cuda121_nocublaslt.so": library((70, False))}})},
    "xformers": {"0.0.1": ["numpy", "torch>=2.0,<3"]},
    "flash-attn": {"1.0": ([], {"sdist": True})},
    "kernels": {version: ([], {"tag": f"cp310-cp310-{LINUX}", "uploaded": f"2026-0{month}-01T00:00:00Z",
                               "modules": {"kernels/_c.so": library(*codes), "kernels/plain.so": b"no library"}})
                for version, month, codes in (("1.2.0", 1, [(70, False)]), ("1.2.1", 2, [(75, False), (80, True)]),
                                              ("1.3.0", 3, [(90, False), (100, False)]), ("1.10", 4, [(120, False)]), ("1.11rc1", 5, []))},
    "adrift": {"3.0": ([], {"tag": f"cp310-cp310-{LINUX}", "modules": {"adrift.py": ""}})},
    "unsloth": {"2.0": ["bitsandbytes>=0.2"], "1.0": ["bitsandbytes!=0.1,>0; extra == 'huggingface'"]},
    "uv": {"1.0": ([], {"tag": f"py3-none-{LINUX}"})},
    "nvidia-cuda-nvrtc-cu12": {"12.1.5": ([], {"modules": nvrtc("lto_50", "lto_90", "lto_90a")}), "12.0.7": ([], {"modules": nvrtc("lto_50")})},
}
OWN = {variant: {"torch": {f"{version}+{variant}": ([], {"tag": f"cp310-cp310-{LINUX}", "modules": torch(cuda, "sm_37 sm_70")})
                           for version in ("2.0.0", "2.0.1")}}
       for variant, cuda in (("cu118", "11.8"), ("cu121", "12.1"))}
FROM = 'source: "made up", verified: "not at all"'
CATALOG = {
    "torch": f"""\
releases:
  - {{version: "2.0.0", cuda: ["11.8", "12.1"], default: "12.1", python: ["3.10", "3.12"], torchvision: "0.1", torchaudio: "2.1", triton: "2.0.0", {FROM}}}
  - {{version: "2.0.1", cuda: ["11.8", "12.1"], default: "12.1", python: ["3.10", "3.10"], torchvision: "0.2", torchaudio: "2.1", {FROM}}}
code:
  - {{releases: "==2.0.*", cuda: ["12.1"], sass: ["7.0", "8.0"], ptx: ["8.0"], {FROM}}}
  - {{releases: "==2.0.*", cuda: ["11.8"], sass: ["3.7", "7.0"], {FROM}}}
""",
    "bitsandbytes": f"""\
releases:
  - {{version: "0.1", libraries: ["118", "121"], override: name, {FROM}}}
  - {{version: "0.2", libraries: [], override: none, {FROM}}}
code:
  - {{releases: ">=0.1", cuda: ["11.8"], sass: ["7.0"], {FROM}}}
  - {{releases: "==0.1", cuda: ["12.1"], sass: ["7.0", "8.0", "9.0"], ptx: ["9.0"], {FROM}}}
""",
    "companions": f"""\
companions:
  - {{project: xformers, releases: "==0.0.1", torch: ">=2.0,<3", {FROM}}}
  - {{project: flash-attn, releases: "==1.0", torch: ">=2.0", compiles: true, {FROM}}}
""",
    "code": f"""\
read: {{projects: [kernels, adrift, nowhere], {FROM}}}
floors:
  - {{project: kernels, releases: ">=1.10", least: "9.0", why: "made up", {FROM}}}
code:
  - {{project: kernels, version: "1.3.0", sass: ["9.0", "10.0"], {FROM}}}
""",
    "known_bad": f"""\
releases:
  - {{project: bitsandbytes, releases: "<0.2", by: [unsloth], {FROM}}}
""",
    "imports": f"""\
imports:
  - {{project: bitsandbytes, releases: "<0.2", module: triton.ops, from: triton, gone: ">=3", working: ">=0.2", {FROM}}}
""",
    "cuda": f"""\
toolkits:
  - {{version: "12.0", floor: "525", {FROM}}}
  - {{version: "12.1", floor: "525", {FROM}}}
architectures:
  - {{compute_capability: "5.0", since: "7.0", {FROM}}}
  - {{compute_capability: "9.0", since: "12.1", {FROM}}}
""",
}
RIGHT = {"torch 2.0.0": "settled", "torch 2.0.1": "settled", "torch ==2.0.* CUDA 12.1": "settled", "torch ==2.0.* CUDA 11.8": "settled",
         "bitsandbytes 0.1": "part", "bitsandbytes 0.2": "part", "bitsandbytes >=0.1 CUDA 11.8": "settled",
         "bitsandbytes ==0.1 CUDA 12.1": "settled", "kernels 1.3.0": "settled", "kernels >=1.10": "open", "xformers ==0.0.1": "settled", "flash-attn ==1.0": "open",
         "bitsandbytes <0.2": "settled", "bitsandbytes triton.ops": "settled", "CUDA 12.0": "open", "CUDA 12.1": "open",
         "architecture 5.0": "part", "architecture 9.0": "settled", "uv": "settled", "torch_index": "settled",
         "compiled_with_nvcc": "settled", "compile": "open", "cuda": "open", "distributions": "open", "sizes": "open", "nvidia_packages": "open", "programs": "open"}
# What is changed in which file, what is found there then.
CASES = [
    ("torch", 'cuda: ["11.8", "12.1"], default', 'cuda: ["12.1"], default', "torch 2.0.0: 2.0.0+cu118 is on torch's own index"),
    ("torch", 'cuda: ["11.8", "12.1"], default', 'cuda: ["11.8", "12.1", "12.4"], default', "2.0.0+cu124 is in the row and not on"),
    ("torch", 'default: "12.1"', 'default: "11.8"', "the default CUDA is '11.8' in the catalog and '12.1' in the wheel"),
    ("torch", '"3.12"]', '"3.13"]', "the oldest and the newest Python is '3.10 3.13' in the catalog and '3.10 3.12'"),
    ("torch", 'torchvision: "0.1"', 'torchvision: "0.2"', "torchvision is '0.2' in the catalog and '0.1' in the wheel"),
    ("torch", 'torchaudio: "2.1"', 'torchaudio: "2.0"', "torchaudio is '2.0' in the catalog and '2.1' in the wheel"),
    ("torch", ', triton: "2.0.0"', "", "triton is 'none' in the catalog and '2.0.0' in the wheel"),
    ("torch", 'sass: ["7.0", "8.0"]', 'sass: ["7.0"]', "machine code of 2.0.0 for CUDA 12.1 is '7.0' in the catalog and '7.0 8.0'"),
    ("torch", ', ptx: ["8.0"]', "", "PTX of 2.0.0 for CUDA 12.1 is '' in the catalog and '8.0' in the wheel"),
    ("torch", 'sass: ["3.7", "7.0"]', 'sass: ["7.0"]', "machine code of 2.0.0 for CUDA 11.8 is '7.0' in the catalog and '3.7 7.0'"),
    ("bitsandbytes", 'libraries: ["118", "121"]', 'libraries: ["121"]', "its libraries is '121' in the catalog and '118 121'"),
    ("bitsandbytes", 'sass: ["7.0", "8.0", "9.0"]', 'sass: ["8.0", "9.0"]', "machine code of 0.1 for CUDA 12.1 is '8.0 9.0' in"),
    ("bitsandbytes", ', ptx: ["9.0"]', "", "PTX of 0.1 for CUDA 12.1 is '' in the catalog and '9.0' in the wheel"),
    ("companions", ">=2.0,<3", ">=2.0,<4", "its torch is '>=2.0,<4' in the catalog and '>=2.0,<3' in the wheel"),
    ("code", 'sass: ["9.0", "10.0"]', 'sass: ["9.0"]', "its machine code is '9.0' in the catalog and '9.0 10.0' in the wheel"),
    ("code", '"10.0"], source', '"10.0"], ptx: ["9.0"], source', "its PTX is '9.0' in the catalog and '' in the wheel"),
    ("known_bad", '"<0.2"', '"<=0.2"', "no release of unsloth on the index excludes 0.2"),
    ("imports", 'releases: "<0.2"', 'releases: "<=0.2"', "0.2 does not import triton.ops"),
    ("imports", 'gone: ">=3"', 'gone: ">=2"', "triton 2.0.0 still has triton.ops"),
    ("imports", 'gone: ">=3"', 'gone: ">3"', "triton 3.0.0 does not have triton.ops"),
    ("cuda", 'since: "12.1"', 'since: "12.0"', "CUDA 12.0 does not know 9.0"),
    ("cuda", 'since: "7.0"', 'since: "7.0", last: "12.0"', "CUDA 12.1 knows 5.0"),
    ("images", 'version: "1.0"', 'version: "1.1"', "the index has no wheel of uv 1.1"),
    ("images", "projects: [flash-attn]", "projects: [flash-attn, uv]", "the newest uv has a wheel"),
]
GAPS = [
    ("torch", 'version: "2.0.1"', 'version: "2.0.2"', "torch 2.0.1 is on the index and has no row"),
    ("torch", 'releases: "==2.0.*", cuda: ["11.8"]', 'releases: "==2.1.*", cuda: ["11.8"]', "the GPU code of torch 2.0.0 for CUDA 11.8"),
    ("bitsandbytes", 'version: "0.2"', 'version: "0.1.1"', "bitsandbytes 0.2 is on the index and has no row"),
    ("companions", 'releases: "==0.0.1"', 'releases: "==0.0.0"', "xformers 0.0.1 is on the index and has no row"),
]


class Project:
    def __init__(self, slipway, folder, server):
        self.slipway, self.folder, self.server = slipway, folder, server
        images = (HERE.parent.parent / "profiles/catalog/images.yaml").read_text().splitlines()
        images = ["uv: {version: \"1.0\", %s}" % FROM if line.startswith("uv:") else
                  f'  url: "{server.url}/own/{{{{variant}}}}"' if line.startswith("  url:") else
                  "  projects: [flash-attn]" if line.startswith("  projects: [") else line for line in images]
        self.texts = {name: f"slipway-catalog: {name}\n{text}" for name, text in CATALOG.items()} | {"images": "\n".join(images) + "\n"}

    def write(self, changes=()):
        """The catalog with (file, old, new) changed; returns the variables that lead to the index."""
        root = self.folder / "slipway/profiles/catalog"
        root.mkdir(parents=True, exist_ok=True)
        for name, text in self.texts.items():
            for file, old, new in changes:
                if file == name:
                    assert text.count(old) >= 1, (file, old)
                    text = text.replace(old, new, 1)
            (root / f"{name}.yaml").write_text(text)
        return {"HOME": str(self.folder), "XDG_CACHE_HOME": str(self.folder / "cache"), "no_proxy": "*",
                "PIP_INDEX_URL": f"{self.server.url}/simple"}

    def verify(self, files, changes=(), *options):
        """(exit status, the result)."""
        environment = os.environ | self.write(changes)
        done = subprocess.run([self.slipway, "-C", self.folder, "catalog", "verify", *files, "--format", "json", *options],
                              capture_output=True, text=True, env=environment, timeout=250)
        return done.returncode, json.loads(done.stdout)


def serve():
    """A server of both indexes."""
    answers = script(DEFAULT)
    for variant, projects in OWN.items():
        answers |= script(projects, f"own/{variant}")
    return Server(answers)


def find(findings, code_, severity):
    return [f for f in findings if f["code"] == code_ and f["severity"] == severity]


def test_right(project):
    files = [*CATALOG, "images"]
    status, result = project.verify(files)
    faults = [f"{f['code']} {f['message']}" for f in result["findings"]]
    states = {row["row"]: row["state"] for row in result["rows"]}
    faults += [f"{row}: {states.get(row)}, not {RIGHT.get(row)}" for row in sorted({*states, *RIGHT})
               if states.get(row) != RIGHT.get(row)]
    faults += [f"{row['row']}: says not what is open" for row in result["rows"] if (row["state"] in ("part", "open")) != bool(row["open"])]
    if result["states"] != {state: list(RIGHT.values()).count(state) for state in ("open", "part", "settled", "differs")}:
        faults.append(f"counted {result['states']}")
    asked = len(project.server.seen)
    again = project.verify(files)[1]
    faults += [f"{again['bytes_read']} bytes read again"] if again["bytes_read"] or not result["bytes_read"] else []
    faults += ["asked again"] if len(project.server.seen) > asked else []
    offline, known = project.verify(files, (), "--offline")
    faults += ["not the same offline"] if (offline, known["states"]) != (0, result["states"]) else []
    return faults + ([f"status {status}"] if status else [])


def test_change(project, file, old, new, expected):
    status, result = project.verify([f"profiles/catalog/{file}.yaml"], [(file, old, new)])
    errors = find(result["findings"], "SW601", "error")
    text = (project.folder / f"slipway/profiles/catalog/{file}.yaml").read_text().splitlines()
    faults = [] if status == 1 and any(expected in f["message"] for f in errors) else [f"status {status}"] + [f["message"] for f in errors]
    for finding in errors:
        names = [row for row in result["rows"] if row["line"] == finding["line"] and row["state"] == "differs"]
        if not names or not finding["message"].startswith(names[0]["row"]) or not finding["file"].endswith(f"{file}.yaml"):
            faults.append(f"at {finding['file']}:{finding['line']}, {finding['message']}")
        if new and new.split(": ")[-1] not in "\n".join(text[finding["line"] - 1:finding["line"] + 3]):
            faults.append(f"line {finding['line']} is not the row")
    return faults


def test_gap(project, file, old, new, expected):
    _, result = project.verify([file], [(file, old, new)])
    notes = [f["message"] for f in find(result["findings"], "SW602", "note")]
    return [] if any(note.startswith(expected) for note in notes) else notes or ["no note"]


def test_without(project):
    """No index at all, and none of torch's own."""
    project.server.script = {}
    project.texts["images"] = project.texts["images"].replace(project.server.url, "http://127.0.0.1:9")
    faults = []
    for name in ("PIP_INDEX_URL", "own"):
        url = "http://127.0.0.1:9/simple" if name == "PIP_INDEX_URL" else f"{project.server.url}/simple"
        environment = os.environ | {"HOME": str(project.folder), "XDG_CACHE_HOME": str(project.folder / name), "no_proxy": "*",
                                    "PIP_INDEX_URL": url}
        done = subprocess.run([project.slipway, "-C", project.folder, "catalog", "verify", "companions"], capture_output=True,
                              text=True, env=environment, timeout=250)
        if name == "PIP_INDEX_URL" and (done.returncode != 3 or "cannot fetch" not in done.stderr):
            faults.append(f"status {done.returncode}: {done.stderr}")
        if name == "own" and (done.returncode != 0 or "the index has no project xformers" not in done.stdout):
            faults.append(f"status {done.returncode}: {done.stdout}{done.stderr}")
    done = subprocess.run([project.slipway, "catalog", "verify", "torches"], capture_output=True, text=True, timeout=60)
    return faults + ([] if done.returncode == 2 and "has no file 'torches'" in done.stderr else [done.stderr])


ROWS = ["adrift 3.0 sass: [], source: adrift-3.0-", 'kernels 1.2.1 sass: ["7.5"], ptx: ["8.0"], source: kernels-1.2.1-',
        'kernels 1.3.0 sass: ["9.0", "10.0"], source: "made up"', 'kernels 1.10 sass: ["12.0"], source: kernels-1.10-']


def test_update(project):
    """Rows for the newest patch of each minor release, in order; a second run adds none, and all of them are settled."""
    environment = os.environ | project.write()
    path, faults = project.folder / "slipway/profiles/catalog/code.yaml", []
    for wanted in ("3 rows added", "0 rows added"):
        done = subprocess.run([project.slipway, "-C", project.folder, "catalog", "update"], capture_output=True, text=True,
                              env=environment, timeout=250)
        lines = [re.sub(r"  - {project: (\S+), version: \"([^\"]+)\",", r"\1 \2", line)
                 for line in path.read_text().partition("code:\n")[2].splitlines()]
        if done.returncode != 0 or wanted not in done.stderr:
            faults.append(f"status {done.returncode}: {done.stdout}{done.stderr}")
        if len(lines) != len(ROWS) or not all(line.startswith(row) for line, row in zip(lines, ROWS)):
            faults.append(f"the rows are {lines}")
    done = subprocess.run([project.slipway, "-C", project.folder, "catalog", "verify", "code", "--format", "json"], capture_output=True,
                          text=True, env=environment, timeout=250)
    states = [row["state"] for row in json.loads(done.stdout)["rows"]]
    return faults + ([] if sorted(states) == ["open"] + 4 * ["settled"] else [f"then the rows are {states}"])


def row_of(result, name):
    return next((row for row in result.get("rows", []) if row["row"] == name), {})


def test_real(slipway, folder):
    """A row of the real index, right and wrong; None where there is no index, or one without that release."""
    root = folder / "real/slipway/profiles/catalog"
    root.mkdir(parents=True)
    right = (HERE.parent.parent / "profiles/catalog/companions.yaml").read_text()
    environment = {**os.environ, "HOME": str(folder), "XDG_CACHE_HOME": str(folder / "real-cache")}
    faults = []
    for text, wanted in ((right, 0), (right.replace('"==0.0.30", torch: "==2.7.0"', '"==0.0.30", torch: "==2.7.1"'), 1)):
        (root / "companions.yaml").write_text(text)
        done = subprocess.run([slipway, "-C", folder / "real", "catalog", "verify", "companions", "--format", "json"],
                              capture_output=True, text=True, env=environment, timeout=250)
        result = json.loads(done.stdout)
        if done.returncode == 3 or row_of(result, "xformers ==0.0.30").get("state") == "open":
            return None
        found = find(result["findings"], "SW601", "error")
        if done.returncode != wanted or len(found) != wanted:
            faults.append(f"status {done.returncode}: {[f['message'] for f in found]}")
    return faults


def main(slipway):
    slipway = pathlib.Path(slipway).resolve()
    number, failed = 0, 0

    def report(name, faults):
        nonlocal number, failed
        number += 1
        failed += bool(faults)
        print(f"{'not ok' if faults else 'ok'} {number} - {name}{' # SKIP no index answers' if faults is None else ''}")
        for fault in faults or []:
            print(f"# {fault}")

    with tempfile.TemporaryDirectory(prefix="catalog-") as folder, serve() as server:
        project = Project(slipway, pathlib.Path(folder), server)
        report("a catalog that is right", test_right(project))
        for file, old, new, expected in CASES:
            report(f"{file}: {new or 'without ' + old}", test_change(project, file, old, new, expected))
        for file, old, new, expected in GAPS:
            report(expected, test_gap(project, file, old, new, expected))
        report("rows for new releases", test_update(project))
        report("without an index", test_without(project))
        report("the real index", test_real(slipway, pathlib.Path(folder)))
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
