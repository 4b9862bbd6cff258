//! A file of flows, unpacked.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, stdin};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::Error;

/// The largest window that a decoder sets up: 128 MiB, as the zstd program does.
const MOST_WINDOW: u32 = 27;

/// Opens `path`, which may be a pipe: the user named it.
pub(super) fn open(path: &Path) -> Result<Box<dyn BufRead>, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let source: Box<dyn Read> = match path.to_str() {
        Some("-") => Box::new(stdin()),
        _ => Box::new(File::open(path).map_err(failed)?),
    };
    let mut source = BufReader::new(source);
    let head = source.fill_buf().map_err(failed)?.get(..4).unwrap_or_default().to_owned();
    Ok(match head.as_slice() {
        [0x1f, 0x8b, ..] => Box::new(BufReader::new(MultiGzDecoder::new(source))),
        [0x28, 0xb5, 0x2f, 0xfd] => {
            let mut decoder = zstd::Decoder::with_buffer(source).map_err(failed)?;
            decoder.window_log_max(MOST_WINDOW).map_err(failed)?;
            Box::new(BufReader::new(decoder))
        }
        _ => Box::new(source),
    })
}
