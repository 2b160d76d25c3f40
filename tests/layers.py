#!/usr/bin/env python3
"""Holds the tree of lib/ against the tables of lib/README.md.

Refused are: an include between layers that the table of layers does not name, and a name there that no include needs; an include between
the two wings; an internal header (NAME_internal.h) that another layer includes; a circle of includes inside a layer; a header without a
row in the table of modules, and a row without its header; printing, exiting and reading the environment in the library.

usage: layers.py SOURCE-ROOT
"""
import collections
import pathlib
import re
import sys

PRINTS = re.compile(r"\b(?:printf|puts|putchar|perror|exit|_Exit|abort|getenv|secure_getenv)\s*\(|\b(?:stdout|stderr|environ)\b")
# The one place in lib/ that must end a process: the child between fork and exec.
MAY_EXIT = {"lib/base/process.c"}
# In cmd, everything that is printed goes through one door. The others print nothing of others, or to a file of their own.
SAYS = re.compile(r"\b(?:v?d?printf|v?fprintf|f?puts|f?putc|putchar|fputs_unlocked|fwrite|perror)\s*\(")
MAY_SAY = {"cmd/output/say.c", "cmd/output/man.c", "cmd/command_completion.c"}
INCLUDE = re.compile(r'\s*#\s*include\s+"([^"]+)"')
WINGS = "Python", "engines"


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", lambda m: "\n" * m[0].count("\n"), text, flags=re.S)


def rows(text, header):
    """The cells of each row of the table that begins with this header."""
    lines = iter(text.splitlines())
    for line in lines:
        if line == header:
            break
    else:
        return
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def words(cell):
    return re.findall(r"`(\w+)`", cell)


