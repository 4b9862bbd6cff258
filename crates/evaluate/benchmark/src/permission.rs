//! Who may do what with a file: its mode and its owner, as checks ask of them.
//!
//! Enters: a file of a machine. Leaves: an outcome with the evidence and the remedy. Always holds:
//! the verdict is by the file's own bits, which is the benchmarks' letter. That a folder above it
//! lets nobody but root in is said beside a failure, and changes no verdict: a bind mount, a link or
//! a later `chmod` of the folder opens the file at once. Owners go by number, as the kernel does; a
//! name is only what the node calls it.

use kuberlock_model::host::{File, FileType};
use kuberlock_model::layout::Layout;
use kuberlock_model::{Evidence, Remedy, Subject};

use crate::check::Outcome;
use crate::machine::Machine;

/// Whether `file` allows no more than `allowed`.
pub(crate) fn mode_at_most(machine: &Machine<'_>, file: &File, allowed: u32) -> Outcome {
    let evidence = Evidence::file(format!("mode {:04o}", file.mode), machine.node, &file.path);
    let more = file.mode & !allowed & 0o777;
    if more == 0 {
        let message = if allowed & 0o077 == 0 {
            "only its owner may do anything with it".to_owned()
        } else {
            format!("it allows no more than {allowed:o}")
        };
        return Outcome::pass(message).with(evidence);
    }
    let remedy = Remedy::SetFileMode {
        node: machine.node.to_owned(),
        path: file.path.clone(),
        // What it withholds today stays withheld.
        mode: format!("{:o}", file.mode & allowed & 0o777),
    };
    let mut message = too_much(more, file.file_type);
    if let Some(folder) = closed_folder(machine, &file.path).filter(|_| more & 0o077 != 0) {
        message.push_str(&format!(
            "; today the folder `{folder}` keeps everyone but root from it, which the file's own \
             bits do not"
        ));
    }
    Outcome::fail(message, remedy).with(evidence)
}

/// Whether `file` allows no more than the parameter `mode` of `check` says.
pub(crate) fn mode_as_set(machine: &Machine<'_>, file: &File, check: &str) -> Outcome {
    let mode = machine.context.parameter(check, "mode");
    match u32::from_str_radix(mode, 8) {
        Ok(allowed) if allowed <= 0o7777 => mode_at_most(machine, file, allowed),
        _ => Outcome::unknown(format!("the parameter `mode` is `{mode}`, which is no file mode")),
    }
}

/// Whether user and group of `file` are root.
pub(crate) fn owned_by_root(machine: &Machine<'_>, file: &File) -> Outcome {
    let evidence = Evidence::file(ownership(file), machine.node, &file.path);
    if file.uid == 0 && file.gid == 0 {
        return Outcome::pass("it belongs to root").with(evidence);
    }
    if is_own_user(machine, file) {
        let message = "it belongs to the user that Talos runs its component as, and to nobody else";
        return Outcome::pass(message).with(evidence);
    }
    Outcome::fail(format!("it belongs to {}", owners(file)), give_to(machine, file, "root"))
        .with(evidence)
}

/// Whether `file` belongs to a user that Talos made for one component, and is closed to all others.
/// Root's ownership would stop the component there, and protect nothing more.
pub(crate) fn is_own_user(machine: &Machine<'_>, file: &File) -> bool {
    /// etcd, API server, controller manager, scheduler.
    const OWN: [u32; 4] = [60, 65534, 65535, 65536];
    file.mode & 0o077 == 0 && OWN.contains(&file.uid) && machine.layout() == Layout::Talos
}

/// The remedy that gives `file` to the user and the group of this name.
pub(crate) fn give_to(machine: &Machine<'_>, file: &File, name: &str) -> Remedy {
    Remedy::SetFileOwner {
        node: machine.node.to_owned(),
        path: file.path.clone(),
        user: name.to_owned(),
        group: name.to_owned(),
    }
}

/// Each of many files that fails, on its own; one pass for all of them where none does.
pub(crate) fn each(
    machine: &Machine<'_>,
    files: &[&File],
    absent: &'static str,
    ask: impl Fn(&Machine<'_>, &File) -> Outcome,
) -> Vec<(Subject, Outcome)> {
    let node = machine.node;
    let on_node = Subject::Node { node: node.to_owned() };
    if files.is_empty() {
        return vec![(on_node, machine.absent(absent))];
    }
    let asked = files.iter().map(|file| (file, ask(machine, file)));
    let failed: Vec<_> = asked
        .filter(|(_, outcome)| outcome.verdict != kuberlock_model::Verdict::Pass)
        .map(|(file, outcome)| {
            (Subject::File { node: Some(node.to_owned()), path: file.path.clone() }, outcome)
        })
        .collect();
    if !failed.is_empty() {
        return failed;
    }
    let folders = files.iter().filter_map(|file| file.path.rsplit_once('/')).map(|(f, _)| f);
    let mut folders: Vec<&str> = folders.collect();
    folders.dedup();
    let message = format!("all {} are as they should be", files.len());
    let evidence = folders.into_iter().map(|folder| Evidence::file("seen", node, folder));
    vec![(on_node, Outcome::pass(message).with_all(evidence))]
}

/// User and group, by name where the node has one and by number.
pub(crate) fn ownership(file: &File) -> String {
    format!("user {}, group {}", named(&file.user, file.uid), named(&file.group, file.gid))
}

fn owners(file: &File) -> String {
    format!("user {} and group {}", named(&file.user, file.uid), named(&file.group, file.gid))
}

fn named(name: &Option<String>, id: u32) -> String {
    match name {
        Some(name) => format!("{name} ({id})"),
        None => id.to_string(),
    }
}

/// What the bits `more` let whom do, in words.
fn too_much(more: u32, file_type: FileType) -> String {
    let run = if file_type == FileType::Directory { "enter it" } else { "run it" };
    let read = if file_type == FileType::Directory { "list it" } else { "read it" };
    let may = [(0o4, read), (0o2, "write it"), (0o1, run)];
    let said = |bits: u32| {
        let words = may.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, word)| *word);
        words.collect::<Vec<_>>().join(" and ")
    };
    match ((more | more >> 3) & 0o7, more >> 6) {
        (0, own) => format!("its owner may {}", said(own)),
        (others, _) => format!("others than its owner may {}", said(others)),
    }
}

/// The first folder above `path` that lets nobody in but root.
fn closed_folder<'a>(machine: &Machine<'a>, path: &str) -> Option<&'a str> {
    path.match_indices('/').skip(1).find_map(|(at, _)| {
        let folder = machine.host.files.get(path.get(..at)?)?;
        let closed = folder.file_type == FileType::Directory
            && folder.uid == 0
            && (folder.mode & 0o011 == 0 || (folder.gid == 0 && folder.mode & 0o001 == 0));
        closed.then_some(folder.path.as_str())
    })
}
