#!/usr/bin/env python3
"""The whole way on a real engine: a profile in, an image out, or the failed build explained at its line.

usage: build_test.py SLIPWAY NAME [TEST...]   (TAP on standard output; root, Debian or Ubuntu)

What the engine holds is looked at with python3-docker, an independent client, never with slipway itself.
"""
import base64
import gzip
import hashlib
import html
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import xml.etree.ElementTree

import browser

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "github"))
import outputs  # noqa: E402

SLIPWAY, NAME = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
HERE = pathlib.Path(__file__).resolve().parent
PROFILES = HERE.parents[1] / "profiles"
DOCKER_PY = "/usr/bin/python3"  # Debian's, which has python3-docker

# The probe of the true cause of seed 003: a step installs torch 2.6.0, whose CUDA is 12.4, and the profile asserts 12.6.
WRONG_CUDA = """\
slipway: 1
name: wrong-cuda
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
installer: pip
steps:
  - pip install -q --no-deps torch==2.6.0
assertions:
  # a comment that stays
  - {that: torch.version.cuda, is: "==12.6"}
"""
OLD_ASSERTION = """\
slipway: 1
name: old-assertion
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
steps:
  - |
    python - <<'END'
    found = '12.6'
    assert found == '12.4', f'Wrong CUDA: {found} (expected 12.4)'
    END
"""
IMPOSSIBLE = """\
slipway: 1
name: impossible
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
installer: %s
requirements:
  - accelerate==0.34.1
constraints:
  - numpy>=2.0
  - numpy<1
ignore:
  - {code: SW204, why: "what the installer says of it in the build is wanted"}
"""
SLEEPS = """\
slipway: 1
name: sleeps
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
steps: ["sleep 600"]
"""
# Whoever tells of the three first, check or the build: only these places may change. What the step lacks, only a build can tell.
THREE_FAULTS = """\
# Three faults, planted one by one; every comment stays.
slipway: 1
name: three-faults
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"

torch: {version: "2.6.0", cuda: "12.4"} # from the default index
indexes: [{url: default, for: [torch]}]
requirements:
  - bitsandbytes==0.42.0 # has no library for CUDA 12.4
  - build==1.2.2

  # nobody knows why
  - 'packaging==19.0' # one release too old for build

assertions:
  - {that: torch.version.cuda, is: "==12.6"} # of another image
  - {import: bitsandbytes}
steps: ["git --version"] # is not there yet
"""
THREE_PLANTED = ["bitsandbytes==0.42.0", "packaging==19.0", "==12.6"]
TWO_FAULTS = """\
slipway: 1
name: two-faults # of which check tells one, and only a build the other
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
requirements:
  - build==1.2.2
  - 'packaging==19.0' # one release too old for build
steps: ["git --version"] # is not there yet
"""
TWO_PLANTED = ["packaging==19.0"]
IN_VAIN = """\
slipway: 1
name: in-vain
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
steps:
  - git --version   # this can be fixed
  - exit 7          # this cannot
"""
# A fault that check finds, and then a build that lasts.
FIXED_AND_SLOW = """\
slipway: 1
name: fixed-and-slow
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.7"   # neither the base nor uv has it
steps: ["sleep 600"]
"""
# Tests whose answer does not depend on the engine: on one engine.
ONCE = {"autofix_mends_two_faults": "docker26", "a_browser_shows_the_pages": "docker26"}
# Tests that run only if they are named: 4 GB come down for torch.
NAMED = {"autofix_mends_three_faults"}
PROOF = """\
slipway: 1
name: proof
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
installer: pip
requirements:
  - six==1.16.0
steps: # another release, to be swapped in later where there is no network
  - PIP_CONSTRAINT= pip download -q --no-deps -d /wheels six==1.17.0
"""
# What is done to the image behind slipway's back, and what `verify` must find.
SITE = "/opt/venv/lib/python3.11/site-packages"
CHANGES = [
    ("swapped", "PIP_CONSTRAINT= /opt/venv/bin/pip install --no-index --no-deps -f /wheels six==1.17.0", "SW402",
     "six is '1.17.0', wanted ==1.16.0"),
    ("overlaid", "PIP_CONSTRAINT= /opt/venv/bin/pip install --no-index --no-deps --ignore-installed /wheels/six*", "SW304",
     "two installs of six: 1.16.0 and 1.17.0"),
    ("deleted", f"rm {SITE}/six.py", "SW402", "a file of six is missing: six.py"),
    ("altered", f"sed -i s/1.16.0/1.16.1/ {SITE}/six.py", "SW402", "a file of six is not as it was installed: six.py"),
]
GUARDED = """\
slipway: 1
name: guarded
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
guard: true
context: {path: guarded, copy: [{from: service.py, to: /}]}
command: [python, /service.py]
"""
# Leaves an orphan, waits until the first process has reaped it, and ends as it likes when it is asked to end.
SERVICE = """\
import os, signal, sys, time
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
read, write = os.pipe()
child = os.fork()
if child == 0:
    orphan = os.fork()
    if orphan:
        os.write(write, b"%d" % orphan)
    os._exit(0)
os.waitpid(child, 0)
orphan = int(os.read(read, 20))
for _ in range(600):
    if not os.path.exists(f"/proc/{orphan}"):
        break
    time.sleep(0.1)
else:
    sys.exit("a zombie stays")
print("ready, started by", os.getppid(), flush=True)
signal.sigwait({signal.SIGTERM})
print("asked to end", flush=True)
sys.exit(3)
"""
ADOPTED = """\
FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 HOME_OF=/models
WORKDIR /app
RUN echo "six<1.17" > /tmp/constraints.txt
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt -c /tmp/constraints.txt
COPY handler.py .
RUN python -c "import six; assert six.__version__ == '1.16.0'"
RUN mkdir -p /models && python -m compileall -q /app
CMD ["python", "handler.py"]
"""
NASTY = """\
slipway: 1
name: nasty
description: 'quotes " and '' and $HOME and \\ and # and `id` and \\n'
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
environment:
  NASTY: 'a"b''c$HOME\\d`id` #e ${NONE} \\n <<EOF'
context: {path: files, copy: [{from: "a b (id) #x.txt", to: "/da ta/"}]}
steps:
  - 'printf "%s" "it''s \\"here\\"; \\\\ $HOME <<EOF" > /step.txt'
command: ["cat", "/da ta/a b (id) #x.txt"]
"""

