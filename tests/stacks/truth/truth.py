#!/usr/bin/env python3
"""Pairs of releases, drawn by chance, really installed and imported on a CPU; and `slipway check` held against what came of them.

usage: truth.py draw INDEX COUNT [SEED]
                                      adds rows to rows.jsonl: requirements, Python, what is imported; INDEX is the URL of a
                                      package index that answers in JSON
       truth.py try [--uv UV] [MINUTES]
                                      installs and imports each row that has no result yet, and writes results.jsonl
       truth.py judge SLIPWAY [ID...] checks each row that has a result, and says how many are judged right

Needs uv and the Pythons of projects.txt. A row is tried in a virtual environment of its own, with a limit of time for the
installation and one for the imports; what takes longer has no result. Rows of one torch are tried one after the other, then
the cache loses what only that torch needs.
"""
import collections
import datetime
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROWS, RESULTS = HERE / "rows.jsonl", HERE / "results.jsonl"
YEARS = 3
INSTALL, IMPORT = 900, 240  # seconds
PLAIN = ["3.10", "3.11", "3.12", "3.13"]  # Pythons of rows without torch


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def projects():
    """The releases of torch with their Pythons; of each project its oldest release and its import."""
    torch, others = {}, {}
    for line in (HERE / "projects.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, version, rest = line.split(" ", 2)
            if name == "torch":
                torch[version] = rest.split()[1]
            else:
                others[name] = (version, rest)
    return torch, others


def key(version):
    return tuple(int(part) for part in re.findall(r"\d+", version))


def releases(index, name, oldest):
    """The releases of the last years that are no prereleases, are not withdrawn, and have files."""
    request = urllib.request.Request(f"{index}/{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    first = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=365 * YEARS)).isoformat()
    found = set()
    for file in files:
        match = re.fullmatch(r"[A-Za-z0-9_.]+?-([0-9][0-9.]*(?:\.post\d+)?)(?:-.*\.whl|\.tar\.gz)", file["filename"])
        if match and not file.get("yanked") and file.get("upload-time", "") >= first and key(match[1]) >= key(oldest):
            found.add(match[1])
    return sorted(found, key=key)


def draw(index, count, seed="1"):
    rows = lines(ROWS)
    chance = random.Random(f"{seed} {len(rows)}")
    torch, others = projects()
    known = {}

    def pin(name):
        known.setdefault(name, releases(index, name, others[name][0]))
        return f"{name}=={chance.choice(known[name])}"

    with ROWS.open("a") as out:
        for number in range(len(rows) + 1, len(rows) + 1 + int(count)):
            with_torch = chance.random() < 0.6
            version = chance.choice(list(torch))
            names = chance.sample(list(others), 1 if with_torch else 2)
            pins = [pin(name) for name in names]
            row = {"id": number, "python": torch[version] if with_torch else chance.choice(PLAIN),
                   "requirements": ([f"torch=={version}"] if with_torch else []) + pins,
                   "imports": (["import torch"] if with_torch else []) + [others[name][1] for name in names]}
            out.write(json.dumps(row) + "\n")


def limited(arguments, seconds, **options):
    """Exit status and output; None for the status if time ran out."""
    with subprocess.Popen(arguments, start_new_session=True, **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} | options) as child:
        try:
            output = child.communicate(timeout=seconds)[0]
            return child.returncode, output.decode(errors="replace")
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, 9)
            return None, child.communicate()[0].decode(errors="replace")


def resolved(uv, row):
    """The closed set, or why there is none."""
    code, output = limited([uv, "pip", "compile", "-q", "--no-header", "--no-annotate", "--python-version", row["python"], "--python",
                            row["python"], "-"], 300, stdin=open_text("\n".join(row["requirements"])))
    pins = [line for line in output.splitlines() if re.match(r"[a-z0-9_.-]+(\[.*\])?==", line)]
    return code, pins, output


def open_text(text):
    file = tempfile.TemporaryFile("w+")
    file.write(text)
    file.seek(0)
    return file


def last(output):
    told = [line for line in output.splitlines() if line.strip()]
    return told[-1].strip()[:400] if told else ""


def plain(text):
    """Without the folder of the row and the names of servers, which tell nothing."""
    return re.sub(r"https?://[^\s/]+", "URL", re.sub(r"[^\s'\"(]*/truth-\w+/(v/lib/python[\d.]+/)?", "", text))


def cause(output):
    """The last line of a traceback; of several, that of the last."""
    told = [line for line in output.splitlines() if re.match(r"[A-Za-z_.]*(Error|Exception|Warning|Exit)\b", line) or line.startswith("ImportError")]
    return told[-1].strip()[:400] if told else last(output)


def frames(output):
    """Where a traceback passed through site-packages: the files, innermost last."""
    return re.findall(r'File "[^"]*/site-packages/([^"]+)", line (\d+)', output)[-4:]


