#!/usr/bin/env python3
"""The displays of a build, driven by streams and looked at as a terminal shows them.

usage: display_test.py DISPLAY-REPLAY DISPLAY-BOARD      prints TAP
"""
import base64
import fcntl
import gzip
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "commands"))
import hostile  # noqa: E402

try:
    import pyte
except ImportError:
    print("1..0 # SKIP python3-pyte is missing: ./install test")
    sys.exit(0)

REPLAY, BOARD = sys.argv[1:3]
SOURCE = pathlib.Path(os.environ["SLIPWAY_SOURCE"])
STREAMS = SOURCE / "tests/engines/streams"
HERE = pathlib.Path(__file__).parent
IMAGE = "sha256:" + "0c4286cad8108cc2" * 4
# All that a display may say to a terminal: cursor off and on, up, erase, and its six colours.
OURS = re.compile(rb"\x1b\[(?:\?25[lh]|\d+A|K|J)")
COLORS = re.compile(rb"\x1b\[(?:0|2|31|32|33|36)m")


# ---- streams ----

def captured(name):
    path = next(STREAMS.glob(name + ".jsonl*"))
    data = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
    return data.split(b"\n", 1)[1]


def line(**fields):
    return (json.dumps(fields) + "\r\n").encode()


def step(number, total, instruction):
    return line(stream=f"Step {number}/{total} : {instruction}") + line(stream="\n")


def out(text):
    return line(stream=text)


def step_end(cached=False):
    return (line(stream=" ---> Using cache\n") if cached else b"") + line(stream=" ---> 0123456789ab\n")


BUILT = line(aux={"ID": IMAGE})


def varint(value):
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(parts + bytes([value]))


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def trace(*fields):
    return line(id="moby.buildkit.trace", aux=base64.b64encode(b"".join(fields)).decode())


def vertex(digest, name, done=False):
    stamp = field(1, 1_700_000_000)
    return field(1, field(1, digest) + field(3, name) + field(5, stamp) + (field(6, stamp) if done else b""))


def log(digest, data):
    return field(3, field(1, digest) + field(3, 1) + field(4, data))


# ---- running the display ----

