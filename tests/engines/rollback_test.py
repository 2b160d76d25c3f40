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

    def a_repository_that_cannot_be_written(self):
        project = self.project
        before = project.records()
        command = 'mount --bind . . && mount -o remount,ro,bind . && cd . && exec "$@"'
        done = subprocess.run(["unshare", "-m", "sh", "-ec", command, "sh", *project.words("build", "tiny")], text=True,
                              cwd=project.folder, capture_output=True, env=project.environment)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        warnings = [event["text"] for event in events if event.get("event") == "warning"]
        check(done.returncode == 0 and events[-1]["ok"], f"status {done.returncode}: {done.stdout[-800:]}")
        check(any("not recorded" in text and "Read-only" in text for text in warnings), warnings)
        check(project.records() == before, "it was recorded")


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
            if (self.project.folder / ".git/slipway/rollback-tiny").exists():
                interrupted += 1
                check(self.project.run("build", "tiny").returncode == 2, "it builds on a half-restored profile")
                check(self.project.result("rollback", "tiny")["to"] == 3 - at, "another one was finished")
            self.check_records(before)
            self.check_consistent()
        print(f"# {interrupted} of {times} kills left a rollback to be finished")

    def builds(self, times):
        """The tag is on the old image or the new one, and the record is whole or not there."""
        self.project.write("c")
        whole = self.took("build", "tiny") * 1.2
        for number in range(times):
            before, old = self.project.records(), self.project.tagged()
            self.project.write("abc"[number % 3])
            self.kill(whole, "build", "tiny")
            self.check_records(before)
            if len(self.project.records()) > len(before):
                self.check_consistent()
            elif self.project.tagged() != old:
                labels = self.project.client.images.get(self.project.tagged()).labels
                plan = json.loads(self.project.run("plan", "tiny").stdout)["digest"]
                check(labels["io.slipway.plan"] == plan, "the tag is on an image of neither profile")
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
