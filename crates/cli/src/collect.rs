//! `kuberlock collect`: sources → snapshot.

use std::io;

use jiff::Timestamp;
use kuberlock_source::locate;
use kuberlock_source::snapshot::{About, STANDARD_INPUT, Writer};

use crate::command::{CollectArgs, Common};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{self, note};
use crate::sources;

pub(crate) fn run(args: &CollectArgs, common: &Common) -> Result<Exit, Error> {
    let about = About {
        tool: concat!("kuberlock ", env!("CARGO_PKG_VERSION")).to_owned(),
        source: sources::target(&args.sources),
        collected: args.collected.clone().or_else(today),
    };
    let to_stream = args.output.as_os_str() == STANDARD_INPUT;
    let mut writer = match to_stream {
        true => Writer::aside(about)?,
        false => Writer::create(&args.output, about, args.force)?,
    };
    let mut failed = None;
    let read = sources::read(&args.sources, args.namespace.as_deref(), common, &mut |records| {
        if failed.is_none() {
            failed = writer.write(&records).err();
        }
    })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    let mut coverage = writer.coverage().clone();
    locate::fill_coverage(&mut coverage, &|_| None);
    if to_stream {
        writer.finish_as_text(io::stdout().lock())?;
    } else {
        writer.finish()?;
        note(common, &format!("{} written to {}", read.target, args.output.display()));
    }
    if coverage.is_complete() {
        return Ok(Exit::Fine);
    }
    for (kind, reach) in coverage.kinds().filter(|(_, reach)| reach.is_gap()) {
        note(common, &format!("not seen: {kind}, {reach}"));
    }
    for (node, reach) in coverage.hosts().filter(|(_, reach)| reach.is_gap()) {
        note(common, &format!("not seen: files of {node}, {reach}"));
    }
    for unread in coverage.unread() {
        note(common, &format!("not read: {}: {}", unread.place(), unread.reason));
    }
    Ok(if args.require_complete { Exit::Incomplete } else { Exit::Fine })
}

/// The time, to the second: what certificates are judged by when the snapshot is. Whoever wants
/// equal clusters to give equal bytes sets `SOURCE_DATE_EPOCH` or says the time.
fn today() -> Option<String> {
    let milliseconds = output::now()?.try_into().ok()?;
    let now = Timestamp::from_millisecond(milliseconds).ok()?;
    Some(now.round(jiff::Unit::Second).ok()?.to_string())
}
