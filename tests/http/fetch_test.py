#!/usr/bin/env python3
"""What `fetch` makes of servers that misbehave, and what it tells them.

usage: fetch_test.py FETCH      (TAP on standard output)
"""
import concurrent.futures
import gzip
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

from server import Server, answer, ranges, redirect

BODY = bytes(range(256)) * 40
HOLD = threading.Event()  # never set: handlers wait on it, and end with the process


class Failed(Exception):
    pass


class Row:
    """What came of one URL."""

    def __init__(self, line):
        code, status, total, self.url, self.body, self.text, self.hint = line.split("\t")
        self.code, self.status, self.total = int(code), int(status), total

    def __repr__(self):
        return f"code {self.code}, status {self.status}, total {self.total}, {self.url} {self.body!r} {self.text!r} {self.hint!r}"

    def expect(self, **wanted):
        """Numbers are the same, texts are within."""
        for name, value in wanted.items():
            found = getattr(self, name)
            if found != value if isinstance(value, int) else value not in found:
                raise Failed(f"{name} is not {value!r}: {self}")
        return self


def require(truth, what):
    if not truth:
        raise Failed(what)


def fetch(*words):
    run = subprocess.run([PROBE, *map(str, words)], stdout=subprocess.PIPE, encoding="utf-8", timeout=60)
    require(run.returncode == 0, f"exit status {run.returncode}")
    return [Row(line) for line in run.stdout.rstrip("\n").split("\n")]


def one(*words):
    return fetch(*words)[0]


TESTS = []


def test(function):
    TESTS.append(function)
    return function


@test
def a_page_and_where_it_came_from(folder):
    with Server({"/a": redirect("b/../c?x=1#f"), "/c": answer(b"hello")}) as server:
        one("accept=text/x", f"{server.url}/a").expect(code=0, status=200, body="hello", url=f"{server.url}/c?x=1")
        require([r.headers.get("accept") for r in server.seen] == ["text/x"] * 2, "Accept was not sent")


@test
def many_at_once_over_few_connections(folder):
    gate = threading.Barrier(8)

    def together(request):
        gate.wait(20)  # only where eight are asked for at once
        return request.answer(request.path.encode())
    with Server({"*": together}) as server:
        rows = fetch(*(f"{server.url}/{n}" for n in range(64)))
        require([row.body for row in rows] == [f"/{n}" for n in range(64)], f"bodies: {rows}")
        require(server.connections <= 16, f"{server.connections} connections")


@test
def each_has_its_own_failure(folder):
    with Server({"/a": answer(b"A"), "/b": answer(b"", "410 Gone"), "/d": answer(b"D")}) as server:
        rows = fetch(f"{server.url}/a", f"{server.url}/b", "file:///etc/passwd", f"{server.url}/d")
        require([row.code for row in rows] == [0, -5, -2, 0], repr(rows))
        rows[1].expect(text="cannot fetch '" + server.url + "/b': the server has no such thing (HTTP status 410)")
        rows[2].expect(text="neither http nor https")


@test
def a_compressed_body(folder):
    with Server({"/a": answer(gzip.compress(b"hello" * 10), Content_Encoding="gzip"),
                 "/bomb": answer(gzip.compress(bytes(30 << 20)), Content_Encoding="gzip")}) as server:
        plain, bomb = fetch(f"{server.url}/a", f"{server.url}/bomb")
        plain.expect(code=0, body="hellohello")
        bomb.expect(code=-3, text="its answer is larger than 16777216 bytes")


@test
def redirects_in_a_ring(folder):
    with Server({"/a": redirect("/b"), "/b": redirect("/a")}) as server:
        one(f"{server.url}/a").expect(code=-3, text="redirected more than 8 times")
        require(len(server.seen) == 9, f"{len(server.seen)} requests")


@test
def redirects_elsewhere(folder):
    with Server({"/file": redirect("file:///etc/passwd"), "/ftp": redirect("ftp://localhost/x"),
                 "/nowhere": answer(b"", "302 Found"), "/odd": redirect("http:///x")}) as server:
        rows = fetch(*(server.url + path for path in ("/file", "/ftp", "/odd", "/nowhere")))
        for row in rows[:3]:
            row.expect(code=-3, text="redirected to what is neither http nor https")
        rows[3].expect(code=-3, text="redirected to nowhere")


