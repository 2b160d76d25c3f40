#!/usr/bin/env python3
"""Nasty texts in every key of the schema stay data, in whatever `render` writes: for docker, for Compose and as a Truss.

usage: values_test.py SLIPWAY [KEY]...   (TAP on standard output; a test for each text of the schema, or for those of these keys)

The texts are found in what `slipway schema` prints, so a new key is tried without a change here. Each is tried twice: with a plain
word, and with a nasty text in the place of that word. The profile is either refused, or both renderings read the same, by independent
readers of their formats, but for the word.
"""
import concurrent.futures
import contextlib
import copy
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import yaml

SLIPWAY, ONLY = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
WORD = "qzword"
NASTY = ['"', "'", "\n", "\r", "\r\n", "\n\n", "\t", "\0", "\x1b[2J", "\x7f", "\u0085", "\u2028", "\u2029", "\u202e", "\ufeff", "\\", "\\\\", "\\n",
         "\\\n", "$HOME", "${HOME}", "${HOME:-x}", "$$", "$(id)", "`id`", "<<EOF", "<<-'EOF'", "\nEOF\n", "EOF", ";id", "&&id", "|id", "|", ">x",
         " # x", "#", ": ", ":", " - x", "{{name}}", "{{{name}}}", "{", "[", "]", "}", "*", "?", "&a", "!!int", "%s%n", "~", "no", "0x10", "-x", "--x=y",
         " ", "  x  ", "\nRUN id\n", "\"]\nRUN id\n#", "'; id; '", "../..", "/../../x", "\u00e9\U0001f600", "x" * 120, ",", "=", "@", "\u00ad"]
