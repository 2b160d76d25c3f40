#!/bin/bash
# More runs that end well and are noisy: tests that print errors, summaries of no errors, failures that were allowed, checks for things
# that are not there. Nothing in their logs is a finding. Wants TOOLS: virtual environments serve, p193, p251, uv08 as third.sh, and f:
# a folder of environments, each of the tool it is named after; ROOTS as packages.sh.
# shellcheck disable=SC1091,SC2154,SC2016,SC2086,SC2103,SC2164 # lib.sh sets what is used here; the words are for other shells
. "$(dirname "$0")/lib.sh"
T=${TOOLS:?} V=$T/serve/bin F=$T/f R=${ROOTS:?}
calm() { record "calm/$1" "${@:2}"; }
mkdir -p proj/tests && cd proj
cat >tests/test_errors.py <<'P'
import logging, sys, traceback, pytest
def test_logs_error(caplog):
    logging.error("ERROR: connection to the database failed")
    print("FATAL: this is only printed")
def test_traceback_printed(capsys):
    try: 1 / 0
    except ZeroDivisionError: traceback.print_exc()
@pytest.mark.xfail(reason="known error")
def test_known(): assert False
@pytest.mark.skip(reason="no GPU found: CUDA error")
def test_gpu(): pass
P
calm pytest-verbose $F/pytest/bin/pytest -v -s -rA tests
calm pytest-quiet bash -c "$F/pytest/bin/pytest -q -o log_cli=true -o log_cli_level=INFO tests && echo pushing the image"
cat >ut.py <<'P'
import unittest, logging, sys
class T(unittest.TestCase):
    def test_error_is_told(self):
        logging.getLogger("svc").error("cannot open /models: No such file or directory")
    @unittest.expectedFailure
    def test_known_failure(self): self.fail("known")
    def test_raises(self):
        with self.assertRaises(RuntimeError): raise RuntimeError("CUDA error: out of memory")
unittest.main(verbosity=2)
P
calm unittest $V/python ut.py
printf 'def f(x: int) -> int:\n    return x\n' >good.py
calm mypy $F/mypy/bin/mypy good.py
calm ruff $F/ruff/bin/ruff check good.py
calm pylint $F/pylint/bin/pylint --disable=all --enable=E good.py
calm black bash -c "printf 'x=1\n' >bl.py; $F/black/bin/black bl.py"
calm bandit $F/bandit/bin/bandit good.py
mkdir -p docs && printf '# Errors\n\nSee [gone](gone.md).\n' >docs/index.md && printf 'site_name: x\n' >mkdocs.yml
calm mkdocs $F/mkdocs/bin/mkdocs build
mkdir -p sp && printf 'project = "x"\n' >sp/conf.py && printf 'Error codes\n===========\n\n:ref:`gone`\n\n.. toctree::\n\n   gone_page\n' >sp/index.rst
calm sphinx $F/sphinx/bin/sphinx-build -b html sp sp/out
cat >play.yml <<'Y'
- hosts: localhost
  gather_facts: false
  connection: local
  tasks:
    - {name: Look for the driver, command: nvidia-smi-gone, ignore_errors: true}
    - {name: Try the mirror, command: "false", register: r, failed_when: false}
    - block:
        - {name: Unpack, command: tar xf /gone.tar}
      rescue:
        - {name: Fall back, debug: {msg: "using the packaged copy"}}
Y
calm ansible env ANSIBLE_HOME=$work/ah $F/ansible-core/bin/ansible-playbook -i localhost, play.yml
printf '[tox]\nskipsdist=true\nenvlist=a\n[testenv]\nallowlist_externals=sh\ncommands=\n  - sh -c "echo ERROR: optional step failed; exit 3"\n  sh -c "echo fine"\n' >tox.ini
calm tox $F/tox/bin/tox
printf 'import nox\n@nox.session(venv_backend="none")\ndef t(s):\n    s.run("sh", "-c", "echo error: tolerated; exit 2", external=True, success_codes=[2])\n' >noxfile.py
calm nox $F/nox/bin/nox
mkdir -p sc && printf 'env=Environment()\nconf=Configure(env)\nconf.CheckLib("cuda_gone")\nconf.CheckHeader("gone.h")\nenv=conf.Finish()\nProgram("x","x.c")\n' >sc/SConstruct && echo 'int main(){return 0;}' >sc/x.c
calm scons $F/scons/bin/scons -C sc
cat >retry.py <<'P'
import sys, time, random
for attempt in range(1, 4):
    print(f"[{attempt}/3] GET https://cdn.example.org/weights.bin", flush=True)
    if attempt < 3:
        print(f"requests.exceptions.ConnectionError: HTTPSConnectionPool: Max retries exceeded (attempt {attempt})", file=sys.stderr, flush=True)
        print("sleeping 0.1s before next attempt", flush=True)
    else:
        print("received 1234 bytes, checksum matches", flush=True)
