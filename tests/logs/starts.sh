#!/bin/bash
# Starts of services that fail: uvicorn, gunicorn, celery, hypercorn, and scripts in Python. Wants the environment variable SERVE: a
# virtual environment with uvicorn, gunicorn, celery[redis], fastapi, flask, huggingface_hub.
# shellcheck disable=SC1091,SC2154,SC2016,SC2086,SC2103,SC2164 # lib.sh sets what is used here; the words are for other shells
. "$(dirname "$0")/lib.sh"
V=${SERVE:?}/bin
mkdir -p app && cd app
echo 'from fastapi import FastAPI
app = FastAPI()' >good.py
echo 'from fastapi import FastAPI
import orjson_gone
app = FastAPI()' >badimp.py
echo 'import os
MODEL = os.environ["MODEL_PATH"]
app = None' >keyerr.py
echo 'from fastapi import FastAPI
from contextlib import asynccontextmanager
@asynccontextmanager
async def lifespan(app):
    raise RuntimeError("no weights under /models/llama")
    yield
app = FastAPI(lifespan=lifespan)' >life.py
echo 'def app(environ, start):
    return 1/0
x: int = "a"' >wsgi.py
echo 'import sys
sys.exit("MODEL_ID must be set")' >exits.py
echo 'def broken(:
    pass' >syn.py
told starts/uvicorn-module "nothere_main" $V/uvicorn nothere_main:app
told starts/uvicorn-attr 'Attribute "application"' $V/uvicorn good:application
told starts/uvicorn-format "must be in format" $V/uvicorn good
told starts/uvicorn-dep "orjson_gone" $V/uvicorn badimp:app
told starts/uvicorn-env "MODEL_PATH" $V/uvicorn keyerr:app
told starts/uvicorn-lifespan "no weights under /models/llama" $V/uvicorn life:app
told starts/uvicorn-syntax "invalid syntax|SyntaxError" $V/uvicorn syn:app
told starts/uvicorn-opt "frobnicate" $V/uvicorn good:app --frobnicate
told starts/uvicorn-ssl "gone.pem|No such file" $V/uvicorn good:app --ssl-keyfile gone.pem --ssl-certfile gone.pem
told starts/uvicorn-lowport "ermission denied|in use|not available|nable to bind|assign requested" setpriv --reuid=65534 --clear-groups $V/uvicorn good:app --host 203.0.113.9 --port 80
$V/python -m http.server 18123 --bind 127.0.0.1 >/dev/null 2>&1 & holder=$!
sleep 2
told starts/uvicorn-port "18123|address already in use" $V/uvicorn good:app --port 18123
told starts/gunicorn-port "18123|in use" timeout 20 $V/gunicorn -b 127.0.0.1:18123 good:app
told starts/hypercorn-port "in use" timeout 20 $V/hypercorn -b 127.0.0.1:18123 good:app
told starts/flask-port "Failed to find Flask application" timeout 20 $V/flask --app wsgi run --port 18123
kill $holder
told starts/gunicorn-module "nothere_mod" timeout 20 $V/gunicorn nothere_mod:app
told starts/gunicorn-attr "application_gone" timeout 20 $V/gunicorn good:application_gone
told starts/gunicorn-dep "orjson_gone" timeout 20 $V/gunicorn badimp:app
told starts/gunicorn-class "uvicorn_gone" timeout 20 $V/gunicorn -k uvicorn_gone.workers.W good:app
told starts/gunicorn-worker-exit "MODEL_ID must be set|Worker failed to boot" timeout 20 $V/gunicorn exits:app
told starts/gunicorn-opt "frobnicate" timeout 20 $V/gunicorn --frobnicate good:app
told starts/gunicorn-conf "gone.conf.py" timeout 20 $V/gunicorn -c gone.conf.py good:app
echo 'from celery import Celery
app = Celery("t", broker="redis://127.0.0.1:1/0")
app.conf.broker_connection_retry_on_startup=False' >cel.py
told starts/celery-module "nothere_cel" timeout 40 $V/celery -A nothere_cel worker
told starts/celery-broker "127.0.0.1:1|Connection refused" timeout 60 $V/celery -A cel worker --concurrency 1
told starts/celery-opt "frobnicate" timeout 40 $V/celery -A cel worker --frobnicate
told starts/flask-app "nothere_flask" timeout 20 $V/flask --app nothere_flask run
told starts/hypercorn-module "nothere_h" timeout 20 $V/hypercorn nothere_h:app
# scripts
told starts/py-exit "MODEL_ID must be set" $V/python exits.py
told starts/py-nofile "serve_gone.py" $V/python serve_gone.py
told starts/py-module "vllm_gone" $V/python -m vllm_gone.entrypoints
told starts/py-circular "circular import|partially initialized" bash -c 'echo "from bb import y
x=1" >aa.py; echo "from aa import x
y=1" >bb.py; exec '$V'/python aa.py'
told starts/py-shadow "cannot import name .Random" bash -c 'mkdir -p sh; echo "" >sh/random.py; cd sh; exec '$V'/python -c "import tempfile, random; print(random.randint(1,2))"'
told starts/py-hf-401 "401|nauthorized|Cannot access|offline|resolve|onnect" $V/python -c 'from huggingface_hub import hf_hub_download as h; h("acme/private","config.json",endpoint="http://127.0.0.1:1")'
told starts/py-hf-offline "offline|OfflineMode|LocalEntryNotFound" env HF_HUB_OFFLINE=1 HF_HOME=$work/hf $V/python -c 'from huggingface_hub import snapshot_download as s; s("meta-llama/Llama-3.1-8B")'
told starts/py-hf-name "Repo id|repo id" $V/python -c 'from huggingface_hub import hf_hub_download as h; h("/models/llama/7b/x","config.json")'
told starts/py-hf-cached-download "cached_download" $V/python -c 'from huggingface_hub import cached_download'
told starts/py-hf-folder "HfFolder" $V/python -c 'from huggingface_hub import HfFolder'
told starts/py-json "Expecting" bash -c 'echo "{\"a\": 1,}" >config.json; exec '$V'/python -c "import json; json.load(open(\"config.json\"))"'
told starts/py-ctypes "libnvinfer_gone.so.10" $V/python -c 'import ctypes; ctypes.CDLL("libnvinfer_gone.so.10")'
told starts/py-imp imp_gone_since_312 $V/python -c 'import importlib; importlib.import_module("imp_gone_since_312")'
told starts/py-assert "tensor parallel size" $V/python -c 'tp=3
assert 32 % tp == 0, "heads must be divisible by tensor parallel size"'
told starts/py-typeerror "unexpected keyword argument 'proxies'" $V/python -c '
class C:
    def __init__(self, x): pass
