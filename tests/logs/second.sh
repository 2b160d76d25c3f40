#!/bin/bash
# Failures that were made to measure what the other logs taught: of starts (s), compilers (n), installers (p), shells (h) and packages
# (k). Wants what pips.sh, starts.sh and packages.sh want.
# shellcheck disable=SC1091,SC2154,SC2016,SC2086,SC2103,SC2164,SC2046 # lib.sh sets what is used here; the words are for other shells
. "$(dirname "$0")/lib.sh"
T=${TOOLS:?} V=$T/serve/bin R=${ROOTS:?}
# --- python starts of another kind
mkdir -p a && cd a
told second/s-attr-none "NoneType" $V/python -c 'x=None
x.to("cuda")'
told second/s-index "list index out of range" $V/python -c 'import sys; sys.argv[5]'
told second/s-unicode "codec can" env PYTHONIOENCODING=ascii $V/python -c 'print("\u2713")'
told second/s-zero-env "invalid literal for int" env PORT= $V/python -c 'import os; int(os.environ["PORT"])'
told second/s-yaml "found character|mapping values|could not find|scanner" bash -c "$V/python -m pip install -q pyyaml; printf 'a: b: c\n' >c.yaml; $V/python -c 'import yaml; yaml.safe_load(open(\"c.yaml\"))'"
told second/s-toml "Expected|Invalid" $V/python -c 'import tomllib; tomllib.loads("a = ")'
told second/s-dotenv-file "settings.toml" $V/python -c 'open("settings.toml")'
told second/s-relative "attempted relative import" bash -c 'echo "from . import x" >m.py; exec '$V'/python m.py'
told second/s-notpackage "is not a package" bash -c 'echo "" >app.py; exec '$V'/python -c "import app.main"'
told second/s-indent "unindent|indent" bash -c 'printf "def f():\n    a=1\n  b=2\n" >i.py; exec '$V'/python i.py'
told second/s-walrus-old "invalid syntax" ${PYTHONS:-/opt/python}/3.7.16/bin/python -c 'if (n := 3): pass'
told second/s-match-old "invalid syntax" ${PYTHONS:-/opt/python}/3.9.18/bin/python -c 'match 1:
  case 1: pass'
told second/s-union-old "unsupported operand" ${PYTHONS:-/opt/python}/3.9.18/bin/python -c 'def f(x: int | None): pass'
told second/s-distutils "distutils" ${PYTHONS:-/opt/python}/3.13.0/bin/python -c 'import distutils.core'
told second/s-imp "imp" ${PYTHONS:-/opt/python}/3.12.1/bin/python -c 'import imp'
told second/s-getargspec "getargspec" ${PYTHONS:-/opt/python}/3.11.7/bin/python -c 'import inspect; inspect.getargspec(print)'
told second/s-collections "Mapping" ${PYTHONS:-/opt/python}/3.10.13/bin/python -c 'from collections import Mapping'
told second/s-pkgutil "ImpImporter" ${PYTHONS:-/opt/python}/3.12.1/bin/python -c 'import pkgutil; pkgutil.ImpImporter'
told second/s-asyncio "no running event loop" $V/python -c 'import asyncio; asyncio.get_running_loop()'
told second/s-timeout-socket "timed out|refused" $V/python -c 'import socket; socket.create_connection(("127.0.0.1",1),timeout=1)'
told second/s-dns "no-such-host.invalid|Name or service" $V/python -c 'import socket; socket.create_connection(("no-such-host.invalid",80))'
told second/s-requests "no-such-host.invalid|Connection|resolve" bash -c "$V/python -m pip install -q requests; $V/python -c 'import requests; requests.get(\"http://no-such-host.invalid/model.bin\")'"
told second/s-http-404 "404" bash -c "$V/python -m http.server 18777 --bind 127.0.0.1 >/dev/null 2>&1 & sleep 1; $V/python -c 'import requests; requests.get(\"http://127.0.0.1:18777/w.bin\").raise_for_status()'; kill %1"
cat >hub.py <<'P'
import http.server, sys
code = int(sys.argv[1]); extra = sys.argv[2:]
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(code)
        for e in extra:
            k, v = e.split("=", 1); self.send_header(k, v)
        self.send_header("Content-Length", "0"); self.end_headers()
    do_HEAD = do_GET
    def log_message(self, *a): pass