P
calm py-attempts $V/python -u retry.py
cat >threads.py <<'P'
import threading, logging
logging.basicConfig(level="INFO", format="%(asctime)s %(threadName)s %(levelname)-8s %(message)s")
def probe(): raise OSError("probe of GPU 7 failed")
t = threading.Thread(target=probe, name="probe-7"); t.start(); t.join()
logging.info("7 of 8 GPUs usable, continuing")
for i in range(4): logging.info("step %d loss %.2f", i, 2 / (i + 1))
logging.info("training finished, checkpoint saved")
P
calm py-thread $V/python threads.py
calm py-fallback $V/python -c '
import sys
for m in ("orjson_gone", "ujson_gone", "json"):
    try:
        __import__(m); print("using", m); break
    except ModuleNotFoundError as e: print("skip:", e)
print("0 errors, 2 skipped")'
calm pip-old bash -c "$T/p193/bin/python -m pip install --no-cache-dir --force-reinstall idna==3.4"
calm pip-invalid bash -c "d=\$(echo $T/p251/lib/python3.*/site-packages); mkdir -p \$d/~orch-2.0.dist-info; $T/p251/bin/python -m pip install --no-cache-dir --force-reinstall six; rm -rf \$d/~orch-2.0.dist-info"
calm uv-warn bash -c "$T/uv08/bin/uv venv -q --clear uvw; UV_LINK_MODE=hardlink $T/uv08/bin/uv pip install --no-cache --python uvw/bin/python 'six' 'requests[nothere_extra]'"
calm ctest bash -c 'mkdir -p ct; printf "cmake_minimum_required(VERSION 3.20)\nproject(x NONE)\nenable_testing()\nadd_test(NAME fails_on_error COMMAND sh -c \"echo error: bad input; exit 1\")\nset_tests_properties(fails_on_error PROPERTIES WILL_FAIL TRUE)\nadd_test(NAME ok COMMAND echo Error: none)\n" >ct/CMakeLists.txt; cmake -S ct -B ct/b && ctest --test-dir ct/b -V'
calm prove bash -c 'printf "print qq{1..3\nok 1\nnot ok 2 - slow # TODO error in driver\nok 3 # skip no GPU\n}; warn qq{cannot open /dev/nvidia0: No such file\n};" >t.t; prove -v t.t'
mkdir -p rs/src && printf '[package]\nname="calm"\nversion="0.1.0"\nedition="2021"\n' >rs/Cargo.toml && printf 'fn main(){ let _x: i32; let unused = 3; }\n#[test]\n#[should_panic(expected = "no device")]\nfn panics(){ panic!("no device found: error 100"); }\n#[test]\n#[ignore]\nfn gpu(){ panic!(); }\n' >rs/src/main.rs
calm cargo-panics bash -c 'cargo test --offline --manifest-path rs/Cargo.toml -- --nocapture --test-threads 1'
calm apt-ignored $R/enter $R/jammy bash -c 'echo "deb http://localhost:1/x stable main" >/tmp/ig.list; apt-get -o Acquire::Retries=0 -o Dir::Etc::sourcelist=/tmp/ig.list -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists=/tmp/lists2 update; echo "lists are stale, going on with what there is"; apt-get install -y coreutils'
calm dpkg-policy $R/enter $R/trixie bash -c 'printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; apt-get install -y --reinstall cron 2>&1 || apt-get install -y cron; rm /usr/sbin/policy-rc.d'
calm sh-guards bash -c 'set -u; command -v nvcc_gone >/dev/null 2>&1 || echo "nvcc: not found, building for CPU only"; grep -q avx9 /proc/cpuinfo || echo "AVX9 not supported on this machine"; kill -0 999999 2>/dev/null || echo "no stale process"; ls /gone 2>&1 || true; diff <(echo a) <(echo b) || echo "config changed, rewriting"; echo "entrypoint: starting"'
calm sh-cleanup bash -c 'trap "rm -rf tmpd; echo cleaned up" EXIT; mkdir tmpd; rmdir /gone_dir; umount /gone_mount; docker rm -f gone_container; echo "Build finished with 0 errors and 3 warnings"'
calm git-merge bash -c 'cd gs; echo 1 >f; git add f; git -c user.name=a -c user.email=a@b commit -qm 1; git checkout -qb o; echo 2 >f; git -c user.name=a -c user.email=a@b commit -qam 2; git checkout -q -; echo 3 >f; git -c user.name=a -c user.email=a@b commit -qam 3; git -c user.name=a -c user.email=a@b merge o; git checkout --theirs f; git add f; git -c user.name=a -c user.email=a@b commit -qm merged; git log --oneline | head -3'
calm java bash -c 'printf "public class E { public static void main(String[] a) { try { throw new RuntimeException(\"probe failed\"); } catch (RuntimeException e) { e.printStackTrace(); } System.out.println(\"INFO server started on port 8080\"); System.out.println(\"INFO ready\"); } }" >E.java; java E.java'