@test
def no_step_down_from_https(folder):
    certificate, key = make_certificate(folder)
    with Server({"/a": answer(b"plain")}) as plain, \
            Server({"/a": redirect(plain.url + "/a"), "/b": answer(b"safe")}, certificate, key) as server:
        down, safe = fetch(f"ca={certificate}", f"{server.url}/a", f"{server.url}/b")
        down.expect(code=-3, text="redirected from https to http")
        safe.expect(code=0, body="safe")
        require(not plain.seen, "the other was asked")


@test
def a_certificate_that_nobody_knows(folder):
    certificate, key = make_certificate(folder)
    with Server({"/a": answer(b"A")}, certificate, key) as server:
        one(f"{server.url}/a").expect(code=-3, text="certificate", hint="PIP_CERT")
        one("ca=/nonexistent", f"{server.url}/a").expect(code=-3)


@test
def a_login_stays_with_its_host(folder):
    with Server({"/c": answer(b"C")}) as other, \
            Server({"/a": redirect("/b"), "/b": redirect(other.url + "/c")}) as server:
        url = server.url.replace("://", "://me:p%40ss@") + "/a"
        one(url).expect(code=0, body="C", url=other.url + "/c")
        require([r.login for r in server.seen] == ["me:p@ss"] * 2, "the login was not sent")
        require([r.login for r in other.seen] == [None], "the login went to another host")


@test
def a_login_in_a_redirect_is_not_used(folder):
    with Server({"/c": answer(b"C")}) as other:
        other.script["/a"] = redirect(other.url.replace("://", "://evil:x@") + "/c")
        one(other.url + "/a").expect(code=0, body="C")
        require([r.login for r in other.seen] == [None, None], "a login that nobody gave")


@test
def a_netrc(folder):
    netrc = folder / "netrc"
    netrc.write_text("machine localhost login me password pw\nmachine 127.0.0.1 login other\n")
    with Server({"/c": answer(b"C")}) as other, Server({"*": answer(b"A")}) as server:
        server.script["/b"] = redirect(other.url.replace("localhost", "127.0.0.1") + "/c")
        a, b = fetch(f"netrc={netrc}", server.url + "/a", server.url + "/b")
        require(a.code == b.code == 0, f"{a} {b}")
        require([r.login for r in server.seen] == ["me:pw"] * 2, "the login was not sent")
        require("pw" not in (other.seen[0].login or ""), "the password went to another host")
        url = server.url.replace("://", "://you:in-url@")
        one(f"netrc={netrc}", url).expect(code=0)
        require(server.seen[-1].login == "you:in-url", "the URL's login comes first")
        one(f"netrc={folder}/none", server.url).expect(code=0)


@test
def a_refusal_names_no_password(folder):
    with Server({"*": answer(b"", "401 No", WWW_Authenticate="Basic")}) as server:
        row = one(server.url.replace("://", "://me:secret@") + "/a?token=secret")
        row.expect(code=-3, text=f"cannot fetch '{server.url}/a': the server refuses it (HTTP status 401)", hint="netrc")
        require("secret" not in repr(row.text), "the password is shown")


@test
def a_header_of_megabytes(folder):
    with Server({"/one": answer(b"", X="x" * (2 << 20)), "/many": answer(b"", **{f"X{n}": "x" * 5000 for n in range(80)})}) as server:
        one_row, many = fetch(server.url + "/one", server.url + "/many")
        one_row.expect(code=-3)
        many.expect(code=-3, text="the header of its answer is larger than 262144 bytes")


@test
def a_body_without_end(folder):
    def endless(request):
        request.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            request.send(bytes(65536))
    with Server({"*": endless}) as server:
        one("max=1000000", server.url).expect(code=-3, text="its answer is larger than 1000000 bytes")


@test
def a_slow_drip(folder):
    def drip(request):
        request.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not HOLD.wait(0.1):
            request.send(b"x")
    with Server({"*": drip}) as server:
        one("stall=1", server.url).expect(code=-3, text="the server is too slow")


@test
def a_drip_of_headers(folder):
    def drip(request):
        request.send(b"HTTP/1.1 200 OK\r\nX: ")
        while not HOLD.wait(0.1):
            request.send(b"x")
    with Server({"*": drip}) as server:
        one("stall=1", server.url).expect(code=-3, text="the server is too slow")


