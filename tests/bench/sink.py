"""A registry in an engine's network that takes every push and keeps nothing but the manifests: what a pull would bring, without room for it."""
import contextlib
import ctypes
import hashlib
import http.server
import json
import os
import pathlib
import socket
import threading
import urllib.parse

CLONE_NEWNET = 0x40000000
PORT = 5000


def children(pid):
    return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def first_process(engine):
    """The first process in the namespaces of the engine that tests/engines/rig keeps in a folder."""
    supervisor = int((engine / "pid").read_text())
    return next(children(child)[0] for child in children(supervisor) if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "unshare")


def listen(engine):
    """A socket in the engine's network. Only the thread that makes the socket enters it."""
    made = []

    def enter():
        network = os.open(f"/proc/{first_process(engine)}/ns/net", os.O_RDONLY)
        if ctypes.CDLL(None, use_errno=True).setns(network, CLONE_NEWNET) == 0:
            made.append(socket.create_server(("127.0.0.1", PORT)))
        os.close(network)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    return made[0]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    blobs, manifests = {}, {}  # sizes by digest; contents by name

    def log_message(self, *_):
        pass

    def answer(self, status, **headers):
        self.send_response(status)
        for name, value in {"Docker_Distribution_Api_Version": "registry/2.0", "Content_Length": "0", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def body(self):
        """The chunks of the request's content."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            rest = int(self.headers.get("Content-Length", 0))
            while rest > 0:
                chunk = self.rfile.read(min(rest, 1 << 20))
                rest -= len(chunk) or rest
                yield chunk
            return
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def do_GET(self):
        self.answer(200 if self.path == "/v2/" else 404)

    def do_HEAD(self):
        size = self.blobs.get(self.path.rsplit("/", 1)[1])
        self.answer(404) if size is None else self.answer(200, Content_Length=str(size), Content_Type="application/octet-stream")

    def do_POST(self):
        sum(map(len, self.body()))
        self.take(0)

    def do_PATCH(self):
        self.take(int(urllib.parse.urlsplit(self.path).query or 0) + sum(map(len, self.body())))

    def take(self, size):
        """The bytes of an upload so far stand in its address."""
        self.answer(202, Location=f"{urllib.parse.urlsplit(self.path).path}?{size}", Range=f"0-{max(size - 1, 0)}", Docker_Upload_UUID="sink")

    def do_PUT(self):
        address = urllib.parse.urlsplit(self.path)
        if "/manifests/" in address.path:
            content = b"".join(self.body())
            digest = "sha256:" + hashlib.sha256(content).hexdigest()
            self.manifests[address.path.removeprefix("/v2/").split("/manifests/")[0]] = json.loads(content)
        else:
            words = urllib.parse.parse_qsl(address.query, keep_blank_values=True)
            digest = dict(words)["digest"]
            self.blobs[digest] = sum(int(name) for name, value in words if name.isdigit() and not value) + sum(map(len, self.body()))
        self.answer(201, Docker_Content_Digest=digest, Location=address.path)


@contextlib.contextmanager
def sink(engine):
    """Gives the manifests by the names of their images, as they come."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listen(engine)
    Handler.blobs, Handler.manifests = {}, {}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Handler.manifests
    finally:
        server.shutdown()
        server.server_close()
