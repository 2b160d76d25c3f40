# Creates the user that the image is for, if the base has none of that name, and the folders that are the user's.
#
# usage: user.sh NAME ID GROUP OWNER [FOLDER]...    (ID and GROUP may be empty; NAME may be an ID, which needs no entry)
set -eu
name=$1 id=$2 group=$3 owner=$4
shift 4

has_group() {
    cut -d: -f1,3 /etc/group | tr : '\n' | grep -qxF -e "$1"
}

add_group() {
    if command -v groupadd >/dev/null 2>&1; then
        groupadd "$1"
    else
        addgroup "$1"
    fi
}

add_user() {
    if command -v useradd >/dev/null 2>&1; then
        useradd --create-home ${id:+--uid "$id"} ${group:+--gid "$group"} "$name"
    else
        adduser -D ${id:+-u "$id"} ${group:+-G "$group"} "$name"
    fi
}

case $group in
'' | [0-9]*) ;;
*) has_group "$group" || add_group "$group" ;;
esac
case $name in
[0-9]*) ;;
*)
    id -u "$name" >/dev/null 2>&1 || add_user
    if [ -n "$id" ] && [ "$(id -u "$name")" != "$id" ]; then
        echo "slipway: user.id failed: the base has the user '$name' with the ID $(id -u "$name"), wanted $id" >&2
        exit 1
    fi
    ;;
esac
for folder; do
    [ -e "$folder" ] || { mkdir -p "$folder" && chown "$owner" "$folder"; }
done
