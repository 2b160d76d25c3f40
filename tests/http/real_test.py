#!/usr/bin/env python3
"""The default index's real pages, as we read them and as pip reads them.

usage: real_test.py INDEX      (TAP on standard output; without a network or pip each test is skipped, with the reason)
"""
import functools
import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

PROJECTS = """torch torchvision torchaudio triton bitsandbytes transformers accelerate numpy scipy pandas pillow requests peft
    safetensors tokenizers xformers PyYAML Jinja2 zope.interface backports.ssl-match-hostname setuptools""".split()
VERSIONS = ["bitsandbytes", "PyYAML", "xformers"]
# Their metadata: large and small wheels, old and new.
RELEASES = PROJECTS[:12]
NETWORK = (-3, -4)
# As we ask, so that caches on the way give both the same page.
ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


class Skip(Exception):
    pass


class Failed(Exception):
    pass


def look_up(*words):
    run = subprocess.run([INDEX, url(), *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", timeout=250)
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    for row in rows:
        if row["code"] in NETWORK:
            raise Skip(row["text"])
    return rows


@functools.cache
def url():
    from pip._internal.commands import create_command
    return create_command("install").parser.get_default_values().index_url


def page_as_pip_reads_it(project):
    from pip._internal.index.collector import IndexContent, parse_links
    from pip._vendor.packaging.utils import canonicalize_name
    request = urllib.request.Request(f"{url().rstrip('/')}/{canonicalize_name(project)}/")
    request.add_header("Accept", ACCEPT)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = IndexContent(answer.read(), answer.headers["Content-Type"], answer.headers.get_content_charset(), answer.url, False)
    except urllib.error.URLError as problem:
        raise Skip(f"{type(problem).__name__}: {problem}") from problem
    return {(link.filename, link.url_without_fragment, link.hash if link.hash_name == "sha256" else "",
             link.requires_python or "", link.yanked_reason is not None) for link in parse_links(content)}


def known(files):
    """Those that are a wheel or an sdist by their names."""
    return {row for row in files if row[0].endswith((".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tbz"))}


def differences(project, ours):
    theirs = known(page_as_pip_reads_it(project))
    mine = {(file["name"], file["url"], file["sha256"], file["requires_python"], file["yanked"])
            for release in ours["releases"] for file in release["files"]}
    lost = theirs - mine
    if mine and mine <= theirs and len(lost) <= ours["unread"]:  # pip takes those for none of the project's either
        return None
    return f"{project}: {len(mine)} files, pip sees {len(theirs)}: more {sorted(mine - theirs)[:3]}, less {sorted(lost)[:3]}"


def pages_are_read_as_pip_reads_them():
    for project, ours in zip(PROJECTS, look_up("-", *PROJECTS)):
        # A page may change between two looks at it, though not each time.
        problem = differences(project, ours) and differences(project, look_up("-", project)[0])
        if problem:
            raise Failed(problem)


def versions_are_those_of_pip():
    from pip._vendor.packaging.specifiers import InvalidSpecifier, SpecifierSet
    from pip._vendor.packaging.tags import sys_tags
    from pip._vendor.packaging.utils import parse_wheel_filename
    from pip._vendor.packaging.version import Version
    tags, python = set(sys_tags()), ".".join(map(str, sys.version_info[:3]))

    def fits(file):
        try:
            allowed = SpecifierSet(file["requires_python"]).contains(python, prereleases=True)
        except InvalidSpecifier:
            allowed = True
        is_wheel = file["name"].endswith(".whl")
        return allowed and not file["yanked"] and (not is_wheel or parse_wheel_filename(file["name"])[3] & tags)
    for project, ours in zip(VERSIONS, look_up("-", *VERSIONS)):
        run = subprocess.run([sys.executable, "-m", "pip", "index", "versions", project], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             encoding="utf-8", timeout=250)
        line = next((line for line in run.stdout.splitlines() if line.startswith("Available versions: ")), None)
        if line is None:
            raise Skip(f"pip index versions: {run.stderr.strip().splitlines()[-1:]}")
        theirs = [Version(text) for text in line.partition(": ")[2].split(", ")]
        mine = [Version(release["version"]) for release in ours["releases"] if any(map(fits, release["files"]))]
        mine = [version for version in mine if not version.is_prerelease]
        if theirs not in (mine, mine[1:]) and mine != theirs[1:]:  # the newest may have come a moment ago
            raise Failed(f"{project}: {[str(v) for v in mine]} and for pip {[str(v) for v in theirs]}")


def metadata_is_there_and_kept():
    with tempfile.TemporaryDirectory(prefix="slipway-test-") as cache:
        rows = look_up(cache, "requires", *RELEASES)
        again = look_up(cache, "requires", "offline", *RELEASES)
    for row in rows:
        if row["metadata"]["code"] in NETWORK:
            raise Skip(row["metadata"]["text"])
    if rows != again:
        raise Failed("from the cache it is something else")
    for row in rows:
        said = row["metadata"]
        if said["code"] or said["version"] != row["releases"][0]["version"]:
            raise Failed(f"{row['name']}: {said}")


def what_is_not_there():
    name = "slipway-there-is-no-such-project-here"
    row = look_up("-", name)[0]
    if row["code"] != -5 or f"has no project '{name}'" not in row["text"]:
        raise Failed(f"{row}")


TESTS = [pages_are_read_as_pip_reads_them, versions_are_those_of_pip, metadata_is_there_and_kept, what_is_not_there]


def main():
    os.environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    print(f"1..{len(TESTS)}")
    failed = False
    for number, function in enumerate(TESTS, 1):
        name = f"{number} - {function.__name__.replace('_', ' ')}"
        try:
            function()
            print(f"ok {name}")
        except (Skip, ImportError) as reason:
            print(f"ok {name} # SKIP {reason}")
        except (Failed, subprocess.SubprocessError, KeyError, IndexError) as problem:
            failed = True
            print(f"not ok {name}\n# {type(problem).__name__}: {problem}")
    return failed


if __name__ == "__main__":
    INDEX = sys.argv[1]
    sys.exit(main())
