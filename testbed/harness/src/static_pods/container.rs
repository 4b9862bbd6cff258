//! A container of a static pod, as a process.
//!
//! Enters: the container's specification. Leaves: a running process in the cluster's namespaces
//! whose root holds its mounts and the components, and whose output goes to the file under
//! `/var/log/pods` where the kubelet's would. Always holds: a hostPath volume that is not of its
//! type starts nothing.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

use super::Site;
use super::manifest::{Container, HostPath, StaticPod};
use crate::error::Error;
use crate::layout::make_dir;
use crate::namespaces::children;
use crate::rootfs::{self, Mount};

/// A container's process.
#[derive(Debug)]
pub(crate) struct Process {
    /// What entered the namespaces; ends as the program does.
    entered: Child,
    pub(crate) since: Instant,
    pub(crate) started_at: String,
}

impl Process {
    /// Starts the program of `container`, for the `attempt`th time.
    pub(crate) fn start(
        site: &Site,
        pod: &StaticPod,
        container: &Container,
        attempt: u32,
    ) -> Result<Self, String> {
        let mounts = mounts(site, pod, container)?;
        let program = program(container)?;
        let mut command =
            rootfs::command(&site.namespaces, &site.layout, &site.binaries, program, &mounts);
        command
            .args(&container.command)
            .args(&container.args)
            .envs(container.env.iter().map(|env| (&env.name, &env.value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let log = Log::create(site, pod, container, attempt).map_err(|error| error.to_string())?;
        let mut entered = command.spawn().map_err(|error| error.to_string())?;
        log.follow("stdout", entered.stdout.take());
        log.follow("stderr", entered.stderr.take());
        Ok(Self { entered, since: Instant::now(), started_at: now() })
    }

    /// The exit code (128 and the signal, after a signal), once it has ended.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        use std::os::unix::process::ExitStatusExt;
        let status = self.entered.try_wait().ok().flatten()?;
        Some(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default()))
    }

    /// Asks the program to end, or makes it.
    pub(crate) fn signal(&self, signal: Signal) {
        for process in children(self.entered.id()) {
            let process = i32::try_from(process).ok().and_then(Pid::from_raw);
            if let Some(process) = process {
                // It may have ended by itself just now.
                let _ = kill_process(process, signal);
            }
        }
    }

    /// The process to wait for when the namespaces are gone.
    pub(crate) fn into_child(self) -> Child {
        self.entered
    }
}

fn program(container: &Container) -> Result<&str, String> {
    let mut words = container.command.iter().chain(&container.args);
    let first = words.next().map(String::as_str);
    first.ok_or_else(|| format!("container `{}` names no command", container.name))
}

/// The hostPath volumes that the container mounts, all there and of their types. Volumes of other
/// kinds are left out: only paths of the host can be shown to a process of the host.
fn mounts<'a>(
    site: &Site,
    pod: &'a StaticPod,
    container: &'a Container,
) -> Result<Vec<Mount<'a>>, String> {
    let mut mounts = Vec::new();
    for mount in &container.volume_mounts {
        let volume = pod.spec.volumes.iter().find(|volume| volume.name == mount.name);
        let Some(host_path) = volume.and_then(|volume| volume.host_path.as_ref()) else {
            continue;
        };
        prepare(&site.namespaces.seen(Path::new(&host_path.path)), host_path)?;
        mounts.push(Mount {
            source: &host_path.path,
            target: &mount.mount_path,
            read_only: mount.read_only,
        });
    }
    Ok(mounts)
}

/// Makes a hostPath volume if its type asks for that, and checks that it is of its type.
fn prepare(seen: &Path, volume: &HostPath) -> Result<(), String> {
    let path = &volume.path;
    let make =
        |made: std::io::Result<()>| made.map_err(|why| format!("cannot make `{path}`: {why}"));
    match volume.kind.as_str() {
        "DirectoryOrCreate" if !seen.exists() => {
            make_dir(seen, 0o755).map_err(|error: Error| error.to_string())?;
        }
        "FileOrCreate" if !seen.exists() => make(File::create(seen).map(drop))?,
        // Without a type nothing is checked, and the runtime makes a folder.
        "" if !seen.exists() => make(fs::create_dir_all(seen))?,
        _ => {}
    }
    let found = fs::metadata(seen).map(|data| data.file_type());
    let right = match (volume.kind.as_str(), found) {
        ("", _) => true,
        (_, Err(_)) => false,
        ("Directory" | "DirectoryOrCreate", Ok(kind)) => kind.is_dir(),
        ("File" | "FileOrCreate", Ok(kind)) => kind.is_file(),
        ("Socket", Ok(kind)) => kind.is_socket(),
        ("CharDevice", Ok(kind)) => kind.is_char_device(),
        ("BlockDevice", Ok(kind)) => kind.is_block_device(),
        _ => false,
    };
    if right {
        return Ok(());
    }
    Err(format!("hostPath type check failed: {path} is not a {}", volume.kind))
}

/// A log file in the form that container runtimes write.
struct Log {
    file: Arc<Mutex<File>>,
}

impl Log {
    fn create(
        site: &Site,
        pod: &StaticPod,
        container: &Container,
        attempt: u32,
    ) -> Result<Self, Error> {
        let dir = PathBuf::from("/var/log/pods")
            .join(format!("{}_{}_{}", pod.namespace, pod.name, pod.hash))
            .join(&container.name);
        let dir = crate::layout::inside(&site.root, &dir);
        make_dir(&dir, 0o755)?;
        let path = dir.join(format!("{attempt}.log"));
        let file = File::create(&path).map_err(Error::file("write", &path))?;
        Ok(Self { file: Arc::new(Mutex::new(file)) })
    }

    fn follow(&self, stream: &'static str, from: Option<impl Read + Send + 'static>) {
        let Some(from) = from else { return };
        let file = Arc::clone(&self.file);
        // Ends with the process that writes.
        thread::spawn(move || {
            let mut lines = BufReader::new(from);
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                while line.last() == Some(&b'\n') {
                    line.pop();
                }
                let mut text = format!("{} {stream} F ", now()).into_bytes();
                text.append(&mut line);
                text.push(b'\n');
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                // A full disk loses log lines, nothing else.
                let _ = file.write_all(&text);
            }
        });
    }
}

/// The time, as Kubernetes writes it.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().to_string()
}
