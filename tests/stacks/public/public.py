#!/usr/bin/env python3
"""Public stacks that others reported to work or to fail, held against `slipway check`.

usage: public.py SLIPWAY [ID...]              TAP on standard output
       public.py SLIPWAY --popular [WORD...]  the stacks of popular.txt, or those that have one of the words

Each row of examples.jsonl is one stack: facts only, and where they stand. A good one must get no error. A bad one must get an error
whose finding is named as its row says ("expected", "also"). Rows that their report does not settle ("certain": false) are judged and
printed, and do not count. The package index is asked; so this is no part of the test suite. A wheel that a row names by its URL, and a
row's own package index, must be reached for that row to be judged.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
# The names of findings, of the contract with users.
CODES = {"gpu-not-served": {"SW201", "SW202"}, "driver-too-old": {"SW203"}, "companion-mismatch": {"SW205", "SW218"},
         "no-cuda-library": {"SW207", "SW217"}, "library-not-for-gpu": {"SW208"}, "import-breaks": {"SW209", "SW218"},
         "requirements-contradict": {"SW210", "SW226"}, "known-bad": {"SW213"}, "base-image": {"SW216"}, "files-collide": {"SW219"}, "runs-on-cpu": {"SW221"}, "no-set": {"SW226"}, "other": {"SW217"}}


def profile(row):
    """The row as a profile."""
    document = {"slipway": 1, "name": "public", "requirements": row["requirements"]}
    document |= {"accelerators": row["gpu"]} if row["gpu"] else {}
    document |= {"driver": row["driver"]} if row["driver"] else {}
    document |= {"python_version": row["python"]} if row["python"] else {}
    document |= {"base_image": row["base_image"]} if row["base_image"] else {}
    document |= {"overrides": row["overrides"]} if row.get("overrides") else {}
    document |= {"environment": row["environment"]} if row["environment"] else {}
    torch = {key: row[name] for key, name in (("version", "torch"), ("cuda", "cuda")) if row[name]}
    return document | ({"torch": torch} if torch else {})


def errors(slipway, row):
    with tempfile.TemporaryDirectory(prefix="public-") as folder:
        path = pathlib.Path(folder, "p.yaml")
        path.write_text(json.dumps(profile(row)))  # JSON is YAML
        done = subprocess.run([slipway, "check", "--format", "json", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=900)
    findings = json.loads(done.stdout)["findings"] if done.returncode in (0, 1) else []
    if done.returncode not in (0, 1):
        findings = [{"code": "SW501", "severity": "error", "message": done.stderr.decode(errors="replace")}]
    return [finding for finding in findings if finding["severity"] == "error"], [finding for finding in findings if finding["code"] == "SW403"]


def judge(row, found):
    """right, alarm, missed, or other: an error, but none of the kind that the row names."""
    if row["label"] == "good":
        return "alarm" if found else "right"
    wanted = set().union(*(CODES[name] for name in [row["expected"], *row.get("also", [])]))
    return "missed" if not found else "right" if wanted & {finding["code"] for finding in found} else "other"


def popular(words):
    for line in (HERE / "popular.txt").read_text().splitlines():
        if not line.startswith("#") and (not words or any(word in line.split() for word in words)):
            yield {"id": line, "label": "good", "gpu": ["h100"], "driver": ">=580", "python": "3.12", "torch": None, "cuda": None,
                   "requirements": line.split(), "environment": {}, "base_image": None, "certain": True}


def main(slipway, *wanted):
    rows = [json.loads(line) for line in (HERE / "examples.jsonl").read_text().splitlines()]
    rows = [row for row in rows if not wanted or row["id"] in wanted]
    if wanted and wanted[0] == "--popular":
        rows = list(popular(wanted[1:]))
    print(f"1..{len(rows)}")
    wrong = 0
    for number, row in enumerate(rows, 1):
        found, unknown = errors(slipway, row)
        what = judge(row, found)
        counts = row["certain"]
        wrong += counts and what != "right"
        print(f"{'ok' if what == 'right' or not counts else 'not ok'} {number} - {row['label']} {row['id']}: {what}"
              f"{'' if counts else ' # SKIP its report does not settle it'}", flush=True)
        for finding in found + (unknown if what == "missed" else []):
            print(f"# {finding['severity']} {finding['code']} {finding['message']}")
    return wrong


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:]) else 0)
