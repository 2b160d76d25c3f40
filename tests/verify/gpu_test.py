#!/usr/bin/env python3
"""By which way `verify --gpus` asks an engine for GPUs, and what it makes of the probe's answer.

usage: gpu_test.py SLIPWAY      (TAP on standard output)

The engine is a stand-in with the few calls of a verification, in the shapes of the Docker Engine API: real ones with the nvidia runtime or
CDI need a GPU. tests/gpu tries plain devices with a real one.
"""
import http.server
import json
import pathlib
import socketserver
import subprocess
import sys
import tempfile
import threading

SLIPWAY = pathlib.Path(sys.argv[1]).resolve()
IMAGE = "example/gpu:1"
KERNEL = {"check": "gpu", "at": "torch.version", "what": "a float32 matrix product on GPU 0 (NVIDIA H200)", "code": "SW401",
          "fault": None, "untried": None}
HELD = [{"check": check, "at": "requirements", "what": check, "code": "SW401", "fault": None, "untried": None}
        for check in ("installs", "files", "dependencies", "numpy")]
ANSWER = {"python": "3.11.2", "results": [KERNEL, *HELD], "freeze": [], "driver": {"release": "580.65.06", "cuda": "13.0"},
          "gpus": [{"name": "NVIDIA H200", "compute_capability": "9.0", "memory": 150121545728}]}


