#!/usr/bin/env bash
# Every test of the C and C++ front end, after `make build`.
#
#   tests/c/run.sh [section...]      without arguments: all of them
#
# AW_BUILD=DIR         where the library was built (target/release)
# AW_REQUIRE_ALL=1     a missing tool is a failure instead of a loud skip
# AW_PROVIDER=ring     the library was built with ring, and without what AW_WITHOUT may name
# AW_WITHOUT="http"    the library was built without this, on purpose: "http", "sqlite", "redis"
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
without=${AW_WITHOUT:-}
[ "${AW_PROVIDER:-}" != ring ] || without='http sqlite redis'
build=$(cd "${AW_BUILD:-$root/target/release}" && pwd)
include=$root/include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

warnings=(-Wall -Wextra -Wpedantic -Werror)
link=(-L"$build" -lauthwright -Wl,-rpath,"$build")
sanitize=(-g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
valgrind=(valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,possible)

section() { printf '\n== %s\n' "$*"; }

# Whether a tool is there. Its absence is said loudly, or is a failure where everything must run.
need() {
    command -v "$1" >/dev/null && return 0
    if [ -n "${AW_REQUIRE_ALL:-}" ]; then
        echo "FAILED: $1 is not installed" >&2
        exit 1
    fi
    echo "SKIPPED: $1 is not installed"
    return 1
}

# Whether the library has "http", "sqlite" or "redis". Packagers may leave them out; where nobody says so, it is a failure.
has() {
    if [ ! -x "$work/has" ]; then
        cat >"$work/has.c" <<-'END'
	#include <authwright.h>
	#include <string.h>
	int main(int argc, char **argv) {
	    const char *name = argv[argc - 1];
	    aw_http_client *client = NULL;
	    aw_store *store = NULL;
	    aw_status status = strcmp(name, "http") == 0
	                           ? aw_http_client_new("{}", AW_NUL, &client, NULL)
	                           : aw_store_open(strcmp(name, "redis") == 0 ? "redis://127.0.0.1" : "sqlite:none", AW_NUL,
	                                           NULL, 0, &store, NULL);
	    aw_http_client_free(client);
	    aw_store_free(store);
	    return status == AW_ERR_TRANSPORT_UNSUPPORTED;
	}
	END
        gcc -I"$include" "$work/has.c" "${link[@]}" -o "$work/has"
    fi
    "$work/has" "$1" && return 0
    case " $without " in
        *" $1 "*) echo "the library was built without $1" && return 1 ;;
    esac
    echo "FAILED: the library has no $1" >&2
    exit 1
}

# Whether a compiler knows a language standard: older ones know fewer.
knows() { echo | "$1" -std="$2" -x "$3" -fsyntax-only - 2>/dev/null; }

# The header alone, in every standard that the compilers know: it includes all that it needs and offends nobody.
headers() {
    section 'headers: alone, under every compiler and standard'
    local compiler standard exceptions
    for compiler in gcc clang; do
        need $compiler || continue
        for standard in c99 c11 c17 c2x gnu17; do
            knows $compiler $standard c || { echo "$compiler does not know $standard"; continue; }
            echo '#include "authwright.h"' | $compiler -std=$standard -x c "${warnings[@]}" -I"$include" -fsyntax-only -
        done
    done
    for compiler in g++ clang++; do
        need $compiler || continue
        for standard in c++11 c++14 c++17 c++20; do
            knows $compiler $standard c++ || { echo "$compiler does not know $standard"; continue; }
            echo '#include "authwright.h"' | $compiler -std=$standard -x c++ "${warnings[@]}" -I"$include" -fsyntax-only -
        done
        for standard in c++17 c++20; do
            for exceptions in -fexceptions -fno-exceptions; do
                echo '#include "authwright.hpp"' |
                    $compiler -std=$standard $exceptions -fno-rtti -x c++ "${warnings[@]}" -I"$include" -fsyntax-only -
            done
        done
    done
    echo ok
}

