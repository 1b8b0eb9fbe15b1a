//! The suite that every store passes, on one server and on a Cluster.

use std::time::Duration;

use authwright_core::store::conformance::{ConformanceOptions, contend, run, settle};
use authwright_core::system_now_ms;

use super::{Servers, open};

const PATIENCE: Duration = Duration::from_secs(120);

fn conforms(url: &str) {
    let options = ConformanceOptions::from_json(r#"{"collects_by_itself": true}"#).unwrap();
    let report = run(&open(url), &options, system_now_ms(), PATIENCE, &mut |_| ()).unwrap();
    assert!(report.passed(), "{}", report.to_json());
}

fn survives_racers(url: &str, run_id: &str) {
    let now = system_now_ms();
    std::thread::scope(|scope| {
        for racer in 1..=4 {
            scope.spawn(move || {
                let report = contend(&open(url), run_id, racer, 50, now, PATIENCE, &mut |_| ()).unwrap();
                assert!(report.passed(), "{}", report.to_json());
            });
        }
    });
    let report = settle(&open(url), run_id, 4, 0, &[], now, PATIENCE).unwrap();
    assert!(report.passed(), "{}", report.to_json());
}

#[test]
fn one_server() {
    let Some(servers) = Servers::start("single", &[]) else { return };
    conforms(servers.url());
    survives_racers(servers.url(), "single");
}

#[test]
fn a_cluster() {
    let Some(servers) = Servers::start("cluster", &[]) else { return };
    conforms(servers.url());
    survives_racers(servers.url(), "cluster");
}