class Terminal:
    """The display on a pseudo-terminal, and what its screen shows."""

    def __init__(self, rows, columns, kind="tty", color="color", charset="utf8", term="xterm", builds=()):
        self.screen = pyte.HistoryScreen(columns, rows, history=1000)
        self.parser = pyte.ByteStream(self.screen)
        self.raw = b""
        self.master, slave = pty.openpty()
        self.resize(rows, columns)
        self.process = subprocess.Popen(
            [BOARD, color, charset, *builds] if builds else [REPLAY, kind, color, charset], stdin=subprocess.PIPE, stdout=slave, stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8" if charset == "utf8" else "C", "TERM": term})
        os.close(slave)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def send(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def read(self, seconds):
        """What comes within that time, or up to the end; False at the end."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not select.select([self.master], [], [], left)[0]:
                return True
            try:
                data = os.read(self.master, 65536)
            except OSError:
                data = b""
            if not data:
                return False
            self.raw += data
            self.parser.feed(data)
        return True

    def wait(self, what, seconds=5):
        until = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < until, "never came; the screen shows\n" + "\n".join(self.lines())
            self.read(0.02)

    def shows(self, text):
        return any(text in row for row in self.lines())

    def wait_for(self, text):
        self.wait(lambda: self.shows(text))

    def finish(self):
        self.process.stdin.close()
        while self.read(1):
            pass
        os.close(self.master)
        return self.process.wait(10)

    def lines(self):
        return [row.rstrip() for row in self.screen.display]

    def check_tidy(self, color=True):
        """Nothing scrolled away, the cursor is there, and no escape sequence but ours was written."""
        assert not self.screen.history.top, "the frame was higher than the terminal"
        assert not self.screen.cursor.hidden, "the cursor is hidden"
        rest = OURS.sub(b"", self.raw)
        rest = COLORS.sub(b"", rest) if color else rest
        assert b"\x1b" not in rest, rest[max(0, rest.index(b"\x1b") - 40):][:80]
        assert self.screen.title == "", "the build set the title"


def piped(kind, data, *more, color="mono", charset="utf8", term="xterm"):
    """The display written to a pipe."""
    done = subprocess.run([REPLAY, kind, color, charset, *more], input=data, capture_output=True, timeout=60, check=False,
                          env={"LC_ALL": "C.UTF-8", "TERM": term})
    return done.returncode, done.stdout


# ---- the terminal ----

def test_captured_streams():
    for rows, columns in ((24, 80), (50, 200)):
        for path in sorted(STREAMS.glob("*.expect")):
            expect = path.read_text().splitlines()
            steps = [entry.split(" ", 3)[1:] for entry in expect if entry.startswith("step ")]
            terminal = Terminal(rows, columns)
            try:
                terminal.send(captured(path.stem))
            except BrokenPipeError:
                raise AssertionError(f"{path.stem}: the display ended") from None
            status = terminal.finish()
            terminal.check_tidy()
            assert status == (0 if expect[0] == "result ok" else 1), path.stem
            shown = terminal.lines()
            for state, _, name in steps:
                mark = {"done": "✓", "cached": "✓", "failed": "✗", "stopped": "○"}[state]
                name = " ".join(name.split())[:columns - 14]
                hits = [row for row in shown if row.startswith(f" {mark} {name}")]
                assert hits, f"{path.stem} at {columns}: {mark} {name} is not in\n" + "\n".join(shown)
                if state == "cached":
                    assert hits[0].endswith(" cached"), hits


def test_running_step():
    terminal = Terminal(24, 80)
    terminal.send(step(1, 2, "FROM bb") + step_end() + step(2, 2, "RUN make"))
    for i in range(1, 11):
        terminal.send(out(f"line {i} of it\n"))
    terminal.send(out("\x1b[2J\x1b]0;owned\x07\x1b[31mred\x1b[0m \x9b31m end\n"))
    terminal.wait_for("red")
    shown = terminal.lines()
    assert shown[1].startswith(" ✓ [1/2] FROM bb"), shown
    assert shown[2].startswith(" ● [2/2] RUN make"), shown
    assert [row[3:] for row in shown[3:7]] == ["│ line 8 of it", "│ line 9 of it", "│ line 10 of it",
                                               "│ red \\u009b31m end"], shown
    assert not any(shown[7:]), shown
    first = shown[2].split()[-1]
    terminal.wait(lambda: terminal.lines()[2].split()[-1] not in (first, ""))  # with no event: the clock goes on
    terminal.send(step_end() + BUILT)
    assert terminal.finish() == 0
    terminal.check_tidy()
    assert terminal.lines()[2].startswith(" ✓ [2/2] RUN make") and not any(terminal.lines()[3:])


def test_downloads_fold():
    terminal = Terminal(24, 100)
    terminal.send(step(1, 1, "RUN pip install") + out("Collecting torch\n"))
    terminal.send(out("  Downloading numpy-2.1.0-cp311-cp311-manylinux_2_17_x86_64.whl.metadata (60 kB)\n"))
    terminal.send(out("  Downloading https://example.org/whl/torch-2.6.0-cp311-linux_x86_64.whl (766.7 MB)\n"))
    for part in ("10.5", "100.5"):
        terminal.send(out(f"\r     \u2501\u2501\u2501\u2501\u2578 {part}/766.7 MB 25.1 MB/s eta 0:00:27"))
    terminal.send(out("\r     \u2501\u2501\u2501\u2501\u2501 766.7/766.7 MB 24.9 MB/s  0:00:31\n"))
    terminal.send(out("Downloading numpy-2.1.0-cp311-cp311-manylinux_2_17_x86_64.whl (16.3 MB)\n"))
    terminal.wait_for("numpy-2.1.0")
    folded = [row for row in terminal.lines() if "ownloading" in row]
    assert folded == ["   │ downloading numpy-2.1.0 (2 files, 783 MB)"], folded
    assert terminal.shows("│ Collecting torch"), terminal.lines()
    terminal.send(out("\r     \u2501\u2501\u2501 10.0/16.3 MB 9.9 MB/s eta 0:00:01") + out("\r     \u2501"))
    terminal.wait_for("10.0/16.3 MB 9.9 MB/s")
    terminal.send(out("\nInstalling collected packages: torch\n"))
    terminal.wait_for("Installing collected")
    assert not terminal.shows("downloading"), terminal.lines()
    terminal.send(step_end() + BUILT)
    terminal.finish()
    terminal.check_tidy()


def test_a_bar_stays_one_line():
    terminal = Terminal(24, 80)
    terminal.send(step(1, 1, "RUN git clone") + out("Cloning\n"))
    for i in range(0, 101, 10):
        terminal.send(out(f"Receiving objects: {i}%\r"))
    terminal.send(out("Resolving deltas: 5%\r"))
    terminal.wait_for("Receiving objects: 100%")
    assert sum("Receiving" in row for row in terminal.lines()) == 1, terminal.lines()
    terminal.finish()


def test_many_steps_in_a_low_terminal():
    terminal = Terminal(24, 80)
    for i in range(1, 61):
        terminal.send(step(i, 60, f"RUN number {i}"))
        for k in range(6):
            terminal.send(out(f"{i}.{k}\n"))
        if i == 40:
            terminal.wait_for("│ 40.5")
            assert sum(bool(row) for row in terminal.lines()) == 23, terminal.lines()
        terminal.send(step_end(cached=i % 2 == 0))
    terminal.send(BUILT)
    assert terminal.finish() == 0
    terminal.check_tidy()
    shown = terminal.lines()
    assert shown[0].startswith("60 steps, 30 cached, 0 running"), shown
    assert [row.split("number ")[1].split()[0] for row in shown[1:23]] == [str(i) for i in range(39, 61)], shown
    assert shown[23] == "", shown


def test_failed_step_keeps_its_last_lines():
    terminal = Terminal(24, 80)
    terminal.send(step(1, 1, "RUN false") + b"".join(out(f"line {i}\n") for i in range(9)) + out("no newline"))
    terminal.send(line(errorDetail={"code": 1, "message": "The command returned a non-zero code: 1"}))
    assert terminal.finish() == 1
    terminal.check_tidy()
    assert terminal.lines()[1].startswith(" ✗ [1/1] RUN false")
    assert [row[5:] for row in terminal.lines()[2:6]] == ["line 6", "line 7", "line 8", "no newline"], terminal.lines()


def test_sizes_and_rates():
    terminal = Terminal(24, 80)
    terminal.send(step(1, 1, "FROM python:3.11") + line(status="Pulling from library/python", id="3.11"))
    terminal.send(line(status="Downloading", id="a", progressDetail={"current": 1000000, "total": 400000000}))
    terminal.send(line(status="Downloading", id="b", progressDetail={"current": 0, "total": 100000000}))
    time.sleep(0.7)
    terminal.send(line(status="Downloading", id="a", progressDetail={"current": 100000000, "total": 400000000}))
    terminal.wait_for("│ downloading a 100 MB / 400 MB, ")
    assert terminal.shows("│ downloading b 0 B / 100 MB"), terminal.lines()
    assert re.search(r"MB, 1[0-9]{2} MB/s$", next(row for row in terminal.lines() if "MB/s" in row)), terminal.lines()
    terminal.send(line(status="Status: Downloaded newer image for python:3.11") + step_end() + BUILT)
    assert terminal.finish() == 0
    terminal.check_tidy()
    assert terminal.lines()[1].startswith(" ✓ [1/1] FROM python:3.11"), terminal.lines()


def test_resize():
    terminal = Terminal(24, 120)
    terminal.send(step(1, 1, "RUN " + "x" * 150) + out("y" * 300 + "\n"))
    terminal.wait_for("y" * 100)
    terminal.resize(12, 60)
    before = len(terminal.raw)
    terminal.wait(lambda: len(terminal.raw) > before + 400)
    terminal.read(0.3)
    for row in OURS.sub(b"", COLORS.sub(b"", terminal.raw[-300:])).decode(errors="replace").split("\r\n")[1:]:
        assert len(row.strip("\r")) <= 59, row
    terminal.send(step_end() + BUILT)
    assert terminal.finish() == 0
    assert not terminal.screen.cursor.hidden


def test_wide_characters_are_cut_by_columns():
    terminal = Terminal(24, 40)
    terminal.send(step(1, 1, "RUN 漢字") + out("漢" * 100 + "\n") + out("e\u0301" * 100 + "\n") + out("last\n"))
    terminal.wait_for("last")
    shown = [row for row in terminal.lines() if row]
    assert len(shown) == 5 and shown[2].endswith("…") and shown[4] == "   │ last", shown
    terminal.finish()
    terminal.check_tidy()


def test_ascii_and_no_color():
    terminal = Terminal(24, 80, color="mono", charset="ascii")
    terminal.send(step(1, 2, "FROM bb") + step_end() + step(2, 2, "RUN caf\u00e9") + out("gr\u00fcn " + "x" * 200 + "\n"))
    terminal.wait_for("| gr?n xxx")
    terminal.send(step_end() + BUILT)
    assert terminal.finish() == 0
    terminal.check_tidy(color=False)
    assert all(byte < 0x80 for byte in terminal.raw)
    assert terminal.lines()[1].startswith(" + [1/2] FROM bb"), terminal.lines()


def test_colors_only_where_asked():
    for color, some in (("color", True), ("mono", False)):
        terminal = Terminal(24, 80, color=color)
        terminal.send(captured("docker-29.7.2-buildkit-runfail"))
        terminal.finish()
        assert (COLORS.search(terminal.raw) is not None) == some


def test_frames_are_few():
    terminal = Terminal(24, 80)
    terminal.send(step(1, 1, "RUN yes"))
    begin = time.monotonic()
    while time.monotonic() - begin < 1:
        terminal.send(b"".join(out(f"line {i}\n") for i in range(20)))
        terminal.read(0.01)
    seconds = time.monotonic() - begin
    frames = terminal.raw.count(b"\x1b[?25l")
    terminal.finish()
    assert 4 <= frames <= 13 * seconds, (frames, seconds)


def test_the_cursor_survives_a_kill():
    terminal = Terminal(24, 80)
    terminal.send(step(1, 1, "RUN sleep") + out("working\n"))
    terminal.wait_for("working")
    terminal.process.send_signal(signal.SIGKILL)
    terminal.process.wait()
    terminal.read(1)
    assert not terminal.screen.cursor.hidden
    terminal.finish()


def test_the_stream_breaks_off():
    terminal = Terminal(24, 80)
    terminal.send(step(1, 2, "RUN sleep") + out("working\n") + b'{"stre')
    assert terminal.finish() == 1
    terminal.check_tidy()
    assert terminal.lines()[1].startswith(" ✗ [1/2] RUN sleep"), terminal.lines()


def test_warnings_stand_above():
    terminal = Terminal(24, 80)
    text = "word " * 40
    terminal.send(step(1, 1, "RUN x") + line(stream="[Warning] " + text + "\n"))
    terminal.wait_for("● [1/1] RUN x")
    terminal.send(step_end() + BUILT)
    assert terminal.finish() == 0
    whole = "\n".join(terminal.lines())
    assert whole.index("warning: word") < whole.index("[1/1] RUN x"), whole
    assert len(re.findall(r"\bword\b", whole)) == 40, whole


def test_auto():
    data = step(1, 1, "FROM bb") + step_end() + BUILT
    assert piped("auto", data)[1].startswith(b"#1 [1/1] FROM bb\n")
    for term, kind in (("xterm", b"\x1b[?25l"), ("dumb", b"#1 ")):
        terminal = Terminal(24, 80, kind="auto", term=term)
        terminal.send(data)
        terminal.finish()
        assert terminal.raw.startswith(kind), terminal.raw[:40]


# ---- several builds on one terminal ----

def tell(build, what, **fields):
    return f"{build} {json.dumps(fields | {'event': what, 'time': 0.1}) if fields else what}\n".encode()


def test_a_board():
    for rows, columns in ((24, 80), (50, 200)):
        terminal = Terminal(rows, columns, builds=("alpha", "be", "gamma"))
        terminal.send(tell(0, "start") + tell(1, "start"))
        terminal.wait_for(" ● be     checking")
        assert terminal.lines()[0].startswith("3 profiles: 0 done, 0 failed, 2 running, 1 waiting, "), terminal.lines()
        terminal.send(tell(0, "step-started", step="a", text="[2/9] RUN " + "x" * 300)
                      + tell(0, "log", step="a", text="\x1b[2Jworking\n\nhard\n", stream="stdout")
                      + tell(1, "step-started", step="a", text="[2/7] RUN pip install")
                      + tell(1, "log", step="a", text="Downloading torch-2.6.0-cp311-linux_x86_64.whl (766.7 MB)\n", stream="stdout"))
        terminal.wait_for("│ downloading torch-2.6.0")
        shown = terminal.lines()
        assert re.fullmatch(r" ● alpha  \[2/9\] RUN x+… [\d.]+s", shown[1]) and len(shown[1]) == columns - 1, shown
        assert shown[2] == "   │ hard" and shown[3].startswith(" ● be     [2/7] RUN pip install"), shown
        before = shown[3]
        terminal.wait(lambda: terminal.lines()[3] not in (before, ""))  # with no event: the clock goes on
        terminal.send(tell(1, "warning", step="", text="no\nroom") + tell(1, "end ok") + tell(2, "start"))
        terminal.wait_for(" ● gamma  checking")
        shown = terminal.lines()
        assert shown[0] == "be: warning: no\\x0aroom", shown
        assert shown[1].startswith("3 profiles: 1 done, 0 failed, 2 running, 0 waiting, "), shown
        assert not any(" be " in row for row in shown), shown
        terminal.send(tell(0, "end failed") + tell(2, "end ok"))
        assert terminal.finish() == 0
        terminal.check_tidy()
        assert not any(terminal.lines()[1:]), terminal.lines()


def test_a_board_in_a_low_terminal():
    names = [f"n{i}" for i in range(9)]
    terminal = Terminal(8, 80, builds=names)
    for i in range(9):
        terminal.send(tell(i, "start") + tell(i, "step-started", step="a", text=f"RUN {i}")
                      + tell(i, "log", step="a", text="line\n", stream="stdout"))
    terminal.wait_for(" ● n5")
    for i in range(6):
        terminal.send(tell(i, "end ok"))
    terminal.wait_for(" ● n8")
    terminal.wait_for("│ line")
    assert sum(bool(row) for row in terminal.lines()) == 7, terminal.lines()
    assert terminal.finish() == 0
    terminal.check_tidy()


def test_a_board_reads_only_events():
    terminal = Terminal(24, 80, color="mono", charset="ascii", builds=("alpha",))
    for foreign in (b"{", b"{}", b"[]", b"null", b"\xff\xfe", b'{"event":"log"}', b'{"event":"step-started","step":1}',
                    b'{"event":"other","step":"","text":""}', b'{"event":"log","step":[],"text":{}}', b"x" * 300000):
        terminal.send(b"0 " + foreign + b"\n")
    terminal.send(tell(0, "start") + tell(0, "step-started", step="a", text="caf\u00e9"))
    terminal.wait_for(" * alpha  caf?")
    assert sum(bool(row) for row in terminal.lines()) in (2, 3), terminal.lines()
    assert terminal.finish() == 0
    terminal.check_tidy(color=False)


# ---- the others ----

def test_plain():
    expected = sorted(HERE.glob("*.plain"))
    assert expected
    for path in expected:
        text = re.sub(r"(?m)^(#\d+ )\d+\.\d ", r"\1T ", piped("plain", captured(path.stem))[1].decode())
        text = re.sub(r"DONE [\d.]+s$", "DONE T", text, flags=re.M)
        assert text == path.read_text(), f"{path.stem}:\n{text}"


def test_plain_long_and_foreign_lines():
    data = step(1, 1, "RUN x") + out("a" * 100000 + "\n") + out("\x1b[31mred\x1b[0m\x07\n") + step_end() + BUILT
    text = piped("plain", data)[1].decode().splitlines()
    assert re.fullmatch(r"#1 \d\.\d a{16384} \[83616 bytes more\]", text[1]), text[1][-60:]
    assert re.fullmatch(r"#1 \d\.\d red\\x07", text[2]), text[2]


def test_plain_split_lines():
    data = trace(vertex(b"d1", b"RUN a"), vertex(b"d2", b"RUN b"))
    for part in (b"caf", b"\xc3", b"\xa9 o", b"le\n"):
        data += trace(log(b"d1", part), log(b"d2", b"x"))
    data += trace(vertex(b"d1", b"", done=True), vertex(b"d2", b"", done=True))
    text = piped("plain", data + BUILT)[1].decode()
    assert re.search(r"^#1 \d\.\d café ole$", text, re.M) and re.search(r"^#2 \d\.\d xxxx$", text, re.M), text


def test_rawjson():
    _, text = piped("rawjson", captured("docker-29.7.2-buildkit-ok"))
    events = [json.loads(row) for row in text.decode().splitlines()]
    assert all({"event", "time", "step", "text"} <= event.keys() for event in events)
    logs = "".join(event["text"] for event in events if event["event"] == "log" and event["stream"] == "stdout")
    assert logs == "one\np 10%\rp 50%\rp 100%\ndata\n\x1b[32mgreen\x1b[0m café\n", logs
    assert [event["line"] for event in events if event["event"] == "warning"] == [2, 7]
    done = [event for event in events if event["event"] == "step-done"]
    assert all(event["failed"] is False for event in done) and any(event["cached"] for event in done)
    assert any(event["event"] == "progress" and event["total"] == -1 for event in events)


def test_rawjson_keeps_cut_characters():
    data = trace(vertex(b"d", b"RUN a"))
    for part in (b"caf\xc3", b"\xa9 \xe6\xbc", b"\xa2", b"\xff end\xc3"):
        data += trace(log(b"d", part))
    events = [json.loads(row) for row in piped("rawjson", data + BUILT)[1].decode().splitlines()]
    assert "".join(event["text"] for event in events if event["event"] == "log") == "café 漢\ufffd end\ufffd", events


def test_quiet():
    assert piped("quiet", captured("docker-29.7.2-buildkit-runfail")) == (1, b"")


def test_log_file():
    raw = b"\x1b[31mred\x1b[0m \xff\xe2\x80\xae\n10%\r50%\r100%\n::error::x\n##[error]\nno newline"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "log"
        data = trace(vertex(b"d", b"RUN a\x1b[2J")) + trace(log(b"d", raw)) + trace(vertex(b"e", b"RUN b"))
        data += trace(log(b"e", b"other\n")) + trace(log(b"d", b"!\n"), vertex(b"d", b"", done=True))
        data += trace(vertex(b"e", b"", done=True)) + BUILT
        assert piped("quiet", data, str(path))[0] == 0
        text = path.read_bytes()
        text = re.sub(rb"done in [\d.]+s", b"done in T", text)
        assert text == (b"=== #1 RUN a\nred \\xff\\u202e\n100%\n:\\x3aerror::x\n##\\x5berror]\n"
                        b"=== #2 RUN b\nother\n=== #1 RUN a\nno newline!\n"
                        b"=== #1 done in T\n=== #2 done in T\n"), text


def test_log_of_a_large_step():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "log"
        piped("quiet", captured("docker-28.5.2-classic-clipped"), str(path))
        assert path.read_bytes().count(b"0123456789012345678901234567890123456789\n") == 21951
        assert path.stat().st_size > 900000


def test_full_disk_is_told_once():
    status, text = piped("plain", captured("docker-29.7.2-buildkit-clipped") + BUILT, "/dev/full")
    assert status == 1  # the build's own failure
    assert text.count(b"warning: the log is incomplete: No space left on device\n") == 1, text[-300:]
    status, text = piped("plain", step(1, 1, "RUN x") + out("y\n") * 9 + step_end() + BUILT, "/dev/full")
    assert status == 0 and text.count(b"warning: the log is incomplete") == 1, text


def test_hostile_texts():
    for text in hostile.TEXTS:
        data = step(1, 2, f"RUN {text}") + out(f"{text}\n") + out(f"a {text}\r{text}\n{text}") + step_end() + step(2, 2, text)
        data += out(text) + out(text) + line(errorDetail={"message": text}, error=text)
        data += trace(vertex(b"d", text.encode())) + trace(log(b"d", text.encode() + b"\n")) + trace(vertex(b"d", b"", done=True))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "log"
            for kind in ("plain", "rawjson", "quiet"):
                hostile.check_text(piped(kind, data, str(path))[1])
            hostile.check_text(path.read_bytes())


def test_unknown_kind():
    assert piped("fancy", b"")[0] == 2


def main():
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}")
    failed = 0
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} {name}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print("\n".join("# " + row for row in traceback.format_exc().splitlines()))
            print(f"not ok {number} {name}", flush=True)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
