//! Ten times the findings take about ten times the time.

use std::time::{Duration, Instant};

use kuberlock_model::coverage::{Reach, Reading};
use kuberlock_model::scan::Scan;
use kuberlock_model::{Finding, Subject};
use kuberlock_report::{Format, Options};

use crate::{rendered, sample};

/// A scan of `count` findings, each of a node of its own.
fn large(count: usize) -> Scan {
    let mut scan = sample::whole();
    let few = scan.findings.clone();
    let many = few.iter().cycle().take(count).enumerate();
    let subject = |at| Subject::Node { node: format!("node-{at}") };
    scan.findings = many.map(|(at, f)| Finding { subject: subject(at), ..f.clone() }).collect();
    let hosts =
        (0..count).map(|at| Reading::Host(format!("node-{at}"), Reach::Partial("was away".into())));
    scan.coverage = sample::coverage_of(hosts);
    scan
}

fn fastest(scan: &Scan, format: Format, options: &Options) -> Duration {
    let once = || {
        let start = Instant::now();
        assert!(!rendered(scan, format, options).is_empty());
        start.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap()
}

#[test]
fn time_grows_with_the_findings() {
    let (small, large) = (large(1_000), large(10_000));
    for format in Format::ALL {
        for all in [false, true] {
            let options = Options { all, width: Some(100), ..Options::default() };
            let few = fastest(&small, format, &options);
            let many = fastest(&large, format, &options);
            println!("{format:?} all={all}: 1,000 in {few:?}, 10,000 in {many:?}");
            // Quadratic would be a hundred times; a busy machine is allowed a factor of four.
            assert!(many < few * 40 + Duration::from_millis(50), "{format:?}: {few:?}, {many:?}");
        }
    }
}

#[test]
fn folded_output_stays_small() {
    for format in [Format::Table, Format::Html] {
        let shown = rendered(&large(10_000), format, &Options::default());
        assert!(shown.len() < 1_000_000, "{format:?}: {} bytes", shown.len());
    }
}
