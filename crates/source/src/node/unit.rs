//! Command lines recovered from systemd's unit files, where nothing runs that could tell them.
//!
//! Enters: unit files, drop-ins and environment files as text. Leaves: the command lines systemd
//! would start, words and variables expanded as systemd.service(5) and systemd.exec(5) tell.
//! Always holds: nothing is executed, and a variable nobody sets is empty.

use std::collections::BTreeMap;

use super::words;

/// One file of a unit: its path and its text.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) path: String,
    pub(super) text: String,
}

/// What a unit would start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// The file that holds the command.
    pub(super) path: String,
    /// The command line, program first.
    pub(super) args: Vec<String>,
    /// The environment the unit sets.
    pub(super) environment: BTreeMap<String, String>,
}

/// The settings of a unit's `[Service]`, drop-ins laid over it.
#[derive(Debug, Default)]
pub(super) struct Service {
    commands: Vec<(String, String)>,
    assignments: Vec<String>,
    /// Environment files, and whether each may be absent.
    files: Vec<String>,
}

impl Service {
    /// Reads a unit and its drop-ins, in the order in which they are laid over each other.
    pub(super) fn read(parts: &[Part]) -> Self {
        let mut service = Self::default();
        for part in parts {
            for (key, value) in settings(&part.text) {
                service.set(&part.path, &key, value);
            }
        }
        service
    }

    fn set(&mut self, path: &str, key: &str, value: String) {
        match (key, value.is_empty()) {
            ("ExecStart", true) => self.commands.clear(),
            ("ExecStart", false) => self.commands.push((path.to_owned(), value)),
            ("Environment", true) => self.assignments.clear(),
            ("Environment", false) => self.assignments.push(value),
            ("EnvironmentFile", true) => self.files.clear(),
            ("EnvironmentFile", false) => self.files.push(value),
            _ => {}
        }
    }

    /// The environment files, by path.
    pub(super) fn environment_files(&self, unit: &str, node: &str) -> Vec<String> {
        let path = |file: &String| specifiers(file.trim_start_matches('-'), unit, node);
        self.files.iter().map(path).filter(|path| path.starts_with('/')).collect()
    }

    /// What the unit `unit` starts on `node`, given the texts of its environment files.
    pub(super) fn starts(&self, unit: &str, node: &str, files: &[String]) -> Vec<Start> {
        let mut environment = BTreeMap::new();
        for assignments in &self.assignments {
            for word in words::split(assignments) {
                if let Some((name, value)) = specifiers(&word, unit, node).split_once('=') {
                    environment.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        for text in files {
            environment.extend(words::environment_file(text));
        }
        let start = |(path, command): &(String, String)| {
            let args = command_line(&specifiers(command, unit, node), &environment);
            let environment = environment.clone();
            (!args.is_empty()).then(|| Start { path: path.clone(), args, environment })
        };
        self.commands.iter().filter_map(start).collect()
    }
}

/// Keys and values of `[Service]`, continued lines joined.
fn settings(text: &str) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    let mut section = String::new();
    for line in logical_lines(text) {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else if let ("Service", Some((key, value))) = (section.as_str(), line.split_once('=')) {
            settings.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    settings
}

/// Lines with their continuations; comments are left out, within continuations too.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = String::new();
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with(['#', ';']) {
            continue;
        }
        match line.strip_suffix('\\') {
            Some(head) => {
                open.push_str(head);
                open.push(' ');
            }
            None => {
                open.push_str(line);
                let whole = std::mem::take(&mut open).trim().to_owned();
                if !whole.is_empty() {
                    lines.push(whole);
                }
            }
        }
    }
    lines.extend((!open.trim().is_empty()).then(|| open.trim().to_owned()));
    lines
}

/// Expands the specifiers that tell something of a file system at rest.
fn specifiers(text: &str, unit: &str, node: &str) -> String {
    let stem = unit.rsplit_once('.').map_or(unit, |(stem, _)| stem);
    let (prefix, instance) = stem.split_once('@').unwrap_or((stem, ""));
    let mut expanded = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            expanded.push(c);
            continue;
        }
        match chars.next() {
            Some('%') | None => expanded.push('%'),
            Some('n') => expanded.push_str(unit),
            Some('N') => expanded.push_str(stem),
            Some('p') => expanded.push_str(prefix),
            Some('i' | 'I') => expanded.push_str(instance),
            Some('H' | 'l') => expanded.push_str(node),
            Some('E') => expanded.push_str("/etc"),
            Some('t') => expanded.push_str("/run"),
            Some('S') => expanded.push_str("/var/lib"),
            Some('C') => expanded.push_str("/var/cache"),
            Some('L') => expanded.push_str("/var/log"),
            Some('h') => expanded.push_str("/root"),
            Some(other) => expanded.extend(['%', other]),
        }
    }
    expanded
}

