#!/usr/bin/env python3
"""The keys that say what an image is, on a real engine: each is looked at in the image by an independent client.

usage: words_test.py SLIPWAY NAME   (TAP on standard output; root, Debian or Ubuntu, Debian's Python with python3-docker)
"""
import base64
import hashlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys

import docker

import suite
from suite import check

SLIPWAY, NAME = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
# Quotes, a dollar, a backslash, the ends of heredocs, a line separator of Unicode.
NASTY = "q\" ' $HOME ${HOME} $(id) `id` \\ <<EOF #\u2028EOF \\"
TEXT = f"{NASTY}\nEOF\n\tRUN false\r\n\\\n{{{{name}}}}\nno newline at the end"
WHOLE = {
    "slipway": 1,
    "name": "whole",
    "base_image": {"bootstrap": "debian:bookworm"},
    "python_version": "3.11",
    "requirements": ["six==1.16.0"],
    "arguments": {"MODEL": "small", "PLAIN": NASTY},
    "environment": {"PATH": "/srv/app/bin:${PATH}", "NASTY": NASTY, "LD_LIBRARY_PATH": "/a${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}",
                    "MODEL_NAME": "${MODEL}-1 $UNKNOWN"},
    "shell": ["/bin/bash", "-o", "pipefail", "-c"],
    "user": {"name": "service", "id": 1234, "group": "staff2"},
    "workdir": "/srv/app dir",
    "entrypoint": ["/opt/venv/bin/python", "-c", f"import json, os, sys; print(json.dumps([sys.argv[1:], os.getcwd(), os.getuid(), os.environ['HOME']])) # {NASTY}"],
    "command": ["a b", NASTY],
    "ports": [8000, "9000-9001/udp"],
    "volumes": ["/data/of it", "/models"],
    "labels": {"org.opencontainers.image.description": NASTY, "com.example/x": ""},
    "stop_signal": "SIGINT",
    "healthcheck": {"command": f"true\n# {NASTY}", "interval": 90, "timeout": "5s", "start_period": "1m30s", "retries": 4},
    "secrets": [{"id": "HF_TOKEN", "env": "HF_TOKEN"}],
    "context": {"copy": [
        {"from": "app", "to": "/srv/app dir/"},
        {"text": TEXT, "to": "/srv/settings", "executable": True},
        {"image": "localhost/slipway-base:debian-bookworm", "from": "/bin/true", "to": "/srv/from-image"},
        {"url": "http://10.0.2.100:8123/app/model.bin", "sha256": "DIGEST", "to": "/models/"},
    ]},
    "steps": {
        "before": ["python -c 'import six' 2>/dev/null && exit 1; echo before >/order"],
        "after": ["python -c 'import six'; [[ $PWD == '/srv/app dir' ]]; false | true && exit 1; echo \"after $HF_TOKEN $MODEL\" >>/order; printf %s \"$PLAIN\" >/plain"],
    },
    "image": {"name": "localhost/whole"},
}
# Podman cannot be given secrets.
TOKEN = "" if NAME.startswith("podman") else "hf_1"
if not TOKEN:
    del WHOLE["secrets"]


def equal(found, wanted, what):
    check(found == wanted, f"{what} is {found!r}, wanted {wanted!r}")


