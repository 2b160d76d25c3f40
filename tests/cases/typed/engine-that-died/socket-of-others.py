"""A socket with this mode, which belongs to a group that root is not in."""
import os
import socket
import sys

listening = socket.socket(socket.AF_UNIX)
listening.bind("socket")
os.chmod("socket", int(sys.argv[1]))
if os.getuid() == 0:
    os.chown("socket", -1, 4)
