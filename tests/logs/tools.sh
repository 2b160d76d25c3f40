#!/bin/bash
# Failures of many tools, most of which no rule names: their own last words have to tell. Wants g++, make, cmake, ninja, git, curl,
# wget, node, npm, cargo, apt and podman; no network.
# shellcheck disable=SC1091,SC2154,SC2016,SC2086,SC2103,SC2164 # lib.sh sets what is used here; the words are for other shells
. "$(dirname "$0")/lib.sh"
environment clean
P="$work/clean/bin"
# Python
cat >a.py <<'P'
import json
json.loads("{bad")
P
record tools/py-json $P/python a.py
cat >b.py <<'P'
def f(n): return f(n+1)
f(0)
P
record tools/py-recursion $P/python b.py
cat >c.py <<'P'
import asyncio
async def x(): raise ValueError("shape mismatch: (3,) vs (4,)")
async def main():
    async with asyncio.TaskGroup() as g:
        g.create_task(x())
asyncio.run(main())
P
record tools/py-group $P/python c.py
cat >d.py <<'P'
try:
    open("/models/weights.safetensors")
except OSError as e:
    raise RuntimeError("model could not be loaded") from e
P
record tools/py-chain $P/python d.py
cat >e.py <<'P'
import os
print("starting"); os.environ["MODEL_ID"]
P
record tools/py-keyerror $P/python e.py
cat >f.py <<'P'
import socket
s=socket.socket(); s.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,0); s.bind(("127.0.0.1",18999)); s.listen()
t=socket.socket(); t.bind(("127.0.0.1",18999))
P
record tools/py-port $P/python f.py
record tools/py-enc $P/python -c "open('x.bin','wb').write(b'\xff\xfe\xfa'); open('x.bin',encoding='utf8').read()"
record tools/py-argparse $P/python -c "import argparse; p=argparse.ArgumentParser(prog='serve'); p.add_argument('--model',required=True); p.parse_args(['--port','80'])"
record tools/py-segv-sh bash -c "$P/python -c 'import ctypes; ctypes.string_at(0)'; echo exit \$?"
record tools/py-unclosed $P/python -c "print('a'"
record tools/py-mp $P/python -c "
import multiprocessing as m
def f(x): return 1/x
if __name__=='__main__':
    with m.Pool(2) as p: p.map(f,[1,0])"
