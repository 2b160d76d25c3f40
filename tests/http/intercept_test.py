#!/usr/bin/env python3
"""`check`, `lock` and `render` behind a proxy that reads all TLS, as in companies: it signs each host's certificate itself. Each way in
which a machine names the proxy's authority is enough, and without it the hint names the ways.

usage: intercept_test.py SLIPWAY      TAP on standard output
"""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

from proxy import Proxy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "stacks"))
from served import Server, script  # noqa: E402

SLIPWAY = pathlib.Path(sys.argv[1]).resolve()
# No name server knows this host: only the proxy leads to it.
HOST = "packages.test"
INDEX = {"app": {"1.0": ["lib>=2"]}, "lib": {"1.0": [], "2.0": []}}
PROFILE = "slipway: 1\nname: p\npython_version: '3.11'\nbase_image: python:3.11-slim\nrequirements: [app]\n"


def slipway(bench, words, variables):
    """Run in a folder of its own, with no cache, as a machine whose environment has these variables alone."""
    with tempfile.TemporaryDirectory(prefix="intercept-") as home:
        (pathlib.Path(home) / "p.yaml").write_text(PROFILE)
        environment = {"PATH": os.defpath, "HOME": home, "LC_ALL": "C.UTF-8", "https_proxy": bench["proxy"], "PIP_CONFIG_FILE": "/dev/null",
                       "UV_NO_CONFIG": "1", "PIP_INDEX_URL": f"https://{HOST}/simple", **variables}
        done = subprocess.run([SLIPWAY, *words], cwd=home, env=environment, capture_output=True, text=True, timeout=120)
        lock = pathlib.Path(home) / "pylock.p.toml"
        return done.returncode, done.stdout + done.stderr, lock.read_text() if lock.exists() else ""


def ways(bench):
    """Each way of naming the authority, as variables."""
    folder, authority = bench["folder"], str(bench["folder"] / "ca.pem")
    (folder / "pip.conf").write_text(f"[global]\ncert = {authority}\nindex-url = https://{HOST}/simple\n")
    (folder / "uv.toml").write_text(f'index-url = "https://{HOST}/simple"\n')
    return {"SSL_CERT_FILE": {"SSL_CERT_FILE": authority}, "REQUESTS_CA_BUNDLE": {"REQUESTS_CA_BUNDLE": authority},
            "CURL_CA_BUNDLE": {"CURL_CA_BUNDLE": authority}, "PIP_CERT": {"PIP_CERT": authority},
            "pip's configuration": {"PIP_CONFIG_FILE": str(folder / "pip.conf")},
            "uv's configuration": {"UV_CONFIG_FILE": str(folder / "uv.toml"), "UV_NO_CONFIG": "", "SSL_CERT_FILE": authority}}


def each_way_is_enough(bench):
    faults = []
    for name, variables in ways(bench).items():
        status, said, lock = slipway(bench, ["lock", "p"], variables)
        if status != 0 or 'name = "lib"\nversion = "2.0"' not in lock:
            faults.append(f"{name}: {status}: {said}")
    return faults


def check_judges_by_it(bench):
    status, said, _ = slipway(bench, ["check", "p"], ways(bench)["PIP_CERT"])
    return [] if status == 0 and "releases: 1 proven (app)" in said and "imports: 2 proven (app, lib)" in said else [f"{status}: {said}"]


def render_says_how_a_build_of_its_folder_takes_the_authority_along(bench):
    authority = bench["folder"] / "ca.pem"
    status, said, _ = slipway(bench, ["render", "p", "-o", "out"], ways(bench)["PIP_CERT"])
    wanted = (f"cp {authority} out/certificates.pem\n", "--build-arg SSL_CERT_FILE=/run/slipway/certificates.pem out\n")
    return [] if status == 0 and all(line in said for line in wanted) else [f"{status}: {said}"]


def without_it_the_hint_names_the_ways(bench):
    status, said, _ = slipway(bench, ["lock", "p"], {})
    wanted = ("certificate", "PIP_CERT", "SSL_CERT_FILE")
    return [] if status == 3 and all(word in said for word in wanted) else [f"{status}: {said}"]


def a_file_that_is_not_there_is_named(bench):
    status, said, _ = slipway(bench, ["lock", "p"], {"PIP_CERT": "/nowhere/ca.pem"})
    return [] if status == 3 and "/nowhere/ca.pem" in said else [f"{status}: {said}"]


TESTS = (each_way_is_enough, check_judges_by_it, render_says_how_a_build_of_its_folder_takes_the_authority_along, without_it_the_hint_names_the_ways,
         a_file_that_is_not_there_is_named)


def main():
    print(f"1..{len(TESTS)}")
    with tempfile.TemporaryDirectory(prefix="intercept-") as temporary, Server(script(INDEX)) as server:
        folder = pathlib.Path(temporary)
        proxy = Proxy(folder, lambda host, port: socket.create_connection(("127.0.0.1", {HOST: server.port}[host])))
        bench = {"folder": folder, "proxy": f"http://127.0.0.1:{proxy.port}"}
        for number, test in enumerate(TESTS, 1):
            faults = test(bench)
            print(f"{'not ok' if faults else 'ok'} {number} - {test.__name__.replace('_', ' ')}", flush=True)
            for fault in faults:
                print("# " + fault.replace("\n", "\n# "))


main()
