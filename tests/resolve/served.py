"""Scenarios of resolutions, served as a package index.

A scenario is {"packages": {project: {"versions": {version: release}}}}, a release {"requires", "extras": {extra: requires},
"requires_python", "yanked", "sdist", "wheel", "wheel_tags"}, all of which may be left out; this is the form of packse's files. Wheels and
source distributions have their metadata beside them, as PEP 658 has it. A release with "states" also has its source distribution: "info" (a
PKG-INFO that a build cannot change), "project" (the same in pyproject.toml), or "nothing"; with "archive": "zip" it is a zip file.
"""
import hashlib
import io
import json
import pathlib
import sys
import tarfile
import zipfile
from urllib.parse import quote

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "http"))
from server import Server, answer, ranges  # noqa: E402,F401


def metadata(project, version, release):
    lines = ["Metadata-Version: 2.3", f"Name: {project}", f"Version: {version}"]
    lines += [f"Requires-Dist: {line}" for line in release.get("requires", [])]
    for extra, requires in release.get("extras", {}).items():
        lines.append(f"Provides-Extra: {extra}")
        for line in requires:
            name, sign, marker = line.partition(";")
            lines.append(f"Requires-Dist: {name} ; ({marker}) and extra == '{extra}'" if sign else
                         f"Requires-Dist: {name} ; extra == '{extra}'")
    if "requires_python" in release:
        lines.append(f"Requires-Python: {release['requires_python']}")
    return ("\n".join(lines) + "\n").encode()


def source(project, version, release):
    """A source distribution that states its requirements as the release says, behind more than is read of it first."""
    text, states = metadata(project, version, release), release["states"]
    files = {"AUTHORS": bytes(range(256)) * 1000, "PKG-INFO": text if states == "info" else text.replace(b": 2.3", b": 2.1", 1)}
    if states == "project":
        lines = [f"name = {json.dumps(project)}", "dynamic = ['version']", f"dependencies = {json.dumps(release.get('requires', []))}"]
        files["pyproject.toml"] = "\n".join(["[project]", *lines]).encode()
    data = io.BytesIO()
    if release.get("archive") == "zip":
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(f"{project}-{version}/{name}", content)
        return data.getvalue()
    with tarfile.open(fileobj=data, mode="w:gz", compresslevel=0) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{project}-{version}/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return data.getvalue()


def files_of(project, version, release):
    stem = f"{project.replace('-', '_')}-{version}"
    names = [f"{stem}-{tag}.whl" for tag in release.get("wheel_tags", ["py3-none-any"]) if release.get("wheel", True)]
    return names + ([f"{stem}.{release.get('archive', 'tar.gz')}"] if release.get("sdist", True) else [])


def script(scenario):
    """What the server answers, by path."""
    answers = {}
    for project, package in scenario.get("packages", {}).items():
        files = []
        for version, release in package.get("versions", {}).items():
            text = metadata(project, version, release)
            for name in files_of(project, version, release):
                beside = name.endswith(".whl")
                row = {"filename": name, "url": f"/files/{quote(name)}", "hashes": {"sha256": hashlib.sha256(name.encode()).hexdigest()},
                       "yanked": release.get("yanked", False), "core-metadata": beside}
                if "requires_python" in release:
                    row["requires-python"] = release["requires_python"]
                files.append(row)
                answers[f"/files/{quote(name)}.metadata"] = answer(text)
                if not beside and "states" in release:
                    data = source(project, version, release)
                    row["hashes"]["sha256"] = hashlib.sha256(data).hexdigest()
                    answers[f"/files/{quote(name)}"] = ranges(data)
        page = {"meta": {"api-version": "1.1"}, "name": project, "versions": list(package.get("versions", {})), "files": files}
        answers[f"/simple/{project}/"] = answer(json.dumps(page).encode(), Content_Type="application/vnd.pypi.simple.v1+json")
    return answers
