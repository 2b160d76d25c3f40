#!/usr/bin/env python3
"""The GitHub actions and workflows here, run step by step under the runner's contract; and SARIF against its standard.

usage: action_test.py SLIPWAY   (TAP on standard output; SLIPWAY_SOURCE is the checkout; wants python3-yaml)

The contract: GitHub Docs, "Workflow commands for GitHub Actions" (files behind GITHUB_OUTPUT and GITHUB_STEP_SUMMARY,
`::command::` lines), and "Metadata syntax" of actions. A build with a real engine through the action is part of
tests/engines.
"""
import functools
import hashlib
import html
import html.parser
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

import yaml

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "catalog"))
import drift_test  # noqa: E402
import outputs  # noqa: E402

SLIPWAY = pathlib.Path(sys.argv[1]).resolve()
SOURCE = pathlib.Path(os.environ["SLIPWAY_SOURCE"])
ACTIONS = SOURCE / ".github" / "actions"
GOOD = """\
slipway: 1
name: good
accelerators: [rtx-4090]
torch: {version: "2.5.1", cuda: "12.4"}
"""
BAD = """\
slipway: 1
name: bad
accelerators: [rtx-5090]
torch: {version: "2.5.1", cuda: "12.9"}
"""
SECRET = GOOD.replace("good", "secret") + "secrets: [{id: hf_token, env: HF_TOKEN}]\n"


