#!/usr/bin/env python3
"""`slipway mcp` with the protocol's own reference client, and with messages that no client sends.

usage: mcp_test.py SLIPWAY   (TAP on standard output)

The client is the project `mcp` of the package index, in a virtual environment in the tests' cache; without a network and without
that environment its tests are skipped.
"""
import fcntl
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile

CLIENT = "mcp>=1.20,<2"
SLIPWAY = pathlib.Path(sys.argv[1]).resolve()
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "slipway-tests"
DOCKERFILE = "FROM python:3.11-slim\nRUN pip install torch==2.4.0 --index-url https://download.pytorch.org/whl/cu124\n"
PROFILE = "slipway: 1\nname: web\naccelerators: [rtx-5090]\ntorch: {version: \"2.8.0\", cuda: \"12.8\"}\n"
LOG = "#9 [4/4] RUN python -c 'import torch'\nModuleNotFoundError: No module named 'torch'\n"

SESSION = """
import asyncio, json, sys
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

async def main():
    server = StdioServerParameters(command=sys.argv[1], args=["-C", sys.argv[2], "--offline", "mcp"])
    told = {}
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        begun = await session.initialize()
        told["server"] = begun.serverInfo.name
        told["tools"] = [[tool.name, tool.annotations.readOnlyHint] for tool in (await session.list_tools()).tools]
        await session.send_ping()
        for name, tool, arguments in json.loads(sys.argv[3]):
            done = await session.call_tool(tool, arguments)
            told[name] = [done.isError, done.structuredContent, [part.text for part in done.content]]
        together = await asyncio.gather(*(session.call_tool("plan", {"profile": "web"}) for _ in range(4)))
        told["together"] = [done.structuredContent["name"] for done in together]
    print(json.dumps(told))

asyncio.run(main())
"""


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(str(text)[:3000])


def client_python():
    """The Python of an environment with the client; None if it cannot be made here."""
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / f"mcp-client-{sys.version_info[0]}.{sys.version_info[1]}"
    with open(CACHE / "mcp-client.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "whole").exists():
            made = subprocess.run([sys.executable, "-m", "venv", "--clear", folder], capture_output=True, text=True)
            if made.returncode == 0:
                made = subprocess.run([folder / "bin/python", "-m", "pip", "install", "-q", CLIENT], capture_output=True, text=True)
            if made.returncode != 0:
                return None, made.stderr.strip().splitlines()[-1:]
            (folder / "whole").touch()
    return folder / "bin/python", None


class Server:
    """A server that is spoken to by hand."""

    def __init__(self, folder, index=None, words=()):
        words = [SLIPWAY, "-C", folder, *words, "mcp"] if index else [SLIPWAY, "-C", folder, *words, "--offline", "mcp"]
        environment = {**os.environ, **({"PIP_INDEX_URL": index, "no_proxy": "*"} if index else {})}
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        env=environment)

    def send(self, message):
        data = message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n"
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def read(self):
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        rest = self.process.stdout.read()
        return self.process.wait(60), rest


def make_project(folder):
    (folder / "slipway").mkdir()
    (folder / "slipway/web.yaml").write_text(PROFILE)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    subprocess.run(["git", "init", "-q", folder], check=True)


def the_reference_client(folder):
    python, reason = client_python()
    if python is None:
        return f"the client cannot be installed: {reason}"
    calls = [["check", "check", {"targets": ["Dockerfile"], "gpus": ["rtx-5090"]}],
             ["explain", "explain", {"log": LOG}],
             ["plan", "plan", {"profile": "web"}],
             ["fix", "fix", {"profile": "web"}],
             ["suggest", "suggest", {"gpus": ["rtx-5090"]}],
             ["none", "check", {"targets": ["--version"]}],
             ["wrong", "plan", {"profile": "nowhere"}]]
    done = subprocess.run([python, "-c", SESSION, SLIPWAY, folder, json.dumps(calls)], capture_output=True, text=True, timeout=300)
    check(done.returncode == 0, done.stderr)
    told = json.loads(done.stdout)
    check(told["server"] == "slipway", told)
    check(told["tools"] == [["check", True], ["explain", True], ["fix", False], ["inspect", True], ["plan", True], ["suggest", True]],
          told["tools"])
    error, document, texts = told["check"]
    found = [(finding["code"], finding["file"], finding["line"]) for finding in document["findings"] if finding["severity"] == "error"]
    check(not error and found[0][0] == "SW201" and found[0][1].endswith("Dockerfile") and found[0][2] == 2, found)
    check(json.loads(texts[0]) == document, "the text is another document")
    check(told["explain"][1]["findings"][0]["code"] == "SW305", told["explain"])
    check(told["plan"][1]["torch"]["version"] == "2.8.0" and told["together"] == ["web"] * 4, told["plan"])
    check(not told["fix"][0] and (folder / "slipway/web.yaml").read_text() == PROFILE, told["fix"])
    check("torch" in json.dumps(told["suggest"][1]), told["suggest"])
    check("--version" in json.dumps(told["none"]), told["none"])
    check(told["wrong"][0] and "nowhere" in json.dumps(told["wrong"]), told["wrong"])


