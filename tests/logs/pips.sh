#!/bin/bash
# Failures of pip in its releases from 20 to 26, of uv in three, and of the tools with lock files. Wants TOOLS: a folder of virtual
# environments p20, p21, p22, p24, p25, p26 (pip), uv02, uv04, uv09 (uv), poetry1, poetry2, pdm, pipenv, hatch.
# shellcheck disable=SC1091,SC2154,SC2016,SC2086,SC2103,SC2164 # lib.sh sets what is used here; the words are for other shells
. "$(dirname "$0")/lib.sh"
T=${TOOLS:?}
pack() # NAME SETUP.PY: a source distribution's folder
{
    mkdir -p "$1" && printf '%s\n' "$2" >"$1/setup.py"
}
pack s-import 'import numpy_gone_at_build
from setuptools import setup
setup(name="s_import", version="1")'
pack s-key 'import os
from setuptools import setup
setup(name="s_key", version=os.environ["MY_VERSION"])'
pack s-exit 'import sys
from setuptools import setup
sys.exit("this package needs CUDA_HOME to be set to a CUDA toolkit")'
pack s-c 'from setuptools import setup, Extension
setup(name="s_c", version="1", ext_modules=[Extension("s_c", ["x.c"])])'
echo '#include <rdma_gone/verbs.h>' >s-c/x.c
pack s-req 'from setuptools import setup
setup(name="s_req", version="1", install_requires=["numpy>=1.20,<1.0"])'
pack s-py 'from setuptools import setup
setup(name="s_py", version="1", python_requires=">=3.99")'
pack s-bad 'from setuptools import setup
setup(name="s_bad", version="not a version")'
pack s-sub 'import subprocess
from setuptools import setup
subprocess.check_call(["cmake_gone", ".."])
setup(name="s_sub", version="1")'
pack s-two 'from setuptools import setup
setup(name="s_two", version="1", packages=["nothere_package"])'
mkdir -p s-toml && printf '[build-system]\nrequires = ["setuptools"\n' >s-toml/pyproject.toml
mkdir -p s-backend && printf '[build-system]\nrequires = []\nbuild-backend = "backend_gone.api"\n[project]\nname="s_backend"\nversion="1"\n' >s-backend/pyproject.toml
mkdir -p s-flat/a s-flat/b && touch s-flat/a/__init__.py s-flat/b/__init__.py && printf '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n[project]\nname="s_flat"\nversion="1"\n' >s-flat/pyproject.toml
mkdir -p s-lic && printf '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n[project]\nname="s_lic"\nversion="1"\nreadme="README_gone.md"\n' >s-lic/pyproject.toml
echo 'requests==2.99.99' >r-version.txt
printf 'requests==2.31.0\nrequests==2.32.0\n' >r-double.txt
printf 'requests>=2\n-r more_gone.txt\n' >r-include.txt
printf 'flask==2.0.0\nwerkzeug==3.0.0\njinja2<3\n' >r-conflict.txt
printf -- '--find-links /nowhere\n--frobnicate\nx\n' >r-opt.txt
printf 'git+https://no-such-host.invalid/x.git@main#egg=x\n' >r-git.txt
printf 'x @ https://no-such-host.invalid/x-1.0-py3-none-any.whl\n' >r-url.txt
for p in p20 p22 p24 p26; do
    pip="$T/$p/bin/python -m pip install --no-cache-dir"
    for s in "import numpy_gone_at_build" "key MY_VERSION" "exit needs CUDA_HOME" "c rdma_gone/verbs.h" "sub cmake_gone"; do
        told "pips/$p-${s%% *}" "${s#* }" $pip ./s-${s%% *}
    done
    told "pips/$p-version" "2.99.99" $pip -r r-version.txt
    told "pips/$p-conflict" "jinja2|werkzeug" $pip -r r-conflict.txt
    told "pips/$p-include" "more_gone.txt" $pip -r r-include.txt
done
for p in p21 p25 p26; do
    pip="$T/$p/bin/python -m pip install --no-cache-dir"
    told "pips/$p-double" "equests" $pip -r r-double.txt
    told "pips/$p-py" "3.99" $pip ./s-py
    told "pips/$p-bad" "not a version" $pip ./s-bad
    told "pips/$p-two" "nothere_package" $pip ./s-two
    told "pips/$p-backend" "backend_gone" $pip ./s-backend
