#!/usr/bin/env python3
"""`slipway doctor` on hosts that this one is not.

usage: doctor_test.py SLIPWAY LIBNVIDIA-ML   (TAP on standard output)

What it says of engines is tested with real ones, in tests/engines.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SLIPWAY, LIBRARY = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
SANITIZERS = ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS")
RTX_4090 = {"NVML_GPUS": "NVIDIA GeForce RTX 4090,8,9,25757220864", "NVML_DRIVER": "570.86.15", "NVML_CUDA": "12080"}
PROFILES = {
    "ada": 'slipway: 1\nname: ada\naccelerators: [rtx-4090]\ntorch: {version: "2.5.1", cuda: "12.4"}\n',
    "new": 'slipway: 1\nname: new\ntorch: {version: "2.13.0", cuda: "13.0"}\n',
    "broken": "slipway: 1\nname: broken\nno-such-key: 1\n",
    "bootstrap": 'slipway: 1\nname: bootstrap\nbase_image: {bootstrap: "debian:bookworm"}\npython_version: "3.11"\n',
}


NOBODY = 65534
# It says of itself that it can be started.
PODMAN = "#!/bin/sh\necho podman version 4.3.1\n"


def doctor(*words, engine=("-H", "unix:///nowhere.sock"), user=None, profiles=(), **environment):
    with tempfile.TemporaryDirectory(prefix="doctor-") as folder:
        for name in profiles:
            (pathlib.Path(folder) / f"{name}.yaml").write_text(PROFILES[name])
        (pathlib.Path(folder) / "bin").mkdir()
        (pathlib.Path(folder) / "bin/podman").write_text(PODMAN)
        (pathlib.Path(folder) / "bin/podman").chmod(0o755)
        pathlib.Path(folder).chmod(0o755)
        kept = {name: os.environ[name] for name in SANITIZERS if name in os.environ}
        done = subprocess.run([SLIPWAY, *engine, "doctor", *words], cwd=folder, text=True, timeout=100,
                              capture_output=True, stdin=subprocess.DEVNULL, user=user,
                              env={"PATH": os.defpath if user is None else f"{folder}/bin", "HOME": folder, "LC_ALL": "C.UTF-8", **kept, **environment})
    assert done.returncode == 3, (done.returncode, done.stdout, done.stderr)  # there is no engine
    assert done.stderr == "", done.stderr
    if "--format" not in words:
        return done.stdout
    answer = json.loads(done.stdout)
    assert answer["ok"] is False, answer
    return {check["name"]: (check["state"], check["text"], check["remedy"]) for check in answer["checks"]}


def with_gpu(*words, **more):
    return doctor(*words, **{"LD_LIBRARY_PATH": str(LIBRARY.parent), **RTX_4090, **more})


def test_a_gpu_of_the_catalog():
    checks = with_gpu("--format", "json")
    assert checks["driver"] == ("good", "570.86.15, for CUDA 12.8", None), checks
    assert checks["gpu"] == ("good", "NVIDIA GeForce RTX 4090 (rtx-4090), compute capability 8.9, 26 GB", None), checks


def test_a_gpu_that_is_in_no_catalog():
    state, text, remedy = with_gpu("--format", "json", NVML_GPUS="NVIDIA X9000,8,9,0")["gpu"]
    assert (state, text) == ("note", "NVIDIA X9000 (not in the catalog), compute capability 8.9"), text
    assert "gpus.yaml" in remedy


def test_many_gpus():
    text = with_gpu(NVML_GPUS=";".join(["NVIDIA H100 80GB HBM3,9,0,85520809984"] * 40))
    assert text.count("NVIDIA H100 80GB HBM3 (h100)") == 32, text


def test_a_driver_without_gpus():
    assert with_gpu("--format", "json", NVML_GPUS="")["gpu"][:2] == ("note", "the driver sees none")


def test_a_driver_that_does_not_answer():
    state, text, remedy = with_gpu("--format", "json", NVML_RESULT="18")["gpu"]
    assert state == "problem" and "Driver/library version mismatch" in text and "restart" in remedy, text


def test_no_driver():
    with tempfile.TemporaryDirectory() as empty:
        (pathlib.Path(empty) / "libnvidia-ml.so.1").write_bytes(b"")  # stands before any of the host's own
        checks = doctor("--format", "json", LD_LIBRARY_PATH=empty)
    assert checks["gpu"][:2] == ("note", "no NVIDIA driver is installed"), checks


def test_which_profiles_fit():
    checks = with_gpu("--format", "json", profiles=PROFILES)
    assert checks["profile ada"] == ("note", "fits the GPUs of this host, but no engine builds it here; likely 7.2 GB", None), checks
    state, text, _ = checks["profile new"]
    assert state == "note" and "CUDA 13.0 needs driver 580, this host has 570.86.15" in text, checks
    assert checks["profile broken.yaml"][0] == "problem" or checks["profile broken"][0] == "problem", checks
    checks = with_gpu("--format", "json", profiles=["ada"], NVML_GPUS="NVIDIA GeForce RTX 5090,12,0,34190917632")
    state, text, _ = checks["profile ada"]
    assert state == "note" and "torch 2.5.1 for CUDA 12.4 has no code for compute capability 12.0" in text, checks


def test_debootstrap_is_asked_for_where_a_profile_needs_it():
    checks = doctor("--format", "json", profiles=["bootstrap", "ada"], PATH="/nowhere")
    assert checks["profile bootstrap"][0] == "problem" and "debootstrap" in checks["profile bootstrap"][2], checks
    assert checks["profile ada"][0] == "note", checks


def test_no_engine():
    checks = doctor("--format", "json")
    state, text, remedy = checks["engine"]
    assert state == "problem" and "/nowhere.sock" in text and remedy, checks
    assert checks["profiles"] == ("note", "there are none here", "write a first one with 'slipway init'"), checks
    assert "problem engine: " in doctor()


def test_without_an_engine_nothing_is_said_to_build():
    for checks in (doctor("--format", "json", profiles=["ada"]), with_gpu("--format", "json", profiles=["ada", "new"])):
        assert all("builds here" not in text and "builds, but" not in text and state != "good"
                   for name, (state, text, _) in checks.items() if name.startswith("profile")), checks


def test_what_podman_needs_without_root_is_named():
    if os.geteuid() != 0 or any(map(os.path.exists, ("/var/run/docker.sock", "/run/podman/podman.sock"))):
        return
    checks = doctor("--format", "json", engine=(), user=NOBODY, profiles=["ada"])
    state, text, remedy = checks["engine"]
    assert state == "problem" and text.startswith("podman cannot run without root here: "), checks
    assert remedy.startswith("apt-get install uidmap") or "usermod --add-subuids" in remedy, checks
    assert "no engine builds it here" in checks["profile ada"][1], checks


def main():
    tests = [(name[5:].replace("_", " "), test) for name, test in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} - {name}")
        except (AssertionError, KeyError, ValueError, subprocess.TimeoutExpired) as error:
            print(f"not ok {number} - {name}")
            print("# " + f"{type(error).__name__}: {error}".replace("\n", "\n# "))


main()
