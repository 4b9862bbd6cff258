//! A running cluster.
//!
//! Enters: binaries and options. Leaves: a cluster that is ready, commands inside it, its files.
//! Always holds: when the value is dropped, its processes are gone, and its folder too unless it
//! is to be kept.

mod ready;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use crate::binaries::Binaries;
use crate::error::{Error, checked, run};
use crate::kube_proxy;
use crate::kubeadm::Kubeadm;
use crate::layout::{Layout, inside, write};
use crate::namespaces::Namespaces;
use crate::node::{self, Address};
use crate::options::{NodeSpec, Options};
use crate::static_pods::{Kubelet, MANIFESTS, PodState, Site};

const SUPER_ADMIN: &str = "/etc/kubernetes/super-admin.conf";

/// A cluster; it ends when this value does.
#[derive(Debug)]
pub struct Cluster {
    // Dropped by hand, in this order.
    kubelet: Option<Kubelet>,
    services: Vec<Child>,
    first: Arc<Namespaces>,
    workers: Vec<Namespaces>,
    layout: Layout,
    /// Names, the control plane's first, then in the order of `workers`.
    nodes: Vec<String>,
    // Removes the folder, last of all.
    _folder: TempDir,
}

impl Cluster {
    /// Starts a cluster and waits until it is ready. Without static pods, it only makes the
    /// files of the nodes.
    ///
    /// # Errors
    /// The first thing that failed, with the end of the failing component's log.
    pub fn start(binaries: &Binaries, options: &Options) -> Result<Self, Error> {
        let nodes = placed(&options.nodes)?;
        let mut cluster = Self::make(binaries, options, &nodes)?;
        let namespaces = Arc::clone(&cluster.first);
        let Plan { first, address, workers } = &nodes;
        let kubeadm =
            Kubeadm::configure(&namespaces, &cluster.layout, options, &first.name, *address)?;
        kubeadm.write_files()?;
        for (worker, _) in workers {
            node::files::join(&kubeadm, &cluster.layout, &first.name, &worker.name)?;
        }
        for name in &cluster.nodes {
            node::files::rotate_credential(&cluster.layout.node(name))?;
        }
        if options.run_static_pods {
            cluster.run(binaries, options, &nodes, &kubeadm)?;
        }
        Ok(cluster)
    }

    /// The nodes, without anything on them but the kubelet's package.
    fn make(binaries: &Binaries, options: &Options, nodes: &Plan<'_>) -> Result<Self, Error> {
        let base = std::env::temp_dir();
        if base.starts_with("/run") {
            return Err(Error::Options("below /run, the nodes do not see the host's files".into()));
        }
        let mut folder = tempfile::Builder::new()
            .prefix("kuberlock-testbed-")
            .tempdir()
            .map_err(Error::file("make a folder in", &base))?;
        folder.disable_cleanup(options.keep);
        let layout = Layout::new(folder.path())?;
        let start = |spec: &NodeSpec, remove| {
            layout.make_node(&spec.name, &options.private)?;
            let root = layout.node(&spec.name);
            node::files::install_kubelet(&root)?;
            for file in &spec.files {
                write(&inside(&root, &file.path), &file.text, file.mode)?;
            }
            Namespaces::start(&layout, binaries, &spec.name, &options.private, remove)
        };
        let first = start(nodes.first, !options.keep)?;
        first.set_address(nodes.address)?;
        let mut workers = Vec::new();
        let mut names = vec![nodes.first.name.clone()];
        for (spec, address) in &nodes.workers {
            let worker = start(spec, false)?;
            first.link(nodes.address, &worker, *address)?;
            workers.push(worker);
            names.push(spec.name.clone());
        }
        Ok(Self {
            kubelet: None,
            services: Vec::new(),
            first: Arc::new(first),
            workers,
            layout,
            nodes: names,
            _folder: folder,
        })
    }

    /// Starts the components, then what needs them.
    fn run(
        &mut self,
        binaries: &Binaries,
        options: &Options,
        nodes: &Plan<'_>,
        kubeadm: &Kubeadm<'_>,
    ) -> Result<(), Error> {
        let until = Instant::now() + options.deadline;
        self.kubelet = Some(Kubelet::start(&Arc::new(Site {
            namespaces: Arc::clone(&self.first),
            layout: self.layout.clone(),
            binaries: binaries.clone(),
            root: self.root(),
            node: nodes.first.name.clone(),
            address: nodes.address.to_string(),
            back_off: options.restart_back_off,
            grace_period: options.grace_period,
            file_check: options.file_check,
            log: Mutex::new(self.layout.log_file("kubelet-static-pods")?),
        })));
        self.wait(options.deadline, until, || self.api_server_answers())?;
        node::register(&self.first, &self.layout, nodes.first, nodes.address)?;
        self.services.push(node::start_kubelet(&self.first, &self.layout, nodes.first)?);
        for ((spec, address), worker) in nodes.workers.iter().zip(&self.workers) {
            node::register(&self.first, &self.layout, spec, *address)?;
            self.services.push(node::start_kubelet(worker, &self.layout, spec)?);
        }
        self.services.push(crate::kwok::start(&self.first, binaries, &self.layout)?);
        if options.finish_kubeadm {
            kubeadm.finish()?;
            self.wait(options.deadline, until, || self.kube_proxy_missing())?;
            self.start_kube_proxies(binaries)?;
        }
        self.wait(options.deadline, until, || self.missing())
    }

    fn start_kube_proxies(&mut self, binaries: &Binaries) -> Result<(), Error> {
        let config = self.get(&["configmap", "-n", "kube-system", "kube-proxy"])?;
        for pod in self.kube_proxy_pods()? {
            let node = pod.pointer("/spec/nodeName").and_then(Value::as_str).unwrap_or_default();
            let namespaces = self.namespaces_of(node)?;
            let process = kube_proxy::start(namespaces, &self.layout, binaries, &pod, &config)?;
            self.services.push(process);
        }
        Ok(())
    }

