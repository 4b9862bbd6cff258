//! kwok, which keeps the nodes ready and runs their pods in name only.
//!
//! Its stages are the ones it ships for that, with one condition added: mirror pods are left to
//! the kubelet's part, which alone knows how their processes fare.

use std::fs;
use std::process::Child;

use serde_json::{Value, json};

use crate::binaries::Binaries;
use crate::error::Error;
use crate::layout::{Layout, read, write};
use crate::namespaces::Namespaces;
use crate::node::{FAKE, spawn};
use crate::yaml;

pub(crate) fn start(
    namespaces: &Namespaces,
    binaries: &Binaries,
    layout: &Layout,
) -> Result<Child, Error> {
    let config = layout.base().join("kwok.yaml");
    let stages: Vec<String> =
        stages(binaries)?.iter().map(|stage| format!("{stage:#}\n")).collect();
    write(&config, stages.join("---\n"), 0o600)?;
    let mut command = namespaces.command("kwok");
    command
        .arg("--kubeconfig=/etc/kubernetes/super-admin.conf")
        .arg("--config")
        .arg(&config)
        .arg("--manage-all-nodes=false")
        .arg(format!("--manage-nodes-with-annotation-selector={FAKE}=fake"))
        .arg("--node-lease-duration-seconds=40")
        // The port of the node's own status stays.
        .arg("--node-port=0");
    spawn(command, layout, "kwok")
}

fn stages(binaries: &Binaries) -> Result<Vec<Value>, Error> {
    let dir = binaries.stages();
    let mut files: Vec<_> = fs::read_dir(&dir)
        .map_err(Error::file("read", &dir))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    files.sort();
    let mut stages = Vec::new();
    for file in files {
        let documents = yaml::documents(&read(&file)?)
            .map_err(Error::unreadable(file.display().to_string()))?;
        stages.extend(documents.into_iter().map(without_mirror_pods));
    }
    Ok(stages)
}

fn without_mirror_pods(mut stage: Value) -> Value {
    let of_pods = stage.pointer("/spec/resourceRef/kind").is_some_and(|kind| kind == "Pod");
    if let (true, Some(Value::Array(conditions))) =
        (of_pods, stage.pointer_mut("/spec/selector/matchExpressions"))
    {
        conditions.push(json!({
            "key": r#".metadata.annotations["kubernetes.io/config.mirror"]"#,
            "operator": "DoesNotExist",
        }));
    }
    stage
}
