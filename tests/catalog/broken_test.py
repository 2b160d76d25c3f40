#!/usr/bin/env python3
"""A catalog that is wrong is reported as such, in its file and line, and never as the user's stack being wrong.

usage: broken_test.py SLIPWAY      TAP on standard output

Each row of each file under profiles/catalog is broken in turn, in a project's own copy of that file: by an unknown key, no
source, a value of another type, a version or the like that does not parse, a source that says nothing. Rows take turns in
these ways, and their values too. `check` of a profile that is fine must then end with 2 and one error, within that row.
"""
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

CATALOG = pathlib.Path(__file__).resolve().parent.parent.parent / "profiles/catalog"
PROFILE = "slipway: 1\nname: p\naccelerators: [rtx-5090]\ntorch: {version: '2.8.0', cuda: '12.8'}\n"
# Keys whose values have a syntax of their own.
PARSED = {"version", "releases", "compute_capability", "cuda", "torch", "numpy", "gone", "working", "default", "since", "last",
          "floor", "driver", "project", "from", "by", "python", "torchvision", "torchaudio", "triton", "sass", "ptx", "override",
          "machine"}
VALUE = re.compile(r"""(?P<key>[a-z_]+): (?P<value>"[^"]*"|\[[^\]]*\]|[^\s\[{"&*,}][^,}\n]*)""")


def rows(text):
    """(start, end) of each row, as offsets: an item of a list at the top, or a part of images.yaml."""
    starts = [match.start() for match in re.finditer(r"^(  - |[a-z_]+:)", text, re.MULTILINE)]
    for start, end in zip(starts, starts[1:] + [len(text)]):
        row = text[start:end]
        if row.startswith("  - ") or (not row.startswith("slipway-catalog") and re.match(r"[a-z_]+:\n  [a-z]", row)):
            yield start, start + len(re.split(r"\n *#", row.rstrip())[0])


def unknown_key(row):
    if "{" in row.partition("\n")[0]:
        return row.replace("{", "{nonsense: 1, ", 1)
    first, _, rest = row.partition("\n")
    indent = re.match(r" *", rest)[0]
    return f"{first}\n{indent}nonsense: 1\n{rest}"


def values(row):
    """The values with their places; what stands in quotes is none."""
    return [match for match in VALUE.finditer(row) if row.count('"', 0, match.start()) % 2 == 0
            and match["key"] not in ("source", "verified")]


def replaced(row, match, value):
    start = match.start("value")
    return row[:start] + value + row[start + len(match["value"].rstrip()):]


def breakages(row, turn):
    """(what is done, the row then)."""
    found = values(row)
    parsed = [match for match in found if match["key"] in PARSED]
    typed, unparsed = found[turn % len(found)] if found else None, parsed[turn % len(parsed)] if parsed else None
    key = ("source", "verified")[turn % 2]
    ways = [("an unknown key", unknown_key(row)), (f"no {key}", re.sub(rf"\b{key}: ", f"{key}s: ", row, count=1)),
            (f"a {key} that says nothing", re.sub(rf"\b{key}: (\*\w+|(&\w+ )?\"[^\"]*\")", rf"{key}: \2' '", row, count=1))]
    if typed:
        ways.append((f"{typed['key']} of another type", replaced(row, typed, "{a: b}")))
    if unparsed:
        broken = "['~x']" if unparsed["value"].startswith("[") else "'~x'"
        ways.append((f"{unparsed['key']} that does not parse", replaced(row, unparsed, broken)))
    ways = [(what, new) for what, new in ways if new != row]
    return [ways[turn % len(ways)], ways[(turn + 2) % len(ways)]] if turn > len(ways) else ways


def fault(slipway, path, what, start, old, new):
    """What is wrong with slipway's answer, or None."""
    text = path.read_text()
    first = text.count("\n", 0, start) + 1
    last = first + new.count("\n")
    with tempfile.TemporaryDirectory(prefix="broken-") as temporary:
        folder = pathlib.Path(temporary)
        own = folder / "slipway/profiles/catalog" / path.name
        own.parent.mkdir(parents=True)
        own.write_text(text[:start] + new + text[start + len(old):])
        (folder / "p.yaml").write_text(PROFILE)
        done = subprocess.run([slipway, "check", "--offline", "p.yaml"], cwd=folder, capture_output=True, encoding="utf-8",
                              timeout=60)
    lines = re.findall(rf"^slipway/profiles/catalog/{re.escape(path.name)}:(\d+):\d+: error: ", done.stderr, re.MULTILINE)
    if done.returncode == 2 and len(lines) == 1 and first <= int(lines[0]) <= last and "p.yaml" not in done.stdout + done.stderr:
        return None
    return f"{path.name}:{first}: {what}: exit status {done.returncode}: {done.stdout}{done.stderr}"


def main(slipway):
    slipway = pathlib.Path(slipway).resolve()
    paths, failed = sorted(CATALOG.glob("*.yaml")), False
    print(f"1..{len(paths)}")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for number, path in enumerate(paths, 1):
            text = path.read_text()
            jobs = [(what, start, text[start:end], new)
                    for turn, (start, end) in enumerate(rows(text))
                    for what, new in breakages(text[start:end], turn)]
            faults = [found for found in pool.map(lambda job: fault(slipway, path, *job), jobs) if found]
            faults += [] if len(jobs) >= 4 else ["hardly a row of it was broken"]
            failed = failed or bool(faults)
            print(f"{'not ok' if faults else 'ok'} {number} - {path.name}, broken in {len(jobs)} ways")
            for line in "\n".join(faults[:5]).splitlines():
                print(f"# {line}")
    return failed


sys.exit(main(sys.argv[1]))
