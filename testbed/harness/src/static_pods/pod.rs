//! A static pod that runs: its containers, their probes, restarts and end.

use std::process::Child;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::Site;
use super::container::{Process, now};
use super::manifest::{Container, StaticPod};
use super::probe::{Prober, Verdict};

/// The kubelet's longest pause is thirty times its first (300 s and 10 s).
const LONGEST_PAUSE: u32 = 30;
/// How soon a container that could not be made is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// A pod and its containers.
#[derive(Debug)]
pub(crate) struct Pod {
    pub(crate) manifest: Arc<StaticPod>,
    pub(crate) runs: Vec<Run>,
    /// When the kubelet first saw it.
    pub(crate) seen: String,
    /// When it last became ready, or ceased to be.
    pub(crate) turned: String,
    ready: bool,
    ending: bool,
}

/// One container, through all its restarts.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) container: Container,
    pub(crate) process: Option<Process>,
    pub(crate) restarts: u32,
    pub(crate) last: Option<Terminated>,
    /// Why it does not run, in the words of the API.
    pub(crate) waiting: (&'static str, String),
    probes: Probes,
    next: Option<Instant>,
    pause: Option<(Duration, Instant)>,
    kill_at: Option<Instant>,
}

/// How a run of a container ended.
#[derive(Debug, Clone)]
pub(crate) struct Terminated {
    pub(crate) exit_code: i32,
    pub(crate) started_at: String,
    pub(crate) finished_at: String,
}

#[derive(Debug, Default)]
struct Probes {
    startup: Option<Prober>,
    liveness: Option<Prober>,
    readiness: Option<Prober>,
    started: bool,
    ready: bool,
}

impl Pod {
    pub(crate) fn new(manifest: Arc<StaticPod>) -> Self {
        let runs = manifest.spec.containers.iter().cloned().map(Run::new).collect();
        Self { manifest, runs, seen: now(), turned: now(), ready: false, ending: false }
    }

    /// Brings every container a step further.
    pub(crate) fn tick(&mut self, site: &Site) {
        for run in &mut self.runs {
            run.tick(site, &self.manifest, self.ending);
        }
        if self.ready() != self.ready {
            self.ready = !self.ready;
            self.turned = now();
        }
    }

    pub(crate) fn ready(&self) -> bool {
        self.runs.iter().all(Run::ready)
    }

    /// Asks every container to end; they are killed when their time of grace is over.
    pub(crate) fn end(&mut self, site: &Site) {
        if !self.ending {
            self.ending = true;
            let grace = site.grace(&self.manifest);
            for run in &mut self.runs {
                run.terminate(grace);
            }
        }
    }

    pub(crate) fn ended(&self) -> bool {
        self.ending && self.runs.iter().all(|run| run.process.is_none())
    }

    pub(crate) fn into_children(self) -> impl Iterator<Item = Child> {
        self.runs.into_iter().filter_map(|run| run.process).map(Process::into_child)
    }
}

impl Run {
    fn new(container: Container) -> Self {
        Self {
            container,
            process: None,
            restarts: 0,
            last: None,
            waiting: ("ContainerCreating", String::new()),
            probes: Probes::default(),
            next: Some(Instant::now()),
            pause: None,
            kill_at: None,
        }
    }

    pub(crate) fn started(&self) -> bool {
        self.process.is_some() && self.probes.started
    }

    pub(crate) fn ready(&self) -> bool {
        self.started() && self.probes.ready
    }

    fn tick(&mut self, site: &Site, pod: &StaticPod, ending: bool) {
        let Some(process) = &mut self.process else {
            if !ending && self.next.is_some_and(|next| next <= Instant::now()) {
                self.start(site, pod);
            }
            return;
        };
        if let Some(exit_code) = process.ended() {
            self.finished(exit_code, site, &pod.spec.restart_policy);
        } else if let Some(kill_at) = self.kill_at {
            if kill_at <= Instant::now() {
                process.signal(Signal::KILL);
            }
        } else if self.probes.tick(site, &self.container) == Verdict::Failure {
            self.terminate(site.grace(pod));
        }
    }

    fn start(&mut self, site: &Site, pod: &StaticPod) {
        let restarts = if self.last.is_some() { self.restarts + 1 } else { 0 };
        match Process::start(site, pod, &self.container, restarts) {
            Ok(process) => {
                if self.last.is_some() {
                    self.pause = Some(self.next_pause(site));
                }
                self.restarts = restarts;
                self.probes = Probes::new(&self.container, process.since);
                self.process = Some(process);
                self.kill_at = None;
            }
            Err(why) => {
                site.log(&format!(
                    "`{}` of `{}` cannot start: {why}",
                    self.container.name,
                    pod.key()
                ));
                self.waiting = ("ContainerCreating", why);
                self.next = Some(Instant::now() + TRY_AGAIN);
            }
        }
    }

    fn finished(&mut self, exit_code: i32, site: &Site, policy: &str) {
        let started_at = self.process.take().map(|process| process.started_at).unwrap_or_default();
        self.last = Some(Terminated { exit_code, started_at, finished_at: now() });
        self.kill_at = None;
        let again = policy == "Always" || (policy == "OnFailure" && exit_code != 0);
        let pause = match self.pause {
            Some((pause, set)) if set.elapsed() <= 2 * LONGEST_PAUSE * site.back_off => pause,
            // The first restart, and one after a long good time, comes at once.
            _ => Duration::ZERO,
        };
        let container = &self.container.name;
        self.waiting = (
            "CrashLoopBackOff",
            format!("back-off {pause:?} restarting failed container={container}"),
        );
        self.next = again.then(|| Instant::now() + pause);
    }

    fn next_pause(&self, site: &Site) -> (Duration, Instant) {
        let longest = LONGEST_PAUSE * site.back_off;
        let pause = match self.pause {
            Some((pause, set)) if set.elapsed() <= 2 * longest => (2 * pause).min(longest),
            _ => site.back_off,
        };
        (pause, Instant::now())
    }

    fn terminate(&mut self, grace: Duration) {
        if let Some(process) = &self.process {
            process.signal(Signal::TERM);
            self.kill_at = Some(Instant::now() + grace);
        }
    }
}

impl Probes {
    fn new(container: &Container, since: Instant) -> Self {
        let prober = |probe: &Option<_>| probe.as_ref().map(|probe| Prober::new(probe, since));
        Self {
            startup: prober(&container.startup_probe),
            liveness: prober(&container.liveness_probe),
            readiness: prober(&container.readiness_probe),
            started: container.startup_probe.is_none(),
            ready: false,
        }
    }

    /// `Failure` when the container has to be restarted. The other probes wait for the startup
    /// probe.
    fn tick(&mut self, site: &Site, container: &Container) -> Verdict {
        if !self.started {
            let startup = self.startup.as_mut().map(|probe| probe.tick(site, container));
            self.started = startup == Some(Verdict::Success);
            return startup.unwrap_or(Verdict::Unknown);
        }
        self.ready = match &mut self.readiness {
            Some(probe) => probe.tick(site, container) == Verdict::Success,
            None => true,
        };
        self.liveness.as_mut().map_or(Verdict::Unknown, |probe| probe.tick(site, container))
    }
}
