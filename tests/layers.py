#!/usr/bin/env python3
"""Refuses an include that points right, and a table of modules in lib/README.md that is not the tree's.

usage: layers.py SOURCE-ROOT
"""
import pathlib
import re
import sys

# A layer may include itself and every layer named here.
LEFT = {
    "base": set(),
    "data": {"base"},
    "python": {"base", "data"},
    "template": {"base", "data"},
    "context": {"base", "data"},
}
LEFT["http"] = {"base", "data", "python", "template", "context"}
LEFT["wheel"] = LEFT["http"] | {"http"}
LEFT["index"] = LEFT["wheel"] | {"wheel"}
LEFT["catalog"] = LEFT["index"] | {"index"}
LEFT["engine"] = LEFT["diagnose"] = LEFT["history"] = LEFT["catalog"]
LEFT["profile"] = LEFT["catalog"] | {"catalog", "engine", "diagnose", "history"}
LEFT["check"] = LEFT["profile"] | {"profile"}
LEFT["verify"] = LEFT["check"] | {"check"}
LEFT["cmd"] = LEFT["verify"] | {"verify"}

PRINTS = re.compile(r"\b(?:printf|puts|putchar|perror|exit|_Exit|abort|getenv|secure_getenv)\s*\(|\b(?:stdout|stderr|environ)\b")
# The one place in lib/ that must end a process: the child between fork and exec.
MAY_EXIT = {"lib/base/process.c"}


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", lambda m: "\n" * m[0].count("\n"), text, flags=re.S)


def check_table(root):
    """The table of modules in lib/README.md against the tree: a row for each header, and none for what is not there."""
    faults, mentioned, layer = [], set(), ""
    for row in re.findall(r"^\|(.*)\|(.*)\|(.*)\|$", (root / "lib/README.md").read_text(), re.M)[2:]:
        layer = row[0].strip() or layer
        mentioned.update((layer, word) for word in re.findall(r"`(\w+)`", row[1] + row[2]))
        faults += [f"lib/README.md: there is no lib/{layer}/{word}.h" for word in re.findall(r"`(\w+)`", row[1])
                   if not (root / "lib" / layer / f"{word}.h").exists() and not (root / "lib" / layer / f"{word}.c").exists()]
    for path in sorted(root.glob("lib/*/*.h")):
        if (path.parent.name, path.stem) not in mentioned:
            faults.append(f"lib/README.md: no row has {path.relative_to(root)}")
    return faults


def main(root):
    root = pathlib.Path(root)
    faults = []
    files = sorted([*root.glob("lib/*/*.[ch]"), *root.glob("cmd/*.[ch]")])
    for path in files:
        where = path.relative_to(root)
        layer = where.parts[1] if where.parts[0] == "lib" else "cmd"
        text = path.read_text()
        for number, line in enumerate(text.splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            other = match[1].split("/")[0] if "/" in match[1] else "cmd"
            if other != layer and other not in LEFT[layer]:
                faults.append(f"{where}:{number}: {layer} may not include {match[1]}")
        if layer == "cmd":
            continue
        for number, line in enumerate(without_comments(text).splitlines(), 1):
            if PRINTS.search(line) and str(where) not in MAY_EXIT and "banned.h" not in where.name:
                faults.append(f"{where}:{number}: the library never prints, exits or reads the environment: {line.strip()}")
    faults += check_table(root)
    for fault in faults:
        print(fault)
    print(f"{len(files)} files, {len(faults)} faults")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
