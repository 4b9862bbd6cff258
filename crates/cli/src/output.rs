//! The two streams: data to standard output, everything else to standard error.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::command::Common;
use crate::error::Error;
use crate::exit::Exit;

/// What `-o` names: a format, and the file it goes to where not to standard output.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The format.
    pub(crate) format: kuberlock_report::Format,
    /// Whether it is kube-bench's own JSON instead.
    pub(crate) kube_bench: bool,
    /// The file.
    pub(crate) file: Option<PathBuf>,
}

impl Target {
    /// The table, on standard output.
    pub(crate) const TABLE: Self =
        Self { format: kuberlock_report::Format::Table, kube_bench: false, file: None };
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err(format!("`{text}` names no file after the `=`")),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let kube_bench = format == "kube-bench-json";
        let format = if kube_bench { "json" } else { format };
        let format = format.parse().map_err(|e: kuberlock_report::NotAFormat| e.to_string())?;
        Ok(Self { format, kube_bench, file })
    }
}

/// Writes what `render` gives to the target: a file appears whole or not at all.
pub(crate) fn to_target(
    file: Option<&Path>,
    render: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    let Some(path) = file else {
        let mut out = io::BufWriter::new(io::stdout().lock());
        render(&mut out)?;
        return Ok(out.flush()?);
    };
    let failed = |source| Error::Write { path: Some(path.to_owned()), source };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = path.with_file_name(name);
    let mut file = fs::File::create(&partial).map(io::BufWriter::new).map_err(failed)?;
    let written = render(&mut file)
        .and_then(|()| file.flush().map_err(failed))
        .and_then(|()| fs::rename(&partial, path).map_err(failed));
    if written.is_err() {
        // What is left behind helps nobody; that it cannot be removed changes nothing.
        let _ = fs::remove_file(&partial);
    }
    written
}

/// Writes text to standard output.
pub(crate) fn text(text: &str) -> Result<(), Error> {
    to_target(None, |out| Ok(out.write_all(text.as_bytes())?))
}

/// Whether standard output shows colours.
pub(crate) fn colour(common: &Common) -> bool {
    let refused = common.no_color || std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    !refused && io::stdout().is_terminal()
}

/// The terminal's width in columns, where there is one.
pub(crate) fn width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    columns.or_else(|| terminal_size::terminal_size().map(|(w, _)| usize::from(w.0)))
}

/// When this is, in milliseconds since 1970: by `SOURCE_DATE_EPOCH` where it is set, so that equal
/// scans give equal bytes, else by the clock.
pub(crate) fn now() -> Option<u64> {
    let set = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse::<u64>().ok());
    let clock = || {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
        u64::try_from(since.as_millis()).ok()
    };
    set.and_then(|seconds| seconds.checked_mul(1000)).or_else(clock)
}

/// Tells a person how far we are; silent with `--quiet` and where nobody looks.
pub(crate) fn progress(common: &Common, message: &str) {
    if !common.quiet && io::stderr().is_terminal() {
        let _ = writeln!(io::stderr(), "{message}");
    }
}

/// Tells a person something they should know, unless `--quiet`.
pub(crate) fn note(common: &Common, message: &str) {
    if !common.quiet {
        let _ = writeln!(io::stderr(), "{message}");
    }
}

/// Says why a command ended early.
pub(crate) fn complain(error: Error) {
    let report = miette::Report::new(error);
    // Where standard error is gone there is nobody left to tell.
    let _ = writeln!(io::stderr(), "{report:?}");
}

/// Says why a command line was refused, or what was asked for with `--help`.
pub(crate) fn refusal(refusal: &clap::Error) -> Exit {
    let _ = refusal.print();
    if refusal.use_stderr() { Exit::Usage } else { Exit::Fine }
}