HOLES = ["%s", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n%s\n-----END PGP PUBLIC KEY BLOCK-----\n", "a%sb", "%sb", "a%s", "/a%sb", "/srv/a%s", "a=%s", "http://a.example/%s", "localhost/a%s", "a:%s"]
BASE = {"slipway": 1, "name": "p", "python_version": "3.11", "accelerators": ["h100"], "torch": {"version": "2.8.0", "cuda": "12.8"},
        "image": {"name": "localhost/p"}, "context": {"path": ".", "copy": []}}
OWN = {"slipway": 1, "name": "p", "dockerfile": {"path": "Dockerfile"}, "image": {"name": "localhost/p"}}
# Texts that are of a fixed form, or from which nothing is rendered.
NOTHING = {
    "extends": "it names a file", "accelerators.[]": "a GPU of the catalog", "python_version": "numbers", "driver": "numbers", "torch.version": "numbers",
    "torch.cuda": "numbers", "base_image.(1).bootstrap": "a distribution of the catalog", "dockerfile.path": "it names a file",
    "dockerfile.target": "the request of a build has it", "stop_signal.(1)": "a signal's name", "ports.[].(1)": "numbers",
    "trim.(1).for.[]": "a GPU of the catalog", "ignore.[].code": "a code that exists",
}
NOTHING |= {f"healthcheck.(0).{name}.(1)": "numbers and units" for name in ("interval", "timeout", "start_period")}
NOTHING |= {f"{place}.{name}": "a digest" for place, name in (
    ("context.copy.[].(2)", "sha256"), ("repositories.[].key.(1)", "sha256"), ("repositories.[].key.(2)", "fingerprint"))}
# Members that a member needs beside it; forms that a text has.
PARTNERS = {"that": {"is": ">=3"}, "is": {"that": "python"}}
FORMS = {"sha256": "0" * 64, "fingerprint": "0" * 40}
# Characters that part a text into what the target has words for.
STRUCTURE = {("user", ":"), ("context", "/../../x")}
TARGETS = {"docker": "Dockerfile", "compose": "compose.yaml", "truss": "config.yaml"}


# ---- the texts of the schema ----

def example(schema, full):
    """A valid value of the schema; `full`: with the members that need not be there but have an example."""
    if "examples" in schema:
        return copy.deepcopy(schema["examples"][0])
    if "anyOf" in schema:
        return example(schema["anyOf"][0], full)
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "object":
        return members(schema, full)
    if schema["type"] == "array":
        return [example(schema["items"], full)]
    return {"string": "text", "integer": schema.get("minimum", 1), "boolean": True}[schema["type"]]


def members(schema, full, but=None):
    return {name: FORMS.get(name) or example(member, full) for name, member in schema["properties"].items()
            if name != but and (name in schema.get("required", []) or full and "examples" in member)}


def texts(schema, path=()):
    """All texts below the schema, each as its name and a function that makes the value with a text in that place."""
    for number, choice in enumerate(schema.get("anyOf", [])):
        yield from texts(choice, (*path, f"({number})"))
    kind = schema.get("type")
    if kind == "string" and "enum" not in schema:
        yield path, lambda text, full: text
    elif kind == "array":
        for name, make in texts(schema["items"], (*path, "[]")):
            yield name, lambda text, full, make=make: [make(text, full)]
    elif kind == "object" and "properties" in schema:
        for key, member in schema["properties"].items():
            for name, make in texts(member, (*path, key)):
                yield name, lambda text, full, make=make, key=key: {**members(schema, full, key), **PARTNERS.get(key, {}), key: make(text, full)}
    elif kind == "object":
        yield (*path, "NAME"), lambda text, full: {text: example(schema["additionalProperties"], full)}
        for name, make in texts(schema["additionalProperties"], (*path, "VALUE")):
            yield name, lambda text, full, make=make: {"A": make(text, full)}


def profile(key, value):
    base = copy.deepcopy(OWN if key in ("dockerfile", "prove", "hold") else BASE)
    if isinstance(base.get(key), dict) and isinstance(value, dict):
        base[key].update(value)
    else:
        base[key] = value
    return base


# ---- readers of what is rendered ----

def words_of_docker(text):
    """The words of an instruction as Docker reads them, outside of RUN; a variable is a word that no text can have."""
    out, word, quote, at = [], None, None, 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "\\" and quote != "'" and at < len(text) and (quote is None or text[at] in '"\\$'):
            word, at = (word or "") + text[at], at + 1
        elif char == quote:
            quote = None
        elif quote is None and char in "\"'":
            word, quote = word or "", char
        elif char == "$" and quote != "'" and re.match(r"\{?\w", text[at:]):
            name = re.match(r"\{[^}]*\}|\w+", text[at:])
            assert name, f"a variable without an end in {text!r}"
            word, at = (word or "") + f"\0VARIABLE {name.group()}\0", at + name.end()
        elif quote is None and char in " \t":
            out, word = out + [word] if word is not None else out, None
        else:
            word = (word or "") + char
    assert quote is None, f"a quote without an end in {text!r}"
    return out + [word] if word is not None else out


def instructions(text):
    """[keyword, words or a command of the shell] of each instruction."""
    assert "\r" not in text and "\0" not in text
    found, lines = [], iter(text.split("\n"))
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        while line.endswith("\\"):
            more = next(lines)
            line = line[:-1] + ("" if more.lstrip().startswith("#") else more)
        keyword, _, rest = line.strip().partition(" ")
        assert re.fullmatch(r"[A-Z]+", keyword), f"no instruction: {line!r}"
        flags = []
        while keyword in ("RUN", "COPY", "ADD", "FROM", "HEALTHCHECK") and rest.lstrip().startswith("--"):
            flag, _, rest = rest.lstrip().partition(" ")
            flags.append(flag)
        if keyword == "HEALTHCHECK" and rest.startswith("CMD "):
            flags, rest = [*flags, "CMD"], rest[4:]
        try:
            words = json.loads(rest)
        except ValueError:
            words = None
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            found.append([keyword, flags, words])
        elif keyword in ("RUN", "CMD", "ENTRYPOINT"):
            assert "<<" not in rest, f"a heredoc in {rest!r}"
            found.append([keyword, flags, shlex.split(rest)])
        else:
            found.append([keyword, flags, words_of_docker(rest)])
    return found


def of_compose(value):
    """The text that Compose makes of a text."""
    if isinstance(value, str):
        assert not re.search(r"(?<!\$)(\$\$)*\$(?!\$)", value), f"Compose reads a variable in {value!r}"
        return value.replace("$$", "$")
    if isinstance(value, dict):
        return {of_compose(name): of_compose(item) for name, item in value.items()}
    return [of_compose(item) for item in value] if isinstance(value, list) else value


def named_volumes(value):
    """The compose file with its volumes called by their number: a name is made of a path, and not the path."""
    names = list(value.get("volumes", {}))
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", name) for name in names), f"names of volumes {names}"
    for service in value["services"].values():
        for volume in service.get("volumes", []):
            volume["source"] = names.index(volume["source"])
    return {**value, "volumes": len(names)}


def command(text):
    """The words that a build command of a Truss runs, which becomes an instruction RUN."""
    with contextlib.suppress(ValueError):
        return json.loads(text)
    assert not re.search(r"[\r\n]|<<|\\$", text) and not re.match(r"\s*(--|\[|$)", text), f"RUN reads more in {text!r}"
    return ["/bin/sh", "-c", text]


def read(target, path):
    """What a file of a rendering says."""
    text = path.read_bytes().decode()
    if path.name == "Dockerfile":
        return instructions(text)
    if target == "docker":
        return json.loads(text) if path.suffix == ".json" else text
    value = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if target == "compose":
        return of_compose(named_volumes(value))
    return {**value, "build_commands": [command(text) for text in value.get("build_commands", [])]}


def read_all(target, out):
    """What all files of a rendering say that are made of the profile's texts, by their paths."""
    return {str(path.relative_to(out)): read(target, path) for path in out.rglob("*")
            if path.is_file() and not path.name.startswith(".slipway") and path.name not in ("guard", "trim")}


def project(text):
    """A project's name as the index has it, if the text is such a name."""
    return re.sub(r"[-_.]+", "-", text).lower() if re.fullmatch(r"[A-Za-z0-9._-]+", text) else text


def same(plain, nasty, text):
    """Return true if both say the same but for the word; also if a shell makes the same words of both."""
    if isinstance(plain, dict) and isinstance(nasty, dict):
        plain, nasty = [list(part) for part in sorted(plain.items())], [list(part) for part in sorted(nasty.items())]
    if isinstance(plain, list) and isinstance(nasty, list):
        return len(plain) == len(nasty) and all(same(one, other, text) for one, other in zip(plain, nasty))
    if not isinstance(plain, str) or not isinstance(nasty, str):
        return plain == nasty

    def calm(value):  # digests tell of all that is in a profile
        return re.sub(r"\b[0-9a-f]{16,}\b", "DIGEST", value)

    if calm(plain).replace(WORD, text) == calm(nasty) or plain.replace(WORD, project(text)) == nasty:
        return True
    try:
        split = shlex.split(plain), shlex.split(nasty)
    except ValueError:
        return False
    return (len(split[0]) > 1 or split[0] != [plain]) and same(*split, text)


# ---- the profiles ----

def render(folder, profiles, target):
    """Render profiles into folders of folder/out, by output(); those that are refused have no folder there."""
    (folder / "slipway").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    for number, tree in enumerate(profiles):
        make_files(folder / "slipway", tree)
        (folder / f"slipway/p{number}.yaml").write_text("".join(f"{name}: {json.dumps(value)}\n" for name, value in {**tree, **({"name": f"p{number}"} if tree.get("name") == "p" else {})}.items()))
    done = subprocess.run([SLIPWAY, "--offline", "--format", "json", "render", "--all", "--target", target, "-o", "out"], cwd=folder, capture_output=True,
                          timeout=300, env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"})
    assert done.returncode in (0, 1, 2), f"status {done.returncode}: {done.stderr[-2000:]}"
    return done


def make_files(folder, value, key=None):
    """Make the files that a profile takes from its folder, as far as a file can be called so."""
    if isinstance(value, (dict, list)):
        for name, item in value.items() if isinstance(value, dict) else [(key, item) for item in value]:
            make_files(folder, item, name)
    elif key in ("from", "file", "python_builds") and isinstance(value, str) and not value.startswith("/") and ".." not in value:
        with contextlib.suppress(OSError, ValueError):
            (folder / value).parent.mkdir(parents=True, exist_ok=True)
            (folder / value).write_text("content\n")


def output(folder, number, tree):
    name = f"p{number}" if tree["name"] == "p" else tree["name"]
    return folder / "out" / (name if re.fullmatch(r"\w[\w.-]*", name) else "no-name")


def try_target(folder, target, key, make):
    """Return how many nasty texts were rendered for the target and how many refused."""
    taken, refused = 0, 0
    holes = [(hole, full, profile(key, make(hole % WORD, full))) for hole in HOLES for full in (False, True)]
    render(folder / "plain", [tree for _, _, tree in holes], target)
    outs = [output(folder / "plain", number, tree) for number, (_, _, tree) in enumerate(holes)]
    for number in [number for number, out in enumerate(outs) if out.is_dir()][:4:2]:
        hole, full, _ = holes[number]
        where, trees = folder / f"nasty{number}", [profile(key, make(hole % text, full)) for text in NASTY]
        render(where, trees, target)
        plain = read_all(target, outs[number])
        for at, text in enumerate(NASTY):
            out = output(where, at, trees[at])
            refused, taken = refused + (not out.is_dir()), taken + out.is_dir()
            if out.is_dir() and (key, text) not in STRUCTURE:
                compare(out, plain, target, text, hole, outs[number].name)
    return taken, refused


def compare(out, plain, target, text, hole, first):
    nasty, wanted = read_all(target, out), {path.replace(WORD, text): value for path, value in plain.items()}
    assert set(nasty) == set(wanted), f"{hole % text!r} for {target}: files {set(nasty) ^ set(wanted)}"
    for path, value in wanted.items():
        assert same(rename(value, first), rename(nasty[path], out.name), text), f"{hole % text!r} for {target}, {path}:\n{value}\n{nasty[path]}"


def rename(value, name):
    """Forget the name of the profile, which is another in each, unless the name itself is tried."""
    if not re.fullmatch(r"p\d+", name):
        return value
    if isinstance(value, dict):
        return {rename(key, name): rename(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [rename(item, name) for item in value]
    return re.sub(rf"\b{name}\b", "p", value) if isinstance(value, str) else value


def test(name, make):
    with tempfile.TemporaryDirectory(prefix="values-") as temporary:
        try:
            tried = [try_target(pathlib.Path(temporary).resolve() / target, target, name[0], make) for target in TARGETS]
            taken, refused = (sum(counts) for counts in zip(*tried))
            known = NOTHING.get(".".join(name))
            assert taken or known, "no profile with a plain word here is rendered: nothing was tried"
            return None, f"{taken} rendered, {refused} refused" if taken else f"nothing is rendered: {known}"
        except (AssertionError, ValueError, yaml.YAMLError, UnicodeDecodeError, StopIteration, subprocess.TimeoutExpired) as fault:
            return f"{type(fault).__name__}: {fault}", ""


def main():
    schema = json.loads(subprocess.run([SLIPWAY, "schema"], capture_output=True, check=True).stdout)
    cases = [case for key, member in schema["properties"].items() if not ONLY or key in ONLY for case in texts(member, (key,))]
    print(f"1..{len(cases)}")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for number, ((name, _), (fault, told)) in enumerate(zip(cases, pool.map(lambda case: test(*case), cases)), 1):
            print(f"{'not ok' if fault else 'ok'} {number} - {'.'.join(name)}{': ' + told if told else ''}", flush=True)
            if fault:
                print("# " + fault.replace("\n", "\n# "), flush=True)


main()
