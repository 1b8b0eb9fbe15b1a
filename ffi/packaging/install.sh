#!/usr/bin/env bash
# Installs the built library: shared and static library, headers, pkg-config file and CMake package.
#
#   ffi/packaging/install.sh [--prefix DIR] [--destdir DIR] [--libdir DIR] [--build DIR] [--relocatable]
#
#   --prefix       where the library will live (/usr/local)
#   --destdir      a root to put in front of every path, for packages (none)
#   --libdir       the library directory, relative to the prefix (lib)
#   --build        where cargo left the library (target/release of this checkout)
#   --relocatable  write a pkg-config file that finds the prefix by its own place
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
prefix=/usr/local destdir='' libdir=lib build=$root/target/release relocatable=no
while [ $# -gt 0 ]; do
    case $1 in
        --prefix) prefix=$2; shift 2 ;;
        --destdir) destdir=$2; shift 2 ;;
        --libdir) libdir=$2; shift 2 ;;
        --build) build=$2; shift 2 ;;
        --relocatable) relocatable=yes; shift ;;
        *) echo "install.sh: unknown argument $1" >&2; exit 2 ;;
    esac
done
case $prefix in /*) ;; *) echo "install.sh: the prefix must be absolute: $prefix" >&2; exit 2 ;; esac
case $libdir in /* | *..*) echo "install.sh: the libdir must be relative to the prefix: $libdir" >&2; exit 2 ;; esac

version=$(sed -n '/^\[workspace.package\]/,/^\[/ s/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml")
major_minor=${version%.*}
# Before 1.0 each minor version has a name of its own; build.rs links the same one in.
case $version in 0.*) abi=$major_minor ;; *) abi=${version%%.*} ;; esac
case $(uname -s) in
    Darwin) linked=libauthwright.dylib soname=libauthwright.$abi.dylib real=libauthwright.$version.dylib ;;
    *) linked=libauthwright.so soname=libauthwright.so.$abi real=libauthwright.so.$version ;;
esac
for file in "$build/$linked" "$build/libauthwright.a"; do
    [ -f "$file" ] || { echo "install.sh: $file is missing: run \`make build\` first" >&2; exit 1; }
done

# What the static library needs beside itself: what \`rustc --print native-static-libs\` names, less the compiler's own.
case $(uname -s) in
    Darwin) private_libs='-framework Security -framework CoreFoundation' ;;
    *) private_libs='-lpthread -lm -ldl' ;;
esac
to_prefix=$(printf '%s' "$libdir/cmake/authwright" | sed 's|[^/][^/]*|..|g')
pc_prefix=$prefix
[ "$relocatable" = no ] || pc_prefix="\${pcfiledir}/$(printf '%s' "$libdir/pkgconfig" | sed 's|[^/][^/]*|..|g')"

fill() {
    sed -e "s|@PREFIX@|$pc_prefix|g" -e "s|@LIBDIR@|$libdir|g" -e "s|@VERSION@|$version|g" \
        -e "s|@MAJOR_MINOR@|$major_minor|g" -e "s|@PRIVATE_LIBS@|$private_libs|g" -e "s|@TO_PREFIX@|$to_prefix|g" \
        -e "s|@REAL_NAME@|$real|g" -e "s|@SONAME@|$soname|g" "$here/$1.in" >"$2/$1"
    chmod 644 "$2/$1"
}

lib=$destdir$prefix/$libdir include=$destdir$prefix/include doc=$destdir$prefix/share/doc/authwright
install -d "$lib/pkgconfig" "$lib/cmake/authwright" "$include" "$doc"
install -m 755 "$build/$linked" "$lib/$real"
install -m 644 "$build/libauthwright.a" "$lib/libauthwright.a"
ln -sf "$real" "$lib/$soname"
ln -sf "$soname" "$lib/$linked"
install -m 644 "$root/include/authwright.h" "$root/include/authwright.hpp" "$include"
fill authwright.pc "$lib/pkgconfig"
fill authwright-config.cmake "$lib/cmake/authwright"
fill authwright-config-version.cmake "$lib/cmake/authwright"
for file in README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE; do
    [ ! -f "$root/$file" ] || install -m 644 "$root/$file" "$doc"
done
echo "installed authwright $version to $destdir$prefix"
