#!/usr/bin/env python3
"""Metadata that is made to be hard: the resolver ends with an answer, in bounded memory and CPU time.

usage: hostile_test.py RESOLVER      (TAP on standard output)
"""
import json
import os
import random
import subprocess
import sys

from served import Server, answer, script

MIB = 1 << 20
MOST_MEMORY = 256 * MIB
# Of the processor, whatever else runs. Each case takes 3 s at most on a machine of 2026, so that no slow moment fails it.
MOST_SECONDS = 10
DEPTH = 64
RELEASES = 99990
HAS_SET, CONTRADICTION, GAVE_UP = 0, 1, 2


def packages(**versions):
    return {"packages": {name.replace("_", "-"): {"versions": rows} for name, rows in versions.items()}}


class Answers(dict):
    """The answers of a scenario, and the metadata of any release of `big`, which all require what is not there."""

    def get(self, path, default=None):
        if path.startswith("/big/") and path.endswith(".metadata"):
            number = path.removeprefix("/big/").removesuffix(".metadata")
            return answer(f"Metadata-Version: 2.1\nName: big\nVersion: 1.{number}\nRequires-Dist: ghost\n".encode())
        return dict.get(self, path, default)


def answers(scenario):
    found = Answers(script(scenario))
    files = [{"filename": f"big-1.{n}-py3-none-any.whl", "url": f"/big/{n}"} for n in range(RELEASES)]
    page = {"meta": {"api-version": "1.1"}, "name": "big", "files": files}
    found["/simple/big/"] = answer(json.dumps(page, separators=(",", ":")).encode(),
                                   Content_Type="application/vnd.pypi.simple.v1+json")
    return found


def near_impossible(seed):
    draw = random.Random(seed)
    return packages(**{f"r{i}": {f"{j}.0": {"requires": [f"r{draw.randrange(60)}>={low}.0,<{low + 6}.0"
                                                         for low in (draw.randrange(24), draw.randrange(24), draw.randrange(24))]}
                                 for j in range(30)} for i in range(60)})


def deep_extras(end):
    """Extras of one project, each of which requires both extras of the next depth; the last requires `end`."""
    extras = {f"{side}{i}": [f"deep[l{i + 1},r{i + 1}]"] for side in "lr" for i in range(DEPTH)}
    return {"versions": {f"{j}.0": {"extras": extras | {f"l{DEPTH}": [end], f"r{DEPTH}": [f"a<{j}"]}} for j in range(20)}}


def extras_of_others(end):
    """An extra that requires an extra of the next project, and so on."""
    return {f"e{i}": {"versions": {f"{j}.0": {"extras": {"x": [f"e{i + 1}[x]>={j % 3}"] if i < DEPTH else [end]}} for j in range(10)}}
            for i in range(DEPTH + 1)}


CASES = {
    "100,000 releases, none of them allowed": (packages(), ["big>2"], {CONTRADICTION}),
    "100,000 releases, all of which require what is not there": (packages(), ["big"], {CONTRADICTION, GAVE_UP}),
    "100,000 releases and two ranges apart": (packages(b={"1.0": {"requires": ["big<1.5000", "big>1.6000"]}}), ["b"], {CONTRADICTION}),
    "a thousand exclusions": (
        packages(a={f"{i}.0": {} for i in range(1500)}, **{f"p{i}": {"1.0": {"requires": [f"a!={i}.0"]}} for i in range(1000)}),
        [f"p{i}" for i in range(1000)], {HAS_SET}),
    "thousands of pins that contradict each other": (
        packages(a={f"{i}.0": {} for i in range(300)},
                 **{f"p{i}": {f"{j}.0": {"requires": [f"a=={(7 * i + j) % 300}.0"]} for j in range(40)} for i in range(60)}),
        [f"p{i}" for i in range(60)], {CONTRADICTION}),
    "a cycle of 200 projects": (
        packages(**{f"c{i}": {f"{j}.0": {"requires": [f"c{(i + 1) % 200}<{j + 1}"]} for j in range(20)} for i in range(200)}),
        ["c0", "c100>18"], {HAS_SET, CONTRADICTION}),
    # The newest `date` is decided before `core` is known: it must be given up for the hundreds that refuse it, not these for it.
    "one release that all the releases of others refuse": (
        packages(date={"2.0": {}, "4.0": {}}, use={f"{i}.0": {"requires": [f"core=={i}.0", "tool"]} for i in range(900)},
                 core={f"{i}.0": {"requires": ["date<3"]} for i in range(900)}, tool={"1.0": {"requires": ["core<890"]}},
                 **{f"f{i}": {"1.0": {}} for i in range(200)}),
        ["date", *(f"f{i}" for i in range(200)), "use"], {HAS_SET}),
    "extras 64 deep": (
        {"packages": {"deep": deep_extras("a>3"), "a": {"versions": {f"{i}.0": {} for i in range(20)}}}}, ["deep[l0]"], {HAS_SET}),
    "extras 64 deep that require what is not there": (
        {"packages": {"deep": deep_extras("ghost"), "a": {"versions": {"1.0": {}}}}}, ["deep[l0,r0]"], {CONTRADICTION}),
    "extras of 64 projects, the last in a circle": ({"packages": extras_of_others("e0[x]<9")}, ["e0[x]"], {HAS_SET}),
    "extras of 64 projects, the last of which requires what is not there": (
        {"packages": extras_of_others("ghost")}, ["e0[x]"], {CONTRADICTION}),
    "a choice without an end": (near_impossible(0), [f"r{i}" for i in range(0, 60, 6)], {HAS_SET, CONTRADICTION, GAVE_UP}),
}
# The most questions that may be asked, of those that tell of a good search.
MOST_QUESTIONS = {"one release that all the releases of others refuse": 1000}


def run(resolver, url, requirements):
    child = subprocess.Popen([resolver, url + "/simple", "-", "3.12.0", *requirements], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, encoding="utf-8")
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, out.splitlines(), usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime


def main(resolver):
    for number, (name, (scenario, requirements, allowed)) in enumerate(CASES.items(), 1):
        with Server(answers(scenario)) as server:
            status, lines, memory, seconds = run(resolver, server.url, requirements)
            questions = len(server.seen)
        faults = [] if status in allowed and lines else [f"exit status {status}, {len(lines)} lines"]
        faults += [] if memory <= MOST_MEMORY else [f"{memory // MIB} MiB"]
        faults += [] if seconds <= MOST_SECONDS else [f"{seconds:.1f} s"]
        faults += [] if questions <= MOST_QUESTIONS.get(name, questions) else [f"{questions} questions"]
        print(f"{'not ok' if faults else 'ok'} {number} - {name} ({seconds:.1f} s, {memory // MIB} MiB)", flush=True)
        for fault in faults:
            print(f"# {fault}", flush=True)
    print(f"1..{len(CASES)}")


if __name__ == "__main__":
    main(sys.argv[1])