SECRETS = """\
slipway: 1
name: secrets
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
secrets: [{id: planted, env: PLANTED}, {id: filed}]
steps:
  - 'printf "%s" "$PLANTED" | sha256sum > /sum; sha256sum < /run/secrets/filed > /sum2; sleep 2'
"""


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


# Its own containers.run() follows the log of a container that may have ended already: Docker 20.10 then loses lines.
RUN = """
def run(image, *command):
    container = client.containers.create(image.id, list(command) or None, network_mode="none")
    try:
        container.start()
        container.wait()
        return container.logs().decode()
    finally:
        container.remove(force=True)
"""


def docker(url, code):
    """Runs Python with `client` being python3-docker's and `run` as above, and returns what it prints as JSON."""
    program = f"import docker, json\nclient = docker.DockerClient(base_url={url!r}, timeout=120)\n{RUN}{code}"
    done = subprocess.run([DOCKER_PY, "-c", program], capture_output=True, text=True)
    check(done.returncode == 0, f"python3-docker: {done.stderr[-800:]}")
    return json.loads(done.stdout)


def slipway(url, *words, cwd):
    return subprocess.run([SLIPWAY, "-H", url, "--format", "json", *words], cwd=cwd, capture_output=True, text=True,
                          env={**os.environ, "GITHUB_ACTIONS": ""})


def result(done):
    lines = done.stdout.splitlines()
    check(lines, f"no output; status {done.returncode}: {done.stderr[-800:]}")
    return json.loads(lines[-1]), [json.loads(line) for line in lines[:-1]]


def docker_client():
    """The client of the engine's own root: each release builds with its own."""
    suite = {"docker20": "bookworm", "docker26": "trixie", "docker28": "sid"}.get(NAME, "none")
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    found = sorted(cache.glob(f"slipway-tests/{suite}-*/usr/bin/docker"))
    return str(found[-1]) if found else None


def check_junit(path, answer, code, text, place):
    """The report has the shape that CI systems read (jenkins junit-10.xsd) and says what the JSON says."""
    root = xml.etree.ElementTree.parse(path).getroot()
    suites = list(root)
    check(root.tag == "testsuites" and [suite.tag for suite in suites] == ["testsuite"], f"{root.tag}: {suites}")
    cases = list(suites[0])
    counts = {"tests": len(cases), "failures": len(root.findall(".//failure")), "skipped": len(root.findall(".//skipped"))}
    check({name: int(suites[0].get(name)) for name in counts} == counts, f"{suites[0].attrib} {counts}")
    check((counts["failures"], counts["skipped"]) == (answer["failed"], answer["untried"]), f"{counts} {answer['failed']}")
    check(all(case.tag == "testcase" and case.get("name") and case.get("classname") for case in cases), "a case without name")
    failed = [(case.get("file"), int(case.get("line"))) for case in cases
              if case.find(f"failure[@type='{code}']") is not None and text in case.find("failure").get("message")]
    check(failed == [place], f"{failed} {place}")


