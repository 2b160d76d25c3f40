#!/usr/bin/env python3
"""The version faults that DECIDE (FSE 2023) reports for ten projects, found by `check`.

usage: decide.py SLIPWAY FOLDER      FOLDER has benchmark/PROJECT/ and detection_result/PROJECT.log as DECIDE's authors publish them

A project becomes a profile: its requirements, its Python, and NVIDIA's image of its CUDA and cuDNN as the base. A reported fault is found if an
error stands at the requirement that the report names. All other errors are printed, so that a person can judge them. The package
index is asked; so this is no part of the test suite.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

# numpy 1.16.2 and scipy 1.2.1 were installed together and imported with CPython 3.6.15: they work, and scipy requires numpy>=1.8.2.
NO_FAULTS = {("CFL", "scipy")}
REPORT = re.compile(r"Local (\w+) \(v([\d.]+)\) is not compatible with (\w+) \(v([\d.]+)\)")


def profile(folder):
    info = json.loads((folder / "local_info.json").read_text())
    lines = [line.replace(" ", "") for line in (folder / "requirements.txt").read_text().splitlines()]
    cuda, cudnn = info["driver"]["cuda"], info["driver"]["cudnn"].split(".")[0]
    base = f"nvidia/cuda:{cuda}.2-cudnn{cudnn}-runtime-ubuntu{info['operating_system']['ubuntu']}"
    return "".join(f"{line}\n" for line in (
        "slipway: 1", "name: decide", f'python_version: "{info["runtime"]["python"]}"', f"base_image: {base}", "requirements:",
        *(f'  - "{line}"' for line in lines if line and not line.startswith("-"))))


def errors(slipway, folder):
    """Each error with the requirement that it stands at."""
    text = profile(folder)
    with tempfile.TemporaryDirectory(prefix="decide-") as temporary:
        path = pathlib.Path(temporary, "p.yaml")
        path.write_text(text)
        done = subprocess.run([slipway, "check", path, "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=600)
    for finding in json.loads(done.stdout)["findings"]:
        if finding["severity"] == "error":
            at = re.search(r"[A-Za-z][\w.-]*", text.splitlines()[finding["line"] - 1])
            yield at[0].lower() if at else "", f"{finding['code']} {finding['message']}"


def judge(slipway, folder, project):
    reports = REPORT.findall((folder / "detection_result" / f"{project}.log").read_text())
    found = list(errors(slipway, folder / "benchmark" / project))
    hits, explained = 0, set()
    reports = [report for report in reports if (project, report[2]) not in NO_FAULTS]
    for local, local_version, name, version in reports:
        mine = [text for at, text in found if at in (name, f"{name}-gpu")]
        hits += bool(mine)
        explained.update(mine)
        print(f"{'found' if mine else 'MISSED'}: {project}: {name} {version} with {local} {local_version}: {'; '.join(mine)}", flush=True)
    for _, text in found:
        if text not in explained:
            print(f"beside that: {project}: {text}", flush=True)
    return len(reports), hits


def main(slipway, folder):
    folder = pathlib.Path(folder)
    counts = [judge(slipway, folder, path.stem) for path in sorted((folder / "detection_result").glob("*.log"))]
    print(f"{sum(hits for _, hits in counts)} of {sum(reports for reports, _ in counts)} found")


if __name__ == "__main__":
    main(*sys.argv[1:])
