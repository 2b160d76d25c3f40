#!/usr/bin/env python3
"""A profile with `dockerfile`: the user's own Dockerfile on a real engine, built as it is, proven, recorded and brought back.

usage: dockerfile_test.py SLIPWAY NAME   (TAP on standard output; root, Debian or Ubuntu)

The image that a Dockerfile gives without slipway is built with python3-docker on the same engine, and the engine's images are looked at
with it.
"""
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import traceback

import docker

from suite import Failed, check, registry

SLIPWAY, NAME = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
HERE = pathlib.Path(__file__).resolve().parent
GUARD = "/opt/slipway/guard"


class Project:
    """A git repository with a profile `web` and a Dockerfile."""

    def __init__(self, url, folder):
        self.url, self.folder = url, folder
        self.client = docker.DockerClient(base_url=url, timeout=120)
        (folder / "slipway").mkdir(parents=True)
        for words in (["init", "-q"], ["config", "user.name", "Ada"], ["config", "user.email", "ada@example.org"]):
            self.git(*words)

    def git(self, *words):
        done = subprocess.run(["git", *words], cwd=self.folder, capture_output=True, text=True)
        check(done.returncode == 0, f"git {words}: {done.stderr}")
        return done.stdout.strip()

    def write(self, dockerfile, keys="", path="Dockerfile", extra="", **files):
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(dockerfile)
        (self.folder / "slipway/web.yaml").write_text(
            f"slipway: 1\nname: web\ndockerfile: {{path: ../{path}{extra}}}\nimage: {{name: localhost/web}}\n{keys}")
        for name, text in files.items():
            (self.folder / name).write_text(text)

    def run(self, *words):
        environment = {**os.environ, "GITHUB_ACTIONS": ""}
        return subprocess.run([SLIPWAY, "-H", self.url, "--format", "json", *words], cwd=self.folder, capture_output=True,
                              text=True, env=environment)

    def result(self, *words, status=0):
        done = self.run(*words)
        check(done.returncode == status, f"{words}: status {done.returncode}: {done.stdout[-1500:]} {done.stderr[-1500:]}")
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError:  # the result stands on a line of its own behind the events of a build
            return json.loads(done.stdout.splitlines()[-1])

    def build(self, *words, status=0):
        return self.result("build", "web", *words, status=status)

    def image(self):
        return self.client.api.inspect_image("localhost/web:latest")

    def plain(self, path="Dockerfile", folder=None, **options):
        """The image of the Dockerfile as the engine builds it for anybody."""
        image, _ = self.client.images.build(path=str(folder or self.folder), dockerfile=path, rm=True, forcerm=True, **options)
        return self.client.api.inspect_image(image.id)

    def files(self, image, path):
        """{name: (mode, text)} of the files below a path of an image."""
        container = self.client.api.create_container(image, ["none"])
        try:
            data, _ = self.client.api.get_archive(container, path)
            with tarfile.open(fileobj=io.BytesIO(b"".join(data))) as archive:
                return {member.name: (member.mode & 0o7777, member.uid, archive.extractfile(member).read() if member.isfile() else None)
                        for member in archive}
        finally:
            self.client.api.remove_container(container, force=True)

    def output(self, *command):
        container = self.client.containers.create("localhost/web:latest", list(command) or None, network_mode="none")
        try:
            container.start()
            status = container.wait()["StatusCode"]
            return status, container.logs().decode().strip()
        finally:
            container.remove(force=True)


KEPT = ["Cmd", "Entrypoint", "Env", "ExposedPorts", "Healthcheck", "OnBuild", "Shell", "StopSignal", "User", "Volumes", "WorkingDir"]


def kept(image):
    return {key: image["Config"].get(key) or None for key in KEPT}


