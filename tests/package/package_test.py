#!/usr/bin/env python3
"""What .github/package/package makes: the same bytes twice, a binary on its own, a package with all that belongs to it.

usage: package_test.py   (TAP on standard output)
"""
import hashlib
import pathlib
import shutil
import subprocess
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROFILE = "slipway: 1\nname: p\naccelerators: [rtx-4090]\ntorch: {version: '2.5.1', cuda: '12.4'}\nbase_image: python:3.11-slim\n"
LOG = "#9 ERROR: process did not complete: exit code: 1\nModuleNotFoundError: No module named 'triton.ops'\n"


class Skip(Exception):
    pass


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], text=True, capture_output=True, timeout=3600, **more)
    assert done.returncode == 0, (words, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_bytes_twice(folder):
    for name in ("one", "another/deeper"):
        run(SOURCE / ".github/package/package", folder / name)
    assert digests(folder / "one") == digests(folder / "another/deeper"), (digests(folder / "one"), digests(folder / "another/deeper"))


def works(binary, folder, *wrapper):
    """Every kind of command, in a root that has the binary, a project and nothing else: no C library, no shell, no /proc."""
    root = folder / "root"
    (root / "project").mkdir(parents=True)
    (root / "tmp").mkdir()
    shutil.copy(binary, root / "slipway")
    for word in wrapper:
        shutil.copy(shutil.which(word), root / word)
    (root / "project/p.yaml").write_text(PROFILE)
    (root / "project/log").write_text(LOG)
    run("git", "-C", root / "project", "init", "-q", "-b", "main")

    def inside(*words, status=0):
        done = subprocess.run(["unshare", "--map-root-user", "chroot", root, *[f"/{word}" for word in wrapper], "/slipway", "-C", "/project", *words],
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}, text=True, capture_output=True, timeout=300)
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout + done.stderr

    libraries = inside("--version", "-v")
    assert "libcurl/" in libraries and "libgit2 1." in libraries and "not installed" not in libraries, libraries
    assert "GPU libraries: 1 proven (torch)" in inside("--offline", "check", "p")
    assert "SW305" in inside("explain", "log", status=1)
    assert "FROM python:3.11-slim" in inside("--offline", "render", "p")
    inside("--offline", "render", "p", "-o", "out")
    assert (root / "project/out/Dockerfile").exists()
    assert "no build of 'p' is recorded here" in inside("history", "p", status=2)
    assert "problem engine" in inside("doctor", status=3)
    assert "rtx-4090" in inside("gpus")


def test_the_binary_needs_nothing_of_its_system(folder):
    binary = folder / "one" / "slipway"
    dynamic = run("readelf", "--dynamic", "--program-headers", binary)
    assert "NEEDED" not in dynamic and "INTERP" not in dynamic, dynamic
    works(binary, folder / "empty")
    print(f"# {binary.stat().st_size / 1e6:.1f} MB")


def test_every_command_runs_in_other_systems(folder):
    said = run("/usr/bin/python3", SOURCE / "tests/package/systems_test.py", folder / "one" / "slipway")
    assert "not ok" not in said and "\nok " in said, said
    print("".join(f"{line}\n" for line in said.splitlines() if line.startswith("#")), end="")


def test_another_architecture_runs_by_qemu(folder):
    if not shutil.which("aarch64-linux-gnu-gcc") or not shutil.which("qemu-aarch64-static"):
        raise Skip("the cross compiler or qemu is not installed")
    run(SOURCE / ".github/package/package", folder / "arm", "arm64")
    binary = folder / "arm" / "slipway"
    assert "AArch64" in run("readelf", "--file-header", binary)
    works(binary, folder / "empty-arm", "qemu-aarch64-static")


def test_the_package_installs(folder):
    (package,) = (folder / "one").glob("*.deb")
    root = folder / "root"
    run("dpkg-deb", "-x", package, root)
    program = root / "usr/bin/slipway"
    commands = [line.split()[0] for line in run(program, "help").split("Commands:\n")[1].split("\n\n")[0].splitlines()]
    pages = {path.name for path in (root / "usr/share/man/man1").iterdir()}
    assert pages == {"slipway.1.gz"} | {f"slipway-{name}.1.gz" for name in commands}, pages
    for path in ("bash-completion/completions/slipway.bash", "zsh/vendor-completions/_slipway",
                 "fish/vendor_completions.d/slipway.fish", "doc/slipway/copyright"):
        assert (root / "usr/share" / path).stat().st_size > 0, path
    control = run("dpkg-deb", "-f", package)
    assert "Depends:" not in control, control
    listing = run("dpkg-deb", "-c", package)
    assert all(line.split()[1] == "root/root" for line in listing.splitlines()), listing


def test_lintian_finds_nothing(folder):
    if not shutil.which("lintian"):
        raise Skip("lintian is not installed")
    (package,) = (folder / "one").glob("*.deb")
    found = run("lintian", "--allow-root", "--fail-on", "error,warning", package)
    assert not found, found


def main():
    tests = [(name[5:].replace("_", " "), test) for name, test in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}")
    with tempfile.TemporaryDirectory(prefix="package-") as folder:
        for number, (name, test) in enumerate(tests, 1):
            try:
                test(pathlib.Path(folder))
                print(f"ok {number} - {name}", flush=True)
            except Skip as skip:
                print(f"ok {number} - {name} # SKIP {skip}", flush=True)
            except (AssertionError, OSError, ValueError, subprocess.TimeoutExpired) as error:
                print(f"not ok {number} - {name}")
                print("# " + f"{type(error).__name__}: {error}".replace("\n", "\n# "))


main()
