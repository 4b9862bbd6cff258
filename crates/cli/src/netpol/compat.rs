//! Answers as np-guard's netpol-analyzer gives them.

use kuberlock_model::Cluster;
use kuberlock_network::np_guard;
use kuberlock_report::listing::ListingFormat;
use kuberlock_source::convert::Converter;
use kuberlock_source::manifest::{self, Refused};

use super::arguments::{ListTarget, NetworkArgs};
use crate::command::Common;
use crate::error::Error;
use crate::exit::Exit;
use crate::{output, sources};

/// What is asked.
#[derive(Clone, Copy)]
pub(super) enum Asked {
    Connections,
    Exposure,
}

pub(super) fn run(
    asked: Asked,
    args: &NetworkArgs,
    target: &ListTarget,
    common: &Common,
) -> Result<Exit, Error> {
    let cluster = cluster(args, common)?;
    let text = match (asked, target.format) {
        (Asked::Connections, ListingFormat::Csv) => np_guard::connections(&cluster).csv(),
        (Asked::Connections, ListingFormat::Table) => np_guard::connections(&cluster).to_string(),
        (Asked::Exposure, ListingFormat::Csv) => np_guard::exposure(&cluster).csv(),
        (Asked::Exposure, ListingFormat::Table) => np_guard::exposure(&cluster).to_string(),
        _ => {
            return Err(Error::Usage {
                message: "with --compat there is no such output".into(),
                help: "use -o csv or -o table".into(),
            });
        }
    };
    output::to_target(target.file.as_deref(), |out| Ok(out.write_all(text.as_bytes())?))?;
    let is_complete = cluster.coverage().is_complete();
    Ok(if args.require_complete && !is_complete { Exit::Incomplete } else { Exit::Fine })
}

/// np-guard never asks an API server: what one would refuse counts for it as it is written.
fn cluster(args: &NetworkArgs, common: &Common) -> Result<Cluster, Error> {
    let mut others = args.sources.clone();
    let files = std::mem::take(&mut others.files);
    let mut cluster = Cluster::default();
    let mut converter = Converter::default();
    let beside = !others.snapshots.is_empty() || !others.roots.is_empty() || others.live;
    if files.is_empty() || beside {
        return Ok(sources::cluster(&args.sources, None, common)?.0);
    }
    manifest::read_as(&files, Refused::Kept, &mut |records| {
        converter.push(records, &mut |change| cluster.apply(change));
    })?;
    converter.finish(&mut |change| cluster.apply(change));
    Ok(cluster)
}
