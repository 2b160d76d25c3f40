#!/bin/bash
# Runs that end well and talk of errors on their way: retries, warnings, caught tracebacks, failures that were overcome. Nothing in
# their logs is a finding. Wants SERVE and TOOLS as starts.sh and pips.sh do, and ROOTS as packages.sh.
# shellcheck disable=SC1091,SC2154,SC2016,SC2086,SC2103,SC2164 # lib.sh sets what is used here; the words are for other shells
. "$(dirname "$0")/lib.sh"
V=${SERVE:?}/bin T=${TOOLS:?} R=${ROOTS:?}
fine() { record "fine/$1" "${@:2}"; }
fine pip-retry bash -c "for i in 1 2 3; do $T/p24/bin/python -m pip install --no-cache-dir --retries 1 --index-url http://127.0.0.1:1/simple six && break; $T/p24/bin/python -m pip install --no-cache-dir six && break; done"
fine pip-fallback bash -c "$T/p26/bin/python -m pip install --no-cache-dir six==9.9 || $T/p26/bin/python -m pip install --no-cache-dir --force-reinstall six==1.16.0"
fine pip-uninstall-missing bash -c "$T/p26/bin/python -m pip uninstall -y nothere_dist; $T/p26/bin/python -m pip install --no-cache-dir --force-reinstall idna"
fine pip-p20-wheel-fails bash -c "$T/p20/bin/python -m pip uninstall -y -q wheel; $T/p20/bin/python -m pip install --no-cache-dir --no-binary :all: --force-reinstall termcolor==1.1.0"
fine pip-conflict-warning bash -c "$T/p24/bin/python -m pip install --no-cache-dir -q 'flask<2.1' 'werkzeug<2.1'; $T/p24/bin/python -m pip install --no-cache-dir --no-deps six; $T/p24/bin/python -m pip list"
fine pip-root-warning $T/p21/bin/python -m pip install --no-cache-dir --root-user-action=warn --force-reinstall six
fine pip-download $T/p25/bin/python -m pip download --no-deps -d dl numpy==1.26.4
fine pip-check bash -c "$T/p22/bin/python -m pip install --no-cache-dir requests -v | tail -60; $T/p22/bin/python -m pip check"
fine pip-cache $T/p26/bin/python -m pip cache purge
fine uv-install $T/uv09/bin/uv pip install --no-cache --python $T/p24/bin/python --reinstall rich -v
fine uv-fallback bash -c "$T/uv04/bin/uv pip install --no-cache --python $T/p24/bin/python six==9.9 || $T/uv04/bin/uv pip install --no-cache --python $T/p24/bin/python --reinstall six"
fine uv-02 $T/uv02/bin/uv pip install --no-cache --python $T/p24/bin/python --reinstall idna
fine poetry bash -c "mkdir -p gp; cd gp; printf '[tool.poetry]\nname=\"x\"\nversion=\"0.1\"\ndescription=\"\"\nauthors=[]\npackage-mode=false\n[tool.poetry.dependencies]\npython=\">=3.9,<4\"\nsix=\"*\"\n' >pyproject.toml; $T/poetry1/bin/poetry --no-ansi lock; $T/poetry2/bin/poetry --no-ansi check || true; $T/poetry1/bin/poetry --no-ansi install -v"
fine pdm bash -c "mkdir -p gd; cd gd; printf '[project]\nname=\"x\"\nversion=\"1\"\nrequires-python=\">=3.9\"\ndependencies=[\"six\"]\n' >pyproject.toml; $T/pdm/bin/pdm lock -v; $T/pdm/bin/pdm export --without-hashes"
fine apt-update $R/enter $R/jammy apt-get -o Acquire::Retries=2 update
fine apt-noop $R/enter $R/trixie apt install -y coreutils
fine apt-simulate $R/enter $R/trixie apt-get -s install -y build-essential cmake
fine apt-or-true bash -c "$R/enter $R/trixie apt-get install -y nothere-package || true; $R/enter $R/trixie dpkg -l coreutils; echo installed all that there is"
fine curl-retry bash -c 'curl --retry 2 --retry-connrefused --retry-delay 1 -fsS http://127.0.0.1:1/x || curl -fsS file:///etc/hostname >/dev/null; echo downloaded'
fine wget-tries bash -c 'wget -t 2 http://127.0.0.1:1/x || cp /etc/hostname x; echo got the file from the mirror; ls -l x'
cat >warn.c <<'C'
#include <stdio.h>
static int error_count(const char *s) { int unused; char b[4]; sprintf(b, "%s", s); return 0; }
int main(void) { printf("errors: %d\n", error_count("no")); return 0; }
C
fine gcc-warnings bash -c 'gcc -Wall -Wextra -O2 warn.c -o warn && ./warn'
fine clang-warnings bash -c 'clang -Weverything warn.c -o warn2 && ./warn2'
printf '__global__ void k(int *x) { int unused; x[0] = 1; }\nint main() { k<<<1,1>>>(nullptr); return 0; }\n' >w.cu
fine nvcc-warnings nvcc -arch=sm_75 -Wno-deprecated-gpu-targets -c w.cu -o w.o -Xptxas -v
mkdir -p cmg && cat >cmg/CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.5)
project(x C)
include(CheckIncludeFile)
include(CheckFunctionExists)
check_include_file(nothere_gone.h HAVE_NOTHERE)
check_function_exists(cuInit_gone HAVE_CUINIT)
find_package(CUDNN QUIET)
find_package(OpenBLAS)
message(WARNING "NCCL was not found; building without it. Error reporting is off.")
message(STATUS "Failed to find LLVM FileCheck")
add_executable(x main.c)
C
echo 'int main(void){return 0;}' >cmg/main.c
fine cmake bash -c 'cmake -S cmg -B cmg/b && cmake --build cmg/b -v'
fine ninja bash -c 'cmake -S cmg -B cmg/n -G Ninja && ninja -C cmg/n -v'
fine make-ignored bash -c 'printf "all:\n\t-rm nothere_file\n\t-false\n\techo built\n" >ig.mk; make -f ig.mk'
fine configure bash -c 'mkdir -p gac; cd gac; printf "AC_INIT([x],[1])\nAC_PROG_CC\nAC_CHECK_HEADERS([gone_a.h gone_b.h])\nAC_CHECK_LIB([gone],[f])\nAC_CONFIG_FILES([Makefile])\nAC_OUTPUT\n" >configure.ac; printf "all:\n\techo @CC@\n" >Makefile.in; autoconf && ./configure && make'
mkdir -p gcr/src && printf '[package]\nname="x"\nversion="0.1.0"\nedition="2021"\n' >gcr/Cargo.toml && printf 'fn error_handler() {}\nfn main(){ let unused = 1; println!("error: none"); }\n#[test] fn panics() { assert!(std::panic::catch_unwind(|| panic!("expected panic")).is_err()); }\n' >gcr/src/main.rs
fine cargo-build cargo build --offline --manifest-path gcr/Cargo.toml
fine cargo-test cargo test --offline --manifest-path gcr/Cargo.toml -- --nocapture
fine git bash -c 'git init -q gg; cd gg; git -c user.name=a -c user.email=a@b commit --allow-empty -m "Fix error: fatal crash in loader"; git checkout nothere_branch || git checkout -b nothere_branch; git log --oneline; git fetch nowhere || true; git status'
fine git-clone-retry bash -c 'git clone /nowhere/x.git cl || git clone gg cl; cd cl && git log -1 --format=%s'
fine npm bash -c 'mkdir -p gn; cd gn; echo "{\"name\":\"x\",\"version\":\"1.0.0\",\"scripts\":{\"build\":\"echo 0 errors\"}}" >package.json; npm run build; npm ls; npm audit --offline || true; echo done'
fine sh-optional bash -c 'command -v nvidia-smi || echo "nvidia-smi not found, skipping"; which nothere_tool; [ -f /x/y ] || echo "no /x/y: using the default"; rm -f /nothere; mkdir -p d; cp -n warn.c d/; ls d'
fine sh-loop bash -c 'for i in 1 2 3; do if [ $i = 3 ]; then echo "attempt $i succeeded"; break; fi; echo "attempt $i failed: connection timed out, retrying in 1s"; done; echo ready'
fine sh-trace bash -xc 'cat /nothere/version 2>/dev/null || v=unknown; echo "version ${v:-1}"; grep -c error /etc/passwd || true'
fine tar-warning bash -c 'tar czf /tmp/w.$$.tgz /etc/hostname; tar tzvf /tmp/w.$$.tgz; rm /tmp/w.$$.tgz; echo packed'
fine ldconfig bash -c 'ldconfig -v 2>&1 | head -40; echo "/usr/local/cuda/lib64" >/dev/null; ldd /bin/ls'
mkdir -p gapp && cd gapp
cat >good.py <<'P'
import logging, warnings
from contextlib import asynccontextmanager
from fastapi import FastAPI
log = logging.getLogger("uvicorn.error")
@asynccontextmanager
async def lifespan(app):
    try:
        import flash_attn_gone
    except ImportError:
        log.exception("flash-attn could not be imported; using sdpa")
    log.error("a first connection to the cache failed: Connection refused; trying again")
    warnings.warn("CUDA initialization: no NVIDIA driver; running on the CPU")
    log.warning("model is slow: tokenizer error rate 0.0")
    yield
