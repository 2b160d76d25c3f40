#!/usr/bin/env python3
"""A proxy that reads all TLS, as in companies: it signs each host's certificate itself.

usage: proxy.py FOLDER     makes an authority there (ca.pem), prints the proxy's port, and serves all addresses of this machine until it is
                           killed; a line on standard error for each host that was asked for
"""
import contextlib
import pathlib
import re
import socket
import socketserver
import ssl
import subprocess
import sys
import threading

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
REQUEST = re.compile(rb"CONNECT ([\w.-]+):(\d+) ")


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Authority:
    """Signs a certificate for each host, once."""

    def __init__(self, folder):
        self.folder, self.contexts, self.lock = folder, {}, threading.Lock()
        openssl("req", "-x509", *CURVE, "-subj", "/CN=proxy", "-days", "2", "-keyout", folder / "ca.key", "-out", folder / "ca.pem")

    def context(self, host):
        with self.lock:
            if host not in self.contexts:
                self.contexts[host] = self.make(host)
            return self.contexts[host]

    def make(self, host):
        key, request, certificate, names = (self.folder / f"{host}.{kind}" for kind in ("key", "csr", "pem", "names"))
        openssl("req", *CURVE, "-subj", "/CN=host", "-keyout", key, "-out", request)
        names.write_text(f"subjectAltName=DNS:{host}\n")
        openssl("x509", "-req", "-in", request, "-CA", self.folder / "ca.pem", "-CAkey", self.folder / "ca.key", "-CAcreateserial",
                "-days", "2", "-extfile", names, "-out", certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context


class Proxy(socketserver.ThreadingTCPServer):
    """Ends the TLS of each CONNECT, and passes all on by connect(HOST, PORT)."""

    daemon_threads, allow_reuse_address = True, True

    def __init__(self, folder, connect, address="127.0.0.1"):
        self.authority, self.connect = Authority(folder), connect
        super().__init__((address, 0), Connection)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # a client that does not trust the certificate, or has left


class Connection(socketserver.BaseRequestHandler):
    def handle(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.request.recv(1)
            if not byte:
                return
            head += byte
        host, port = REQUEST.match(head).groups()
        with self.server.connect(host.decode(), int(port)) as target:
            self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with self.server.authority.context(host.decode()).wrap_socket(self.request, server_side=True) as client:
                threading.Thread(target=relay, args=(target, client), daemon=True).start()
                relay(client, target)


def relay(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def by_tls(host, port):
    print(host, file=sys.stderr, flush=True)
    return ssl.create_default_context().wrap_socket(socket.create_connection((host, port), timeout=60), server_hostname=host)


def main():
    print(Proxy(pathlib.Path(sys.argv[1]), by_tls, "").port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
