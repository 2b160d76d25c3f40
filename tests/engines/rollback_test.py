#!/usr/bin/env python3
"""Records and the way back on a real engine: rollback from this engine, from a registry, by building again; and kill -9 anywhere.

usage: rollback_test.py SLIPWAY NAME [KILLS]   (TAP on standard output; root, Debian or Ubuntu)

What the engine holds is looked at with python3-docker, what the repository holds with git, never with slipway itself. KILLS
(default 0): how many times slipway is killed, at moments spread over the whole of what it does.
"""
import base64
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

import docker

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "github"))
import outputs as github_outputs  # noqa: E402

SLIPWAY, NAME = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
KILLS = int(sys.argv[3]) if len(sys.argv) > 3 else 0
HERE = pathlib.Path(__file__).resolve().parent

PROFILE = """\
slipway: 1
name: tiny
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
installer: pip
context: {path: .., copy: [{from: app, to: /app/}]}
environment: {RELEASE: "%s"}
assertions:
  - {that: python, is: "%s"}
image: {name: %s}
"""


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


class Project:
    """A git repository with one profile."""

    def __init__(self, url, folder, image="tiny"):
        self.url, self.folder, self.image = url, folder, image
        self.client = docker.DockerClient(base_url=url, timeout=120)
        (folder / "slipway").mkdir(parents=True)
        (folder / "app").mkdir()
        self.profile = folder / "slipway/tiny.yaml"
        self.environment = {**os.environ, "GITHUB_ACTIONS": ""}
        self.git("init", "-q")
        self.git("config", "user.name", "Ada")
        self.git("config", "user.email", "ada@example.org")

    def git(self, *words):
        done = subprocess.run(["git", *words], cwd=self.folder, capture_output=True, text=True)
        check(done.returncode == 0, f"git {words}: {done.stderr}")
        return done.stdout.strip()

    def write(self, release, python=">=3.11"):
        self.profile.write_text(PROFILE % (release, python, self.image))
        (self.folder / "app/handler.py").write_text(f"print({release!r})\n")

    def words(self, *words):
        return [SLIPWAY, "-H", self.url, "--format", "json", *words]

    def run(self, *words):
        return subprocess.run(self.words(*words), cwd=self.folder, capture_output=True, text=True, env=self.environment)

    def result(self, *words, status=0):
        done = self.run(*words)
        check(done.returncode == status, f"{words}: status {done.returncode}: {done.stdout[-800:]} {done.stderr[-800:]}")
        return json.loads(done.stdout.splitlines()[-1])

    def build(self, release, *words, status=0, **options):
        self.write(release, **options)
        return self.result("build", "tiny", *words, status=status)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-qm", "change")

    def records(self):
        return self.git("log", "--format=%s", "refs/slipway/tiny").splitlines()

    def record(self, path="record.json", at="refs/slipway/tiny"):
        return self.git("show", f"{at}:{path}")

    def tagged(self):
        """The id of the image that has the tag, or None."""
        try:
            return self.client.images.get(f"{self.image}:latest").id
        except docker.errors.ImageNotFound:
            return None

    def output(self):
        container = self.client.containers.create(f"{self.image}:latest", ["python3", "/app/handler.py"], network_mode="none")
        try:
            container.start()
            container.wait()
            return container.logs().decode().strip()
        finally:
            container.remove(force=True)

    def forget(self, image):
        self.client.images.remove(image, force=True)
        self.client.api.prune_builds() if NAME.startswith("docker") else None

    def check_sound(self):
        done = subprocess.run(["git", "fsck", "--strict"], cwd=self.folder, capture_output=True, text=True)
        found = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith(("dangling", "notice"))]
        check(done.returncode == 0 and not found, f"git fsck: {found}")


def bare(image):
    return image.removeprefix("sha256:")


