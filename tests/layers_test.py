#!/usr/bin/env python3
"""Tries that tests/layers.py refuses each kind of fault: a copy of the tree gets one fault at a time.

usage: layers_test.py SOURCE-ROOT
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def judge(root):
    done = subprocess.run([sys.executable, HERE / "layers.py", root], capture_output=True, text=True)
    return done.returncode, done.stdout


def prepend(root, path, text):
    file = root / path
    file.write_text(text + (file.read_text() if file.exists() else ""))


def replace(root, path, old, new):
    text = (root / path).read_text()
    assert old in text, f"{path} has no {old!r}"
    (root / path).write_text(text.replace(old, new, 1))


# The fault, how a tree gets it, and a part of the line that must tell of it.
FAULTS = [
    ("an include between the wings", lambda root: prepend(root, "lib/check/check.c", '#include "engine/engine.h"\n'),
     "lib/check/check.c:1: the wings never include each other: engine/engine.h"),
    ("an include between the wings, the other way", lambda root: prepend(root, "lib/engine/engine.h", '#include "python/version.h"\n'),
     "lib/engine/engine.h:1: the wings never include each other: python/version.h"),
    ("an include that no row allows", lambda root: prepend(root, "lib/base/str.c", '#include "data/node.h"\n'),
     "lib/base/str.c:1: base may not include data/node.h"),
    ("an internal header of another layer", lambda root: prepend(root, "lib/author/draft.c", '#include "profile/plan_internal.h"\n'),
     "profile/plan_internal.h is for the files of lib/profile only"),
    ("an internal header of a layer in cmd", lambda root: prepend(root, "cmd/main.c", '#include "check/check_internal.h"\n'),
     "check/check_internal.h is for the files of lib/check only"),
    ("a circle in a layer", lambda root: prepend(root, "lib/python/version.h", '#include "python/specifier.h"\n'),
     "lib/python: these modules include each other in a circle:"),
    ("a row that allows too much", lambda root: replace(root, "lib/README.md", "| `http` | floor | `base` |", "| `http` | floor | `base`, `data` |"),
     "lib/README.md: no file of http includes data"),
    ("a layer that stands too early", lambda root: replace(root, "lib/README.md", "| `base` | floor | |", "| `base` | floor | `verify` |"),
     "base includes verify, which does not stand before it"),
    ("a header without a row", lambda root: prepend(root, "lib/wire/new.h", "\n"), "no row has lib/wire/new.h among the public headers"),
    ("an internal header without a row", lambda root: prepend(root, "lib/wire/new_internal.h", "\n"), "no row has lib/wire/new_internal.h"),
    ("a row without a header", lambda root: replace(root, "lib/README.md", "`sha256`", "`sha512`"), "there is no lib/base/sha512.h"),
    ("a layer without a row", lambda root: ((root / "lib/new").mkdir(), prepend(root, "lib/new/new.h", "\n")), "no row has the layer new"),
    ("a file of cmd without a row", lambda root: prepend(root, "cmd/output/new.c", "\n"), "no row has cmd/output/new.c"),
    ("a row without its file in cmd", lambda root: replace(root, "lib/README.md", "`timeline`", "`timetable`"), "there is no cmd/display/timetable.c"),
    ("a library that prints", lambda root: prepend(root, "lib/base/str.c", "static void f(void) { puts(\"\"); }\n"), "the library never prints"),
    ("a library that reads the environment", lambda root: prepend(root, "lib/base/str.c", "static void f(void) { getenv(\"\"); }\n"), "reads the environment"),
]


def main(source):
    source, failed = pathlib.Path(source), 0
    print("TAP version 13")
    print(f"1..{len(FAULTS) + 1}")
    for number, (name, spoil, says) in enumerate([("the tree as it is", lambda root: None, None), *FAULTS], 1):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for part in "lib", "cmd":
                shutil.copytree(source / part, root / part)
            spoil(root)
            status, text = judge(root)
        good = status == 0 if says is None else status == 1 and says in text
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print("\n".join(f"# {line}" for line in text.splitlines()))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