class Tests:
    def __init__(self, url, folder):
        self.url, self.folder, self.engine = url, folder / "work", folder / "engine"
        (self.folder / "app").mkdir(parents=True)
        (self.folder / "app/model.bin").write_bytes(b"weights\n" * 1000)
        self.client = docker.DockerClient(base_url=url, timeout=600)
        self.server = suite.serve(self.engine, self.folder, 8123)

    def build(self, profile, *words, **environment):
        (self.folder / f"{profile['name']}.yaml").write_text(json.dumps(profile))
        done = subprocess.run([SLIPWAY, "-H", self.url, "--format", "json", "build", profile["name"], "--no-record", *words], cwd=self.folder,
                              text=True, capture_output=True, env={**os.environ, "GITHUB_ACTIONS": "", **environment}, timeout=1500)
        result = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
        return done, result

    def whole(self, **changes):
        profile = json.loads(json.dumps({**WHOLE, **changes}))
        profile["context"]["copy"][3]["sha256"] = hashlib.sha256((self.folder / "app/model.bin").read_bytes()).hexdigest()
        return profile

    def succeed(self, profile, *words, **environment):
        done, result = self.build(profile, *words, **environment)
        check(done.returncode == 0 and result.get("verified"), f"status {done.returncode}: {done.stdout[-2500:]} {done.stderr[-1500:]}")
        return self.client.api.inspect_image(profile["image"]["name"])["Config"]

    def health(self, image):
        """The health check, of which Podman tells only in its own API."""
        if not NAME.startswith("podman"):
            return self.client.api.inspect_image(image)["Config"]["Healthcheck"]
        return self.client.api.get(f"{self.client.api.base_url}/v4.0.0/libpod/images/{image}/json").json()["Healthcheck"]

    def say(self, image, *command):
        return self.client.containers.run(image, entrypoint=list(command), remove=True)

    def all_keys_build_and_are_proven(self):
        self.config = self.succeed(self.whole(), "--allow", "secret=HF_TOKEN", HF_TOKEN="hf_1")

    def the_image_says_them(self):
        config = self.config
        equal(config["Entrypoint"], WHOLE["entrypoint"], "the entry point")
        equal(config["Cmd"], WHOLE["command"], "the command")
        equal(config["User"], "1234:staff2", "the user")
        equal(config["WorkingDir"], WHOLE["workdir"], "the working directory")
        equal(sorted(config["ExposedPorts"]), ["8000/tcp", "9000/udp", "9001/udp"], "the ports")
        equal(sorted(config["Volumes"]), WHOLE["volumes"], "the volumes")
        for name, value in WHOLE["labels"].items():
            equal(config["Labels"][name], value, name)
        check(config["StopSignal"] in ("SIGINT", "2"), f"the signal is {config['StopSignal']!r}")
        environment = dict(row.split("=", 1) for row in config["Env"])
        check(environment["PATH"].startswith("/srv/app/bin:/opt/venv/bin:"), environment["PATH"])
        equal(environment["NASTY"], NASTY, "NASTY")
        equal(environment["LD_LIBRARY_PATH"], "/a", "LD_LIBRARY_PATH")
        equal(environment["MODEL_NAME"], "small-1 $UNKNOWN", "MODEL_NAME")
        health = self.health("localhost/whole")
        equal(health["Test"], ["CMD", *WHOLE["shell"], WHOLE["healthcheck"]["command"]], "the health check")
        equal([health["Interval"], health["Timeout"], health["StartPeriod"], health["Retries"]],
              [90 * 10**9, 5 * 10**9, 90 * 10**9, 4], "its times")
        if "Shell" in config or not NAME.startswith("podman"):
            equal(config["Shell"], WHOLE["shell"], "the shell")

    def its_files_are_the_users(self):
        listed = self.say("localhost/whole", "/usr/bin/stat", "-c", "%U:%G %a %n", "/srv/app dir", "/srv/app dir/model.bin", "/srv/settings",
                          "/srv/from-image", "/models", "/models/model.bin", "/data/of it", "/opt/venv").decode().splitlines()
        equal([line.split(" ", 1)[0] for line in listed], ["service:staff2"] * 7 + ["root:root"], "the owner of " + str(listed))
        # In base64, since the log of a container may lose a last line that does not end.
        equal(base64.b64decode(self.say("localhost/whole", "/usr/bin/base64", "/srv/settings")), TEXT.encode(), "the text")
        equal(listed[2].split()[1], "755", "the mode of the text")
        equal(self.say("localhost/whole", "/usr/bin/sha256sum", "/models/model.bin").split()[0].decode(),
              hashlib.sha256((self.folder / "app/model.bin").read_bytes()).hexdigest(), "the download")
        equal(self.say("localhost/whole", "/srv/from-image"), b"", "the program of the other image")

    def it_runs_as_it_says(self):
        equal(json.loads(self.client.containers.run("localhost/whole", remove=True)),
              [WHOLE["command"], "/srv/app dir", 1234, "/home/service"], "what the service sees")

    def the_steps_ran_in_their_order(self):
        equal(self.say("localhost/whole", "/bin/cat", "/order"), f"before\nafter {TOKEN} small\n".encode(), "the order")
        equal(base64.b64decode(self.say("localhost/whole", "/usr/bin/base64", "/plain")).decode(), NASTY, "the argument")

    def an_argument_takes_another_value(self):
        config = self.succeed(self.whole(), "--allow", "secret=HF_TOKEN", "--build-arg", f"MODEL={NASTY}", HF_TOKEN="hf_1")
        equal(dict(row.split("=", 1) for row in config["Env"])["MODEL_NAME"], f"{NASTY}-1 $UNKNOWN", "MODEL_NAME")

    def a_download_of_another_digest_fails(self):
        profile = self.whole(name="wrong")
        profile["context"]["copy"][3]["sha256"] = "0" * 64
        done, _ = self.build(profile, "--allow", "secret=HF_TOKEN", HF_TOKEN="hf_1")
        check(done.returncode == 1 and "has the SHA-256" in done.stdout + done.stderr, f"status {done.returncode}: {done.stdout[-1500:]}")

    def the_guard_runs_the_entry_point(self):
        small = {key: WHOLE[key] for key in ("slipway", "base_image", "python_version")}
        config = self.succeed({**small, "name": "guarded", "guard": True, "user": "service", "entrypoint": ["/bin/sh", "-c"], "command": ["id -un"],
                               "image": {"name": "localhost/guarded"}})
        equal([config["Entrypoint"], config["Cmd"], config["User"]], [["/opt/slipway/guard", "/bin/sh", "-c"], ["id -un"], "service"], "the image")
        said = self.client.containers.run("localhost/guarded", environment={"SLIPWAY_GUARD": "warn"}, remove=True)
        equal(said, b"service\n", "what runs")

    def the_words_of_a_base_stay_or_go(self):
        text = 'FROM localhost/guarded\nENTRYPOINT ["/bin/echo", "base\'s"]\nCMD ["its"]\nUSER service\nHEALTHCHECK CMD ["/bin/false"]\n'
        self.client.images.build(fileobj=io.BytesIO(text.encode()), tag="localhost/worded:latest", rm=True)
        profile = {"slipway": 1, "name": "kept", "base_image": "localhost/worded:latest", "python_version": "3.11", "image": {"name": "localhost/kept"}}
        cleared = self.succeed({**profile, "name": "cleared", "entrypoint": "none", "healthcheck": "none", "user": 0, "command": ["/bin/true"],
                                "image": {"name": "localhost/cleared"}})
        check(not cleared["Entrypoint"], f"the entry point is {cleared['Entrypoint']}")
        equal([cleared["Cmd"], cleared["User"]], [["/bin/true"], "0"], "the image")
        equal(self.health("localhost/cleared")["Test"], ["NONE"], "the health check")
        kept = self.succeed({**profile, "user": "service", "entrypoint": "base"})
        equal([kept["Entrypoint"], kept["User"]], [["/bin/echo", "base's"], "service"], "the image")

    def packages_come_from_a_repository_that_its_own_key_signs(self):
        keys = [self.keys(f"key{number}") for number in (1, 2)]
        repositories = []
        for name, key in (("inline", {}), ("beside", {}), ("far", {})):
            self.repository(name, keys[0])
            repositories.append({"url": f"http://10.0.2.100:8123/debs-{name}", "suite": "./", "key": key})
        (self.folder / "key").write_bytes(keys[0].export("--armor"))
        binary = keys[0].export()
        (self.folder / "key.gpg").write_bytes(binary)
        repositories[0]["key"] = keys[0].export("--armor").decode()
        repositories[1]["key"] = {"file": "key"}
        repositories[2]["key"] = {"url": "http://10.0.2.100:8123/key.gpg", "sha256": hashlib.sha256(binary).hexdigest()}
        profile = {"slipway": 1, "name": "packages", "base_image": {"bootstrap": "debian:bookworm"}, "python_version": "3.11", "repositories": repositories,
                   "system_packages": ["tiny-inline", "tiny-beside=1.0", "tiny-far"], "image": {"name": "localhost/packages"}}
        self.succeed({**profile, "steps": ["cat /tiny-inline /tiny-beside /tiny-far >/tiny"]})
        equal(self.say("localhost/packages", "/bin/cat", "/tiny"), b"inline\nbeside\nfar\n", "the packages")
        repositories[0]["key"] = keys[1].export("--armor").decode()
        done, _ = self.build({**profile, "name": "other-key"})
        check(done.returncode == 1 and "NO_PUBKEY" in done.stdout, f"another key was taken: status {done.returncode}: {done.stdout[-1500:]}")
        repositories[0]["key"], repositories[2]["key"]["sha256"] = {"file": "key"}, "0" * 64
        done, _ = self.build({**profile, "name": "other-digest"})
        check(done.returncode == 1 and "Hash" in done.stdout, f"another file was taken for the key: {done.stdout[-1500:]}")

    def nvidias_packages_come_from_its_repository_by_the_fingerprint_of_its_key(self):
        key, other = self.keys("nvidia"), self.keys("not-nvidia")
        self.repository("debian12", key)
        (self.folder / "debs-debian12/3bf863cc.pub").write_bytes(other.export("--armor") + key.export("--armor"))
        catalog = (suite.HERE.parents[1] / "profiles/catalog/images.yaml").read_text()
        known = re.search(r"^nvidia_packages:\n  url: (.*)\n", catalog, re.MULTILINE).group(1)
        override = self.folder / "slipway/profiles/catalog/images.yaml"
        override.parent.mkdir(parents=True, exist_ok=True)
        profile = {"slipway": 1, "name": "nvidia", "base_image": {"bootstrap": "debian:bookworm"}, "python_version": "3.11", "nvidia": ["tiny-debian12=1.0"],
                   "image": {"name": "localhost/nvidia"}}

        def sign_with(signer):
            text = catalog.replace(known, '"http://10.0.2.100:8123/debs-{{distribution}}/"')
            override.write_text(re.sub(r"(file: 3bf863cc.pub, fingerprint: )\w+", rf"\g<1>{signer.fingerprint()}", text))

        try:
            sign_with(key)
            self.succeed({**profile, "steps": ["cat /tiny-debian12 >/tiny"]})
            equal(self.say("localhost/nvidia", "/bin/cat", "/tiny"), b"debian12\n", "the package")
            sign_with(other)  # the file has this key too, and the repository is not signed with it
            done, _ = self.build({**profile, "name": "not-nvidia"})
            check(done.returncode == 1 and ("NO_PUBKEY" in done.stdout or "not signed" in done.stdout), f"another key was taken: status {done.returncode}: {done.stdout[-1500:]}")
        finally:
            override.unlink()

    def keys(self, name):
        home = self.folder.parent / name
        home.mkdir(mode=0o700)

        class Key:
            @staticmethod
            def run(*words, **options):
                return subprocess.run(["gpg", "--homedir", home, "--batch", "-q", "--passphrase", "", *words], check=True, stdout=subprocess.PIPE, **options).stdout

            @classmethod
            def fingerprint(cls):
                return next(line.split(b":")[9] for line in cls.run("--with-colons", "--list-keys").splitlines() if line.startswith(b"fpr")).decode()

            @classmethod
            def export(cls, *words):
                return cls.run(*words, "--export")

        Key.run("--quick-generate-key", f"{name}@example.org", "rsa3072", "sign", "never")
        return Key

    def repository(self, name, key):
        """A flat repository with one package, which has one file."""
        folder, tree = self.folder / f"debs-{name}", self.folder.parent / f"tree-{name}"
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / f"tiny-{name}").write_text(f"{name}\n")
        control = f"Package: tiny-{name}\nVersion: 1.0\nArchitecture: all\nMaintainer: test <test@example.org>\nDescription: {name}\n"
        (tree / "DEBIAN/control").write_text(control)
        folder.mkdir()
        subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, folder / "tiny.deb"], check=True, stdout=subprocess.DEVNULL)
        content = (folder / "tiny.deb").read_bytes()
        packages = f"{control}Filename: ./tiny.deb\nSize: {len(content)}\nSHA256: {hashlib.sha256(content).hexdigest()}\n\n".encode()
        (folder / "Packages").write_bytes(packages)
        release = f"Suite: test\nDate: Sun, 01 Nov 2026 00:00:00 UTC\nSHA256:\n {hashlib.sha256(packages).hexdigest()} {len(packages)} Packages\n"
        (folder / "InRelease").write_bytes(key.run("--clearsign", input=release.encode()))


suite.run(NAME, Tests, lambda name: name not in ("build", "whole", "succeed", "health", "say", "keys", "repository"))
