//! What each format shows of the same scans.

use std::io;

use kuberlock_report::{Error, Format, Options, render};

use crate::{rendered, sample};

#[test]
fn table_as_piped() {
    insta::assert_snapshot!(rendered(&sample::whole(), Format::Table, &Options::default()));
}

#[test]
fn table_in_a_terminal() {
    let options = Options { width: Some(80), color: true, ..Options::default() };
    let shown = rendered(&sample::whole(), Format::Table, &options).replace('\u{1b}', "^");
    insta::assert_snapshot!(shown);
}

#[test]
fn table_of_everything() {
    let options = Options { width: Some(100), all: true, fail_on: None, ..Options::default() };
    insta::assert_snapshot!(rendered(&sample::whole(), Format::Table, &options));
}

#[test]
fn table_of_nothing() {
    insta::assert_snapshot!(rendered(&sample::empty(), Format::Table, &Options::default()));
}

#[test]
fn json() {
    insta::assert_snapshot!(rendered(&sample::whole(), Format::Json, &Options::default()));
}

#[test]
fn json_of_nothing() {
    insta::assert_snapshot!(rendered(&sample::empty(), Format::Json, &Options::default()));
}

/// The page without its style, which is a file of its own.
fn page(shown: &str) -> String {
    let (head, rest) = shown.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    format!("{head}<style>…</style>{body}")
}

#[test]
fn html() {
    insta::assert_snapshot!(page(&rendered(&sample::whole(), Format::Html, &Options::default())));
}

#[test]
fn html_of_nothing() {
    insta::assert_snapshot!(page(&rendered(&sample::empty(), Format::Html, &Options::default())));
}

#[test]
fn the_same_scan_gives_the_same_bytes() {
    for format in Format::ALL {
        let once = || rendered(&sample::whole(), format, &Options::default());
        assert_eq!(once(), once());
    }
}

#[test]
fn a_page_needs_nothing_and_runs_nothing() {
    let shown = rendered(&sample::whole(), Format::Html, &Options::default());
    assert!(shown.contains("content=\"default-src 'none'; style-src 'unsafe-inline';"));
    for outside in [
        "<script",
        "<link",
        "<img",
        "<iframe",
        "url(",
        "@import",
        "href=\"http",
        " style=",
        " onload=",
    ] {
        assert!(!shown.contains(outside), "{outside}");
    }
}

struct Closed;

impl io::Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_is_told() {
    for scan in [sample::whole(), sample::empty()] {
        // A format of lines has none to write for a scan of nothing.
        let writes = |format: &Format| !rendered(&scan, *format, &Options::default()).is_empty();
        for format in Format::ALL.into_iter().filter(writes) {
            let told = render(&scan, format, &Options::default(), &mut Closed).unwrap_err();
            let Error::Write(error) = told else { panic!("{format:?}: {told}") };
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{format:?}");
        }
    }
}

#[test]
fn defaults_of_another_release_are_told() {
    let mut scan = sample::whole();
    scan.release = "1.38.0".parse().ok();
    scan.table = ("1.37".into(), false);
    for format in [Format::Table, Format::Html] {
        let shown = rendered(&scan, format, &Options::default());
        assert!(shown.contains("there is no table of 1.38: defaults are those of 1.37"));
    }
}

#[test]
fn formats_are_named() {
    for format in Format::ALL {
        assert_eq!(format.word().parse::<Format>().unwrap(), format);
    }
    let error = "ht\u{1b}ml".parse::<Format>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`ht\\u{1b}ml` is no format: table, json, jsonl, csv, sarif, junit, openreports, policyreport, ocsf, prometheus, html"
    );
}

/// Writes what a person looks at, where `KUBERLOCK_SHOW` names a folder.
#[test]
fn for_the_eye() {
    let Some(folder) = std::env::var_os("KUBERLOCK_SHOW") else { return };
    let page = rendered(&sample::whole(), Format::Html, &Options::default());
    std::fs::write(std::path::Path::new(&folder).join("scan.html"), page).unwrap();
}
