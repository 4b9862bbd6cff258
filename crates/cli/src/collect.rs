//! `kuberlock collect`: sources → snapshot.

use kuberlock_model::Coverage;
use kuberlock_source::{Record, snapshot};

use crate::command::{CollectArgs, Common};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::note;
use crate::sources;

pub(crate) fn run(args: &CollectArgs, common: &Common) -> Result<Exit, Error> {
    let _ = (args, common, Coverage::default());
    let _: Option<Record> = None;
    let _ = note;
    let _ = sources::read;
    let _ = snapshot::read;
    Ok(Exit::Fine)
}
