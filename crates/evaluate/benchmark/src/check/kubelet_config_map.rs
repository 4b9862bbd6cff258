//! kubeadm would write the kubelet's configuration as it is.
//!
//! # What
//! On a node that kubeadm laid out: the fields of the kubelet's configuration file against those of
//! the config map `kubelet-config`. It fails where they differ. Fields that kubeadm sets for each
//! node (`containerRuntimeEndpoint`, `resolvConf`) and empty ones are not compared.
//!
//! # Why
//! `kubeadm upgrade node` writes the file anew from that config map. What was set in the file by
//! hand is gone then, and nodes that join get the config map's values from the start.
//!
//! # Remedy
//! Put the value into the config map `kubelet-config`, then have every node take it (`kubeadm
//! upgrade node phase kubelet-config`, restart the kubelet); or take it out of the file. What is
//! meant for this node alone belongs into a drop-in.
//!
//! # What the remedy may break
//! Nodes that are upgraded or join afterwards get the value too: make sure that it suits all of
//! them.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-reconfigure/#reflecting-kubelet-changes

use kuberlock_model::configuration::{Configuration, Fields};
use kuberlock_model::host::ConfigurationFile;
use kuberlock_model::layout::Layout;
use kuberlock_model::{Evidence, FieldPath, Kind, Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::document::Document;
use crate::kubelet::Kubelet;
use crate::kubelet_fields::differing;
use crate::running::scalar;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Medium, question: Question::Kubelet(evaluate) };

/// Fields that kubeadm sets for each node, and what names the document.
const SKIPPED: [&str; 4] = ["apiVersion", "kind", "containerRuntimeEndpoint", "resolvConf"];

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    if kubelet.layout() != Layout::Kubeadm {
        return Outcome::not_applicable("kubeadm did not lay this node out");
    }
    let Some((file, fields)) = own_file(kubelet) else {
        return Outcome::unknown("the kubelet's configuration file was not seen");
    };
    let cluster = kubelet.context().cluster;
    match Document::find(cluster, "kubelet-config", "kubelet") {
        Err(why) => Outcome::unknown(why),
        Ok(None) if cluster.coverage().kind(Kind::ConfigMap).is_whole() => {
            Outcome::not_applicable("there is no config map `kubelet-config`")
        }
        Ok(None) => Outcome::unknown("the config map `kubelet-config` was not seen"),
        Ok(Some(document)) => judge(file, fields, &document),
    }
}

/// The configuration file, drop-ins aside.
fn own_file<'a>(kubelet: &Kubelet<'a>) -> Option<(&'a ConfigurationFile, &'a Fields)> {
    let file = *kubelet.files().first()?;
    match &file.configuration {
        Configuration::Kubelet(fields) => Some((file, fields)),
        _ => None,
    }
}

fn judge(file: &ConfigurationFile, fields: &Fields, document: &Document<'_>) -> Outcome {
    let wanted = document.fields();
    let mut evidence = Vec::new();
    let mut names = Vec::new();
    for name in differing(fields, &wanted, &SKIPPED) {
        let said = |fields: &Fields| match fields.get(&name) {
            Some(value) => format!("{name}: {}", scalar(value)),
            None => format!("no {name}"),
        };
        let field = fields.get(&name).map(|_| FieldPath::of(&name)).unwrap_or_default();
        evidence.push(Evidence::field(said(fields), &file.origin, field));
        evidence.push(document.evidence(said(&wanted)));
        names.push(format!("`{name}`"));
    }
    if names.is_empty() {
        return Outcome::pass("the file is what the config map says");
    }
    let message = format!("its file and the config map differ in {}", names.join(", "));
    let question = "which is meant, the file or the config map `kubelet-config`? What is meant for \
                    this node alone belongs into a drop-in";
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail(message, remedy).with_all(evidence)
}