def ends_soon(*words):
    """Long before the limits that hold without the options."""
    start = time.monotonic()
    row = one(*words)
    require(time.monotonic() - start < 12, f"it took {time.monotonic() - start:.1f} s")
    return row


@test
def silence_after_the_request(folder):
    with Server({"*": lambda request: HOLD.wait()}) as server:
        ends_soon("stall=1", server.url).expect(code=-3, text="the server is too slow")
        ends_soon("total=1", server.url).expect(code=-3, text="the server is too slow")


@test
def silence_instead_of_tls(folder):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ends_soon("connect=1", f"https://localhost:{listener.getsockname()[1]}/").expect(code=-3, text="the server is too slow")


@test
def headers_and_bodies_that_never_end_at_a_fair_pace(folder):
    def endless(begin, piece):
        def handler(request):
            request.send(begin)
            while not HOLD.wait(0.05):
                request.send(piece)
        return handler
    ok = b"HTTP/1.1 200 OK\r\n"
    with Server({"/headers": endless(ok, b"X: %s\r\n" % (b"x" * 50)),
                 "/interim": endless(b"", b"HTTP/1.1 103 Early Hints\r\nX: %s\r\n\r\n" % (b"x" * 50)),
                 "/body": endless(ok + b"\r\n", b"x" * 50)}) as server:
        for path in ("/headers", "/interim", "/body"):
            ends_soon("total=2", server.url + path).expect(code=-3, text="the server is too slow")