class Tests:
    def __init__(self, url, folder):
        self.url, self.folder, self.count = url, folder, 0
        self.rig = folder.parent / "rig"

    def project(self):
        self.count += 1
        return Project(self.url, self.folder / f"project-{self.count}")

    def everything_of_the_image_stays(self):
        """USER, WORKDIR, ENTRYPOINT, CMD, HEALTHCHECK, VOLUME, EXPOSE, STOPSIGNAL, LABEL"""
        project = self.project()
        project.write('FROM localhost/base:latest\nENV A="b c"\nRUN mkdir /w && echo 1 > /w/one\nUSER 1000:1000\nWORKDIR /w\n'
                      'EXPOSE 80\nVOLUME /data\nSTOPSIGNAL SIGINT\nHEALTHCHECK --interval=5s CMD ["true"]\nLABEL own="x y"\n'
                      'ENTRYPOINT ["python3", "-c"]\nCMD ["print(\'$A\', open(\'one\').read())"]\n')
        plain = project.plain()
        result = project.build()
        image = project.image()
        check(result["ok"] and result["image"]["id"].endswith(image["Id"][-20:]), result)
        check(kept(image) == kept(plain), f"{kept(image)} {kept(plain)}")
        check(image["Config"]["Labels"]["own"] == "x y", image["Config"]["Labels"])
        check(image["Config"]["Labels"]["io.slipway.profile"] == "web", image["Config"]["Labels"])
        files = project.files(image["Id"], "/opt/slipway")
        check({name: row[0] for name, row in files.items() if row[2] is not None} ==
              {"slipway/probe.py": 0o644, "slipway/stack.json": 0o644}, {name: row[:2] for name, row in files.items()})
        check(project.output() == (0, "$A 1"), project.output())
        check(project.result("verify", "web")["summary"]["errors"] == 0, "verify")

    def a_guard_stands_before_the_own_entry_point(self):
        project = self.project()
        project.write('FROM localhost/base:latest\nUSER 1000\nENTRYPOINT ["echo", "a  b", "\\u0024HOME"]\nCMD ["c d"]\n',
                      keys="guard: true\naccelerators: [rtx-5090]\n")
        project.build()
        image = project.image()
        check(image["Config"]["Entrypoint"] == [GUARD, "echo", "a  b", "$HOME"], image["Config"])
        check(image["Config"]["Cmd"] == ["c d"], image["Config"])
        status, text = project.output()
        check(status != 0 and "slipway" in text, f"{status} {text}")  # there is no GPU here

    def an_image_without_python_and_without_a_shell(self):
        project = self.project()
        project.write('FROM scratch\nCOPY web /web\nENTRYPOINT ["/web"]\n', web="no program")
        result = project.build()
        image = project.image()
        check(image["Config"]["Entrypoint"] == ["/web"], image["Config"])
        check(any("no Python" in finding["message"] for finding in result["findings"]), result["findings"])
        check("slipway/stack.json" in project.files(image["Id"], "/opt/slipway"), "no stack")
        record = project.git("show", "refs/slipway/web:record.json")
        check(json.loads(record)["result"] == "unverified", record)

    def an_image_with_a_shell_and_without_python(self):
        project = self.project()
        gone = "RUN rm -rf /usr/bin/python3* /usr/local/bin/python3* && ! command -v python3\n"
        project.write("FROM localhost/base:latest\n" + gone + "USER 1000\nENTRYPOINT [\"echo\"]\nCMD [\"here\"]\n")
        plain = project.plain()
        result = project.build()
        check(kept(project.image()) == kept(plain), f"{kept(project.image())} {kept(plain)}")
        check(any("no Python" in finding["message"] for finding in result["findings"]), result["findings"])
        check(project.output() == (0, "here"), project.output())
        check(json.loads(project.git("show", "refs/slipway/web:record.json"))["result"] == "unverified", "verified")

    def an_image_with_python_and_without_a_shell(self):
        for keys in ("", "prove: outside\n"):
            project = self.project()
            gone = "RUN rm -f /bin/sh /bin/bash /bin/dash /usr/bin/sh /usr/bin/bash /usr/bin/dash\n"
            project.write("FROM localhost/base:latest\n" + gone + 'HEALTHCHECK CMD ["python3", "-V"]\nUSER 1000\n'
                          'ENTRYPOINT ["python3", "-c", "print(1)"]\n', keys=keys + 'assertions: [{that: python, is: ">=3"}]\n')
            plain = project.plain()
            result = project.build()
            check(kept(project.image()) == kept(plain), f"{keys}: {kept(project.image())} {kept(plain)}")
            check(project.output() == (0, "1"), f"{keys}: {project.output()}")
            check(result["verified"], f"{keys}: {result}")

    def a_push_and_the_matrix(self):
        """The image goes to a registry under its names, recorded; the matrix has the stack of the Dockerfile."""
        if not NAME.startswith("docker"):
            return "the registry of these tests is reached by Docker alone"
        with registry(self.rig, self.folder / "registry"):
            project = self.project()
            project.write("FROM localhost/base:latest\nRUN echo pushed > /told\n")
            profile = project.folder / "slipway/web.yaml"
            profile.write_text(profile.read_text().replace("localhost/web", "localhost:5000/team/web"))
            built = project.build("--push")
            check([row["tag"] for row in built["pushed"]] == ["localhost:5000/team/web:latest"], built)
            pushed = project.result("push", "web")
            check(pushed["pushed"][0]["digest"] == built["pushed"][0]["digest"], f"{built} {pushed}")
            project.client.images.remove("localhost:5000/team/web:latest", force=True)
            again = project.client.images.pull("localhost:5000/team/web", tag="latest")
            check(again.id == built["image"]["id"], f"{again.id} {built}")
        (project.folder / "Dockerfile").write_text("FROM python:3.11\nRUN pip install torch==2.8.0 --index-url "
                                                   "https://download.pytorch.org/whl/cu128\n")
        row = project.result("--offline", "matrix")["include"][0]
        check((row["name"], row["torch"], row["cuda"]) == ("web", "2.8.0", "12.8"), row)

    def a_guard_that_cannot_run_is_refused(self):
        project = self.project()
        project.write('FROM scratch\nCOPY web /web\nENTRYPOINT ["/web"]\n', web="no program", keys="guard: true\n")
        finding = project.build(status=1)["findings"][-1]
        check("guard cannot run" in finding["message"] and finding["file"] == "slipway/web.yaml", finding)

    def triggers_stay_and_do_not_run(self):
        if NAME.startswith("podman"):
            return "Podman keeps no ONBUILD in the images that it makes"
        project = self.project()
        project.write('FROM localhost/base:latest\nONBUILD RUN ["/nowhere"]\nONBUILD COPY . /all\nSHELL ["/bin/bash", "-c"]\n')
        plain = project.plain()
        project.build()
        check(kept(project.image()) == kept(plain), f"{kept(project.image())} {kept(plain)}")
        check(plain["Config"]["OnBuild"] == ['RUN ["/nowhere"]', "COPY . /all"], plain["Config"])

    def nothing_is_added_from_outside(self):
        project = self.project()
        project.write("FROM localhost/base:latest\nCOPY one two /c/\nRUN cat /c/one\nCMD [\"true\"]\n", keys="prove: outside\n", one="1",
                      two="2")
        plain = project.plain()
        result = project.build()
        image = project.image()
        check(image["Config"].get("Labels") in (None, {}, plain["Config"]["Labels"]), image["Config"])
        check(kept(image) == kept(plain), f"{kept(image)} {kept(plain)}")
        base = project.client.api.inspect_image("localhost/base:latest")["RootFS"]["Layers"]
        check(len(image["RootFS"]["Layers"]) == len(base) + 2, f"layers: {image['RootFS']}")  # COPY and RUN
        check(result["ok"] and json.loads(project.git("show", "refs/slipway/web:record.json"))["result"] == "verified", result)
        check(project.result("verify", "web")["summary"]["errors"] == 0, "verify")

    def arguments_and_stages(self):
        project = self.project()
        project.write('ARG BASE=localhost/none:1\nFROM ${BASE} AS base\nARG A=a B=b C=c\nENV TOLD="$A$B$C"\n'
                      "FROM base AS broken\nRUN false\nFROM base AS good\nRUN echo $TOLD > /told\nFROM broken\nRUN true\n",
                      extra=', target: good, args: {BASE: "localhost/base:latest", A: "$x", B: y}')
        project.build("--build-arg", "B=z")
        check(project.files("localhost/web:latest", "/told")["told"][2] == b"$xzc\n", "told")

    def a_failure_has_the_line_of_the_dockerfile(self):
        project = self.project()
        text = ("# one\nFROM localhost/base:latest\nRUN true\n\nRUN echo a \\\n  && echo no such thing >&2 && exit 3\nCMD [\"x\"]\n")
        for keys in ("", 'hold: true\nconstraints: ["numpy<2"]\n'):
            project.write(text, keys=keys)
            result = project.build(status=1)
            places = {(finding["file"], finding["line"]) for finding in result["findings"] if finding["severity"] == "error"}
            check(places == {("Dockerfile", 5)}, f"{keys}: {result['findings']}")

    def an_image_is_judged_by_the_packages_in_it(self):
        """Of the layers of an image, the packages that the last of them leave: torch is replaced, numpy is taken away."""
        project = self.project()
        site = "opt/venv/lib/python3.11/site-packages"
        for folder, name in (("old", "torch-2.8.0"), ("old", "numpy-2.1.0"), ("new", "torch-2.4.0+cu121")):
            metadata = project.folder / folder / site / f"{name}.dist-info"
            metadata.mkdir(parents=True)
            (metadata / "RECORD").write_text(f"{name}.dist-info/RECORD,,\n")
        lines = "FROM localhost/base:latest\nCOPY old/ /\n"
        project.write(lines + f"RUN rm -r /{site}/torch-2.8.0.dist-info /{site}/numpy-2.1.0.dist-info\nCOPY new/ /\n")
        project.client.images.build(path=str(project.folder), tag="localhost/judged:1", rm=True, forcerm=True)
        found = project.result("check", "image:localhost/judged:1", "--gpu", "rtx-5090", "--offline", status=1)
        errors = [(f["code"], f["file"]) for f in found["findings"] if f["severity"] == "error"]
        check(errors == [("SW201", f"{site}/torch-2.4.0+cu121.dist-info/METADATA")], found["findings"])
        check(not any("numpy" in row["subject"] for row in found["coverage"]), found["coverage"])
        missing = project.run("check", "image:localhost/none:1", "--gpu", "rtx-5090")
        check(missing.returncode != 0 and "localhost/none:1" in missing.stdout + missing.stderr, missing)

    def hold_sets_the_constraints(self):
        project = self.project()
        text = ("FROM localhost/base:latest AS a\nRUN cat $PIP_CONSTRAINT > /a\nFROM a\nRUN cat $UV_CONSTRAINT > /b && "
                "python3 -c 'import os; print(os.environ[\"PIP_CONSTRAINT\"])'\n")
        project.write(text, keys='hold: true\nconstraints: ["numpy<2", "torch==2.8.0"]\n')
        project.build()
        for path in ("/a", "/b"):
            held = project.files("localhost/web:latest", path)[path[1:]][2].decode()
            check([line for line in held.splitlines() if not line.startswith("#")] == ["numpy<2", "torch==2.8.0"], held)
        record = project.git("show", "refs/slipway/web:rendered/Dockerfile").splitlines()
        check([line for line in record if line in text.splitlines()] == text.splitlines(), record)
        check(project.git("show", "refs/slipway/web:profile/Dockerfile") == text.strip(), "the user's own text")

    def the_context_is_the_users_folder(self):
        project = self.project()
        folder = project.folder
        for name, text in {"a.c": "1", "a/x": "2", "a-b": "3", "out/secret": "4", ".hidden": "5", "deep/er/est": "6"}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        (folder / "link").symlink_to("a/x")
        (folder / "a.c").chmod(0o755)
        ignore = "out\nDockerfile\nslipway\n.git\n"
        project.write("FROM localhost/base:latest\nCOPY . /all/\n", **{".dockerignore": ignore})
        project.build()
        own = project.files("localhost/web:latest", "/all")
        plain = project.files(project.plain()["Id"], "/all")
        check({name: row for name, row in own.items() if name != "all"} ==
              {name: row for name, row in plain.items() if name != "all"}, f"{sorted(own)} {sorted(plain)}")
        check("all/Dockerfile" not in own and "all/deep/er/est" in own and "all/.dockerignore" in own, sorted(own))

    def the_dockerfile_in_a_folder_of_its_own(self):
        project = self.project()
        project.write("FROM localhost/base:latest\nCOPY main.py /\nCOPY docker/start /\n", path="docker/web.Dockerfile",
                      extra=", context: ..")
        (project.folder / "main.py").write_text("1")
        (project.folder / "docker/start").write_text("2")
        project.build()
        for name, text in (("main.py", b"1"), ("start", b"2")):
            check(project.files("localhost/web:latest", f"/{name}")[name][2] == text, name)

    def the_dockerfile_outside_of_the_context(self):
        project = self.project()
        project.write("FROM localhost/base:latest\nCOPY . /all/\n", path="docker/Dockerfile", extra=", context: ../app")
        (project.folder / "app").mkdir()
        (project.folder / "app/main.py").write_text("1")
        if NAME.startswith("podman"):
            result = project.build(status=2)
            check("outside of the context" in result["findings"][-1]["message"], result)
            return
        project.build()
        names = set(project.files("localhost/web:latest", "/all")) - {"all", "all/"}
        check(names == {"all/main.py"}, names)

    def an_assertion_that_does_not_hold_moves_no_tag(self):
        project = self.project()
        project.write("FROM localhost/base:latest\nENV N=1\n")
        project.build()
        before = project.image()["Id"]
        project.write("FROM localhost/base:latest\nENV N=2\n", keys='assertions: [{that: python, is: "<3"}]\n')
        result = project.build(status=1)
        faults = [finding for finding in result["findings"] if finding["code"] == "SW401"]
        check(len(faults) == 1 and faults[0]["file"] == "slipway/web.yaml" and "wanted <3" in faults[0]["message"], result)
        check(project.image()["Id"] == before, "the tag moved")

    def the_way_back(self):
        project = self.project()
        good = 'FROM localhost/base:latest\nCOPY n /n\nRUN echo built\nCMD ["cat", "/n"]\n'
        images = []
        for number in "12":
            project.write(good + f"ENV N={number}\n", n=number)
            project.git("add", "-A")
            project.git("commit", "-qm", number)
            project.build()
            images.append(project.image()["Id"])
        project.result("rollback", "web")
        check(project.image()["Id"] == images[0], "another image")
        check("ENV N=1" in (project.folder / "Dockerfile").read_text(), "the Dockerfile is not the prior one")
        project.client.images.remove(images[1], force=True)
        project.client.api.prune_builds() if NAME.startswith("docker") else None
        project.git("checkout", "-q", "--", ".")
        project.result("rollback", "web", "--to", "2")  # the image is gone: it is built again, from the record
        check("N=2" in project.image()["Config"]["Env"], project.image()["Config"])
        check(project.output() == (0, "2"), project.output())

    def built_twice_is_the_same_image(self):
        if NAME.startswith("podman"):
            return "Podman's images have the time of their making"
        project = self.project()
        project.write("FROM localhost/base:latest\nRUN echo same\n")
        project.build()
        before = project.image()["RootFS"]["Layers"]
        project.build()
        check(project.image()["RootFS"]["Layers"] == before, "other layers")