def attempt(uv, row, pins):
    result = {"id": row["id"], "date": datetime.date.today().isoformat(), "set": pins}
    with tempfile.TemporaryDirectory(prefix="truth-", dir=os.environ.get("TRUTH_FOLDER")) as folder:
        place = pathlib.Path(folder)
        # As in slipway's images: up to Python 3.11 this venv has setuptools, which `uv venv` leaves out.
        python = limited([uv, "python", "find", "--no-project", row["python"]], 60)[1].strip()
        limited([python, "-m", "venv", place / "v"], 120)
        environment = {**os.environ, "VIRTUAL_ENV": str(place / "v"), "DS_BUILD_OPS": "0", "MAX_JOBS": "1"}
        code, output = limited([uv, "pip", "install", "-q", *row["requirements"]], INSTALL, env=environment)
        if code is None:
            return {**result, "install": None}
        result["install"] = code == 0
        if code:
            return {**result, "error": plain(last(output))}
        # A machine has one HOME; a row gets its own, so that no row finds what another left.
        environment |= {"HOME": folder, "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONNOUSERSITE": "1"}
        for statement in ["\n".join(row["imports"])]:
            code, output = limited([place / "v/bin/python", "-W", "ignore", "-c", statement], IMPORT, env=environment, cwd=folder)
        result["import"] = None if code is None else code == 0
        if code:
            result |= {"error": plain(cause(output)), "frames": [f"{name}:{line}" for name, line in frames(output)]}
            if code < 0 or not result["error"]:
                result["status"] = code
    return result


def torch_of(pins):
    return next((pin.split("==")[1] for pin in pins if pin.startswith("torch==")), "")


def try_rows(*arguments):
    arguments = list(arguments)
    uv = arguments.pop(arguments.index("--uv") + 1) if "--uv" in arguments else "uv"
    arguments = [argument for argument in arguments if argument != "--uv"]
    until = time.monotonic() + 60 * float(arguments[0]) if arguments else None
    done = {result["id"] for result in lines(RESULTS)}
    torch, _ = projects()
    groups = collections.defaultdict(list)
    with RESULTS.open("a", buffering=1) as out:
        for row in lines(ROWS):
            if row["id"] in done:
                continue
            code, pins, output = resolved(uv, row)
            if code is None:
                continue
            if code:
                error = last(re.sub(r"\s+", " ", output))
                out.write(json.dumps({"id": row["id"], "date": datetime.date.today().isoformat(), "set": [], "install": False,
                                      "error": plain(error)[-600:]}) + "\n")
                continue
            groups[torch_of(pins)].append((row, pins))
        for version in sorted(groups, key=lambda group: (group not in torch, len(groups[group]) * -1)):
            if version and version not in torch:
                continue  # a torch that only this row needs: it takes gigabytes
            for row, pins in groups[version]:
                if until and time.monotonic() > until:
                    return
                out.write(json.dumps(attempt(uv, row, pins)) + "\n")
            if version:
                subprocess.run([uv, "cache", "clean", "-q", "torch", *sorted({pin.split("==")[0] for _, pins in groups[version] for pin in pins
                                                                          if pin.startswith("nvidia-")})])


def failed(result):
    """Whether the installation or an import failed; None if that is not known."""
    return True if not result["install"] and result["install"] is not None else None if result.get("import") is None else not result["import"]


def check(slipway, row):
    with tempfile.TemporaryDirectory(prefix="truth-") as folder:
        path = pathlib.Path(folder, "requirements.txt")
        path.write_text("\n".join(row["requirements"]) + "\n")
        code, output = limited([slipway, "check", path, "--python", row["python"], "--format", "json"], 300, stderr=subprocess.DEVNULL)
    return json.loads(output)["findings"] if code in (0, 1) else [{"code": "SW501", "severity": "note", "message": f"exit status {code}"}]


def needs_use(finding):
    """Whether no import shows it: code for a GPU, libraries that are opened when a GPU is used, and a torch from before NumPy 2,
    which warns when it is imported and fails when a tensor becomes an array."""
    message = finding["message"]
    return (finding["code"] in ("SW207", "SW208") or (finding["code"] == "SW217" and " opens " in message) or
            (finding["code"] == "SW214" and message.startswith("torch ")))


def is_unknown(finding):
    """Whether the finding names something of the stack that was not judged."""
    return finding["code"] == "SW403" and "no GPU is named" not in finding["message"]


def verdict(result, findings):
    """right, missed (no error), unknown (no error, and a note names what was not judged), or alarm (an error for a row that works)."""
    errors = [finding for finding in findings if finding["severity"] == "error" and not needs_use(finding)]
    if bool(errors) == failed(result):
        return "right"
    if errors:
        return "alarm"
    return "unknown" if any(is_unknown(finding) for finding in findings) else "missed"


def judge(slipway, *wanted):
    rows = {row["id"]: row for row in lines(ROWS)}
    counts, number = collections.Counter(), 0
    for result in lines(RESULTS):
        row = rows[result["id"]]
        if failed(result) is None or (wanted and str(row["id"]) not in wanted):
            continue
        findings = check(slipway, row)
        what, number = verdict(result, findings), number + 1
        counts[("does not install" if not result["install"] else "does not import" if failed(result) else "works", what)] += 1
        print(f"{'ok' if what == 'right' else 'not ok'} {number} - row {row['id']}, Python {row['python']}: {' '.join(row['requirements'])}", flush=True)
        if what != "right" or wanted:
            print(f"# {what}: {result.get('error', 'it works')}")
            for finding in findings:
                print(f"#   {finding['severity']} {finding['code']} {finding['message']}")
    print(f"1..{number}")
    for (kind, what), count in sorted(counts.items()):
        print(f"# {kind}: {count} {what}")
    return sum(count for (_, what), count in counts.items() if what != "right")


def main(command, *arguments):
    return {"draw": draw, "try": try_rows, "judge": judge}[command](*arguments)


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:]) else 0)
