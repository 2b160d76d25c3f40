#!/bin/bash
# Failures that were made, answers first, to measure what third.sh taught. Wants what third.sh wants.
# shellcheck disable=SC1091,SC2154,SC2016,SC2046,SC2086,SC2103,SC2164 # lib.sh sets what is used here; the words are for other shells
. "$(dirname "$0")/lib.sh"
T=${TOOLS:?} V=$T/serve/bin R=${ROOTS:?} F=$T/f
pip() { echo "$T/$1/bin/python -m pip install --no-cache-dir --no-index"; }
# --- installers, without a network
mkdir -p v1 && printf 'import sys\nsys.stderr.write("CUDA_PATH is not set, cannot find cuda.h\\n")\nraise SystemExit(7)\n' >v1/setup.py
for p in p193 p230 p251 p260; do told fourth/p-$p-exit "CUDA_PATH is not set" $(pip $p) --no-build-isolation ./v1; done
mkdir -p v2 && printf 'import ctypes\nctypes.CDLL("libcudart_gone.so.13")\n' >v2/setup.py
for p in p203 p233 p260; do told fourth/p-$p-cdll "libcudart_gone.so.13" $(pip $p) --no-build-isolation ./v2; done
mkdir -p v3 && printf 'from setuptools import setup\nassert False, "triton must be built with LLVM_BUILD_DIR"\n' >v3/setup.py
for u in uv06 uv08; do told fourth/p-$u-assert "LLVM_BUILD_DIR" $T/$u/bin/uv pip install --no-index --no-build-isolation --python $T/p233/bin/python ./v3; done
told fourth/p-p251-none "frobnicator-xq" $(pip p251) frobnicator-xq
told fourth/p-p233-dir "nowhere_dir|not exist|No such file" $(pip p233) -r nowhere_dir/req.txt
told fourth/p-uv08-file "nowhere.txt" $T/uv08/bin/uv pip install --python $T/p233/bin/python -r nowhere.txt
printf '[project]\nname = "y y"\nversion = "1"\n' >pyproject.toml
printf '[project]\nname = "yy"\n' >pyproject.toml
rm pyproject.toml
# --- compilers
printf '#include <cuda_gone/api.h>\n' >i.cc; told fourth/n-clang-inc "cuda_gone/api.h" clang++ -c i.cc
printf 'struct A { virtual void f() = 0; };\nint main(){ A a; }\n' >ab.cc; told fourth/n-abstract "abstract" g++ -c ab.cc
printf 'int main(){ return 0 }\n' >semi.c; told fourth/n-clang-semi "expected ';'" clang -c semi.c
printf 'int x = 1;\nint main(void){ x.y = 2; }\n' >mem.c; told fourth/n-member "not a structure|member" gcc -c mem.c
printf '__global__ int k(){ return 1; }\n' >vo.cu; told fourth/n-nvcc-void "void return type" nvcc -c vo.cu
printf 'int main(){}\n' >ok.c; told fourth/n-ldpath "gone.o" gcc ok.c gone.o -o x
told fourth/n-ld-out "/gone_dir/x" gcc ok.c -o /gone_dir/x
mkdir -p w1 && printf 'cmake_minimum_required(VERSION 3.20)\nproject(w1 C)\nadd_subdirectory(src)\n' >w1/CMakeLists.txt && mkdir -p w1/src && printf 'add_library(k SHARED k_gone.c)\n' >w1/src/CMakeLists.txt
told fourth/n-cmake-src "k_gone.c" cmake -S w1 -B w1/b
mkdir -p w2 && printf 'cmake_minimum_required(VERSION 3.20)\nproject(w2 C)\nif(NOT DEFINED ENV{TENSORRT_HOME})\n  message(SEND_ERROR "TENSORRT_HOME has to point to TensorRT")\nendif()\n' >w2/CMakeLists.txt
told fourth/n-cmake-send "TENSORRT_HOME" cmake -S w2 -B w2/b
printf 'all: a b\na:\n\t@echo compiling a\nb:\n\t@echo "kernel.cu: register spill limit exceeded" >&2; exit 9\n' >j.mk; told fourth/n-make-j "register spill limit" make -j2 -f j.mk
mkdir -p rw/src && printf '[package]\nname="rw"\nversion="0.1.0"\nedition="2021"\n' >rw/Cargo.toml && echo 'fn main(){ let v = vec![1]; let w = v; println!("{:?}", v); }' >rw/src/main.rs
told fourth/n-cargo-borrow "borrow of moved value" cargo build --offline --manifest-path rw/Cargo.toml
# --- shells and git
told fourth/h-sub "gone_tool_y" bash -ec 'v=$(gone_tool_y --version); echo $v'
told fourth/h-pipe "gone_filter" bash -o pipefail -ec 'seq 3 | gone_filter | head -1'
told fourth/h-glob "No such file|whl" bash -ec 'cp /gone_wheels/*.whl /tmp/'
told fourth/h-env "./gi names an interpreter" bash -c 'printf "#!/opt/gone_interp\n" >gi; chmod +x gi; ./gi'
told fourth/h-var "MODEL_NAME: set MODEL_NAME" bash -c ': "${MODEL_NAME:?set MODEL_NAME to a model}"'
told fourth/h-dir "Is a directory|is a directory" bash -ec 'mkdir -p adir; cat adir'
told fourth/h-link "another processor" bash -c 'printf "\177ELF\2\1\1" >el; chmod +x el; ./el'
told fourth/h-sha "computed checksum did NOT match|FAILED" bash -c 'echo 1 >w.bin; echo "deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef  w.bin" | sha256sum -c -'
told fourth/g-pathspec "gone_path" bash -c 'git init -q r; cd r; git add gone_path'
told fourth/g-rebase "no tracking|gone_up|invalid upstream" bash -c 'cd r; git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x; git rebase gone_up'
told fourth/g-lock "index.lock" bash -c 'cd r; touch .git/index.lock f; git add f'
# --- Python and services
told fourth/s-enum "bf17" $V/python -c 'import enum
class D(enum.Enum): bf16 = 1
D["bf17"]'
told fourth/s-shape "shapes|matmul|mismatch" $V/python -c 'import numpy as np; np.ones((2,3)) @ np.ones((2,3))'
told fourth/s-import "imports 'gone_fn'" $V/python -c 'from os.path import gone_fn'
told fourth/s-config "No section" $V/python -c 'import configparser as c; c.ConfigParser().get("gpu", "x")'
told fourth/s-nested "disk quota of the model cache" $V/python -c '
try:
    try: raise OSError("disk quota of the model cache is used up")
    except OSError as e: raise ValueError("no weights") from e