class Runner:
    """One job: files and variables as a runner has them."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.files = {name: self.folder / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH",
                                                                    "GITHUB_ENV")}
        self.work = self.folder / "work"
        self.work.mkdir()
        kept = {name: os.environ[name] for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
        self.environment = {"PATH": f"{SLIPWAY.parent}:{os.defpath}", "HOME": str(self.folder), "LC_ALL": "C.UTF-8",
                            "CI": "true", "GITHUB_WORKSPACE": str(self.work), "GITHUB_ACTIONS": "true",
                            "RUNNER_TEMP": str(self.folder), **kept,
                            **{name: str(path) for name, path in self.files.items()}}

    def run(self, script, directory=".", **environment):
        for path in self.files.values():
            path.write_text("")
        return subprocess.run(["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script], text=True,
                              cwd=self.work / directory, stdin=subprocess.DEVNULL, capture_output=True, timeout=200,
                              env={**self.environment, **environment})

    def outputs(self):
        return outputs.read(self.files["GITHUB_OUTPUT"].read_text())

    def summary(self):
        """The summary, with the characters that its references stand for: those of names and messages are all references."""
        return html.unescape(self.files["GITHUB_STEP_SUMMARY"].read_text().replace("<!-- -->", ""))

    def use(self, action, only, inputs, **environment):
        """The step `only` of an action, with `inputs`: as its `run` says, in its folder, with its `env`."""
        path = ACTIONS / action
        described = yaml.safe_load((path / "action.yml").read_text())
        values = {name: str(row.get("default", "")) for name, row in described["inputs"].items()} | inputs
        assert set(values) == set(described["inputs"]), values

        def fill(text):
            return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: values[match[1]], str(text))

        step = next(step for step in described["runs"]["steps"] if only in (step.get("id"), step["run"]))
        variables = {name: fill(value) for name, value in step.get("env", {}).items()}
        assert "${{" not in step["run"], "text of an input in a script is a command"
        return self.run(step["run"], fill(step.get("working-directory", ".")), GITHUB_ACTION_PATH=str(path), **variables,
                        **environment)


def commands(text):
    """The workflow commands in a log: (name, properties, message)."""
    found = []
    for line in text.splitlines():
        if match := re.fullmatch(r"::([a-z-]+)(?: ([^:]*))?::(.*)", line):
            properties = dict(part.split("=", 1) for part in (match[2] or "").split(",") if part)
            found.append((match[1], properties, match[3]))
    return found


class Balance(html.parser.HTMLParser):
    """That every element that is opened is closed, in order."""

    def __init__(self, text):
        super().__init__()
        self.open = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        if tag not in ("br", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()


def test_a_profile_that_is_fine(runner):
    (runner.work / "good.yaml").write_text(GOOD)
    done = runner.use("build", "build", {"profile": "good", "arguments": "--dry-run"})
    assert done.returncode == 0, done.stderr
    assert runner.outputs() == {"profile": "good", "ok": "true", "verified": "false", "image": "", "imageid": "", "digest": "",
                                "tags": ""}
    assert "good: built" not in done.stdout and "can be built" in done.stdout
    Balance(runner.files["GITHUB_STEP_SUMMARY"].read_text())
    assert "2.5.1+cu124" in runner.summary(), runner.summary()


def test_a_profile_that_is_wrong(runner):
    (runner.work / "sub").mkdir()
    (runner.work / "sub" / "bad.yaml").write_text(BAD)
    done = runner.use("build", "build", {"profile": "bad", "directory": "sub", "report": "report.html"})
    assert done.returncode == 1, (done.returncode, done.stderr)
    errors = [command for command in commands(done.stderr) if command[0] == "error"]
    assert errors and all(row["file"] == "./bad.yaml" or row["file"] == "bad.yaml" for _, row, _ in errors), errors
    assert any(row["line"] == "4" and row["title"].startswith("SW204") for _, row, _ in errors), errors
    assert runner.outputs()["ok"] == "false" and runner.outputs()["image"] == ""
    Balance(runner.files["GITHUB_STEP_SUMMARY"].read_text())
    assert "SW204" in runner.summary() and "<code>bad.yaml:4</code>" in runner.summary().replace("./", ""), runner.summary()
    page = (runner.work / "sub" / "report.html").read_text()
    Balance(page)
    assert 'id="findings"' in page and "SW204" in page and not re.search(r"\b(src|href)\s*=|url\(|@import", page), page


def test_a_dockerfile_of_the_users_own(runner):
    (runner.work / "Dockerfile").write_text("FROM python:3.11\nRUN pip install torch==2.5.1\n")
    (runner.work / "web.yaml").write_text("slipway: 1\nname: web\naccelerators: [rtx-4090]\ndockerfile: {path: Dockerfile}\n")
    done = runner.use("build", "build", {"profile": "web", "arguments": "--dry-run\n--offline"})
    assert done.returncode == 0 and runner.outputs()["ok"] == "true", done.stderr
    (runner.work / "web.yaml").write_text((runner.work / "web.yaml").read_text().replace("4090", "5090"))
    done = runner.use("build", "build", {"profile": "web", "arguments": "--dry-run\n--offline"})
    errors = [row for command, row, _ in commands(done.stderr) if command == "error"]
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert [(pathlib.Path(row["file"]).name, row["line"]) for row in errors] == [("Dockerfile", "2")], errors
    assert "Dockerfile:2</code>" in runner.summary(), runner.summary()


def test_secrets_are_masked_before_all_else(runner):
    (runner.work / "secret.yaml").write_text(SECRET)
    done = runner.use("build", "build", {"profile": "secret", "secrets": "id=hf_token,env=OTHER\n",
                                         "arguments": "-H\nunix:///nowhere.sock\n"}, OTHER="hush%\nsecond line")
    assert done.returncode == 3, (done.returncode, done.stderr)
    assert done.stderr.splitlines()[:2] == ["::add-mask::hush%25", "::add-mask::second line"], done.stderr
    rest = "\n".join(done.stderr.splitlines()[2:]) + done.stdout + runner.summary()
    assert "hush" not in rest and "second line" not in rest
    names = [name for name, _, _ in commands(done.stderr)]
    assert names.count("group") == names.count("endgroup") == 1 and names.index("group") < names.index("endgroup"), names
    assert names.index("error") > names.index("endgroup"), names


def test_a_pull_request_takes_nothing_that_no_input_gives(runner):
    (runner.work / "secret.yaml").write_text(SECRET + "ssh: true\ncontext: {path: /, copy: [{from: etc/passwd, to: /}]}\n")
    done = runner.use("build", "build", {"profile": "secret", "arguments": "--dry-run"}, HF_TOKEN="hush", SSH_AUTH_SOCK="/nowhere")
    refused = [row for name, row, _ in commands(done.stderr) if name == "error" and row["title"].startswith("SW104")]
    assert done.returncode == 1 and [row["line"] for row in refused] == ["5", "6", "7"], (done.returncode, done.stderr)
    assert "hush" not in done.stdout + done.stderr + runner.summary()
    given = {"secrets": "id=hf_token,env=HF_TOKEN", "ssh": "default", "allow": "fs.read=/etc\nfs.read=/"}
    done = runner.use("build", "build", {"profile": "secret", "arguments": "--dry-run", **given}, HF_TOKEN="hush")
    assert done.returncode == 0 and "can be built" in done.stdout, (done.returncode, done.stdout, done.stderr)
    done = runner.use("build", "build", {"profile": "secret", "arguments": "--dry-run", "allow": "secret=HF_TOKEN\nssh\nfs=/"})
    assert done.returncode == 0 and "can be built" in done.stdout, (done.returncode, done.stdout, done.stderr)


def test_permissions_are_no_commands(runner):
    (runner.work / "good.yaml").write_text(GOOD)
    for name in ("secrets", "ssh", "allow"):
        done = runner.use("build", "build", {"profile": "good", name: "$(touch pwned); `touch pwned`\n--no-verify"})
        assert done.returncode in (2, 3), (name, done.returncode, done.stderr)
        assert not (runner.work / "pwned").exists(), name


def test_caches_are_passed_on(runner):
    (runner.work / "good.yaml").write_text(GOOD)
    for given in ({"cache-from": "localhost:5000/a\ntype=nowhere"}, {"cache-to": "type=inline\ntype=nowhere,mode=max"}):
        done = runner.use("build", "build", {"profile": "good", **given, "arguments": "-H\nunix:///nowhere.sock"})
        option = next(iter(given))
        assert done.returncode == 2 and f"--{option} does not know the type 'nowhere'" in done.stderr, (done.returncode, done.stderr)


def test_no_mask_is_printed_where_no_runner_would_hide_it(runner):
    (runner.work / "secret.yaml").write_text(SECRET)
    done = runner.run("slipway build secret --allow secret=HF_TOKEN --format github -H unix:///nowhere.sock", HF_TOKEN="hush",
                      GITHUB_ACTIONS="")
    assert done.returncode == 3 and "hush" not in done.stdout + done.stderr, done.stderr
    assert runner.outputs() == {} and runner.summary() == ""


def test_inputs_are_no_commands(runner):
    done = runner.use("build", "build", {"profile": "$(touch pwned); `touch pwned`", "arguments": "; touch pwned"})
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert not (runner.work / "pwned").exists()


def test_it_pushes_only_where_it_is_asked_to(runner):
    """The action says so to slipway in its words alone: another `slipway` writes them down."""
    (runner.work / "bin").mkdir()
    stand_in = runner.work / "bin" / "slipway"
    stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    stand_in.chmod(0o755)
    path = f"{stand_in.parent}:{os.defpath}"
    for value, pushed in (("true", True), ("false", False), ("", False)):
        done = runner.use("build", "build", {"profile": "good", "push": value}, PATH=path)
        assert done.returncode == 0 and ("--push" in done.stdout.splitlines()) == pushed, (value, done.stdout)


def test_the_doctor_comes_before_the_build(runner):
    (runner.work / "good.yaml").write_text(GOOD)
    done = runner.use("build", '"$GITHUB_ACTION_PATH/permitted" doctor', {"profile": "good"})
    assert done.returncode in (0, 3) and "profile good" in done.stdout, (done.returncode, done.stdout)


def test_a_slipway_that_is_there_is_used(runner):
    done = runner.run('"$GITHUB_ACTION_PATH/setup"', GITHUB_ACTION_PATH=str(ACTIONS / "setup"))
    assert done.returncode == 0 and done.stdout.startswith("slipway "), done.stderr
    assert runner.files["GITHUB_PATH"].read_text() == ""


class Released(http.server.BaseHTTPRequestHandler):
    """A server with one release, v1.2.3."""

    binary = b"#!/bin/sh\necho slipway 1.2.3\n"
    listed = binary

    def do_GET(self):
        name = self.path.removeprefix("/OWNER/slipway/releases/download/v1.2.3/")
        sums = f"{hashlib.sha256(self.listed).hexdigest()}  slipway-amd64\n{hashlib.sha256(self.listed).hexdigest()}  slipway-arm64\n"
        body = {"slipway-amd64": self.binary, "slipway-arm64": self.binary, "SHA256SUMS": sums.encode()}.get(name)
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


def test_the_released_binary_of_its_own_ref_is_downloaded(runner):
    """Without a release, or if the binary is another than the release lists, slipway is made: here meson stands in, and fails."""
    tools = runner.work / "tools"
    tools.mkdir()
    for name in ("bash", "sh", "curl", "sha256sum", "uname", "mkdir", "mv", "chmod", "id", "dirname", "cat"):
        (tools / name).symlink_to(shutil.which(name))
    (tools / "sudo").write_text("#!/bin/sh\necho made\nexit 9\n")
    (tools / "id").unlink()
    (tools / "id").write_text("#!/bin/sh\necho 1000\n")
    for name in ("sudo", "id"):
        (tools / name).chmod(0o755)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Released) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        more = {"PATH": str(tools), "GITHUB_ACTION_PATH": str(ACTIONS / "setup"), "no_proxy": "*", "SLIPWAY_REPOSITORY": "OWNER/slipway",
                "GITHUB_SERVER_URL": f"http://127.0.0.1:{server.server_address[1]}"}
        done = runner.run('"$GITHUB_ACTION_PATH/setup"', **more, SLIPWAY_REF="v1.2.3")
        assert (done.returncode, done.stdout) == (0, "slipway 1.2.3\n"), (done.stdout, done.stderr)
        assert runner.files["GITHUB_PATH"].read_text() == f"{runner.folder}/slipway-released\n"
        for ref in ("v1.2.4", "main", ""):
            done = runner.run('"$GITHUB_ACTION_PATH/setup"', **more, SLIPWAY_REF=ref)
            assert done.returncode == 9 and "made" in done.stdout, (ref, done.stdout, done.stderr)
        Released.listed = b"another"
        done = runner.run('"$GITHUB_ACTION_PATH/setup"', **more, SLIPWAY_REF="v1.2.3")
        assert done.returncode == 9 and "made" in done.stdout, (done.stdout, done.stderr)
        server.shutdown()


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def git(folder, *words):
    return subprocess.run(["git", "-c", "user.name=me", "-c", "user.email=me@localhost", "-C", folder, *words], check=True, text=True,
                          capture_output=True).stdout


def test_records_go_with_the_repository(runner):
    """What one job records, the next job has."""
    origin = runner.folder / "origin"
    git(runner.folder, "init", "-q", "--bare", "-b", "main", origin)
    git(runner.work, "init", "-q", "-b", "main")
    git(runner.work, "commit", "-q", "--allow-empty", "-m", "first")
    git(runner.work, "remote", "add", "origin", origin)
    git(runner.work, "push", "-q", "origin", "main")
    git(runner.work, "update-ref", "refs/slipway/service", "HEAD")
    records = f'"{ACTIONS}/build/records"'
    assert runner.run(f"{records} push").returncode == 0
    (runner.folder / "next").mkdir()
    git(runner.folder / "next", "clone", "-q", origin, ".")
    done = runner.run(f"{records} fetch", directory=runner.folder / "next")
    assert done.returncode == 0, done.stderr
    assert git(runner.folder / "next", "rev-parse", "refs/slipway/service") == git(runner.work, "rev-parse", "HEAD")


def test_a_pull_request_says_what_changes(runner):
    origin = runner.folder / "origin"
    git(runner.folder, "init", "-q", "--bare", "-b", "main", origin)
    git(runner.work, "init", "-q", "-b", "main")
    (runner.work / "good.yaml").write_text(GOOD)
    git(runner.work, "add", ".")
    git(runner.work, "commit", "-q", "-m", "first")
    git(runner.work, "remote", "add", "origin", origin)
    git(runner.work, "push", "-q", "origin", "main")
    more = {"SLIPWAY_PROFILE": "good", "GITHUB_BASE_REF": "main"}
    assert runner.run(f'"{ACTIONS}/build/compare" stack', **more).returncode == 0
    assert "the stack is the same" in runner.summary() or "same" in runner.summary(), runner.summary()
    (runner.work / "good.yaml").write_text(GOOD.replace("12.4", "12.1"))
    done = runner.run(f'"{ACTIONS}/build/compare" stack', **more)
    assert done.returncode == 0 and "12.1" in runner.summary() and "12.4" in runner.summary(), (done.stderr, runner.summary())


def test_a_pull_request_says_what_becomes_of_the_image(runner):
    """The last two builds are compared; another `slipway` has as many as `builds` says. Real records: tests/package/systems_test.py."""
    (runner.work / "bin").mkdir()
    stand_in = runner.work / "bin" / "slipway"
    stand_in.write_text('#!/bin/sh\n[ "$1" = history ] && exec cat builds\necho "$@"\n')
    stand_in.chmod(0o755)
    more = {"SLIPWAY_PROFILE": "slipway/good.yaml", "PATH": f"{stand_in.parent}:{os.defpath}"}
    for builds, said in (([7, 6], "diff good@6 good@7"), ([1], ""), ([], "")):
        (runner.work / "builds").write_text(json.dumps({"builds": [{"number": number, "result": "built"} for number in builds]}, indent=2))
        done = runner.run(f'"{ACTIONS}/build/compare" image', **more)
        assert done.returncode == 0 and said in runner.summary() and bool(said) == bool(runner.summary()), (done.stderr, runner.summary())


def test_the_release_is_what_the_setup_downloads(runner):
    """The release workflow's own commands, with a stand-in that makes the binary at once; and the setup of an action at that release."""
    steps = yaml.safe_load((SOURCE / ".github/workflows/release.yml").read_text())["jobs"]["make"]["steps"]
    (script,) = [step["run"] for step in steps if "SHA256SUMS" in step.get("run", "")]
    (runner.work / "meson.build").write_text("project('slipway', 'c',\n  version: '1.2.3',\n)\n")
    package = runner.work / ".github/package/package"
    package.parent.mkdir(parents=True)
    package.write_text('#!/bin/sh\nmkdir -p "$1"\nprintf "#!/bin/sh\\necho slipway 1.2.3 $2\\n" >"$1/slipway"\n'
                       'echo musl=1 >"$1/libraries"\necho package >"$1/slipway_1.2.3_$2.deb"\n')
    package.chmod(0o755)
    assert runner.run(script, GITHUB_REF_NAME="v1.2.4").returncode == 1
    done = runner.run(script, GITHUB_REF_NAME="v1.2.3")
    assert done.returncode == 0, (done.stdout, done.stderr)
    released = runner.folder / "served/OWNER/slipway/releases/download"
    released.mkdir(parents=True)
    (runner.work / "released").rename(released / "v1.2.3")
    handler = functools.partial(Files, directory=runner.folder / "served")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = runner.run('"$GITHUB_ACTION_PATH/setup"', GITHUB_ACTION_PATH=str(ACTIONS / "setup"), SLIPWAY_REPOSITORY="OWNER/slipway",
                          SLIPWAY_REF="v1.2.3", GITHUB_SERVER_URL=f"http://127.0.0.1:{server.server_address[1]}", PATH=os.defpath, no_proxy="*")
        server.shutdown()
    assert done.returncode == 0 and done.stdout.startswith("slipway 1.2.3 a"), (done.stdout, done.stderr)


