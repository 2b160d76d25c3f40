"""Judges files of every kind in three ways: as they stand, as the profile that init writes, and built as they are.

A Dockerfile is built by `dockerfile` in a profile, and the file that is rendered must begin with its bytes; a compose file by its
service's Dockerfile and arguments; other kinds by the profile that init writes.
"""
import json
import os
import pathlib
import shutil
import subprocess

SLIPWAY, CASES = os.environ["SLIPWAY"], pathlib.Path(os.environ["CASES"], "found")
INPUTS = [  # folder, file, keys of `dockerfile`
    *((name, "Dockerfile", "path: ../Dockerfile") for name in ("arguments", "base-with-torch", "base-with-vllm", "builder", "conditions",
                                                               "deadsnakes", "entry", "heredocs", "overlay", "programs", "range")),
    ("root-context", "build/docker/Dockerfile", "path: ../build/docker/Dockerfile, context: ../build"),
    ("service", "docker-compose.yml", "path: ../Dockerfile.gpu, args: {RELEASE: 2.2.2}"),
    ("cog", "cog.yaml", None),
    ("conda", "environment.yml", None),
]


def slipway(folder, *words):
    return subprocess.run([SLIPWAY, "-C", folder, "--offline", *words], capture_output=True, text=True)


def found(folder, *words):
    findings = json.loads(slipway(folder, "--format", "json", "check", *words).stdout)["findings"]
    return sorted((f["code"], os.path.normpath(f["file"]), f["line"], f["message"]) for f in findings if f["severity"] != "note")


def built(folder, keys):
    """The findings of a profile that builds the Dockerfile as it is, and whether what is rendered begins with its bytes."""
    (folder / "slipway/built.yaml").write_text(f"slipway: 1\nname: built\naccelerators: [rtx-5090]\ndockerfile: {{{keys}}}\n")
    own = (folder / "slipway" / keys.split(",")[0].removeprefix("path: ")).read_text()
    return found(folder, "built"), "every byte kept" if slipway(folder, "render", "built").stdout.startswith(own) else "BYTES LOST"


for name, file, keys in INPUTS:
    folder = pathlib.Path(name)
    if not folder.exists():
        shutil.copytree(CASES / name, folder)
    stands = found(folder, "--gpu", "rtx-5090", file)
    first = json.loads(slipway(folder, "--format", "json", "init", "first", "--gpu", "rtx-5090", "--from", file).stdout)
    profile = (folder / "slipway/first.yaml").read_text()
    print(f"{name}/{file}:", *(f"{code}:{line}" for code, _, line, _ in stands))
    print("  init:", "as it is" if "\ndockerfile:" in profile else "in slipway's words", [code for code, _, _, _ in found(folder, "first")],
          *(f"{row['line']}:{row['text']}" for row in first["left_out"]))
    if keys:
        judged, bytes_kept = built(folder, keys)
        print("  built:", bytes_kept, *(sorted({row[0] for row in judged} ^ {row[0] for row in stands}) or ["same findings"]))

slipway("entry", "init", "words", "--gpu", "rtx-5090", "--rewrite", "--from", "Dockerfile")
print(pathlib.Path("entry/slipway/words.yaml").read_text(), end="")
