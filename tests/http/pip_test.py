#!/usr/bin/env python3
"""pip's configuration as we read it beside what pip makes of it: files, their order, variables.

usage: pip_test.py HTTP-PIP      (TAP on standard output; without pip it is skipped)

Each case is a home with files and variables; both sides are asked for the options that `pip install` would have.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

# Answers each line of its input, a JSON object of variables, with the options or {"error": true}.
ORACLE = """
import json, os, sys
for line in sys.stdin:
    os.environ.clear()
    os.environ.update(json.loads(line))
    from pip._internal.commands import create_command
    try:
        options = create_command('install').parser.get_default_values()
        from pip._internal.models.index import PyPI
        index = None if options.index_url == PyPI.simple_url else options.index_url
        said = {'error': False, 'index_url': index, 'extra_index_urls': options.extra_index_urls, 'find_links': options.find_links,
                'trusted_hosts': options.trusted_hosts, 'no_index': bool(options.no_index), 'cert': options.cert,
                'client_cert': options.client_cert, 'proxy': options.proxy}
    except SystemExit:
        said = {'error': True}
    except Exception as problem:
        said = {'error': True, 'why': str(problem)}
    print(json.dumps(said), flush=True)
"""
LISTS = ["extra_index_urls", "find_links", "trusted_hosts"]
FILES = ["xdg-one/pip/pip.conf", "xdg-two/pip/pip.conf", ".pip/pip.conf", ".config/pip/pip.conf", "own-config/pip/pip.conf",
         "environment/pip.conf", "named.conf"]
URL = "https://{}.invalid/simple"
TEXTS = [
    "[global]\nindex-url = {a}\n", "[install]\nindex-url = {a}\n", "[global]\nindex_url: {a}\n[install]\nno-index = {truth}\n",
    "[global]\nindex-url =\n", "[global]\nindex-url = {a}\npypi-url = {b}\n", "[install]\npypi-url = {b}\nindex-url = {a}\n",
    "[global]\nextra-index-url =\n  {a}\n\n  {b}\ntrusted-host = one two\n", "[DEFAULT]\nindex-url = {a}\n[install]\n",
    "[DEFAULT]\nindex-url = {a}\n[global]\nindex-url = {b}\n[install]\n", "[global]\n--index-url = {a}\n", "[download]\nindex-url = {a}\n",
    "[global]\ncert = ~/ca.pem\nclient-cert = /c.pem\nproxy = http://p.invalid:3128\n", "[global]\nfind-links = /a /b\n[install]\nfind-links = {a}\n",
    "[global]\nno-index = {truth}\n[install]\nindex-url = {a}\n", "index-url = {a}\n", "[global]\nindex-url = {a}\nindex-url = {b}\n",
    "[global]\nindex-url {a}\n", "[global]\n; c\n# c\nINDEX-URL={a} ; not a comment\n", "[global]\nindex-url = %(x)s{a}\n", "", "[global]\nx=\xe4\n",
    "\ufeff[global]\nindex-url = {a}\n", "[global]\n  index-url = {a}\n    timeout = 5\n  proxy = p\n", "[install]\r\nindex-url = {a}\r\n",
]
VARIABLES = [
    ("PIP_INDEX_URL", "{a}"), ("PIP_INDEX_URL", ""), ("PIP_index_url", "{b}"), ("PIP_PYPI_URL", "{a}"), ("PIP_NO_INDEX", "{truth}"),
    ("PIP_EXTRA_INDEX_URL", "{a} {b}"), ("PIP_CERT", "~/x.pem"), ("PIP_PROXY", "p.invalid"), ("PIP_TRUSTED_HOST", " h\ti "),
    ("PIP_CONFIG_FILE", "HOME/named.conf"), ("PIP_CONFIG_FILE", "HOME/absent.conf"), ("PIP_CONFIG_FILE", "/dev/null"), ("PIP_CONFIG_FILE", ""),
    ("XDG_CONFIG_DIRS", "HOME/xdg-one:HOME/xdg-two"), ("XDG_CONFIG_DIRS", "HOME/xdg-two"), ("XDG_CONFIG_DIRS", " "),
    ("XDG_CONFIG_HOME", "HOME/own-config"), ("XDG_CONFIG_HOME", ""), ("PIP_FIND_LINKS", "/x"), ("PIP_VERSION", "1"), ("PIP_CLIENT_CERT", "c"),
]
TRUTHS = ["1", "0", "yes", "No", "true", "off", "t", "", "maybe", "2"]
RANDOM_CASES = 600


class Failed(Exception):
    pass


def cases(rng):
    """Files by name, and variables, the empty value of a text included."""
    for text in TEXTS:
        for truth in TRUTHS if "{truth}" in text else TRUTHS[:1]:
            yield {".config/pip/pip.conf": text}, {}, truth
    for name in FILES:
        yield {name: TEXTS[0]}, {"XDG_CONFIG_DIRS": "HOME/xdg-one:HOME/xdg-two"}, "1"
    for variable in VARIABLES:
        for truth in TRUTHS:
            yield {".config/pip/pip.conf": TEXTS[0], "named.conf": TEXTS[3]}, dict([variable]), truth
    for _ in range(RANDOM_CASES):
        files = {name: rng.choice(TEXTS) for name in rng.sample(FILES, rng.randrange(4))}
        yield files, dict(rng.sample(VARIABLES, rng.randrange(5))), rng.choice(TRUTHS)


def fill(text, truth, rng):
    return text.replace("{a}", URL.format(rng.choice("abc"))).replace("{b}", URL.format(rng.choice("def"))).replace("{truth}", truth)


class Both:
    """The two readers. pip runs in an environment of its own, so that there is a file of that too."""

    def __init__(self, program, folder):
        self.program, self.prefix = program, folder / "environment"
        subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", "--without-pip", self.prefix], check=True)
        self.pip = subprocess.Popen([self.prefix / "bin/python", "-c", ORACLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, text=True, cwd="/")

    def ask(self, home, variables):
        variables = {"HOME": str(home), "PATH": os.defpath, "LC_ALL": "C.UTF-8", "VIRTUAL_ENV": str(self.prefix), **variables}
        run = subprocess.run([self.program, home, *(f"{name}={value}" for name, value in variables.items())], stdout=subprocess.PIPE,
                             text=True, timeout=60, check=True, cwd="/")
        self.pip.stdin.write(json.dumps(variables) + "\n")
        self.pip.stdin.flush()
        return json.loads(run.stdout), json.loads(self.pip.stdout.readline())


def brought_together(ours):
    """Ours in pip's words."""
    if ours["error"]:
        return {"error": True}
    said = {**ours, "error": False, "no_index": ours["no_index"] is not None}
    for name in LISTS:
        said[name] = (ours[name] or "").split()
    return said


