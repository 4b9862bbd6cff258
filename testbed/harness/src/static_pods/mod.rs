//! The kubelet's part in a control plane of static pods.
//!
//! Enters: the manifest folder of the control-plane node, as it changes. Leaves: the processes
//! that its pods describe, and mirror pods at the API server. Always holds: what runs is what the
//! kubelet would run after the same changes; a pod of a changed manifest starts only when the old
//! one has ended. Not played: init containers, security contexts, resource limits, gRPC probes
//! and volumes other than hostPath.

mod container;
mod folder;
mod manifest;
mod mirror;
mod pod;
mod probe;
mod status;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::binaries::Binaries;
use crate::layout::Layout;
use crate::namespaces::Namespaces;
use folder::Folder;
use manifest::StaticPod;
use pod::Pod;

pub use status::{ContainerState, PodState};

/// Where kubeadm's kubelets look for static pods.
pub(crate) const MANIFESTS: &str = "/etc/kubernetes/manifests";

const TICK: Duration = Duration::from_millis(100);
const NOTICE: Duration = Duration::from_secs(1);

/// The node whose static pods run.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) namespaces: Arc<Namespaces>,
    pub(crate) layout: Layout,
    pub(crate) binaries: Binaries,
    /// The node's root, outside.
    pub(crate) root: PathBuf,
    pub(crate) node: String,
    pub(crate) address: String,
    pub(crate) back_off: Duration,
    pub(crate) grace_period: Duration,
    pub(crate) file_check: Duration,
    pub(crate) log: Mutex<std::fs::File>,
}

impl Site {
    /// How long a container of `pod` may take to end.
    fn grace(&self, pod: &StaticPod) -> Duration {
        Duration::from_secs(pod.spec.termination_grace_period_seconds).min(self.grace_period)
    }

    fn log(&self, line: &str) {
        let mut file = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk loses log lines, nothing else.
        let _ = writeln!(file, "{} {line}", container::now());
    }
}

/// What the two threads tell each other and the test.
#[derive(Debug, Default)]
pub(crate) struct Board {
    ended: AtomicBool,
    published: Mutex<Vec<Published>>,
    states: Mutex<Vec<PodState>>,
    mirror_error: Mutex<String>,
}

/// A pod, for the API server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Published {
    pod: Arc<StaticPod>,
    status: Value,
    seen: String,
}

impl Board {
    fn pods(&self) -> Vec<Published> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_mirror_error(&self, error: &str) {
        error.clone_into(&mut self.mirror_error.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn publish<'a>(&self, pods: impl Iterator<Item = &'a Pod> + Clone, site: &Site) {
        let published = pods.clone().map(|pod| Published {
            pod: Arc::clone(&pod.manifest),
            status: status::status(pod, site),
            seen: pod.seen.clone(),
        });
        *self.published.lock().unwrap_or_else(PoisonError::into_inner) = published.collect();
        *self.states.lock().unwrap_or_else(PoisonError::into_inner) =
            pods.map(status::state).collect();
    }
}

/// The running kubelet's part.
#[derive(Debug)]
pub(crate) struct Kubelet {
    board: Arc<Board>,
    pods: Option<JoinHandle<Vec<Child>>>,
    mirror: Option<JoinHandle<()>>,
}

impl Kubelet {
    pub(crate) fn start(site: &Arc<Site>) -> Self {
        let board = Arc::new(Board::default());
        let pods = {
            let (site, board) = (Arc::clone(site), Arc::clone(&board));
            thread::spawn(move || run_pods(&site, &board))
        };
        let mirror = {
            let (site, board) = (Arc::clone(site), Arc::clone(&board));
            thread::spawn(move || mirror::follow(&site, &board))
        };
        Self { board, pods: Some(pods), mirror: Some(mirror) }
    }

    pub(crate) fn states(&self) -> Vec<PodState> {
        self.board.states.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why mirror pods could last not be written.
    pub(crate) fn mirror_error(&self) -> String {
        self.board.mirror_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends both threads; the processes end with the namespaces, and are to be waited for then.
    pub(crate) fn stop(&mut self) -> Vec<Child> {
        self.board.ended.store(true, Ordering::Relaxed);
        if let Some(mirror) = self.mirror.take() {
            // A thread that panicked has nothing to wait for.
            let _ = mirror.join();
        }
        self.pods.take().and_then(|pods| pods.join().ok()).unwrap_or_default()
    }
}

fn run_pods(site: &Site, board: &Board) -> Vec<Child> {
    let mut folder = Folder::new(&site.root, Path::new(MANIFESTS), &site.node);
    let mut pods: BTreeMap<String, Pod> = BTreeMap::new();
    let (mut noticed, mut listed) = (Instant::now(), None::<Instant>);
    while !board.ended.load(Ordering::Relaxed) {
        if listed.is_none_or(|listed| listed.elapsed() >= site.file_check) {
            folder.list();
            listed = Some(Instant::now());
        } else if noticed.elapsed() >= NOTICE {
            folder.notice();
            noticed = Instant::now();
        }
        folder.take_log().iter().for_each(|line| site.log(line));
        follow_folder(site, &folder, &mut pods);
        pods.values_mut().for_each(|pod| pod.tick(site));
        board.publish(pods.values(), site);
        thread::sleep(TICK);
    }
    pods.into_values().flat_map(Pod::into_children).collect()
}

/// Ends pods that should not run, and starts those that should once no pod of their name runs.
fn follow_folder(site: &Site, folder: &Folder, pods: &mut BTreeMap<String, Pod>) {
    let wanted: BTreeMap<String, &StaticPod> = folder.pods().map(|pod| (pod.key(), pod)).collect();
    for (key, pod) in pods.iter_mut() {
        if wanted.get(key).is_none_or(|wanted| wanted.hash != pod.manifest.hash) {
            pod.end(site);
        }
    }
    pods.retain(|_, pod| !pod.ended());
    for (key, wanted) in wanted {
        pods.entry(key).or_insert_with(|| Pod::new(Arc::new(wanted.clone())));
    }
}
