#!/bin/bash
# Builds that go well and talk much, with words that failures use too: nothing in their logs is a finding. Wants what
# engines.sh wants; downloads 150 MB.
# shellcheck disable=SC1091,SC2154 # lib.sh sets what is used here
. "$(dirname "$0")/lib.sh"
base=${1:?usage: green.sh IMAGE [NAME]}
name=${2:-docker}
docker=${DOCKER:-docker}
mkdir -p ctx
cp "${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt}" ctx/certificates.pem
cat >ctx/loud.c <<'C'
#include <stdio.h>
int main(int argc, char **argv) { unsigned failed = 0; int unused; printf("error: %d failed, no such file or directory\n", failed); return 0; }
C
cat >ctx/loud.py <<'P'
import logging, traceback, warnings
logging.basicConfig(level="DEBUG")
warnings.warn("CUDA is not available; running on the CPU")
logging.error("a first try failed: connection reset; trying again")
try:
    import nothere
except ImportError:
    traceback.print_exc()
print("0 errors, 0 failures: all tests passed")
P
cat >ctx/Dockerfile <<D
FROM $base
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make git cmake python3-venv python3-dev
COPY certificates.pem /certificates.pem
ENV PIP_CERT=/certificates.pem SSL_CERT_FILE=/certificates.pem
RUN python3 -m venv /venv && /venv/bin/pip install --no-cache-dir uv numpy==1.26.4 'scipy<1.13' requests flask
RUN /venv/bin/pip install --no-cache-dir --no-binary :all: markupsafe==2.1.5 -v
RUN /venv/bin/uv venv /second && VIRTUAL_ENV=/second /venv/bin/uv pip install pandas accelerate==0.34.1 --no-deps -v
COPY loud.c loud.py /
RUN gcc -Wall -Wextra -fanalyzer /loud.c -o /loud && /loud
RUN make -k -f /nothere || make --version; cmake --version; git clone /nothere || true
RUN /venv/bin/python -W default /loud.py; grep -r "fatal error" /etc || true
RUN apt-get remove -y cmake && ldconfig -v && find / -xdev -name '*.py' -size -64k | sort | head -n 400
D
case $("$docker" --version) in
podman*) record "green/$name" "$docker" --url "$DOCKER_HOST" build --no-cache ctx ;;
*)
    record "green/$name-buildkit" env DOCKER_BUILDKIT=1 "$docker" build --no-cache --progress plain ctx
    record "green/$name-classic" env DOCKER_BUILDKIT=0 "$docker" build --no-cache ctx
    ;;
esac
