"""A web server whose answers are scripted, for what a well-kept one would never send.

    with Server({"/a": answer(b"hello"), "/b": handler}) as server: ... server.url ...

A handler gets a Request and writes to its connection as it likes; it returns true where the connection can go on.
"""
import base64
import dataclasses
import socket
import ssl
import threading


@dataclasses.dataclass
class Request:
    server: object
    connection: object
    method: str
    target: str
    headers: dict

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def login(self):
        kind, _, value = self.headers.get("authorization", "").partition(" ")
        return base64.b64decode(value).decode() if kind == "Basic" else None

    @property
    def range(self):
        """(first, last) of "bytes=FIRST-LAST", (None, N) of "bytes=-N", or None."""
        unit, _, text = self.headers.get("range", "").partition("=")
        if unit != "bytes":
            return None
        first, _, last = text.partition("-")
        return int(first) if first else None, int(last)

    def send(self, data):
        self.connection.sendall(data)
        return True

    def answer(self, body, status="200 OK", **headers):
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def answer(body, status="200 OK", **headers):
    return lambda request: request.answer(body, status, **headers)


def redirect(to, status="302 Found"):
    """`to` may hold {server}, the server's own URL."""
    return lambda request: request.answer(b"moved", status, Location=to.format(server=request.server.url))


def ranges(body, **headers):
    """Serves parts of the body, as a well-kept server does."""
    def handler(request):
        if not request.range:
            return request.answer(body, **headers)
        first, last = request.range
        if first is None:
            first, last = max(0, len(body) - last), len(body) - 1
        if first >= len(body):
            return request.answer(b"", "416 Range Not Satisfiable", Content_Range=f"bytes */{len(body)}")
        last = min(last, len(body) - 1)
        return request.answer(body[first:last + 1], "206 Partial Content",
                              Content_Range=f"bytes {first}-{last}/{len(body)}", **headers)
    return handler


class Server:
    def __init__(self, script, certificate=None, key=None):
        self.script = script
        self.seen = []  # requests, in order
        self.connections = 0
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.url = f"http{'s' if certificate else ''}://localhost:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def targets(self):
        return [request.target for request in self.seen]

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as reader:
                while self.one(connection, reader):
                    pass
        except OSError:
            pass

    def one(self, connection, reader):
        line = reader.readline().decode()
        if not line:
            return False
        headers = {}
        for header in iter(reader.readline, b"\r\n"):
            if not header:
                return False
            name, _, value = header.decode().partition(":")
            headers[name.lower()] = value.strip()
        method, target, _ = line.split()
        request = Request(self, connection, method, target, headers)
        self.seen.append(request)
        handler = self.script.get(request.path) or self.script.get("*") or answer(b"", "404 Not Found")
        return handler(request)
