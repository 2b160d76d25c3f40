#!/usr/bin/env python3
"""What is made of package indexes: their pages, their metadata, what is kept of them.

usage: index_test.py INDEX      (TAP on standard output)
"""
import concurrent.futures
import hashlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile

from server import Server, answer, ranges, redirect

JSON = "application/vnd.pypi.simple.v1+json"
METADATA = b"Metadata-Version: 2.1\nName: %s\nVersion: %s\nRequires-Dist: numpy>=1\n\nA description.\n"


class Failed(Exception):
    pass


def require(truth, what):
    if not truth:
        raise Failed(what)


def look_up(url, cache, *words):
    run = subprocess.run([INDEX, url, cache, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         encoding="utf-8", timeout=100)
    require(run.returncode == 0, f"exit status {run.returncode}: {run.stderr}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def one(url, cache, *words):
    return look_up(url, cache, *words)[0]


def refuse(row, code, text):
    require(row["code"] == code and text in row["text"], f"not {code} {text!r}: {row}")


def wheel(name, version, metadata=None, padding=0):
    """A wheel, its METADATA somewhere in the middle."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/__init__.py", b"x = 1\n")
        archive.writestr(f"{name}-{version}.dist-info/METADATA",
                         metadata if metadata is not None else METADATA % (name.encode(), version.encode()))
        for n in range(padding):
            archive.writestr(zipfile.ZipInfo(f"{name}/data{n:06}"), os.urandom(100))
        archive.writestr(f"{name}-{version}.dist-info/RECORD", b"")
    return out.getvalue()


def page(*files, name="a"):
    """A JSON page of (file name, further keys)."""
    rows = [{"filename": file, "url": f"/files/{file}", "hashes": {}, **more} for file, more in files]
    return json.dumps({"meta": {"api-version": "1.0"}, "name": name, "files": rows}).encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


TESTS = []


def test(function):
    TESTS.append(function)
    return function


@test
def json_or_html_as_the_server_likes(cache):
    asked = []

    def handler(request):
        asked.append(request.headers.get("accept", ""))
        return request.answer(page(("a-1.0.tar.gz", {})), Content_Type=JSON)
    html = b'<a href="a-2.0-py3-none-any.whl#sha256=%s" data-yanked="bad">a</a>' % (b"0" * 64)
    with Server({"/s/a/": handler, "/s/b-c/": answer(html.replace(b"a-2", b"B_c-2"), Content_Type="text/html")}) as server:
        a, b = look_up(server.url + "/s", cache, "A", "B.c")
        require(a["name"] == "a" and a["releases"][0]["version"] == "1.0", f"{a}")
        require(a["releases"][0]["files"][0]["url"] == server.url + "/files/a-1.0.tar.gz", f"{a}")
        require(b["releases"][0]["yanked"] and b["releases"][0]["files"][0]["sha256"] == "0" * 64, f"{b}")
        require(asked[0].startswith(JSON) and "text/html" in asked[0], f"Accept: {asked[0]}")


@test
def a_page_that_moved(cache):
    html = b'<a href="../files/a-1.0.zip">a</a>'
    with Server({"/s/a/": redirect("/mirror/x/a/", "301 Moved"), "/mirror/x/a/": answer(html, Content_Type="text/html")}) as server:
        row = one(server.url + "/s/", cache, "a")
        require(row["releases"][0]["files"][0]["url"] == server.url + "/mirror/x/files/a-1.0.zip", f"{row}")


@test
def what_is_no_page(cache):
    with Server({"/s/a/": answer(b"<html>", "200 OK", Content_Type="application/pdf"),
                 "/s/b/": answer(b"{", Content_Type=JSON), "/s/c/": answer(b'{"files": 3}', Content_Type=JSON)}) as server:
        rows = look_up(server.url + "/s", cache, "a", "b", "c", "d", "../e")
        for row, text in zip(rows, ("its type is 'application/pdf'", f"cannot read '{server.url}/s/b/'", "lists no files")):
            refuse(row, -2, text)
        refuse(rows[3], -5, f"the index at {server.url}/s has no project 'd'")
        refuse(rows[4], -2, "no name of a project")
        require("/s/e/" not in server.targets(), "a name went into a path")


@test
def validators_and_ages(cache):
    count = {"/s/a/": 0, "/s/b/": 0, "/s/c/": 0}

    def handler(request, **headers):
        count[request.path] += 1
        if request.headers.get("if-none-match") == '"1"':
            return request.send(b"HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=0\r\n\r\n")
        return request.answer(page(("a-1.0.zip", {}), ("b-1.0.zip", {}), ("c-1.0.zip", {})), Content_Type=JSON, **headers)
    with Server({"/s/a/": lambda r: handler(r, ETag='"1"', Cache_Control="max-age=0"),
                 "/s/b/": lambda r: handler(r, Cache_Control="public, max-age=600"),
                 "/s/c/": lambda r: handler(r, Cache_Control="no-store")}) as server:
        for _ in range(3):
            rows = look_up(server.url + "/s", cache, "a", "b", "c")
            require(all(row["releases"][0]["version"] == "1.0" for row in rows), f"{rows}")
        require(list(count.values()) == [3, 1, 3], f"requests: {count}")
        require([r.headers.get("if-none-match") for r in server.seen if r.path == "/s/a/"] == [None, '"1"', '"1"'], "validators")
        offline = look_up(server.url + "/s", cache, "offline", "a", "b", "c")
        require([row["code"] for row in offline] == [0, 0, -3], f"{offline}")
        refuse(offline[2], -3, f"'{server.url}/s/c/' is not in the cache, and nothing may be fetched")
        require(list(count.values()) == [3, 1, 3], f"requests offline: {count}")


@test
def a_cache_that_is_damaged(cache):
    with Server({"/s/a/": answer(page(("a-1.0.zip", {})), Content_Type=JSON)}) as server:
        one(server.url + "/s", cache, "a")
        one(server.url + "/s", cache, "a")
        require(len(server.seen) == 1, "it was not kept")
        for path in pathlib.Path(cache).glob("??/*"):
            path.write_bytes(path.read_bytes()[:-1])
        require(one(server.url + "/s", cache, "a")["code"] == 0, "a damaged entry is no error")
        one(server.url + "/s", cache, "a")
        require(len(server.seen) == 2, f"{len(server.seen)} requests: it was not replaced")


@test
def pins(cache):
    def pages(version):
        return {"/s/a/": answer(page((f"a-{version}.zip", {})), Content_Type=JSON),
                "/s/b/": answer(page((f"b-{version}.zip", {})), Content_Type=JSON)}
    with Server(pages("1.0")) as first, Server(pages("9.0")) as second:
        a, b = look_up(first.url + "/s", cache, f"pin=B={second.url}/s/", "a", "b")
        require([r["releases"][0]["version"] for r in (a, b)] == ["1.0", "9.0"], f"{a} {b}")
        require(first.targets() == ["/s/a/"] and second.targets() == ["/s/b/"], "an index was asked for what is not its own")


@test
def a_login_in_the_index_is_for_its_files_too(cache):
    data = wheel("a", "1.0")
    with Server({"/f.whl": ranges(data)}) as other, Server({}) as server:
        server.script["/s/a/"] = answer(page(("a-1.0-py3-none-any.whl", {}), ("a-1.0-1-py3-none-any.whl", {"url": other.url + "/f.whl"})),
                                        Content_Type=JSON)
        server.script["/files/a-1.0-py3-none-any.whl"] = ranges(data)
        row = one(server.url.replace("://", "://me:secret@") + "/s", cache, "requires", "a")
        require(row["metadata"]["code"] == 0, f"{row}")
        require({r.login for r in server.seen} == {"me:secret"}, "the login was not sent")
        require("secret" not in json.dumps(row), f"the password is shown: {row}")
        require(all(b"secret" not in path.read_bytes() for path in pathlib.Path(cache).glob("??/*")), "the password is kept")
        require(not any(r.login for r in other.seen), "the login went to another host")


@test
def metadata_beside_the_file(cache):
    text = METADATA % (b"A", b"1.0")
    script = {"/s/a/": answer(page(("a-1.0-py3-none-any.whl", {"core-metadata": {"sha256": sha256(text)}, "hashes": {"sha256": "0" * 64}})),
                              Content_Type=JSON),
              "/files/a-1.0-py3-none-any.whl.metadata": answer(text)}
    with Server(script) as server:
        for _ in range(2):
            row = one(server.url + "/s", cache, "requires", "a")["metadata"]
            require(row["name"] == "A" and row["requires"] == ["numpy>=1"], f"{row}")
        require(server.targets() == ["/s/a/", "/files/a-1.0-py3-none-any.whl.metadata"], f"{server.targets()}")
        row = one(server.url + "/s", cache, "offline", "requires", "a")["metadata"]
        require(row["code"] == 0, f"{row}")


@test
def metadata_that_is_not_what_was_promised(cache):
    for body, text in ((METADATA % (b"b", b"1.0"), "is that of another file"), (METADATA % (b"a", b"2.0"), "is that of another file"),
                       (b"<html>", "no distribution's metadata"), (b"x" * (5 << 20), "larger than")):
        with Server({"/s/a/": answer(page(("a-1.0-py3-none-any.whl", {"core-metadata": True})), Content_Type=JSON),
                     "*": answer(body)}) as server:
            refuse(one(server.url + "/s", "-", "requires", "a")["metadata"], row_code(text), text)
    with Server({"/s/a/": answer(page(("a-1.0-py3-none-any.whl", {"core-metadata": {"sha256": "0" * 64}})), Content_Type=JSON),
                 "*": answer(METADATA % (b"a", b"1.0"))}) as server:
        refuse(one(server.url + "/s", cache, "requires", "a")["metadata"], -3, "as its index says")


def row_code(text):
    return -3 if "larger" in text else -2


@test
def metadata_from_within(cache):
    for padding, most in ((0, 2), (3000, 4)):
        data = wheel("a", "1.0", padding=padding)
        for size in ({}, {"size": len(data)}):
            with Server({"/s/a/": answer(page(("a-1.0-py3-none-any.whl", {**size, "hashes": {"sha256": sha256(data)}})), Content_Type=JSON),
                         "/files/a-1.0-py3-none-any.whl": ranges(data)}) as server:
                folder = f"{cache}/{padding}{len(size)}"
                for _ in range(2):
                    row = one(server.url + "/s", folder, "requires", "a")["metadata"]
                    require(row.get("requires") == ["numpy>=1"], f"{row}")
                parts = [r for r in server.seen if r.range]
                require(len(parts) <= most, f"{len(parts)} requests: {[r.range for r in parts]}")


@test
def a_mirror_that_has_it_and_does_not_say_so(cache):
    text = METADATA % (b"a", b"1.0")
    with Server({"/s/a/": answer(page(("a-1.0-py3-none-any.whl", {})), Content_Type=JSON), "/files/a-1.0-py3-none-any.whl": answer(b"", "500 No"),
                 "/files/a-1.0-py3-none-any.whl.metadata": answer(text)}) as server:
        require(one(server.url + "/s", cache, "requires", "a")["metadata"]["code"] == 0, "it was not found")
    data = wheel("a", "1.0")
    with Server({"/s/a/": answer(page(("a-1.0-py3-none-any.whl", {})), Content_Type=JSON), "/files/a-1.0-py3-none-any.whl": ranges(data),
                 "/files/a-1.0-py3-none-any.whl.metadata": answer(b"<html>welcome")}) as server:
        row = one(server.url + "/s", "-", "requires", "a")["metadata"]
        require(row.get("requires") == ["numpy>=1"], f"{row}")


@test
def a_server_without_ranges(cache):
    data = wheel("a", "1.0")
    with Server({"/s/a/": answer(page(("a-1.0-py3-none-any.whl", {})), Content_Type=JSON),
                 "/files/a-1.0-py3-none-any.whl": answer(data)}) as server:
        require(one(server.url + "/s", cache, "requires", "a")["metadata"].get("requires") == ["numpy>=1"], "not read")


@test
def wheels_that_lie(cache):
    good = wheel("a", "1.0")
    cases = {"cut": good[:-10], "empty": b"", "text": b"x" * 100000, "other": wheel("a", "1.0", METADATA % (b"b", b"1.0")),
             "twice": two_metadata(), "bomb": wheel("a", "1.0", b"x" * (50 << 20))}
    for name, data in cases.items():
        with Server({"/s/a/": answer(page(("a-1.0-py3-none-any.whl", {})), Content_Type=JSON),
                     "/files/a-1.0-py3-none-any.whl": ranges(data)}) as server:
            row = one(server.url + "/s", "-", "requires", "a")["metadata"]
            require(row["code"] in (-2, -3) and "a-1.0-py3-none-any.whl" in row["text"], f"{name}: {row}")
    with Server({"/s/a/": answer(page(("a-1.0-py3-none-any.whl", {"size": len(good) + 5})), Content_Type=JSON),
                 "/files/a-1.0-py3-none-any.whl": ranges(good)}) as server:
        refuse(one(server.url + "/s", cache, "requires", "a")["metadata"], -3, "as its index says")


def two_metadata():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("a-1.0", "b-1.0"):
            archive.writestr(f"{name}.dist-info/METADATA", METADATA % (b"a", b"1.0"))
    return out.getvalue()


@test
def a_source_distribution_that_states_nothing(cache):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo("a-1.0/PKG-INFO")
        text = b"Metadata-Version: 2.1\nName: a\nVersion: 1.0\nRequires-Dist: b\n"
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))
    with Server({"/s/a/": answer(page(("a-1.0.tar.gz", {})), Content_Type=JSON), "/files/a-1.0.tar.gz": answer(out.getvalue())}) as server:
        refuse(one(server.url + "/s", cache, "requires", "a")["metadata"], -5, "only when it is built")
        require(set(server.targets()) == {"/s/a/", "/files/a-1.0.tar.gz"}, f"{server.targets()}")


@test
def many_projects_at_once(cache):
    names = [f"p{n}" for n in range(60)]
    script = {f"/s/{name}/": answer(page((f"{name}-1.0-py3-none-any.whl", {})), Content_Type=JSON) for name in names}
    script |= {f"/files/{name}-1.0-py3-none-any.whl": ranges(wheel(name, "1.0")) for name in names}
    with Server(script) as server:
        rows = look_up(server.url + "/s", cache, "requires", *names, "p0")
        require(all(row["metadata"]["code"] == 0 for row in rows), f"{rows}")
        require(server.connections <= 16, f"{server.connections} connections")


def run(function):
    """A problem, or None."""
    with tempfile.TemporaryDirectory(prefix="slipway-test-") as folder:
        try:
            function(f"{folder}/cache")
            return None
        except (Failed, subprocess.SubprocessError, OSError, KeyError, IndexError) as problem:
            return f"{type(problem).__name__}: {problem}"


def main():
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(run, TESTS))
    print(f"1..{len(TESTS)}")
    for number, (function, problem) in enumerate(zip(TESTS, results), 1):
        name = function.__name__.replace("_", " ")
        print(f"{'not ok' if problem else 'ok'} {number} - {name}")
        if problem:
            print(f"# {problem}")
    return any(results)


if __name__ == "__main__":
    INDEX = sys.argv[1]
    sys.exit(main())
