//! Startup, liveness and readiness probes.
//!
//! A probe runs as a `curl` (or the container's command) in the cluster's namespaces: the
//! kubelet's HTTP probes check no certificate and take every status from 200 to 399 for success,
//! which is what `curl --insecure --fail` does, without a TLS library in this crate.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Site;
use super::manifest::{Container, HttpGet, PortRef, Probe};

/// What the thresholds make of the results so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Unknown,
    Success,
    Failure,
}

/// One probe of one run of a container.
#[derive(Debug)]
pub(crate) struct Prober {
    probe: Probe,
    due: Instant,
    running: Option<(Child, Instant)>,
    /// How often the last result came in a row.
    row: u32,
    last: Option<bool>,
    verdict: Verdict,
}

impl Prober {
    pub(crate) fn new(probe: &Probe, started: Instant) -> Self {
        Self {
            due: started + Duration::from_secs(probe.initial_delay_seconds),
            probe: probe.clone(),
            running: None,
            row: 0,
            last: None,
            verdict: Verdict::Unknown,
        }
    }

    /// Starts the probe when it is due, takes its result when it has one.
    pub(crate) fn tick(&mut self, site: &Site, container: &Container) -> Verdict {
        let now = Instant::now();
        if let Some((child, until)) = &mut self.running {
            let result = match child.try_wait() {
                Ok(Some(status)) => Some(status.success()),
                Ok(None) if now < *until => None,
                _ => {
                    // It has its own limit of time; this is for a command that does not end.
                    let _ = child.kill();
                    let _ = child.wait();
                    Some(false)
                }
            };
            if let Some(success) = result {
                self.running = None;
                self.count(success);
            }
        } else if now >= self.due {
            self.due = now + Duration::from_secs(self.probe.period_seconds.max(1));
            let limit = Duration::from_secs(self.probe.timeout_seconds.max(1) + 1);
            match command(site, container, &self.probe) {
                Some(mut command) => match command.spawn() {
                    Ok(child) => self.running = Some((child, now + limit)),
                    Err(_) => self.count(false),
                },
                // gRPC, which no component of the control plane is probed with.
                None => self.count(true),
            }
        }
        self.verdict
    }

    fn count(&mut self, success: bool) {
        self.row = if self.last == Some(success) { self.row + 1 } else { 1 };
        self.last = Some(success);
        let (threshold, verdict) = match success {
            true => (self.probe.success_threshold, Verdict::Success),
            false => (self.probe.failure_threshold, Verdict::Failure),
        };
        if self.row >= threshold.max(1) {
            self.verdict = verdict;
        }
    }
}

fn command(site: &Site, container: &Container, probe: &Probe) -> Option<Command> {
    let seconds = probe.timeout_seconds.max(1).to_string();
    let mut command = if let Some(http) = &probe.http_get {
        let mut curl = site.namespaces.command("curl");
        curl.args(["--insecure", "--fail", "--silent", "--output", "/dev/null", "--max-time"])
            .args([seconds.as_str(), "--user-agent", "kube-probe/1"]);
        for header in &http.http_headers {
            curl.arg("--header").arg(format!("{}: {}", header.name, header.value));
        }
        curl.arg(url(site, container, http));
        curl
    } else if let Some(tcp) = &probe.tcp_socket {
        let mut curl = site.namespaces.command("curl");
        let host = tcp.host.as_deref().unwrap_or(&site.address);
        // Standard input is empty, so it ends as soon as it is connected.
        curl.args(["--silent", "--output", "/dev/null", "--max-time", seconds.as_str()])
            .arg(format!("telnet://{host}:{}", number(container, &tcp.port)));
        curl
    } else {
        let exec = probe.exec.as_ref()?;
        let mut command = site.namespaces.command("timeout");
        command.arg(seconds).args(&exec.command);
        command
    };
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Some(command)
}

fn url(site: &Site, container: &Container, http: &HttpGet) -> String {
    let scheme = if http.scheme == "HTTPS" { "https" } else { "http" };
    let host = match http.host.as_deref() {
        // A pod of the host's network has the node's address.
        None | Some("") => &site.address,
        Some(host) => host,
    };
    let path = http.path.trim_start_matches('/');
    format!("{scheme}://{host}:{}/{path}", number(container, &http.port))
}

fn number(container: &Container, port: &PortRef) -> u16 {
    match port {
        PortRef::Number(number) => *number,
        PortRef::Name(name) => container
            .ports
            .iter()
            .find(|port| port.name.as_deref() == Some(name))
            .map_or(0, |port| port.container_port),
    }
}