class Tree:
    def __init__(self, root):
        self.faults = []
        self.text = text = (root / "lib/README.md").read_text()
        self.wing, self.edges = {}, {}
        for layer, wing, left, _ in rows(text, "| layer | wing | includes | is |"):
            name = words(layer)[0]
            self.wing[name] = wing
            self.edges[name] = set(words(left))
        self.public, self.internal, layer = collections.defaultdict(set), collections.defaultdict(set), ""
        for own, public, internal, _ in rows(text, "| layer | public | internal | is |"):
            layer = own or layer
            self.public[layer].update(words(public))
            self.internal[layer].update(words(internal))
        self.files = sorted([*root.glob("lib/*/*.[ch]"), *root.glob("cmd/*.[ch]"), *root.glob("cmd/[!gt]*/*.[ch]")])
        self.root = root
        self.heads = collections.defaultdict(set)
        for path in self.files:
            if path.suffix == ".h":
                self.heads[self.layer(path)].add(path.stem.removesuffix("_internal"))

    def fault(self, text):
        self.faults.append(text)

    def layer(self, path):
        parts = path.relative_to(self.root).parts
        return parts[1] if parts[0] == "lib" else "cmd"

    def module(self, layer, stem):
        """A file without a header of its own belongs to the module whose name its own begins with: edit_insert to edit."""
        stem = name = stem.removesuffix("_internal")
        while name not in self.heads[layer] and "_" in name:
            name = name.rsplit("_", 1)[0]
        return name if name in self.heads[layer] else stem

    def includes(self, path):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match[1]

    def check_includes(self):
        used = collections.defaultdict(set)
        for path in self.files:
            layer, where = self.layer(path), path.relative_to(self.root)
            for number, header in self.includes(path):
                other, _, name = header.rpartition("/")
                if other not in self.edges or other == layer:
                    continue
                used[layer].add(other)
                if layer != "cmd" and other not in self.edges.get(layer, ()):
                    self.fault(f"{where}:{number}: {layer} may not include {header}")
                if {self.wing.get(layer), self.wing.get(other)} == set(WINGS):
                    self.fault(f"{where}:{number}: the wings never include each other: {header}")
                if name.endswith("_internal.h"):
                    self.fault(f"{where}:{number}: {header} is for the files of lib/{other} only")
        for layer, left in self.edges.items():
            for other in sorted(left - used[layer]):
                self.fault(f"lib/README.md: no file of {layer} includes {other}")
        order = list(self.edges)
        for layer, left in self.edges.items():
            for other in left:
                if other not in order or order.index(other) >= order.index(layer):
                    self.fault(f"lib/README.md: {layer} includes {other}, which does not stand before it")

    def check_circles(self):
        for layer in self.edges:
            graph = collections.defaultdict(set)
            for path in (self.root / "lib" / layer).glob("*.[ch]"):
                for _, header in self.includes(path):
                    if header.startswith(layer + "/"):
                        own, other = self.module(layer, path.stem), self.module(layer, header.split("/")[1][:-2])
                        if own != other:
                            graph[own].add(other)
            while True:  # take away what includes nothing that is left; the rest is a circle, or leads into one
                left = {name: {other for other in others if other in graph} for name, others in graph.items()}
                done = [name for name, others in left.items() if not others]
                if not done:
                    break
                for name in done:
                    del graph[name]
            if graph:
                self.fault(f"lib/{layer}: these modules include each other in a circle: {', '.join(sorted(graph))}")

    def check_modules(self):
        for layer in self.edges:
            headers = {path.stem for path in (self.root / "lib" / layer).glob("*.h")}
            public = {stem for stem in headers if not stem.endswith("_internal")}
            internal = {stem.removesuffix("_internal") for stem in headers - public}
            for name in sorted(public - self.public[layer]):
                self.fault(f"lib/README.md: no row has lib/{layer}/{name}.h among the public headers")
            for name in sorted(internal - self.internal[layer] - self.public[layer]):
                self.fault(f"lib/README.md: no row has lib/{layer}/{name}_internal.h")
            for name in sorted(self.public[layer] - public):
                self.fault(f"lib/README.md: there is no lib/{layer}/{name}.h")
            for name in sorted(self.internal[layer] - internal):
                if not (self.root / "lib" / layer / f"{name}.c").exists():
                    self.fault(f"lib/README.md: there is no lib/{layer}/{name}_internal.h")
        for layer in sorted({self.layer(path) for path in self.files} - {"cmd"} - set(self.edges)):
            self.fault(f"lib/README.md: no row has the layer {layer}")

    def check_cmd(self):
        """Every file of cmd/ but the commands' own has a row: its own, or that of the file whose name its own begins with."""
        named, folder = collections.defaultdict(set), ""
        for own, files, _ in rows(self.text, "| folder | file | is |"):
            folder = own or folder
            named[folder].update(words(files))
        for path in self.files:
            where = path.relative_to(self.root)
            if where.parts[0] != "cmd" or path.stem.startswith("command_"):
                continue
            name = path.stem
            while name not in named[str(where.parent)] and "_" in name:
                name = name.rsplit("_", 1)[0]
            if name not in named[str(where.parent)]:
                self.fault(f"lib/README.md: no row has {where}")
        for folder, names in named.items():
            for name in sorted(names):
                if not list((self.root / folder).glob(f"{name}.[ch]")):
                    self.fault(f"lib/README.md: there is no {folder}/{name}.c")

    def check_prints(self):
        for path in self.files:
            where, command = path.relative_to(self.root), self.layer(path) == "cmd"
            if str(where) in MAY_EXIT | MAY_SAY or path.name == "banned.h":
                continue
            for number, line in enumerate(without_comments(path.read_text()).splitlines(), 1):
                if command and SAYS.search(line):
                    self.fault(f"{where}:{number}: a command prints by say() and its siblings only: {line.strip()}")
                elif not command and PRINTS.search(line):
                    self.fault(f"{where}:{number}: the library never prints, exits or reads the environment: {line.strip()}")


def main(root):
    tree = Tree(pathlib.Path(root).resolve())
    for check in tree.check_includes, tree.check_circles, tree.check_modules, tree.check_cmd, tree.check_prints:
        check()
    for fault in tree.faults:
        print(fault)
    print(f"{len(tree.files)} files, {len(tree.edges)} layers, {len(tree.faults)} faults")
    return 1 if tree.faults or not tree.files or not tree.edges else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