app = FastAPI(lifespan=lifespan)
@app.get("/health")
def health(): return {"ok": True}
@app.get("/boom")
def boom(): return 1 / 0
P
fine uvicorn bash -c "timeout -s INT 6 $V/uvicorn good:app --port 18201"
fine uvicorn-request-error bash -c "(sleep 4; curl -s http://127.0.0.1:18202/health; curl -s http://127.0.0.1:18202/gone; curl -s http://127.0.0.1:18202/health) >/dev/null & timeout -s INT 8 $V/uvicorn good:app --port 18202"
fine gunicorn bash -c "timeout -s TERM 8 $V/gunicorn -k uvicorn_worker.UvicornWorker good:app -b 127.0.0.1:18203 || timeout -s TERM 8 $V/gunicorn -w 2 -b 127.0.0.1:18203 'flask:Flask(\"x\")'"
fine hypercorn bash -c "timeout -s INT 8 $V/hypercorn -b 127.0.0.1:18204 good:app"
fine flask bash -c "echo 'from flask import Flask
app = Flask(__name__)' >fl.py; timeout -s INT 6 $V/flask --app fl run --port 18205"
fine py-caught $V/python -c '
import traceback, logging
logging.basicConfig(level="INFO")
for n in range(3):
    try:
        if n < 2: raise TimeoutError(f"try {n}: the hub did not answer")
        print("weights loaded")
    except TimeoutError:
        traceback.print_exc()
        logging.warning("retrying")
