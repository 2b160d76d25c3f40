#!/usr/bin/env python3
"""What `check` says when it can ask a package index: an index of a few made-up and real names, served here.

usage: index_test.py SLIPWAY      TAP on standard output
"""
import hashlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "http"))
from server import Server, answer, ranges  # noqa: E402

# project: {version: what it requires, or (what it requires, options)}. Options: python (Requires-Python), yanked (a
# reason), tag (of the wheel's name), beside (False: its metadata stands in the wheel alone), sdist (True: no wheel).
INDEX = {
    "app": {"1.0": ["lib>=2,<3", "app-parts>=1", "extra-only>=5; extra == 'gpu'", "lib<1; sys_platform == 'win32'"],
            "2.0": ["lib>=3"]},
    "app-parts": {"1.0": ["base>=4"], "1.1": ["base>=4"], "1.2": ["base>=5", "lib>=2"]},
    "base": {"1.0": [], "3.0": [], "4.0": [], "5.0": []},
    "extra-only": {"1.0": [], "5.0": []},
    "lib": {"1.0": [], "2.0": [], "2.5": [], "3.0": []},
    "old-lib-user": {"1.0": ["lib<2"]},
    "chooser": {"1.0": ["lib<2"], "1.1": ["lib<3"], "1.2": ["lib>=3"]},
    "newest-only": {"1.0": [], "2.0": ([], {"python": ">=3.13"})},
    "young": {"1.0": ([], {"python": ">=3.13"})},
    "windows": {"1.0": ([], {"tag": "cp311-cp311-win_amd64"})},
    "source": {"1.0": ([], {"sdist": True})},
    "withdrawn": {"1.0": ([], {"yanked": "it deletes files"}), "0.9": []},
    "gone": {"1.0": ([], {"yanked": "all of it"})},
    "silent": {"1.0": (["lib<2"], {"beside": False})},
    "torch": {"2.8.0": ["triton==3.4.0"], "2.7.1": ["triton==3.3.1"], "2.6.0": ["triton==3.2.0"]},
    "triton": {"3.4.0": [], "3.3.1": [], "3.2.0": []},
    "xformers": {"9.9": ["torch==2.7.1"]},
}

# name: (the profile's keys, what is found a line each: CODE severity text). A text ends where it ends here.
CASES = {
    "nothing wrong": ("requirements: [app==1.0, lib>=1]", []),
    "a pin against a pin": (
        "requirements: [app==1.0, lib==1.0]",
        ["SW210 error 'lib==1.0' cannot hold: app 1.0 asks for lib<3,>=2|lib>=2,<3"]),
    "both sides are named by the profile": (
        "requirements: [app==1.0, old-lib-user==1.0]",
        ["SW210 error app 1.0 asks for lib>=2,<3, and old-lib-user 1.0 for lib<2: no release is both"]),
    "every contradiction, not the first": (
        "requirements: [app==1.0, lib==1.0, base==3.0]",
        ["SW210 error 'lib==1.0' cannot hold: app 1.0 asks for lib>=2,<3",
         "SW210 error 'base==3.0' cannot hold: all 3 releases of app-parts that may come ask for others, the newest, "
         "app-parts 1.2, for base>=5"]),
    "extras count": (
        "requirements: ['app[gpu]==1.0', extra-only==1.0]",
        ["SW210 error 'extra-only==1.0' cannot hold: app 1.0 asks for extra-only>=5"]),
    "extras that are not asked for do not": ("requirements: [app==1.0, extra-only==1.0]", []),
    "an older release may fit": ("requirements: [chooser, lib==2.5]", []),
    "no release fits": (
        "requirements: ['chooser>=1.2', lib==2.5]",
        ["SW210 error 'lib==2.5' cannot hold: chooser 1.2 asks for lib>=3"]),
    "two ranges": (
        "requirements: [lib>=3]\nconstraints: [lib<3]",
        ["SW210 error 'lib>=3' and 'lib<3' cannot both hold: no release is both"]),
    "a release that is not there": (
        "requirements: [lib==7.0]", ["SW204 error no release of lib is 'lib==7.0'"]),
    "a project that is not there": (
        "requirements: [nowhere]", ["SW204 error the index at"]),
    "no file for the target": (
        "requirements: [windows==1.0]", ["SW204 error windows 1.0 has no file for Python 3.11 on Linux x86_64"]),
    "a source distribution will do": ("requirements: [source]", []),
    "a Python that the pin excludes": (
        "requirements: [young==1.0]", ["SW211 error 'young==1.0' has no release for Python 3.11"]),
    "an older release for this Python": ("requirements: [newest-only]", []),
    "withdrawn and pinned": (
        "requirements: [withdrawn==1.0]", ["SW213 warning withdrawn 1.0 was withdrawn: it deletes files"]),
    "withdrawn and open": ("requirements: [withdrawn]", []),
    "withdrawn altogether": (
        "requirements: ['gone>=1']", ["SW213 error every release of gone that 'gone>=1' allows was withdrawn"]),
    "an index that does not say what a wheel requires": (
        "requirements: [silent==1.0, lib==3.0]", ["SW210 error 'lib==3.0' cannot hold: silent 1.0 asks for lib<2"]),
    "a companion of another torch": (
        "torch: {version: '2.8.0', cuda: '12.8'}\nrequirements: [xformers==9.9]",
        ["SW205 error 'torch==2.8.0' cannot hold: xformers 9.9 asks for torch==2.7.1"]),
    "a triton of another torch, said once": (
        "torch: {version: '2.8.0', cuda: '12.8'}\nrequirements: [triton==3.3.1]",
        ["SW205 error triton 3.3.1 belongs to torch 2.7.1, not to torch 2.8.0"]),
    "an assertion about a range": (
        "requirements: ['lib<3']\nassertions: [{that: lib, is: '>=3'}]",
        ["SW206 error no release of lib that the pins allow is '>=3'"]),
    "a URL is left alone": ("requirements: ['lib @ https://example.org/lib.zip', app==1.0]", []),
    "another index is left alone": (
        "requirements: [elsewhere==1.0]\nindexes: [{url: 'https://example.org/simple', for: [elsewhere]}]", []),
    "a marker that does not hold": ("requirements: ['nowhere; sys_platform == \"win32\"']", []),
    "ignored": (
        "requirements: [lib==7.0]\nignore: [{code: SW204, why: 'soon'}]", []),
}


