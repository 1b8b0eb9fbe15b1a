//! Tells the module which interpreter it is built for, so that it can refuse any other at import.

fn main() {
    let version = pyo3_build_config::get().version();
    println!("cargo:rustc-env=AUTHWRIGHT_PYTHON={}.{}", version.major, version.minor);
    println!("cargo:rerun-if-changed=build.rs");
}