done
pip="$T/p26/bin/python -m pip install --no-cache-dir"
told pips/p26-req "numpy" $pip ./s-req
told pips/p26-toml "pyproject.toml" $pip ./s-toml
told pips/p26-flat "top-level packages" $pip ./s-flat
told pips/p26-readme "README_gone.md" $pip ./s-lic
told pips/p26-opt "frobnicate" $pip -r r-opt.txt
told pips/p26-git "no-such-host.invalid" $pip -r r-git.txt
told pips/p26-url "no-such-host.invalid" $pip -r r-url.txt --retries 0
told pips/p26-target "ermission denied" setpriv --reuid=65534 --clear-groups $pip --target /root/site six
told pips/p26-nodir "nothere_dir" $pip -e ./nothere_dir
told pips/p26-group "group" $pip --group gone
told pips/p26-extras "whl|nvalid" bash -c "touch 'x.whl'; $pip ./x.whl"
told pips/p26-zip "s-zip|zip" bash -c "echo junk >s_zip-1.0.tar.gz; $pip ./s_zip-1.0.tar.gz"
told pips/p26-hash "HASHES|hash" bash -c "echo 'six==1.16.0 --hash=sha256:$(printf %064d 0)' >r-h.txt; $pip -r r-h.txt"
told pips/p26-nobin "binary|six" $pip --only-binary :all: --platform win_amd64 --target t 'antlr4-python3-runtime==4.9.3'
told pips/p26-proxy "127.0.0.1|roxy" env http_proxy= https_proxy= $pip --proxy http://127.0.0.1:1 --retries 0 six
told pips/p26-wheel-cmd "wheel_gone|s-exit|CUDA_HOME" $T/p26/bin/python -m pip wheel ./s-exit
told pips/p26-unknown "frobnicate" $T/p26/bin/python -m pip frobnicate
told pips/p24-nomodule "No module named pip" bash -c "$T/p24/bin/python -m venv --without-pip np; np/bin/python -m pip install six"
for u in uv02 uv04 uv09; do
    uv="$T/$u/bin/uv pip install --no-cache --python $T/p24/bin/python"
    for s in "import numpy_gone_at_build" "key MY_VERSION" "exit needs CUDA_HOME" "c rdma_gone/verbs.h" "sub cmake_gone"; do
        told "pips/$u-${s%% *}" "${s#* }" $uv ./s-${s%% *}
    done
    told "pips/$u-version" "2.99.99" $uv -r r-version.txt
    told "pips/$u-conflict" "jinja2|werkzeug" $uv -r r-conflict.txt
    told "pips/$u-include" "more_gone.txt" $uv -r r-include.txt
done
uv="$T/uv09/bin/uv pip install --no-cache --python $T/p24/bin/python"
told pips/uv09-toml "pyproject.toml" $uv ./s-toml
told pips/uv09-backend "backend_gone" $uv ./s-backend
told pips/uv09-git "no-such-host.invalid" $uv -r r-git.txt
told pips/uv09-system "externally|virtual environment" bash -c "cd /; env -u VIRTUAL_ENV $T/uv09/bin/uv pip install six"
told pips/uv09-python "3.99" $T/uv09/bin/uv venv --no-python-downloads --python 3.99 v399
told pips/uv09-sync-lock "uv.lock" bash -c "mkdir -p u1; cd u1; printf '[project]\nname=\"x\"\nversion=\"1\"\nrequires-python=\">=3.9\"\ndependencies=[\"six\"]\n' >pyproject.toml; $T/uv09/bin/uv sync --frozen"
told pips/uv09-locked "needs to be updated" bash -c "cd u1; $T/uv09/bin/uv lock -q; sed -i 's/six/idna/' pyproject.toml; $T/uv09/bin/uv sync --locked"
told pips/uv09-nopyproject "pyproject.toml" bash -c "mkdir -p u2; cd u2; $T/uv09/bin/uv sync"
told pips/uv09-reqpy "requires-python|3.99" bash -c "mkdir -p u3; cd u3; printf '[project]\nname=\"x\"\nversion=\"1\"\nrequires-python=\">=3.99\"\n' >pyproject.toml; $T/uv09/bin/uv sync --no-python-downloads"
told pips/uv09-tool "gone_tool" bash -c "cd u1; $T/uv09/bin/uv run --frozen gone_tool_x"
told pips/uv09-group "gone" bash -c "cd u1; $T/uv09/bin/uv sync --frozen --group gone"
# lock files
proj() # FOLDER DEPENDENCIES
{
    mkdir -p "$1" && printf '[tool.poetry]\nname="x"\nversion="0.1"\ndescription=""\nauthors=[]\npackage-mode=false\n[tool.poetry.dependencies]\npython="%s"\n%s\n' "$2" "$3" >"$1/pyproject.toml"
}
for p in poetry1 poetry2; do
    P="$T/$p/bin/poetry --no-ansi"
    proj $p-a '>=3.9,<4' 'six = "1.16.0"'; (cd $p-a && $P lock -q)
    proj $p-a '>=3.9,<4' 'six = "1.15.0"'
    told "locks/$p-stale" "poetry.lock|lock file" bash -c "cd $p-a; $P install"
    proj $p-b '>=3.9,<4' 'requests = "99.1"'
    told "locks/$p-version" "requests" bash -c "cd $p-b; $P lock"
    proj $p-c '>=3.99' ''
    told "locks/$p-python" "3.99" bash -c "cd $p-c; $P install"
    proj $p-d '>=3.8' 'numpy = "2.1.0"'
    told "locks/$p-numpy" "numpy" bash -c "cd $p-d; $P lock"
    told "locks/$p-nofile" "pyproject.toml" bash -c "mkdir -p none; cd none; $P install"
    told "locks/$p-option" "frobnicate" bash -c "cd $p-a; $P install --frobnicate"
    told "locks/$p-group" "gone" bash -c "cd $p-a; $P install --with gone"
    proj $p-e '>=3.9,<4' 'six = {path = "../gone_path"}'
    told "locks/$p-path" "gone_path" bash -c "cd $p-e; $P lock"
    proj $p-f '>=3.9,<4' 'six = "=="'
    told "locks/$p-constraint" "constraint|==" bash -c "cd $p-f; $P lock"