class Engine(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Answers as an engine that says `info` of itself; keeps what containers were made of."""
    daemon_threads = True

    def __init__(self, path, info, answer):
        self.info, self.answer, self.created = info, answer, []
        self.started = threading.Event()
        super().__init__(str(path), Calls)


class Calls(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "engine"

    def log_message(self, *_):
        pass

    def say(self, value, status=200):
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Api-Version", "1.45")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        path = self.path.split("?")[0]
        if path.endswith("/_ping"):
            self.say(b"OK")
        elif path.endswith("/version"):
            self.say({"Version": "26.1.5", "ApiVersion": "1.45", "MinAPIVersion": "1.24", "Os": "linux", "Arch": "amd64"})
        elif path.endswith("/info"):
            self.say(self.server.info)
        elif "/images/" in path:
            self.say({"Id": "sha256:1", "Config": {"Labels": {"io.slipway.plan": "0"}, "Env": ["LD_LIBRARY_PATH=/own"]}})
        elif path.endswith("/containers/json"):
            self.say([])
        elif "/containers/" in path:
            self.say({"State": {"ExitCode": int(any(row["fault"] for row in self.server.answer["results"])), "OOMKilled": False}})
        else:
            self.say({"message": "page not found"}, 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "/containers/create" in self.path:
            self.server.created.append(json.loads(body))
            self.say({"Id": "c"}, 201)
        elif "/attach" in self.path:
            self.send_response(200)
            self.end_headers()
            self.wfile.flush()
            self.server.started.wait(60)
            words = self.server.created[0]["Cmd"]
            text = json.dumps({"nonce": words[words.index("--nonce") + 1], **self.server.answer}).encode()
            self.wfile.write(b"\1\0\0\0" + len(text).to_bytes(4, "big") + text)
            self.close_connection = True
        elif self.path.endswith("/start"):
            self.server.started.set()
            self.say({}, 200)
        elif self.path.endswith("/wait"):
            self.say({"StatusCode": 0})
        else:
            self.send_response(204)
            self.end_headers()

    def do_DELETE(self):
        self.send_response(204)
        self.end_headers()


def verify(info, *words, answer=None):
    """(exit status, result, what the container was made of)."""
    with tempfile.TemporaryDirectory(prefix="gpu-") as folder:
        path = pathlib.Path(folder, "engine.sock")
        with Engine(path, info, answer or ANSWER) as engine:
            threading.Thread(target=engine.serve_forever, daemon=True).start()
            done = subprocess.run([SLIPWAY, "-C", folder, "-H", f"unix://{path}", "--format", "json", "verify", IMAGE, *words],
                                  capture_output=True, text=True, timeout=60)
            engine.shutdown()
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout), engine.created


def expect(got, wanted, what):
    assert got == wanted, f"{what}: {got}, wanted {wanted}"


def requests(created):
    return created[0]["HostConfig"].get("DeviceRequests")


def the_nvidia_runtime():
    status, result, created = verify({"Runtimes": {"runc": {}, "nvidia": {"path": "nvidia-container-runtime"}}}, "--gpus", "all")
    expect((status, result["gpu_way"]), (0, "the nvidia runtime"), "the way")
    expect(requests(created), [{"Capabilities": [["gpu"]], "Count": -1}], "the request")
    assert "--gpu" in created[0]["Cmd"], created[0]["Cmd"][2:]
    expect((result["driver"]["release"], result["gpus"][0]["name"]), ("580.65.06", "NVIDIA H200"), "the GPU")


def some_gpus_of_the_runtime():
    info = {"Runtimes": {"nvidia": {}}}
    expect(requests(verify(info, "--gpus", "2")[2]), [{"Capabilities": [["gpu"]], "Count": 2}], "two")
    expect(requests(verify(info, "--gpus", "device=0,GPU-3a")[2]), [{"Capabilities": [["gpu"]], "DeviceIDs": ["0", "GPU-3a"]}], "named")


def cdi():
    info = {"Runtimes": {"runc": {}}, "CDISpecDirs": ["/etc/cdi"],
            "DiscoveredDevices": [{"Source": "cdi", "ID": "nvidia.com/gpu=0"}, {"Source": "cdi", "ID": "nvidia.com/gpu=all"}]}
    status, result, created = verify(info, "--gpus", "all")
    expect((status, result["gpu_way"]), (0, "CDI"), "the way")
    expect(requests(created), [{"Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=all"]}], "the request")
    expect(requests(verify(info, "--gpus", "2")[2]), [{"Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=0", "nvidia.com/gpu=1"]}], "two")


def another_makers_cdi():
    if pathlib.Path("/dev/nvidiactl").exists():
        return "this machine has a GPU"
    info = {"Runtimes": {}, "DiscoveredDevices": [{"Source": "cdi", "ID": "vendor.com/net=0"}]}
    status, result, created = verify(info, "--gpus", "all", answer={**ANSWER, "results": HELD, "gpus": []})
    expect((status, result["gpu_way"], result["untried"]), (0, None, 1), "the result")
    expect([(f["code"], f["severity"]) for f in result["findings"]], [("SW403", "warning")], "the findings")
    assert "nvidia runtime" in result["findings"][0]["message"], result["findings"]
    assert requests(created) is None and "--no-gpu" in created[0]["Cmd"], created
    return None


def no_gpus_asked_for():
    _, result, created = verify({"Runtimes": {"nvidia": {}}})
    assert requests(created) is None and result["gpu_way"] is None, created


def a_kernel_that_is_wrong():
    wrong = {**KERNEL, "code": "SW308", "fault": "a float32 matrix product on GPU 0: no kernel image is available"}
    status, result, _ = verify({"Runtimes": {"nvidia": {}}}, "--gpus", "all", answer={**ANSWER, "results": [wrong, *HELD]})
    expect((status, result["failed"], result["findings"][0]["code"]), (1, 1, "SW308"), "the result")


def a_wish_that_is_none():
    for wish in ("none", "0", "device=", "device=0,", "-1", "65"):
        status, result, created = verify({"Runtimes": {"nvidia": {}}}, "--gpus", wish)
        expect((status, created), (2, []), f"the status for {wish!r}")
        assert "names no GPUs" in json.dumps(result), result


def what_is_kept_beside_gpus():
    """What a GPU needs comes on top of the limits, not instead of them."""
    config = verify({"Runtimes": {"nvidia": {}}}, "--gpus", "all")[2][0]["HostConfig"]
    expect((config["CapDrop"], config["SecurityOpt"], config["ReadonlyRootfs"]), (["ALL"], ["no-new-privileges"], True), "the rights")
    expect((config["NetworkMode"], config["LogConfig"]), ("none", {"Type": "none"}), "the network and the log")
    assert config["PidsLimit"] > 0 and config["Memory"] == config["MemorySwap"] > 0 and list(config["Tmpfs"]) == ["/tmp"], config


def an_answer_of_another_run():
    status, result, _ = verify({"Runtimes": {"nvidia": {}}}, answer={**ANSWER, "nonce": "0" * 32})
    expect((status, result["failed"], result["findings"][0]["code"]), (1, 1, "SW401"), "the result")
    assert "does not bear the number" in result["findings"][0]["message"], result["findings"]


CASES = [the_nvidia_runtime, what_is_kept_beside_gpus, an_answer_of_another_run, some_gpus_of_the_runtime, cdi, another_makers_cdi, no_gpus_asked_for, a_kernel_that_is_wrong,
         a_wish_that_is_none]


def main():
    print(f"1..{len(CASES)}")
    for number, case in enumerate(CASES, 1):
        skip = fault = None
        try:
            skip = case()
        except (AssertionError, KeyError, IndexError, ValueError, subprocess.TimeoutExpired) as error:
            fault = f"{type(error).__name__}: {error}"
        print(f"{'not ok' if fault else 'ok'} {number} - {case.__name__.replace('_', ' ')}{f' # SKIP {skip}' if skip else ''}",
              flush=True)
        if fault:
            print("# " + fault.replace("\n", "\n# "), flush=True)


main()