/// The words of `command`, variables replaced.
fn command_line(command: &str, environment: &BTreeMap<String, String>) -> Vec<String> {
    let program = command.trim_start_matches(['@', '-', ':', '+', '!', '|']);
    let prefix = command.strip_suffix(program).unwrap_or_default();
    let mut args = Vec::new();
    for word in words::split(program) {
        if word == ";" {
            break;
        }
        if prefix.contains(':') {
            args.push(word);
        } else {
            args.extend(words::expand(&word, environment));
        }
    }
    if prefix.contains('@') && args.len() > 1 {
        // The second word is only what the program is told of its own name.
        args.remove(1);
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(path: &str, text: &str) -> Part {
        Part { path: path.into(), text: text.into() }
    }

    #[test]
    fn kubeadms_drop_in_replaces_the_command() {
        let unit = part("/usr/lib/k.service", "[Service]\nExecStart=/usr/bin/kubelet\n");
        let drop_in = part(
            "/usr/lib/k.service.d/10-kubeadm.conf",
            "# comment\n[Service]\n\
             Environment=\"KUBELET_KUBECONFIG_ARGS=--kubeconfig=/etc/kubernetes/kubelet.conf\"\n\
             Environment=\"KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml\" X=y\n\
             EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\n\
             EnvironmentFile=-/etc/default/kubelet\n\
             ExecStart=\n\
             ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS \\\n\
             # within\n  $KUBELET_KUBEADM_ARGS $UNSET --name=${X}-%H\n",
        );
        let service = Service::read(&[unit, drop_in]);
        assert_eq!(
            service.environment_files("kubelet.service", "n1"),
            ["/var/lib/kubelet/kubeadm-flags.env", "/etc/default/kubelet"]
        );
        let env = "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///c.sock --v=2\"\n";
        let starts = service.starts("kubelet.service", "n1", &[env.to_owned()]);
        assert_eq!(starts.len(), 1);
        assert_eq!(starts[0].path, "/usr/lib/k.service.d/10-kubeadm.conf");
        assert_eq!(
            starts[0].args,
            [
                "/usr/bin/kubelet",
                "--kubeconfig=/etc/kubernetes/kubelet.conf",
                "--config=/var/lib/kubelet/config.yaml",
                "--container-runtime-endpoint=unix:///c.sock",
                "--v=2",
                "--name=y-n1",
            ]
        );
    }

    #[test]
    fn prefixes_and_templates_are_understood() {
        let service = Service::read(&[part(
            "/u",
            "[Unit]\nExecStart=/no\n[Service]\nExecStart=-@/usr/bin/etcd etcd '--name=a b' $$x\n",
        )]);
        let starts = service.starts("etcd@1.service", "n", &[]);
        assert_eq!(starts[0].args, ["/usr/bin/etcd", "--name=a b", "$x"]);
        assert_eq!(specifiers("%p/%i/%N/100%%", "etcd@1.service", "n"), "etcd/1/etcd@1/100%");
    }
}
