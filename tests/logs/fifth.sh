#!/bin/bash
# A fifth set of failures, each with the words of its cause. Wants TOOLS with v: a virtual environment that has uv, poetry, pdm, pipenv,
# fastapi, uvicorn, gunicorn, celery, redis, sqlalchemy, numpy, pandas, transformers, httpx, pydantic, meson-python and
# setuptools; nvcc, clang, cargo, meson, podman, node and java.
# shellcheck disable=SC1091,SC2154,SC2016,SC2086,SC2103,SC2164 # lib.sh sets what is used here; the words are for other shells
. "$(dirname "$0")/lib.sh"
V=${TOOLS:?}/v/bin
export PATH=$PATH:$V
mkdir -p five && cd five
py() { told "$1" "$2" "$V/python" -c "$3"; }

told fifth/uv-python "3.99" $V/uv python install 3.99
told fifth/uv-venv "/proc/x" $V/uv venv /proc/x
mkdir -p e0; told fifth/uv-add "pyproject.toml" $V/uv add --directory e0 requests
told fifth/uv-build "pyproject.toml|setup.py" $V/uv build e0
told fifth/pip-platform "only-binary" $V/pip download --platform manylinux2014_x86_64 six
told fifth/pip-hash "gone.whl" $V/pip hash gone.whl
printf -- '-e ./gone\n' >c.txt; told fifth/pip-constraint "ditable|./gone" $V/pip install -c c.txt six
mkdir -p tarx/x-1 && echo hi >tarx/x-1/README && tar czf x-1.tar.gz -C tarx x-1; told fifth/pip-nosetup "setup.py" $V/pip install ./x-1.tar.gz
cp x-1.tar.gz foo-1.0-cp27-cp27mu-manylinux1_x86_64.whl; told fifth/pip-cp27 "not a supported wheel|cp27|not for this Python" $V/pip install ./foo-1.0-cp27-cp27mu-manylinux1_x86_64.whl
mkdir -p ext && printf 'from setuptools import setup, Extension\nsetup(name="ext", version="1", ext_modules=[Extension("ext", ["gone_kernel.c"])])\n' >ext/setup.py; told fifth/pip-extsource "gone_kernel.c" $V/pip install --no-build-isolation ./ext
mkdir -p mes && printf '[build-system]\nrequires=["meson-python"]\nbuild-backend="mesonpy"\n[project]\nname="mes"\nversion="1"\n' >mes/pyproject.toml && printf "project('mes', 'c')\nx = gone_function()\n" >mes/meson.build; told fifth/pip-mesonfn "gone_function" $V/pip install --no-build-isolation ./mes
mkdir -p hat && printf '[build-system]\nrequires=["hatchling"]\nbuild-backend="hatchling.build"\n[project]\nname="hat"\ndynamic=["version"]\n[tool.hatch.version]\npath="gone_about.py"\n' >hat/pyproject.toml; told fifth/pip-hatchversion "gone_about.py" $V/pip install --no-build-isolation ./hat
mkdir -p po && printf '[project]\nname="po"\nversion="1.0"\nrequires-python=">=3.9"\ndependencies=["requests (>=2,<1)"]\n[build-system]\nrequires=["poetry-core"]\nbuild-backend="poetry.core.masonry.api"\n' >po/pyproject.toml; told fifth/poetry-emptyrange ">=2,<1" $V/poetry -C po lock
mkdir -p pd && printf '[project]\nname="pd"\nversion="1.0"\nrequires-python=">=3.9"\ndependencies=[]\n' >pd/pyproject.toml; told fifth/pdm-run "gone_cmd" bash -c "cd pd; $V/pdm run gone_cmd"
told fifth/pdm-group "hishel" bash -c "cd pd; $V/pdm install -G gone_group"
mkdir -p pe && printf '[packages]\n' >pe/Pipfile; told fifth/pipenv-script "gone_cmd" bash -c "cd pe; PIPENV_IGNORE_VIRTUALENVS=1 $V/pipenv run gone_cmd"
printf 'int main(){}\n' >a.c
told fifth/gcc-sanitizer "memory" gcc -fsanitize=memory a.c
printf 'static_assert(sizeof(void*)==4, "built for 32 bit only");int main(){}\n' >sa.cc; told fifth/gxx-assert "built for 32 bit only" g++ -std=c++17 sa.cc
told fifth/clang-sm "sm_999" clang -x cuda --cuda-gpu-arch=sm_999 -nocudainc -nocudalib -c a.c
told fifth/ld-script "gone.ld" gcc a.c -Wl,-T,gone.ld
told fifth/strip "gone.so" strip gone.so
printf '__global__ int k(){return 1;}\n' >gk.cu; told fifth/nvcc-void "void" nvcc -c gk.cu
printf 'int f();\n__global__ void k(){f();}\n' >hd.cu; told fifth/nvcc-host "host function|f()" nvcc -c hd.cu
told fifth/cmake-builddir "gone_dir" cmake --build gone_dir
mkdir -p cm && printf 'cmake_minimum_required(VERSION 3.16)\nproject(x NONE)\nstring(REGEX MATCH a)\n' >cm/CMakeLists.txt; told fifth/cmake-string "REGEX|argument" cmake -S cm -B cmb
mkdir -p cmx && printf 'cmake_minimum_required(VERSION 3.16)\nproject(x NONE)\ninclude(GoneModule)\n' >cmx/CMakeLists.txt; told fifth/cmake-include "GoneModule" cmake -S cmx -B cmxb
mkdir -p mk && printf 'all:\n    echo hi\n' >mk/Makefile; told fifth/make-separator "separator" make -C mk
mkdir -p nj && printf 'rule x\n command = y\nbuild z x\n' >nj/build.ninja; told fifth/ninja-syntax "expected" ninja -C nj
mkdir -p cg/src && printf '[package]\nname="cg"\nversion="0.1.0"\nedition="2021"\n[dependencies]\ngone_crate={path="../gone_crate"}\n' >cg/Cargo.toml && echo 'fn main(){}' >cg/src/main.rs; told fifth/cargo-path "gone_crate" cargo build --offline --manifest-path cg/Cargo.toml
mkdir -p cg2/src && printf '[package]\nname="cg2"\nversion="0.1.0"\nedition="2021"\n' >cg2/Cargo.toml && echo 'struct S; fn main(){ println!("{}", S); }' >cg2/src/main.rs; told fifth/cargo-trait "E0277|Display|can't be formatted" cargo build --offline --manifest-path cg2/Cargo.toml
mkdir -p me && printf "project('x', 'c')\n" >me/meson.build; told fifth/meson-option "gone_option" meson setup -Dgone_option=true me/b me
told fifth/apt-target "gone-release" apt-get install -y -t gone-release sed
told fifth/dpkg-configure "gone-package" dpkg --configure gone-package
mkdir -p deb/DEBIAN adm/var/lib/dpkg/{info,updates} && : >adm/var/lib/dpkg/status && printf 'Package: mine\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.c>\nDepends: gone-lib\nDescription: x\n' >deb/DEBIAN/control && dpkg-deb -b deb mine.deb >/dev/null; told fifth/dpkg-depends "gone-lib" dpkg --root=$PWD/adm -i mine.deb
mkdir -p debx/DEBIAN && printf 'Package: Mine_bad\nVersion: 1\n' >debx/DEBIAN/control; told fifth/dpkg-control "Mine_bad|package name" dpkg-deb -b debx out.deb
told fifth/alternatives "python3x" update-alternatives --set python3x /usr/bin/python9
git init -q gr && git -C gr -c user.name=a -c user.email=a@b commit -q --allow-empty -m x
told fifth/git-pull "tracking|remote" git -C gr pull
told fifth/git-cherry "deadbeef" git -C gr cherry-pick deadbeef
echo junk >junk.patch; told fifth/git-am "format|junk.patch" git -C gr am ../junk.patch
told fifth/git-unshallow "unshallow|complete" git -C gr fetch --unshallow
git init -q --bare gb.git; git -C gr push -q ../gb.git HEAD:refs/heads/main; git clone -q -b main gb.git gc; git clone -q -b main gb.git gc2; for r in gc gc2; do git -C $r -c user.name=a -c user.email=a@b commit -q --allow-empty -m $r; done; git -C gc push -q origin HEAD:main
told fifth/git-push "rejected|fetch first|behind" git -C gc2 push origin HEAD:main
told fifth/bash-exec "gone_prog" bash -c 'exec gone_prog --serve'
told fifth/dash-trap "SIGGONE" dash -c 'trap "" SIGGONE; exit 1'
told fifth/truncate "12x" truncate -s 12x f
told fifth/date "no such day" date -d 'no such day'
told fifth/openssl "gone.pem" openssl x509 -in gone.pem -noout
told fifth/sysctl "gone.key|gone/key" sysctl -w gone.key=1
told fifth/modprobe "modprobe" modprobe gone_mod
told fifth/java-option "GoneFlag" java -XX:+GoneFlag -version
told fifth/git-lfs "Git repository" git lfs pull
told fifth/java-heap "heap|memory|reserve" java -Xmx9999999g -version
printf '{"type":"module"}' >package.json; echo 'const fs = require("fs")' >esm.js; told fifth/node-esm "require is not defined" node esm.js
py fifth/np-pickle "allow_pickle" 'import numpy as np
np.save("o.npy", np.array([{}], dtype=object)); np.load("o.npy")'
py fifth/np-matmul "mismatch" 'import numpy as np
np.ones((3, 4)) @ np.ones((3, 4))'
py fifth/tf-notorch "PyTorch" 'from transformers import AutoModel
AutoModel.from_config("x")'
mkdir -p tok && echo '{broken' >tok/config.json; py fifth/tf-json "config.json|JSON" 'from transformers import AutoConfig
AutoConfig.from_pretrained("./tok")'
py fifth/fastapi-response "response|Invalid args" 'from fastapi import FastAPI
app = FastAPI()
class Model: pass
@app.get("/", response_model=Model)
def f(): pass'
echo 'def app(e, s): pass' >wapp.py
told fifth/gunicorn-user "gone_user" $V/gunicorn --user gone_user wapp:app
told fifth/gunicorn-tmp "gone_dir" timeout 10 $V/gunicorn -b 127.0.0.1:0 --worker-tmp-dir /gone_dir wapp:app
told fifth/uvicorn-interface "gone" $V/uvicorn --interface gone wapp:app
printf 'from celery import Celery\napp = Celery("x", broker="redis://127.0.0.1:1/0")\n' >capp.py
told fifth/celery-scheduler "gone_sched" timeout 20 $V/celery -A capp beat -S gone_sched:Scheduler
told fifth/celery-pool "gone_pool" timeout 20 $V/celery -A capp worker -P gone_pool
py fifth/redis-url "scheme" 'import redis
redis.from_url("localhost:6379").ping()'
py fifth/sa-dialect "postgres" 'import sqlalchemy as s
s.create_engine("postgres://u@h/d")'
py fifth/sa-column "gone_column" 'import sqlalchemy as s
e = s.create_engine("sqlite://")
with e.connect() as c: c.execute(s.text("select gone_column"))'
py fifth/pydantic-extra "gone_field|Extra inputs|not permitted" 'from pydantic import BaseModel, ConfigDict
class C(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
C(name="a", gone_field=3)'
py fifth/pandas-usecols "gone_col" 'import io, pandas as pd
pd.read_csv(io.StringIO("a,b\n1,2"), usecols=["gone_col"])'
py fifth/asyncio-run "running event loop" 'import asyncio
async def f(): asyncio.run(g())
async def g(): pass
asyncio.run(f())'
py fifth/ssl-cafile "No such file" 'import ssl
ssl.create_default_context(cafile="gone.pem")'
echo 'key = 1' >no.ini; py fifth/ini-section "section header" 'import configparser
c = configparser.ConfigParser(); c.read("no.ini")'
py fifth/locale "locale" 'import locale
locale.setlocale(locale.LC_ALL, "xx_YY.UTF-8")'
py fifth/zone "tzdata" 'import zoneinfo
zoneinfo.ZoneInfo("Mars/Base")'
py fifth/ctypes-symbol "gone_fn" 'import ctypes
ctypes.CDLL("libm.so.6").gone_fn()'
py fifth/metadata "gone_pkg" 'import importlib.metadata as m
m.version("gone_pkg")'
py fifth/sub-timeout "timed out" 'import subprocess
subprocess.run(["sleep", "5"], timeout=0.1)'
py fifth/httpx-refused "refused" 'import httpx
httpx.get("http://127.0.0.1:1/health")'
printf 'FROM scratch\nCOPY gone_file /\n' >Containerfile.a; told fifth/podman-copy "gone_file" podman build -f Containerfile.a .
printf 'FROM scratch\nADDD x /\n' >Containerfile.b; told fifth/podman-word "ADDD" podman build -f Containerfile.b .
told fifth/podman-pull "refused|127.0.0.1" podman pull 127.0.0.1:1/x:1
told fifth/docker-context "gone_context" docker context use gone_context

# Noisy runs that end well.
well() { record "fifth/ok-$1" bash -c "$2"; }
wellpy() { record "$1" "$V/python" -c "$2"; }
well sete 'set +e; gone_cmd --tune; echo "using the defaults"; cp /etc/hostname h1; echo "copied the config"; echo "wrote 12 files"; echo "image prepared"'
well ortrue 'gone_optimizer model.bin || true; rm gone_cache || :; mkdir -p build; echo "packing model.bin"; echo "model.bin packed: 12 MB"'
wellpy fifth/ok-caught 'import logging, sys
logging.basicConfig(stream=sys.stdout)
log = logging.getLogger("cache")
try: open("/gone/cache.db")
except OSError: log.exception("cache could not be opened")
print("rebuilding the cache"); print("12 entries read"); print("serving on 0.0.0.0:8000")'
well skipun "$V/pip uninstall -y gone-package-xq; echo 'environment is clean'; for i in 1 2 3 4 5; do echo package \$i is listed; done; echo 'all packages are listed'"
printf 'import unittest, logging\nclass T(unittest.TestCase):\n  def test_a(self):\n    logging.error("connection refused by peer")\n    with self.assertRaises(ZeroDivisionError): 1/0\n  @unittest.expectedFailure\n  def test_b(self): self.fail("known")\n' >ut.py; well unittest "$V/python -m unittest -v ut"
well health 'for i in 1 2 3; do curl -sS http://127.0.0.1:1/health || echo "not healthy yet ($i/3)"; done; echo "GET /health 200"; echo "service is healthy"'
printf 'all: clean\n\t@echo linking app\n\t@echo app is built\nclean:\n\t-rm gone.o\n' >mk/ok.mk; well makeignore 'make -C mk -f ok.mk'
mkdir -p cmo && printf 'cmake_minimum_required(VERSION 3.16)\nproject(x NONE)\nfind_package(GoneLib QUIET)\nfind_package(GoneOther)\nmessage(WARNING "CUDA is not found, kernels are left out")\n' >cmo/CMakeLists.txt; well cmake 'cmake -S cmo -B cmob'
well aptremove 'apt-get remove -y -s zsh-gone-doc sl 2>&1 | grep -v "^E:" ; echo "nothing to remove"'
well detached 'git -C gc checkout --detach HEAD; git -C gc status --short; git -C gc log --oneline; ls gc; for i in 1 2 3 4 5; do echo "unit $i is checked out"; done; echo "at $(git -C gc rev-parse --abbrev-ref HEAD)"'
wellpy fifth/ok-numpy 'import numpy as np
print("epoch 1"); np.array([1.0]) / 0; np.log(-1.0); print("epoch 1: loss 0.31"); print("epoch 2: loss 0.22"); print("checkpoint saved to out/ckpt-2")'
wellpy fifth/ok-transformers 'import transformers
print("transformers", transformers.__version__)
for i in range(6): print("batch", i, "is tokenized")
print("6 batches are tokenized")'
well grepnone 'echo "INFO start" >l.txt; grep -c error l.txt; grep ERROR l.txt || echo "no ERROR lines in l.txt"; echo "log is clean"'
printf 'FROM scratch\nLABEL a=b\nENV PATH=/bin\n' >Containerfile.c; well podman 'podman build -f Containerfile.c .'
well npm 'cd e0; npm init -y; npm pkg set engines.node=">=99"; npm install --no-audit --no-fund'
well killed 'sleep 60 & p=$!; kill $p; wait $p; echo "warm-up server stopped"; echo "snapshot written"; echo "ready"'
mkdir -p cg3/src && printf '[package]\nname="cg3"\nversion="0.1.0"\nedition="2021"\n' >cg3/Cargo.toml && echo 'fn main(){ let error = 3; let fail: i32; }' >cg3/src/main.rs; well cargo 'cargo build --offline --manifest-path cg3/Cargo.toml'
well xtrace 'set -x; : error; test -e gone_file || : fatal; grep -q "cannot open" /etc/hostname; true'
wellpy fifth/ok-retry 'import time, logging
logging.basicConfig(level="INFO")
for i in range(3): logging.warning("attempt %d of 5 failed: ConnectionRefusedError: [Errno 111] Connection refused", i + 1)
logging.info("connected to redis://cache:6379"); logging.info("worker ready")'
wellpy fifth/ok-thread 'import threading, time
def f(): raise ValueError("metrics are off")
t = threading.Thread(target=f); t.start(); t.join(); print("listening on 0.0.0.0:9000"); print("handled 3 requests"); print("handled 6 requests"); print("bye")'