def test_every_release_is_signed_and_attested(runner):
    """What the publishing job gets is all attested, and the digests of all are signed; no other job may write."""
    workflow = yaml.safe_load((SOURCE / ".github/workflows/release.yml").read_text())
    publish = workflow["jobs"]["publish"]
    assert publish["permissions"] == {"contents": "write", "id-token": "write", "attestations": "write"} and "permissions" not in workflow["jobs"]["make"]
    assert workflow["permissions"] == {"contents": "read"}
    attest, = [step for step in publish["steps"] if step.get("uses", "").startswith("actions/attest-build-provenance@")]
    assert attest["with"] == {"subject-path": "released/*"}, attest
    runs = " ".join(step.get("run", "") for step in publish["steps"])
    assert "cosign sign-blob --yes --bundle released/SHA256SUMS.sigstore released/SHA256SUMS" in runs and "--verify-tag released/*" in runs, runs


def test_every_output_of_the_action_is_one_of_the_command(runner):
    (runner.work / "good.yaml").write_text(GOOD)
    runner.use("build", "build", {"profile": "good", "arguments": "--dry-run"})
    described = yaml.safe_load((ACTIONS / "build" / "action.yml").read_text())["outputs"]
    for name, row in described.items():
        assert row["value"] == "${{ steps.build.outputs.%s }}" % name and name in runner.outputs(), name