http.server.HTTPServer(("127.0.0.1", 18778), H).serve_forever()
P
hub() { echo "$V/python hub.py $1 & sleep 1; HF_ENDPOINT=http://127.0.0.1:18778 HF_HOME=$work/hfh timeout 60 $V/python -c 'from huggingface_hub import $2'; kill %1"; }
told second/s-hf-gated "gated|restricted|Cannot access" bash -c "$(hub '403 X-Error-Code=GatedRepo' 'hf_hub_download as h; h("meta-llama/Llama-3.1-8B","config.json")')"
told second/s-hf-401 "401|not found|private|Invalid" bash -c "$(hub '401 X-Error-Code=RepoNotFound' 'hf_hub_download as h; h("acme/private-x","config.json")')"
told second/s-hf-404-file "404|not found" bash -c "$(hub '404 X-Error-Code=EntryNotFound' 'hf_hub_download as h; h("acme/x","model.safetensors")')"
told second/s-hf-404-rev "evision|404" bash -c "$(hub '404 X-Error-Code=RevisionNotFound' 'hf_hub_download as h; h("acme/x","c.json",revision="v9")')"
told second/s-hf-429 "429|Too Many" bash -c "$(hub 429 'model_info as m; m("acme/x")')"
told second/s-hf-snapshot "401|not found|private" bash -c "$(hub '401 X-Error-Code=RepoNotFound' 'snapshot_download as h; h("acme/private-x")')"
told second/s-subclass "abstract" $V/python -c 'import abc
class A(abc.ABC):
    @abc.abstractmethod
    def f(self): ...
A()'
told second/s-dataclass "non-default argument" $V/python -c 'import dataclasses
@dataclasses.dataclass
class A:
    a: int = 1
    b: int'
