//! JSON lines: one finding a line, as it is in the findings of the JSON document.

use std::io;

use kuberlock_model::scan::Scan;

use crate::escape;

/// Writes the findings of `scan`, one a line.
pub(crate) fn write(scan: &Scan, out: &mut dyn io::Write) -> io::Result<()> {
    scan.findings.iter().try_for_each(|finding| escape::line(finding, out))
}
