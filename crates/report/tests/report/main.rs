//! Scans made by hand, in every format.

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod scale;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod shown;

#[cfg(test)]
use kuberlock_model::scan::Scan;
#[cfg(test)]
use kuberlock_report::{Format, Options, render};

#[cfg(test)]
fn rendered(scan: &Scan, format: Format, options: &Options) -> String {
    let mut out = Vec::new();
    render(scan, format, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
