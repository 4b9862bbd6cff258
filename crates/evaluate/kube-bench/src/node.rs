//! What the audits ask of a node: files, processes, users. The caller answers.

use std::fmt;

/// A machine, alive or as a folder.
pub trait Node: Sync {
    /// What `path` is; of a link, where `follow`, what it leads to.
    ///
    /// # Errors
    /// As the system call would.
    fn stat(&self, path: &str, follow: bool) -> Result<Status, Refusal>;
    /// The content of a regular file.
    ///
    /// # Errors
    /// As the system call would.
    fn read(&self, path: &str) -> Result<Vec<u8>, Refusal>;
    /// What lies in a folder, in the order of the folder itself.
    ///
    /// # Errors
    /// As the system call would.
    fn list(&self, path: &str) -> Result<Vec<Entry>, Refusal>;
    /// Where a link points.
    ///
    /// # Errors
    /// As the system call would.
    fn link(&self, path: &str) -> Result<String, Refusal>;
    /// All processes, by id.
    fn processes(&self) -> &[Process];
    /// How many digits the largest process id has.
    fn pid_width(&self) -> usize {
        5
    }
    /// The time at which it is looked at, in seconds since 1970; None where nobody says.
    fn now(&self) -> Option<i64> {
        None
    }
    /// Whether programs of its locale quote in Unicode.
    fn unicode(&self) -> bool {
        true
    }
    /// The name of a user.
    fn user(&self, id: u32) -> Option<String>;
    /// The name of a group.
    fn group(&self, id: u32) -> Option<String>;
}

/// Commands that something else answers: `kubectl`, `jq`.
pub trait Commands: Sync {
    /// Runs `name`; None where it is not one of them. The error says why it is one of them and has
    /// no answer, which ends the audit as not run.
    fn run(&self, name: &str, args: &[String], stdin: &[u8]) -> Option<Result<Output, String>>;

    /// Whether `name` reads its standard input. One that does not leaves it to others, as kubectl
    /// does within `while read`.
    fn reads_input(&self, name: &str) -> bool {
        name == "jq"
    }
}

/// No further commands.
#[derive(Clone, Copy, Debug)]
pub struct NoCommands;

impl Commands for NoCommands {
    fn run(&self, _: &str, _: &[String], _: &[u8]) -> Option<Result<Output, String>> {
        None
    }
}

/// What a command leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
    /// Its exit status.
    pub status: u8,
}

/// What a path is, as `stat` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// The type and permission bits.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The owning group.
    pub gid: u32,
    /// Size in bytes.
    pub size: u64,
    /// Hard links.
    pub links: u64,
    /// The inode.
    pub inode: u64,
    /// Seconds since 1970 of the last change of the content.
    pub modified: i64,
}

/// What kind of thing a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link.
    Link,
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A block device.
    Block,
    /// A character device.
    Character,
}

impl Status {
    /// What kind of thing it is.
    pub fn file_type(&self) -> FileType {
        match self.mode & 0o170_000 {
            0o040_000 => FileType::Directory,
            0o120_000 => FileType::Link,
            0o010_000 => FileType::Fifo,
            0o140_000 => FileType::Socket,
            0o060_000 => FileType::Block,
            0o020_000 => FileType::Character,
            _ => FileType::File,
        }
    }

    /// The twelve permission bits.
    pub fn permissions(&self) -> u32 {
        self.mode & 0o7777
    }
}

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is, a link being a link.
    pub kind: FileType,
}

/// A running process, as `ps` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// Its parent's.
    pub ppid: u32,
    /// Its user's.
    pub uid: u32,
    /// The kernel's name of it, at most 15 bytes.
    pub comm: String,
    /// Its command line; none of a kernel thread.
    pub args: Vec<String>,
    /// Whether it has ended, and only its parent does not know.
    pub ended: bool,
    /// Its terminal.
    pub tty: Option<String>,
    /// Processor time used, in seconds.
    pub time: u64,
    /// Processor use since it was started, in percent.
    pub percent: u32,
    /// The same in tenths.
    pub tenths: u32,
    /// Memory that it has addresses of, in KiB.
    pub virtual_kib: u64,
    /// Memory that it is in, in KiB.
    pub resident_kib: u64,
    /// The share of all memory, in tenths of a percent.
    pub memory_tenths: u32,
    /// What it does, as `ps` writes it: `Ss`. Nothing is `S`.
    pub state: String,
    /// When it was started, as `ps` writes it: `04:07`, `Nov23`.
    pub started: String,
}

/// Why the node did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such path.
    Absent,
    /// A step of the path is no folder.
    NotDirectory,
    /// It is a folder.
    Directory,
    /// This user may not.
    Denied,
    /// Too many links.
    Loop,
    /// It is larger than what is read.
    TooLarge,
    /// It is neither a file nor a folder, and is not opened.
    Special,
    /// The path, or a name in it, is too long.
    TooLong,
    /// Anything else.
    Other,
}

impl fmt::Display for Refusal {
    /// As the C library says it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "No such file or directory",
            Self::NotDirectory => "Not a directory",
            Self::Directory => "Is a directory",
            Self::Denied => "Permission denied",
            Self::Loop => "Too many levels of symbolic links",
            Self::TooLarge => "File too large",
            Self::Special => "Operation not permitted",
            Self::TooLong => "File name too long",
            Self::Other => "Input/output error",
        })
    }
}
