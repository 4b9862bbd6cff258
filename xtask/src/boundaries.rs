//! Holds the walls of the house without the network: what a pure crate must never reach, and what a
//! build without `live` must not link. `deny.toml` says the same for direct dependencies.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{root, say};

/// A package, the features it is built with, and what must not be in its tree.
struct Wall {
    package: &'static str,
    arguments: &'static [&'static str],
    never: &'static [&'static str],
}

const IO: &[&str] = &[
    "tokio",
    "kube-client",
    "k8s-openapi",
    "hyper",
    "ring",
    "kuberlock-source",
    "kuberlock-live",
    "kuberlock-report",
];

const WALLS: [Wall; 10] = [
    Wall { package: "kuberlock-model", arguments: &[], never: IO },
    Wall { package: "kuberlock-acceptance", arguments: &[], never: IO },
    Wall { package: "kuberlock-access", arguments: &[], never: IO },
    Wall { package: "kuberlock-admission", arguments: &[], never: IO },
    Wall { package: "kuberlock-kube-bench", arguments: &[], never: IO },
    Wall { package: "kuberlock-benchmark", arguments: &[], never: IO },
    Wall { package: "kuberlock-network", arguments: &[], never: IO },
    Wall { package: "kuberlock-kubectl", arguments: &[], never: IO },
    Wall {
        package: "kuberlock-report",
        arguments: &[],
        never: &[
            "tokio",
            "kube-client",
            "k8s-openapi",
            "hyper",
            "kuberlock-source",
            "kuberlock-live",
        ],
    },
    // The offline scanner: no runtime, no TLS, nothing that could open a connection.
    Wall {
        package: "kuberlock",
        arguments: &["--no-default-features"],
        never: &["tokio", "kube-client", "hyper", "ring", "rustls"],
    },
];

/// Fails where a wall has a hole.
pub(crate) fn check() -> Result<()> {
    for wall in &WALLS {
        let tree = Command::new("cargo")
            .args(["tree", "--locked", "-e", "normal", "--prefix", "none", "--format", "{p}"])
            .args(["-p", wall.package])
            .args(wall.arguments)
            .current_dir(root())
            .output()
            .context("cargo cannot be started")?;
        if !tree.status.success() {
            bail!("cargo tree: {}", String::from_utf8_lossy(&tree.stderr));
        }
        let text = String::from_utf8_lossy(&tree.stdout).into_owned();
        let reached = |name: &&&str| text.lines().any(|l| l.split(' ').next() == Some(**name));
        if let Some(name) = wall.never.iter().find(reached) {
            bail!("{} {} reaches {name}", wall.package, wall.arguments.join(" "));
        }
    }
    say(&format!("{} walls hold", WALLS.len()));
    Ok(())
}
