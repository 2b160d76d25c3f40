#!/usr/bin/env python3
"""What `slipway inspect` says of a wheel, word by word, and its exit statuses.

usage: inspect.py SLIPWAY      TAP on standard output
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

FILES = {
    "x/__init__.py": "from .version import cuda\n",
    "x/version.py": "from typing import Optional\n__version__ = '1.0+cu121'\ncuda: Optional[str] = '12.1'\nhip = None\nmade = f()\n",
    "x/old.py": "try:\n    from y import fast\nexcept ImportError:\n    fast = None\nif TYPE_CHECKING:\n    import z\n"
                "def gone(): pass\ndel gone\ndef there(): import lazy\n",
    "x/star.py": "from .old import *\n",
    "x/fast.cpython-311-x86_64-linux-gnu.so": "no library",
    "x/libx_cuda121.so": "no library",
    "x/space/deep.py": "",
    "x-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: x\nVersion: 1.0\nRequires-Python: >=3.8\n"
                                "Requires-Dist: y (>=2) ; extra == 'fast'\n\nAbout x.\n",
    "x-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-linux_x86_64\n",
}
SUMMARY = """\
x 1.0: x-1.0-py3-none-linux_x86_64.whl, SIZE
x.version.__version__: 1.0+cu121
x.version.cuda: 12.1
x.version.hip: None
requires python: >=3.8
requires: y (>=2) ; extra == 'fast'
LIBRARY            SIZE  CUDA  ARCHITECTURES  PTX
x/libx_cuda121.so  10 B  121   -              -
"""
OLD = """\
x 1.0 has module x.old: x/old.py
NAME   KIND      LINE  WHEN
fast   import       2  guarded
there  function     9
z      import       6  typing
IMPORTS FROM  NAME  LINE  WHEN
y             fast     2  guarded
z                      6  typing
lazy                   9  called
"""
# arguments, exit status, what is printed
CASES = [
    ([], 0, SUMMARY),
    (["--architectures"], 0, SUMMARY.replace("121   -              -", "121   none           no PTX")),
    (["--module", "x.old"], 0, OLD),
    (["--module", "x.old", "--name", "there"], 0, "yes: x.old of x 1.0 has there (function, line 9)\n"),
    (["--module", "x.old", "--name", "gone"], 1, "no: x.old of x 1.0 has no gone\n"),
    (["--module", "x.old", "--name", "z"], 1, "no: x.old of x 1.0 has no z\n"),
    (["--module", "x", "--name", "old"], 0, "yes: x of x 1.0 has old (module)\n"),
    (["--module", "x", "--name", "fast"], 0, "yes: x of x 1.0 has fast (module)\n"),
    (["--module", "x.star", "--name", "there"], 1, "no: x.star of x 1.0 has no there, unless by its import *\n"),
    (["--module", "x.nothing"], 1, "no: x 1.0 has no module x.nothing\n"),
    (["--module", "x.fast"], 0, "x 1.0 has module x.fast: x/fast.cpython-311-x86_64-linux-gnu.so\n"),
    (["--module", "x.fast", "--name", "f"], 2, ""),
    (["--module", "x.space"], 0, "x 1.0 has module x.space, a folder without __init__.py\n"),
    (["--file", "*.so"], 0, "x 1.0: x-1.0-py3-none-linux_x86_64.whl, SIZE\nFILE" + " " * 36 + "SIZE\n"
                            "x/fast.cpython-311-x86_64-linux-gnu.so  10 B\nx/libx_cuda121.so" + " " * 23 + "10 B\n"),
    (["--file", "*.dll"], 1, "x 1.0: x-1.0-py3-none-linux_x86_64.whl, SIZE\n"),
    (["--print", "x/version.py"], 0, FILES["x/version.py"]),
    (["--print", "x/version"], 1, ""),
]


def build(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, text in FILES.items():
            wheel.writestr(name, text)


def main(slipway):
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        wheel = pathlib.Path(folder, "x-1.0-py3-none-linux_x86_64.whl")
        build(wheel)
        run = lambda *arguments: subprocess.run([slipway, "inspect", str(wheel), *arguments], text=True, stdout=subprocess.PIPE,
                                                stderr=subprocess.PIPE, check=False)
        size = run("--file", "*.dll").stdout.rstrip("\n").rpartition(", ")[2]
        print(f"1..{len(CASES) + 1}")
        for number, (arguments, status, text) in enumerate(CASES, 1):
            done = run(*arguments)
            right = done.returncode == status and done.stdout == text.replace("SIZE\n", f"{size}\n", 1 if text.startswith("x 1.0:") else 0)
            failed += not right
            print(f"{'ok' if right else 'not ok'} {number} - {' '.join(arguments) or 'a summary'}")
            if not right:
                print("".join(f"# {line}\n" for line in f"{done.returncode}\n{done.stdout}{done.stderr}".splitlines()), end="")
        report = json.loads(run("--format", "json").stdout)
        right = (report["versions"]["x.version.cuda"] == "12.1" and report["tags"] == ["py3-none-linux_x86_64"] and
                 report["requires"] == ["y (>=2) ; extra == 'fast'"] and report["libraries"][0]["cuda"] == "121")
        print(f"{'ok' if right else 'not ok'} {len(CASES) + 1} - as JSON")
    return 1 if failed or not right else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