def test_the_workflow_fits_the_actions(runner):
    workflow = yaml.safe_load((SOURCE / ".github/workflows/images.yml").read_text())
    inputs = yaml.safe_load((ACTIONS / "build" / "action.yml").read_text())["inputs"]
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    own = [step for step in steps if step.get("uses", "").startswith("./.slipway/.github/actions/")]
    assert len(own) == 2
    assert not any("${{" in step.get("run", "") for step in steps), "text of an input in a script is a command"
    for step in own:
        assert (SOURCE / step["uses"].removeprefix("./.slipway/") / "action.yml").exists(), step
        assert set(step.get("with", {})) <= set(inputs) or step["uses"].endswith("setup"), step


def test_matrix(runner):
    for name, text in (("good", GOOD), ("secret", SECRET), ("child", GOOD.replace("good", "child") + "extends: good\n")):
        (runner.work / f"{name}.yaml").write_text(text)
    workflow = yaml.safe_load((SOURCE / ".github/workflows/images.yml").read_text())
    step = next(step for step in workflow["jobs"]["matrix"]["steps"] if step.get("id") == "matrix")
    (runner.work / ".slipway").symlink_to(SOURCE)
    done = runner.run(step["run"])
    assert done.returncode == 0, done.stderr
    rows = json.loads(runner.outputs()["matrix"])["include"]
    assert [row["profile"] for row in rows] == ["child", "secret"], rows
    assert rows[0] == {"profile": "child", "name": "child", "file": "child.yaml", "gpu": "rtx-4090", "torch": "2.5.1", "cuda": "12.4"}, rows
    assert json.loads(runner.run("slipway matrix good").stdout)["include"][0]["profile"] == "good"


