#!/bin/bash
# Packages that do not fit together, met on import: NumPy's two ABIs, OpenCV, Hugging Face, and torch's own tests.
# shellcheck disable=SC1091,SC2154,SC2086 # lib.sh sets what is used here, and options are split on purpose
. "$(dirname "$0")/lib.sh"
environment numpy
pip="numpy/bin/python -m pip install -q --no-cache-dir"
$pip numpy==2.0.2 pandas==2.1.4 --no-deps 2>/dev/null; $pip python-dateutil pytz tzdata six
record python/pandas-old-abi numpy/bin/python -c 'import pandas'
$pip --no-deps scikit-learn==1.3.2 scipy==1.11.4 joblib threadpoolctl
record python/sklearn-old-abi numpy/bin/python -c 'import sklearn.tree'
$pip --no-deps opencv-python==4.8.1.78
record python/opencv-old-abi numpy/bin/python -c 'import cv2'
record python/numpy-float numpy/bin/python -c 'import numpy; numpy.float'
$pip numpy==1.26.4 'huggingface_hub==0.30.0' filelock fsspec packaging pyyaml requests tqdm typing-extensions
$pip --no-deps diffusers==0.24.0 transformers==4.36.2 tokenizers==0.15.2 safetensors regex importlib-metadata pillow zipp
record python/hub-name-gone numpy/bin/python -c 'import diffusers'
record python/hub-version numpy/bin/python -c 'import transformers, importlib.metadata as m; from transformers.utils.versions import require_version; require_version("huggingface_hub>=99")'
record python/no-module numpy/bin/python -c 'import nothere'
record python/no-module-main numpy/bin/python -m nothere
printf 'print "hello"\n' >old.py
record python/syntax-2 numpy/bin/python old.py
printf 'def f(:\n' >bad.py
record python/syntax numpy/bin/python bad.py
record python/compileall numpy/bin/python -m compileall -q bad.py
record python/no-file numpy/bin/python nothere.py
printf 'assert 1 == 2\n' >bare.py
record python/bare-assert numpy/bin/python bare.py
[ -x /usr/bin/python3 ] && record python/externally-managed /usr/bin/python3 -m pip install sampleproject
