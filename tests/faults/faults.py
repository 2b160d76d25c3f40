#!/usr/bin/env python3
"""Faults that a real engine will not commit on demand: each is played by a stand-in on a Unix socket.

usage: faults.py PROBE      (TAP on standard output)
"""
import concurrent.futures
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

PING = b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK"
PODMAN = PING.replace(b"\r\n\r\n", b"\r\nLibpod-Api-Version: 4.3.1\r\n\r\n")
TEXT = b'{"ServerVersion":"1","OSType":"linux","Architecture":"x86_64"}'


def answer(body, status=b"200 OK", headers=b""):
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, headers, len(body), body)


def chunked(*parts):
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts)


INFO = answer(TEXT)
ENGINE = {"/_ping": PING, "/info": INFO}
LIBPOD = {"/_ping": PODMAN, "/info": INFO}
EARLY = "early "  # and how many bytes of the request's body to read before the answer and the hang-up
SLOW = "slow"  # a byte every 50 ms
HANG = "hang"  # never answer
STAY = "stay"  # answer and keep the connection open

# name, path's end -> what is answered (bytes, or a pair of bytes and manner; then the connection is closed), the action,
# what it must come to: code, text, hint, greatest time in seconds
CASES = [
    ("an HTTP server that is no engine", {"/_ping": answer(b"<html>", headers=b"Server: nginx\r\n")}, "open",
     -3, "is not a container engine: its answer to a ping names no API version", "-H", 1),
    ("something that speaks another protocol", {"/_ping": b"SSH-2.0-OpenSSH_9.2\r\n"}, "open",
     -3, "is not an engine: it does not speak HTTP", "-H", 1),
    ("garbage", {"/_ping": bytes(range(256)) * 10}, "open", -3, "is not an engine: it does not speak HTTP", "-H", 1),
    ("silence", {"/_ping": (b"", HANG)}, "open", -3, "did not answer in time", "may not be an engine", 11),
    ("a hang-up", {"/_ping": b""}, "open", -3, "went away without an answer", "", 1),
    ("a ping that drips", {"/_ping": (PING[:-3] + b"X-Long: " + b"x" * 300, SLOW)}, "open",
     -3, "did not answer in time", "", 11),
    ("a huge header", {"/_ping": (b"HTTP/1.1 200 OK\r\n" + b"X-Long: %s\r\n" % (b"x" * 1000) * 1000)}, "open",
     -3, "the header of the engine's answer is larger than 262144 bytes", "", 2),
    ("an engine of long ago", {"/_ping": PING.replace(b"1.41", b"1.24")}, "open",
     -3, "would speak API 1.24; 1.39 is the oldest", "update the engine", 1),
    ("an API version that is none", {"/_ping": PING.replace(b"1.41", b"2.x")}, "open", -3, "names no API version of", "", 1),
    ("a newer engine", {"/_ping": PING.replace(b"1.41", b"1.99"), "/v1.55/info": INFO}, "open", 0, "", "", 1),
    ("info that is no JSON", {"/_ping": PING, "/info": answer(b"{]")}, "open", -3, "answer cannot be read", "", 1),
    ("an engine that refuses", {"/_ping": PING, "/info": answer(b'{"message":"boom"}', b"500 No")}, "open",
     -3, "the engine says: boom", "", 1),
    ("a message with escape sequences and lines", {**ENGINE, "/x/json": answer(b'{"message":"a\\u001b[31mb\\nc"}', b"500 No")},
     "inspect", -3, "the engine says: ab\\x0ac", "", 1),
    ("a refusal with no words", {**ENGINE, "/x/json": answer(b"", b"502 Bad Gateway")}, "inspect",
     -3, "HTTP status 502 and nothing else", "", 1),
    ("a redirection", {**ENGINE, "/x/json": answer(b"", b"302 Found", b"Location: http://localhost:1/\r\n")}, "inspect",
     -3, "HTTP status 302", "", 1),
    ("an answer without end", {**ENGINE, "/x/json": b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * (17 << 20)}, "inspect",
     -3, "larger than 16777216 bytes", "", 3),
    ("an end in the middle of a sized answer", {**ENGINE, "/x/json": answer(b"{}")[:-1]}, "inspect",
     -3, "went away in the middle of its answer", "see the engine's own log", 1),
    ("a refusal during the upload", {**ENGINE, "/build": (answer(b'{"message":"bad tag"}', b"400 Bad"), EARLY + "1")}, "build",
     -1, "the engine says: bad tag", "", 2),
    ("a refusal of an import during the upload",
     {**ENGINE, "/create": (answer(b'{"message":"no room"}', b"500 No"), EARLY + "1")}, "import",
     -3, "cannot import image 'localhost/x:1': the engine says: no room", "", 2),
    ("a hang-up during the upload", {**ENGINE, "/build": (b"", EARLY + "1")}, "build", -3, "went away without an answer", "", 2),
    ("an engine that dies in mid-build", {**ENGINE, "/build": chunked(b'{"stream":"Step 1/2 : FROM x\\n"}')}, "build",
     -3, "went away in the middle of its answer", "see the engine's own log", 2),
    ("an engine that dies in mid-chunk", {**ENGINE, "/build": chunked(b'{"stream":"Step 1/2 : FROM x\\n"}')[:-9]}, "build",
     -3, "went away in the middle of its answer", "", 2),
    ("a build without a result", {**ENGINE, "/build": chunked(b'{"stream":"Step 1/2 : FROM x\\n"}', b"")}, "build",
     0, "failed: ", "", 2),
    ("an import that fails late", {**ENGINE, "/create": chunked(b'{"errorDetail":{"message":"no space"}}', b"")}, "import",
     -3, "the engine says: no space", "", 2),
    ("an import without a result", {**ENGINE, "/create": chunked(b"{}", b"")}, "import", -3, "names no image", "", 2),
    ("a pull that needs a login", {**ENGINE, "/create": answer(b'{"message":"unauthorized: x"}', b"401 No")}, "pull",
     -3, "unauthorized", "docker login", 1),
    ("a pull without network",
     {**ENGINE, "/create": chunked(b'{"errorDetail":{"message":"dial tcp: lookup x: no such host"}}', b"")}, "pull",
     -3, "no such host", "cannot resolve", 1),
    ("a container whose output is not in frames",
     {**ENGINE, "/create": answer(b'{"Id":"c"}'), "/start": answer(b"", b"204 No Content"), "/attach": b"HTTP/1.1 200 OK\r\n\r\nplain text"},
     "run", -3, "not in Docker's stream format", "", 1),
    ("a container whose output breaks off",
     {**ENGINE, "/create": answer(b'{"Id":"c"}'), "/start": answer(b"", b"204 No Content"), "/wait": answer(b'{"StatusCode":0}'),
      "/attach": b"HTTP/1.1 200 OK\r\n\r\n\1\0\0\0\0\0\0\7half", "/json": answer(b'{"State":{"ExitCode":0}}')},
     "run", -3, "output broke off", "", 1),
    ("a container that is not started", {**ENGINE, "/create": answer(b'{"Id":"c"}'), "/attach": (b"HTTP/1.1 200 OK\r\n\r\n", STAY),
     "/start": answer(b'{"message":"no such device"}', b"500 No")}, "run", -1, "the engine says: no such device", "", 1),
    ("a container that is silent, canceled", {**ENGINE, "/create": answer(b'{"Id":"c"}'), "/start": answer(b"", b"204 No Content"),
     "/attach": (b"HTTP/1.1 200 OK\r\n\r\n", STAY)}, "run 300", -4, "interrupted", "", 0.3),
    ("a cancellation while a build is silent", {**ENGINE, "/build": (b"", HANG), "/cancel": answer(b"")}, "build 300",
     -4, "interrupted", "", 3),
    ("a cancellation that ends a build",
     {**ENGINE, "/build": (b"", "until /cancel"), "/cancel": answer(b"")}, "build 300", -4, "interrupted", "", 0.3),
    ("a cancellation while Podman is silent", {**LIBPOD, "/build": (b"", HANG)}, "build 300", -4, "interrupted", "", 0.1),
    ("a cancellation while opening", {"/_ping": (b"", HANG)}, "open 300", -4, "interrupted", "", 0.1),
]
# The engine hangs up while the client is busy reading what it is to send next: libcurl then fails to send, and has not looked
# at the answer. It takes luck to meet.
UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
LOST = chunked(b'{"errorDetail":{"message":"no active session"}}', b"")
CASES += [
    ("a session that is refused", {**ENGINE, "/session": answer(b'{"message":"not now"}', b"500 No")}, "build",
     -3, 'refuses an upgrade: HTTP/1.1 500 No {"message":"not now"}', "", 2),
    ("a session with something that is no HTTP", {**ENGINE, "/session": b"SSH-2.0\r\n\r\n"}, "build", -3, "is no HTTP", "", 2),
    ("a hang-up instead of a session", {**ENGINE, "/session": b""}, "build", -3, "hung up instead of an upgrade", "", 2),
    ("a huge head instead of a session", {**ENGINE, "/session": b"HTTP/1.1 101 X\r\n" + b"X-Y: z\r\n" * 50000}, "build",
     -3, "larger than 262144 bytes", "", 2),
    ("silence instead of a session", {**ENGINE, "/session": (b"", HANG)}, "build", -3, "does not answer to an upgrade", "", 11),
    ("a session that is silent, canceled", {**ENGINE, "/session": (b"", HANG)}, "build 500", -4, "interrupted", "", 1),
    ("a hang-up in a session", {**ENGINE, "/session": UPGRADED, "/build": LOST}, "build", 0, "failed: no active session", "", 2),
    ("garbage in a session", {**ENGINE, "/session": UPGRADED + bytes(range(256)) * 100, "/build": LOST}, "build",
     0, "failed: no active session", "", 2),
    ("half a frame in a session",
     {**ENGINE, "/session": UPGRADED + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0\0\xff", "/build": LOST}, "build",
     0, "failed: no active session", "", 2),
]
CASES += [(f"a refusal after {n} bytes of the upload", {**ENGINE, "/build": (answer(b'{"message":"bad"}', b"400 Bad"), EARLY + str(n))},
           "build", -1, "the engine says: bad", "", 5) for n in range(300001, 6000000, 250000)]


class Engine:
    """Answers each request of each connection by the end of its path."""

    def __init__(self, path, script):
        self.script = script
        self.faults = []
        self.seen = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(8)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        try:
            with connection, connection.makefile("rb") as reader:
                while self.answer(connection, reader):
                    pass
        except (OSError, ValueError):  # the client is gone, maybe in the middle of a chunk
            pass

    def answer(self, connection, reader):
        line = reader.readline().decode()
        if not line:
            return False
        headers = {}
        for header in iter(reader.readline, b"\r\n"):
            name, _, value = header.decode().partition(":")
            headers[name.lower()] = value.strip()
        if "expect" in headers:
            self.faults.append("it sent Expect")
        target = line.split()[1]
        self.seen.append(target)
        path = target.partition("?")[0]
        what = next((self.script[end] for end in self.script if path.endswith(end)), answer(b"{}", b"404 No"))
        text, manner = what if isinstance(what, tuple) else (what, None)
        if manner and manner.startswith(EARLY):
            reader.read(int(manner.split()[1]))
        else:
            self.read_body(reader, headers)
        if manner == HANG:
            time.sleep(60)
        if manner == SLOW:
            for byte in text:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
        if manner and manner.startswith("until "):
            end = time.monotonic() + 10
            while not any(manner.split()[1] in target for target in self.seen) and time.monotonic() < end:
                time.sleep(0.01)
        connection.sendall(text)
        if manner == STAY:
            time.sleep(60)
        return path.endswith("/_ping") and text in (PING, PODMAN)

    @staticmethod
    def read_body(reader, headers):
        if headers.get("transfer-encoding") == "chunked":
            while (size := int(reader.readline(), 16)) > 0:
                reader.read(size + 2)
            reader.readline()
        reader.read(int(headers.get("content-length", 0)))


def run(probe, url, action):
    output = subprocess.run([probe, url, *action.split()], stdout=subprocess.PIPE, text=True, timeout=60).stdout
    return output.rstrip("\n").split("\t") if output.count("\t") == 3 else ["?", output, "", "0"]


def check(probe, folder, number, case):
    name, script, action, code, text, hint, seconds = case
    path = folder / f"{number}.sock"
    engine = Engine(path, script)
    got = run(probe, f"unix://{path}", action)
    faults = list(engine.faults)
    if got[0] != str(code):
        faults.append(f"code {got[0]}, not {code}")
    if text not in got[1]:
        faults.append("another text")
    if hint not in got[2]:
        faults.append("another hint")
    if float(got[3]) > seconds * 1000:
        faults.append(f"it took {got[3]} ms")
    if re.search(r"[\0-\x1f]", got[1]):
        faults.append("control characters in its text")
    return name, faults, got


def check_sockets(probe, folder):
    """What stands where a socket should be."""
    stale = folder / "stale.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(stale))
    plain = folder / "plain"
    plain.write_text("x")
    for name, path, text in [("no socket", folder / "none.sock", "No such file or directory"),
                             ("a socket that nobody listens on", stale, "Connection refused"),
                             ("a file that is no socket", plain, "Connection refused"),
                             ("a path too long for a socket", folder / ("x" * 120), "")]:
        got = run(probe, f"unix://{path}", "open")
        wrong = got[0] != "-3" or "cannot reach the engine at" not in got[1] or text not in got[1]
        yield name, ["not the error expected"] if wrong else [], got


def main(probe):
    with tempfile.TemporaryDirectory(prefix="slipway-test-") as name:
        folder = pathlib.Path(name)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda item: check(probe, folder, *item), enumerate(CASES)))
        results += check_sockets(probe, folder)
    failed = 0
    print(f"1..{len(results)}")
    for number, (name, faults, got) in enumerate(results, 1):
        print(f"{'not ok' if faults else 'ok'} {number} - {name}")
        if faults:
            failed += 1
            print(f"# {'; '.join(faults)}: {got}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
