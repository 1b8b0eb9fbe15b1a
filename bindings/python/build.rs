//! Tells the module which interpreter it is built for: to use what that version has, and to refuse any other at import.

fn main() {
    pyo3_build_config::use_pyo3_cfgs();
    let version = pyo3_build_config::get().version();
    println!("cargo:rustc-env=AUTHWRIGHT_PYTHON={}.{}", version.major, version.minor);
    println!("cargo:rerun-if-changed=build.rs");
}
