//! `journalctl` on a node that keeps no journal.

use super::{Done, options, unknown};
use crate::node::Node;
use crate::shell::Io;

/// Where journals are kept: on disk, and until the next start.
const FOLDERS: [&str; 2] = ["/var/log/journal", "/run/log/journal"];

pub(super) fn run(args: &[String], io: &mut Io<'_, '_>) -> Done {
    const LONG: [&str; 12] = [
        "merge", "unit=", "quiet", "no-pager", "lines=", "reverse", "boot", "since=", "until=",
        "output=", "no-tail", "dmesg",
    ];
    let parsed = options("journalctl", args, "mu:qn:rb:o:S:U:k", &LONG, false)?;
    if !parsed.operands.is_empty() {
        return unknown("journalctl", &parsed.operands.join(" "));
    }
    if FOLDERS.iter().any(|folder| has_journal(io.node(), folder)) {
        return unknown("journalctl", "on a journal");
    }
    let quiet = parsed.options.iter().any(|(name, _)| name == "q" || name == "--quiet");
    if !quiet {
        io.err("No journal files were found.\n")?;
        io.out("-- No entries --\n")?;
    }
    Ok(0)
}

/// Whether a folder holds journals, itself or in those of its machines.
fn has_journal(node: &dyn Node, folder: &str) -> bool {
    let Ok(entries) = node.list(folder) else { return false };
    let is_journal = |name: &str| name.ends_with(".journal") || name.ends_with(".journal~");
    entries.iter().any(|entry| {
        let inner = node.list(&format!("{folder}/{}", entry.name)).unwrap_or_default();
        is_journal(&entry.name) || inner.iter().any(|entry| is_journal(&entry.name))
    })
}
