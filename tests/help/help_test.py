#!/usr/bin/env python3
"""Help, manual pages, completions and the parser itself know the same commands and options.

usage: help_test.py SLIPWAY   (TAP on standard output; a shell that is not installed is a test skipped)
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap

import pages
import readme

SLIPWAY = pathlib.Path(sys.argv[1]).resolve()
SANITIZERS = ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS")
PROFILE = "slipway: 1\nname: %s\n"


class Skip(Exception):
    pass


def run(*words, folder="/", status=0, text=None):
    kept = {name: os.environ[name] for name in SANITIZERS if name in os.environ}
    done = subprocess.run([str(word) for word in words], cwd=folder, input=text, text=True, capture_output=True, timeout=100,
                          env={"PATH": f"{SLIPWAY.parent}:{os.defpath}", "HOME": str(folder), "LC_ALL": "C.UTF-8", **kept})
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout


def commands():
    block = run(SLIPWAY, "help").split("Commands:\n")[1].split("\n\n")[0]
    return [line.split()[0] for line in block.splitlines()]


def options_of(text):
    """Rows such as "  -C, --directory DIR" as {"--directory": ("-C", "DIR")}."""
    rows = re.findall(r"^  (?:(-.),|   ) --([a-z-]+)(?: (\S+))?", text, re.MULTILINE)
    return {"--" + name: (letter or None, value or None) for letter, name, value in rows}


def of_help(command):
    return options_of(run(SLIPWAY, "help", command))


def words_of(options):
    return {word for name, (letter, _) in options.items() for word in (name, letter) if word}


def of_manual(command):
    page = run(SLIPWAY, "help", "--man", command).replace("\\-", "-")
    rows = re.findall(r"^\.TP\n(?:\\fB(-.)\\fR, )?\\fB--([a-z-]+)\\fR(?: \\fI(\S+)\\fR)?$", page, re.MULTILINE)
    return {"--" + name: (letter or None, value or None) for letter, name, value in rows}


def shell(name):
    if not shutil.which(name):
        raise Skip(f"{name} is not installed")
    return name


def of_bash(*words):
    script = ('eval "$(slipway completion bash)"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _slipway; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    return set(run(shell("bash"), "--norc", "-c", script, "bash", "slipway", *words).split())


def of_zsh(command):
    """What the completion gives zsh's own _arguments for a command."""
    script = ('compdef() { : }; _arguments() { [[ $1 == -C ]] && state=argument || print -rl -- "$@" }\n'
              'eval "$(slipway completion zsh)"; words=($1); _slipway')
    specs = run(shell("zsh"), "-f", "-c", script, "zsh", command).splitlines()
    return {match[1] for match in (re.match(r"\*?(--?[A-Za-z-]+)\[", spec) for spec in specs) if match}


def of_fish(line, folder="/"):
    script = "slipway completion fish | source; complete -C $argv[1]"
    return {row.split("\t")[0] for row in run(shell("fish"), "--no-config", "-c", script, line, folder=folder).splitlines()}


def test_every_command_has_a_page_and_an_example():
    for command in commands():
        text = run(SLIPWAY, "help", command)
        assert text.startswith(f"usage: slipway {command} "), text
        assert run(SLIPWAY, command, "--help") == text == run(SLIPWAY, command, "-h"), command
        example = text.split("\nExample:\n  ")[1].strip()
        assert re.search(rf"\bslipway {command}\b", example), example
        for part in re.split(r"&&|\|\||[|>]|<\(|\)", example):
            words = shlex.split(part)
            if words[:1] == ["slipway"]:
                run(SLIPWAY, *words[1:], "--help")


def test_the_readme_shows_what_there_is():
    for words in (words for command in readme.commands() for words in readme.words_of(command)):
        if words[0] == "slipway":
            run(SLIPWAY, *words[1:], "--help")
        elif "/" in words[0]:
            assert os.access(readme.SOURCE / words[0], os.X_OK), words
        else:
            assert words[0] == "docker", words
    assert readme.NOT_THERE.keys() <= set(readme.commands())
    for text in re.findall(r"`slipway\s+([^`]+)`", readme.TEXT):
        command, *rest = text.split()
        if command != "COMMAND":
            assert command in commands(), text
            assert {word for word in rest if word.startswith("-")} <= words_of(of_help(command)), text