def written(home, both, files, variables, truth, rng):
    (both.prefix / "pip.conf").unlink(missing_ok=True)
    for name, text in files.items():
        path = both.prefix / "pip.conf" if name.startswith("environment/") else home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(fill(text, truth, rng).encode("latin-1" if "\xe4" in text else "utf-8"))
    return {name: fill(value, truth, rng).replace("HOME", str(home)) for name, value in variables.items()}


def main():
    if subprocess.run([sys.executable, "-c", "import pip"], capture_output=True).returncode:
        print("1..0 # SKIP there is no pip for this Python")
        return False
    rng, faults, count, errors = random.Random(12), [], 0, 0
    print("1..1")
    with tempfile.TemporaryDirectory(prefix="slipway-test-") as folder:
        folder = pathlib.Path(folder).resolve()
        both = Both(pathlib.Path(sys.argv[1]).resolve(), folder)
        for files, variables, truth in cases(rng):
            home = folder / f"home-{count}"
            home.mkdir()
            count += 1
            values = written(home, both, files, variables, truth, rng)
            ours, theirs = both.ask(home, values)
            errors += theirs["error"]
            mine = brought_together(ours)
            for name in LISTS + ["proxy"]:
                theirs[name] = theirs.get(name) or ([] if name in LISTS else None)
                mine[name] = mine.get(name) or ([] if name in LISTS else None)
            theirs.pop("why", None)
            if mine != theirs:
                faults.append(f"{files} {values}: ours {ours}, pip's {theirs}")
        both.pip.kill()
    print(f"# {count} configurations, {errors} of which pip refuses, {len(faults)} read otherwise")
    for fault in faults[:10]:
        print(f"# {fault}")
    print(f"{'not ok' if faults else 'ok'} 1 - pip's configuration is read as pip reads it")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
