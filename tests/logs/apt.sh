#!/bin/bash
# apt on a private root of its own, so that the host's lists and packages stay as they are. Debian or Ubuntu, as root.
# shellcheck disable=SC1091,SC2154,SC2086 # lib.sh sets what is used here, and options are split on purpose
. "$(dirname "$0")/lib.sh"
mkdir -p apt/{lists/partial,archives/partial,etc/apt.conf.d,etc/preferences.d,etc/trusted.gpg.d} repo
cp /var/lib/dpkg/status apt/status
options="-o Dir::State::lists=$work/apt/lists -o Dir::Cache::archives=$work/apt/archives -o Dir::State::status=$work/apt/status -o Dir::Etc::sourcelist=$work/apt/sources.list -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::trusted=/dev/null -o Dir::Etc::trustedparts=$work/apt/etc/trusted.gpg.d -o Acquire::Retries=0 -o Acquire::http::Timeout=3 -o Acquire::http::Proxy=DIRECT -o Acquire::https::Proxy=DIRECT -o APT::Sandbox::User=root"
source_is() { printf '%s\n' "$1" >apt/sources.list; }
mkdir -p repo/dists/stable/main/binary-amd64
cat >repo/dists/stable/main/binary-amd64/Packages <<'P'
Package: wants-nothing
Version: 1.0
Architecture: amd64
Depends: does-not-exist (>= 2)
Filename: pool/wants-nothing_1.0_amd64.deb
Size: 3
SHA256: 0000000000000000000000000000000000000000000000000000000000000000
Description: x

Package: gone
Version: 1.0
Architecture: amd64
Filename: pool/gone_1.0_amd64.deb
Size: 3
SHA256: 0000000000000000000000000000000000000000000000000000000000000000
Description: x

P
release()
{
    {
        printf 'Origin: x\nSuite: stable\nCodename: stable\nComponents: main\nArchitectures: amd64\nDate: %s\nSHA256:\n' "$(date -Ru)"
        cd repo/dists/stable && f=main/binary-amd64/Packages && printf ' %s %s %s\n' "$(sha256sum <$f | cut -d' ' -f1)" "$(stat -c %s $f)" $f
    } >"$work/Release"
    cd "$work" && mv Release repo/dists/stable/Release
}
release
source_is 'deb http://no-such-host.invalid/debian stable main'
record apt/unknown-host apt-get $options update
source_is 'deb http://localhost:1/debian stable main'
record apt/refused apt-get $options update
"$python" -m http.server 18081 --bind 127.0.0.1 --directory repo >/dev/null 2>&1 & server=$!
trap 'kill $server' EXIT
sleep 1
source_is 'deb http://localhost:18081 nosuite main'
record apt/no-release apt-get $options update
source_is 'deb http://localhost:18081 stable main'
record apt/unsigned apt-get $options update
source_is 'deb [trusted=yes] http://localhost:18081 stable main'
apt-get $options update >/dev/null
record apt/no-package apt-get $options install -y nothere-package
record apt/no-version apt-get $options install -y gone=9.9
record apt/unmet apt-get $options install -y --no-install-recommends wants-nothing
record apt/404 apt-get $options install -y gone
mkdir -p repo/pool && echo 12 >repo/pool/gone_1.0_amd64.deb
record apt/hash apt-get $options install -y gone
record apt/permission setpriv --reuid=65534 --clear-groups apt-get install -y nothere
source_is 'debx http://localhost:18081 stable main'
record apt/bad-source apt-get $options update
record apt/dpkg-not-a-package dpkg -i repo/pool/gone_1.0_amd64.deb
