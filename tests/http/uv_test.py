#!/usr/bin/env python3
"""uv's configuration as we read it beside what uv makes of it (`uv --show-settings pip install`).

usage: uv_test.py HTTP-UV      (TAP on standard output; without uv in PATH it is skipped)
"""
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

FILES = [".config/uv/uv.toml", "own/uv/uv.toml", "one/uv/uv.toml", "two/uv/uv.toml", "named.toml"]
PARTS = [
    'index-url = "{}"\n', 'extra-index-url = ["{}"]\n', "no-index = true\n", "no-index = false\n", "",
    '[pip]\nindex-url = "{}"\n', "[pip]\nno-index = true\n", '[pip]\nno-index = false\nindex-url = "{}"\n',
    '[[index]]\nurl = "{}"\ndefault = true\n', '[[index]]\nname = "a"\nurl = "{}"\n', '[[index]]\nname = "b"\nurl = "{}"\nexplicit = true\n',
    'index = [{{ url = "{}", default = true }}]\n', '[[index]]\nurl = "{}"\n[[index]]\nurl = "{}"\ndefault = true\n',
]
BROKEN = ["index-url = \n", "[pip\n", "a\n"]
VARIABLES = [
    ("UV_DEFAULT_INDEX", "{}"), ("UV_DEFAULT_INDEX", "mirror={}"), ("UV_DEFAULT_INDEX", ""), ("UV_INDEX_URL", "{}"), ("UV_INDEX", "{} n={}"),
    ("UV_EXTRA_INDEX_URL", "{}"), ("UV_CONFIG_FILE", "HOME/named.toml"), ("UV_CONFIG_FILE", "HOME/absent.toml"), ("UV_NO_CONFIG", "1"),
    ("UV_NO_CONFIG", "false"), ("XDG_CONFIG_HOME", "HOME/own"), ("XDG_CONFIG_HOME", ""), ("XDG_CONFIG_DIRS", "HOME/one:HOME/two"),
    ("XDG_CONFIG_DIRS", "HOME/two"),
]
CASES = 400


def cases(rng):
    for part in PARTS + BROKEN:
        yield {FILES[0]: [part]}, []
    for variable in VARIABLES:
        yield {name: [PARTS[0]] for name in FILES}, [variable]
    for _ in range(CASES):
        files = {name: sorted(rng.sample(PARTS, rng.randrange(3)), key=lambda part: part.startswith("[")) for name in rng.sample(FILES, rng.randrange(4))}
        yield files, rng.sample(VARIABLES, rng.randrange(4))


def of_uv(uv, home, variables):
    """The default index, whether there are others, and whether none is to be used; None if uv refuses."""
    run = subprocess.run([uv, "--show-settings", "pip", "install", "x"], env=variables, cwd=home / "empty", capture_output=True, text=True,
                         timeout=60, check=False)
    if run.returncode:
        return None
    begin = run.stdout.index("index_locations: IndexLocations {")
    middle = run.stdout.index("flat_index", begin)
    rows, url = [], None
    for given, explicit, default in re.findall(r'given: Some\(\s*"([^"]*)"|explicit: (true|false)|default: (true|false)', run.stdout[begin:middle]):
        if given:
            url, hidden = given, False
        elif explicit:
            hidden = explicit == "true"
        else:
            rows.append((url, hidden, default == "true"))
    no_index = re.search(r"no_index: (true|false)", run.stdout[middle:])[1] == "true"
    return {"index": next((url for url, _, default in rows if default), None),
            "more": any(not default and not hidden for _, hidden, default in rows), "no_index": no_index}


def of_ours(program, home, variables):
    run = subprocess.run([program, home, *(f"{name}={value}" for name, value in variables.items())], stdout=subprocess.PIPE, text=True,
                         timeout=60, check=True, cwd=home / "empty")
    said = json.loads(run.stdout)
    return None if said["error"] else {"index": said["variable"] or said["file"], "more": said["more"] is not None, "no_index": said["no_index"] is not None}


def main():
    uv = shutil.which("uv")
    if uv is None:
        print("1..0 # SKIP there is no uv in PATH")
        return False
    rng, count, refused, faults, number = random.Random(12), 0, 0, [], 0

    def fill(text):
        nonlocal number
        urls = []
        for _ in range(text.count("{}")):
            number += 1
            urls.append(f"https://i{number}.invalid/simple")
        return text.format(*urls) if urls or "{{" in text else text

    with tempfile.TemporaryDirectory(prefix="slipway-test-") as folder:
        for files, chosen in cases(rng):
            home = pathlib.Path(folder).resolve() / str(count)
            (home / "empty").mkdir(parents=True)
            count += 1
            for name, parts in files.items():
                (home / name).parent.mkdir(parents=True, exist_ok=True)
                text = "".join(map(fill, parts))
                (home / name).write_text(text)
            variables = {"HOME": str(home), "PATH": os.defpath, **{name: fill(value).replace("HOME", str(home)) for name, value in chosen}}
            variables.setdefault("XDG_CONFIG_DIRS", str(home / "absent"))
            theirs, ours = of_uv(uv, home, variables), of_ours(pathlib.Path(sys.argv[1]).resolve(), home, variables)
            refused += theirs is None
            if ours != theirs:
                faults.append(f"{files} {chosen}: ours {ours}, uv's {theirs}")
    print(f"1..1\n# {count} configurations, {refused} of which uv refuses, {len(faults)} read otherwise")
    for fault in faults[:12]:
        print(f"# {fault}")
    print(f"{'not ok' if faults else 'ok'} 1 - uv's configuration is read as uv reads it")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
