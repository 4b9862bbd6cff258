//! Images come from registries whose certificate is verified.
//!
//! # What
//! `insecure-registries` of Docker, `insecure_skip_verify` of containerd's registry configuration
//! and `insecure = true` of CRI-O's. Registries on loopback are left out.
//!
//! # Why
//! Where the registry's certificate is not verified, whoever sits between it and the node chooses
//! what runs.
//!
//! # Remedy
//! Give the registry a certificate, and the runtime its authority.
//!
//! # What the remedy may break
//! Pulls from a registry that has no certificate.
//!
//! # References
//! - https://github.com/containerd/containerd/blob/main/docs/hosts.md

use kuberlock_model::host::File;
use kuberlock_model::{Evidence, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Medium, question: Question::Host(evaluate) };

/// A line that gives verification up, by the runtime's file that it stands in.
const LINES: [(&str, &str); 3] = [
    ("/etc/containerd/", "insecure_skip_verify"),
    ("/etc/containerd/", "skip_verify"),
    ("/etc/containers/", "insecure"),
];

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let is_runtime = |path: &str| {
        ["/etc/containerd/", "/etc/containers/", "/etc/docker/daemon.json"]
            .iter()
            .any(|p| path.starts_with(p))
    };
    let files = machine.host.files.values().filter(|file| is_runtime(&file.path));
    let files: Vec<&File> = files.filter(|file| file.content.is_some()).collect();
    if files.is_empty() {
        return machine.nothing("no configuration of a container runtime is on this node");
    }
    files.iter().map(|file| (machine.file_subject(&file.path), judge(machine, file))).collect()
}

fn judge(machine: &Machine<'_>, file: &File) -> Outcome {
    let text = file.content.as_deref().unwrap_or_default();
    let found: Vec<Evidence> = match file.path.as_str() {
        "/etc/docker/daemon.json" => docker(text),
        path => lines(path, text),
    }
    .into_iter()
    .map(|said| Evidence::file(said, machine.node, &file.path))
    .collect();
    if found.is_empty() {
        return Outcome::pass("every registry's certificate is verified").with(Evidence::file(
            "nothing gives it up",
            machine.node,
            &file.path,
        ));
    }
    let question = "which registry is it? Give it a certificate, and the runtime its authority";
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail("images are pulled without verifying who serves them", remedy).with_all(found)
}

fn lines(path: &str, text: &str) -> Vec<String> {
    let is_true = |key: &str, line: &str| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key && value.split('#').next()?.trim() == "true").then_some(())
    };
    let gives_up = |line: &str| {
        LINES
            .iter()
            .any(|(folder, key)| path.starts_with(folder) && is_true(key, line.trim()).is_some())
    };
    let numbered = (1..).zip(text.lines());
    numbered
        .filter(|(_, line)| gives_up(line))
        .map(|(n, line)| format!("line {n}: {}", line.trim()))
        .collect()
}

fn docker(text: &str) -> Vec<String> {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else { return Vec::new() };
    let registries = value.get("insecure-registries").and_then(serde_json::Value::as_array);
    let names = registries.into_iter().flatten().filter_map(serde_json::Value::as_str);
    let remote = names.filter(|name| !name.starts_with("127.") && !name.starts_with("localhost"));
    remote.map(|name| format!("insecure-registries: {name}")).collect()
}
