#!/bin/bash
# Real releases of bitsandbytes on a real torch that they do not fit. Where there is no GPU, gpu.py says that there is an RTX
# 5090, which is all that bitsandbytes asks before it looks for its library. Downloads 4 GB.
# shellcheck disable=SC1091,SC2154,SC2086 # lib.sh sets what is used here, and options are split on purpose
. "$(dirname "$0")/lib.sh"
environment torch
pip="torch/bin/python -m pip install --no-cache-dir"
torch/bin/python -c 'import torch' 2>/dev/null || $pip -q torch==2.8.0 'numpy<2' scipy
cat >gpu.py <<'P'
import torch, torch.utils._triton
torch.cuda.is_available = lambda: True
torch.cuda.device_count = lambda: 1
torch.cuda.get_device_capability = lambda *a: (12, 0)
torch.utils._triton.has_triton = lambda: True
P
for version in 0.42.0 0.45.0 0.45.2 0.46.1 0.48.1 0.50.1; do
    $pip -q --no-deps bitsandbytes==$version
    record bitsandbytes/$version-no-gpu torch/bin/python -c 'import bitsandbytes'
    record bitsandbytes/$version-cuda128 env PYTHONPATH=. torch/bin/python -c 'import gpu, bitsandbytes'
    record bitsandbytes/$version-cuda139 env PYTHONPATH=. torch/bin/python -c 'import gpu, torch; torch.version.cuda = "13.9"; import bitsandbytes; bitsandbytes.functional.lib.cget_col_row_stats'
    record bitsandbytes/$version-override env PYTHONPATH=. BNB_CUDA_VERSION=99 torch/bin/python -c 'import gpu, bitsandbytes'
done