class Tests:
    def __init__(self, url, folder):
        self.url, self.folder, self.project = url, folder, Project(url, folder / "project")

    def a_good_b_good_c_broken(self):
        project = self.project
        self.a = project.build("a")["image"]["id"]
        project.commit()
        self.b = project.build("b")["image"]["id"]
        project.commit()
        project.build("c", status=1, python="<3")
        project.commit()
        check([line.split(": ")[1] for line in project.records()] == ["failed", "verified", "verified"], project.records())
        done = project.result("rollback", "tiny")
        check((done["to"], done["how"], done["number"]) == (2, "present", 4), done)
        check(bare(project.tagged()) == bare(self.b), "the tag is not on B")
        check('RELEASE: "b"' in project.profile.read_text(), "the profile is not B's")
        check(project.git("status", "--porcelain") == "M slipway/tiny.yaml", "more than the profile has changed")
        check(project.output() == "b", project.output())
        check(json.loads(project.record())["rollback"] == {"to": 2, "how": "present"}, project.record())

    def further_back_and_forth(self):
        project = self.project
        done = project.result("rollback", "tiny")
        check(done["to"] == 1 and bare(project.tagged()) == bare(self.a), done)
        check('RELEASE: "a"' in project.profile.read_text(), "the profile is not A's")
        done = project.result("rollback", "tiny", "--to", "4")
        check(done["to"] == 2 and bare(project.tagged()) == bare(self.b), done)
        project.result("rollback", "tiny", "--to", "1")
        done = project.run("rollback", "tiny")
        check(done.returncode == 1 and "no verified build" in done.stdout, done.stdout)
        project.check_sound()

    def a_rejected_image_is_left_behind(self):
        project = self.project
        built = project.build("d")["image"]["id"]
        done = project.result("rollback", "tiny")
        check(done["to"] == 1 and bare(project.tagged()) == bare(self.a) != bare(built), done)
        project.result("rollback", "tiny", "--to", "2")

    def what_is_neither_committed_nor_built_stays(self):
        project = self.project
        text = project.profile.read_text() + "# mine\n"
        project.profile.write_text(text)
        before = project.records()
        done = project.run("rollback", "tiny", "--to", "1")
        check(done.returncode == 2 and "neither committed nor built" in done.stdout, done.stdout)
        check(project.profile.read_text() == text and project.records() == before, "something has changed")
        check(bare(project.tagged()) == bare(self.b), "the tag has moved")
        dry = project.result("rollback", "tiny", "--to", "1", "--force", "--dry-run")
        check(dry["files"] == ["slipway/tiny.yaml"] and project.profile.read_text() == text, dry)
        project.result("rollback", "tiny", "--to", "1", "--force")
        check('RELEASE: "a"' in project.profile.read_text(), "the profile is not A's")

    def a_deleted_image_is_built_again(self):
        project = self.project
        project.write("now")  # what the user has today is not in it
        project.commit()
        project.forget(self.b)
        done = project.result("rollback", "tiny", "--to", "2")
        check(done["how"] == "rebuilt" and project.output() == "b", f"{done} {project.output()}")
        record, old = (json.loads(project.record(at=at)) for at in ("refs/slipway/tiny", project.git(
            "log", "--format=%H", "--grep=^tiny@2:", "refs/slipway/tiny")))
        check(record["plan"] == old["plan"], "another plan")
        check(project.client.images.get(project.tagged()).labels["io.slipway.plan"] == old["plan"], "another image's plan")
        check(bare(record["image"]["id"]) == bare(project.tagged()), "the record has another image")
        project.check_sound()

    def two_at_once(self):
        project = self.project
        before = len(project.records())
        project.write("e")
        both = [subprocess.Popen(project.words("build", "tiny"), cwd=project.folder, env=project.environment,
                                 stdout=subprocess.PIPE, text=True) for _ in range(2)]
        outputs = [process.communicate()[0] for process in both]
        check([process.returncode for process in both] == [0, 0], outputs)
        check(len(project.records()) == before + 2, project.records())
        project.check_sound()

    def two_rollbacks_at_once(self):
        """They go to different builds: whichever is the last, tag, profile and record are of the same."""
        project = self.project
        numbers = [1, len(project.records())]  # A, and the newest build
        for _ in range(5):
            before = len(project.records())
            both = [subprocess.Popen(project.words("rollback", "tiny", "--force", "--to", str(number)), cwd=project.folder,
                                     env=project.environment, stdout=subprocess.PIPE, text=True) for number in numbers]
            outputs = [process.communicate()[0] for process in both]
            check([process.returncode for process in both] == [0, 0], outputs)
            check(len(project.records()) == before + 2, project.records())
            record = json.loads(project.record())
            check(bare(project.tagged()) == bare(record["image"]["id"]), "tag and record differ")
            check(project.profile.read_text().strip() == project.record("profile/slipway/tiny.yaml"), "profile and record differ")
        project.check_sound()

    def a_repository_that_cannot_be_written(self):
        project = self.project
        before, tagged = project.records(), project.tagged()
        command = 'mount --bind . . && mount -o remount,ro,bind . && cd . && exec "$@"'
        done = subprocess.run(["unshare", "-m", "sh", "-ec", command, "sh", *project.words("build", "tiny")], text=True,
                              cwd=project.folder, capture_output=True, env=project.environment)
        told = str(json.loads(done.stdout.splitlines()[-1])["findings"])
        check(done.returncode == 3 and "Read-only" in told and "--no-record" in told, f"status {done.returncode}: {told}")
        check(project.records() == before and project.tagged() == tagged, "it was recorded, or the tag has moved")


