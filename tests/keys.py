#!/usr/bin/env python3
"""Holds the keys that the C code reads of its trees against the places that declare them.

A look-up by a literal key that no tree has reads as a missing value, and no compiler tells. So each key that is read must be a row of
a table of `struct sw_field` (profiles, the catalog, the rules), or a key that the code itself sets, or a key of a format of others, in
foreign_keys.txt beside this file, which may hold no key that is not read.

usage: keys.py SOURCE-ROOT
       keys.py --self-test     as TAP: small trees with one fault each
"""
import pathlib
import re
import sys
import tempfile

ARGUMENT = r"(?:[^()\",]|\((?:[^()\"]|\([^()\"]*\))*\))*"
READ = re.compile(r"\b(sw_node_get|sw_node_member|sw_(?:resolver|target|stack|part)_get|sw_catalog_row)\(" + ARGUMENT + r',\s*"([^"\n]+)"')
# These take a path: the keys from the root of a tree, with dots between them.
TAKES_PATH = {"sw_resolver_get", "sw_stack_get"}
SET = re.compile(r"\b\w*(?:set|add|put|copy)\w*\(" + ARGUMENT + r"(?:," + ARGUMENT + r')?,\s*"([^"\n]+)"')
TABLE = re.compile(r"\bstruct sw_field \w+\[\w*\] = \{(.*?)\n\};", re.S)
ROW = re.compile(r'(?:^|\\\n)\s*\{\s*"([^"\n]+)"', re.M)
MACRO = re.compile(r'^#define \w+(?:\(.*?\))? \\\n(?:.*\\\n)*.*$', re.M)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def judge(root):
    """The faults of a tree as lines, and the number of keys that it reads."""
    texts = {path.relative_to(root): path.read_text() for top in ("lib", "cmd") for path in sorted((root / top).rglob("*.[ch]"))}
    declared = set()
    for text in texts.values():
        declared.update(SET.findall(text))
        if "struct sw_field " in text:
            for part in TABLE.findall(text) + MACRO.findall(text):
                declared.update(ROW.findall(part))
    listed = root / "tests/foreign_keys.txt"
    foreign = {key: number for number, line in enumerate(listed.read_text().splitlines(), 1) if not line.startswith("#") for key in line.split()}
    read = {}
    for path, text in texts.items():
        for found in READ.finditer(text):
            for key in found[2].split(".") if found[1] in TAKES_PATH else [found[2]]:
                read.setdefault(key, f"{path}:{line_of(text, found.start())}")
    faults = [f"{place}: nothing declares the key \"{key}\", and tests/foreign_keys.txt does not have it"
              for key, place in read.items() if key not in declared and key not in foreign]
    faults += [f"tests/foreign_keys.txt:{number}: nothing reads the key \"{key}\"" for key, number in foreign.items() if key not in read]
    faults += [f"tests/foreign_keys.txt:{number}: the code itself sets the key \"{key}\"" for key, number in foreign.items() if key in declared]
    return faults, len(read)


ROWS = 'static const struct sw_field fields[] = {\n    {"name", "a name", &text, true, NULL},\n};\n'
# The code of a tree, its foreign keys, and a part of its only fault; the part is empty if the tree has no fault.
TRIED = {
    "a key of a table": (ROWS + 'sw_node_get(map, "name");', "", ""),
    "a mistyped key": (ROWS + 'sw_node_get(map, "nmae");', "", 'lib/a.c:4: nothing declares the key "nmae"'),
    "a key that the code sets": ('sw_build_set(b, map, "made", value); sw_node_get(sw_node_item(list, i), "made");', "", ""),
    "a path": (ROWS + 'sw_resolver_get(r, "name.size");', "", 'the key "size"'),
    "a foreign key": ('sw_node_get(map, "Id");', "Id", ""),
    "a foreign key that nothing reads": ("", "Id", 'tests/foreign_keys.txt:1: nothing reads the key "Id"'),
    "a foreign key that is our own": (ROWS + 'sw_node_get(map, "name");', "name", "the code itself sets"),
}


def self_test():
    print(f"TAP version 13\n1..{len(TRIED)}")
    failed = 0
    for number, (name, (code, foreign, wanted)) in enumerate(TRIED.items(), 1):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for path, text in (("lib/a.c", code), ("tests/foreign_keys.txt", foreign)):
                (root / path).parent.mkdir()
                (root / path).write_text(text)
            faults, _ = judge(root)
        good = len(faults) == bool(wanted) and wanted in "".join(faults)
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}" + ("" if good else f"\n# {faults}"))
    return 1 if failed else 0


def main(root):
    if root == "--self-test":
        return self_test()
    faults, count = judge(pathlib.Path(root))
    print("\n".join(faults) or f"{count} keys are read, and each is declared or foreign")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
