//! `kuberlock access`: who may do what.

use crate::command::AccessArgs;
use crate::error::Error;
use crate::exit::Exit;

#[cfg(feature = "live")]
pub(crate) fn run(args: &AccessArgs) -> Result<Exit, Error> {
    use crate::command::{AccessCommand, Job};
    let AccessCommand::Role { job, configz } = &args.command;
    let job = match job {
        Job::Scan => "scan",
        Job::Collect => "collect",
    };
    crate::output::text(&kuberlock_live::role::yaml(job, *configz))?;
    Ok(Exit::Fine)
}

#[cfg(not(feature = "live"))]
pub(crate) fn run(_args: &AccessArgs) -> Result<Exit, Error> {
    Err(Error::Usage {
        message: "this build asks no API server, so it needs no role".into(),
        help: "build with the feature `live`".into(),
    })
}