def test_the_catalog_is_verified(runner):
    """The weekly workflow's step: drift as an annotation at its row, all of it in the summary, and the job fails."""
    workflow = yaml.safe_load((SOURCE / ".github/workflows/catalog.yml").read_text())
    steps = workflow["jobs"]["verify"]["steps"]
    step = next(step for step in steps if step.get("id") == "verify")
    own = [step["uses"] for step in steps if step.get("uses", "").startswith("./")]
    assert own == ["./.github/actions/setup"] and (ACTIONS / "setup" / "action.yml").exists(), own
    with drift_test.serve() as server:
        project = drift_test.Project(SLIPWAY, runner.work, server)
        done = runner.run(step["run"], **project.write())
        assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
        assert not [row for row in commands(done.stdout) if row[0] != "notice"] and "not settled by wheels" in runner.summary()
        done = runner.run(step["run"], **project.write([("torch", 'triton: "2.0.0"', 'triton: "2.0.9"')]))
    errors = [row for row in commands(done.stdout) if row[0] == "error"]
    assert done.returncode == 1 and len(errors) == 1, (done.returncode, done.stdout, done.stderr)
    assert errors[0][1]["file"].endswith("profiles/catalog/torch.yaml") and errors[0][1]["line"] == "3", errors
    assert errors[0][1]["title"].startswith("SW601") and "2.0.9" in errors[0][2], errors
    assert "triton is '2.0.9' in the catalog and '2.0.0' in the wheel" in runner.summary(), runner.summary()
    done = runner.run(step["run"], **{**project.write(), "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "XDG_CACHE_HOME": "/dev/null/nowhere"})
    assert done.returncode == 3 and "cannot fetch" in runner.summary(), (done.returncode, runner.summary())


def uri_reference(text):
    return bool(re.fullmatch(r"(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2}|\[|\])*", text))


def test_sarif(runner):
    """OASIS SARIF 2.1.0, sections 3.13, 3.14, 3.19, 3.27 to 3.30, and 3.49: what must be there, and of what type."""
    (runner.work / "bad name%.yaml").write_text(BAD)
    done = runner.run("slipway check --format sarif './bad name%.yaml'")
    log = json.loads(done.stdout)
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json"), log["$schema"]
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert isinstance(driver["name"], str) and driver["name"]
    rules = [rule["id"] for rule in driver["rules"]]
    assert len(rules) == len(set(rules)) and all(rule["shortDescription"]["text"] for rule in driver["rules"])
    assert run["results"], log
    for result in run["results"]:
        assert result["level"] in ("none", "note", "warning", "error") and result["message"]["text"], result
        assert result["ruleId"] in rules, result
        assert rules[result.get("ruleIndex", rules.index(result["ruleId"]))] == result["ruleId"], result
        for location in result["locations"]:
            physical = location["physicalLocation"]
            assert uri_reference(physical["artifactLocation"]["uri"]) and "%20" in physical["artifactLocation"]["uri"], physical
            region = physical.get("region", {"startLine": 1})
            assert region["startLine"] >= 1 and region.get("startColumn", 1) >= 1, region


def main():
    tests = [(name[5:].replace("_", " "), test) for name, test in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        try:
            with tempfile.TemporaryDirectory(prefix="runner-") as folder:
                test(Runner(folder))
            print(f"ok {number} - {name}")
        except (AssertionError, KeyError, ValueError, StopIteration, subprocess.TimeoutExpired) as error:
            print(f"not ok {number} - {name}")
            print("# " + f"{type(error).__name__}: {error}".replace("\n", "\n# "))


main()
