#!/bin/bash
# Two releases of torch in one site-packages, as pip --ignore-installed leaves them. Downloads 6 GB.
# shellcheck disable=SC1091,SC2154,SC2086 # lib.sh sets what is used here, and options are split on purpose
. "$(dirname "$0")/lib.sh"
environment overlay
pip="overlay/bin/python -m pip install --no-cache-dir"
$pip -q torch==2.3.1 'numpy<2'
record overlay/install $pip --ignore-installed blinker torch==2.8.0 bitsandbytes==0.48.1
record overlay/mm-configs overlay/bin/python -c 'import bitsandbytes'
record overlay/pip-check overlay/bin/python -m pip check
$pip -q --no-deps bitsandbytes==0.45.0
record overlay/triton overlay/bin/python -c 'import bitsandbytes'
rm -rf overlay
