#!/usr/bin/env python3
"""Holds our .dockerignore against docker's own client.

usage: docker_ignore.py VERDICTS TABLE [ROUNDS [SEED]]

The client is given a context and a socket behind which this script stands in for the engine: it keeps the tar that
`docker build` sends and compares the files in it with what VERDICTS (tests/context/verdicts.c) says. The contexts are
the rows of TABLE (tests/unit/ignore.data) and ROUNDS random ones: half of them of one tree with all kinds of names, half of
trees that are random too, links among them. The client is the one here, or that of the engines' roots (tests/engines/rig)
where they have been made; without one the test is skipped (77).

The client's classic way of sending is the only one that needs no engine. It looks into an excluded folder only where an
exception begins with that folder's very name, which BuildKit does not; `sent()` does the same before it compares.
"""
import io
import os
import pathlib
import posixpath
import random
import shutil
import socketserver
import subprocess
import sys
import tarfile
import tempfile
import threading

ALWAYS = {"Dockerfile", ".dockerignore"}
TREE = ["a", "ab", "b.py", ".env", "docs/README.md", "docs/x y.md", "docs/deep/n.md", "src/a.py", "src/b/c.py",
        "src/b/d.pyc", "src/b/e/f.py", "\u00e9/\u00fc.txt", "a[b", "a*b", "x\\y", "#h", "!n", "dir.d/(p)", "dir.d/q+1",
        "dird/q", "a-b/c", "b/a/a", "b/ab", "7"]
PIECES = ["*", "**", "?", "a", "b", "ab", "c", "src", "docs", "*.py", "*.md", "d*", "[a-c]", "[^a]", "[ab]*", "**a", "a**",
          "b**b", "\\a*", "\\[", "a\\*b", "\\!n", "\\d", ".", "..", "README.md", ".env", "dir.d", "(p)", "q+1", "\u00e9",
          "?.txt", "x y.md", "e", "[", "a]", "[b-", "\\\\", "x\\\\y", "#h", "!n", "[[^/]*]", "[*]", "^a"]


NAMES = ["a", "b", "ab", "a.b", "a b", ".a", "A", "src", "docs", "x.py", "x.md", "README.md", "\u00e9", "a[b]", "a*", "-", "~"]


