#!/usr/bin/env python3
"""Writes C source that holds files as arrays, and only where it would change.

usage: embed.py OUTPUT ROOT DIRECTORY...

Every regular file below ROOT/DIRECTORY is embedded under its path relative to ROOT.
"""
import pathlib
import sys

output, root, *directories = sys.argv[1:]
output, root = pathlib.Path(output), pathlib.Path(root)
paths = sorted(path for directory in directories for path in (root / directory).rglob("*") if path.is_file())
lines = ['#include "data/resource.h"', ""]
for number, path in enumerate(paths):
    data = path.read_bytes()
    lines.append(f"static const unsigned char file{number}[] = {{")
    for start in range(0, len(data), 24):
        lines.append("    " + "".join(f"{byte}," for byte in data[start : start + 24]))
    lines.append("    0};")  # ends in NUL, which the size does not count
lines.append("const struct sw_resource sw_resources[] = {")
for number, path in enumerate(paths):
    lines.append(f'    {{"{path.relative_to(root).as_posix()}", file{number}, sizeof file{number} - 1}},')
lines += ["};", f"const size_t sw_resources_count = {len(paths)};", ""]
text = "\n".join(lines)
if not output.exists() or output.read_text() != text:
    output.write_text(text)
