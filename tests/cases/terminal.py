"""Run a command with an output that is a terminal of 80 columns, and print what it wrote there.

usage: terminal.py [--answer TEXT] COMMAND...      TEXT is typed at each prompt, a line that ends in "] "
"""
import fcntl
import os
import pty
import struct
import sys
import termios

words = sys.argv[1:]
answer = None
if words[0] == "--answer":
    answer, words = words[1], words[2:]
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp(words[0], words)
written = b""
while True:
    try:
        read = os.read(terminal, 4096)
    except OSError:
        break
    if not read:
        break
    written += read
    if answer is not None and written.endswith(b"] "):
        os.write(terminal, answer.encode() + b"\n")
lines = written.decode().replace("\r\n", "\n")
print(lines, end="")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
