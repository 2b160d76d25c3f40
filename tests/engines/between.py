#!/usr/bin/env python3
"""Stands between a client and a server that speak HTTP, and does one harm.

usage: between.py LISTEN TARGET PATTERN DIRECTION BYTES ACTION TIMES      LISTEN, TARGET: a socket's path, or a port on localhost

From the request whose first line matches PATTERN on, BYTES pass in DIRECTION ("up": to the server, "down": from it); then ACTION
is done: "stall" (nothing passes any more), "cut" (both are hung up on), or "503" (the client is answered so, and hung up on). After
TIMES such requests all passes. Prints "ready", and "met" each time.
"""
import re
import socket
import sys
import threading

LISTEN, TARGET, PATTERN, DIRECTION, BYTES, ACTION, TIMES = sys.argv[1:]
ANSWER = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
lock = threading.Lock()
left = int(TIMES)


def socket_of(place, use):
    family = socket.AF_INET if place.isdigit() else socket.AF_UNIX
    made = socket.socket(family)
    if family == socket.AF_INET:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    getattr(made, use)(("127.0.0.1", int(place)) if place.isdigit() else place)
    return made


class Connection:
    def __init__(self, client):
        self.client, self.server, self.passed = client, socket_of(TARGET, "connect"), None

    def harm(self):
        print("met", flush=True)
        if ACTION == "stall":
            threading.Event().wait()
        if ACTION == "503":
            self.client.sendall(ANSWER)
        for end in (self.client, self.server):
            end.shutdown(socket.SHUT_RDWR)

    def begins(self, data):
        """A request begins with a piece: its client waits for the answer to the one before."""
        global left
        with lock:
            if left == 0 or not re.match(PATTERN.encode(), data.split(b"\r\n")[0]):
                return False
            left -= 1
            return True

    def pump(self, source, target, direction):
        try:
            while data := source.recv(65536):
                if direction == "up" and self.passed is None and self.begins(data):
                    self.passed = 0
                if self.passed is not None and direction == DIRECTION:
                    self.passed += len(data)
                    if self.passed > int(BYTES):
                        target.sendall(data[:len(data) - (self.passed - int(BYTES))])
                        return self.harm()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def serve(self):
        threading.Thread(target=self.pump, args=[self.server, self.client, "down"], daemon=True).start()
        self.pump(self.client, self.server, "up")


def main():
    listener = socket_of(LISTEN, "bind")
    listener.listen(16)
    print("ready", flush=True)
    while True:
        threading.Thread(target=Connection(listener.accept()[0]).serve, daemon=True).start()


main()
