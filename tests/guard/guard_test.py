#!/usr/bin/env python3
"""The guard against drivers of every kind, and as the first process of a PID namespace.

usage: guard_test.py GUARD LIBCUDA      (TAP on standard output)

LIBCUDA is built from fake_cuda.c: the driver of a machine with a GPU is not at hand here, and one machine's would be one
case. tests/gpu does the same with a real one.
"""
import json
import os
import pathlib
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time

GUARD, LIBCUDA = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
REFUSED = 78
SECONDS = 60
# A namespace of its own, with its /proc; root may do that without another user namespace.
UNSHARE = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--pid", "--fork", "--mount-proc"]

STACK = {
    "name": "mixtral", "gpu_memory": None, "torch": {"local": "2.6.0+cu124", "cuda": "12.4"},
    "guard": {"driver": "525", "sass": ["5.0", "6.0", "7.0", "7.5", "8.0", "8.6", "9.0"], "ptx": [],
              "profiles": [{"name": "mixtral-rtx5090", "capabilities": ["12.0"]}, {"name": "b200", "capabilities": ["10.0"]}]},
}
T4, L4, H200, RTX5090 = "7.5 15095 Tesla T4", "8.9 22478 NVIDIA L4", "9.0 143168 NVIDIA H200", "12.0 32120 NVIDIA GeForce RTX 5090"
NEWER = {"torch": {"local": "2.11.0+cu130", "cuda": "13.0"}, "guard": {"driver": "580", "sass": ["8.0", "9.0"], "ptx": ["9.0"]}}

# name, changes to the stack, the driver's answers, what standard error says; exit status 78 where it says "refused"
CASES = [
    ("a GPU that is served", {}, {"FAKE_CUDA": "12040", "FAKE_GPUS": H200}, ""),
    ("by machine code of a lower minor number", {}, {"FAKE_CUDA": "12040", "FAKE_GPUS": L4}, ""),
    ("by an older driver of the same major CUDA", {}, {"FAKE_CUDA": "12000", "FAKE_GPUS": T4}, ""),
    ("by PTX", {"guard": {"sass": ["8.0"], "ptx": ["9.0"]}}, {"FAKE_CUDA": "12040", "FAKE_GPUS": RTX5090}, ""),
    ("by code for its family", {"guard": {"sass": ["12.0f"]}}, {"FAKE_CUDA": "12080", "FAKE_GPUS": "12.1 1 GB10"}, ""),
    ("a GPU without code, and who serves it", {}, {"FAKE_CUDA": "12080", "FAKE_GPUS": RTX5090},
     "refused: GPU 0 (NVIDIA GeForce RTX 5090) has compute capability 12.0, and torch 2.6.0+cu124 has code for 5.0 6.0 7.0 7.5 "
     "8.0 8.6 9.0; for such a GPU there is profile 'mixtral-rtx5090'"),
    ("a GPU without code that nobody serves", {"guard": {"sass": ["7.0"], "profiles": []}},
     {"FAKE_CUDA": "12080", "FAKE_GPUS": "6.1 11264 GTX 1080 Ti"},
     "refused: GPU 0 (GTX 1080 Ti) has compute capability 6.1, and torch 2.6.0+cu124 has code for 7.0; no profile beside "
     "'mixtral' is meant for such a GPU"),
    ("an architecture's own code elsewhere", {"guard": {"sass": ["9.0a"], "profiles": []}},
     {"FAKE_CUDA": "12080", "FAKE_GPUS": "9.2 1 X"},
     "refused: GPU 0 (X) has compute capability 9.2, and torch 2.6.0+cu124 has code for 9.0a; no profile beside 'mixtral' is "
     "meant for such a GPU"),
    ("the second of two GPUs", {}, {"FAKE_CUDA": "12080", "FAKE_GPUS": f"{H200}\n{RTX5090}"},
     "refused: GPU 1 (NVIDIA GeForce RTX 5090) has compute capability 12.0, and torch 2.6.0+cu124 has code for 5.0 6.0 7.0 7.5 "
     "8.0 8.6 9.0; for such a GPU there is profile 'mixtral-rtx5090'"),
    ("a driver too old for the major CUDA", NEWER, {"FAKE_CUDA": "12080", "FAKE_GPUS": H200},
     "refused: the host's driver serves CUDA up to 12.8, and torch 2.11.0+cu130 is built with CUDA 13.0, which needs driver 580 "
     "or newer"),
    ("a driver too old to compile PTX", {"guard": {"sass": ["8.0"], "ptx": ["9.0"]}}, {"FAKE_CUDA": "12020", "FAKE_GPUS": RTX5090},
     "refused: the host's driver serves CUDA up to 12.2, and torch 2.6.0+cu124 is built with CUDA 12.4, whose code for GPU 0 "
     "(NVIDIA GeForce RTX 5090) the driver has to compile"),
    ("no GPU", {}, {"FAKE_CUDA": "12080"}, "refused: the driver sees no GPU"),
    ("no GPU, by the user's choice", {}, {"FAKE_INIT": "100", "CUDA_VISIBLE_DEVICES": "-1"},
     "refused: the driver sees no GPU with CUDA_VISIBLE_DEVICES='-1'"),
    ("a driver that fails", {}, {"FAKE_INIT": "803"},
     "refused: the host's driver does not work: cuInit says CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)"),
    ("a driver that crashes", {}, {"FAKE_INIT": "crash"}, "refused: the host's driver does not work: it crashed when it was asked"),
    ("a GPU that a trimmed image is for", {"guard": {"sass": ["9.0"], "trimmed": ["7.5", "9.0"]}}, {"FAKE_CUDA": "12080", "FAKE_GPUS": H200}, ""),
    ("a GPU that was trimmed away", {"guard": {"sass": ["8.6"], "trimmed": ["8.6"], "profiles": [{"name": "other", "capabilities": ["8.9"]}]}},
     {"FAKE_CUDA": "12080", "FAKE_GPUS": L4},
     "refused: GPU 0 (NVIDIA L4) has compute capability 8.9, and the image was trimmed to the code for 8.6; for such a GPU there is profile 'other'"),
    ("too little memory", {"gpu_memory": 24}, {"FAKE_CUDA": "12080", "FAKE_GPUS": f"{L4}\n{T4}"},
     "warning: GPU 1 (Tesla T4) has 15.8 GB of memory, and the profile asks for 24 GB"),
    ("memory as sold", {"gpu_memory": 16}, {"FAKE_CUDA": "12080", "FAKE_GPUS": T4}, ""),
    ("a warning instead", {}, {"FAKE_INIT": "100", "SLIPWAY_GUARD": "warn"}, "warning: the driver sees no GPU"),
    ("a stack without torch", {"torch": None, "guard": {"sass": [], "ptx": []}}, {"FAKE_CUDA": "9000", "FAKE_GPUS": "3.7 1 K80"}, ""),
    ("a stack without torch and no GPU", {"torch": None, "guard": {}}, {"FAKE_INIT": "100"}, "refused: the driver sees no GPU"),
]
BAD = ["", "[]", "{", '{"name": 1}', '{"name": "a", "name": "b"}', '{"guard": {"sass": ["9"]}}', '{"a": "\\x"}', "{} {}",
       '{"a": ' * 70 + "1" + "}" * 70, '{"torch": {"cuda": "new"}}', '{"gpu_memory": 1e9}', '{"a": 01}', "{\"a\": \"\n\"}"]


