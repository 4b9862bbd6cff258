//! Completions and manual pages, from the one definition of the command line.

use std::path::Path;

use clap::CommandFactory;

use crate::command::Cli;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

pub(crate) fn completions(shell: clap_complete::Shell) -> Result<Exit, Error> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "kuberlock", &mut text);
    output::to_target(None, |out| Ok(out.write_all(&text)?))?;
    Ok(Exit::Fine)
}

pub(crate) fn man_pages(folder: &Path) -> Result<Exit, Error> {
    let failed = |source| Error::Write { path: Some(folder.to_owned()), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(failed)?;
    Ok(Exit::Fine)
}
