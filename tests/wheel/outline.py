#!/usr/bin/env python3
"""The outline of Python modules, held against Python's own parser over the standard library and what else is installed.

usage: outline.py OUTLINE [FOLDER...]
"""
import ast
import pathlib
import subprocess
import sys
import sysconfig
import warnings

MOST = 1500


def targets(node):
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Starred):
        yield from targets(node.value)
    elif isinstance(node, (ast.Tuple, ast.List)):
        for item in node.elts:
            yield from targets(item)


def is_typing(test):
    return any(isinstance(node, (ast.Name, ast.Attribute)) and getattr(node, "id", getattr(node, "attr", "")) == "TYPE_CHECKING"
               for node in ast.walk(test)) and not any(isinstance(node, ast.Not) for node in ast.walk(test))


class Outline:
    def __init__(self, tree):
        self.names, self.typing, self.imports, self.deleted = {}, set(), [], set()
        self.body(tree.body, inner=False, called=False, typing=False, plain=True)

    def bind(self, name, line, inner, typing):
        if not inner:
            self.names.setdefault(name, []).append((line, typing))

    def body(self, body, **state):
        for node in body:
            self.node(node, **state)

    def node(self, node, inner, called, typing, plain):
        state = dict(inner=inner, called=called, typing=typing)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self.bind(node.name, node.lineno, inner, typing)
            called |= not isinstance(node, ast.ClassDef)
            self.body(node.body, inner=True, called=called, typing=typing, plain=False)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                self.imports.append((alias.name, "", alias.asname or "", called))
                self.bind(alias.asname or alias.name.split(".")[0], node.lineno, inner, typing)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                self.imports.append(("." * node.level + (node.module or ""), alias.name, alias.asname or "", called))
                if alias.name != "*":
                    self.bind(alias.asname or alias.name, node.lineno, inner, typing)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                for name in targets(target):
                    self.bind(name, node.lineno, inner, typing)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            for name in targets(node.target):
                self.bind(name, node.lineno, inner, typing)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            for name in targets(node.target):
                self.bind(name, node.lineno, inner, typing)
            self.body(node.body + node.orelse, **state, plain=False)
        elif isinstance(node, ast.While):
            self.body(node.body + node.orelse, **state, plain=False)
        elif isinstance(node, ast.If):
            self.body(node.body, inner=inner, called=called, typing=typing or is_typing(node.test), plain=False)
            self.body(node.orelse, **state, plain=False)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                for name in targets(item.optional_vars) if item.optional_vars else ():
                    self.bind(name, node.lineno, inner, typing)
            self.body(node.body, **state, plain=plain)
        elif isinstance(node, (ast.Try, getattr(ast, "TryStar", ast.Try))):
            self.body(node.body, **state, plain=plain)
            for handler in node.handlers:
                self.body(handler.body, **state, plain=False)
            self.body(node.orelse, **state, plain=False)
            self.body(node.finalbody, **state, plain=plain)
        elif isinstance(node, ast.Match):
            for case in node.cases:
                self.body(case.body, **state, plain=False)
        elif isinstance(node, ast.Global):
            for name in node.names:
                self.names.setdefault(name, []).append((node.lineno, typing))
        elif isinstance(node, ast.Delete) and plain and not inner:
            for name in (name for target in node.targets for name in targets(target)):
                self.names.setdefault(name, []).append((node.lineno, None))

    def lines(self):
        names = set()
        for name, places in self.names.items():
            places = [typing for _, typing in sorted(places, key=lambda place: (place[0], place[1] is None))]
            if places[-1] is not None:
                names.add(f"name {name} {'typing' if all(typing is not False for typing in places) else ''}".strip())
        imports = sorted(f"import {module}|{name}|{alias} {'called' if called else ''}".strip()
                         for module, name, alias, called in self.imports)
        return sorted(names) + imports


def expected(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Outline(ast.parse(path.read_bytes())).lines()


def answered(text):
    files, path = {}, None
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "file":
            path = rest
            files[path] = []
        elif word == "import":
            files[path].append(f"import {rest.partition(' ')[2]}".strip())
        else:
            files[path].append(line.strip())
    return {path: sorted(line for line in lines if line.startswith("name ")) +
            sorted(line for line in lines if line.startswith("import ")) for path, lines in files.items()}


def main(program, folders):
    folders = folders or [sysconfig.get_paths()["stdlib"], "/usr/lib/python3/dist-packages"]
    paths, wanted = [], {}
    for folder in folders:
        for path in sorted(pathlib.Path(folder).rglob("*.py")):
            if len(paths) == MOST or path.stat().st_size > 1 << 20 or "\n" in str(path):
                continue
            try:
                wanted[str(path)] = expected(path)
                paths.append(str(path))
            except (SyntaxError, ValueError, RecursionError):
                continue  # made to be wrong, or written for another Python
    given = subprocess.run([program], input="".join(path + "\n" for path in paths), text=True, stdout=subprocess.PIPE, check=True)
    given = answered(given.stdout)
    wrong = 0
    for path in paths:
        if wanted[path] != given.get(path):
            wrong += 1
            missing = set(wanted[path]) - set(given.get(path, ()))
            print(f"not ok - {path}: missing {sorted(missing)[:5]}, too much {sorted(set(given.get(path, ())) - set(wanted[path]))[:5]}")
    print(f"{len(paths)} modules, {wrong} read otherwise than Python reads them")
    return 1 if wrong or len(paths) < 300 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