class Folder:
    def __init__(self, path):
        self.path, self.stack = path, path / "stack.json"
        (path / "lib").mkdir()
        (path / "lib/libcuda.so.1").symlink_to(LIBCUDA)
        self.stack.write_text(json.dumps(STACK))

    def command(self, *words):
        return [GUARD, "--stack", self.stack, *words]

    def environment(self, answers, library=True):
        return {"PATH": os.defpath, **({"LD_LIBRARY_PATH": str(self.path / "lib")} if library else {}), **answers}

    def run(self, words, answers, library=True, prefix=()):
        return subprocess.run([*prefix, *self.command(*words)], env=self.environment(answers, library), capture_output=True,
                              text=True, timeout=SECONDS)


GOOD = {"FAKE_CUDA": "12040", "FAKE_GPUS": H200}


def expect(got, wanted, what):
    assert got == wanted, f"{what} is {got!r}, wanted {wanted!r}"


def check_case(folder, changes, answers, line):
    folder.stack.write_text(json.dumps({**STACK, **changes}))
    done = folder.run(["echo", "started"], answers)
    expect(done.stderr, f"slipway guard: {line}\n" if line else "", "standard error")
    expect(done.returncode, REFUSED if line.startswith("refused") else 0, "the status")
    expect(done.stdout, "" if done.returncode else "started\n", "standard output")


def no_library(folder):
    done = folder.run(["true"], {}, library=False)
    if done.returncode == 0:
        return "this machine has a GPU"
    expect(done.returncode, REFUSED, "the status")
    assert "refused: no NVIDIA driver is to be seen (libcuda.so.1: " in done.stderr, done.stderr
    return None


def stacks_that_cannot_be_read(folder):
    for text in BAD:
        folder.stack.write_text(text)
        for words in (["true"], ["--read"]):
            done = folder.run(words, GOOD)
            expect(done.returncode, REFUSED, f"the status of {text[:40]!r}")
            assert done.stderr.startswith("slipway guard: refused: cannot use '"), done.stderr
    folder.stack.unlink()
    expect(folder.run(["true"], GOOD).returncode, REFUSED, "the status without a file")


def reading_only(folder):
    expect(folder.run(["--read"], {"FAKE_INIT": "100"}).returncode, 0, "the status")


