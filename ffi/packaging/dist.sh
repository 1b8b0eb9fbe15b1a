#!/usr/bin/env bash
# Packs the installed tree for this platform: dist/authwright-<version>-<platform>.tar.gz. The tree works wherever it is
# unpacked, and the same build gives the same archive, byte for byte.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
version=$(sed -n '/^\[workspace.package\]/,/^\[/ s/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml")
platform=$(rustc -vV | sed -n 's/^host: //p' | sed 's/-unknown-/-/')
name=authwright-$version-$platform

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
"$here/install.sh" --prefix "/$name" --destdir "$stage" --relocatable "$@" >/dev/null
mkdir -p "$root/dist"
epoch=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || echo 0)}
if tar --version 2>/dev/null | grep GNU >/dev/null; then
    tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$epoch" -cf - "$name"
else
    tar -C "$stage" -cf - "$name"
fi | gzip -n -9 >"$root/dist/$name.tar.gz"
echo "dist/$name.tar.gz"