def test_the_readme_says_what_init_says():
    said = (readme.SOURCE / readme.SERVICE / "stdout").read_text().split("# service, from Dockerfile")[0]
    assert "".join(f"    {line}".rstrip() + "\n" for line in said.splitlines()) in readme.TEXT, said


def test_the_readme_says_what_check_says():
    """Up to the count; the lines after it tell also what was asked of an index, which no case asks."""
    said = iter((readme.SOURCE / "tests/cases/check/readme/stdout").read_text().splitlines())
    block = next(text for text in re.findall(r"^((?:    .*\n)+)", readme.README, re.MULTILINE) if "[SW201]" in text)
    for line in re.split(r"(?<=warnings)\n", textwrap.dedent(block))[0].splitlines():
        shown = re.compile(".*".join(map(re.escape, line.split("…"))))
        assert any(map(shown.fullmatch, said)), line


def test_the_generated_pages_are_fresh():
    for path, page in pages.PAGES.items():
        assert (readme.SOURCE / path).read_text() == page(SLIPWAY), f"{path} is stale: tests/help/pages.py {SLIPWAY}"


def test_manual_pages_say_the_same():
    listed = re.findall(r"\\fBslipway\\-([a-z]+)\\fR\(1\)", run(SLIPWAY, "help", "--man"))
    assert listed == commands(), listed
    for command in commands():
        assert of_manual(command) == of_help(command), (command, of_manual(command), of_help(command))


def test_manual_pages_are_clean_roff():
    if not shutil.which("groff"):
        raise Skip("groff is not installed")
    for command in ["", *commands()]:
        page = run(SLIPWAY, "help", "--man", *[command][:bool(command)])
        done = subprocess.run(["groff", "-man", "-ww", "-z"], input=page, text=True, capture_output=True, timeout=60)
        assert not done.stderr, done.stderr


def test_the_parser_takes_what_help_lists():
    for command in commands():
        for name, (letter, value) in of_help(command).items():
            for word in filter(None, (name, letter)):
                run(SLIPWAY, command, word, *(["plain"] if value else []), "--help")
    run(SLIPWAY, "list", "--no-cache", status=2)


def test_the_letters_tell_options_apart():
    for command in commands():
        letters = [letter for letter, _ in of_help(command).values() if letter]
        assert len(letters) == len(set(letters)), (command, letters)


def test_bash_completes_the_same():
    assert of_bash("") == set(commands())
    for command in commands():
        assert of_bash(command, "-") == words_of(of_help(command)), command
    assert of_bash("build", "--progress", "") == {"auto", "tty", "plain", "quiet", "rawjson"}
    assert of_bash("--format", "json", "he") == {"help"}
    assert "rtx-4090" in of_bash("init", "--gpu", "rtx")
    assert of_bash("help", "he") == {"help"}
    assert of_bash("check", "-C", "/usr/sha") == {"/usr/share"}


def test_profiles_are_completed():
    with tempfile.TemporaryDirectory() as folder:
        for name in ("one", "other", "two"):
            (pathlib.Path(folder) / f"{name}.yaml").write_text(PROFILE % name)
        script = 'eval "$(slipway completion bash)"; COMP_WORDS=(slipway plan o); COMP_CWORD=2; _slipway; echo "${COMPREPLY[@]}"'
        assert run(shell("bash"), "--norc", "-c", script, folder=folder) == "one other\n"
        assert of_fish("slipway plan o", folder) == {"one", "other"}


def test_zsh_completes_the_same():
    for command in commands():
        assert of_zsh(command) == words_of(of_help(command)), command


def test_fish_completes_the_same():
    assert of_fish("slipway ") == set(commands())
    for command in commands():
        options = of_help(command)
        assert of_fish(f"slipway {command} --") == set(options), command
        letters = {letter for letter, _ in options.values() if letter}
        assert letters <= of_fish(f"slipway {command} -"), command
    assert of_fish("slipway render --target ") == {"docker", "truss", "compose"}


def main():
    tests = [(name[5:].replace("_", " "), test) for name, test in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} - {name}")
        except Skip as skip:
            print(f"ok {number} - {name} # SKIP {skip}")
        except (AssertionError, IndexError, ValueError, subprocess.TimeoutExpired) as error:
            print(f"not ok {number} - {name}")
            print("# " + f"{type(error).__name__}: {error}".replace("\n", "\n# "))


main()