def messages_that_no_client_sends(folder):
    server = Server(folder)
    for message, code in ((b"{\n", -32700), (b"[]\n", -32600), (b"{}\n", -32600), ({"id": 1}, -32600), ({"id": {}, "method": "ping"}, -32600),
                          ({"id": 1, "method": "none"}, -32601), ({"id": 1, "method": "tools/call"}, -32602),
                          ({"id": 1, "method": "tools/call", "params": {"name": "check", "arguments": {"x": 1}}}, -32602),
                          ({"id": 1, "method": "tools/call", "params": {"name": "check", "arguments": {"targets": "x"}}}, -32602),
                          ({"id": 1, "method": "tools/call", "params": {"name": "plan", "arguments": {}}}, -32602),
                          ({"id": 1, "method": "tools/call", "params": {"name": "plan", "arguments": {"profile": "a\0b"}}}, -32602)):
        server.send(message)
        answer = server.read()
        check(answer["error"]["code"] == code, f"{message}: {answer}")
    server.send(b"\n")
    server.send({"method": "notifications/initialized"})
    server.send({"method": "notifications/cancelled", "params": {"requestId": 77}})
    server.send({"id": "a\"b", "method": "ping"})
    check(server.read() == {"jsonrpc": "2.0", "id": "a\"b", "result": {}}, "ping")
    check(server.end() == (0, b""), "the end")


def a_call_names_no_file_outside_of_the_project(folder):
    outside = folder.parent / f"{folder.name}-outside.txt"
    outside.write_text("a word that nobody may read\n")
    (folder / "link.txt").symlink_to(outside)
    calls = [("check", {"targets": ["Dockerfile", str(outside)]}), ("check", {"targets": ["link.txt"]}), ("check", {"targets": [f"../{outside.name}"]}),
             ("plan", {"profile": str(outside)}), ("explain", {"log": "x", "profile": str(outside)}), ("inspect", {"subject": "/etc/x.whl"})]
    for allowed, code in (([], -32602), (["--allow", f"fs.read={folder.parent}", "--allow", "fs.read=/etc"], None)):
        server = Server(folder, words=allowed)
        for number, (tool, arguments) in enumerate(calls):
            server.send({"id": number, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})
            answer = server.read()
            check(answer.get("error", {}).get("code") == code, f"{tool} {arguments}: {answer}")
            check(code is None or ("nobody may read" not in json.dumps(answer) and "--allow" in json.dumps(answer)), answer)
        check(server.end() == (0, b""), "the end")
    outside.unlink()


def an_interrupt_ends_all_calls_at_once(folder):
    silent = socket.create_server(("127.0.0.1", 0))
    server = Server(folder, f"http://127.0.0.1:{silent.getsockname()[1]}/simple")
    for number in range(4):
        server.send({"id": number, "method": "tools/call", "params": {"name": "inspect", "arguments": {"subject": f"none{number}==1.0"}}})
    silent.settimeout(60)
    connections = [silent.accept() for _ in range(4)]
    server.process.send_signal(signal.SIGINT)
    check(server.process.wait(60) == 130, "the status")
    left = subprocess.run(["pgrep", "-g", str(os.getpgid(0)), "-f", str(folder)], capture_output=True, text=True).stdout
    check(not left, f"calls go on: {left}")
    del connections


def a_call_is_cancelled(folder):
    silent = socket.create_server(("127.0.0.1", 0))  # an index that takes connections and says nothing
    server = Server(folder, f"http://127.0.0.1:{silent.getsockname()[1]}/simple")
    server.send({"id": 1, "method": "tools/call", "params": {"name": "inspect", "arguments": {"subject": "none==1.0"}}})
    silent.settimeout(60)
    connection, _ = silent.accept()
    server.send({"id": 2, "method": "tools/call", "params": {"name": "explain", "arguments": {"log": LOG}}})
    answer = server.read()
    check(answer["id"] == 2, answer)
    server.send({"method": "notifications/cancelled", "params": {"requestId": 1}})
    server.send({"id": 3, "method": "ping"})
    check(server.read()["id"] == 3, "ping")
    check(server.end() == (0, b""), "a cancelled call is answered")
    connection.close()
    silent.close()


def its_end_ends_its_calls(folder):
    server = Server(folder)
    server.send({"id": 2, "method": "tools/call", "params": {"name": "plan", "arguments": {"profile": "web"}}})
    status, rest = server.end()
    check(status == 0 and json.loads(rest)["id"] == 2, f"{status} {rest}")


def too_long_a_message_is_refused(folder):
    server = Server(folder)
    try:
        server.send(b"[" * (80 << 20))
    except BrokenPipeError:
        pass
    server.process.stdin = open(os.devnull, "wb")
    check(server.end()[0] == 2, "it reads on")


def main():
    tests = [the_reference_client, messages_that_no_client_sends, a_call_names_no_file_outside_of_the_project,
             an_interrupt_ends_all_calls_at_once, a_call_is_cancelled, its_end_ends_its_calls, too_long_a_message_is_refused]
    print(f"1..{len(tests)}")
    failed = False
    for number, test in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            make_project(folder)
            try:
                skipped, reason = test(folder), None
            except Failed as error:
                skipped, reason = None, str(error)
        failed = failed or reason is not None
        print(f"{'not ' if reason is not None else ''}ok {number} - {test.__name__.replace('_', ' ')}{' # SKIP ' + skipped if skipped else ''}",
              flush=True)
        for line in (reason or "").splitlines():
            print(f"# {line}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
