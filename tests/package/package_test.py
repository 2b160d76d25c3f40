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
# Everyone who runs a container image of any kind has these.
LIBC = {"linux-vdso.so.1", "libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}


class Skip(Exception):
    pass


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], text=True, capture_output=True, timeout=1200, **more)
    assert done.returncode == 0, (words, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_bytes_twice(folder):
    for name in ("one", "another/deeper"):
        run(SOURCE / ".github/package/package", folder / name)
    assert digests(folder / "one") == digests(folder / "another/deeper"), (digests(folder / "one"), digests(folder / "another/deeper"))


def test_the_binary_needs_no_library_but_c(folder):
    binary = folder / "one" / "slipway"
    needed = {pathlib.Path(line.split()[0]).name for line in run("ldd", binary).splitlines()}
    assert needed <= LIBC, needed
    assert run(binary, "--version").startswith("slipway ")
    print(f"# {binary.stat().st_size / 1e6:.1f} MB")


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
    assert "Depends: libc6 (>= 2." in control, control
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
