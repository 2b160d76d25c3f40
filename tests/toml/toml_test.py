#!/usr/bin/env python3
"""Our reader of TOML beside Python's tomllib: the same documents are refused, and the others read the same.

usage: toml_test.py TOML-READER [DOCUMENTS]     (TAP on standard output; skipped before Python 3.11)
"""
import datetime
import json
import math
import random
import subprocess
import sys

try:
    import tomllib
except ImportError:
    tomllib = None

WHOLE = r'''
# a comment
title = "TOML \t \u00e9 \U0001F600 \"x\""
'quoted key' = 1
"a.b" = 'C:\no\escapes'
empty."" = true
[owner]
name = """
Tom \
   Preston
"quoted" ""two""" # c
raw = \'\'\'
a\b\'\'\'
born = 1979-05-27T07:32:00-08:00
day = 1979-05-27
time = 07:32:00.999
local = 1979-05-27 07:32:00
[database]
ports = [ 8000, 8001, [1, "two", 3.0,], # c
 { x = 1, y.z = 2 } ]
limits = {a = 1_000, b = 0xDEAD_beef, c = 0o17, d = 0b1_01, e = -0, f = +9}
floats = [1.5, -2e10, 3_0.1_5E-1, inf, -inf, nan, 0.0, 1e5]
on = false
[servers.alpha]
ip = "10.0.0.1"
[servers.alpha.more]
[servers]
x.y = 1
x.z = 2
[[products]]
name = "Hammer"
[[products.parts]]
n = 1
[[products.parts]]
[products.parts.deep]
[[products]]
[fruit]
apple.color = "red"
[fruit.apple.taste]
sweet = true
'''.replace("\\'\\'\\'", "'''")
RULES = ["a=1\na=2", "[a]\n[a]", "a.b=1\n[a]", "[a]\nb.c=1\n[a.b]", "[a]\nb.c=1\n[a.b.d]\ne=1", "[a.b.c]\nz=9\n[a]\nb.c.t=1", "[a.b.c]\nz=9\n[a]\nb.t=1",
         "[a.b]\nx=1\n[a]\nb.y=2", "a=[1]\n[[a]]", "[[a]]\n[a]", "[a]\n[[a]]", "[[a]]\n[a.b]\n[[a]]\n[a.b]", "[[a.b]]\n[a]", "[a]\n[[a.b]]\n[a.b]", "a={b=1}\na.c=2",
         "a={b=1}\n[a.c]", "a={b={c=1}}\n[a.b.d]", "a=[{b=1}]\n[a.c]", "a={b.c=1,b.d=2}", "a={b=1,b.c=2}", "a={b={c=1},b.d=1}", "a={b=1,}", "a={\nb=1}", "a={}", "a=[]", "a=[,]", "a=[1,,2]",
         "a=[1 2]", "a=1 b=2", "=1", "a=", "a", "a.=1", ".a=1", "a..b=1", "a . b = 1", "[ a . b ]", "[a]b=1", "[a] # c", "[]", "[[a]", "[[a] ]", "[a", "a=01", "a=1_", "a=_1", "a=1__0",
         "a=0x", "a=0xg", "a=+0x1", "a=1.", "a=.1", "a=1.e1", "a=1e", "a=1e+_1", "a=00", "a=-00", "a=+inf", "a=infinity", "a=True", "a=truee", "a=9223372036854775807",
         "a=2024-02-29", "a=2023-02-29", "a=2024-13-01", "a=2024-1-01", "a=24:00:00", "a=23:59:60", "a=07:32", "a=1979-05-27 07:32", "a=1979-05-27 # c", "a=1979-05-27T07:32:00z",
         "a=1979-05-27T07:32:00.123456789+01:00", "a=1979-05-27T07:32:00+24:00", "a=\"\\x41\"", "a=\"\\ud800\"", "a=\"\\U00110000\"", "a=\"\\u12\"", "a=\"x", "a='x", "a=\"\"\"x",
         "a=\"\"\"x\"\"\"\"\"", "a=\"\"\"x\"\"\"\"\"\"", "a=''''x'''''", "a=\"\"\"\n\nx\"\"\"", "a=\"\"\"x\\  \n\n  y\"\"\"", "a=\"\"\"x\\ y\"\"\"", "a='''\n'''", "a='x\ny'", "a=\"\t\"", "a=\"\x01\"",
         "a=\"\x7f\"", "# \x01", "# \t", "a=1\r\nb=2", "a=1\rb=2", "a=\"\"\"x\r\ny\"\"\"", "a=\"x\ry\"", "\ufeffa=1", "\u00e9=1", "\"\u00e9\"=1", "a.\"b\".'c'=1", "1=2", "1.2=3", "-=1", "a-b_c=1", "",
         "\n\n", "# c", "a=1#c", "a=\"\"\"\\\n  \"\"\"", "a=[\n# c\n1,\n# d\n]", "[[a]]\nb=1\n[[a]]\nb=2\n[a.c]\nd=3", "a.b=1\na.b.c=2", "a.b.c=2\na.b=1", "\"\"=1", "''.x=1", "\"a\nb\"=1", "\"\"\"a\"\"\"=1"]