# pip
record tools/pip-name $P/pip install torhc-nothere
record tools/pip-neterr $P/pip install --index-url http://127.0.0.1:1/simple --retries 1 requests
record tools/pip-req $P/pip install 'requests==>2'
record tools/pip-git $P/pip install git+https://127.0.0.1:1/x.git
record tools/pip-url404 $P/pip install http://127.0.0.1:1/x-1.0-py3-none-any.whl
mkdir s1; echo 'raise RuntimeError("nvcc 12.4 or newer is required, found none")' > s1/setup.py
record tools/pip-setup-rt $P/pip install --no-build-isolation ./s1
mkdir s2; printf '[build-system]\nrequires=["setuptools"]\nbuild-backend="nothere.backend"\n[project]\nname="s2"\nversion="1"\n' > s2/pyproject.toml
record tools/pip-backend $P/pip install --no-build-isolation ./s2
mkdir s3; printf '[project\nname="s3"\n' > s3/pyproject.toml
record tools/pip-toml $P/pip install ./s3
mkdir s4; printf '[project]\nname="s4"\nversion="1"\nrequires-python=">=3.13"\n[build-system]\nrequires=[]\nbuild-backend="setuptools.build_meta"' > s4/pyproject.toml; 
mkdir s5; cat > s5/setup.py <<'P'
from setuptools import setup, Extension
setup(name="s5",version="1",ext_modules=[Extension("s5",["s5.c"])])
P
echo 'int f(void){ return undeclared_thing; }' > s5/s5.c
mkdir s6; cat > s6/setup.py <<'P'
import subprocess
subprocess.check_call(["bash","-c","echo configuring; echo 'configure: error: OpenBLAS not found, set BLAS_ROOT' >&2; exit 3"])
P
record tools/pip-configure $P/pip install --no-build-isolation ./s6
echo "numpy==1.26.4 --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000" > h.txt
record tools/pip-dir $P/pip install ./nothere
record tools/pip-cons $P/pip install -c nothere.txt requests
record tools/pip-uninstall $P/pip uninstall -y
record tools/pip-check bash -c "$P/pip download nothere_pkg_zz==1.2.3 -d ."
# compilers
mkdir c; cd c
echo '#include <vector>
int main(){ std::vector<int> v; v.push(1); return 0; }' > a.cc; record tools/gxx-member g++ -c a.cc
echo 'template<class T> struct A { static_assert(sizeof(T)==8, "needs 64-bit types"); }; A<char> a;' > b.cc; record tools/gxx-assert g++ -c b.cc
echo 'extern "C" void g(); int main(){ g(); }' > l.cc; record tools/gxx-link g++ l.cc -o l
record tools/gxx-multi bash -c 'echo "int f(){}; int f(){}" > m1.cc; echo "int main(){}" > m2.cc; g++ m1.cc m2.cc -o m'
record tools/gxx-dup bash -c 'echo "int f(){return 1;}" > m1.cc; echo "int f(){return 2;} int main(){}" > m2.cc; g++ m1.cc m2.cc -o m'
record tools/gxx-std bash -c 'echo "auto x = [](auto&& y) requires true { return y; };" > q.cc; g++ -std=c++14 -c q.cc'
record tools/gxx-nofile gcc -c nothere.c
record tools/gcc-opt gcc -fnothere -c a.cc
echo '__global__ void k(){ int x = undefinedthing; }' > k.cu; record tools/nvcc-undef nvcc -c k.cu
printf 'all: x\nx:\n\t@echo building; false\n' > Makefile; record tools/make-false make
printf 'all:\n    echo hi\n' > Makefile2; record tools/make-sep make -f Makefile2
printf 'all:\n\t./tool.sh\n' > Makefile3; record tools/make-tool make -f Makefile3
mkdir cm; printf 'cmake_minimum_required(VERSION 3.5)\nproject(x CXX)\nfind_package(Torch REQUIRED)\n' > cm/CMakeLists.txt; record tools/cmake-torch cmake -S cm -B cmb
mkdir cm2; printf 'cmake_minimum_required(VERSION 99.0)\nproject(x CXX)\n' > cm2/CMakeLists.txt; record tools/cmake-ver cmake -S cm2 -B cmb2
mkdir cm3; printf 'cmake_minimum_required(VERSION 3.5)\nproject(x CXX)\nmessage(FATAL_ERROR "CUDA architectures must be set, e.g. 80;90")\n' > cm3/CMakeLists.txt; record tools/cmake-fatal cmake -S cm3 -B cmb3
mkdir cm4; printf 'cmake_minimum_required(VERSION 3.5)\nproject(x CXX)\nadd_executable(x main.cc)\ntarget_link_libraries(x PRIVATE nothere)\n' > cm4/CMakeLists.txt; echo 'int main(){}' > cm4/main.cc; record tools/cmake-link bash -c 'cmake -S cm4 -B cmb4 -G Ninja && ninja -C cmb4'
mkdir cm5; printf 'cmake_minimum_required(VERSION 3.5)\nproject(x CXX)\nadd_executable(x main.cc)\n' > cm5/CMakeLists.txt; echo 'int main(){ return std::move(1); }' > cm5/main.cc; record tools/ninja-cc bash -c 'cmake -S cm5 -B cmb5 -G Ninja && ninja -C cmb5'
record tools/cmake-make-cc bash -c 'cmake -S cm5 -B cmb6 && make -C cmb6'
cd ..
mkdir -p rs/src; printf '[package]\nname="x"\nversion="0.1.0"\nedition="2021"\n' > rs/Cargo.toml; echo 'fn main(){ let x: i32 = "a"; }' > rs/src/main.rs; record tools/cargo-type bash -c 'cd rs && cargo build --offline'
printf '[package]\nname="x"\nversion="0.1.0"\nedition="2021"\n[dependencies]\nserde="1"\n' > rs/Cargo.toml; record tools/cargo-dep bash -c 'cd rs && cargo build --offline'
# shells
record tools/sh-unset sh -c 'set -u; echo $MODEL_PATH/x'
record tools/bash-unset bash -c 'set -u; echo ${HF_TOKEN}'
record tools/sh-cd sh -c 'set -e; cd /nothere/app; echo x'
record tools/sh-cp sh -c 'cp /nothere/model.bin /tmp/'
record tools/sh-quote bash -c "printf 'echo \"abc\nexit\n' > q.sh; bash q.sh"
record tools/sh-chmod bash -c "printf '#!/bin/sh\necho\n' > np.sh; chmod -x np.sh; ./np.sh"
record tools/sh-mkdir sh -c 'mkdir /proc/x'
record tools/tar-bad sh -c 'echo hi > x.tgz; tar xzf x.tgz'
record tools/unzip-bad sh -c 'echo hi > x.zip; unzip x.zip || python3 -m zipfile -e x.zip .'
record tools/sha-bad sh -c 'echo hi > f; echo "0000000000000000000000000000000000000000000000000000000000000000  f" | sha256sum -c'
record tools/useradd sh -c 'useradd -u 0 root'
record tools/chown sh -c 'chown nobody-here: x.zip'
record tools/curl-host curl -fsSL https://no-such-host.invalid/x.sh
record tools/wget-v wget --tries=1 http://127.0.0.1:1/x
record tools/git-norepo git -C / log
record tools/git-branch bash -c 'git init -q g && cd g && git checkout nothere'
record tools/git-clone git clone https://no-such-host.invalid/x.git
record tools/node-mod node -e "require('express')"
record tools/apt-noname apt-get install -y nothere-zz
record tools/apt-badopt apt-get instal curl
record tools/dpkg-nofile dpkg -i nothere.deb
record tools/py-oldlib bash -c "$P/python -c 'import ctypes; ctypes.CDLL(\"libcublas.so.9\")'"
record tools/podman-nofile podman build -f Nothere .