# The shared library exports the functions of the header, and nothing else. BLESS=1 writes the golden list anew.
symbols() {
    section 'symbols: the golden list'
    need nm || return 0
    local golden=$root/ffi/tests/symbols.txt name
    nm -D --defined-only "$build/libauthwright.so" | awk '{ print $3 }' | LC_ALL=C sort >"$work/symbols"
    if [ -n "${BLESS:-}" ]; then cp "$work/symbols" "$golden"; fi
    diff -u "$golden" "$work/symbols"
    while read -r name; do
        grep -qF "$name(" "$include/authwright.h" || { echo "FAILED: $name is exported but not in the header" >&2; return 1; }
    done <"$work/symbols"
    echo ok
}

pinned() {
    section 'pinned: numbers, sizes and versions'
    gcc -std=c11 "${warnings[@]}" -I"$include" "$here/pinned.c" "${link[@]}" -o "$work/pinned" && "$work/pinned"
    g++ -std=c++17 "${warnings[@]}" -I"$include" -x c++ "$here/pinned.c" -x none "${link[@]}" -o "$work/pinned++" &&
        "$work/pinned++"
}

vectors() {
    section 'vectors: the corpus, under the sanitizers'
    gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$here/vectors.c" "${link[@]}" -o "$work/vectors-asan"
    python3 "$here/vectors.py" "$work/vectors-asan"
    section 'vectors: every tenth, under valgrind'
    if need valgrind; then
        gcc -std=c11 -g -I"$include" "$here/vectors.c" "${link[@]}" -o "$work/vectors"
        python3 "$here/vectors.py" --every 10 "${valgrind[@]}" "$work/vectors"
    fi
}

misuse() {
    section 'misuse: under the sanitizers'
    gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$here/misuse.c" "${link[@]}" -lm -o "$work/misuse-asan"
    "$work/misuse-asan"
    section 'misuse: under valgrind'
    if need valgrind; then
        gcc -std=c11 -g -I"$include" "$here/misuse.c" "${link[@]}" -lm -o "$work/misuse"
        "${valgrind[@]}" "$work/misuse"
    fi
}

operations() {
    section 'operations: driven by hand, under the sanitizers'
    gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$here/operations.c" "${link[@]}" -o "$work/operations-asan"
    "$work/operations-asan"
    section 'operations: under valgrind'
    if need valgrind; then
        gcc -std=c11 -g -I"$include" "$here/operations.c" "${link[@]}" -o "$work/operations"
        "${valgrind[@]}" "$work/operations"
    fi
}

logins() {
    section 'logins: driven by hand, under the sanitizers'
    gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$here/logins.c" "${link[@]}" -o "$work/logins-asan"
    "$work/logins-asan"
    section 'logins: under valgrind'
    if need valgrind; then
        gcc -std=c11 -g -I"$include" "$here/logins.c" "${link[@]}" -o "$work/logins"
        "${valgrind[@]}" "$work/logins"
    fi
}

# Stores of the library's and of a program's own: conformance, threads, forks.
stores() {
    section 'stores: under the sanitizers'
    has sqlite || echo 'and the test does without it'
    mkdir -p "$work/stores-asan" "$work/stores-valgrind"
    gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$here/stores.c" "${link[@]}" -pthread \
        -o "$work/stores-asan/run"
    "$work/stores-asan/run" "$work/stores-asan"
    section 'stores: under valgrind'
    if need valgrind; then
        gcc -std=c11 -g -I"$include" "$here/stores.c" "${link[@]}" -pthread -o "$work/stores-valgrind/run"
        # SQLite, and what is static behind an Arc, are pointed to from inside only. LeakSanitizer knows, and has looked.
        "${valgrind[@]}" --show-leak-kinds=definite --errors-for-leak-kinds=definite "$work/stores-valgrind/run" \
            "$work/stores-valgrind"
    fi
}

