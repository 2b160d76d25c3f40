#!/usr/bin/env python3
"""Proves that the validator and the JSON Schema made from the same table accept the same documents.

usage: agree.py VALIDATE CASES...

The documents are those of tests/cases/schema and mutations of them from a fixed seed: a value replaced by one of
another type, a key added, renamed or left out. Without the package jsonschema the test is skipped.
"""
import copy
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("jsonschema is not installed")
    sys.exit(77)

MUTATIONS = 40
VALUES = [None, True, False, 0, 1, 11, -1, 3.5, "", "pip", "1", "12.8", "a-b", "-", "A", "x y", [], {}, ["1"], [2],
          [[]], {"version": "1"}, {"version": 1}, {"CUDA": "1"}, {"cuda": "1"}, {"import": "a"},
          {"import": "a", "is": "b"}, {"is": "1", "that": "x"}, {"is": "1"}]
KEYS = ["name", "torch", "guard", "nmae", "is", "import", "that", "CUDA", "cuda", "version", "a.b", "tries"]


def documents(path):
    """The sections called "document" of a file of cases, see tests/unit/cases.h."""
    text = re.sub(r"\A.*?(?=^=== )", "", path.read_text(), flags=re.S | re.M)
    for section in re.split(r"^(?:===|>>>) ", text, flags=re.M):
        head, _, body = section.partition("\n")
        if head == "document":
            yield body


def containers(value):
    if isinstance(value, (dict, list)):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from containers(inner)


def mutate(value, dice):
    value = copy.deepcopy(value)
    places = list(containers(value))
    if not places:
        return dice.choice(VALUES)
    place = dice.choice(places)
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    deed = dice.choice(["replace", "replace", "remove", "add", "rename"])
    if deed == "add" or not keys:
        new = copy.deepcopy(dice.choice(VALUES))
        if isinstance(place, dict):
            place[dice.choice(KEYS)] = new
        else:
            place.append(new)
    elif deed == "replace":
        place[dice.choice(keys)] = copy.deepcopy(dice.choice(VALUES))
    elif deed == "rename" and isinstance(place, dict):
        place[dice.choice(KEYS)] = place.pop(dice.choice(keys))
    else:
        del place[dice.choice(keys)]
    return value


def validate(program, folder, texts):
    """What the validator says about each text."""
    paths = []
    for number, text in enumerate(texts):
        paths.append(folder / f"{number}.yaml")
        paths[-1].write_text(text)
    lines = subprocess.run([program, *paths], check=True, capture_output=True, text=True).stdout.splitlines()
    assert len(lines) == len(texts)
    return [json.loads(line) for line in lines]


def main(program, *cases):
    schema = json.loads(subprocess.run([program, "--schema"], check=True, capture_output=True, text=True).stdout)
    Draft202012Validator.check_schema(schema)
    judge = Draft202012Validator(schema)
    dice = random.Random(1)
    texts = [text for path in cases for text in documents(pathlib.Path(path))]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        results = validate(program, folder, texts)
        values = [result["value"] for result in results]
        mutants = []
        for value in values:
            for _ in range(MUTATIONS):
                mutant = mutate(value, dice)
                mutants.append(mutant if dice.random() < 0.5 else mutate(mutant, dice))
        results += validate(program, folder, [json.dumps(mutant) for mutant in mutants])
    faults = 0
    accepted = 0
    for result in results:
        error = next(judge.iter_errors(result["value"]), None)
        accepted += error is None
        if (error is None) != (result["codes"] == []):
            faults += 1
            print(json.dumps(result), "JSON Schema:", "accepts" if error is None else error.message)
    print(f"{len(texts)} documents, {len(mutants)} mutations, {accepted} accepted, {faults} disagreements")
    return 1 if faults or not texts or accepted in (0, len(results)) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
