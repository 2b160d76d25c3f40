#!/bin/bash
# torch without a GPU or a compiler, and packages that build against it: flash-attn, apex's like, wrong nvcc.
# shellcheck disable=SC1091,SC2154,SC2086 # lib.sh sets what is used here, and options are split on purpose
. "$(dirname "$0")/lib.sh"
environment torch
pip="torch/bin/python -m pip install --no-cache-dir"
torch/bin/python -c 'import torch' 2>/dev/null || $pip -q torch==2.8.0 'numpy<2' scipy
record torch/no-driver torch/bin/python -c 'import torch; torch.zeros(1).cuda()'
record torch/cuda-home torch/bin/python -c 'from torch.utils import cpp_extension as c; c.CUDA_HOME = None; c._join_cuda_home("bin")'
$pip -q packaging psutil ninja einops 'setuptools<80' wheel
record torch/flash-attn-isolated $pip --use-pep517 flash-attn==2.5.8
torch/bin/python -m pip install -q uv
record torch/flash-attn-isolated-uv torch/bin/uv pip install --python torch/bin/python --no-cache --no-deps --no-binary flash-attn flash-attn==2.5.8
record torch/flash-attn-download $pip --no-build-isolation flash-attn==2.5.8
mkdir -p cuda/bin && printf '#!/bin/sh\necho "Cuda compilation tools, release 11.8, V11.8.89"\n' >cuda/bin/nvcc && chmod +x cuda/bin/nvcc
mkdir -p ext && cat >ext/setup.py <<'P'
from setuptools import setup
from torch.utils.cpp_extension import BuildExtension, CUDAExtension
setup(name="ext", version="1", ext_modules=[CUDAExtension("ext", ["x.cu"])], cmdclass={"build_ext": BuildExtension})
P
echo 'int main() {}' >ext/x.cu
record torch/cuda-mismatch env CUDA_HOME="$work/cuda" $pip --no-build-isolation --no-deps ./ext
record torch/cuda-home-wrong env CUDA_HOME=/nowhere TORCH_CUDA_ARCH_LIST=9.0 $pip --no-build-isolation --no-deps ./ext
record torch/arch-list env CUDA_HOME="$work/cuda" TORCH_CUDA_ARCH_LIST=banana torch/bin/python -c 'from torch.utils import cpp_extension as c; c._get_cuda_arch_flags()'
record torch/weights-only torch/bin/python -c 'import torch, pickle; class_ = type("C", (), {}); open("w.pt","wb").write(b"x"); torch.load("w.pt")'
$pip -q --no-deps torchvision==0.18.1
record torch/torchvision-old torch/bin/python -c 'import torchvision'
$pip -q --no-deps torchaudio==2.3.1
record torch/torchaudio-old torch/bin/python -c 'import torchaudio'
$pip -q --no-deps xformers==0.0.27
record torch/xformers-old torch/bin/python -c 'import xformers.ops'
environment ptxas
ptxas/bin/python -m pip install -q --no-cache-dir nvidia-cuda-nvcc-cu12==12.4.131
printf '.version 8.4\n.target sm_90\n.address_size 64\n' >x.ptx
record torch/ptxas-arch bash -c 'ptxas/lib/python3.*/site-packages/nvidia/cuda_nvcc/bin/ptxas -arch=sm_120 x.ptx'
printf '.version 8.7\n.target sm_120\n.address_size 64\n' >y.ptx
record torch/ptxas-version bash -c 'ptxas/lib/python3.*/site-packages/nvidia/cuda_nvcc/bin/ptxas -arch=sm_90 y.ptx'
if command -v nvcc >/dev/null; then # CUDA 13 or newer
    record torch/nvcc-arch nvcc -gencode arch=compute_70,code=sm_70 -c ext/x.cu
    record torch/nvcc-host nvcc -ccbin /nowhere/g++ -c ext/x.cu
fi
