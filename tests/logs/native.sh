#!/bin/bash
# Failures of compilers, linkers and what drives them. Wants gcc, clang, gfortran, cmake, ninja, meson, cargo, nvcc, autoconf; no network.
# shellcheck disable=SC1091,SC2154,SC2016,SC2086,SC2103,SC2164 # lib.sh sets what is used here; the words are for other shells
. "$(dirname "$0")/lib.sh"
cat >nohdr.cpp <<'C'
#include <cublas_v2_nothere.h>
int main() { return 0; }
C
told native/gxx-header 'cublas_v2_nothere.h' g++ -c nohdr.cpp
told native/clang-header 'cublas_v2_nothere.h' clang++ -c nohdr.cpp
cat >cxx20.cpp <<'C'
#include <span>
int main() { std::span<int> s; return s.size(); }
C
told native/gxx-cxx17-span "span" g++ -std=c++17 -c cxx20.cpp
cat >werr.c <<'C'
int f(void) { int unused; return 0; }
C
told native/gcc-werror "unused variable" gcc -Wall -Werror -c werr.c
told native/clang-werror "unused variable" clang -Wall -Werror -c werr.c
cat >impl.c <<'C'
int main(void) { return cuInit_not_declared(0); }
C
told native/gcc-implicit "cuInit_not_declared" gcc -Werror=implicit-function-declaration -c impl.c
told native/gcc-badflag "unrecognized command-line option" gcc -mavx1024 -c werr.c
told native/clang-badflag "frobnicate" clang --frobnicate -c werr.c
told native/gcc-march "bad value" gcc -march=sapphirelake -c werr.c
told native/ld-lib "cublasLt_nothere" g++ -x c++ -o main - -lcublasLt_nothere
echo 'extern int sw_gone(void); int main(void){return sw_gone();}' >undef.c
told native/clang-undef "sw_gone" clang undef.c -o undef
told native/ld-format "junk.o" bash -c 'echo junk >junk.o; gcc -o j junk.o'
gcc -m64 -fPIC -shared -o libz1.so werr.c 2>/dev/null
told native/ld-pic "recompile with -fPIC" bash -c 'printf "int g=1; int f(void){return g;}" >p.c; gcc -fno-pic -c p.c; gcc -shared -o p.so p.o'
told native/ar-missing "nope.o" ar rcs libx.a nope.o
told native/gcc-as "no such instruction" bash -c 'echo "frobnicate %eax" >a.s; gcc -c a.s'
told native/gfortran-mod "openblas_nothere" bash -c 'printf "use openblas_nothere\nend\n" >f.f90; gfortran -c f.f90'
# cmake
mkdir -p cm1 && cat >cm1/CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.20)
project(x CXX)
find_package(Torch 2.9 REQUIRED CONFIG)
C
told native/cmake-package "Torch" cmake -S cm1 -B cm1/b
mkdir -p cm2 && cat >cm2/CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.20)
project(x CXX)
include(FetchContent)
FetchContent_Declare(fmt GIT_REPOSITORY https://no-such-host.invalid/fmt.git GIT_TAG 10.0.0)
FetchContent_MakeAvailable(fmt)
C
told native/cmake-fetch "no-such-host.invalid" cmake -S cm2 -B cm2/b
mkdir -p cm3 && cat >cm3/CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 4.90)
project(x)
C
told native/cmake-old "4.90" cmake -S cm3 -B cm3/b
mkdir -p cm4 && cat >cm4/CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.18)
project(x LANGUAGES CXX CUDA)
C
told native/cmake-cuda-arch "sm_35|compute_35" cmake -S cm4 -B cm4/b -DCMAKE_CUDA_ARCHITECTURES=35
told native/cmake-generator "Ninja Multi-X" cmake -S cm4 -B cm4/g -G "Ninja Multi-X"
told native/cmake-source "does not appear to contain CMakeLists.txt|does not exist" cmake -S nothere -B nb
mkdir -p cm5 && cat >cm5/CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.18)
project(x CXX)
add_executable(x main_gone.cpp)
C
told native/cmake-nosource "main_gone.cpp" cmake -S cm5 -B cm5/b
mkdir -p cm6 && cat >cm6/CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.18)
project(x C)
find_library(NCCL nccl_gone REQUIRED)
C
told native/cmake-find-library "nccl_gone" cmake -S cm6 -B cm6/b
mkdir -p cm7 && cat >cm7/CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.18)
project(x C)
find_package(PkgConfig REQUIRED)
pkg_check_modules(AV REQUIRED libavcodec_gone>=58)
C
told native/cmake-pkgconfig "libavcodec_gone" cmake -S cm7 -B cm7/b
mkdir -p cm8 && cat >cm8/CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.18)
project(x CXX)
add_library(k STATIC a.cpp b.cpp)
C
echo 'int a(){return 1;}' >cm8/a.cpp; echo 'int b(){return undeclared_thing;}' >cm8/b.cpp
cmake -S cm8 -B cm8/n -G Ninja >/dev/null; cmake -S cm8 -B cm8/m >/dev/null
told native/ninja-compile "undeclared_thing" ninja -C cm8/n
told native/make-compile "undeclared_thing" make -C cm8/m
told native/cmake-build "undeclared_thing" cmake --build cm8/n
told native/ninja-nofile "build.ninja" ninja -C /tmp
told native/ninja-target "frobnicate" ninja -C cm8/n frobnicate
told native/make-nomakefile "No targets specified and no makefile" make -C cm1
printf 'all:\n\t@echo building; ./gen_kernels.py --out x.cu\n' >mk1.mk
told native/make-tool-missing "gen_kernels.py" make -f mk1.mk
printf 'all:\n\tnvcc_gone -c x.cu\n' >mk2.mk
told native/make-program "nvcc_gone" make -f mk2.mk
printf 'all: kernel.o\n\techo ok\n' >mk3.mk
told native/make-rule "kernel.o" make -f mk3.mk
mkdir -p ms && printf "project('x','c')\ndependency('libfoo_gone')\n" >ms/meson.build
told native/meson-dep "libfoo_gone" meson setup ms/b ms
mkdir -p ac && printf 'AC_INIT([x],[1])\nAC_PROG_CC\nAC_CHECK_LIB([numa_gone],[f],,[AC_MSG_ERROR([libnuma_gone is required])])\nAC_OUTPUT\n' >ac/configure.ac
told native/configure "libnuma_gone is required" bash -c 'cd ac && autoconf && ./configure'
told native/autoreconf "AM_INIT_AUTOMAKE_GONE|possibly undefined macro" bash -c 'mkdir -p ac2; cd ac2; printf "AC_INIT([x],[1])\nAM_PROG_GONE_X\nAC_OUTPUT\n" >configure.ac; autoreconf -i'
told native/pkg-config "libgone-2.0" pkg-config --exists --print-errors libgone-2.0
# cuda
cat >k.cu <<'C'
__global__ void k(float *x) { x[threadIdx.x] = __undefined_intrin(1.0f); }
int main() { k<<<1,1>>>(nullptr); return 0; }
C
told native/nvcc-ident "__undefined_intrin" nvcc -c k.cu
cat >k2.cu <<'C'
#include <cudnn_gone.h>
int main(){}
C
told native/nvcc-header "cudnn_gone.h" nvcc -c k2.cu
cat >k3.cu <<'C'
__global__ void k(char *o) { __shared__ char a[200000]; a[threadIdx.x] = clock(); o[0] = a[threadIdx.x ^ 1]; }
int main(){ k<<<1,1>>>(nullptr); }
C
told native/ptxas-shared "too much shared data" nvcc -arch=sm_90 -c k3.cu
cat >k4.cu <<'C'
__device__ float ext(float); __global__ void k(float *x) { *x = ext(*x); }
int main(){ k<<<1,1>>>(nullptr); }
C
told native/ptxas-unresolved "_Z3extf|ext" nvcc -arch=sm_90 -c k4.cu
told native/nvlink-undef "_Z3extf|ext" nvcc -arch=sm_90 -rdc=true k4.cu -o k4
told native/nvcc-arch-low "compute_60" nvcc -gencode arch=compute_60,code=sm_60 -c k2.cu
told native/nvcc-arch-high "compute_150" nvcc -gencode arch=compute_150,code=sm_150 -c k2.cu
told native/nvcc-opt "frobnicate" nvcc --frobnicate -c k2.cu
told native/nvcc-nofile "gone.cu" nvcc -c gone.cu
told native/nvcc-host-gcc "unsupported GNU version" nvcc -Xcompiler -U__GNUC__,-D__GNUC__=17 -c k4.cu
cat >atomic.cu <<'C'
__global__ void k(double *x) { asm volatile("wgmma.fence.sync.aligned;"); }
int main(){ k<<<1,1>>>(nullptr); }
C
told native/ptxas-feature "wgmma" nvcc -arch=sm_80 -c atomic.cu
# cargo
mkdir -p cr/src && printf '[package]\nname="x"\nversion="0.1.0"\nedition="2021"\n' >cr/Cargo.toml && echo 'fn main(){ let x: u32 = "a"; }' >cr/src/main.rs
told native/cargo-mismatch "mismatched types" cargo build --offline --manifest-path cr/Cargo.toml
mkdir -p cr2/src && printf '[package]\nname="x"\nversion="0.1.0"\nedition="2027"\n' >cr2/Cargo.toml && echo 'fn main(){}' >cr2/src/main.rs
told native/cargo-edition "2027" cargo build --offline --manifest-path cr2/Cargo.toml
mkdir -p cr3/src && printf '[package]\nname="x"\nversion="0.1.0"\nedition="2021"\nrust-version="1.999"\n' >cr3/Cargo.toml && echo 'fn main(){}' >cr3/src/main.rs
told native/cargo-rustc "1.999" cargo build --offline --manifest-path cr3/Cargo.toml
mkdir -p cr4/src && printf '[package]\nname="x"\nversion="0.1.0"\nedition="2021"\nbuild="build.rs"\n' >cr4/Cargo.toml && echo 'fn main(){}' >cr4/src/main.rs && echo 'fn main(){ panic!("OPENSSL_DIR unset and pkg-config found no openssl"); }' >cr4/build.rs
told native/cargo-buildrs "OPENSSL_DIR unset" cargo build --offline --manifest-path cr4/Cargo.toml
told native/cargo-nomanifest "Cargo.toml" cargo build --offline --manifest-path /build/Cargo.toml
told native/rustc-linker "linker" bash -c 'echo "fn main(){}" >m.rs; rustc -C linker=cc_gone m.rs'
