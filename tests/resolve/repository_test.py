#!/usr/bin/env python3
"""Locks a profile whose requirement is a repository that a real git serves over HTTP: its branch and tags, as they move.

usage: repository_test.py SLIPWAY      (TAP on standard output; without git's program for HTTP all is skipped)
"""
import http.server
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import tomllib

PROFILE = """\
slipway: 1
name: app
accelerators: [rtx-4090]
python_version: "3.11"
requirements: ["kernels @ git+{url}/kernels.git{at}"]
"""
GIT = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
       "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org"}


def git(folder, *words):
    return subprocess.run(["git", "-C", folder, *words], env=GIT, check=True, capture_output=True, text=True).stdout.strip()


def backend():
    path = pathlib.Path(subprocess.run(["git", "--exec-path"], capture_output=True, text=True).stdout.strip(), "git-http-backend")
    return path if path.is_file() else None


class Handler(http.server.BaseHTTPRequestHandler):
    """Requests answered by git-http-backend, a CGI program."""
    root, asked = None, []

    def do_GET(self):
        path, _, query = self.path.partition("?")
        self.asked.append(path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        done = subprocess.run([backend()], capture_output=True, input=body,
                              env={**GIT, "GIT_PROJECT_ROOT": str(self.root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
                                   "QUERY_STRING": query, "REQUEST_METHOD": self.command, "CONTENT_LENGTH": str(len(body)),
                                   "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                                   "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                                   "GIT_PROTOCOL": self.headers.get("Git-Protocol", "")})
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        status = re.search(rb"^Status: (\d+)", head, re.M)
        kind = re.search(rb"^Content-Type: (.+?)\r?$", head, re.M)
        self.send_response(int(status[1]) if status else 200)
        if kind:
            self.send_header("Content-Type", kind[1].decode())
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


class Place:
    """A folder with a profile, and the repository beside it."""
    def __init__(self, slipway, folder):
        self.slipway, self.folder = slipway, pathlib.Path(folder)
        self.work = self.folder / "work"
        self.work.mkdir()
        git(self.work, "init", "-q", "-b", "main")
        (self.folder / "project").mkdir()
        (self.folder / "home").mkdir()
        # The user's configuration of git would send git elsewhere, and is not read.
        (self.folder / "home/.gitconfig").write_text('[url "http://127.0.0.1:1/"]\n\tinsteadOf = http://127.0.0.1\n[http]\n\tproxy = http://127.0.0.1:1\n')
        Handler.root = self.folder
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def commit(self, text, name="setup.py"):
        (self.work / name).parent.mkdir(exist_ok=True)
        (self.work / name).write_text(text)
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "-m", text or "none")
        return git(self.work, "rev-parse", "HEAD")

    def publish(self, name="kernels", filters=True):
        bare = self.folder / f"{name}.git"
        if not bare.exists():
            git(self.folder, "init", "-q", "--bare", "-b", "main", bare)
        git(bare, "config", "uploadpack.allowFilter", str(filters).lower())
        git(self.work, "push", "-q", "--force", "--tags", bare, "main")

    def packages(self, at, *options, url=None):
        """Exit status, and of each package of the lock: the names that it depends on, or None if these are not known."""
        status, text, *_ = self.lock(at, *options, url=url)
        lock = tomllib.loads((self.folder / "project/pylock.app.toml").read_text())
        return status, {package["name"]: None if package.get("tool", {}).get("slipway", {}).get("unknown") else
                        [row["name"] for row in package.get("dependencies", [])] for package in lock["packages"]}, text

    def lock(self, at, *options, url=None):
        """Exit status, messages, and the commit and revision of the lock."""
        (self.folder / "project/app.yaml").write_text(PROFILE.format(url=url or self.url, at=at))
        done = subprocess.run([self.slipway, "lock", "app.yaml", *options], cwd=self.folder / "project", stdin=subprocess.DEVNULL,
                              capture_output=True, text=True,
                              env={"PATH": os.environ["PATH"], "HOME": str(self.folder / "home"), "PIP_INDEX_URL": self.url + "/simple/"})
        lock = self.folder / "project/pylock.app.toml"
        entry = re.search(r"^vcs = \{(.*)\}", lock.read_text(), re.M) if lock.exists() else None
        found = dict(re.findall(r'([\w-]+) = "([^"]*)"', entry[1])) if entry else {}
        return done.returncode, done.stderr, found.get("commit-id"), found.get("requested-revision")


PYPROJECT = """\
[project]
name = "{name}"
version = "1.0"
{rest}
"""


def stated(place):
    """The same of what repositories state in their pyproject.toml."""
    place.commit(PYPROJECT.format(name="other", rest=""), "pyproject.toml")
    place.publish("other")
    other = f'"other @ git+{place.url}/other.git@main"'
    place.commit(PYPROJECT.format(name="kernels", rest=f"dependencies = [{other}]"), "pyproject.toml")
    place.commit(PYPROJECT.format(name="kernels", rest=f"[project.optional-dependencies]\nx = [{other}]"), "py/pyproject.toml")
    place.publish()
    both, alone = {"kernels": ["other"], "other": []}, {"kernels": []}
    yield "a branch: what it requires, a repository too", place.packages("@main", "--upgrade")[:2] == (0, both)
    Handler.asked.clear()
    yield "the commits are kept, and nobody is asked", place.packages("@main")[:2] == (0, both) and not Handler.asked
    yield "a folder of it, with another pyproject.toml", place.packages("@main#subdirectory=py", "--upgrade")[:2] == (0, alone)
    yield "a folder that leaves it", place.packages("@main#subdirectory=../py", "--upgrade")[1] == {"kernels": None}
    for what, rest in ("build", 'dynamic = ["dependencies"]'), ("setup.py", None):
        text = "" if rest is None else PYPROJECT.format(name="kernels", rest=rest)
        place.commit(text, "pyproject.toml")
        place.publish()
        yield f"requirements that a {what} decides are unknown", place.packages("@main", "--upgrade")[1] == {"kernels": None}
    place.commit(PYPROJECT.format(name="others", rest=""), "pyproject.toml")
    place.publish()
    yield "a pyproject.toml of another project", place.packages("@main", "--upgrade")[1] == {"kernels": None}
    place.commit(PYPROJECT.format(name="kernels", rest='requires-python = ">=3.12"'), "pyproject.toml")
    place.publish()
    status, _, text = place.packages("@main", "--upgrade")
    yield "another Python", status == 1 and "kernels" in text and ">=3.12" in text
    commit = place.commit(PYPROJECT.format(name="kernels", rest=f"# without filters\ndependencies = [{other}]"), "pyproject.toml")
    place.publish(filters=False)
    yield "a server that sends whole trees", place.packages("@" + commit, "--upgrade")[:2] == (0, both)


def tried(place):
    """(name, whether so) for each test; one moves the repository for the next."""
    first = place.commit("one")
    git(place.work, "tag", "-a", "-m", "the first", "v1")
    place.publish()
    yield "a branch: its commit and its name", place.lock("@main")[2:] == (first, "main")
    yield "no revision: the default branch", place.lock("", "--upgrade")[2:] == (first, None)
    yield "a tag with a message: the commit, not the tag", place.lock("@v1", "--upgrade")[2:] == (first, "v1")
    place.lock("@main", "--upgrade")
    second = place.commit("two")
    place.publish()
    Handler.asked.clear()
    yield "the branch moved: the lock stays, and nobody is asked", place.lock("@main")[2:] == (first, "main") and not Handler.asked
    yield "another project is upgraded: the lock stays", place.lock("@main", "--upgrade-package", "other")[2] == first
    yield "the project is upgraded: the new commit", place.lock("@main", "--upgrade-package", "kernels")[2:] == (second, "main")
    yield "another revision: its commit", place.lock("@v1")[2:] == (first, "v1")
    status, text, commit, _ = place.lock("@v2")
    yield "no such revision: the words, and the former lock", (
        status == 2 and "has no branch and no tag 'v2'" in text and "all its 40 digits" in text and commit == first)
    status, text, _, _ = place.lock("@" + first[:9])
    yield "a short commit is refused", status == 2 and f"no tag '{first[:9]}'" in text
    yield "a whole commit: nobody is asked", place.lock("@" + second)[2:] == (second, None)
    status, text, commit, _ = place.lock("@main", "--offline")
    yield "offline: the way out is named", status == 3 and "offline" in text and "40 digits" in text and commit == second
    yield from stated(place)
    git(place.work, "reset", "-q", "--hard", second)
    place.lock("@" + second, "--upgrade")
    place.server.shutdown()
    place.server.server_close()
    status, text, commit, _ = place.lock("@main", "--upgrade")
    yield "no server: the way out is named", status == 3 and "40 digits" in text and commit == second


def main(slipway):
    if backend() is None:
        print("1..0 # SKIP git has no git-http-backend here")
        return 0
    number = failed = 0
    with tempfile.TemporaryDirectory(prefix="slipway-repository-") as folder:
        for number, (name, good) in enumerate(tried(Place(slipway, folder)), 1):
            failed += not good
            print(f"{'ok' if good else 'not ok'} {number} - {name}", flush=True)
    print(f"1..{number}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve())))
