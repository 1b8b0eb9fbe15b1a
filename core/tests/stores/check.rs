//! The suite, by one caller.

use authwright_core::store::conformance::{ConformanceOptions, run};

use super::{PATIENCE, assert_passed, now, open};

fn conforms(url: &str, collects_by_itself: bool) {
    let options = ConformanceOptions::default().collects_by_itself(collects_by_itself);
    assert_passed(run(&*open(url), &options, now(), PATIENCE, &mut |_| ()));
}

#[test]
fn memory() {
    conforms("memory:", false);
}

#[test]
#[cfg(feature = "sqlite")]
fn sqlite() {
    conforms(&super::Scratch::new("check").url(), false);
}

#[test]
#[cfg(feature = "redis")]
fn redis() {
    let Some((url, _servers)) = super::redis() else { return };
    conforms(&url, true);
}
