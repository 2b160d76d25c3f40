#!/usr/bin/env python3
"""Resolves scenarios: our own (scenarios/*.json beside this file), and those of packse where they are at hand.

usage: scenarios_test.py RESOLVER SOURCE-ROOT      (TAP on standard output)
"""
import json
import pathlib
import subprocess
import sys
import tomllib

from served import Server, script

HERE = pathlib.Path(__file__).resolve().parent


def options_of(scenario):
    options = scenario.get("resolver_options", {})
    words = ["uv"] + (["prereleases"] if options.get("prereleases") else [])
    for key in "no_build", "no_binary":
        words += [f"{key.replace('_', '-')}={name}" for name in options.get(key, [])]
    for key in "constraints", "overrides", "bars", "preferences":
        word = {"preferences": "prefer"}.get(key, key[:-1])
        words += [f"{word}={text}" for text in options.get(key, [])]
    return words


def pythons_of(scenario):
    """The Pythons to try: one, but for a universal resolution any that would do."""
    options = scenario.get("resolver_options", {})
    python = options.get("python") or scenario.get("environment", {}).get("python")
    return [python] if python else ["3.12", "3.13"] if options.get("universal") else ["3.12"]


def full(python):
    return python if python.count(".") == 2 else f"{python}.0"


def resolve(scenario, url, python):
    words = [*options_of(scenario), *scenario["root"]["requires"]]
    run = subprocess.run([RESOLVER, url + "/simple", "-", full(python), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         encoding="utf-8", timeout=100)
    return run.returncode, run.stdout.splitlines()


def fault_of(scenario, status, lines):
    """What is not as expected, or None."""
    expected = scenario["expected"]
    if status not in (0, 1) or (status == 0) != expected["satisfiable"]:
        return f"exit status {status}"
    packages = expected.get("packages")
    if packages is not None:
        found = dict(line.split()[0].split("==") for line in lines)
        if found != packages:
            return f"not {packages}"
    missing = [text for text in expected.get("says", []) if text not in lines]
    return f"does not say {missing}" if missing else None


def check(scenario):
    with Server(script(scenario)) as server:
        for python in pythons_of(scenario):
            status, lines = resolve(scenario, server.url, python)
            fault = fault_of(scenario, status, lines)
            if fault is None:
                return None, lines
    return fault, lines


def scenarios(root):
    for path in sorted((HERE / "scenarios").glob("*.json")):
        for name, scenario in json.loads(path.read_text()).items():
            yield f"{path.stem}: {name}", scenario
    packse = root.parent / "shared/resolve/packse/scenarios"
    for path in sorted(packse.glob("*/*.toml")):
        if path.parent.name != "fork":
            yield f"packse {path.parent.name}/{path.stem}", tomllib.loads(path.read_text())
    if not packse.is_dir():
        yield "packse", None


def main(root):
    count = 0
    for name, scenario in scenarios(root):
        count += 1
        if scenario is None:
            print(f"ok {count} - {name} # SKIP its scenarios are not at hand", flush=True)
            continue
        fault, lines = check(scenario)
        print(f"{'ok' if fault is None else 'not ok'} {count} - {name}", flush=True)
        if fault is not None:
            print("".join(f"# {line}\n" for line in [fault, *lines]), end="", flush=True)
    print(f"1..{count}")


if __name__ == "__main__":
    RESOLVER = sys.argv[1]
    main(pathlib.Path(sys.argv[2]))
