#!/bin/bash
# What engines say of Dockerfiles that fail. Wants DOCKER_HOST of an engine that has the image given as $1, and a client
# ($DOCKER, else docker): docker's, which without BuildKit asks only the classic builder, or podman.
# shellcheck disable=SC1091,SC2154,SC2086 # lib.sh sets what is used here, and options are split on purpose
. "$(dirname "$0")/lib.sh"
base=${1:?usage: engines.sh IMAGE [NAME]}
name=${2:-docker}
docker=${DOCKER:-docker}
case $("$docker" --version) in
podman*) podman=yes buildkit="" ;;
*) podman="" buildkit=$(printf 'FROM scratch\nLABEL a=b\n' | DOCKER_BUILDKIT=1 "$docker" build -q - 2>/dev/null) ;;
esac
build() # CASE, the Dockerfile on standard input
{
    mkdir -p "ctx" && cat >ctx/Dockerfile
    if [ -n "$podman" ]; then
        record "engines/$name-$1" "$docker" --url "$DOCKER_HOST" build --no-cache ctx
        return
    fi
    [ -z "$buildkit" ] || record "engines/$name-$1-buildkit" env DOCKER_BUILDKIT=1 "$docker" build --no-cache --progress plain ctx
    record "engines/$name-$1-classic" env DOCKER_BUILDKIT=0 "$docker" build --no-cache ctx
}
classic_only() # CASE, likewise
{
    buildkit="" build "$1"
}
printf 'FROM %s\nRUN echo one; echo two >&2; exit 3\n' "$base" | build run
printf 'FROM %s\nRUN exit 137\n' "$base" | build killed
printf 'FROM %s\nCOPY nothere /x\n' "$base" | build copy
printf 'FROM %s\nRUNX y\n' "$base" | build instruction
printf 'FROM nothere.invalid/x:1\n' | build host
printf 'FROM localhost:1/x:1\n' | build refused
printf 'FROM %s\nRUN --mount=type=cache,target=/x true\n' "$base" | classic_only mount
printf 'FROM %s\nRUN nothere --version\n' "$base" | build command
printf 'FROM %s AS a\nADD http://localhost:1/x /x\n' "$base" | build add
printf '' | build empty
printf 'FROM %s\nSHELL ["/bin/nothere", "-c"]\nRUN true\n' "$base" | build shell
printf 'FROM %s\nUSER nothere\nRUN true\n' "$base" | build user
printf 'FROM %s\nRUN --network=none true\nRUN cat <<EOF\nhello\nEOF\n' "$base" | build heredoc
[ -z "$podman" ] || exit 0
record "engines/$name-tag" "$docker" build -t 'UPPER:bad tag' ctx
record "engines/no-daemon" env DOCKER_HOST=unix:///nowhere/docker.sock "$docker" ps
