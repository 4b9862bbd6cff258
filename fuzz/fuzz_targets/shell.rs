//! Any bytes as an audit's script, and as the file that it reads and the program that it calls.
#![no_main]

use kuberlock_kube_bench::shell::{self, Limits};
use kuberlock_kube_bench::{Entry, FileType, NoCommands, Node, Process, Refusal, Status};
use libfuzzer_sys::fuzz_target;

/// The files of the node; what is in them comes with the script.
const FILES: [&str; 3] = ["/etc/kubernetes/file", "/usr/bin/tool", "/usr/bin/jq"];

/// So little that a script which goes to its bounds still ends within the fuzzer's time.
const LIMITS: Limits = Limits { steps: 3_000_000, bytes: 4 << 20 };

struct Small<'t> {
    text: &'t [u8],
    processes: Vec<Process>,
}

impl Node for Small<'_> {
    fn stat(&self, path: &str, _: bool) -> Result<Status, Refusal> {
        let whole = path.trim_end_matches('/');
        let folder = FILES.iter().any(|file| file.starts_with(&format!("{whole}/")));
        let mode = match FILES.contains(&whole) {
            true => 0o100_755,
            false if folder => 0o040_755,
            false => return Err(Refusal::Absent),
        };
        let size = self.text.len() as u64;
        Ok(Status { mode, uid: 0, gid: 1, size, links: 1, inode: 1, modified: 1_700_000_000 })
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Refusal> {
        FILES.contains(&path).then(|| self.text.to_vec()).ok_or(Refusal::Absent)
    }

    fn list(&self, path: &str) -> Result<Vec<Entry>, Refusal> {
        let prefix = format!("{}/", path.trim_end_matches('/'));
        let inner = FILES.iter().filter_map(|file| file.strip_prefix(&prefix));
        let entry = |rest: &str| match rest.split_once('/') {
            Some((name, _)) => Entry { name: name.to_owned(), kind: FileType::Directory },
            None => Entry { name: rest.to_owned(), kind: FileType::File },
        };
        Ok(inner.map(entry).collect())
    }

    fn link(&self, _: &str) -> Result<String, Refusal> {
        Err(Refusal::Absent)
    }

    fn processes(&self) -> &[Process] {
        &self.processes
    }

    fn now(&self) -> Option<i64> {
        Some(1_700_000_000)
    }

    fn user(&self, id: u32) -> Option<String> {
        (id == 0).then(|| "root".to_owned())
    }

    fn group(&self, _: u32) -> Option<String> {
        None
    }
}

fuzz_target!(|data: &[u8]| {
    // A zero byte parts the script from the file.
    let at = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (script, text) = data.split_at(at);
    let Ok(script) = std::str::from_utf8(script) else { return };
    let args = ["kubelet", "--config=/etc/kubernetes/file"].map(str::to_owned).to_vec();
    let kubelet = Process { pid: 7, comm: "kubelet".to_owned(), args, ..Process::default() };
    let node = Small { text: text.get(1..).unwrap_or_default(), processes: vec![kubelet] };
    let plain = shell::run(script, &node, &NoCommands, LIMITS);
    assert_eq!(plain, shell::run(script, &node, &NoCommands, LIMITS), "another answer");
    // The same in bash's language.
    let quoted = format!("bash -c '{}'", script.replace('\'', "'\\''"));
    drop(shell::run(&quoted, &node, &NoCommands, LIMITS));
});
