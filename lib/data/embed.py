#!/usr/bin/env python3
"""Writes C source that holds files as arrays, and only where it would change.

usage: embed.py OUTPUT ROOT DIRECTORY... [NAME= FILE]...

Every regular file below ROOT/DIRECTORY is embedded under its path relative to ROOT, and FILE under NAME.
"""
import pathlib
import sys

output, root, *words = sys.argv[1:]
output, root = pathlib.Path(output), pathlib.Path(root)
files = {}
while words:
    word = words.pop(0)
    if word.endswith("="):
        files[word[:-1]] = pathlib.Path(words.pop(0))
    else:
        files.update((path.relative_to(root).as_posix(), path) for path in (root / word).rglob("*") if path.is_file())
paths = sorted(files.items())
lines = ['#include "data/resource.h"', ""]
for number, (_, path) in enumerate(paths):
    data = path.read_bytes()
    lines.append(f"static const unsigned char file{number}[] = {{")
    for start in range(0, len(data), 24):
        lines.append("    " + "".join(f"{byte}," for byte in data[start : start + 24]))
    lines.append("    0};")  # ends in NUL, which the size does not count
lines.append("const struct sw_resource sw_resources[] = {")
for number, (name, _) in enumerate(paths):
    lines.append(f'    {{"{name}", file{number}, sizeof file{number} - 1}},')
lines += ["};", f"const size_t sw_resources_count = {len(paths)};", ""]
text = "\n".join(lines)
if not output.exists() or output.read_text() != text:
    output.write_text(text)