class Engine(socketserver.StreamRequestHandler):
    """Just enough of an engine for `docker build`: it says hello and takes the tar."""

    def body(self, headers):
        if headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(headers.get("content-length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def handle(self):
        while request := self.rfile.readline():
            headers = {}
            while (line := self.rfile.readline().strip()):
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip().lower()
            body = self.body(headers)
            answer = b"" if request.startswith(b"HEAD") else b"{}"
            if b"/build" in request:
                self.server.tar = body
                answer = b'{"stream":"ok"}\n'
            self.wfile.write(b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nOstype: linux\r\nContent-Type: application/json\r\n"
                             b"Content-Length: %d\r\n\r\n%s" % (len(answer), answer))


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    tar = None


def is_disputed(line):
    """Older clients leave these characters to the regular expression; newer ones, and we, take them as they are."""
    return any(c in line for c in "+()|{}") and any(c in line for c in "*?[\\")


def find_client():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    return shutil.which("docker") or next(map(str, sorted(cache.glob("slipway-tests/bookworm-*[0-9]/usr/bin/docker"))), None)


def docker_sends(client, server, socket, folder):
    """The names of the files and links in the tar, or None where the client refuses the ignore file."""
    server.tar = None
    done = subprocess.run([client, "-H", f"unix://{socket}", "build", "-q", str(folder)], capture_output=True, text=True,
                          env={**os.environ, "DOCKER_BUILDKIT": "0", "DOCKER_CONFIG": str(pathlib.Path(socket).parent)})
    if server.tar is None or done.returncode != 0:
        if "pattern" not in done.stderr:
            sys.exit(f"docker: {done.stderr}")
        return None
    with tarfile.open(fileobj=io.BytesIO(server.tar)) as tar:
        return {member.name for member in tar if not member.isdir()} - ALWAYS


def exceptions(lines):
    """What follows the '!', cleaned, of each line that has one."""
    for line in lines:
        line = line.strip()
        if line.startswith("!") and line != "!":
            yield posixpath.normpath(line[1:].strip()).lstrip("/")
        elif line.startswith("/!"):
            yield posixpath.normpath(line[2:])


def sent(verdicts, lines, files):
    """The same by our rules, None where we refuse the ignore file."""
    folders = sorted({str(parent) for file in files for parent in pathlib.PurePosixPath(file).parents} - {"."})
    paths = [*folders, *files]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as ignore:
        ignore.write("\n".join(lines))
        ignore.flush()
        out = subprocess.run([verdicts, ignore.name], input="\n".join(paths), capture_output=True, text=True, check=True)
    if out.stdout == "bad\n":
        return None
    excluded = {path for path, verdict in zip(paths, out.stdout.split(), strict=True) if verdict == "out"}
    kept = list(exceptions(lines))
    closed = {folder for folder in folders if folder in excluded
              and not any(f"{exception}/".startswith(f"{folder}/") for exception in kept)}
    return {file for file in files if file not in excluded
            and not any(str(parent) in closed for parent in pathlib.PurePosixPath(file).parents)} - ALWAYS


def random_tree(rng):
    """Paths of files and, ending with ">", of links; no file is also a folder."""
    folders, paths = [""], {}
    for _ in range(rng.randint(3, 30)):
        path = rng.choice(folders) + rng.choice(NAMES)
        if path in paths or f"{path}/" in folders:
            continue
        kind = rng.random()
        if kind < 0.4:
            folders.append(f"{path}/")
        else:
            paths[path] = kind > 0.9
    return [f"{path}>" if link else path for path, link in paths.items()]


def random_lines(rng, tree):
    """Patterns of all pieces and of the tree's own names."""
    own = [name for path in tree for name in path.rstrip(">").split("/")]
    for _ in range(rng.randint(1, 5)):
        line = "/".join(rng.choice(rng.choice([PIECES, own or PIECES])) for _ in range(rng.randint(1, 3)))
        line = rng.choice(["", "", "", "/", "./", " "]) + line + rng.choice(["", "", "", "/", " ", "/**", "\r"])
        yield rng.choice(["", "", "!", "! ", "!/"]) + line


def cases(table, rounds, seed):
    for row in table.read_text(encoding="utf-8").splitlines():
        if row and not row.startswith("#"):
            _, path, *lines = row.split("\t")
            if path:  # the context itself is no file of it
                yield lines, [path]
    rng = random.Random(seed)
    for number in range(rounds):
        tree = TREE if number % 2 == 0 else random_tree(rng)
        yield list(random_lines(rng, [] if tree is TREE else tree)), tree


def main(verdicts, table, rounds="150", seed="1"):
    client = find_client()
    if client is None:
        print("no docker client")
        return 77
    count = wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        socket = f"{scratch}/socket"
        server = Server(socket, Engine)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for lines, files in cases(pathlib.Path(table), int(rounds), int(seed)):
            if any(map(is_disputed, lines)):
                continue
            folder = pathlib.Path(scratch, "context")
            for file in [*files, "Dockerfile"]:
                path = folder / file.rstrip(">")
                path.parent.mkdir(parents=True, exist_ok=True)
                if file.endswith(">"):
                    path.symlink_to("nowhere")
                else:
                    path.write_text("FROM scratch\n")
            files = [file.rstrip(">") for file in files]
            (folder / ".dockerignore").write_bytes("\n".join(lines).encode())
            theirs, ours = docker_sends(client, server, socket, folder), sent(verdicts, lines, files)
            shutil.rmtree(folder)
            count += 1
            if ours is None and theirs is not None and any("[" in line or "\\" in line for line in lines):
                continue  # a pattern that is refused here but that the client never came to use
            if ours != theirs:
                wrong += 1
                print(f"{lines!r}: ours {ours and sorted(ours)}, docker's {theirs and sorted(theirs)}")
        server.shutdown()
    print(f"{count} contexts, {wrong} wrong")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