api_keys() {
    section 'api_keys: under the sanitizers'
    gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$here/api_keys.c" "${link[@]}" -pthread \
        -o "$work/api_keys-asan"
    "$work/api_keys-asan"
    if has sqlite; then
        AW_ROUNDS=20 "$work/api_keys-asan" "sqlite:$work/api_keys.db"
    fi
    section 'api_keys: under valgrind'
    if need valgrind; then
        gcc -std=c11 -g -I"$include" "$here/api_keys.c" "${link[@]}" -pthread -o "$work/api_keys"
        AW_ROUNDS=5 "${valgrind[@]}" "$work/api_keys"
    fi
}

# Children of a process whose threads are in the middle of checks, on every kind of store.
forks() {
    section 'forks: in the middle of checks'
    gcc -std=c11 -O2 "${warnings[@]}" -I"$include" "$here/forks.c" "${link[@]}" -pthread -o "$work/forks"
    "$work/forks" memory:
    if has sqlite; then
        "$work/forks" "sqlite:$work/forks.db"
    fi
    if has redis; then
        python3 "$root/tests/servers/redis_server.py" run -- "$work/forks" redis
    fi
}

# The scenarios of all languages, on every kind of store.
key_scenarios() {
    section 'key_scenarios: under the sanitizers'
    has sqlite && has redis || return 0
    gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$here/agent.c" "${link[@]}" -pthread -o "$work/key-agent"
    python3 "$root/tests/scenarios/run_api_keys.py" -- "$work/key-agent"
}

# Threads, forks and background fetches against a server, and the scenarios of all languages.
remote() {
    section 'remote: a hundred threads, forks, fetches in the background'
    has http || return 0
    gcc -std=c11 -O2 "${warnings[@]}" -I"$include" "$here/live.c" "${link[@]}" -pthread -o "$work/live"
    "$here/live.py" "$work/live"
    section 'remote: under the sanitizers'
    gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$here/live.c" "${link[@]}" -pthread -o "$work/live-asan"
    AW_ROUNDS=100 "$here/live.py" "$work/live-asan"
    section 'remote: the scenarios'
    gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$here/agent.c" "${link[@]}" -pthread -o "$work/agent"
    "$root/tests/scenarios/run.py" --unsupported '' -- "$work/agent"
    # A call that blocks cannot be cancelled.
    "$root/tests/scenarios/run_logins.py" --unsupported manager-cancelled -- "$work/agent"
}

# One refresh for all threads, whose answer is kept, and what a child of a fork has of it.
managers() {
    section 'managers: threads, and forks in the middle of a refresh'
    has http || return 0
    gcc -std=c11 -O2 "${warnings[@]}" -I"$include" "$here/managers.c" "${link[@]}" -pthread -o "$work/managers"
    "$here/managers.py" "$work/managers"
    section 'managers: under the sanitizers'
    gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$here/managers.c" "${link[@]}" -pthread \
        -o "$work/managers-asan"
    "$here/managers.py" "$work/managers-asan"
}

# The scenarios again, their requests sent by the example's event loop.
steps() {
    section 'steps: the scenarios, through libcurl in an event loop'
    if need_curl; then
        gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -DWITH_CURL -I"$include" "$here/agent.c" "${link[@]}" \
            -lcurl -pthread -o "$work/agent-curl"
        # The example's event loop has no options: no time-out, authority or certificate that a scenario asks for.
        local tls=tls,tls-wrong-name,tls-expired,tls-untrusted,tls-client,tls-client-missing,tls-client-untrusted,tls-reset
        "$root/tests/scenarios/run.py" --unsupported "http-timeout,$tls" -- "$work/agent-curl" --steps
        local mtls=oidc-client-tls_client_auth,oidc-client-self_signed_tls_client_auth
        mtls=$mtls,oidc-no-certificate,oidc-wrong-certificate
        "$root/tests/scenarios/run_logins.py" --unsupported "$mtls,manager-cancelled" -- "$work/agent-curl" --steps
    fi
}

