#!/bin/bash
# Requirements that cannot be met: pip, uv of two generations, poetry.
# shellcheck disable=SC1091,SC2154,SC2086 # lib.sh sets what is used here, and options are split on purpose
. "$(dirname "$0")/lib.sh"
environment clean
pip="clean/bin/python -m pip install --no-cache-dir"
clean/bin/python -m pip install -q uv 'poetry<2'
environment olduv
olduv/bin/python -m pip install -q uv==0.5.0
printf 'torch==2.6.0\n' >constraints.txt
printf 'sampleproject==4.0.0 --hash=sha256:%064d\n' 0 >hashes.txt
printf 'numpy=1.26.4\n' >bad.txt

both() # NAME REQUIREMENT...
{
    local name=$1
    shift
    record "resolution/pip-$name" $pip --dry-run "$@"
    record "resolution/uv-$name" clean/bin/uv pip install --python clean/bin/python --dry-run "$@"
    record "resolution/olduv-$name" olduv/bin/uv pip install --python olduv/bin/python --dry-run "$@"
}
both pins 'unsloth[colab-new]==2025.11.3' bitsandbytes==0.41.3
both numpy docstrange==1.1.6 'numpy>=2'
both companion torchvision==0.18.1 torch==2.8.0
both constraint torch==2.8.0 -c constraints.txt
both no-version bitsandbytes==0.41.9
both no-package surely-no-such-package-here
both local-version torch==2.5.0+cu121
both old-python torch==1.10.0
both future-python numpy==2.5.0
both bad-requirement torch=2.8.0
both bad-file -r bad.txt
both no-file -r nothere.txt
both hash --no-deps --require-hashes -r hashes.txt
both only-binary --only-binary :all: flash-attn==2.5.8
both not-a-wheel nothere-1.0-py3-none-any.whl
record resolution/pip-wrong-platform $pip --platform manylinux2014_aarch64 --only-binary :all: --target t xformers==0.0.27
touch numpy-1.26.4-cp39-cp39-manylinux_2_17_x86_64.whl
both wrong-wheel ./numpy-1.26.4-cp39-cp39-manylinux_2_17_x86_64.whl
mkdir -p poetry && cat >poetry/pyproject.toml <<'P'
[tool.poetry]
name = "app"
version = "0.1.0"
description = ""
authors = []
[tool.poetry.dependencies]
python = ">=3.11,<3.12"
torch = "2.8.0"
torchvision = "0.18.1"
P
record resolution/poetry-pins clean/bin/poetry lock -C poetry -n
