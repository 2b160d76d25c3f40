#!/usr/bin/env python3
"""Profiles with the findings that they must have, for the unit tests of lib/check, and the package indexes that they ask.

usage: rows.py FILE      writes the rows to FILE, which may be a named pipe; serves the indexes until standard input ends

A row is {name, text | folder | file, index, findings, cures}. With `text`, a profile that asks the index: `findings` has for each finding of check that
is no note the beginnings that its line may have, and `cures` are lines that stand among its hints and fixes. With `folder`, a case of tests/cases/stack, which asks no index: `findings` are all its
lines, as tests/cases/findings.py prints them, and `judged` is false if nothing could be judged (SW222, which is the command's finding). With `file`, a
file of this name that is no profile, and its `content`. With `any`, the findings stand in answers.txt alone.
"""
import json
import pathlib
import sys

import index_test
import link_test
from served import Server, script

HERE = pathlib.Path(__file__).resolve().parent


def rows_of_index(url):
    for name, (body, findings) in index_test.CASES.items():
        if "{server}" in body:
            body, findings = body.format(server=url), [row.format(server=url) for row in findings]
        yield {"name": name, "text": f"slipway: 1\nname: p\n{index_test.with_python(body)}\n", "index": f"{url}/simple",
               "findings": [index_test.alternatives(row) for row in findings], "cures": index_test.CURES.get(name, [])}


def rows_of_link(url):
    for name, (keys, findings) in link_test.CASES.items():
        keys = keys.format(server=url)
        python = "" if "python_version" in keys else 'python_version: "3.11"\n'
        yield {"name": name, "text": f"slipway: 1\nname: p\n{python}{keys}\n", "index": f"{url}/simple", "only": list(link_test.CODES),
               "findings": [[row] for row in findings if row.split()[1] != "note"], "cures": link_test.CURES.get(name, [])}


def rows_of_files(url):
    for name, (file, content, findings) in index_test.FILES.items():
        yield {"name": name, "file": file, "content": content, "index": f"{url}/simple",
               "findings": [index_test.alternatives(row) for row in findings if not row.startswith("SW222")]}


def rows_of_profiles(url):
    for part in (HERE / "profiles.txt").read_text().split("\n=== ")[1:]:
        name, _, body = part.partition("\n")
        yield {"name": name, "text": f"slipway: 1\nname: p\n{index_test.with_python(body)}\n", "index": f"{url}/simple",
               "offline": name.startswith("offline"), "any": True}


def without_the_commands_own(lines):
    own = False
    for line in lines:
        own = line.startswith("SW222") or (own and not line.startswith("SW"))
        if not own and line.startswith(("SW", "  hint: ", "  fix: ")):
            yield line


def rows_of_cases():
    for path in sorted((HERE.parent / "cases/stack").glob("*/cmd")):
        if (path.parent / "p.yaml").exists() and "--offline check p.yaml" in path.read_text():
            lines = (path.parent / "stdout").read_text().splitlines() if (path.parent / "stdout").exists() else []
            yield {"name": path.parent.name, "folder": str(path.parent), "index": "http://127.0.0.1:9/simple",
                   "judged": not any(line.startswith("SW222") for line in lines), "findings": list(without_the_commands_own(lines))}


def main(file):
    answers = script(index_test.INDEX)
    for path, projects in index_test.OWN.items():
        answers |= script(projects, path)
    with Server(answers) as index, Server(script(link_test.INDEX)) as link:
        rows = [*rows_of_cases(), *rows_of_index(index.url), *rows_of_files(index.url), *rows_of_profiles(index.url), *rows_of_link(link.url)]
        with open(file, "w") as out:
            json.dump(rows, out)
        sys.stdin.read()


main(sys.argv[1])