def unpack(folder):
    """What is compressed of an image that was saved and of the records, as it is, beside them."""
    with tarfile.open(folder / "layers") as archive:
        for number, member in enumerate(archive):
            content = archive.extractfile(member) if member.isreg() else None
            if content and content.read(2) == b"\x1f\x8b":
                content.seek(0)
                with gzip.open(content) as packed, (folder / f"layer{number}").open("wb") as plain:
                    shutil.copyfileobj(packed, plain)
    repositories = list(folder.glob("slipway/records/*.git"))
    check(repositories, "there are no records")
    for repository in repositories:
        with (folder / f"{repository.name}.objects").open("wb") as plain:
            subprocess.run(["git", "-C", repository, "cat-file", "--batch", "--batch-all-objects"], stdout=plain, check=True)
        check((folder / f"{repository.name}.objects").stat().st_size > 0, "the records are empty")


class Tests:
    def __init__(self, url, folder):
        self.url, self.folder = url, folder

    def profile(self, name, text):
        (self.folder / f"{name}.yaml").write_text(text)

    def build(self, name, *words):
        done = slipway(self.url, "build", name, *words, cwd=self.folder)
        last, events = result(done)
        return done.returncode, last, events

    def tags(self):
        return docker(self.url, "print(json.dumps([t for i in client.images.list() for t in i.tags]))")

    def has_image(self, name):
        return any(tag.endswith(f"/{name}:latest") or tag == f"{name}:latest" for tag in self.tags())

    def the_demo_builds_and_is_verified(self):
        shutil.copytree(PROFILES / "demo", self.folder / "demo")
        shutil.copy(PROFILES / "demo.yaml", self.folder)
        status, last, _ = self.build("demo")
        check(status == 0 and last["ok"] and last["verified"], f"status {status}: {json.dumps(last)[-1500:]}")
        self.demo = last

    def the_image_is_what_was_asked(self):
        seen = docker(self.url, f"""
image = client.images.get({self.demo["image"]["id"]!r})
config = image.attrs["Config"]
print(json.dumps({{"tags": image.tags, "labels": config["Labels"], "env": config["Env"], "command": config["Cmd"],
    "output": run(image), "pip": run(image, "/opt/venv/bin/python", "-m", "pip", "list", "--format", "json"),
    "stack": run(image, "cat", "/opt/slipway/stack.json")}}))""")
        check(any("slipway-demo:latest" in tag for tag in seen["tags"]), f"tags: {seen['tags']}")
        check(seen["labels"]["io.slipway.profile"] == "demo", f"labels: {seen['labels']}")
        check("PIP_CONSTRAINT=/opt/slipway/constraints.txt" in seen["env"], f"environment: {seen['env']}")
        check(not any(name in str(seen["env"]) for name in ("PIP_CERT", "PIP_INDEX_URL")), f"leaked: {seen['env']}")
        check(seen["command"] == ["python", "-u", "/app/handler.py"], f"command: {seen['command']}")
        check("2 x 3 = 6" in seen["output"], f"output: {seen['output']}")
        versions = {row["name"]: row["version"] for row in json.loads(seen["pip"])}
        check(versions["numpy"].startswith("2."), f"installed: {versions}")
        check(versions["nvidia-cuda-runtime-cu12"].startswith("12.8."), f"installed: {versions}")
        check("uv" not in versions, "the installer was left in the image")
        check(json.loads(seen["stack"])["plan"] == seen["labels"]["io.slipway.plan"], "stack.json is of another plan")

    def a_second_build_is_all_cache(self):
        status, last, events = self.build("demo")
        check(status == 0, f"status {status}")
        check(last["image"]["id"] == self.demo["image"]["id"], "another image")
        names = {event["step"]: event["text"] for event in events if event["event"] == "step-started"}
        done = [event for event in events if event["event"] == "step-done"]
        fresh = {names.get(event["step"], "") for event in done if not event["cached"]}
        worked = [name for name in fresh if " RUN " in f" {name}" or " COPY " in f" {name}"]
        check(done and not worked, f"not from the cache: {worked}")

    def the_job_on_github_and_the_page_about_it(self):
        files = {name: self.folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        action = HERE.parents[1] / ".github" / "actions" / "build" / "build"
        done = subprocess.run([action], cwd=self.folder, capture_output=True, text=True, timeout=900,
                              env={**os.environ, "PATH": f"{SLIPWAY.parent}:{os.environ['PATH']}", "GITHUB_ACTIONS": "true",
                                   **{name: str(path) for name, path in files.items()}, "DOCKER_HOST": self.url,
                                   "SLIPWAY_PROFILE": "demo", "SLIPWAY_PUSH": "false", "SLIPWAY_SECRETS": "", "SLIPWAY_ARGUMENTS": "",
                                   "SLIPWAY_CACHE_FROM": "", "SLIPWAY_CACHE_TO": "", "SLIPWAY_REPORT": "page.html"})
        check(done.returncode == 0, done.stdout + done.stderr)
        check(re.search(r"^recorded as demo@\d+; the way back: slipway rollback demo\nrun it: (docker|podman) run --rm slipway-demo:latest$",
                        done.stdout, re.MULTILINE), done.stdout)
        told = outputs.read(files["GITHUB_OUTPUT"].read_text())
        check(told == {"profile": "demo", "ok": "true", "verified": "true", "image": "slipway-demo:latest", "digest": "",
                       "imageid": self.demo["image"]["id"], "tags": "slipway-demo:latest"}, told)
        summary = html.unescape(files["GITHUB_STEP_SUMMARY"].read_text().replace("<!-- -->", ""))
        page = (self.folder / "page.html").read_text()
        for text in (summary, page):
            check("compileall" in text and "slipway-demo:latest" in text and " MB" in text, text[-3000:])
        check(page.count('class="bar') > 5 and 'id="layers"' in page and 'id="timeline"' in page, page[-3000:])
        bars = [tuple(map(float, bar)) for bar in re.findall(r"margin-left:([0-9.]+)%;width:([0-9.]+)%", page)]
        check(bars[0][0] < 10 and max(map(sum, bars)) > 50, f"where the timeline's bars are: {bars}")

    def the_doctor_sees_the_engine(self):
        done = slipway(self.url, "doctor", cwd=self.folder)
        answer = json.loads(done.stdout)
        said = {row["name"]: row["text"] for row in answer["checks"]}
        version = docker(self.url, "print(json.dumps(client.version()['Version']))")
        check(any(text.startswith(("builds here", "fits this host")) for text in said.values()), f"{said}")
        check(version in said["engine"] and self.url in said["engine"], f"{said}")
        check(done.returncode == (0 if answer["ok"] else 3) and "disk" in said, f"{said}")

    def verify_agrees(self):
        done = slipway(self.url, "verify", "demo", cwd=self.folder)
        check(done.returncode == 0, done.stdout + done.stderr)

    def verify_finds_what_was_changed(self):
        self.profile("proof", PROOF)
        status, last, _ = self.build("proof")
        check(status == 0 and last["verified"], f"status {status}: {json.dumps(last)[-1500:]}")
        for name, command, code, text in CHANGES:
            docker(self.url, f"""
container = client.containers.create({last["image"]["id"]!r}, ["sh", "-c", {command!r}], network_mode="none")
container.start()
status = container.wait()["StatusCode"]
assert status == 0, container.logs()
container.commit(*{"localhost/proof latest".split() if NAME.startswith("podman") else ["proof", "latest"]!r})
container.remove()
print("null")""")
            done = slipway(self.url, "verify", "proof", "--files", "--junit", "report.xml", cwd=self.folder)
            answer, _ = json.loads(done.stdout), check(done.returncode == 1, f"{name}: {done.stdout} {done.stderr}")
            found = [finding for finding in answer["findings"] if finding["code"] == code and text in finding["message"]]
            check(found, f"{name}: {json.dumps(answer['findings'])}")
            place = (found[0]["file"], found[0]["line"])
            check(place == ("proof.yaml", PROOF.splitlines().index("  - six==1.16.0") + 1), f"{name}: {place}")
            check_junit(self.folder / "report.xml", answer, code, text, place)

    def a_guarded_image(self):
        (self.folder / "guarded").mkdir()
        (self.folder / "guarded/service.py").write_text(SERVICE)
        self.profile("guarded", GUARDED)
        status, last, _ = self.build("guarded")
        check(status == 0 and last["verified"], f"status {status}: {json.dumps(last)[-1500:]}")
        # Its output is read once it has ended: Docker 20.10 loses lines of a log that is followed.
        seen = docker(self.url, f"""
import time
def start(**options):
    container = client.containers.create({last["image"]["id"]!r}, network_mode="none", **options)
    container.start()
    return container
def end(container):
    status = container.wait()["StatusCode"]
    output = container.logs().decode()
    container.remove()
    return [status, output]
refused = end(start())
running = start(environment={{"SLIPWAY_GUARD": "warn"}})
ends = time.monotonic() + 60
while b"ready" not in running.logs() and time.monotonic() < ends:
    time.sleep(0.1)
began = time.monotonic()
running.stop(timeout=60)
took = time.monotonic() - began
print(json.dumps({{"refused": refused, "running": end(running), "took": took}}))""")
        check(seen["refused"][0] == 78 and "slipway guard: refused: no NVIDIA driver" in seen["refused"][1], f"{seen['refused']}")
        lines = seen["running"][1].splitlines()
        check(seen["running"][0] == 3 and sorted(lines)[-1].startswith("slipway guard: warning: no NVIDIA driver"), f"{seen['running']}")
        check("ready, started by 1" in lines and "asked to end" in lines, f"{seen['running']}")
        check(seen["took"] < 30, f"SIGTERM took {seen['took']:.1f} s")

    def verify_tries_what_it_can_in_any_image(self):
        image = "localhost/slipway-base:debian-bookworm"
        done = slipway(self.url, "verify", image, cwd=self.folder)
        check(done.returncode == 0, done.stdout + done.stderr)
        answer = json.loads(done.stdout)
        notes = [finding["message"] for finding in answer["findings"] if finding["code"] == "SW403"]
        check(notes and "no plan" in notes[0], f"{answer['findings']}")
        check(answer["untried"] == len(notes), f"{answer}")

    def the_rendered_folder_is_the_same_build(self):
        client = docker_client()
        if client is None:
            return "this engine's root has no docker client"
        out = self.folder / "rendered"
        done = subprocess.run([SLIPWAY, "render", "demo", "-o", out], cwd=self.folder, capture_output=True, text=True)
        check(done.returncode == 0, done.stderr)
        arguments = []
        if os.environ.get("PIP_CERT"):  # what `slipway build` does where the host has certificates of its own
            shutil.copy(os.environ["PIP_CERT"], out / "certificates.pem")
            for name in ("PIP_CERT", "SSL_CERT_FILE"):
                arguments += ["--build-arg", f"{name}=/run/slipway/certificates.pem"]
        done = subprocess.run([client, "-H", self.url, "build", "--progress=plain", *arguments, str(out)], text=True,
                              capture_output=True, env={**os.environ, "DOCKER_BUILDKIT": "1"})
        if "buildx component is missing" in done.stderr:
            return "docker's client needs a plugin here"
        check(done.returncode == 0, done.stderr[-1500:])
        return None

    def an_assertion_that_cannot_hold(self):
        self.profile("wrong-cuda", WRONG_CUDA)
        status, last, _ = self.build("wrong-cuda")
        check(status == 1 and not last["ok"], f"status {status}: {json.dumps(last)[-1500:]}")
        finding = next(finding for finding in last["findings"] if finding["severity"] == "error")
        row = WRONG_CUDA.splitlines().index('  - {that: torch.version.cuda, is: "==12.6"}') + 1
        column = '  - {that: torch.version.cuda, is: '.__len__() + 1
        place = (finding["file"], finding["line"], finding["column"])
        check(finding["code"] == "SW301", json.dumps(finding))
        check(place == ("wrong-cuda.yaml", row, column), f"place {place}, wanted line {row}, column {column}")
        check("12.4" in json.dumps(finding), "the found CUDA is not named")
        check(finding["evidence"] and finding["hint"], "no evidence or no hint")
        check(not self.has_image("wrong-cuda"), "a tag was left")

    def an_old_assertion_in_a_step(self):
        self.profile("old-assertion", OLD_ASSERTION)
        status, last, _ = self.build("old-assertion", "--report", "failed.html")
        check(status == 1, f"status {status}: {json.dumps(last)[-1500:]}")
        codes = [finding["code"] for finding in last["findings"]]
        check(codes[:1] == ["SW301"], f"findings {json.dumps(last['findings'])[-1500:]}")

    def a_browser_shows_the_pages(self):
        """Whole at the width of a telephone, too, in light and dark, with nothing to complain of and nothing to fetch."""
        program = browser.find()
        if not program:
            return "no Chromium is installed"
        for name, sections in (("page", ["stack", "timeline", "layers"]), ("failed", ["findings", "stack", "timeline"])):
            with browser.Browser(program, self.folder / f"{name}.html") as shown:
                for columns in (400, 1600):
                    colors = set()
                    for scheme in ("light", "dark"):
                        shown.show(columns, scheme)
                        colors.add(shown.evaluate("getComputedStyle(document.body).color"))
                        widest = shown.evaluate("document.documentElement.scrollWidth")
                        check(widest <= columns, f"{name}: {widest} wide at {columns}")
                    check(len(colors) == 2, f"{name}: in light and dark {colors}")
                found = shown.evaluate("[...document.querySelectorAll('section')].map(s => s.innerText ? s.id : '')")
                check(found == sections, f"{name}: {found}")
                check(not shown.complaints(), f"{name}: {shown.complaints()}")
        return None

    def pins_that_cannot_hold(self):
        for installer in ("uv", "pip"):
            self.profile("impossible", IMPOSSIBLE % installer)
            status, last, _ = self.build("impossible")
            codes = [finding["code"] for finding in last["findings"] if finding["severity"] == "error"]
            check(status == 1 and codes[:1] == ["SW306"], f"{installer}: {status} {json.dumps(last)[-1500:]}")

    def mends(self, name, text, planted):
        """Let autofix mend a profile whose faults stand at the planted places, and one of which only a build can tell; its last answer."""
        self.profile(name, text)
        status, last, events = self.build(name, "--autofix", "5")
        check(status == 0 and last["ok"] and last["verified"], f"status {status}: {json.dumps(last)[-3000:]}")
        wanted = re.escape(text)
        for place in planted:
            wanted = wanted.replace(re.escape(place), rf"(?!{re.escape(place)})[^'\"#\n]*[^'\"#\n ]")
        found = (self.folder / f"{name}.yaml").read_text()
        check(re.fullmatch(wanted + r"system_packages:\n *- git\n", found), f"the profile is now:\n{found}")
        rounds = [event for event in events if event["event"] == "autofix"]
        check(last["written"] and last["rounds"] == rounds, json.dumps(last)[-3000:])
        failed = [row for row in rounds if row["log"]]
        check(failed and all(row["diff"] and row["fixes"] for row in rounds), f"rounds: {json.dumps(rounds)[-3000:]}")
        return last

    def autofix_mends_two_faults(self):
        self.mends("two-faults", TWO_FAULTS, TWO_PLANTED)

    def autofix_mends_three_faults(self):
        last = self.mends("three-faults", THREE_FAULTS, THREE_PLANTED)
        seen = docker(self.url, f"""
print(json.dumps(run(client.images.get({last["image"]["id"]!r}), "/opt/venv/bin/python", "-c",
    "import bitsandbytes, torch; print(torch.version.cuda)").split()[-1]))""")
        check(seen == "12.4", f"in the image: {seen}")

    def autofix_in_vain_leaves_the_profile(self):
        self.profile("in-vain", IN_VAIN)
        status, last, _ = self.build("in-vain", "--autofix", "3")
        check(status == 1 and not last["ok"] and not last["written"], f"status {status}: {json.dumps(last)[-1500:]}")
        check(len(last["rounds"]) == 1 and "- git" in last["diff"], json.dumps(last)[-1500:])
        check((self.folder / "in-vain.yaml").read_text() == IN_VAIN, "the profile was changed")
        self.build("in-vain")
        done = slipway(self.url, "fix", "in-vain", cwd=self.folder)
        answer = json.loads(done.stdout)
        check(answer["log"] == self.build_log("in-vain") and answer["written"], done.stdout + done.stderr)
        text = (self.folder / "in-vain.yaml").read_text()
        check(re.fullmatch(re.escape(IN_VAIN) + r"system_packages:\n *- git\n", text), f"the profile is now:\n{text}")

    def build_log(self, name):
        cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
        return str(max((cache / "slipway/logs").glob(f"{name}-2*.log")))

    def autofix_interrupted_leaves_the_profile(self):
        self.profile("fixed-and-slow", FIXED_AND_SLOW)
        with subprocess.Popen([SLIPWAY, "-H", self.url, "--format", "json", "build", "fixed-and-slow", "--autofix", "1"],
                              cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            for line in running.stdout:
                event = json.loads(line)
                if event.get("event") == "step-started" and "sleep 600" in event["text"]:
                    break
            running.send_signal(signal.SIGINT)
            out, _ = running.communicate(timeout=60)
        check(running.returncode == 130, f"status {running.returncode}")
        last = json.loads(out.splitlines()[-1])
        check(len(last["rounds"]) == 1 and not last["written"], out[-1500:])
        check((self.folder / "fixed-and-slow.yaml").read_text() == FIXED_AND_SLOW, "the profile was changed")

    def the_longest_line_that_check_lets_pass_is_read(self):
        text = 'slipway: 1\nname: long\nbase_image: {bootstrap: "debian:bookworm"}\npython_version: "3.11"\nsteps: ["true # %s"]\n'
        self.profile("long", text % "x")
        shown = subprocess.run([SLIPWAY, "render", "long"], cwd=self.folder, capture_output=True, text=True)
        line = next(line for line in shown.stdout.splitlines() if '"true # x"' in line)
        self.profile("long", text % ("x" * (65535 - len(line) + 1)))
        status, last, _ = self.build("long", "--no-verify")
        check(status == 0, f"status {status}: {json.dumps(last)[-1500:]}")
        self.profile("long", text % ("x" * (65535 - len(line) + 2)))
        status, last, _ = self.build("long", "--no-verify")
        check(status == 2 and last["findings"][0]["line"] == 5, f"status {status}: {json.dumps(last)[-1500:]}")

    def nothing_of_a_profile_becomes_syntax(self):
        files = self.folder / "files"
        files.mkdir()
        (files / "a b (id) #x.txt").write_text("content\n")
        self.profile("nasty", NASTY)
        status, last, _ = self.build("nasty")
        check(status == 0, f"status {status}: {json.dumps(last)[-1500:]}")
        seen = docker(self.url, f"""
image = client.images.get({last["image"]["id"]!r})
print(json.dumps({{"env": image.attrs["Config"]["Env"], "labels": image.attrs["Config"]["Labels"], "output": run(image),
    "step": run(image, "cat", "/step.txt")}}))""")
        check("NASTY=a\"b'c$HOME\\d`id` #e ${NONE} \\n <<EOF" in seen["env"], f"environment: {seen['env']}")
        check(seen["labels"]["org.opencontainers.image.description"]
              == "quotes \" and ' and $HOME and \\ and # and `id` and \\n", f"labels: {seen['labels']}")
        check(seen["output"] == "content\n", seen["output"])
        check(seen["step"] == "it's \"here\"; \\ /root <<EOF", seen["step"])

    def a_secret_is_nowhere_but_in_its_step(self):
        planted = [secrets.token_hex(16) for _ in range(4)]
        login = base64.b64encode(f"me:{planted[2]}".encode()).decode()
        self.profile("secrets", SECRETS)
        folder = self.folder.parent / "own"  # its cache, its state, its records
        folder.mkdir()
        (folder / "filed").write_text(planted[1])
        (folder / "config.json").write_text(json.dumps({"auths": {"registry.invalid": {"auth": login}}}))
        environment = {**os.environ, "PLANTED": planted[0], "XDG_STATE_HOME": str(folder), "XDG_CACHE_HOME": str(folder),
                       "DOCKER_CONFIG": str(folder), "GITHUB_ACTIONS": "",
                       "PIP_EXTRA_INDEX_URL": f"https://me:{planted[3]}@index.invalid/simple"}
        arguments, variables = set(), set()
        with (folder / "out").open("w") as out:
            build = subprocess.Popen([SLIPWAY, "-H", self.url, "--format", "json", "build", "secrets", "--allow",
                                      "secret=PLANTED", "--secret", f"id=filed,src={folder / 'filed'}"], cwd=self.folder, env=environment,
                                     stdout=out, stderr=subprocess.STDOUT)
            while build.poll() is None:
                for process in pathlib.Path("/proc").glob("[0-9]*"):  # any of them may be gone by now
                    try:
                        arguments.add((process / "cmdline").read_bytes())
                        variables.add((process / "environ").read_bytes())
                    except OSError:
                        continue
                time.sleep(0.05)
        for name in ["filed", "config.json"]:
            (folder / name).unlink()
        last = json.loads((folder / "out").read_text().splitlines()[-1])
        if NAME.startswith("podman"):
            check(build.returncode == 3 and "cannot be given secrets" in json.dumps(last), json.dumps(last)[-800:])
            return
        check(build.returncode == 0, f"status {build.returncode}: {json.dumps(last)[-1500:]}")
        (folder / "seen").write_text(json.dumps(docker(self.url, f"""
image = client.images.get({last["image"]["id"]!r})
with open({str(folder / "layers")!r}, "wb") as file:
    for piece in image.save(): file.write(piece)
print(json.dumps([image.attrs, image.history(), run(image, "cat", "/sum", "/sum2")]))""")))
        for value in planted[:2]:
            check(hashlib.sha256(value.encode()).hexdigest() in (folder / "seen").read_text(), "a secret did not arrive")
        # What a variable was to begin with, children may have as one.
        check(not any(value.encode() in words for value in [*planted[1:3], login] for words in variables), "among the variables")
        check(not any(value.encode() in words for value in [*planted, login] for words in arguments), "among the arguments")
        unpack(folder)
        places = [self.folder.parent, pathlib.Path(last["log"]).parent]  # the engine's data and log among them
        values = [word for value in [*planted, login] for word in ("-e", value)]
        found = subprocess.run(["grep", "-rlF", "--devices=skip", *values, *places], capture_output=True, text=True)
        check(found.returncode == 1, f"found in {found.stdout} {found.stderr[-300:]}")
        check(any(b"sleep" in words for words in arguments), "the step was not seen")

    def an_adopted_dockerfile_builds_after_one_edit(self):
        """The edit: these engines reach no registry, so that the base is made here."""
        files = {"Dockerfile": ADOPTED, "requirements.txt": "six>=1.15\n",
                 "handler.py": "import os, six; print(os.getcwd(), six.__version__, os.environ['HOME_OF'])\n"}
        for name, text in files.items():
            (self.folder / name).write_text(text)
        done = slipway(self.url, "init", "adopted", "--from", "Dockerfile", cwd=self.folder)
        check(done.returncode == 0 and json.loads(done.stdout)["left_out"] == [], done.stdout + done.stderr)
        profile = self.folder / json.loads(done.stdout)["file"]
        profile.write_text(profile.read_text() + 'base_image: {bootstrap: "debian:bookworm"}\n')
        status, last, _ = self.build("adopted")
        check(status == 0 and last["verified"], f"status {status}: {json.dumps(last)[-1500:]}")
        output = docker(self.url, f"print(json.dumps(run(client.images.get({last['image']['id']!r}))))")
        check(output == "/app 1.16.0 /models\n", output)

    def an_interrupt_ends_the_build(self):
        self.profile("sleeps", SLEEPS)
        with subprocess.Popen([SLIPWAY, "-H", self.url, "--format", "json", "build", "sleeps"], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            for line in running.stdout:
                event = json.loads(line)
                if event.get("event") == "step-started" and "sleep 600" in event["text"]:
                    break
            time.sleep(1)
            began = time.monotonic()
            running.send_signal(signal.SIGINT)
            running.communicate(timeout=60)
            took = time.monotonic() - began
        check(running.returncode == 130, f"status {running.returncode}")
        check(took < 8, f"it took {took:.1f} s")
        check(not self.has_image("sleeps"), "a tag was left")


def engine_goes_away(folder, name):
    """The engine is killed in mid-build."""
    (folder / "sleeps.yaml").write_text(SLEEPS)
    with tempfile.TemporaryDirectory(prefix="lost-") as other:
        up = subprocess.run([HERE / "rig", "up", name, other], stdout=subprocess.PIPE, text=True)
        check(up.returncode == 0, "the engine does not start")
        with subprocess.Popen([SLIPWAY, "-H", up.stdout.strip(), "--format", "json", "build", "sleeps"], cwd=folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            for line in running.stdout:
                event = json.loads(line)
                if event.get("event") == "step-started" and "sleep 600" in event["text"]:
                    break
            began = time.monotonic()
            os.kill(int((pathlib.Path(other) / "pid").read_text()), signal.SIGKILL)
            out, err = running.communicate(timeout=120)
        check(running.returncode == 3, f"status {running.returncode}: {out[-500:]} {err[-500:]}")
        check("SW501" in out, out[-800:])
        check(time.monotonic() - began < 60, "it took too long")


def main():
    with tempfile.TemporaryDirectory(prefix="build-") as temporary:
        folder = pathlib.Path(temporary).resolve()
        (folder / "work").mkdir()
        up = subprocess.run([HERE / "rig", "up", NAME, folder / "engine", str(os.getpid())], stdout=subprocess.PIPE,
                            text=True)
        if up.returncode == 77:
            print(f"1..1\nok 1 - {NAME} # SKIP its suite has moved on to another release")
            return
        tests = Tests(up.stdout.strip(), folder / "work")
        starts = ("the_", "a_", "an_", "verify", "pins", "nothing", "autofix")
        names = sys.argv[3:] or [name for name in vars(Tests) if name.startswith(starts) and ONCE.get(name, NAME) == NAME and name not in NAMED]
        steps = [(name, getattr(tests, name)) for name in names]
        if not sys.argv[3:]:
            steps.append(("an engine that goes away", lambda: engine_goes_away(folder / "work", NAME)))
        print(f"1..{len(steps)}")
        for number, (name, step) in enumerate(steps, 1):
            began = time.monotonic()
            try:
                skip, fault = (step() if up.returncode == 0 else check(False, "the engine does not start")), None
            except (Failed, AssertionError, LookupError, OSError, StopIteration, ValueError, subprocess.TimeoutExpired) as error:
                skip, fault = None, f"{type(error).__name__}: {error}"
            what = f"{NAME}: {name.replace('_', ' ')} ({time.monotonic() - began:.1f} s)"
            print(f"{'not ok' if fault else 'ok'} {number} - {what}{f' # SKIP {skip}' if skip else ''}", flush=True)
            if fault:
                print("# " + fault.replace("\n", "\n# "), flush=True)
        subprocess.run([HERE / "rig", "down", NAME, folder / "engine"])


main()
