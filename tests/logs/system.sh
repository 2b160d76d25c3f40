#!/bin/bash
# Compilers, headers, disks, memory, permissions, the dynamic linker. As root, for the full disk.
# shellcheck disable=SC1091,SC2154,SC2086 # lib.sh sets what is used here, and options are split on purpose
. "$(dirname "$0")/lib.sh"
environment clean
pip="clean/bin/python -m pip install --no-cache-dir"
mkdir -p c && cd c || exit 1
echo '#include <nothere.h>' >header.c
echo '#include <Python.h>' >python.c
echo 'int f(void); int main(void) { return f(); }' >link.c
echo 'int main(void) { return 0 }' >syntax.c
echo 'int main(void) { return 0; }' >ok.c
echo '#include <concepts>
static_assert(__cplusplus > 202002L);' >standard.cc
record system/gcc-header gcc -c header.c
record system/gcc-python-header gcc -c python.c
record system/gcc-undefined gcc link.c -o x
record system/gcc-library gcc ok.c -lnothere -o x
record system/gcc-syntax gcc -c syntax.c
record system/gcc-arch gcc -march=nothere -c ok.c
record system/gcc-killed bash -c 'ulimit -v 30000; gcc -O2 -c ok.c; echo "#include <bits/stdc++.h>" > big.cc; g++ -O2 -c big.cc'
record system/no-compiler env PATH=/nowhere "$work/clean/bin/python" -c 'import subprocess; subprocess.run(["gcc", "x.c"])'
record system/shell-not-found sh -c 'nothere-program --version'
record system/bash-not-found bash -c 'nothere-program --version'
record system/make-no-rule make nothere
printf 'all:\n\tgcc -c header.c\n' >Makefile
record system/make-error make
record system/cmake-missing sh -c 'cmake ..'
cd .. || exit 1
mkdir -p source && cat >source/setup.py <<'P'
from setuptools import setup, Extension
setup(name="fast", version="1", ext_modules=[Extension("fast", ["fast.c"])])
P
echo '#include <nothere.h>' >source/fast.c
record system/pip-extension $pip ./source
record system/pip-extension-no-compiler env CC=nothere-gcc $pip ./source
mkdir -p small && mount -t tmpfs -o size=300k tmpfs small
record system/pip-disk-full env TMPDIR="$work/small" $pip --target small/t sampleproject numpy==1.26.4
record system/cp-disk-full cp /usr/bin/gcc-12 small/
record system/gcc-disk-full env TMPDIR="$work/small" sh -c 'head -c 400k /dev/zero > small/z; echo "int x;" > y.c; gcc -pipe -c y.c -o small/y.o'
umount small
record system/python-memory bash -c 'ulimit -v 200000; clean/bin/python -c "x = bytearray(10**9)"'
record system/killed bash -c 'sh -c "kill -9 \$\$"; echo "exit $?"'
record system/permission setpriv --reuid=65534 --clear-groups sh -c 'echo x > /etc/nothere; /etc/passwd; mkdir /usr/nothere'
record system/pip-permission setpriv --reuid=65534 --clear-groups env HOME=/nonexistent "$work/clean/bin/python" -m pip install --no-cache-dir --target /usr/nothere sampleproject
record system/exec-format sh -c 'printf "\177ELF\002\001\001\000" > elf; chmod +x elf; ./elf'
record system/no-interpreter sh -c 'printf "#!/usr/bin/nothere\n" > s; chmod +x s; ./s'
record system/crlf-script sh -c 'printf "#!/bin/sh\r\necho hi\r\n" > s; chmod +x s; ./s'
record system/shared-library clean/bin/python -c 'import ctypes; ctypes.CDLL("libGL.so.1.nothere")'
