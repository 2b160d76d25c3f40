#!/usr/bin/env python3
"""A trimmed image on a real engine: what is in its layers, what it says of it, and whether verify notices when that is not so.

usage: trim_test.py SLIPWAY NAME   (TAP on standard output; root, Debian or Ubuntu, Debian's Python with python3-docker)
"""
import base64
import hashlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile

import docker

import suite
from suite import check

SLIPWAY, NAME = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
PROFILE = """\
slipway: 1
name: trimmed
base_image: {bootstrap: "debian:bookworm"}
python_version: "3.11"
accelerators: [h200]
requirements: [nvidia-curand-cu12==10.3.9.90, nvidia-cuda-runtime-cu12==12.8.90, networkx==3.4.2]
guard: true
command: [python, -V]
trim: true
image: {name: localhost/trimmed}
"""
SITE = "opt/venv/lib/python3.11/site-packages/"
LIBRARY = SITE + "nvidia/curand/lib/libcurand.so.10"


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


class Tests:
    def __init__(self, url, folder):
        self.url, self.folder = url, folder / "work"
        self.folder.mkdir()
        (self.folder / "trimmed.yaml").write_text(PROFILE)
        self.client = docker.DockerClient(base_url=url, timeout=600)

    def slipway(self, *words):
        return subprocess.run([SLIPWAY, "-H", self.url, "--format", "json", *words], cwd=self.folder, text=True, capture_output=True,
                              env={**os.environ, "GITHUB_ACTIONS": ""}, timeout=1500)

    def say(self, image, *command):
        return self.client.containers.run(image, entrypoint=list(command), remove=True)

    def it_builds_and_is_proven(self):
        done = self.slipway("build", "trimmed", "--no-record")
        result = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
        check(done.returncode == 0 and result["verified"], f"status {done.returncode}: {done.stdout[-2500:]} {done.stderr[-800:]}")

    def the_journal_says_what_was_done(self):
        self.journal = json.loads(self.say("localhost/trimmed", "/bin/cat", "/opt/slipway/trim.json"))
        self.rows = {row["file"].lstrip("/"): row for row in self.journal["files"]}
        check(self.journal["for"] == ["9.0"], f"for {self.journal['for']}")
        row = self.rows[LIBRARY]
        check(row["kept"] == ["sm_90"] and row["code"]["after"] * 5 < row["code"]["before"], f"{row}")
        reasons = {row["reason"] for row in self.rows.values() if "reason" in row}
        check(reasons == {"headers", "tests"}, f"the reasons are {reasons}")

    def no_layer_holds_the_rest(self):
        saved = io.BytesIO(b"".join(self.client.images.get("localhost/trimmed").save()))
        found, removed = [], []
        with tarfile.open(fileobj=saved) as image:
            layers = json.load(image.extractfile("manifest.json"))[0]["Layers"]
            for layer in layers:
                with tarfile.open(fileobj=image.extractfile(layer)) as content:
                    for member in content:
                        if member.name == LIBRARY:
                            found.append(digest(content.extractfile(member).read()))
                        if member.isfile() and self.rows.get(member.name, {}).get("after", 0) is None:
                            removed.append(member.name)
        check(found == [self.rows[LIBRARY]["after"]["sha256"]], f"{len(found)} copies of the library are in the layers: {found}")
        check(not removed, f"removed files are in a layer: {removed[:5]}")

    def inspect_adds_up_to_what_is_there(self):
        container = self.client.containers.create("localhost/trimmed")
        exported = io.BytesIO(b"".join(container.export()))
        container.remove()
        with tarfile.open(fileobj=exported) as tree:
            files = [member for member in tree if member.isfile()]
        self.answer = answer = self.inspect("image:localhost/trimmed", "--gpu", "h200")
        visible = answer["visible"]
        check(visible["size"] == sum(member.size for member in files), f"{visible}, and {sum(member.size for member in files)} bytes are there")
        check(visible["size"] == visible["gpu_code"] + visible["host_code"] + visible["other"], f"{visible}")
        check(sum(layer["size"] for layer in answer["layers"]) == visible["size"] + answer["hidden"], f"{answer['layers']}")
        parts = [*answer["projects"], answer["rest"]]
        check(sum(part["size"] for part in parts) == visible["size"], "the packages and the rest do not make the whole")
        row = next(row for row in answer["projects"] if row["name"].startswith("nvidia_curand"))
        code = sum(row["code"]["after"] for row in self.rows.values() if row.get("code"))
        check(row["gpu_code"] == code > 0 and {kind["code"] for kind in answer["codes"]} == {"sm_90"}, f"{row}, {answer['codes']}, and {code}")
        check(answer["trim"]["before"] == answer["trim"]["after"] == code, f"{answer['trim']}")
        other = self.inspect("image:localhost/trimmed", "--gpu", "rtx-4090")["trim"]
        check(other["before"] == code and other["after"] == 0, f"{other}")

    def inspect_reads_a_saved_image_alike(self):
        with open(self.folder / "saved.tar", "wb") as to:
            to.writelines(self.client.images.get("localhost/trimmed").save())
        saved = self.inspect("saved.tar", "--gpu", "h200")
        check({**saved, "image": ""} == {**self.answer, "image": ""}, "the saved image is told otherwise")
        done = self.slipway("inspect", "localhost/trimmed:missing")
        check(done.returncode == 1 and "has no image" in done.stdout + done.stderr, f"status {done.returncode}: {done.stdout} {done.stderr}")

    def inspect(self, *words):
        done = self.slipway("inspect", *words)
        check(done.returncode == 0, f"inspect {words}: status {done.returncode}: {done.stdout[-500:]} {done.stderr[-500:]}")
        return json.loads(done.stdout)

    def verify_reads_every_byte(self):
        done = self.slipway("verify", "trimmed", "--files")
        answer = json.loads(done.stdout)
        rows = [row for row in answer["results"] if row["check"] == "trim"]
        check(done.returncode == 0 and len(rows) == 1 and not rows[0]["fault"] and not rows[0]["untried"], f"status {done.returncode}: {rows} {done.stderr}")

    def another_library_is_noticed(self):
        self.change("printf x >>/" + LIBRARY, "not as it was trimmed")

    def what_was_removed_must_be_gone(self):
        gone = next(row["file"] for row in self.rows.values() if row.get("reason") == "headers")
        self.change(f"mkdir -p $(dirname {gone}); touch {gone}", "although it was removed")

    def a_journal_of_other_gpus_is_noticed(self):
        self.change("sed -i 's/\"for\":\\[\"9.0\"\\]/\"for\":[\"8.9\"]/' /opt/slipway/trim.json", "wanted 9.0")

    def change(self, command, wanted):
        container = self.client.containers.create("localhost/trimmed", entrypoint=["/bin/sh", "-c", command])
        container.start()
        check(container.wait()["StatusCode"] == 0, f"'{command}' fails")
        image = container.commit("localhost/changed")
        container.remove()
        done = self.slipway("verify", "localhost/changed:latest", "--files")
        self.client.images.remove(image.id, force=True)
        check(done.returncode == 1 and wanted in done.stdout, f"status {done.returncode}: {done.stdout[-1500:]} {done.stderr[-500:]}")


suite.run(NAME, Tests, lambda name: name not in ("slipway", "say", "change", "inspect"))
