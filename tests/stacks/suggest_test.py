#!/usr/bin/env python3
"""What `suggest` and `upgrade` choose where they can ask a package index: one of made-up releases, served here, with torch's real versions.

usage: suggest_test.py SLIPWAY      TAP on standard output
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from served import Server, script

TORCH = ["2.5.1", "2.6.0", "2.7.0", "2.7.1", "2.8.0"]
INDEX = {
    "torch": {version: [] for version in TORCH},
    "torchvision": {"0.23.0": ["torch==2.8.0"], "0.22.1": ["torch==2.7.1"], "0.22.0": ["torch==2.7.0"]},
    "bitsandbytes": {version: [] for version in ("0.42.0", "0.45.3", "0.48.2", "99.0")},
    "app": {"1.0": ["lib<2"], "2.0": ["lib>=2,<3"], "3.0": ["lib>=3"], "4.0rc1": []},
    "lib": {"1.0": [], "2.0": [], "2.5": [], "3.0": []},
    "leader": {"1.0": ["follower<3"]},
    "follower": {"1.0": [], "2.0": [], "2.9": [], "3.0": [], "4.0": []},
    "server": {"1.0": ["torch>=2.5"], "2.0": ["torch==2.7.1"]},
    "kernels": {"1.0": ["torch==2.6.0"], "2.0": ["torch==2.7.0"], "3.0": ["torch==2.7.1"]},
    "young": {"1.0": ([], {"python": ">=3.12"})},
    "withdrawn": {"1.0": [], "2.0": ([], {"yanked": "it deletes files"})},
}

# name: (what is asked for, the exit status, torch, the pins, what newer builds were passed over for). None: not looked at.
CASES = {
    "the newest of all": ("--with app --with lib", 0, "2.8.0+12.8", ["app==3.0", "lib==3.0"], []),
    "the newest that goes with what was asked for": (
        "--with app --with lib<3", 0, "2.8.0+12.8", ["app==2.0", "lib==2.5"], []),
    "one asks for an older other": (
        "--with leader --with follower", 0, "2.8.0+12.8", ["leader==1.0", "follower==2.9"], []),
    "torch's own companion, not the newest on the index": (
        "--with torchvision --with torch<2.7.1,>=2.7", 0, "2.7.0+12.8", ["torchvision==0.22.0"], ["SW201"]),
    "a release that wants an older torch": ("--with kernels", 0, "2.7.1+12.8", ["kernels==3.0"], None),
    "the newest release that was asked for, with an older torch": ("--with server", 0, "2.7.1+12.8", ["server==2.0"], None),
    "an older torch alone serves the rest, and not the GPU": ("--with kernels==1.0", 1, None, [], ["SW210"]),
    "of bitsandbytes only what the catalog knows": ("--with bitsandbytes", 0, "2.8.0+12.8", ["bitsandbytes==0.48.2"], []),
    "a release without code for the GPU": ("--with bitsandbytes==0.42.0", 1, None, [], None),
    "a Python that a release wants": ("--with young", 0, "2.8.0+12.8", ["young==1.0"], []),
    "a Python that somebody wants": ("--with young --python 3.11", 1, None, [], ["SW211"]),
    "what was withdrawn": ("--with withdrawn", 0, "2.8.0+12.8", ["withdrawn==1.0"], []),
    "a project that is not there": ("--with nowhere", 1, None, [], ["SW204"]),
    "no release of it": ("--with lib>=9", 1, None, [], ["SW204"]),
    "a driver that is too old": ("--with lib --driver 550", 1, None, [], ["SW203"]),
    "extras stay": ("--with app[fast]<2", 0, "2.8.0+12.8", ["app[fast]==1.0"], []),
    "a URL is left alone": (
        "--with app --with 'lib@https://example.org/lib.zip'", 0, "2.8.0+12.8",
        ["app==3.0", "lib@https://example.org/lib.zip"], []),
}


def run(slipway, folder, url, *words):
    """The exit status and the answer; without `url` of the index that pip here uses."""
    environment = os.environ | {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
    if url:
        environment |= {"PIP_INDEX_URL": url, "no_proxy": "*"}
    done = subprocess.run([slipway, "-C", folder, *words, "--format", "json"], stdout=subprocess.PIPE, env=environment,
                          timeout=120)
    return done.returncode, json.loads(done.stdout)


def requirements_of(profile):
    """The texts of the list, without their quotes."""
    lines = profile.partition("requirements:\n")[2].splitlines()
    return [line[4:].strip("\"'") for line in lines if line.startswith("  - ")]


def case(slipway, folder, url, words, status, torch, pins, reasons):
    """What is wrong with the answer. A suggestion is a profile that `check` finds nothing in."""
    newest = [] if "torch" in words.replace("torchvision", "") else ["--with", "torch<=2.8.0"]
    got, answer = run(slipway, folder, url, "suggest", "fresh", "--gpu", "rtx-5090", *newest, *words.replace("'", "").split())
    faults = [] if got == status else [f"exit status {got}"]
    codes = [row["code"] for row in answer["passed_over"]]
    for code in reasons or []:
        faults += [] if code in codes else [f"{code} is not among {sorted(set(codes))}"]
    if reasons == [] and codes:
        faults.append(f"passed over: {codes}")
    if status:
        return faults + ([] if answer["profile"] is None else ["a profile all the same"])
    chosen = f"{answer['torch']['version']}+{answer['torch']['cuda']}"
    faults += [] if chosen == torch else [f"torch {chosen}"]
    faults += [] if requirements_of(answer["profile"]) == pins else [f"pins {requirements_of(answer['profile'])}"]
    (folder / "fresh.yaml").write_text(answer["profile"])
    got, checked = run(slipway, folder, url, "check", "fresh")
    return faults + [f"check: {row['message']} [{row['code']}]" for row in checked["findings"] if row["severity"] != "note"]


def upgrade(slipway, folder, url):
    """A pin that moves along because what was asked for asks for it, and stays a pin."""
    (folder / "old.yaml").write_text("slipway: 1\nname: old\naccelerators: [rtx-5090]\ntorch: {version: '2.6.0', cuda: '12.4'}\n"
                                     "requirements:\n  - app==1.0\n  - lib==1.0 # as app wants it\n"
                                     "assertions:\n  - {that: lib, is: '==1.0'}\n")
    got, answer = run(slipway, folder, url, "upgrade", "old", "--to", "torch==2.8.0", "--to", "app==2.0", "--name", "new")
    table = {row["component"]: (row["old"], row["new"], row["verdict"]) for row in answer["table"]}
    new = (folder / "new.yaml").read_text()
    faults = [] if got == 0 and not answer["findings"] else [f"exit status {got}: {answer['findings']}"]
    faults += [] if table["lib"] == ("==1.0", "==2", "moved") else [str(table["lib"])]
    faults += [] if table["rtx-5090"] == ("no code", "served", "fixed") else [str(table["rtx-5090"])]
    faults += [] if "  - lib==2 # as app wants it\n" in new else [new]
    faults += [] if "{that: lib, is: '==2'}" in new and '{that: app, is: "==2.0"}' in new else [new]
    return faults


def real_index(slipway, folder):
    """A line of TAP without its number: the real index, and `check` after `suggest`."""
    name = "on the real index, check finds nothing in what is suggested"
    try:
        _, answer = run(slipway, folder, None, "suggest", "real", "--gpu", "rtx-5090", "--with", "transformers", "--with", "bitsandbytes")
        (folder / "real.yaml").write_text(answer["profile"] or "")
        _, checked = run(slipway, folder, None, "check", "real")
    except subprocess.TimeoutExpired:
        return f"ok NUMBER - {name} # SKIP the index is too slow"
    unasked = [row["message"] for row in answer["findings"] + checked["findings"] if row["code"] == "SW403"]
    if unasked:
        return f"ok NUMBER - {name} # SKIP {unasked[0]}"
    if answer["profile"] is None:
        return f"not ok NUMBER - {name}: nothing fits: {answer['passed_over']}"
    found = [f"{row['message']} [{row['code']}]" for row in checked["findings"] if row["severity"] != "note"]
    pins = requirements_of(answer["profile"])
    pinned = len(pins) == 2 and all("==" in pin for pin in pins)
    return f"{'not ok' if found or not pinned else 'ok'} NUMBER - {name} {found or pins}"


def main(slipway):
    slipway = pathlib.Path(slipway).resolve()
    failed = 0
    print(f"1..{len(CASES) + 3}")
    with tempfile.TemporaryDirectory(prefix="suggest-") as temporary:
        folder = pathlib.Path(temporary)
        with Server(script(INDEX)) as server:
            url = f"{server.url}/simple"
            for number, (name, row) in enumerate(CASES.items(), 1):
                faults = case(slipway, folder, url, *row)
                failed += bool(faults)
                print(f"{'not ok' if faults else 'ok'} {number} - {name}")
                for fault in faults:
                    print(f"# {fault}")
            faults = upgrade(slipway, folder, url)
            failed += bool(faults)
            print(f"{'not ok' if faults else 'ok'} {len(CASES) + 1} - an upgrade moves a pin along {faults or ''}")
        faults = case(slipway, folder, url, "--with app --with lib<3 --offline", 0, "2.8.0+12.8", ["app==2.0", "lib==2.5"], [])
        failed += bool(faults)
        print(f"{'not ok' if faults else 'ok'} {len(CASES) + 2} - offline, from the cache {faults or ''}")
        line = real_index(slipway, folder)
        failed += line.startswith("not")
        print(line.replace("NUMBER", str(len(CASES) + 3)))
    return 1 if failed else 0


sys.exit(main(sys.argv[1]))