    fn kube_proxy_pods(&self) -> Result<Vec<Value>, Error> {
        let pods = self.get(&["pods", "-n", "kube-system", "-l", "k8s-app=kube-proxy"])?;
        let bound = |pod: &&Value| pod.pointer("/spec/nodeName").is_some();
        Ok(ready::items(&pods).filter(bound).cloned().collect())
    }

    fn kube_proxy_missing(&self) -> Option<String> {
        match self.kube_proxy_pods() {
            Ok(pods) if pods.len() == self.nodes.len() => None,
            Ok(pods) => {
                Some(format!("kube-proxy is on {} of {} nodes", pods.len(), self.nodes.len()))
            }
            Err(error) => Some(error.to_string()),
        }
    }

    /// Runs `kubectl` as the administrator, to its end.
    ///
    /// # Errors
    /// When it fails, with what it wrote on standard error.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<Output, Error> {
        run(self.command("kubectl").arg(format!("--kubeconfig={SUPER_ADMIN}")).args(arguments))
    }

    /// What `kubectl get ARGUMENTS -o json` shows.
    ///
    /// # Errors
    /// When `kubectl` fails.
    pub fn get(&self, arguments: &[&str]) -> Result<Value, Error> {
        let mut words = vec!["get", "-o", "json"];
        words.extend_from_slice(arguments);
        let output = self.kubectl(&words)?;
        serde_json::from_slice(&output.stdout).map_err(Error::unreadable(words.join(" ")))
    }

    /// Applies a text of manifests as the administrator.
    ///
    /// # Errors
    /// When the API server refuses any of them.
    pub fn apply(&self, yaml: &str) -> Result<(), Error> {
        use std::io::Write;
        let mut command = self.command("kubectl");
        command
            .arg(format!("--kubeconfig={SUPER_ADMIN}"))
            .args(["apply", "-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let failed = |source| Error::Start { command: "kubectl apply -f -".into(), source };
        let mut child = command.spawn().map_err(failed)?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(yaml.as_bytes()).map_err(failed)?;
        }
        checked(&command, child.wait_with_output().map_err(failed)?).map(drop)
    }

    /// A command on the control-plane node: its network, files, processes and host name, and the
    /// components on the `PATH`. Killing it kills what entered the node, not the program.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.first.command(program)
    }

    /// A command on any node.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn command_on(&self, node: &str, program: impl AsRef<OsStr>) -> Result<Command, Error> {
        Ok(self.namespaces_of(node)?.command(program))
    }

    /// The administrator's kubeconfig, as a path inside.
    #[must_use]
    pub fn kubeconfig_path(&self) -> &'static Path {
        Path::new(SUPER_ADMIN)
    }

    /// The root of the control-plane node, outside: what `--root` of a node scan takes.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.layout.node(self.nodes.first().map_or("", String::as_str))
    }

    /// The root of any node, outside.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn node_root(&self, node: &str) -> Result<PathBuf, Error> {
        if self.nodes.iter().any(|name| name == node) {
            return Ok(self.layout.node(node));
        }
        Err(Error::UnknownNode(node.to_owned()))
    }

    /// The names of the nodes, the control plane's first.
    #[must_use]
    pub fn nodes(&self) -> &[String] {
        &self.nodes
    }

    /// The folder of static-pod manifests, outside.
    #[must_use]
    pub fn manifests_dir(&self) -> PathBuf {
        inside(&self.root(), Path::new(MANIFESTS))
    }

    /// The first process of the control-plane node, by its number outside.
    #[must_use]
    pub fn first_process(&self) -> u32 {
        self.first.first_process()
    }

    /// What the kubelet knows of the static pods; needs no API server.
    #[must_use]
    pub fn static_pods(&self) -> Vec<PodState> {
        self.kubelet.as_ref().map(Kubelet::states).unwrap_or_default()
    }

    fn namespaces_of(&self, node: &str) -> Result<&Namespaces, Error> {
        let all = std::iter::once(self.first.as_ref()).chain(&self.workers);
        let mut named = self.nodes.iter().zip(all);
        let found = named.find(|(name, _)| *name == node).map(|(_, namespaces)| namespaces);
        found.ok_or_else(|| Error::UnknownNode(node.to_owned()))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut left = self.kubelet.take().map(|mut kubelet| kubelet.stop()).unwrap_or_default();
        left.append(&mut self.services);
        self.workers.clear();
        // The threads that shared it have ended.
        if let Some(first) = Arc::get_mut(&mut self.first) {
            first.end();
        }
        for mut child in left {
            // Killed by the kernel just now; waited for, so that no zombie stays.
            let _ = child.wait();
        }
    }
}

/// The nodes asked for, with their addresses.
struct Plan<'a> {
    first: &'a NodeSpec,
    address: Address,
    workers: Vec<(&'a NodeSpec, Address)>,
}

fn placed(nodes: &[NodeSpec]) -> Result<Plan<'_>, Error> {
    let (first, rest): (Vec<&NodeSpec>, Vec<&NodeSpec>) =
        nodes.iter().partition(|node| node.control_plane);
    let [first] = first.as_slice() else { return Err(no_control_plane()) };
    // 10.0.0.10 and up.
    let workers: Vec<_> = rest.iter().copied().zip((11..=254).map(Address)).collect();
    if workers.len() < rest.len() {
        return Err(Error::Options("there are more nodes than addresses".into()));
    }
    Ok(Plan { first, address: Address(10), workers })
}

fn no_control_plane() -> Error {
    Error::Options("exactly one node has to be of the control plane".into())
}