def wheel(project, version, requires, python):
    text = f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n"
    text += "".join(f"Requires-Dist: {line}\n" for line in requires)
    text += f"Requires-Python: {python}\n" if python else ""
    extras = {line.split("extra ==")[1].strip(" '\"") for line in requires if "extra ==" in line}
    text += "".join(f"Provides-Extra: {extra}\n" for extra in sorted(extras))
    folder = f"{project.replace('-', '_')}-{version}.dist-info"
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in (("METADATA", text), ("WHEEL", "Wheel-Version: 1.0\n"), ("RECORD", "")):
            archive.writestr(f"{folder}/{name}", content)
    return text.encode(), data.getvalue()


def script():
    """What the server answers, by path."""
    answers = {}
    for project, releases in INDEX.items():
        files = []
        for version, row in releases.items():
            requires, options = row if isinstance(row, tuple) else (row, {})
            metadata, data = wheel(project, version, requires, options.get("python"))
            name = f"{project.replace('-', '_')}-{version}-{options.get('tag', 'py3-none-any')}.whl"
            if options.get("sdist"):
                name = f"{project.replace('-', '_')}-{version}.tar.gz"
            files.append({"filename": name, "url": f"../../files/{name}", "yanked": options.get("yanked", False),
                          "hashes": {"sha256": hashlib.sha256(data).hexdigest()},
                          **({"requires-python": options["python"]} if "python" in options else {})})
            answers[f"/files/{name}"] = ranges(data)
            if options.get("beside", True):
                answers[f"/files/{name}.metadata"] = answer(metadata)
        page = {"meta": {"api-version": "1.1"}, "name": project, "versions": list(releases), "files": files}
        answers[f"/simple/{project}/"] = answer(json.dumps(page).encode(),
                                                Content_Type="application/vnd.pypi.simple.v1+json")
    return answers


def check(slipway, folder, url, body, *options):
    (folder / "p.yaml").write_text("slipway: 1\nname: p\npython_version: '3.11'\n" + body + "\n")
    environment = os.environ | {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "PIP_INDEX_URL": url,
                                "no_proxy": "*"}
    done = subprocess.run([slipway, "-C", folder, "check", "--format", "json", *options], stdout=subprocess.PIPE,
                          env=environment, timeout=120)
    return json.loads(done.stdout)["findings"]


def compare(findings, expected):
    """What is wrong with the findings; notes do not count."""
    found = [f"{finding['code']} {finding['severity']} {finding['message']}" for finding in findings
             if finding["severity"] != "note"]
    faults = [f"found {line}" for line in found
              if not any(line.startswith(text) for row in expected for text in alternatives(row))]
    faults += [f"missed {row}" for row in expected
               if not any(line.startswith(text) for line in found for text in alternatives(row))]
    faults += [f"no evidence: {finding['message']}" for finding in findings
               if finding["severity"] == "error" and not finding["evidence"] and "the index at" not in finding["message"]]
    return faults


def alternatives(row):
    """A set of clauses may be written in either order: the last word of a row may be given twice, with | between."""
    first, _, last = row.partition("|")
    head = first.rpartition(" ")[0]
    return [first] + ([f"{head} {last}"] if last else [])


def main(slipway):
    slipway = pathlib.Path(slipway).resolve()
    number, failed = 0, 0

    def report(name, faults):
        nonlocal number, failed
        number += 1
        failed += bool(faults)
        print(f"{'not ok' if faults else 'ok'} {number} - {name}")
        for fault in faults:
            print(f"# {fault}")

    with tempfile.TemporaryDirectory(prefix="index-") as temporary:
        folder = pathlib.Path(temporary)
        with Server(script()) as server:
            url = f"{server.url}/simple"
            report("offline, with nothing in the cache: one note",
                   [] if [f["code"] for f in check(slipway, folder, url, "requirements: [lib==7.0]", "--offline")] == ["SW403"]
                   else ["not one SW403"])
            for name, (body, expected) in CASES.items():
                report(name, compare(check(slipway, folder, url, body), expected))
            asked = len(server.seen)
            report("asked again: from the cache",
                   compare(check(slipway, folder, url, CASES["a pin against a pin"][0]), CASES["a pin against a pin"][1]) +
                   ([] if len(server.seen) == asked else [f"{len(server.seen) - asked} requests"]))
        name = "a pin against a pin"
        report("offline, from the cache", compare(check(slipway, folder, url, CASES[name][0], "--offline"), CASES[name][1]))
        findings = check(slipway, folder, "http://127.0.0.1:9/simple", "requirements: [never-asked]")
        report("an index that does not answer: a warning that says what is not known",
               [] if [(f["code"], f["severity"]) for f in findings] == [("SW403", "warning")] else [str(findings)])
    print(f"1..{number}")
    return 1 if failed else 0


sys.exit(main(sys.argv[1]))
