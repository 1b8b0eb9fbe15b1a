//! Gives the shared library its SONAME, `libauthwright.so.0.y` until 1.0: before 1.0 each minor version may change the
//! ABI, so each has a name of its own.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // cargo-c passes these linker arguments itself.
    if env::var_os("CARGO_FEATURE_CAPI").is_some() {
        return;
    }
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let (major, minor) = (variable("CARGO_PKG_VERSION_MAJOR"), variable("CARGO_PKG_VERSION_MINOR"));
    let abi = if major == "0" { format!("0.{minor}") } else { major };
    match variable("CARGO_CFG_TARGET_OS").as_str() {
        "linux" | "freebsd" | "netbsd" | "openbsd" => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libauthwright.so.{abi}");
            name_in_build_tree(&abi);
        }
        "macos" => println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libauthwright.{abi}.dylib"),
        _ => {}
    }
}

/// A program linked against the library in `target/<profile>` asks for the SONAME when it starts, so that name has to
/// exist there too. A failure here only matters to such programs, and they report it themselves.
#[cfg(unix)]
fn name_in_build_tree(abi: &str) {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    // OUT_DIR is target/<profile>/build/<package>-<hash>/out.
    if let Some(profile) = out.ancestors().nth(3) {
        let _ = std::os::unix::fs::symlink("libauthwright.so", profile.join(format!("libauthwright.so.{abi}")));
    }
}

#[cfg(not(unix))]
fn name_in_build_tree(_abi: &str) {}
