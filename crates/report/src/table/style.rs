//! The colours of the table.

use anstyle::{AnsiColor, Style};
use kuberlock_model::Severity;

/// Titles.
pub(super) const BOLD: Style = Style::new().bold();
/// What is beside the point.
pub(super) const DIM: Style = Style::new().dimmed();
/// Something is missing.
pub(super) const WARN: Style = AnsiColor::Yellow.on_default();
/// Plain text.
pub(super) const PLAIN: Style = Style::new();

/// The style of a severity's word.
pub(super) fn of(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::Red.on_default().bold().invert(),
        Severity::High => AnsiColor::Red.on_default().bold(),
        Severity::Medium => AnsiColor::Yellow.on_default().bold(),
        Severity::Low => AnsiColor::Cyan.on_default().bold(),
    }
}