# The example's web application, used as a user does.
login_app() {
    section 'login_app: the web application, under the sanitizers'
    need_header microhttpd.h libmicrohttpd-dev || return 0
    gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$root/examples/c/login_libmicrohttpd.c" "${link[@]}" \
        -lmicrohttpd -pthread -o "$work/login_app"
    if has http; then
        "$here/login_app.py" "$work/login_app"
    fi
}

# Whether the headers of a library are there, in which package of Debian they would be.
need_header() {
    echo "#include <$1>" | gcc -x c -fsyntax-only - 2>/dev/null && return 0
    if [ -n "${AW_REQUIRE_ALL:-}" ]; then
        echo "FAILED: $1 is not installed ($2)" >&2
        exit 1
    fi
    echo "SKIPPED: $1 is not installed ($2)"
    return 1
}

need_curl() { need_header curl/curl.h libcurl4-openssl-dev; }

threads() {
    section 'threads: one verifier, eight threads'
    gcc -std=c11 -O2 "${warnings[@]}" -I"$include" "$here/threads.c" "${link[@]}" -pthread -o "$work/threads"
    "$work/threads"
    section 'threads: under the sanitizers'
    gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$here/threads.c" "${link[@]}" -pthread \
        -o "$work/threads-asan"
    AW_ROUNDS=200 "$work/threads-asan"
}

memory() {
    section 'memory: no allocation beyond the token, flat over many calls'
    gcc -std=c11 -O2 "${warnings[@]}" -D_DEFAULT_SOURCE -I"$include" "$here/memory.c" "${link[@]}" -o "$work/memory"
    "$work/memory" "${AW_CALLS:-300000}"
}

cpp() {
    section 'C++: the classes'
    local compiler
    for compiler in g++ clang++; do
        need $compiler || continue
        $compiler -std=c++17 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$here/raii.cpp" "${link[@]}" -o "$work/raii"
        "$work/raii"
    done
}

examples() {
    section 'examples: they compile without a warning and do what they say'
    local examples=$root/examples name algorithm
    for name in quickstart interop verify_issuer api_keys; do
        gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$examples/c/$name.c" "${link[@]}" -o "$work/$name-c"
        g++ -std=c++17 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$examples/cpp/$name.cpp" "${link[@]}" \
            -o "$work/$name-cpp"
    done
    "$work/quickstart-c" && "$work/quickstart-cpp"
    "$work/api_keys-c" && "$work/api_keys-cpp"
    if has sqlite; then
        # Both on one file.
        "$work/api_keys-c" "sqlite:$work/example.db" && "$work/api_keys-cpp" "sqlite:$work/example.db"
    fi
    gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$examples/c/issue_and_check.c" "${link[@]}" \
        -o "$work/issue_and_check-c"
    # Every letter of base64 that base64url has not, and what is neither.
    echo 'check nonsense read' | PEPPER='+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/8=' "$work/issue_and_check-c" memory: |
        diff <(echo ERR_API_KEY_INVALID) -
    for name in '' 'a pepper of 32 bytes, or of more' '+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/8=8'; do
        if PEPPER=$name "$work/issue_and_check-c" memory: 2>"$work/stderr" </dev/null; then exit 1; fi
        grep -q 'PEPPER in base64' "$work/stderr"
    done
    if need_curl; then
        gcc -std=c11 "${warnings[@]}" "${sanitize[@]}" -I"$include" "$examples/c/verify_issuer_curl.c" "${link[@]}" \
            -lcurl -o "$work/verify_issuer_curl-c"
    fi
    if has http; then
        "$here/issuer.py" "$work"/verify_issuer*-c*
    fi
    cat >"$work/key.json" <<-'END'
	{"kty": "oct", "alg": "HS256", "k": "YW4gZXhhbXBsZSBzZWNyZXQgb2YgMzIgYnl0ZXMuLi4"}
	END
    { "$work/interop-c" sign "$work/key.json" HS256; "$work/interop-cpp" sign "$work/key.json" HS256; echo rubbish; } \
        >"$work/tokens"
    printf 'ok alice c\nok alice cpp\nERR_TOKEN_MALFORMED\n' >"$work/expected"
    for name in interop-c interop-cpp; do
        "$work/$name" verify "$work/key.json" <"$work/tokens" | diff "$work/expected" -
        if "$work/$name" sign "$work/key.json" ES256 2>"$work/stderr"; then exit 1; fi
        grep -q ERR_KEY_MISMATCH "$work/stderr"
    done
    echo ok
}

