#!/usr/bin/env python3
"""Holds the documents to the tree: each test that SECURITY.md names is there, each line of its model names one, each fuzz target
has its row in meson.build and a corpus, each place that lib/README.md names for a decision is there, each path that CONTRIBUTING.md
names is there, and README.md is short, linked with each page of docs/ both ways, and names no file that is not there.

usage: documents.py SOURCE-ROOT        each fault; exit status 1 if there is one
       documents.py --self-test SOURCE-ROOT    tries that a fault in one of these documents is seen
"""
import pathlib
import re
import sys

# `tests/unit/test_x.c` or `tests/unit/test_x.c:name`, and a folder of cases.
NAMED = re.compile(r"`(tests/[\w./-]+)(?::(\w+))?`")
# A line of the model: a list item of a section about who is trusted, with the lines that it goes on in.
ITEM = re.compile(r"^- .*(?:\n  .*)*", re.MULTILINE)


def check_security(root, text):
    faults, named = [], 0
    for path, name in NAMED.findall(text):
        named += 1
        file = root / path
        if not file.exists():
            faults.append(f"SECURITY.md: there is no {path}")
        elif name and not re.search(rf"\b(?:test_)?{name}\b", file.read_text()):
            faults.append(f"SECURITY.md: {path} has no {name}")
    model = text.split("## The model\n", 1)[-1].split("\n## ", 1)[0]
    items = ITEM.findall(model)
    faults += [f"SECURITY.md: no test holds: {item.splitlines()[0]}" for item in items if not NAMED.search(item)]
    if not items or not named:
        faults.append("SECURITY.md: it has no model")
    return faults


def check_fuzz(root):
    folder = root / "tests/fuzz"
    rows = set(re.findall(r"^  '(\w+)',$", (folder / "meson.build").read_text(), re.MULTILINE))
    files = {path.stem.removeprefix("fuzz_") for path in folder.glob("fuzz_*.c")}
    corpora = {path.name for path in (folder / "corpus").iterdir() if any(path.iterdir())}
    return ([f"tests/fuzz/meson.build: no row for {name}" for name in sorted(files - rows)]
            + [f"tests/fuzz/corpus: nothing for {name}" for name in sorted(files - corpora)]
            + [f"tests/fuzz/corpus/{name}: there is no such target" for name in sorted(corpora - files)])


# A place of a decision: `lib/layer/file.c`, or `function()` in such a file.
PLACE = re.compile(r"(?:`(\w+)\(\)` in )?`((?:cmd|lib|templates)/[\w./-]+)`")


def check_decisions(root, text):
    rows = re.findall(r"^\| [^|]+\? \|(.*)\|$", text, re.MULTILINE)
    places = [place for row in rows for place in PLACE.findall(row)]
    return [f"lib/README.md: there is no {name or path} in {path}" for name, path in places
            if not (root / path).is_file() or not re.search(rf"\b{name}\b", (root / path).read_text())] + (
                [] if places else ["lib/README.md: it names no place of a decision"])


# A path of the tree. A part in capital letters stands for a name that the reader chooses.
PATH = re.compile(r"`((?:cmd|docs|lib|profiles|tests|\.github)/[\w./-]+)[^`]*`")


def check_contributing(root, text):
    paths = PATH.findall(text)
    return [f"CONTRIBUTING.md: there is no {path}" for path in paths if not re.search(r"[A-Z]|nnn", path) and not (root / path).exists()] + (
        [] if paths else ["CONTRIBUTING.md: it names no path"])


# A link to a file of the tree.
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
README_WORDS = 900


def check_readme(root, text):
    pages = sorted(root.glob("docs/*.md"))
    texts = {root / "README.md": text} | {page: page.read_text() for page in pages}
    faults = [f"README.md: it has {len(text.split())} words, and {README_WORDS} are the most"] if len(text.split()) > README_WORDS else []
    faults += [f"README.md: no link to docs/{page.name}" for page in pages if f"](docs/{page.name})" not in text]
    faults += [f"docs/{page.name}: no link to README.md" for page in pages if "](../README.md)" not in texts[page]]
    return faults + [f"{path.relative_to(root)}: there is no {link}" for path, said in texts.items() for link in LINK.findall(said)
                     if not (path.parent / link).exists()]


# What a fault does to SECURITY.md, and a part of what must be said of it.
FAULTS = [
    (lambda text: text.replace("tests/fuzz/fuzz_plan.c", "tests/fuzz/fuzz_plane.c"), "there is no tests/fuzz/fuzz_plane.c"),
    (lambda text: text.replace(":nobody_allows_nothing", ":anybody_allows"), "has no anybody_allows"),
    (lambda text: text.replace("### An engine\n", "### An engine\n- Is held by nothing.\n"), "no test holds: - Is held by nothing."),
    (lambda text: text.split("## The model")[0], "it has no model"),
]


def self_test(root):
    text = (root / "SECURITY.md").read_text()
    missed = [said for fault, said in FAULTS if not any(said in line for line in check_security(root, fault(text)))]
    text = (root / "lib/README.md").read_text()
    for word, fault in (("fixing.c", "fixes.c"), ("sw_finding_same()", "sw_finding_alike()")):
        missed += [] if check_decisions(root, text.replace(word, fault)) else [fault]
    text = (root / "CONTRIBUTING.md").read_text()
    missed += [] if check_contributing(root, text.replace("cmd/options.c", "cmd/choices.c")) else ["cmd/choices.c"]
    text = (root / "README.md").read_text()
    for changed, fault in ((text.replace("](docs/verify.md)", "](docs/verity.md)"), "no link to docs/verify.md"),
                           (text.replace("](docs/verify.md)", "](docs/verity.md)"), "there is no docs/verity.md"),
                           (text + " word" * README_WORDS, "words, and")):
        missed += [] if any(fault in line for line in check_readme(root, changed)) else [fault]
    for said in missed:
        print(f"not seen: {said}")
    return 1 if missed else 0


def main(words):
    root = pathlib.Path(words[-1])
    if words[0] == "--self-test":
        return self_test(root)
    faults = check_security(root, (root / "SECURITY.md").read_text()) + check_fuzz(root) + check_decisions(root, (root / "lib/README.md").read_text())
    faults += check_contributing(root, (root / "CONTRIBUTING.md").read_text()) + check_readme(root, (root / "README.md").read_text())
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
