#!/bin/sh
# Runs the fuzz targets, all or those named: `AW_FUZZ_SECONDS=600 fuzz/run.sh token key`. Fails on the first finding, and says
# where the input is that shows it. A finding becomes a vector before it is fixed.
set -eu
cd "$(dirname "$0")"

seconds=${AW_FUZZ_SECONDS:-60}
version=0.13.2
targets=${*:-json token key key_set policy sign c_abi login api_key}

# The sanitizer and the coverage of libFuzzer are unstable options of rustc. This lets the stable compiler that builds the
# product take them, so that what is fuzzed is what is shipped, and no second toolchain is needed.
export RUSTC_BOOTSTRAP=1

if [ "$(cargo fuzz --version 2>/dev/null)" != "cargo-fuzz $version" ]; then
    cargo install --locked cargo-fuzz --version "$version"
fi
# The C code of the crypto provider is built without the sanitizer, whose interceptors see its allocations all the same.
cargo fuzz build --fuzz-dir .
python3 seed.py

for target in $targets; do
    echo "== $target: $seconds seconds"
    case $target in
        key) dictionary=key.dict ;;
        c_abi) dictionary=c_abi.dict ;;
        *) dictionary=json.dict ;;
    esac
    # A second is ample for any input but an RSA key of the largest size on a busy machine.
    if ! cargo fuzz run --fuzz-dir . "$target" -- -max_total_time="$seconds" -timeout=30 -max_len=16384 \
        -dict="dictionaries/$dictionary" -print_final_stats=1; then
        echo "fuzz: $target has a finding; the input is the newest file in $PWD/artifacts/$target" >&2
        echo "fuzz: see it again:  RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir $PWD $target $PWD/artifacts/$target/FILE" >&2
        echo "fuzz: make it short: RUSTC_BOOTSTRAP=1 cargo fuzz tmin --fuzz-dir $PWD $target $PWD/artifacts/$target/FILE" >&2
        exit 1
    fi
done
