#!/bin/bash
# Failures whose answers were written down before any was explained: of installers (p), lock files (l), packages (k), compilers (n),
# shells and loaders (h), Python and starts (s), and git (g). Wants TOOLS: virtual environments p193, p203, p230, p233, p251, p260
# (pip), uv01, uv06, uv08 (uv), po18, po21 (poetry), pdm2, pipenv, serve, tf; PYTHONS; and ROOTS as packages.sh.
# shellcheck disable=SC1091,SC2154,SC2016,SC2086,SC2103,SC2164,SC2046,SC2034 # lib.sh sets what is used here; the words are for others
. "$(dirname "$0")/lib.sh"
T=${TOOLS:?} V=$T/serve/bin R=${ROOTS:?} PY=${PYTHONS:-/opt/python}
pip() { echo "$T/$1/bin/python -m pip install --no-cache-dir"; }
project() # FOLDER BACKEND REQUIRES REST
{
    mkdir -p "$1" && printf '[build-system]\nrequires = [%s]\nbuild-backend = "%s"\n%b' "$3" "$2" "$4" >"$1/pyproject.toml"
}
# --- installers
told third/p-p193-python "numpy==2.0.0|numpy 2.0.0" $(pip p193) numpy==2.0.0
printf 'six==1.16.0\nidna\n' >rh.txt
told third/p-p230-unhashed "hash" $(pip p230) --require-hashes -r rh.txt
told third/p-p260-unhashed "hash" $(pip p260) --require-hashes -r rh.txt
"$python" - <<'P'
import zipfile
with zipfile.ZipFile("bad_meta-1.0-py3-none-any.whl", "w") as z:
    z.writestr("bad_meta/__init__.py", "")
    z.writestr("bad_meta-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    z.writestr("bad_meta-1.0.dist-info/RECORD", "")
with zipfile.ZipFile("other_name-1.0-py3-none-any.whl", "w") as z:
    z.writestr("other_name-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: another\nVersion: 1.0\n")
    z.writestr("other_name-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    z.writestr("other_name-1.0.dist-info/RECORD", "")
with zipfile.ZipFile("future_wheel-1.0-py3-none-any.whl", "w") as z:
    z.writestr("future_wheel-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: future-wheel\nVersion: 1.0\n")
    z.writestr("future_wheel-1.0.dist-info/WHEEL", "Wheel-Version: 9.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    z.writestr("future_wheel-1.0.dist-info/RECORD", "")
P
told third/p-p251-nometadata "METADATA|metadata|invalid" $(pip p251) ./bad_meta-1.0-py3-none-any.whl
told third/p-p260-name "inconsistent name|another" $(pip p260) ./other_name-1.0-py3-none-any.whl
told third/p-p251-wheelversion "9.0|9, 0" $(pip p251) ./future_wheel-1.0-py3-none-any.whl
told third/p-uv08-name "another" $T/uv08/bin/uv pip install --no-cache --python $T/p251/bin/python ./other_name-1.0-py3-none-any.whl
mkdir -p e1 && printf 'from setuptools import setup\nsetup(name="e1", version="1", install_requires="a b")\n' >e1/setup.py
told third/p-p230-requires "install_requires" $(pip p230) ./e1
mkdir -p e2 && printf 'from setuptools import setup\nsetup(name="e2", version="1", long_description=open("../gone-readme.md").read())\n' >e2/setup.py
told third/p-p251-readme "gone-readme.md" $(pip p251) ./e2
project m1 mesonpy '"meson-python", "ninja"' '[project]\nname="m1"\nversion="1"\n'
printf "project('m1', 'c', version: '1')\ndependency('openblas_gone')\n" >m1/meson.build
told third/p-p251-meson "openblas_gone" $(pip p251) ./m1
project k1 scikit_build_core.build '"scikit-build-core"' '[project]\nname="k1"\nversion="1"\n'
printf 'cmake_minimum_required(VERSION 3.20)\nproject(k1 CXX)\nfind_package(cuDNNgone 9 REQUIRED)\n' >k1/CMakeLists.txt
told third/p-p260-skbuild "cuDNNgone" $(pip p260) ./k1
project h1 hatchling.build '"hatchling"' '[project]\nname="no-such-folder-name"\nversion="1"\n'
told third/p-p233-hatch "which files to ship" $(pip p233) ./h1
project f1 flit_core.buildapi '"flit_core"' '[project]\nname="flitless"\nversion="1"\ndescription="x"\n'
told third/p-p230-flit "No file/folder found|flitless" $(pip p230) ./f1
project sc setuptools.build_meta '"setuptools", "setuptools-scm"' '[project]\nname="sc"\ndynamic=["version"]\n[tool.setuptools_scm]\n'
told third/p-p251-scm "takes its version from git" $(pip p251) ./sc
project cy setuptools.build_meta '"setuptools", "cython"' '[project]\nname="cy"\nversion="1"\n'
printf 'from setuptools import setup\nfrom Cython.Build import cythonize\nsetup(ext_modules=cythonize("cy.pyx"))\n' >cy/setup.py
printf 'cimport numpy_gone\ndef f(int x): return y_undefined(x)\n' >cy/cy.pyx
told third/p-p251-cython "numpy_gone" $(pip p251) ./cy
told third/p-uv06-cython "numpy_gone" $T/uv06/bin/uv pip install --no-cache --python $T/p251/bin/python ./cy
mkdir -p tx && cat >tx/setup.py <<'P'
import subprocess, sys
from setuptools import setup, Extension
from setuptools.command.build_ext import build_ext
class Build(build_ext):
    def build_extensions(self):
        print("building 'flash_x_cuda' extension")
        open("build.ninja", "w").write("rule cuda\n  command = nvcc -c $in -o $out\nbuild flash.o: cuda flash.cu\n")
        try:
            subprocess.run(["ninja", "-v"], check=True)
        except subprocess.CalledProcessError as e:
            raise RuntimeError("Error compiling objects for extension") from e
setup(name="tx", version="1", ext_modules=[Extension("tx", ["x.c"])], cmdclass={"build_ext": Build})
P
printf '__global__ void k(half *p) { p[0] = __hmax_gone(p[0], p[1]); }\n' >tx/flash.cu
told third/p-p230-torchext "flash.cu(1)" $(pip p230) --no-build-isolation ./tx
told third/p-p260-torchext "flash.cu(1)" $(pip p260) --no-build-isolation ./tx
printf 'six\n' | iconv -t UTF-16 >u16.txt
printf '\x93six\x94==1.0\n' >smart.txt
told third/p-p233-quotes "Invalid requirement|decode|Expected package name" $(pip p233) -r smart.txt
told third/p-p251-check "requires|not installed" bash -c "$(pip p251) -q --no-deps flask==3.0.0; $T/p251/bin/python -m pip check"
told third/p-p230-filelink "not exist|nowhere-wheels|six" $(pip p230) --no-index --find-links /nowhere-wheels six
told third/p-p233-nomodule "is missing: pip" $T/uv06/bin/python -m pip install six
told third/p-p251-format "format_gone|no such option|invalid choice" $T/p251/bin/python -m pip list --format format_gone
told third/p-p260-build "./rh.txt" $T/p260/bin/python -m pip wheel ./rh.txt
told third/p-p251-full "No space left|disk is full" bash -c "mkdir -p small; mount -t tmpfs -o size=2m t small; TMPDIR=$PWD/small $(pip p251) --force-reinstall numpy==1.26.4; umount small"
mkdir -p ex && printf '[project]\nname="ex"\nversion="1"\nrequires-python=">=3.11"\ndependencies=["flask==3.0.0","werkzeug<2"]\n' >ex/pyproject.toml
told third/p-uv08-lock "werkzeug" bash -c "cd ex; $T/uv08/bin/uv lock"
told third/p-uv06-sync "werkzeug" bash -c "cd ex; $T/uv06/bin/uv sync"
told third/p-uv08-frozen "uv.lock|lockfile" bash -c "cd ex; $T/uv08/bin/uv sync --frozen"
mkdir -p ex2 && printf '[project]\nname="ex2"\nversion="1"\nrequires-python=">=3.8"\ndependencies=["numpy==2.2.0"]\n' >ex2/pyproject.toml
told third/p-uv08-range "numpy" bash -c "cd ex2; $T/uv08/bin/uv lock"
printf '[project]\nname="ex3"\nversion="1"\nrequires-python=">=3.11"\n[tool.uv]\nrequired-version="==0.0.1"\n' >ex2/../uvreq.toml
told third/p-uv08-required "0.0.1" bash -c "mkdir -p ex3; cp uvreq.toml ex3/pyproject.toml; cd ex3; $T/uv08/bin/uv sync"
told third/p-uv06-older "numpy" $T/uv06/bin/uv pip install --no-cache --exclude-newer 2020-01-01 --python $T/p251/bin/python 'numpy>=2'
told third/p-uv06-nopython "3.99" $T/uv06/bin/uv venv --python 3.99 vgone
told third/p-uv08-run "gone_tool|Failed to spawn" bash -c "cd ex2; $T/uv08/bin/uv run --no-project gone_tool"
told third/p-uv08-hashes "hash" $T/uv08/bin/uv pip install --no-cache --python $T/p251/bin/python --require-hashes -r rh.txt
told third/p-uv06-group "docs-gone" bash -c "cd ex3; sed -i /tool.uv/,\\\$d pyproject.toml; $T/uv06/bin/uv sync --group docs_gone"
told third/p-uv08-extra "gpu-gone" bash -c "cd ex3; $T/uv08/bin/uv sync --extra gpu_gone"
# --- lock files
for p in po18 po21; do
    mkdir -p l-$p && printf '[tool.poetry]\nname = "lx"\nversion = "0.1.0"\ndescription = ""\nauthors = []\n[tool.poetry.dependencies]\npython = "^3.11"\nflask = "3.0.0"\nwerkzeug = "<2"\n' >l-$p/pyproject.toml
    told third/l-$p-unsat "werkzeug" bash -c "cd l-$p; $T/$p/bin/poetry lock -n"
    mkdir -p m-$p && printf '[tool.poetry]\nname = "lx"\nversion = "0.1.0"\ndescription = ""\nauthors = []\npackages = [{include = "gone_pkg"}]\n[tool.poetry.dependencies]\npython = "^3.11"\n' >m-$p/pyproject.toml
    told third/l-$p-root "lx|gone_pkg" bash -c "cd m-$p; $T/$p/bin/poetry install -n"
    told third/l-$p-run "gone_command" bash -c "cd m-$p; $T/$p/bin/poetry run gone_command"
    told third/l-$p-build "gone_pkg" bash -c "cd m-$p; $T/$p/bin/poetry build -n"
    told third/l-$p-add "torhc-gone-xq" bash -c "cd m-$p; $T/$p/bin/poetry add -n torhc-gone-xq"
    told third/l-$p-toml "pyproject.toml|Invalid|TOML" bash -c "mkdir -p n-$p; printf '[tool.poetry\n' >n-$p/pyproject.toml; cd n-$p; $T/$p/bin/poetry install -n"
done
mkdir -p pd && printf '[project]\nname="pd"\nversion="1"\nrequires-python=">=3.11"\ndependencies=["flask==3.0.0","werkzeug<2"]\n' >pd/pyproject.toml
told third/l-pdm-unsat "hishel" bash -c "cd pd; $T/pdm2/bin/pdm lock"
told third/l-pdm-frozen "lock" bash -c "cd pd; $T/pdm2/bin/pdm sync"
told third/l-pdm-script "gone_script" bash -c "cd pd; $T/pdm2/bin/pdm run gone_script"
mkdir -p pe && printf '[packages]\nflask = "==3.0.0"\nwerkzeug = "<2"\n' >pe/Pipfile
told third/l-pipenv-sync "Pipfile.lock" bash -c "cd pe; PIPENV_YES=1 $T/pipenv/bin/pipenv sync"
# --- packages of distributions
for r in jammy trixie; do
    in="$R/enter $R/$r" d=$R/$r/tmp/debs
    mkdir -p $d/fails/DEBIAN $d/clash/DEBIAN $d/clash/usr/bin
    printf 'Package: fails-post\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n' >$d/fails/DEBIAN/control
    printf '#!/bin/sh\necho "cuda-keyring: cannot write /proc/keyring" >&2\nexit 3\n' >$d/fails/DEBIAN/postinst
    chmod 755 $d/fails/DEBIAN/postinst
    printf 'Package: clash-bash\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n' >$d/clash/DEBIAN/control
    echo x >$d/clash/usr/bin/apt-get
    dpkg-deb -b $d/fails $d/fails.deb && dpkg-deb -b $d/clash $d/clash.deb >/dev/null
    told third/k-$r-postinst "cuda-keyring: cannot write|post-installation" $in dpkg -i /tmp/debs/fails.deb
    $in dpkg --purge --force-all fails-post >/dev/null 2>&1
    told third/k-$r-overwrite "overwrite|/usr/bin/apt-get" $in apt-get install -y /tmp/debs/clash.deb
    printf 'Types: deb\nURIs: http://localhost:1/debian\nSuites: stable\n' >$R/$r/tmp/bad.sources
    told third/k-$r-822 "Malformed|omponent" $in bash -c 'mkdir -p /tmp/parts; cp /tmp/bad.sources /tmp/parts; apt-get -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=/tmp/parts update'
    told third/k-$r-essential "breaks|ssential" $in apt-get remove -y --no-install-recommends dpkg
    told third/k-$r-noppa "add-apt-repository" $in bash -c 'add-apt-repository -y ppa:graphics-drivers/ppa && apt-get update'
    told third/k-$r-interrupted "dpkg was interrupted|dpkg --configure" $in bash -c 'echo broken >/var/lib/dpkg/updates/0001; apt-get install -y hello; rm /var/lib/dpkg/updates/0001'
    told third/k-$r-full "enough free space|No space" $in bash -c 'mkdir -p /tmp/sm; mount -t tmpfs -o size=1m t /tmp/sm; mkdir -p /tmp/sm/partial; apt-get -o Dir::Cache::archives=/tmp/sm install -y --reinstall openssl libicu-dev; umount /tmp/sm'
done
# --- compilers
printf 'int f(void){return 1;}\n' >lto.c; printf 'int f(void);int main(void){return f();}\n' >ltom.c
told third/n-lto "LTO version|bytecode stream" bash -c 'gcc-11 -flto -c lto.c && gcc-12 -flto lto.o ltom.c -o lto'
printf 'void g(int);void g(double);int main(){ g("a"); }\n' >ov.cpp; told third/n-overload "invalid conversion" g++ -c ov.cpp
printf '#include <concepts>\ntemplate<std::integral T> void f(T){}\nint main(){ f(1.5); }\n' >co.cpp
told third/n-concept "no matching function|constraint" g++ -std=c++20 -c co.cpp
told third/n-clang-concept "no matching function" clang++ -std=c++20 -c co.cpp
printf 'int main(void){ __asm__("frobnicate %%eax"); }\n' >as.c; told third/n-asm "frobnicate|no such instruction" gcc -c as.c
told third/n-clang-asm "invalid instruction mnemonic" clang -c as.c
printf 'int gone_sym(void); int main(void){return gone_sym();}\n' >ll.c; told third/n-lld "gone_sym" clang -fuse-ld=lld ll.c -o ll
told third/n-lld-lib "gone_blas" clang -fuse-ld=lld lto.c -lgone_blas
told third/n-cc1-memory "memory" bash -c 'ulimit -v 60000; python3 -c "print(\"int a[] = {\" + \"1,\"*3000000 + \"};\")" 2>/dev/null >big.c; [ -s big.c ] || seq -s, 3000000 | sed "s/^/int a[]={/;s/$/};/" >big.c; gcc -O2 -c big.c'
printf 'void h(){}\n__global__ void k(){ h(); }\nint main(){}\n' >hd.cu; told third/n-nvcc-host "calling a __host__ function|h()" nvcc -Werror cross-execution-space-call -c hd.cu
told third/n-nvcc-nohost "g++-99|host compiler" nvcc -ccbin g++-99 -c hd.cu
told third/n-nvcc-nocicc "cicc" bash -c 'D=$(dirname $(dirname $(readlink -f $(command -v nvcc)))); mkdir -p fakecuda/bin; cp $D/bin/nvcc fakecuda/bin/ 2>/dev/null; cp $D/bin/nvcc.profile fakecuda/bin/ 2>/dev/null; ln -sfn $D/include fakecuda/include; ln -sfn $D/bin/cudafe++ fakecuda/bin/cudafe++; ln -sfn $D/bin/crt fakecuda/bin/crt; fakecuda/bin/nvcc -c hd.cu'
mkdir -p ca && printf 'cmake_minimum_required(VERSION 3.20)\nproject(ca CXX)\nfind_package(ZLIB 99 REQUIRED COMPONENTS gone)\n' >ca/CMakeLists.txt
told third/n-cmake-zlib "ZLIB" cmake -S ca -B ca/b
mkdir -p cb && printf 'cmake_minimum_required(VERSION 3.20)\nproject(cb CXX)\nadd_executable(cb m.cpp)\ninstall(TARGETS cb DESTINATION /proc/gone)\n' >cb/CMakeLists.txt; echo 'int main(){}' >cb/m.cpp
told third/n-cmake-install "/proc/gone" bash -c 'cmake -S cb -B cb/b -G Ninja && cmake --build cb/b && cmake --install cb/b'
told third/n-cmake-preset "gone_preset" bash -c 'echo "{\"version\":3}" >cb/CMakePresets.json; cd cb; cmake --preset gone_preset'
mkdir -p cc && printf 'cmake_minimum_required(VERSION 3.20)\nproject(cc NONE)\nenable_testing()\nadd_test(NAME gpu_smoke COMMAND sh -c "echo no CUDA-capable device is detected; exit 1")\nadd_test(NAME ok COMMAND true)\n' >cc/CMakeLists.txt
told third/n-ctest "gpu_smoke|no CUDA-capable" bash -c 'cmake -S cc -B cc/b >/dev/null && ctest --test-dir cc/b --output-on-failure'
mkdir -p cd && printf 'cmake_minimum_required(VERSION 3.20)\nproject(cd NONE)\ninclude(ExternalProject)\nExternalProject_Add(fbgemm_gone GIT_REPOSITORY /gone/fbgemm.git GIT_TAG v1)\n' >cd/CMakeLists.txt
told third/n-cmake-external "fbgemm" bash -c 'cmake -S cd -B cd/b && cmake --build cd/b'
mkdir -p ce && printf 'cmake_minimum_required(VERSION 3.20)\nproject(ce C)\nadd_custom_target(gen ALL COMMAND protoc_gone --cpp_out=. x.proto)\n' >ce/CMakeLists.txt
told third/n-make-custom "protoc_gone" bash -c 'cmake -S ce -B ce/b && make -C ce/b'
told third/n-ninja-custom "protoc_gone" bash -c 'cmake -S ce -B ce/n -G Ninja && ninja -C ce/n'
printf 'rule t\n  command = touch $out\nbuild a: t b\nbuild b: t a\n' >cyc.ninja; told third/n-ninja-cycle "cycle" ninja -f cyc.ninja a
printf 'rule t\n  command = touch $out\nbuild a: t\nbuild a: t\n' >dup.ninja; told third/n-ninja-dup "multiple rules generate a" ninja -f dup.ninja a
mkdir -p sub && printf 'all:\n\t$(MAKE) -C kernels\n' >sub/Makefile && mkdir -p sub/kernels && printf 'all: k.o\nk.o:\n\tnvcc_gone -O3 -c k.cu -o k.o\n' >sub/kernels/Makefile
told third/n-make-deep "nvcc_gone" make -C sub -j2
printf 'x := $(shell echo\nall:\n' >un.mk; told third/n-make-unterminated "unterminated" make -f un.mk
printf '\techo x\n' >rec.mk; told third/n-make-recipe "recipe commences" make -f rec.mk
mkdir -p rt/src && printf '[package]\nname="rt"\nversion="0.1.0"\nedition="2021"\n[features]\ncuda=[]\n' >rt/Cargo.toml && printf 'fn main(){}\n#[test]\nfn kernel_agrees(){ assert_eq!(1, 2, "sum of the kernel"); }\n' >rt/src/main.rs
told third/n-cargo-test "kernel_agrees|sum of the kernel|left == right" cargo test --offline --manifest-path rt/Cargo.toml
told third/n-cargo-feature "metal_gone" cargo build --offline --features metal_gone --manifest-path rt/Cargo.toml
mkdir -p ru/src && printf '[package]\nname="ru"\nversion="0.1.0"\nedition="2021"\nrust-version="1.999"\n' >ru/Cargo.toml && echo 'fn main(){}' >ru/src/main.rs
told third/n-cargo-rustver "1.999" cargo build --offline --manifest-path ru/Cargo.toml
mkdir -p rl/src && printf '[package]\nname="rl"\nversion="0.1.0"\nedition="2021"\n' >rl/Cargo.toml && printf '#[link(name="cudart_gone")] extern "C" { fn cudaGone(); }\nfn main(){ unsafe { cudaGone() } }\n' >rl/src/main.rs
told third/n-cargo-link "cudart_gone" cargo build --offline --manifest-path rl/Cargo.toml
mkdir -p rp/src && printf '[package]\nname="rp"\nversion="0.1.0"\nedition="2021"\n' >rp/Cargo.toml && echo 'fn main(){}' >rp/src/main.rs && echo 'fn main(){ let p = std::env::var("CUDA_HOME_GONE").expect("CUDA_HOME_GONE must be set to build the kernels"); println!("{p}"); }' >rp/build.rs
told third/n-cargo-env "CUDA_HOME_GONE" cargo build --offline --manifest-path rp/Cargo.toml
# --- git
told third/g-clone-branch "gone_branch" bash -c 'git init -q ga; cd ga; git -c user.email=a -c user.name=a commit -q --allow-empty -m x; cd ..; git clone --branch gone_branch ga gb'
told third/g-nonempty "already exists and is not an empty" bash -c 'mkdir -p gc; touch gc/x; git clone ga gc'
told third/g-tree "not a tree|0123456789" bash -c 'cd ga; git checkout 0123456789012345678901234567890123456789'
told third/g-overwrite "overwritten" bash -c 'cd ga; echo 1 >f; git add f; git -c user.email=a -c user.name=a commit -qm 1; git branch b2; echo 2 >f; git -c user.email=a -c user.name=a commit -qam 2; echo 3 >f; git checkout b2'
told third/g-conflict "conflict" bash -c 'cd ga; git checkout -qf b2; echo 9 >f; git -c user.email=a -c user.name=a commit -qam 9; git -c user.email=a -c user.name=a merge master main 2>/dev/null || git -c user.email=a -c user.name=a merge $(git branch --format="%(refname:short)" | grep -v b2)'
told third/g-submodule "/gone/cutlass.git" bash -c 'cd ga; git checkout -qf b2; git reset -q --hard; printf "[submodule \"cutlass\"]\n\tpath = cutlass\n\turl = /gone/cutlass.git\n" >.gitmodules; git update-index --add --cacheinfo 160000,0123456789012345678901234567890123456789,cutlass; git submodule update --init --recursive'
# --- shells and loaders
told third/h-badsub "Bad substitution|bad substitution" dash -c 'X=v1.2; echo ${X//./_}'
told third/h-paren "unexpected" dash -c 'files=(a b); echo $files'
told third/h-readonly "readonly" bash -c 'set -e; readonly A=1; A=2; echo $A'
told third/h-ambiguous "ambiguous redirect" bash -ec 'echo x > $GONE'
told third/h-fi "syntax error|unexpected end of file" bash -c 'printf "if true; then\n echo x\n" >fi.sh; bash fi.sh'
told third/h-token "unexpected token" bash -c 'printf "for i in 1 2; do\necho \$i\ndone done\n" >tk.sh; bash tk.sh'
told third/h-shift "shift" dash -ec 'shift 2; echo x'
told third/h-fish "gone_prog" fish -c 'gone_prog --x'
told third/h-ulimit "limit" setpriv --reuid=65534 --clear-groups bash -ec 'ulimit -n 999999999; echo x'
told third/h-envcr "CR|carriage|Windows|\\r|line end" bash -c "printf '#!/usr/bin/env python3\r\nprint(1)\r\n' >cr.py; chmod +x cr.py; ./cr.py"
told third/h-envs "env -S|python3 -u|No such file" bash -c "printf '#!/usr/bin/env python3 -u\nprint(1)\n' >es.py; chmod +x es.py; ./es.py"
told third/h-elf32 "file too short|libshort.so" bash -c "printf 'x' >libshort.so; $V/python -c 'import ctypes; ctypes.CDLL(\"./libshort.so\")'"
told third/h-elfheader "invalid ELF header" bash -c "seq 1 400 >libtext.so; $V/python -c 'import ctypes; ctypes.CDLL(\"./libtext.so\")'"
printf 'extern int gone_fn(void); int f(void){return gone_fn();}\n' >us.c
told third/h-undef "gone_fn" bash -c "gcc -shared -fPIC us.c -o libus.so; $V/python -c 'import ctypes,os; ctypes.CDLL(\"./libus.so\", mode=os.RTLD_NOW)'"
told third/h-preload "gone-dir-x" bash -ec 'export LD_PRELOAD=/opt/libgone_malloc.so; ls /gone-dir-x'
told third/h-cxx "Inconsistency detected by ld.so" bash -c 'printf "void f(void);int main(){f();}" >gx.c; printf "void f(void){}" >gxf.c; printf "GLIBCXX_3.4.99 { f; };" >gxv; gcc -shared -fPIC -Wl,--version-script=gxv -Wl,-soname,libgxf.so gxf.c -o libgxf.so; gcc gx.c -L. -lgxf -o gx; gcc -shared -fPIC -Wl,-soname,libgxf.so gxf.c -o libgxf.so; LD_LIBRARY_PATH=. ./gx'
told third/h-rsync "gone_src|No such file" bash -ec 'install -D gone_src/x /tmp/third-x'
told third/h-jq "parse error|Invalid" bash -ec 'echo "{a:1}" | jq .a'
told third/h-gpg "no valid OpenPGP|gpg" bash -c 'echo junk | GNUPGHOME=$PWD gpg --batch --dearmor -o x.gpg && echo junk >j; GNUPGHOME=$PWD gpg --batch --import j'
told third/h-mktemp "tmp_gone" env TMPDIR=/tmp_gone bash -ec 'f=$(mktemp); echo $f'
told third/h-ssh "Host key|verification|resolve|refused" ssh -o BatchMode=yes -p 1 git@127.0.0.1 true
# --- Python and starts
cat >notes.py <<'P'
try:
    raise KeyError("rope_scaling_gone")
except KeyError as e:
    e.add_note("while reading config.json of the model")
    raise
P
told third/s-notes "rope_scaling_gone" $V/python notes.py
cat >fut.py <<'P'
import concurrent.futures as f
def load(i): raise OSError(28, "No space left on device", f"/cache/shard-{i}")
if __name__ == "__main__":
    with f.ProcessPoolExecutor(2) as p: list(p.map(load, range(2)))
P
told third/s-pool "no room left" $V/python fut.py
cat >broken.py <<'P'
import concurrent.futures as f, os
def die(i): os._exit(9)
if __name__ == "__main__":
    with f.ProcessPoolExecutor(1) as p: list(p.map(die, [1]))
P
told third/s-broken "terminated abruptly|BrokenProcessPool" $V/python broken.py
told third/s-werror "old_thing is gone soon" $V/python -W error -c 'import warnings; warnings.warn("old_thing is gone soon", DeprecationWarning)'
told third/s-main "cannot be directly executed" $V/python -m email
told third/s-exitmsg "checkpoint folder /ckpt is empty" $V/python -c 'import sys; print("loading"); sys.exit("checkpoint folder /ckpt is empty")'
cat >except.py <<'P'
import logging, sys
logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level="INFO")
try:
    int("sixteen")
except ValueError:
    logging.exception("startup failed")
    sys.exit(2)
P
told third/s-logexc "sixteen" $V/python except.py
told third/s-fatal "Segmentation fault|segmentation" $V/python -X faulthandler -c 'import ctypes; ctypes.string_at(8)'
cat >spawn.py <<'P'
import multiprocessing as m
m.set_start_method("spawn")
p = m.Process(target=print); p.start(); p.join()
raise SystemExit(p.exitcode)
P
told third/s-spawn "context has already been set" $V/python spawn.py
cat >wrapimp.py <<'P'
try:
    import triton_gone_kernels
except ImportError as e:
    raise ImportError("vLLM's kernels want triton_gone_kernels; pip install triton_gone_kernels") from e
P
told third/s-wrapimp "triton_gone_kernels" $V/python wrapimp.py
told third/s-npfloat "numpy|np.float" $V/python -c 'import numpy as np; np.float_(1)'
told third/s-npalias "np.product|product" $V/python -c 'import numpy as np; np.product([1])'
told third/s-settings "api_key|Field required" $V/python -c 'from pydantic_settings import BaseSettings
class S(BaseSettings):
    api_key: str
S()'
told third/s-hydra "lr_gone|lr_gone" bash -c "mkdir -p conf; echo 'a: 1' >conf/c.yaml; printf 'import hydra\n@hydra.main(config_path=\"conf\", config_name=\"c\", version_base=None)\ndef m(c): pass\nm()\n' >hy.py; $V/python hy.py trainer.lr_gone=1"
told third/s-jsonschema "is not of type|Failed validating" $V/python -c 'import jsonschema; jsonschema.validate({"port": "80"}, {"properties": {"port": {"type": "integer"}}})'
told third/s-ort "model_gone.onnx" $V/python -c 'import onnxruntime as o; o.InferenceSession("model_gone.onnx")'
told third/s-st "HeaderTooLarge|header too large|header" bash -c "head -c 100 /dev/urandom >w.safetensors; printf '\377\377\377\377\377\377\377\377' | dd of=w.safetensors conv=notrunc status=none; $V/python -c 'from safetensors import safe_open; safe_open(\"w.safetensors\", \"np\")'"
H=$T/tf/bin
told third/s-hf-id "a/b/c|Repo id" $H/python -c 'from huggingface_hub import hf_hub_download as h; h("a/b/c", "x")'
told third/s-hf-offline "offline|cached" env HF_HUB_OFFLINE=1 HF_HOME=$work/hfo $H/python -c 'from transformers import AutoConfig as A; A.from_pretrained("acme/tiny")'
mkdir -p mdl && echo '{"model_type":"qwen99"}' >mdl/config.json
told third/s-tf-arch "qwen99" $H/python -c 'from transformers import AutoConfig as A; A.from_pretrained("./mdl")'
mkdir -p mdl2 && echo '{"hidden_size":8}' >mdl2/config.json
told third/s-tf-type "model_type|Unrecognized model" $H/python -c 'from transformers import AutoConfig as A; A.from_pretrained("./mdl2")'
told third/s-tf-tok "tokenizer|mdl2|Can.t load" $H/python -c 'from transformers import AutoTokenizer as A; A.from_pretrained("./mdl2")'
told third/s-tf-torch "PyTorch|torch" $H/python -c 'from transformers import AutoModel as A; A.from_pretrained("./mdl2")'
mkdir -p mdl3 && echo '{"auto_map":{"AutoConfig":"cfg.C"},"model_type":"custom_gone"}' >mdl3/config.json
told third/s-hf-cli "Not logged in|not logged in" env HF_HOME=$work/hfn $H/hf auth whoami
printf 'def make():\n    raise RuntimeError("tokenizer.json has no vocab")\n' >fac.py
told third/s-uvicorn-factory "tokenizer.json has no vocab" timeout 20 $V/uvicorn --factory fac:make
told third/s-uvicorn-uds "gone_dir|No such file" timeout 20 $V/uvicorn --uds /gone_dir/app.sock uvicorn:Config
told third/s-uvicorn-log "logconf_gone" timeout 20 $V/uvicorn --log-config logconf_gone.ini fac:make
printf 'from fastapi import FastAPI\nimport asyncio\napp = FastAPI()\n@app.on_event("startup")\nasync def s():\n    raise ConnectionError("cannot reach the vector store at qdrant:6333")\n' >life.py
told third/s-uvicorn-startup "qdrant:6333" timeout 20 $V/uvicorn life:app
told third/s-gunicorn-gevent "gevent" timeout 20 $V/gunicorn -k gevent fac:make
told third/s-gunicorn-bind "Invalid address|port_gone|not a valid" timeout 20 $V/gunicorn -b 0.0.0.0:port_gone fac:make
told third/s-gunicorn-keyfile "c_gone.pem" timeout 20 $V/gunicorn --keyfile key_gone.pem --certfile c_gone.pem fac:make
printf 'from celery import Celery\napp = Celery("w", broker="redis://127.0.0.1:1/0")\n@app.task\ndef t(): pass\n' >cel.py
told third/s-granian "app_gone" timeout 20 $V/granian --interface asgi app_gone:app
told third/s-granian-port "in use" bash -c "$V/python -m http.server 18911 --bind 127.0.0.1 >/dev/null 2>&1 & sleep 1; timeout 20 $V/granian --interface asgi --host 127.0.0.1 --port 18911 life:app; kill %1"
told third/s-waitress "app_gone" timeout 20 $V/waitress-serve app_gone:app
told third/s-rq "127.0.0.1:1|refused" timeout 20 $V/rq worker --url redis://127.0.0.1:1
told third/s-dramatiq "tasks_gone" timeout 20 $V/dramatiq tasks_gone
told third/s-flask-env "FLASK_APP|Could not locate" bash -c "mkdir -p nofl; cd nofl; timeout 20 $V/flask run"
told third/s-alembic "alembic.ini|script_location" bash -c "mkdir -p nofl; cd nofl; $V/alembic upgrade head"
