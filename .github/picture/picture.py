#!/usr/bin/env python3
"""The README's picture: a terminal in which a real build fails and is explained.

usage: .github/picture/picture.py SLIPWAY [ENGINE] >.github/picture/failed-build.svg

Runs `slipway build` on a terminal of its own, with the engine at that URL or the one slipway finds, and draws what stands on
the terminal at its end. Wants python3-pyte.
"""
import fcntl
import html
import os
import pathlib
import pty
import re
import struct
import sys
import tempfile
import termios

import pyte

COLUMNS, ROWS = 110, 60
WIDTH, HEIGHT, MARGIN = 8.4, 19, 16
COLORS = {"default": "#d8dee9", "red": "#ff6b6b", "green": "#7bd88f", "brown": "#ffd166", "blue": "#7aa2f7",
          "magenta": "#c792ea", "cyan": "#66d9ef", "black": "#6b7280"}
PROFILE = """\
slipway: 1
name: classifier
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
requirements:
  - scipy==1.15.3
assertions:
  - {that: numpy, is: "<2"} # docstrange asks for it
"""


def record(slipway, engine):
    """The screen at the end of the build."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "classifier.yaml").write_text(PROFILE)
        child, terminal = pty.fork()
        if child == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.chdir(folder)
            os.execve(slipway, ["slipway", *engine, "build", "classifier"],
                      {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "XDG_CACHE_HOME": "/tmp/cache"})
        while True:
            try:
                read = os.read(terminal, 65536)
            except OSError:
                break
            if not read:
                break
            stream.feed(read)
        os.waitpid(child, 0)
    return screen


def spans(row):
    """Runs of cells that look the same, without blanks around them or two in them: (column, text, color, bold)."""
    found = []
    for column in range(COLUMNS):
        cell = row[column]
        look = (COLORS.get(cell.fg, f"#{cell.fg}" if len(cell.fg) == 6 else COLORS["default"]), cell.bold)
        if found and found[-1][2] == look and found[-1][0] + len(found[-1][1]) == column:
            found[-1][1] += cell.data
        else:
            found.append([column, cell.data, look])
    # Browsers differ in what they keep of several blanks in SVG.
    return [(column + part.start(), part[0], *look) for column, text, look in found
            for part in re.finditer(r"\S+(?: \S+)*", text)]


def draw(screen):
    lines = [spans(screen.buffer[row]) for row in range(ROWS)]
    while lines and not lines[-1]:
        lines.pop()
    lines = [[(0, "$ slipway build classifier", COLORS["default"], True)]] + lines
    width, height = COLUMNS * WIDTH + 2 * MARGIN, len(lines) * HEIGHT + 2 * MARGIN
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img" '
          'aria-label="a failed build, explained at the line of the profile">')
    print('<rect width="100%" height="100%" rx="8" fill="#1e222a"/>')
    print('<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">')
    for number, line in enumerate(lines):
        for column, text, color, bold in line:
            weight = ' font-weight="bold"' if bold else ""
            print(f'<text x="{MARGIN + column * WIDTH:.1f}" y="{MARGIN + (number + 0.75) * HEIGHT:.1f}" fill="{color}"{weight} '
                  f'textLength="{len(text) * WIDTH:.1f}">{html.escape(text)}</text>')
    print("</g>\n</svg>")


def main():
    engine = ["-H", sys.argv[2]] if len(sys.argv) > 2 else []
    draw(record(pathlib.Path(sys.argv[1]).resolve(), engine))


main()
