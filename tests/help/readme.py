#!/usr/bin/env python3
"""The commands that README.md and the pages of docs/ show, which stand in their ```sh blocks, a line each; and a script that runs them as a new user would.

usage: readme.py     prints that script, for tests/engines/bare
"""
import pathlib
import re
import shlex

SOURCE = pathlib.Path(__file__).resolve().parents[2]
README = (SOURCE / "README.md").read_text()
# The pages in the order of the README's table.
PAGES = re.findall(r"\]\((docs/\w+\.md)\)", README.split("## Documents")[1])
TEXT = "\n".join([README, *((SOURCE / page).read_text() for page in PAGES)])
# What somebody has who comes with a service of his own; what `init` says of it stands in the README.
SERVICE = "tests/cases/init/readme"
# The Dockerfile of the README's first command.
FIRST = ("slipway check Dockerfile --gpu rtx-5090", "tests/cases/check/readme")
# These are run in the checkout, the others where the service is.
IN_CHECKOUT = ("./install", "tests/", ".github/")
# What cannot run on a machine that reaches a package index and Debian's mirror and no more, and why.
NOT_THERE = {"tests/run quick": "the tests run on machines of their own"}
# What does not end with 0: the log is one of a failed build.
STATUS = {FIRST[0]: 1, "slipway explain build.log": 1}
SCRIPT = """\
set -u
failed=0 checkout=$PWD
export HOME=${HOME:-/root}
try() { # FOLDER STATUS COMMAND
  local began=$SECONDS status=0
  printf '\\n$ %%s\\n' "$3"
  (cd "$1" && exec bash -e -o pipefail -c "$3") </dev/null || status=$?
  if [ $status = "$2" ]; then
    printf 'ok (%%s s): %%s\\n' $((SECONDS - began)) "$3"
  else
    printf 'FAILED (%%s): %%s\\n' $status "$3"
    failed=$((failed + 1))
  fi
}
leave() { # REASON COMMAND
  printf '\\nnot tried: %%s (%%s)\\n' "$2" "$1"
}
# The service, its own repository and a log of a failed build.
service=$HOME/service
mkdir "$service" && cp %s/{Dockerfile,requirements.txt,handler.py} "$service"
echo "ModuleNotFoundError: No module named 'triton.ops'" >"$service/build.log"
# The README's first command checks a Dockerfile, which is put there.
first=$HOME/first
mkdir "$first" && cp %s/{Dockerfile,serve.py} "$first"
commit() {
  git -C "$service" init -q -b main && git -C "$service" add . &&
    git -C "$service" -c user.name=me -c user.email=me@localhost commit -q -m "$1"
}
# There is no registry: the image that the Dockerfile begins with is there already. And docker's client is podman's, which lets a
# build trust what the machine trusts, as slipway does: there may be a proxy that signs with a certificate of its own.
have_image() {
  local folder=/usr/local/bin
  [ "$(id -u)" = 0 ] || folder=$HOME/.local/bin
  cat >"$folder/docker" <<'END'
#!/bin/sh
certificates=/etc/ssl/certs/ca-certificates.crt
exec podman "$1" -v $certificates:$certificates:ro --build-arg SSL_CERT_FILE=$certificates \\
  --build-arg PIP_CERT=$certificates "$2"
END
  chmod +x "$folder/docker"
  podman tag localhost/slipway-base:debian-bookworm docker.io/library/python:3.11-slim
}
%s
printf '\\n%%s failed\\n' $failed
exit $((failed > 0))
"""


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def commands():
    """Each line without its comment."""
    return [re.sub(r"\s+#.*", "", line) for block in blocks("sh") for line in block.splitlines()]


def words_of(command):
    """The words of each program that a line starts."""
    return [shlex.split(part) for part in re.split(r"&&|\|\||[|;]", command)]


def profile():
    """The profile that it shows: name and text."""
    text = next(block for block in blocks("yaml") if block.startswith("slipway: 1\n"))
    return re.search(r"^name: (.*)$", text, re.MULTILINE)[1], text


def script():
    name, text = profile()
    lines, shown = [], commands()
    # The README shows its first command before it says how to install.
    before = shown.index("./install")
    for command in shown[before:before + 2] + shown[:before] + shown[before + 2:]:
        folder = '"$first"' if command == FIRST[0] else '"$checkout"' if command.startswith(IN_CHECKOUT) else '"$service"'
        if command in NOT_THERE:
            lines.append(f"leave {shlex.quote(NOT_THERE[command])} {shlex.quote(command)}")
            continue
        lines.append(f"try {folder} {STATUS.get(command, 0)} {shlex.quote(command)}")
        if command.startswith("tests/demo"):
            lines.append("have_image")
        if command.startswith("slipway init"):
            lines.append(f'printf %s {shlex.quote(text)} >"$service"/{name}.yaml\ncommit "First profiles"')
    return SCRIPT % (SERVICE, FIRST[1], "\n".join(lines))


if __name__ == "__main__":
    print(script(), end="")