done
told locks/poetry1-nodev "export" bash -c "cd poetry1-a; $T/poetry1/bin/poetry export -f requirements.txt --frobnicate"
told locks/poetry2-nodev "no-dev" bash -c "cd poetry2-a; $T/poetry2/bin/poetry --no-ansi install --no-dev"
D="$T/pdm/bin/pdm"
mkdir -p pdm-a && printf '[project]\nname="x"\nversion="1"\nrequires-python=">=3.9"\ndependencies=["requests==99.1"]\n' >pdm-a/pyproject.toml
told locks/pdm-version "requests" bash -c "cd pdm-a; $D lock"
told locks/pdm-nolock "pdm.lock|lock" bash -c "cd pdm-a; $D sync"
mkdir -p pdm-b && printf '[project]\nname="x"\nversion="1"\nrequires-python=">=3.8"\ndependencies=["numpy==2.1.0"]\n' >pdm-b/pyproject.toml
told locks/pdm-python "numpy|3.8" bash -c "cd pdm-b; $D lock"
told locks/pdm-toml "pyproject.toml|TOML|nvalid|Unexpected" bash -c "mkdir -p pdm-c; cd pdm-c; echo '[project' >pyproject.toml; $D install"
told locks/pdm-stale "hash|not up to date|lock" bash -c "mkdir -p pdm-d; cd pdm-d; printf '[project]\nname=\"x\"\nversion=\"1\"\nrequires-python=\">=3.9\"\ndependencies=[\"six\"]\n' >pyproject.toml; $D lock -q; sed -i s/six/idna/ pyproject.toml; $D install --frozen-lockfile --check; $D lock --check"
N="env PIPENV_NOSPIN=1 PIPENV_IGNORE_VIRTUALENVS=1 WORKON_HOME=$work/envs $T/pipenv/bin/pipenv"
mkdir -p pe-a && printf '[packages]\nrequests="==99.1"\n' >pe-a/Pipfile
told locks/pipenv-version "requests|99.1" bash -c "cd pe-a; $N lock"
mkdir -p pe-b && printf '[packages]\nsix="*"\n[requires]\npython_version="3.99"\n' >pe-b/Pipfile
told locks/pipenv-python "3.99" bash -c "cd pe-b; $N install"
told locks/pipenv-deploy "out of date|Pipfile.lock" bash -c "cd pe-a; echo '{\"_meta\":{\"hash\":{\"sha256\":\"0\"},\"pipfile-spec\":6,\"requires\":{},\"sources\":[]},\"default\":{},\"develop\":{}}' >Pipfile.lock; $N install --deploy"
told locks/pipenv-nopip "Pipfile" bash -c "mkdir -p pe-c; cd pe-c; $N sync"
told locks/hatch-env "gone" bash -c "mkdir -p ha; cd ha; printf '[project]\nname=\"x\"\nversion=\"1\"\n' >pyproject.toml; $T/hatch/bin/hatch -e gone run true"
