"""A package index of made-up releases, served here.

It is {project: {version: what it requires, or (what it requires, options)}}. Options: python (Requires-Python), yanked (a
reason), tag (of the wheel's name; of several wheels, with blanks between), beside (False: its metadata stands in the wheel alone), sdist (True: no wheel),
uploaded (the time of its upload), hashes (False: the index gives none), modules (its files: their paths and what is in them), description (the text below its metadata).
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


def member(name):
    """A member of a wheel, which has the same bytes whenever it is made."""
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o644 << 16
    return info


def wheel(project, version, requires, python, modules, description=""):
    text = f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n"
    text += "".join(f"Requires-Dist: {line}\n" for line in requires)
    text += f"Requires-Python: {python}\n" if python else ""
    extras = {line.split("extra ==")[1].strip(" '\"") for line in requires if "extra ==" in line}
    text += "".join(f"Provides-Extra: {extra}\n" for extra in sorted(extras))
    text += f"\n{description}" if description else ""
    folder = f"{project.replace('-', '_')}-{version}.dist-info"
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in (("METADATA", text), ("WHEEL", "Wheel-Version: 1.0\n"), ("RECORD", "")):
            archive.writestr(member(f"{folder}/{name}"), content)
        for name, content in modules.items():
            archive.writestr(member(name), content)
    return text.encode(), data.getvalue()


def source(project, version, modules):
    """A source distribution: a tar.gz with one folder."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, content in ({"setup.py": "import setuptools\n"} | modules).items():
            entry = tarfile.TarInfo(f"{project}-{version}/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content.encode()))
    return data.getvalue()


def script(index, path="simple"):
    """What the server answers, by path: the index's pages below `path`; the files of "simple" in /files, of others beside
    their pages."""
    answers, folder = {}, "/files" if path == "simple" else f"/{path}/files"
    for project, releases in index.items():
        files = []
        for version, row in releases.items():
            requires, options = row if isinstance(row, tuple) else (row, {})
            metadata, data = wheel(project, version, requires, options.get("python"), options.get("modules", {}),
                                   options.get("description", ""))
            if options.get("sdist"):
                data = source(project, version, options.get("modules", {}))
            stem = f"{project.replace('-', '_')}-{version}"
            names = [f"{stem}-{tag}.whl" for tag in options.get("tag", "py3-none-any").split()]
            for name in [f"{stem}.tar.gz"] if options.get("sdist") else names:
                files.append({"filename": name, "url": f"../..{folder}/{quote(name)}" if path == "simple" else f"{folder}/{quote(name)}",
                              "yanked": options.get("yanked", False), "hashes": {"sha256": hashlib.sha256(data).hexdigest()} if options.get("hashes", True) else {},
                              **({"upload-time": options["uploaded"]} if "uploaded" in options else {}),
                              "size": len(data),
                              **({"requires-python": options["python"]} if "python" in options else {})})
                answers[f"{folder}/{quote(name)}"] = ranges(data)
                if options.get("beside", True):
                    answers[f"{folder}/{quote(name)}.metadata"] = answer(metadata)
        page = {"meta": {"api-version": "1.1"}, "name": project, "versions": list(releases), "files": files}
        answers[f"/{path}/{project}/"] = answer(json.dumps(page).encode(),
                                                Content_Type="application/vnd.pypi.simple.v1+json")
    return answers