C(1, proxies=None)'
told starts/py-fork "CUDA_VISIBLE_DEVICES|invalid literal" env CUDA_VISIBLE_DEVICES=all $V/python -c 'import os; print([int(x) for x in os.environ["CUDA_VISIBLE_DEVICES"].split(",")])'
told starts/py-redis "127.0.0.1:1|Connection refused" $V/python -c 'import redis; redis.Redis(port=1).ping()'
told starts/py-pydantic "port" $V/python -c '
from pydantic import BaseModel
class S(BaseModel):
    port: int
S(port="eighty")'
told starts/py-ssl "CERTIFICATE_VERIFY_FAILED|refused" $V/python -c 'import urllib.request as u; u.urlopen("https://127.0.0.1:1/x")'
told starts/py-stack "Segmentation fault" bash -c "$V/python -X faulthandler -c 'import ctypes; ctypes.string_at(1)'"
told starts/py-bus "SystemExit|exit|returned non-zero exit status 3" $V/python -c 'import subprocess; subprocess.run(["sh","-c","echo preparing; exit 3"],check=True)'
told starts/py-sub-missing "ffmpeg_gone" $V/python -c 'import subprocess; subprocess.run(["ffmpeg_gone","-i","x"],check=True)'
told starts/py-timeout "timed out" $V/python -c 'import subprocess; subprocess.run(["sleep","5"],timeout=1)'
told starts/py-mem "MemoryError|Cannot allocate|nable to allocate" bash -c "ulimit -v 300000; $V/python -c 'x=bytearray(10**9)'"
told starts/py-files "Too many open files" bash -c "ulimit -n 20; $V/python -c '
f=[open(\"/dev/null\") for _ in range(40)]'"
told starts/py-readonly "Read-only file system|Permission denied" setpriv --reuid=65534 --clear-groups $V/python -c 'import os; os.makedirs("/root/.cache/huggingface/hub")'
told starts/py-thread "can't start new thread" bash -c "ulimit -u 20; exec setpriv --reuid=65533 --clear-groups $V/python -c '
import threading,time
for _ in range(60): threading.Thread(target=time.sleep,args=(3,)).start()'"