except ValueError as e: raise RuntimeError("service cannot start") from e'
told fourth/s-uvicorn-attr "appl_gone" bash -c "echo 'x=1' >ua.py; timeout 20 $V/uvicorn ua:appl_gone"
told fourth/s-gunicorn-import "pkg_gone_y" bash -c "echo 'import pkg_gone_y' >ug.py; timeout 20 $V/gunicorn -b 127.0.0.1:18533 ug:app"
told fourth/s-flask-import "pkg_gone_z" bash -c "echo 'import pkg_gone_z' >uf.py; timeout 20 $V/flask --app uf run --port 18534"
told fourth/s-hyper-attr "nope_app" bash -c "timeout 20 $V/hypercorn ua:nope_app"
told fourth/s-argtype "invalid int value: 'auto'" $V/python -c 'import argparse; p=argparse.ArgumentParser(prog="serve"); p.add_argument("--tp",type=int); p.parse_args(["--tp","auto"])'
told fourth/s-socket "FileNotFoundError" $V/python -c 'import socket; s=socket.socket(socket.AF_UNIX); s.connect("/run/gone.sock")'
# --- packages and engines
for r in jammy trixie; do
    in="$R/enter $R/$r"
    told fourth/k-$r-suite "nosuch-suite" $in apt-get -t nosuch-suite install -y hello
    told fourth/k-$r-mark "gone-pkg-q" $in apt-mark hold gone-pkg-q
    told fourth/k-$r-cache "gone-pkg-q" $in apt-cache show gone-pkg-q
    told fourth/k-$r-divert "dpkg-divert|divert|absolute" $in dpkg-divert --add relative/path
    told fourth/k-$r-alt "gone-alt" $in update-alternatives --set python3 /usr/bin/gone-alt
done
printf 'FROM scratch\nCOPY --from=gone_stage /x /x\n' >Df4; told fourth/k-buildah-stage "gone_stage" buildah --storage-driver vfs --root $work/bs --runroot $work/br bud -f Df4 .
printf 'FROM scratch\nENV\n' >Df5; told fourth/k-buildah-env "ENV" buildah --storage-driver vfs --root $work/bs --runroot $work/br bud -f Df5 .
told fourth/k-podman-vol "gone_vol|no such" podman --root $work/ps --runroot $work/pr --storage-driver vfs volume inspect gone_vol
# --- tools that nothing names
told fourth/f-black "gone_src" $F/black/bin/black gone_src
told fourth/f-mypy "gone_src" $F/mypy/bin/mypy gone_src
told fourth/f-ruff "Invalid|unexpected|TOML|parse" bash -c "printf '[lint\n' >ruff.toml; $F/ruff/bin/ruff check --config ruff.toml ."
told fourth/f-yamllint "syntax error|expected" bash -c "printf 'a: [1\n' >b.yaml; $F/yamllint/bin/yamllint b.yaml"
told fourth/f-pytest "collected|gone_tests|not found" $F/pytest/bin/pytest gone_tests
told fourth/f-sqlite "incomplete|syntax error" sqlite3 x.db 'selec 1'
told fourth/f-kubectl "gone.yaml" kubectl apply -f gone.yaml
told fourth/f-psql "gone_host|resolve|translate" psql -h gone_host.invalid -c 'select 1'
told fourth/f-java "gone.T" java -cp x.jar gone/T
told fourth/f-jq "Could not open|gone.json" jq . gone.json
told fourth/f-losetup "gone.img" losetup /dev/loop0 gone.img
told fourth/f-gdb "gone_core" gdb -batch -c gone_core
told fourth/f-nsenter "gone_ns" nsenter --net=/run/gone_ns true
told fourth/f-dbus "gone_unit|systemd|bus" systemctl status gone_unit
told fourth/f-sshd "gone_host" ssh gone_host.invalid true
told fourth/f-xz "gone.xz" xz -d gone.xz
told fourth/f-npm "gone-script" bash -c 'mkdir -p np; cd np; echo "{\"name\":\"x\",\"version\":\"1.0.0\"}" >package.json; npm run gone-script'
told fourth/f-node "gone.mjs" node gone.mjs