def run(url, folder):
    client = docker.DockerClient(base_url=url, timeout=120)
    base = subprocess.run([HERE / "rig", "base"], capture_output=True, text=True, check=True).stdout.strip()
    client.api.import_image(base, repository="localhost/base", tag="latest")
    tests = Tests(url, folder)
    names = [name for name in vars(Tests) if not name.startswith("_") and name != "project"]
    names = [name for name in names if not sys.argv[3:] or name in sys.argv[3:]]
    print(f"1..{len(names)}")
    failed = False
    for number, name in enumerate(names, 1):
        reason = None
        try:
            skipped = getattr(tests, name)()
        except Exception as error:  # a test's failure must not hide the next
            reason, skipped = f"{error}" if isinstance(error, Failed) else traceback.format_exc(), None
        failed = failed or reason is not None
        print(f"{'not ' if reason else ''}ok {number} - {name.replace('_', ' ')}{' # SKIP ' + skipped if skipped else ''}", flush=True)
        if reason:
            print("\n".join(f"# {line}" for line in reason.splitlines()), flush=True)
    left = [tag for image in client.images.list() for tag in image.tags if "slipway-layer" in tag]
    if left:
        print(f"# names left: {left}")
    return failed or bool(left)


def main():
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        rig = pathlib.Path(name, "rig")
        up = subprocess.run([HERE / "rig", "up", NAME, rig, str(os.getpid())], capture_output=True, text=True)
        if up.returncode != 0:
            print(f"1..0 # SKIP {up.stderr.strip()}" if up.returncode in (3, 77) else f"Bail out! {up.stderr}")
            return up.returncode if up.returncode == 77 else 1
        try:
            return int(run(up.stdout.strip(), pathlib.Path(name, "work")))
        finally:
            subprocess.run([HERE / "rig", "down", NAME, rig], check=False, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