# A program outside the repository, with nothing but the installed tree.
install() {
    section 'install: pkg-config, CMake, DESTDIR, moved tree'
    local prefix=$work/prefix
    "$root/ffi/packaging/install.sh" --prefix "$prefix" --build "$build"
    cp -r "$here/consumer" "$work/consumer"
    if need pkg-config; then
        (
            export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
            cd "$work/consumer"
            # shellcheck disable=SC2046  # words are wanted
            gcc main.c $(pkg-config --cflags --libs authwright) -o shared
            LD_LIBRARY_PATH=$prefix/lib ./shared
            # Not `grep -q`: it stops reading at what it finds, and ldd may fail of that.
            ldd shared | grep libauthwright.so.0.1 >/dev/null
            # glibc warns about functions of the standard library that nothing here calls.
            # shellcheck disable=SC2046
            gcc -static main.c $(pkg-config --static --cflags --libs authwright) -o static 2>static.log ||
                { cat static.log; exit 1; }
            ./static
            # A static authwright in an otherwise dynamic program: the usual wish.
            # shellcheck disable=SC2046
            gcc main.c $(pkg-config --static --cflags --libs authwright |
                sed 's/-lauthwright/-Wl,-Bstatic -lauthwright -Wl,-Bdynamic/') -o mixed
            ./mixed
            if ldd mixed | grep authwright; then exit 1; fi
            pkg-config --exists 'authwright >= 0.1' && ! pkg-config --exists 'authwright >= 1000'
        )
    fi
    if need cmake; then
        cmake -S "$work/consumer" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$prefix" >"$work/cmake.log" 2>&1 &&
            cmake --build "$work/cmake" >>"$work/cmake.log" 2>&1 || { cat "$work/cmake.log"; exit 1; }
        "$work/cmake/shared" && "$work/cmake/static" && "$work/cmake/shared_cpp"
        if ldd "$work/cmake/static" | grep authwright; then exit 1; fi
    fi
    "$root/ffi/packaging/install.sh" --prefix /usr --libdir lib/x86_64-linux-gnu --destdir "$work/root" --build "$build"
    grep -qx 'prefix=/usr' "$work/root/usr/lib/x86_64-linux-gnu/pkgconfig/authwright.pc"
    if grep -rIl "$work" "$work/root"; then exit 1; fi
    test "$(readlink "$work/root/usr/lib/x86_64-linux-gnu/libauthwright.so")" = libauthwright.so.0.1
    # The archive's tree works wherever it lands.
    "$root/ffi/packaging/install.sh" --prefix /authwright --destdir "$work/stage" --relocatable --build "$build"
    mv "$work/stage/authwright" "$work/moved"
    if need pkg-config; then
        # shellcheck disable=SC2046
        (export PKG_CONFIG_PATH=$work/moved/lib/pkgconfig &&
            gcc "$here/consumer/main.c" $(pkg-config --cflags --libs authwright) -o "$work/relocated")
        LD_LIBRARY_PATH=$work/moved/lib "$work/relocated"
    fi
}

need gcc && need g++ && need python3
if [ $# -eq 0 ]; then
    set -- headers symbols pinned misuse operations logins stores forks api_keys key_scenarios threads remote managers steps login_app memory cpp examples install vectors
fi
for name in "$@"; do
    "$name"
done
printf '\nC and C++: all passed\n'
