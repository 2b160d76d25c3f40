# Brings the keys of package repositories, and the certificates that apt needs for HTTPS.
#
# usage: repositories.sh HTTPS [URL SHA256 FILE]...    (HTTPS: "true" if a URL needs certificates; SHA256 may be empty for a key that
#        apt holds to its fingerprint)
set -eu
umask 022
keys=/etc/apt/keyrings

apt() {
    apt-get -qq -o Dir::State::lists=/var/cache/apt/lists "$@"
}

if [ "$1" = true ] && [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then
    rm -f /etc/apt/apt.conf.d/docker-clean
    mkdir -p /var/cache/apt/lists
    apt update
    DEBIAN_FRONTEND=noninteractive apt install -y --no-install-recommends ca-certificates
fi
shift
mkdir -p "$keys"
while [ $# -gt 0 ]; do
    /usr/lib/apt/apt-helper download-file "$1" "$3" ${2:+"SHA256:$2"}
    shift 3
done

# apt takes a file for armoured or binary by its name, which here says armoured; of the armour it reads neither headers nor a checksum.
for key in "$keys"/slipway-*.asc; do
    [ -e "$key" ] || continue
    chmod 644 "$key"
    if ! grep -q -e '-----BEGIN PGP PUBLIC KEY BLOCK-----' "$key"; then
        { echo '-----BEGIN PGP PUBLIC KEY BLOCK-----'; echo; base64 "$key"; echo '-----END PGP PUBLIC KEY BLOCK-----'; } >"$key.new"
        mv "$key.new" "$key"
    fi
done
