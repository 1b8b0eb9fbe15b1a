#!/bin/sh
# Installs the built extension module and the package beside it into a virtual environment: the inner loop of
# development, with no maturin in it. Run it after `cargo build --release --workspace`. It copies only what changed.
#
#   bindings/python/develop.sh                  the package
#   bindings/python/develop.sh --test-tools     and what the tests and the linting need
#
# PYTHON=python3.12      another interpreter: build with PYO3_PYTHON set to the same
# VENV=target/venv       another place
# PROFILE=release        another profile's output
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=${VENV:-$root/target/venv}
library=${CARGO_TARGET_DIR:-$root/target}/${PROFILE:-release}/libauthwright_python.so

[ -f "$library" ] || { echo "$library is not there: run cargo build --${PROFILE:-release} --workspace" >&2; exit 1; }
[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"

site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("platlib"), sysconfig.get_config_var("EXT_SUFFIX"))')
package=${site% *}/authwright
mkdir -p "$package"

# By way of another name: a running process keeps the file that it has mapped.
place() {
    cmp -s "$1" "$2" || { cp "$1" "$2.new" && mv "$2.new" "$2"; }
}
place "$library" "$package/_core${site##* }"
for file in "$here"/python/authwright/*.py "$here"/python/authwright/*.pyi "$here"/python/authwright/py.typed; do
    place "$file" "$package/$(basename "$file")"
done

if [ "${1:-}" = --test-tools ]; then
    wanted=$here/requirements-test.txt
    cmp -s "$wanted" "$venv/requirements-test.txt" || {
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted"
        cp "$wanted" "$venv/requirements-test.txt"
    }
fi
