use kuberlock_model::host::{File, FileType};

use super::*;

fn process(pid: Option<u32>, words: &str) -> Process {
    Process {
        pid,
        args: words.split(' ').map(str::to_owned).collect(),
        environment: BTreeMap::new(),
        file: pid.is_none().then(|| "/etc/systemd/system/k3s.service".to_owned()),
    }
}

fn files(entries: &[(&str, Option<&str>)]) -> Files {
    let file = |(path, content): &(&str, Option<&str>)| {
        let file = File {
            path: (*path).to_owned(),
            file_type: if content.is_some() { FileType::File } else { FileType::Directory },
            mode: 0o600,
            uid: 0,
            gid: 0,
            user: None,
            group: None,
            size: 0,
            target: None,
            content: content.map(str::to_owned),
            unread: None,
        };
        (file.path.clone(), file)
    };
    entries.iter().map(file).collect()
}

/// Value and source of a flag.
fn flag(supervised: &Supervised, kind: ComponentKind, name: &str) -> Option<(String, String)> {
    let held = supervised.components.iter().find(|held| held.kind == kind)?;
    let release = "1.37.2".parse().unwrap();
    let table = kuberlock_model::release::table::for_release(&release).table;
    let flag = component(held).flag(name, table.component(kind))?;
    Some((flag.value, flag.origin.unwrap_or_else(|| held.origin.clone()).to_string()))
}

const API_SERVER: ComponentKind = ComponentKind::ApiServer;

#[test]
fn defaults_give_way_to_files_and_files_to_the_command_line() {
    let files = files(&[
        (
            "/etc/rancher/k3s/config.yaml",
            Some(
                "kube-apiserver-arg: [profiling=true, audit-log-maxage=30]\n\
                 kube-scheduler-arg: profiling=true\nsecrets-encryption: true\n",
            ),
        ),
        (
            "/etc/rancher/k3s/config.yaml.d/10.yaml",
            Some("kube-apiserver-arg+: [enable-admission-plugins+=AlwaysPullImages]\n"),
        ),
        ("/var/lib/rancher/k3s/agent", None),
    ]);
    let unit = "/usr/local/bin/k3s server --kube-scheduler-arg=profiling=false --disable traefik";
    let processes = [process(Some(7), "/usr/local/bin/k3s server"), process(None, unit)];
    let found = Supervised::of("n", &processes, &files);
    let api_server = |name: &str| flag(&found, API_SERVER, name).unwrap();
    let config = "n:/etc/rancher/k3s/config.yaml".to_owned();
    assert_eq!(api_server("profiling"), ("true".to_owned(), config.clone()));
    assert_eq!(api_server("audit-log-maxage"), ("30".to_owned(), config));
    assert_eq!(api_server("anonymous-auth").0, "false");
    assert!(api_server("anonymous-auth").1.contains("its own default"));
    assert_eq!(api_server("enable-admission-plugins").0, "NodeRestriction,AlwaysPullImages");
    assert!(api_server("encryption-provider-config").0.ends_with("/encryption-config.json"));
    let scheduler = flag(&found, ComponentKind::Scheduler, "profiling").unwrap();
    assert_eq!(scheduler, ("false".into(), "n:/etc/systemd/system/k3s.service".into()));
    assert!(flag(&found, ComponentKind::Etcd, "config-file").is_none(), "kine holds the data");
    assert!(found.hidden.is_empty());
}

#[test]
fn what_the_title_of_the_process_hides_is_hidden_and_not_default() {
    let files = files(&[("/var/lib/rancher/k3s/agent", None)]);
    let found = Supervised::of("n", &[process(Some(7), "k3s server")], &files);
    assert!(found.components.is_empty());
    assert!(found.hidden.contains_key(&API_SERVER));
    let agent = Supervised::of("n", &[process(Some(7), "k3s agent")], &files);
    assert!(!agent.hidden.contains_key(&API_SERVER), "an agent has no API server");
    assert!(agent.hidden.contains_key(&ComponentKind::Kubelet));
}

#[test]
fn a_drop_in_or_flags_tell_the_kubelet_by_its_age() {
    let unit = [process(None, "/usr/local/bin/k3s agent --kubelet-arg anonymous-auth=true")];
    let old = files(&[("/var/lib/rancher/k3s/agent", None)]);
    let old = Supervised::of("n", &unit, &old);
    let kubelet = |found: &Supervised, name: &str| flag(found, ComponentKind::Kubelet, name);
    assert_eq!(kubelet(&old, "read-only-port").unwrap().0, "0");
    assert_eq!(kubelet(&old, "anonymous-auth").unwrap().0, "true");
    let own = "/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/00-k3s-defaults.conf";
    let new = files(&[("/var/lib/rancher/k3s/agent", None), (own, Some("readOnlyPort: 0"))]);
    let new = Supervised::of("n", &unit, &new);
    assert!(kubelet(&new, "read-only-port").is_none(), "the drop-in says it");
    assert!(own.starts_with(&kubelet(&new, "config-dir").unwrap().0));
    let unseen = Supervised::of("n", &unit, &Files::new());
    assert!(unseen.hidden.contains_key(&ComponentKind::Kubelet));
}

#[test]
fn no_supervisor_supervises_nothing() {
    let found = Supervised::of("n", &[process(Some(1), "/usr/bin/kubelet --v=2")], &Files::new());
    assert!(found.components.is_empty() && found.hidden.is_empty());
    assert!(!is_supervisor(&process(Some(1), "k3s kubectl get pods")));
}
