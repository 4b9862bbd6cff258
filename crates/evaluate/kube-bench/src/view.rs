//! A node as a shell sees it from the folder that it is in.

use std::sync::Arc;

use crate::node::{Entry, Node, Process, Refusal, Status};

/// A node, and the folder from which relative paths lead.
#[derive(Clone)]
pub(crate) struct View<'a> {
    node: &'a dyn Node,
    /// Absolute, without a slash at its end; the root is the empty text.
    folder: Arc<str>,
}

impl<'a> View<'a> {
    /// The node from its root.
    pub(crate) fn new(node: &'a dyn Node) -> Self {
        Self { node, folder: Arc::from("") }
    }

    /// The folder, as `pwd` prints it.
    pub(crate) fn folder(&self) -> &str {
        if self.folder.is_empty() { "/" } else { &self.folder }
    }

    /// The node from `path`, steps back taken by the text as `cd` takes them.
    pub(crate) fn moved(&self, path: &str) -> Self {
        let whole = self.placed(path);
        let mut steps: Vec<&str> = Vec::new();
        for step in whole.split('/') {
            match step {
                "" | "." => {}
                ".." => {
                    steps.pop();
                }
                step => steps.push(step),
            }
        }
        let folder: String = steps.iter().flat_map(|step| ["/", step]).collect();
        Self { node: self.node, folder: Arc::from(folder) }
    }

    /// A relative path with the folder before it.
    fn placed(&self, path: &str) -> String {
        match path.is_empty() || path.starts_with('/') || self.folder.is_empty() {
            true => path.to_owned(),
            false => match path.strip_prefix("./").unwrap_or(path) {
                "." | "" => self.folder.to_string(),
                path => format!("{}/{path}", self.folder),
            },
        }
    }
}

impl Node for View<'_> {
    fn stat(&self, path: &str, follow: bool) -> Result<Status, Refusal> {
        self.node.stat(&self.placed(path), follow)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Refusal> {
        self.node.read(&self.placed(path))
    }

    fn list(&self, path: &str) -> Result<Vec<Entry>, Refusal> {
        self.node.list(&self.placed(path))
    }

    fn link(&self, path: &str) -> Result<String, Refusal> {
        self.node.link(&self.placed(path))
    }

    fn processes(&self) -> &[Process] {
        self.node.processes()
    }

    fn pid_width(&self) -> usize {
        self.node.pid_width()
    }

    fn now(&self) -> Option<i64> {
        self.node.now()
    }

    fn unicode(&self) -> bool {
        self.node.unicode()
    }

    fn user(&self, id: u32) -> Option<String> {
        self.node.user(id)
    }

    fn group(&self, id: u32) -> Option<String> {
        self.node.group(id)
    }
}
