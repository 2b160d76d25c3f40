#!/usr/bin/env python3
"""Compares lib/python with python3-packaging over many generated questions, valid and invalid.

usage: oracle.py PROGRAM

PROGRAM is built from answer.c. The questions come from a fixed seed, so that two runs ask the same. Where
packaging and a PEP differ, the PEP is right: reference.py corrects packaging, each time with the PEP's
sentence, and nothing else may differ. Without packaging the test is skipped.
"""
import collections
import re
import subprocess
import sys
import time
import urllib.parse

try:
    import packaging
    if packaging.__version__ != "23.0":
        raise ImportError(f"it is {packaging.__version__}, and the corrections in reference.py are for 23.0")
except ImportError as reason:
    print(f"skipped: the oracle is the Python module packaging, release 23.0 (Debian: python3-packaging): {reason}")
    sys.exit(77)

import questions
import reference

# Everything but these is written as %XX.
PLAIN = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) != "%")
IS_PLAIN = re.compile("[!-$&-~]*")
SHOWN = 30
# The field that says yes or no.
DECIDED = {"name": 1, "compare": 1, "contains": 3, "marker": 2}


def encode(argument):
    return argument if IS_PLAIN.fullmatch(argument) else urllib.parse.quote(argument, safe=PLAIN)


def ask(program, asked):
    lines = "".join("\t".join([verb, *map(encode, arguments)]) + "\n" for verb, arguments in asked)
    done = subprocess.run([program], input=lines.encode("ascii"), stdout=subprocess.PIPE, check=True)
    answers = done.stdout.decode("ascii").split("\n")[:-1]
    if len(answers) != len(asked):
        raise SystemExit(f"{len(asked)} questions and {len(answers)} answers")
    return [[urllib.parse.unquote(field) if "%" in field else field for field in answer.split("\t")]
            for answer in answers]


def outcome(verb, wanted):
    """What kind of answer it is, so that the tally shows that every kind was asked for often."""
    if wanted[0] == "ok" and verb in DECIDED:
        return f"ok, {wanted[DECIDED[verb]]}"
    return wanted[0]


def main(program):
    started = time.monotonic()
    asked = questions.generate()
    faults = 0
    tally = collections.Counter()
    for (verb, arguments), given in zip(asked, ask(program, asked)):
        wanted = reference.answer(verb, arguments)
        given = reference.arrange(verb, given)
        tally[verb, outcome(verb, wanted)] += 1
        if given != wanted:
            faults += 1
            if faults <= SHOWN:
                print(f"{verb} {arguments!r}:\n  packaging: {wanted!r}\n  slipway:   {given!r}")
    for (verb, kind), count in sorted(tally.items()):
        print(f"{count:7} {verb} {kind}")
    print(f"{len(asked)} questions, {faults} answered otherwise, {time.monotonic() - started:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