@test
def interim_answers_without_end(folder):
    def endless(request):
        while True:
            request.send(b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" * 1000)
    with Server({"*": endless}) as server:
        ends_soon(server.url).expect(code=-3, text="the header of its answer is larger than 262144 bytes")


@test
def redirects_share_the_time_of_their_request(folder):
    def slow(request):
        HOLD.wait(0.5)
        return redirect(request.path + "x")(request)
    with Server({"*": slow}) as server:
        ends_soon("total=2", server.url + "/").expect(code=-3, text="the server is too slow")
        require(1 < len(server.seen) < 9, f"{len(server.seen)} requests")


@test
def a_hang_and_an_interrupt(folder):
    with Server({"*": lambda request: HOLD.wait()}) as server:
        start = time.monotonic()
        one("cancel=200", server.url).expect(code=-4, text="interrupted")
        require(time.monotonic() - start < 10, "it took too long")


@test
def an_end_in_the_middle(folder):
    with Server({"*": lambda request: request.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc") and None}) as server:
        one(server.url).expect(code=-3, text="the connection ended before the answer did")
        require(len(server.seen) == 3, f"{len(server.seen)} tries")


@test
def what_passes_is_tried_again(folder):
    def sick(status, **headers):
        left = [2]

        def handler(request):
            left[0] -= 1
            return request.answer(b"sick", status, **headers) if left[0] >= 0 else request.answer(b"well")
        return handler

    def rude():
        left = [2]

        def handler(request):
            left[0] -= 1
            return None if left[0] >= 0 else request.answer(b"well")
        return handler
    with Server({"/503": sick("503 Busy"), "/429": sick("429 Slow Down", Retry_After="1"), "/502": sick("502 Bad"),
                 "/cut": rude(), "/sick": answer(b"", "500 Sick"), "/400": answer(b"", "400 Bad"),
                 "/later": answer(b"", "503 Busy", Retry_After="3600")}) as server:
        start = time.monotonic()
        rows = fetch(*(server.url + path for path in ("/503", "/429", "/502", "/cut", "/sick", "/400", "/later")))
        require([row.body for row in rows[:4]] == ["well"] * 4, repr(rows))
        require(time.monotonic() - start >= 2, "Retry-After was not heeded")
        rows[4].expect(code=-3, text="after 3 tries: HTTP status 500")
        rows[5].expect(code=-3, text="HTTP status 400")
        rows[6].expect(code=-3, text="HTTP status 503")
        tries = [server.targets().count(path) for path in ("/503", "/sick", "/400", "/later")]
        require(tries == [3, 3, 1, 1], f"tries: {tries}")


@test
def validators(folder):
    def handler(request):
        if request.headers.get("if-none-match") == '"v1"':
            return request.send(b"HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n")
        return request.answer(b"new", ETag='"v1"')
    with Server({"*": handler}) as server:
        one('etag="v1"', server.url).expect(code=0, status=304, body="")
        one('etag="v0"', server.url).expect(code=0, status=200, body="new")
        one('etag="v1"\r\nX-Evil: 1', server.url).expect(code=0, status=200, body="new")
        require("x-evil" not in server.seen[-1].headers, "a header was smuggled in")


@test
def parts(folder):
    text = b"0123456789"
    with Server({"*": ranges(text)}) as server:
        one("offset=2", "size=3", server.url).expect(code=0, status=206, body="234", total="10")
        one("last=4", server.url).expect(code=0, body="6789", total="10")
        one("last=40", server.url).expect(code=0, body="0123456789")
        one("offset=8", "size=5", server.url).expect(code=0, body="89")
        one("offset=10", "size=5", server.url).expect(code=-3, text="HTTP status 416")
        require(all(r.headers.get("accept-encoding") is None for r in server.seen), "a part must not be compressed")


@test
def parts_of_a_server_that_has_none(folder):
    sent = []

    def whole(request):
        request.send(b"HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\n\r\n0123456789")
        for _ in range(4577):
            request.send(bytes(65536))
            sent.append(65536)
    with Server({"/whole": whole, "/short": answer(b"0123456789")}) as server:
        one("offset=2", "size=3", server.url + "/whole").expect(code=0, status=200, body="234", total="300000000 ignored")
        require(sum(sent) < 100e6, f"{sum(sent)} bytes were sent")
        one("last=4", server.url + "/whole").expect(code=-3, text="serves no byte ranges", hint="download the file")
        one("last=4", server.url + "/short").expect(code=0, body="6789", total="10 ignored")
        one("offset=8", "size=5", server.url + "/short").expect(code=0, body="89")


@test
def parts_that_lie(folder):
    def lie(text, body=b"234"):
        return answer(body, "206 Partial Content", **({"Content_Range": text} if text else {}))
    cases = {"/none": lie(None), "/unit": lie("items 2-4/10"), "/other": lie("bytes 3-5/10"), "/total": lie("bytes 2-4/*"),
             "/past": lie("bytes 2-12/10"), "/short": lie("bytes 2-4/10", b"23"), "/huge": lie("bytes 2-4/99999999999999999999")}
    with Server(cases) as server:
        for path, row in zip(cases, fetch("offset=2", "size=3", *(server.url + path for path in cases))):
            require(row.code == -3, f"{path}: {row}")


@test
def a_proxy(folder):
    with Server({"*": answer(b"by proxy")}) as proxy, Server({"*": answer(b"direct")}) as server:
        one(f"http_proxy={proxy.url}", server.url + "/a").expect(code=0, body="by proxy")
        require(proxy.seen[-1].target == server.url + "/a", proxy.seen[-1].target)
        one(f"http_proxy={proxy.url}", "no_proxy=localhost", server.url).expect(code=0, body="direct")


@test
def nobody_there(folder):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://localhost:{unused.getsockname()[1]}/x"
        one(url).expect(code=-3, text=f"cannot fetch '{url}': ", hint="network")
    one("http://name.invalid/").expect(code=-3, hint="network")


@test
def something_that_is_no_web_server(folder):
    with Server({"*": lambda request: request.send(b"SSH-2.0-OpenSSH_9.2\r\n") and None}) as server:
        one(server.url).expect(code=-3)


def make_certificate(folder):
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def run(function):
    with tempfile.TemporaryDirectory(prefix="slipway-test-") as folder:
        try:
            function(pathlib.Path(folder))
        except (Failed, subprocess.SubprocessError, OSError) as problem:
            return problem
    return None


def main():
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        problems = list(pool.map(run, TESTS))
    print(f"1..{len(TESTS)}")
    for number, (function, problem) in enumerate(zip(TESTS, problems), 1):
        print(f"{'not ok' if problem else 'ok'} {number} - {function.__name__.replace('_', ' ')}")
        if problem:
            print(f"# {problem}")
    return any(problems)


if __name__ == "__main__":
    PROBE = sys.argv[1]
    sys.exit(main())