def told(value):
    """A value as JSON of ours has it."""
    if isinstance(value, dict):
        return {key: told(item) for key, item in value.items()}
    if isinstance(value, list):
        return [told(item) for item in value]
    if isinstance(value, float):
        return ("real", value) if math.isfinite(value) else None
    if isinstance(value, int) and not isinstance(value, bool) and not -2**63 <= value < 2**63:
        return ("real", float(value))
    return ("time",) if isinstance(value, (datetime.date, datetime.time)) else value


def same(ours, theirs):
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and list(ours) == list(theirs) and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if theirs == ("time",):
        return isinstance(ours, str)
    if isinstance(theirs, tuple):
        return not isinstance(ours, bool) and isinstance(ours, (int, float)) and math.isclose(ours, theirs[1], rel_tol=1e-15)
    return type(ours) is type(theirs) and ours == theirs


def documents(rng, count):
    yield WHOLE
    yield from RULES
    def is_good(text):
        try:
            tomllib.loads(text)
            return True
        except ValueError:
            return False

    lines = WHOLE.split("\n")
    pieces = [text for text in [*lines, *RULES] if is_good(text)]
    marks = list("[]{}=.,\"'#\n\\_ -+0a:T") + ["'''", '"""', "[[", "]]", "\r\n"]
    for number in range(count):
        if number % 2:
            text = "\n".join(rng.choices(pieces, k=rng.randrange(1, 7)))
        else:
            start = rng.randrange(len(lines))
            text = "\n".join(lines[start:start + rng.randrange(1, 9)])
        for _ in range(rng.choice([0, 0, 1, 2])):
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice([*marks, ""]) + text[at + rng.randrange(2):]
        yield text


def main():
    if tomllib is None:
        print("1..0 # SKIP this Python has no tomllib")
        return False
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    reader = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    total, refused, faults = 0, 0, []
    for text in documents(random.Random(12), count):
        raw = text.encode()
        reader.stdin.write(b"%d\n%s" % (len(raw), raw))
        reader.stdin.flush()
        line = reader.stdout.readline().decode()
        try:
            theirs = told(tomllib.loads(text))
        except (tomllib.TOMLDecodeError, ValueError):
            theirs = None
        total += 1
        refused += theirs is None
        ours = None if line.startswith("error ") else json.loads(line)
        if (ours is None) != (theirs is None) or (ours is not None and not same(ours, theirs)):
            faults.append(f"{text!r}: ours {line.strip()[:200]}, tomllib's {theirs}")
    reader.stdin.close()
    print(f"1..1\n# {total} documents, {refused} of which tomllib refuses, {len(faults)} read otherwise")
    for fault in faults[:12]:
        print(f"# {fault[:600]}")
    print(f"{'not ok' if faults else 'ok'} 1 - TOML is read as tomllib reads it")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