logging.info("startup complete; listening on 0.0.0.0:8000")
for i in range(5): logging.info("GET /health 200")'
fine py-unittest $V/python -m unittest -v json.tool
fine py-warnings $V/python -W always -c '
import warnings, logging
warnings.warn("torch.cuda is not available", RuntimeWarning)
warnings.warn("old name", DeprecationWarning)
logging.warning("could not find cudnn; falling back")
print("Failed tests: 0, errors: 0")
print("done")'
fine py-retry-log $V/python -c '
import logging,time
logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level="INFO")
l=logging.getLogger("download")
for i in range(3):
    l.error("download of shard %d failed: 503 Service Unavailable", i); l.info("retry in 1 s"); l.info("shard %d downloaded", i)
l.info("model ready in 3.2 s")'
fine py-compileall $V/python -m compileall -q good.py
fine py-pytest-like $V/python -c '
print("collected 3 items"); print("test_error_paths.py::test_raises_valueerror PASSED"); print("test_error_paths.py::test_fatal PASSED"); print("3 passed, 1 xfailed, 2 warnings in 0.10s")'
fine buildah bash -c "buildah --storage-driver vfs --root $work/bs --runroot $work/br images; buildah --version; buildah --storage-driver vfs --root $work/bs --runroot $work/br rmi nothere || echo nothing to remove"