told second/s-pickle "truncated|EOF|Ran out|invalid load key" $V/python -c 'import pickle; pickle.loads(b"version https://git-lfs")'
told second/s-zipfile "not a zip file" $V/python -c 'import zipfile; open("m.zip","w").write("x"); zipfile.ZipFile("m.zip")'
told second/s-sqlite "unable to open database" $V/python -c 'import sqlite3; sqlite3.connect("/nowhere/x.db")'
told second/s-sig-abort "Aborted|abort" bash -c "$V/python -c 'import os; os.abort()'"
told second/s-fpe "Illegal instruction" bash -c "$V/python -c 'import os; os.kill(os.getpid(), 4)'"
told second/s-exitcode "exit|code 3|failed to load" $V/python -c 'import sys; print("failed to load tokenizer: vocab.json is missing", file=sys.stderr); sys.exit(3)'
told second/s-typer "Missing option|--model" bash -c "$V/python -c '
import click
@click.command()
@click.option(\"--model\", required=True)
def main(model): pass
main()'"
told second/s-click-choice "bf17" bash -c "$V/python -c '
import click
@click.command()
@click.option(\"--dtype\", type=click.Choice([\"fp16\",\"bf16\"]))
def main(dtype): pass
main([\"--dtype\",\"bf17\"])'"
told second/s-argparse-unrec "unrecognized arguments: --gpu-memory-util" $V/python -c 'import argparse; p=argparse.ArgumentParser(prog="api_server"); p.parse_args(["--gpu-memory-util","0.9"])'
told second/s-logging-critical "no GPU visible" $V/python -c 'import logging,sys
logging.basicConfig(format="%(asctime)s [%(levelname)s] %(name)s - %(message)s", level="INFO")
logging.info("starting"); logging.critical("no GPU visible to this container"); sys.exit(1)'
told second/s-loguru-like "weights not found" $V/python -c 'import sys
print("2026-11-30 10:00:00.123 | INFO     | app:main:10 - boot"); print("2026-11-30 10:00:01.123 | ERROR    | app:load:22 - weights not found in /data"); sys.exit(1)'
told second/s-json-log "cannot bind" $V/python -c 'import sys
print("{\"level\":\"info\",\"msg\":\"starting\"}"); print("{\"level\":\"error\",\"msg\":\"cannot bind to 0.0.0.0:80\"}"); sys.exit(1)'
told second/s-klog "no devices" $V/python -c 'import sys
print("I1130 10:00:00.000000       1 main.go:20] starting"); print("F1130 10:00:00.100000       1 main.go:31] no devices found"); sys.exit(255)'
told second/s-uvicorn-workers "badimp_x" bash -c "timeout 15 $V/uvicorn badimp_x:app --workers 2"
told second/s-gunicorn-timeout "WORKER TIMEOUT" bash -c "echo 'import time
time.sleep(30)' >slow.py; timeout 20 $V/gunicorn --timeout 3 slow:app"
told second/s-gunicorn-syntax "SyntaxError|invalid syntax|never closed" bash -c "echo 'app = (' >sy.py; timeout 20 $V/gunicorn sy:app"
told second/s-celery-task "nothere_task_dep" bash -c "echo 'import nothere_task_dep' >ct.py; timeout 30 $V/celery -A ct worker"
told second/s-fastapi-type "Invalid args for response field" bash -c "echo 'from fastapi import FastAPI
class M: pass
app = FastAPI()
@app.get(\"/\")
def f() -> M: ...' >fa.py; timeout 20 $V/uvicorn fa:app"
told second/s-fastapi-form "python-multipart" bash -c "$V/python -m pip uninstall -q -y python-multipart; echo 'from fastapi import FastAPI, Form
app = FastAPI()
@app.post(\"/\")
def f(a: str = Form()): ...' >ff.py; timeout 20 $V/uvicorn ff:app"
told second/s-jinja "jinja2" bash -c "$V/python -m pip install -q starlette; echo 'from fastapi.templating import Jinja2Templates
t = Jinja2Templates(directory=\"gone_dir\")
import jinja2
t.get_template(\"gone.html\")' >ji.py; $V/python ji.py"
# --- native second
printf 'int main() { int x = 1 return x; }\n' >ms.cpp; told second/n-gxx-semi "expected" g++ -c ms.cpp
printf '#include <vector>\nint main(){ std::vector<int> v; v.push(1); }\n' >mv.cpp; told second/n-gxx-member "push" g++ -c mv.cpp
told second/n-clang-member "push" clang++ -c mv.cpp
printf 'template<class T> void f(T t){ static_assert(sizeof(T)==8, "only 64-bit types"); }\nint main(){ f(1); }\n' >sa.cpp; told second/n-static-assert "only 64-bit types" g++ -c sa.cpp
printf '#error "CUDA 12 or newer is required"\n' >er.c; told second/n-hash-error "CUDA 12 or newer is required" gcc -c er.c
printf 'void f(){}\n' >d1.c; cp d1.c d2.c; told second/n-dup "multiple definition" bash -c 'gcc -c d1.c d2.c; printf "int main(){}" >d3.c; gcc d1.o d2.o d3.c'
told second/n-ld-nomain "main" gcc d1.c -o x
told second/n-ld-script "cannot open linker script|gone.ld" gcc -T gone.ld d1.c
told second/n-gcc-std "c++29" g++ -std=c++29 -c ms.cpp
told second/n-gcc-nofile "gone.cc|no input files" g++ -c gone.cc
told second/n-fatal-limit "undeclared" bash -c 'printf "int main(){a;b;c;d;}" >fl.c; gcc -fmax-errors=2 -c fl.c'
mkdir -p c1 && printf 'cmake_minimum_required(VERSION 3.20)\nproject(x CXX)\nmessage(FATAL_ERROR "TensorRT was not found, set TENSORRT_ROOT")\n' >c1/CMakeLists.txt
told second/n-cmake-fatal "TensorRT was not found" cmake -S c1 -B c1/b
mkdir -p c2 && printf 'cmake_minimum_required(VERSION 3.20)\nproject(x CXX)\nfind_package(OpenCV 4.99 REQUIRED)\n' >c2/CMakeLists.txt
told second/n-cmake-opencv "OpenCV" cmake -S c2 -B c2/b
mkdir -p c3 && printf 'cmake_minimum_required(VERSION 3.20)\nproject(x CXX)\ntarget_link_libraries(gone_target m)\n' >c3/CMakeLists.txt
told second/n-cmake-target "gone_target" cmake -S c3 -B c3/b
mkdir -p c4 && printf 'cmake_minimum_required(VERSION 3.20)\nproject(x CXX)\nfunctoin(a)\n' >c4/CMakeLists.txt
told second/n-cmake-unknown "functoin" cmake -S c4 -B c4/b
mkdir -p c5 && printf 'cmake_minimum_required(VERSION 3.20)\nproject(x CXX)\nadd_subdirectory(third_party/pybind11)\n' >c5/CMakeLists.txt
told second/n-cmake-subdir "third_party/pybind11" cmake -S c5 -B c5/b
mkdir -p c6 && printf 'cmake_minimum_required(VERSION 3.20)\nproject(x CXX)\nfind_package(Python3 3.99 REQUIRED COMPONENTS Development)\n' >c6/CMakeLists.txt
told second/n-cmake-python "Python3|Python" cmake -S c6 -B c6/b
told second/n-cmake-compiler "g++-99" cmake -S c1 -B c1/d -DCMAKE_CXX_COMPILER=g++-99
printf 'cmake_minimum_required(VERSION 3.20)\nproject(x CXX\n' >c3/CMakeLists.txt; told second/n-cmake-parse "Parse error|missing a closing|expected" cmake -S c3 -B c3/e
printf 'rule cc\n  command = gcc -c $in -o $out\nbuild a.o: cc gone_a.c\n' >build.ninja; told second/n-ninja-missing "gone_a.c" ninja
printf 'rule cc\n  comand = x\n' >bad.ninja; told second/n-ninja-parse "unexpected|bad.ninja" ninja -f bad.ninja
printf 'all:\n        echo x\n' >sp.mk; told second/n-make-sep "missing separator" make -f sp.mk
printf 'all:\n\texit 7\n' >ex.mk; told second/n-make-exit "Error 7" make -f ex.mk
printf 'include gone.mk\nall:\n' >in.mk; told second/n-make-include "gone.mk" make -f in.mk
printf '__global__ void k(){}\nint main(){ k(); }\n' >l.cu; told second/n-nvcc-launch "must be configured" nvcc -c l.cu
printf '#include <cub/gone.cuh>\n' >g.cu; told second/n-nvcc-cub "cub/gone.cuh" nvcc -c g.cu
printf '__device__ int f(){ std::vector<int> v; return 0; }\n' >v.cu; told second/n-nvcc-vec "vector|std" nvcc -c v.cu
told second/n-nvcc-std "c++29" nvcc -std=c++29 -c l.cu
told second/n-nvcc-lib "cudnn_gone" nvcc -x cu - -lcudnn_gone <<<'int main(){}'
printf 'int main(){}\n' >ok.cu; told second/n-nvcc-link "cudnn_gone" nvcc ok.cu -lcudnn_gone
told second/n-rust-undeclared "gone_crate" bash -c 'echo "use gone_crate::x; fn main(){}" >r.rs; rustc --edition 2021 r.rs'
mkdir -p r2/src; printf '[package]\nname="x"\nversion="0.1.0"\nedition="2021"\n[dependencies]\nserde="1"\n' >r2/Cargo.toml; echo 'fn main(){}' >r2/src/main.rs; told second/n-cargo-offline "serde" cargo build --offline --manifest-path r2/Cargo.toml
mkdir -p r3; printf '[package]\nname="x"\nversion="zero"\n' >r3/Cargo.toml; told second/n-cargo-version "zero" cargo build --offline --manifest-path r3/Cargo.toml
told second/n-cargo-locked "lock file" cargo build --offline --locked --manifest-path r3b/Cargo.toml
told second/n-go-missing "go" go build ./...
told second/n-javac "error" bash -c 'echo "class A { int f() { return \"x\"; } }" >A.java; javac A.java'
told second/n-tsc-node "Unexpected token|SyntaxError" bash -c 'echo "let a = {;" >t.js; node t.js'
told second/n-node-cannot "gone_mod" node -e 'require("gone_mod")'
told second/n-perl "syntax error" perl -e 'my $x = ; '
told second/n-protoc "protoc" protoc --python_out=. x.proto
told second/n-swig "swig" swig -python x.i
# --- pip second
for p in p21 p24 p26; do
    pip="$T/$p/bin/python -m pip install --no-cache-dir"
    mkdir -p z-$p; cat >z-$p/setup.py <<'P'
import sys
from setuptools import setup
if sys.version_info < (3, 99):
    raise RuntimeError("mypackage needs Python 3.99, this is %d.%d" % sys.version_info[:2])
setup(name="z", version="1")
P
    told second/p-$p-runtime "needs Python 3.99" $pip ./z-$p
    mkdir -p y-$p; printf 'from setuptools import setup\nimport torch\nsetup(name="y", version="1")\n' >y-$p/setup.py
    told second/p-$p-torch "torch" $pip ./y-$p
    told second/p-$p-noname "nothere-name-xq9" $pip nothere-name-xq9
    told second/p-$p-badspec "six=<2|Invalid|six=" $pip 'six=<2'
    told second/p-$p-badwheel "not a supported wheel" $pip ./zz-1.0-cp27-cp27m-win32.whl
    mkdir -p x-$p; printf '[build-system]\nrequires = ["setuptools", "nothere-build-req-xq9"]\n' >x-$p/pyproject.toml
    told second/p-$p-buildreq "nothere-build-req-xq9" $pip ./x-$p
    printf 'a b c\n' >rq.txt; told second/p-$p-reqs "a b c|Invalid requirement" $pip -r rq.txt
    told second/p-$p-editable "neither|setup.py|pyproject" $pip -e ./
    mkdir -p w-$p; printf '#include <Python_gone.h>\n' >w-$p/w.cpp; printf 'from setuptools import setup, Extension\nsetup(name="w", version="1", ext_modules=[Extension("w", ["w.cpp"], extra_compile_args=["-std=c++99"])])\n' >w-$p/setup.py
    told second/p-$p-flag "c++99" $pip ./w-$p
done
for u in uv04 uv09; do
    uv="$T/$u/bin/uv pip install --no-cache --python $T/p24/bin/python"
    told second/p-$u-noname "nothere-name-xq9" $uv nothere-name-xq9
    told second/p-$u-runtime "needs Python 3.99" $uv ./z-p24
    told second/p-$u-torch "torch" $uv ./y-p24
    told second/p-$u-buildreq "nothere-build-req-xq9" $uv ./x-p24
    told second/p-$u-badspec "six=<2|six" $uv 'six=<2'
    told second/p-$u-nopy "python-gone" $T/$u/bin/uv pip install --python /opt/python-gone six
    told second/p-$u-flag "c++99" $uv ./w-p24
done
# --- shells second
told second/h-source-dash "source" sh -c 'source ./env.sh'
told second/h-function-dash "unexpected" sh -c 'function f { echo; }; f'
told second/h-printf-q "printf" dash -c 'printf "%q" x'
told second/h-herestr "redirection unexpected|unexpected" sh -c 'cat <<< x'
told second/h-cd-arg "too many arguments" bash -c 'cd a b'
told second/h-test "unary operator|integer" bash -ec '[ $GONE = x ]'
told second/h-export "not a valid identifier" bash -ec 'export TORCH-CUDA=1'
told second/h-arith "division by 0|value too great|syntax" bash -ec 'echo $((1/0))'
told second/h-permission-dir "ermission denied" setpriv --reuid=65534 --clear-groups bash -c 'cd /root && ls'
told second/h-touch-ro "Read-only|No such|ermission" touch /proc/1/nothing
told second/h-chmod "gone.sh" chmod +x gone.sh
told second/h-tar-ro "Cannot mkdir|Cannot open" setpriv --reuid=65534 --clear-groups tar xf /dev/null -C /root
told second/h-gunzip "not in gzip format" bash -c 'echo x >x.gz; gunzip x.gz'
told second/h-zstd "zstd|unsupported" bash -c 'echo x >x.zst; tar --zstd -xf x.zst'
told second/h-unzip-missing "gone.zip" unzip gone.zip
told second/h-curl-file "gone_file|Couldn" curl -fsS file:///gone_file
told second/h-curl-timeout "timed out|Timeout|refused" curl -fsS --connect-timeout 1 http://127.0.0.1:2/
told second/h-git-nourl "does not appear to be a git repository|gone" git clone /gone/repo.git
told second/h-git-not "not a git repository" git -C / rev-parse HEAD
told second/h-git-ref "gone-ref" bash -c 'git init -q q; cd q; git fetch ../nowhere gone-ref'
told second/h-git-identity "tell me who you are|identity|ident" bash -c 'cd q; HOME=/nowhere git commit --allow-empty -m x'
told second/h-su-user "gone_user" su gone_user -c true
told second/h-setpriv "gone_user|failed to parse" setpriv --reuid=gone_user true
told second/h-dpkg-arch "amd65" dpkg --add-architecture 'amd65!'
told second/h-locale-gen "xx_YY" bash -c 'localedef -i xx_YY -f UTF-8 xx_YY'
told second/h-ldconfig-perm "ermission denied|Can.t create" setpriv --reuid=65534 --clear-groups ldconfig
told second/h-mount "permission|superuser|must be" setpriv --reuid=65534 --clear-groups mount -t tmpfs t /mnt
told second/h-oom-sh "Killed" bash -c 'bash -c "kill -KILL \$\$"'
told second/h-segv-c "Segmentation fault" bash -c 'printf "int main(){return *(volatile int*)0;}" >sg.c; gcc sg.c -o sg; ./sg; exit $?'
told second/h-glibc "GLIBC_2.99" bash -c 'printf "void f(void);int main(){f();}" >gl.c; printf "void f(void){}" >gf.c; printf "GLIBC_2.99 { f; };" >gv; gcc -shared -fPIC -Wl,--version-script=gv -Wl,-soname,libgf.so gf.c -o libgf.so; gcc gl.c -L. -lgf -o gl; gcc -shared -fPIC -Wl,-soname,libgf.so gf.c -o libgf.so; LD_LIBRARY_PATH=. ./gl'
# --- packages second
for r in jammy trixie; do
    in="$R/enter $R/$r"
    told second/k-$r-two "nothere-a" $in apt-get install -y curl nothere-a nothere-b
    told second/k-$r-src "nothere-src" $in apt-get source nothere-src
    told second/k-$r-key "gone.gpg" $in apt-key add gone.gpg
    told second/k-$r-policy "malformed|Malformed|Type" $in apt-get -o Dir::Etc::sourcelist=/tmp/mal.list -o Dir::Etc::sourceparts=/dev/null update
    told second/k-$r-adduser "gone_group|does not exist" $in usermod -aG gone_group root
    told second/k-$r-cmd "nvcc" $in nvcc --version
    told second/k-$r-py "python3.99" $in python3.99 -V
    told second/k-$r-deb "gone.deb" $in dpkg -i gone.deb
done
told second/k-docker-noargs "requires|argument" docker build
told second/k-docker-daemon "daemon|connect" docker -H tcp://127.0.0.1:1 build .
told second/k-docker-flag "frobnicate" docker run --frobnicate x
told second/k-podman-file "Containerfile|Dockerfile" podman build /nonexistent-context
told second/k-buildah-from "gone" buildah --storage-driver vfs --root $work/bs --runroot $work/br from localhost/gone:1
printf 'FRM debian\n' >Df1; told second/k-buildah-inst "FRM" buildah --storage-driver vfs --root $work/bs --runroot $work/br bud -f Df1 .
printf 'FROM scratch\nCOPY gone.txt /\n' >Df2; told second/k-buildah-copy "gone.txt" buildah --storage-driver vfs --root $work/bs --runroot $work/br bud -f Df2 .
printf 'FROM scratch\nRUN --mount=type=bogus true\n' >Df3; told second/k-buildah-mount "bogus" buildah --storage-driver vfs --root $work/bs --runroot $work/br bud -f Df3 .
