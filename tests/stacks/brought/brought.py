#!/usr/bin/env python3
"""Packages that bring torch along: each ends in a set that is proven, or in the right error at its line.

usage: brought.py SLIPWAY [--uv UV] [--again] [WORD...]      TAP on standard output

Tries each row of rows.txt for each of its GPUs, those with a WORD in their requirements only, with the package index that pip on this
machine uses. Rows that results.jsonl has are not tried again, but for --again. A set is proven if `check` has no error, `lock` writes it,
`check --locked` has no error either, and uv, where it is there, resolves the requirements with the lock's releases as constraints.
"""
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE / "results.jsonl"
LIMIT = 600  # seconds


def rows():
    for line in (HERE / "rows.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            gpus, python, torch, requirements, expected = (part.strip() for part in line.split("|"))
            for gpu in gpus.split():
                yield {"gpu": gpu, "python": python, "torch": torch, "requirements": requirements.split(", "), "expected": expected}


def key(row):
    return row["gpu"], row["python"], row["torch"], tuple(row["requirements"])


def profile(row):
    version, _, cuda = row["torch"].partition("+")
    lines = ["slipway: 1", "name: p", f"accelerators: [{row['gpu']}]", f"python_version: '{row['python']}'"]
    if version != "-":
        lines.append(f"torch: {{version: '{version}'" + (f", cuda: '{cuda}'}}" if cuda else "}"))
    return "\n".join([*lines, "requirements:", *(f"  - {json.dumps(line)}" for line in row["requirements"])]) + "\n"


def place(row, line):
    """What stands at a line of profile(): a requirement's number, `torch`, or the line."""
    text = profile(row).splitlines()[line - 1] if line else ""
    first = len(profile(row).splitlines()) - len(row["requirements"])
    return str(line - 1 - first) if line > first else text.partition(":")[0]


def slipway(program, folder, *words):
    done = subprocess.run([program, "-C", folder, *words, "--format", "json"], capture_output=True, encoding="utf-8", timeout=LIMIT)
    return done.returncode, json.loads(done.stdout) if done.stdout.strip() else {}, done.stderr


def errors(row, answer):
    return sorted({f"{finding['code']} {place(row, finding['line'])}" for finding in answer.get("findings", [])
                   if finding["severity"] == "error"})


def others(answer):
    return sorted({f"{finding['code']} {finding['message'][:160]}" for finding in answer.get("findings", []) if finding["severity"] == "warning"})


def releases(text):
    return re.findall(r'^name = "(.*)"\nversion = "(.*)"$', text, re.M)


def accepted(uv, row, pins):
    """Return None if uv resolves the requirements with these releases, else its last words."""
    roots = row["requirements"] + ([] if row["torch"] == "-" else [f"torch=={row['torch'].partition('+')[0]}"])
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "in.txt").write_text("\n".join(roots) + "\n")
        pathlib.Path(folder, "pins.txt").write_text("".join(f"{name}=={version}\n" for name, version in pins))
        machine = "aarch64" if row["gpu"] in ("gb10", "gh200", "thor") else "x86_64"
        done = subprocess.run([uv, "pip", "compile", "-q", "--no-header", "--no-annotate", "--prerelease", "allow", "--python-version", row["python"],
                               "--python-platform", f"{machine}-manylinux_2_35", "-c", "pins.txt", "in.txt"], capture_output=True,
                              encoding="utf-8", timeout=LIMIT, cwd=folder)
        found = sorted(line.partition("==")[0].partition("[")[0] for line in done.stdout.splitlines() if "==" in line)
    if done.returncode:
        return " ".join(done.stderr.split())[-300:]
    missing = sorted(set(found) - {name for name, _ in pins})
    return f"uv adds {', '.join(missing)}" if missing else None


def attempt(program, uv, row):
    with tempfile.TemporaryDirectory(prefix="brought-") as folder:
        pathlib.Path(folder, "p.yaml").write_text(profile(row))
        _, first, words = slipway(program, folder, "check", "p")
        result = {"date": datetime.date.today().isoformat(), "check": errors(row, first), "warnings": others(first)}
        status, told, words = slipway(program, folder, "lock", "p")
        lock = pathlib.Path(folder, "pylock.p.toml")
        result["lock"] = status
        if status:
            result["refused"] = errors(row, told) or words.strip().splitlines()[-1:]
            return result
        pins = releases(lock.read_text())
        _, second, _ = slipway(program, folder, "check", "p", "--locked")
        result |= {"packages": len(pins), "set": {name: version for name, version in pins if re.match(r"torch|triton$|xformers$", name)},
                   "locked": errors(row, second)}
        if "unknown = true" in lock.read_text():
            result["uv"] = None  # uv builds such a package to know its requirements
        elif uv:
            result["uv"] = accepted(uv, row, pins)
        return result


def outcome(result):
    if not result["check"] and result["lock"] == 0 and not result["locked"]:
        return "set" if result.get("uv") is None else f"uv refuses the set: {result['uv']}"
    return ", ".join(result["check"]) or f"check passes, lock does not: {result.get('refused') or result['locked']}"


def main(program, *words):
    words = list(words)
    uv = words.pop(words.index("--uv") + 1) if "--uv" in words else None
    wanted = [word for word in words if not word.startswith("--")]
    known = {key(result["row"]): result for result in map(json.loads, RESULTS.read_text().splitlines())} if RESULTS.exists() else {}
    failed = number = 0
    for row in rows():
        if wanted and not any(word in " ".join(row["requirements"]) for word in wanted):
            continue
        if key(row) not in known or "--again" in words:
            known[key(row)] = {"row": {name: row[name] for name in ("gpu", "python", "torch", "requirements")}, **attempt(program, uv, row)}
            ordered = [known[key(other)] for other in rows() if key(other) in known]
            new = RESULTS.with_suffix(".new")
            new.write_text("".join(json.dumps(result) + "\n" for result in ordered))
            os.replace(new, RESULTS)
        result, number = known[key(row)], number + 1
        what = outcome(result)
        failed += what != row["expected"]
        print(f"{'ok' if what == row['expected'] else 'not ok'} {number} - {row['gpu']}, Python {row['python']}, torch {row['torch']}: "
              f"{', '.join(row['requirements'])}: {what}", flush=True)
        for line in ([f"expected: {row['expected']}"] if what != row["expected"] else []) + result["warnings"]:
            print(f"# {line}")
    print(f"1..{number}")
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:]) else 0)
