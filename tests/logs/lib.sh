# shellcheck shell=bash
# Shared by the scripts that provoke failures: sourced with bash.
#
#   record FAMILY/NAME COMMAND...       runs the command and keeps what it prints as FAMILY/NAME.log beside this file
#   told FAMILY/NAME WORDS COMMAND...   as record; the first finding's message must have one of the WORDS, which "|" parts (the file
#                                       `told`)
#
# What a log says of this machine is taken out: folders become those of an image, hosts example.org. ONLY, a regular expression, picks
# the logs that are made again.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=${WORK:-$(mktemp -d)}
mkdir -p "$work"
cd "$work" || exit 1
export LC_ALL=C.UTF-8 PIP_PROGRESS_BAR=off PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 NO_COLOR=1
python=${PYTHON:-python3}

clean()
{
    sed -E -e 's/\r$//' \
        -e "s#$work/[a-z]+/lib/(python3\.[0-9]+)/site-packages#/usr/local/lib/\1/site-packages#g" \
        -e "s#\./[a-z]+/lib/(python3\.[0-9]+)/site-packages#/usr/local/lib/\1/site-packages#g" \
        -e "s#$work/[a-z]+/(bin|lib|include)\b#/usr/local/\1#g" \
        -e "s#$work#/build#g" \
        -e "s#${TOOLS:-$work}/#/opt/tools/#g" -e "s#${SERVE:-$work}/#/opt/tools/serve/#g" -e "s#${ROOTS:-$work}/#/roots/#g" \
        -e 's#/[^ "'\'']*/versions/3\.[0-9.]+/(lib|bin|include)#/usr/local/\1#g' \
        -e 's#/tmp/[A-Za-z0-9._/-]*(pip|tmp|uv|tox)[A-Za-z0-9._-]*#/tmp/unpacked#g' \
        -e 's#[a-z]+\.io/library/#example.org/library/#g' \
        -e '/^Looking in (links|indexes):/d' -e '/^Using Python [0-9.]+ environment at/d' \
        -e '/pip version|notice\]/d' -e '/non-existent: /d' |
        perl -pe 's{(https?://|git\@|ssh://)(?!localhost|127\.|[\w.-]+\.invalid|github\.com|curl\.se|docs\.|download\.pytorch\.org/whl|pytorch\.org|www\.nvidia\.com|pip\.pypa\.io)[\w-]+(?:\.[\w-]+)+}{$1example.org}g' |
        cut -c1-1500
}

record()
{
    local name=$1
    shift
    [ -z "${ONLY:-}" ] || [[ $name =~ $ONLY ]] || return 0
    mkdir -p "$here/$(dirname "$name")"
    { timeout "${LIMIT:-600}" "$@" </dev/null || true; } 2>&1 | clean >"$here/$name.log"
    printf '%-40s %s lines\n' "$name" "$(wc -l <"$here/$name.log")"
}

told()
{
    local name=$1 words=$2
    shift 2
    record "$name" "$@"
    grep -qF -- "$name " "$here/told" || printf '%s %s\n' "$name" "$words" >>"$here/told"
}

# A virtual environment by that name, made once; its python and pip.
environment()
{
    [ -d "$work/$1" ] || "$python" -m venv "$work/$1"
}