def commands_that_cannot_run(folder):
    for prefix in ((), UNSHARE):
        expect(folder.run(["/nowhere"], GOOD, prefix=prefix).returncode, 127, "the status of what is not there")
        expect(folder.run(["/"], GOOD, prefix=prefix).returncode, 126, "the status of a folder")
    expect(folder.run([], GOOD).returncode, 2, "the status of nothing")


def its_size(_):
    assert GUARD.stat().st_size < 1 << 20, GUARD.stat().st_size


def exit_statuses(folder):
    for script, status in (("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill -15 $$", 143)):
        expect(folder.run(["sh", "-c", script], GOOD, prefix=UNSHARE).returncode, status, f"the status of {script!r}")


def started(folder, *words):
    """The guard as the first process of a namespace, once its command has said "ready", with its PID out here."""
    running = subprocess.Popen([*UNSHARE, *folder.command(*words)], env=folder.environment(GOOD), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    expect(running.stdout.readline(), "ready\n", "the first line")
    own = pathlib.Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    return running, int(own[0])


# A command that waits for one signal and says how often it came: no shell, whose traps can miss one.
WAIT = """
import signal, sys
wanted = {getattr(signal, sys.argv[1])}
signal.pthread_sigmask(signal.SIG_BLOCK, wanted)
print("ready", flush=True)
print("got", signal.sigwait(wanted).name, flush=True)
if signal.sigtimedwait(wanted, 0.2):
    print("and again", flush=True)
sys.exit(3)
"""


def signals_are_passed_on(folder):
    for name in ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGWINCH", "SIGINT"):
        running, first = started(folder, sys.executable, "-c", WAIT, name)
        with running:
            os.kill(first, getattr(signal, name))
            out, _ = running.communicate(timeout=SECONDS)
        expect((out, running.returncode), (f"got {name}\n", 3), name)


def the_driver_stays_open(folder):
    """For the service's own start of it, where the guard stays; a child of what the guard becomes would be a stranger to it."""
    script = "cat /proc/[0-9]*/maps 2>/dev/null | grep -q libcuda"
    expect(folder.run(["sh", "-c", script], GOOD, prefix=UNSHARE).returncode, 0, "the status as the first process")
    script = "import sys; sys.exit(len(open('/proc/thread-self/children').read()))"
    expect(folder.run([sys.executable, "-c", script], GOOD).returncode, 0, "the status otherwise")


def zombies_are_reaped(folder):
    # An orphan's /proc entry goes away only when the first process has reaped it.
    script = """
        orphan=$( (bash -c 'echo $$' >&3 & ) 3>&1)
        for i in $(seq 600); do [ -d /proc/$orphan ] || exit 5; sleep 0.1; done
        exit 6"""
    expect(folder.run(["bash", "-c", script], GOOD, prefix=UNSHARE).returncode, 5, "the status (6: a zombie stays)")


def a_terminal_is_the_commands(folder):
    """Ctrl-C reaches the command, once: it is in the terminal's foreground and the guard is not."""
    pid, terminal = pty.fork()
    if pid == 0:
        command = [*UNSHARE, *folder.command(sys.executable, "-c", WAIT, "SIGINT")]
        os.execvpe(command[0], [str(word) for word in command], folder.environment(GOOD))
    seen, ends = b"", time.monotonic() + SECONDS
    while time.monotonic() < ends:
        if select.select([terminal], [], [], 1)[0]:
            try:
                more = os.read(terminal, 4096)
            except OSError:
                break  # the other side is closed
            if b"ready" in more:
                os.write(terminal, b"\x03")
            seen += more
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    expect(os.waitstatus_to_exitcode(status), 3, f"the status after {seen!r}")
    assert b"got SIGINT" in seen and b"again" not in seen, seen


def main():
    cases = [(name, lambda folder, row=row: check_case(folder, *row)) for name, *row in CASES]
    cases += [(case.__name__.replace("_", " "), case) for case in (
        no_library, stacks_that_cannot_be_read, reading_only, commands_that_cannot_run, its_size, exit_statuses,
        the_driver_stays_open, signals_are_passed_on, zombies_are_reaped, a_terminal_is_the_commands)]
    print(f"1..{len(cases)}")
    for number, (name, case) in enumerate(cases, 1):
        skip = fault = None
        with tempfile.TemporaryDirectory(prefix="guard-") as folder:
            try:
                skip = case(Folder(pathlib.Path(folder)))
            except (AssertionError, OSError, IndexError, subprocess.TimeoutExpired) as error:
                fault = f"{type(error).__name__}: {error}"
        print(f"{'not ok' if fault else 'ok'} {number} - {name}{f' # SKIP {skip}' if skip else ''}", flush=True)
        if fault:
            print("# " + fault.replace("\n", "\n# "), flush=True)


main()