class AtOnce:
    """Rollbacks and builds of one profile at the same time: the image's name and the newest record agree, and after rollbacks alone so
    does the profile."""

    ROUNDS = 5

    def __init__(self, url, folder):
        self.project = Project(url, folder / "at-once", "at-once-tiny")

    def start(self, *words):
        project = self.project
        return subprocess.Popen(project.words(*words), cwd=project.folder, env=project.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def agree(self, what, profile):
        project = self.project
        record = json.loads(project.record())
        check(bare(project.tagged()) == bare(record["image"]["id"]), f"{what}: tag and record differ")
        check(not profile or project.profile.read_text().strip() == project.record("profile/slipway/tiny.yaml"),
              f"{what}: profile and record differ")

    def rounds(self):
        project = self.project
        for release in "ab":
            project.build(release)
            project.commit()
        for number in range(max(self.ROUNDS, KILLS // 2)):
            for builds in (0, 2):
                running = [self.start("rollback", "tiny", "--force", "--to", str(1 + k % 2)) for k in range(4)]
                running += [self.start("build", "tiny") for _ in range(builds)]
                for process in running:
                    output = process.communicate()[0]
                    check(process.returncode == 0, f"round {number}: status {process.returncode}: {output[-800:]}")
                self.agree(f"round {number}", profile=builds == 0)
        project.check_sound()


class Pushed:
    """Pushed to a registry with TLS and a login, deleted here, and pulled again by the digest that the push told."""

    HOST = "registry.test:5443"

    def __init__(self, url, folder):
        self.folder, self.project = folder, Project(url, folder / "pushed", f"{self.HOST}/example/tiny")
        self.registry = subprocess.Popen([HERE / "registry", folder / "engine", folder / "registry", "registry.test"],
                                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def start(self):
        check(any("listening on" in line for line in self.registry.stderr), "the registry does not start")
        threading.Thread(target=self.registry.stderr.read, daemon=True).start()  # it must never wait for a reader
        self.project.write("a")
        self.project.profile.write_text(self.project.profile.read_text().replace("/tiny}", "/tiny, tags: [latest, stable]}"))

    def log_in(self, password=None):
        """Docker's configuration, as docker login writes it."""
        config = self.folder / "docker"
        config.mkdir(exist_ok=True)
        auth = base64.b64encode(f"anna:{password}".encode()).decode()
        (config / "config.json").write_text(json.dumps({"auths": {self.HOST: {"auth": auth}}} if password else {}))
        self.project.environment["DOCKER_CONFIG"] = str(config)

    def registry_digest(self, tag):
        """What the registry itself says: the engine need not be believed."""
        names = list((self.folder / "registry/images/docker/registry/v2/repositories/example/tiny/_manifests/tags" / tag
                      / "current").iterdir())
        return names[0].read_text()

    def refused(self, words, status, *texts):
        before = self.project.records()
        done = self.project.run("push", "tiny", *words)
        last = json.loads(done.stdout.splitlines()[-1])
        check(done.returncode == status and not last["ok"] and last["pushed"] == [], f"status {done.returncode}: {done.stdout[-800:]}")
        told = [finding["message"] + " | " + finding.get("hint", "") for finding in last["findings"]]
        check(len(told) == 1 and all(text in told[0] for text in texts), f"{texts}: {told}")
        check("trying again" not in done.stdout, "it was tried again")
        check(self.project.records() == before, "it is recorded")

    def nothing_is_pushed_without_its_login(self):
        self.start()
        done = self.project.run("push", "tiny")
        check(done.returncode == 1 and "no good build" in done.stdout, f"what was never built: {done.stdout} {done.stderr}")
        self.a = self.project.result("build", "tiny")["image"]["id"]
        self.log_in()
        self.refused([], 3, self.HOST, f"docker has none: 'docker login {self.HOST}'")
        self.log_in("guessed")
        self.refused([], 3, self.HOST, "is refused")

    def every_tag_is_pushed_and_recorded(self):
        self.log_in("s3cret-pw")
        dry = self.project.result("push", "tiny", "--dry-run")
        check(dry["pushed"] == [] and len(dry["image"]["tags"]) == 2 and len(self.project.records()) == 1, dry)
        outputs = self.folder / "outputs"
        self.project.environment |= {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(outputs)}
        done = self.project.result("push", "tiny")
        self.project.environment |= {"GITHUB_ACTIONS": "", "GITHUB_OUTPUT": ""}
        self.digest = self.registry_digest("latest")
        check([(row["tag"], row["digest"]) for row in done["pushed"]] == [
            (f"{self.project.image}:{tag}", self.digest) for tag in ("latest", "stable")], f"{self.digest} {done}")
        check(self.registry_digest("stable") == self.digest, "the tags differ")
        told = github_outputs.read(outputs.read_text())
        check((told["digest"], told["imageid"], told["tags"].splitlines()) == (self.digest, self.a, [
            f"{self.project.image}:{tag}" for tag in ("latest", "stable")]), told)
        record = json.loads(self.project.record())
        check((record["kind"], record["push"]["of"], done["number"]) == ("push", 1, 2), record)
        check(record["image"]["digests"][0] == f"{self.project.image}@{self.digest}", record["image"])
        check(self.project.records()[0] == "tiny@2: push of tiny@1", self.project.records())

    def a_tag_that_has_moved_is_not_pushed(self):
        other = self.project.client.images.get("localhost/slipway-base:debian-bookworm")
        check(other.tag(self.project.image, "latest") and self.project.tagged() == other.id, "the tag has not moved")
        self.refused([], 1, "names another image", "slipway rollback tiny")
        done = self.project.result("rollback", "tiny")
        check((done["how"], done["to"]) == ("present", 1) and bare(self.project.tagged()) == bare(self.a), done)

    def a_deleted_image_comes_back_by_its_digest(self):
        done = self.project.build("b", "--push")
        check(done["verified"] and [row["digest"] for row in done["pushed"]] == [self.registry_digest("latest")], done)
        check(self.registry_digest("stable") == self.digest != self.registry_digest("latest"), "B was pushed as stable, too")
        self.project.forget(self.a)
        done = self.project.result("rollback", "tiny")
        check((done["how"], done["to"]) == ("pulled", 1) and self.project.output() == "a", done)
        check(bare(self.project.tagged()) == bare(self.a), "another image was pulled")
        check('RELEASE: "a"' in self.project.profile.read_text(), "the profile is not A's")
        self.project.check_sound()


class Fetched:
    """Records that a fetch brings from somebody else's repository: each is refused by its name, and nothing has changed."""

    def __init__(self, url, folder):
        self.folder, self.project = folder, Project(url, folder / "fetched", "fetched-tiny")

    def build_twice(self):
        project = self.project
        self.images = [project.build(release)["image"]["id"] for release in "ab"]
        (project.folder / "outside.yaml").write_text("slipway: 1\n")
        (project.folder / "slipway/link.yaml").symlink_to("../../secret.yaml")
        (self.folder / "secret.yaml").write_text("the user's\n")
        project.commit()
        self.tip = project.git("rev-parse", "refs/slipway/tiny")
        self.other = self.folder / "other"
        subprocess.run(["git", "clone", "-q", project.folder, self.other], check=True)
        self.foreign("config", "user.name", "Eve")
        self.foreign("config", "user.email", "eve@example.org")

    def foreign(self, *words, text=None, environment=None):
        done = subprocess.run(["git", *words], cwd=self.other, capture_output=True, text=True, input=text,
                              env={**os.environ, **(environment or {})})
        check(done.returncode == 0, f"git {words}: {done.stderr}")
        return done.stdout.strip()

    def fetch(self, message="tiny@3: verified", tree=(), **changes):
        """Put a record on top in the other repository, that of the first build with these changes, and fetch it."""
        project = self.project
        record = json.loads(project.record(at=f"{self.tip}~1"))
        for path, value in changes.items():
            *way, last = path.split("__")
            at = record
            for key in way:
                at = at[key]
            at[last] = value
        project.git("update-ref", "refs/slipway/tiny", self.tip)
        environment = {"GIT_INDEX_FILE": str(self.folder / "index")}
        self.foreign("fetch", "-q", str(project.folder), "+refs/slipway/*:refs/slipway/*")
        self.foreign("read-tree", f"{self.tip}~1", environment=environment)
        for path, content in {"record.json": json.dumps(record), **dict(tree)}.items():
            blob = self.foreign("hash-object", "-w", "--stdin", text=content)
            self.foreign("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", environment=environment)
        written = self.foreign("write-tree", environment=environment)
        made = self.foreign("commit-tree", written, "-p", self.tip, "-m", message)
        self.foreign("update-ref", "refs/slipway/tiny", made)
        project.git("fetch", "-q", str(self.other), "refs/slipway/*:refs/slipway/*")
        check(project.git("rev-parse", "refs/slipway/tiny") == made, "it was not fetched")

    def state(self):
        """All that a rollback could change: files with their contents, names of images, records."""
        folder = self.folder
        apart = (self.project.folder / ".git", self.other, folder / "index")
        files = {str(path): path.read_bytes() for path in sorted(folder.rglob("*"))
                 if path.is_file() and not any(path.is_relative_to(other) for other in apart)}
        tags = sorted(tag for image in self.project.client.images.list() for tag in image.tags)
        return files, tags, self.project.tagged()

    def refused(self, *texts, **changes):
        before = self.state()
        self.fetch(**changes)
        for words in (["rollback", "tiny", "--to", "3"], ["rollback", "tiny", "--to", "3", "--force"]):
            done = self.project.run(*words)
            check(done.returncode == 2 and all(text in done.stdout for text in texts), f"{texts}: {done.returncode} {done.stdout[-800:]}")
            check("\x1b" not in done.stdout + done.stderr and "u001b" not in done.stdout, "an escape sequence is printed")
        check(self.state() == before, "something has changed")
        listed = self.project.run("history", "tiny")
        check(listed.returncode == 0 and "\\u001b" not in listed.stdout, listed.stdout)
        plain = subprocess.run([SLIPWAY, "history", "tiny"], cwd=self.project.folder, capture_output=True, env=self.project.environment)
        check(plain.returncode == 0 and b"\x1b" not in plain.stdout + plain.stderr, plain.stdout)
        self.project.git("update-ref", "refs/slipway/tiny", self.tip)

    def files_outside_of_the_folder(self):
        for path in ("../secret.yaml", "slipway/../../secret.yaml", "./x.yaml", "", "a//b.yaml"):
            self.refused("tiny@3", "'files[0]'", files=[path])

    def files_that_are_no_profiles(self):
        for path, content in ((".envrc", "curl evil\n"), (".github/workflows/ci.yaml", "slipway: 1\non: push\n"),
                              ("Makefile", "all:\n"), ("app/handler.py", "evil\n"), ("mkdocs.yaml", "slipway: 1\n"),
                              ("slipway/tiny.yaml", "hooks: [evil]\n"), ("slipway/x.sh", "evil\n"), ("slipway/a/b.yaml", "slipway: 1\n")):
            own = path == "slipway/tiny.yaml"
            self.refused("tiny@3", f"'files[{0 if own else 1}]' is '{path}'", tree=[("profile/" + path, content)],
                         files=["slipway/tiny.yaml"] + ([] if own else [path]))

    def files_behind_links(self):
        self.refused("symbolic link", tree=[("profile/slipway/link.yaml", "slipway: 1\n")],
                     files=["slipway/tiny.yaml", "slipway/link.yaml"])

    def an_absolute_path_is_never_written(self):
        target = self.folder / "secret.yaml"
        before = self.state()
        self.fetch(tree=[(f"outside{target}", "slipway: 1\n")], files=["slipway/tiny.yaml", str(target)])
        self.project.result("rollback", "tiny", "--to", "3")
        after = self.state()
        check(before[0][str(target)] == after[0][str(target)], "it was written")
        self.project.git("update-ref", "refs/slipway/tiny", self.tip)
        self.project.result("rollback", "tiny", "--to", "2")
        self.project.git("update-ref", "refs/slipway/tiny", self.tip)

    def names_of_other_images(self):
        for tag in ("python:3.11-slim", "docker.io/library/python:3.11-slim", "registry.test/fetched-tiny:latest", "fetched-tiny/x:1"):
            self.refused("tiny@3", "'image.tags[0]'", tag, image__tags=[tag])
        self.refused("tiny@3", "'image.tags[0]'", image__tags=["--help"])
        self.fetch(image__tags=["python:3.11-slim"])
        done = self.project.result("rollback", "tiny", "--to", "3", "-t", "fetched-tiny:given")
        check(done["image"]["tags"] == ["fetched-tiny:given"], done)
        self.project.client.images.remove("fetched-tiny:given")
        self.project.git("update-ref", "refs/slipway/tiny", self.tip)
        self.project.result("rollback", "tiny", "--to", "2")
        self.project.git("update-ref", "refs/slipway/tiny", self.tip)

    def escape_sequences(self):
        for change in ({"time": "\x1b]0;title\x07"}, {"result": "\x1b[2J"}, {"slipway": "\x9b31m"}, {"plan": "\x1b[31m"},
                       {"image__id": "\x1b[31m"}, {"engine__product": "\x1b[31m"}):
            self.refused("tiny@3", f"'{next(iter(change)).replace('__', '.')}'", **change)

    def other_shapes(self):
        for change in ({"files": {"a": 1}}, {"image": []}, {"image__tags": "x"}, {"seconds": {}}, {"kind": ["build"]}, {"engine__os": [1]}):
            self.refused("tiny@3", "is refused", **change)
        self.refused("tiny@3", "'record.json'", tree=[("record.json", "[" * 100000)])
        self.refused("tiny@3", "'record.json'", tree=[("record.json", '{"a": ' + "1" * (8 << 20) + "}")])

    def the_largest_number(self):
        project = self.project
        for number in (2**64 - 1, 2**63, 4, 2, 0):
            self.fetch(message=f"tiny@{number}: verified")
            done = project.run("history", "tiny")
            check([row["number"] for row in json.loads(done.stdout)] == [2, 1], done.stdout)
            check(project.result("build", "tiny")["ok"] and project.records()[0] == "tiny@3: verified", project.records()[0])
            project.result("rollback", "tiny", "--to", "2")
            project.git("update-ref", "refs/slipway/tiny", self.tip)

    def a_build_of_it_gets_nothing_of_the_host(self):
        """The image is gone, so that the rollback would build it again: its plan takes a secret and an agent."""
        project = self.project
        plan = json.loads(project.record("plan.json", self.tip))
        missing = "sha256:" + "0" * 64
        wishes = {"--secret": {"secrets": [{"id": "token", "env": "HOME"}]}, "--ssh": {"ssh": True}}
        for option, wish in wishes.items():
            self.fetch(tree=[("plan.json", json.dumps(plan | wish))], image__id=missing, image__digests=[])
            done = project.run("rollback", "tiny", "--to", "3")
            check(done.returncode == 2 and option in done.stdout, f"{option}: {done.stdout[-800:]}")
            project.git("update-ref", "refs/slipway/tiny", self.tip)
        base = {"base": plan["base"] | {"reference": "python:3.11-slim"}}
        self.fetch(tree=[("plan.json", json.dumps(plan | base))], image__id=missing, image__digests=[])
        done = project.run("rollback", "tiny", "--to", "3")
        check(done.returncode == 2 and "base.reference" in done.stdout, done.stdout[-800:])
        project.git("update-ref", "refs/slipway/tiny", self.tip)

    def what_is_pulled_is_the_profiles_own(self):
        """A digest in somebody else's repository is passed over: the image is built again."""
        self.fetch(image__id="sha256:" + "0" * 64, image__digests=["registry.test/evil@sha256:" + "1" * 64])
        done = self.project.result("rollback", "tiny", "--to", "3")
        check(done["how"] == "rebuilt", done)
        self.project.git("update-ref", "refs/slipway/tiny", self.tip)


class Kept:
    """What a record keeps of the files that the image copies."""

    def __init__(self, url, folder):
        self.project = Project(url, folder / "kept", "kept-tiny")

    def build(self, release):
        self.project.write(release)
        profile = self.project.profile
        profile.write_text(profile.read_text().replace("copy: [{from: app, to: /app/}]", "copy: [{from: ., to: /app/}]"))
        return self.project.result("build", "tiny")

    def objects(self):
        """All blobs that the records reach, whole."""
        names = [line.split()[0] for line in self.project.git("rev-list", "--objects", "refs/slipway/tiny").splitlines()]
        done = subprocess.run(["git", "cat-file", "--batch"], cwd=self.project.folder, input="\n".join(names).encode() + b"\n",
                              capture_output=True, check=True)
        return done.stdout

    def the_repository_itself_is_not_kept(self):
        project = self.project
        random = os.urandom(1_500_000)
        (project.folder / ".gitignore").write_text(".env\ncache/\n")
        (project.folder / "app/large").write_bytes(random)
        project.write("a")
        project.commit()
        (project.folder / "app/large").unlink()
        sizes = []
        for _ in range(5):
            check(self.build("a")["ok"], "it is not built")
            sizes.append(len(self.objects()))
        check(sizes[4] - sizes[0] < 5 * sizes[0] and sizes[0] < 200_000, f"the records grow: {sizes}")
        check(random[:1000] not in self.objects(), "the repository is in a record")
        listed = subprocess.run(["tar", "-t"], input=subprocess.run(
            ["git", "show", "refs/slipway/tiny:context.tar"], cwd=project.folder, capture_output=True, check=True).stdout,
            capture_output=True, check=True).stdout.decode().split()
        check("context/app/handler.py" in listed and not any(".git/" in name for name in listed), listed)

    def what_git_ignores_is_not_kept(self):
        project = self.project
        (project.folder / ".env").write_text("TOKEN=s3cret-of-the-user\n")
        (project.folder / "cache").mkdir()
        (project.folder / "cache/x").write_text("s3cret-of-the-user too\n")
        built = self.build("b")
        check(b"s3cret-of-the-user" not in self.objects(), "the secret is in a record")
        left_out = json.loads(project.record())["left_out"]
        check(left_out["ignored"] and {".env", "cache"} <= set(left_out["paths"]), left_out)
        check(json.loads(project.run("history", "tiny").stdout)[0]["left_out"] == left_out, "history does not tell it")
        told = [event.get("text", "") for event in map(json.loads, project.run("build", "tiny").stdout.splitlines())]
        check(any("git ignores files" in text for text in told), "the build does not tell it")
        image = built["image"]["id"]
        number = len(project.records()) - 1
        (project.folder / ".env").unlink()
        self.build("c")
        project.forget(image)
        done = project.run("rollback", "tiny", "--to", str(number))
        check(done.returncode == 1 and "git ignores" in done.stdout, done.stdout[-800:])


class Killed:
    """slipway, killed at moments that are spread over all that it does; after each the state is judged and, where a rollback was
    interrupted, finished."""

    def __init__(self, url, folder):
        self.project = Project(url, folder / "killed")
        self.images = {}
        for release in "ab":
            self.images[release] = self.project.build(release)["image"]["id"]
        self.random = random.Random(6)

    def took(self, *words):
        began = time.monotonic()
        self.project.result(*words)
        return time.monotonic() - began

    def kill(self, seconds, *words):
        with subprocess.Popen(self.project.words(*words), cwd=self.project.folder, env=self.project.environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(self.random.uniform(0, seconds))
            process.kill()

    def check_records(self, before):
        after = self.project.records()
        check(after[len(after) - len(before):] == before and len(after) - len(before) <= 1, f"records lost: {after[:3]}")
        self.project.check_sound()

    def check_consistent(self):
        record = json.loads(self.project.record())
        check(bare(self.project.tagged()) == bare(record["image"]["id"]), "tag and record differ")
        check(self.project.profile.read_text().strip() == self.project.record("profile/slipway/tiny.yaml"), "profile and record differ")

    def rollbacks(self, times):
        """Between A and B, back and forth."""
        whole = max(self.took("rollback", "tiny", "--to", to) for to in "12") * 1.2
        interrupted = 0
        for _ in range(times):
            before = self.project.records()
            at = json.loads(self.project.record())["rollback"]["to"]
            self.kill(whole, "rollback", "tiny", "--to", str(3 - at))
            if (self.project.folder / ".git/slipway/intent-tiny").exists():
                interrupted += 1
                check(self.project.run("build", "tiny").returncode == 2, "it builds on a half-restored profile")
                check(self.project.result("rollback", "tiny")["to"] == 3 - at, "another one was finished")
            self.check_records(before)
            self.check_consistent()
        print(f"# {interrupted} of {times} kills left a rollback to be finished")

    def builds(self, times):
        """The tag is on the old image and there is no record, or both are the new one's; or the next build finishes the half."""
        self.project.write("c")
        whole = self.took("build", "tiny") * 1.2
        for number in range(times):
            before, old = self.project.records(), self.project.tagged()
            self.project.write("abc"[number % 3])
            self.kill(whole, "build", "tiny")
            self.check_records(before)
            if len(self.project.records()) > len(before):
                self.check_consistent()
            elif (self.project.folder / ".git/slipway/intent-tiny").exists():
                self.project.result("build", "tiny")
                check(len(self.project.records()) == len(before) + 2, "the killed build is not recorded")
                self.check_consistent()
            else:
                check(self.project.tagged() == old, "the tag has moved without a record")
        self.project.build("a")
        self.check_consistent()


def killed(url, folder):
    test = Killed(url, folder)
    test.rollbacks(KILLS * 3 // 4)
    test.builds(KILLS - KILLS * 3 // 4)


def main():
    with tempfile.TemporaryDirectory(prefix="rollback-") as temporary:
        folder = pathlib.Path(temporary).resolve()
        up = subprocess.run([HERE / "rig", "up", NAME, folder / "engine", str(os.getpid())], stdout=subprocess.PIPE,
                            text=True)
        if up.returncode == 77:
            print(f"1..1\nok 1 - {NAME} # SKIP its suite has moved on to another release")
            return
        url = up.stdout.strip()
        tests = Tests(url, folder) if up.returncode == 0 else None
        steps = [(name, getattr(tests, name, None)) for name in vars(Tests) if not name.startswith("_")]
        pushed = Pushed(url, folder) if up.returncode == 0 else None
        steps += [(name, getattr(pushed, name, None)) for name in ("nothing_is_pushed_without_its_login",
                  "every_tag_is_pushed_and_recorded", "a_tag_that_has_moved_is_not_pushed",
                  "a_deleted_image_comes_back_by_its_digest")]
        fetched = Fetched(url, folder / "fetching") if up.returncode == 0 else None
        steps += [(name, getattr(fetched, name, None)) for name in vars(Fetched)
                  if not name.startswith("_") and name not in ("foreign", "fetch", "state", "refused")]
        at_once = AtOnce(url, folder) if up.returncode == 0 else None
        steps.append(("rounds", getattr(at_once, "rounds", None)))
        kept = Kept(url, folder) if up.returncode == 0 else None
        steps += [(name, getattr(kept, name, None)) for name in ("the_repository_itself_is_not_kept", "what_git_ignores_is_not_kept")]
        if KILLS:
            steps.append((f"killed {KILLS} times", lambda: killed(url, folder)))
        print(f"1..{len(steps)}")
        for number, (name, step) in enumerate(steps, 1):
            began, fault = time.monotonic(), None
            try:
                check(tests, "the engine does not start")
                step()
            except (Failed, KeyError, IndexError, ValueError, AttributeError, OSError, docker.errors.DockerException) as error:
                fault = f"{type(error).__name__}: {error}"
            what = f"{NAME}: {name.replace('_', ' ')} ({time.monotonic() - began:.1f} s)"
            print(f"{'not ok' if fault else 'ok'} {number} - {what}", flush=True)
            if fault:
                print("# " + fault.replace("\n", "\n# "), flush=True)
        if pushed:
            pushed.registry.kill()
        subprocess.run([HERE / "rig", "down", NAME, folder / "engine"])


main()
