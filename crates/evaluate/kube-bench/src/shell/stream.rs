//! Where a script's streams lead, and what is read and written through them.

use super::run::{Shell, Stop};
use super::scope::Scope;
use crate::node::Node as _;

use super::syntax::{Place, Redirect};

/// Where a stream goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sink {
    Nowhere,
    Buffer(usize),
}

/// The three streams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Streams {
    pub(super) input: Option<usize>,
    pub(super) out: Sink,
    pub(super) err: Sink,
}

impl Streams {
    /// Where a file that is written to leads.
    fn sink(&self, path: &str) -> Result<Sink, Stop> {
        match path {
            "/dev/null" => Ok(Sink::Nowhere),
            "/dev/stdout" => Ok(self.out),
            "/dev/stderr" => Ok(self.err),
            _ => Err(Stop::NotRun(format!("it writes to `{path}`"))),
        }
    }

    pub(super) fn set(&mut self, stream: u8, to: Sink) {
        match stream {
            1 => self.out = to,
            2 => self.err = to,
            _ => {}
        }
    }
}

impl Shell<'_> {
    /// The streams behind redirections; None where one cannot be opened, which was said.
    pub(super) fn redirected(
        &mut self,
        redirects: &[Redirect],
        scope: &mut Scope,
        streams: Streams,
    ) -> Result<Option<Streams>, Stop> {
        let mut own = streams;
        for redirect in redirects {
            match &redirect.to {
                Place::Text(word) => {
                    let text = self.expand_one(word, scope, streams)?;
                    own.input = Some(self.inputs.len());
                    self.hold(text.len())?;
                    self.inputs.push((text.into_bytes(), 0));
                }
                Place::Read(word) => {
                    let path = self.expand_one(word, scope, streams)?;
                    match self.read_file(&path)? {
                        Ok(text) => {
                            self.hold(text.len())?;
                            own.input = Some(self.inputs.len());
                            self.inputs.push((text, 0));
                        }
                        Err(why) => {
                            let why = match why.as_str() {
                                "No such file or directory" if !scope.bash => "No such file",
                                why => why,
                            };
                            let (name, line) = (&scope.name, scope.line);
                            let text = match scope.bash {
                                true => format!("{name}: line {line}: {path}: {why}\n"),
                                false => format!("{name}: {line}: cannot open {path}: {why}\n"),
                            };
                            self.write(own.err, text.as_bytes())?;
                            return Ok(None);
                        }
                    }
                }
                Place::Write(word) => {
                    let path = self.expand_one(word, scope, streams)?;
                    own.set(redirect.stream, own.sink(&path)?);
                }
                Place::Both(word) => {
                    let path = self.expand_one(word, scope, streams)?;
                    let to = own.sink(&path)?;
                    (own.out, own.err) = (to, to);
                }
                Place::Output(lists) => {
                    let (text, _) = self.captured(lists, scope, streams)?;
                    self.hold(text.len())?;
                    own.input = Some(self.inputs.len());
                    self.inputs.push((text, 0));
                }
                Place::Stream(word) => {
                    let text = self.expand_one(word, scope, streams)?;
                    match (redirect.stream, text.as_str()) {
                        (0, "0") => {}
                        (0, "-") => own.input = None,
                        (stream, "1") => own.set(stream, own.out),
                        (stream, "2") => own.set(stream, own.err),
                        (stream, "-") => own.set(stream, Sink::Nowhere),
                        _ => return Err(Stop::NotRun(format!("it uses the stream `{text}`"))),
                    }
                }
            }
        }
        Ok(Some(own))
    }

    /// Lets go of what was read by commands that have ended.
    pub(super) fn forget_inputs(&mut self, kept: usize) {
        let gone: usize = self.inputs.drain(kept..).map(|(text, _)| text.len()).sum();
        self.held = self.held.saturating_sub(gone);
    }

    pub(super) fn take(&mut self, buffer: usize) -> Vec<u8> {
        let text = self.buffers.get_mut(buffer).map(std::mem::take).unwrap_or_default();
        self.buffers.truncate(buffer);
        text
    }

    /// What is left of the standard input.
    pub(super) fn input(&mut self, streams: Streams) -> Vec<u8> {
        let Some(input) = streams.input.and_then(|at| self.inputs.get_mut(at)) else {
            return Vec::new();
        };
        let from = std::mem::replace(&mut input.1, input.0.len());
        input.0.get(from..).unwrap_or_default().to_vec()
    }

    /// The next line of the standard input, and whether it had an end.
    pub(super) fn input_line(&mut self, streams: Streams) -> Option<(Vec<u8>, bool)> {
        let (bytes, at) = streams.input.and_then(|at| self.inputs.get_mut(at))?;
        let rest = bytes.get(*at..).filter(|rest| !rest.is_empty())?;
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().to_vec();
        *at += line.len() + usize::from(end.is_some());
        Some((line, end.is_some()))
    }

    pub(super) fn write(&mut self, to: Sink, bytes: &[u8]) -> Result<(), Stop> {
        self.spend(bytes.len())?;
        if let Sink::Buffer(at) = to
            && let Some(buffer) = self.buffers.get_mut(at)
        {
            buffer.extend_from_slice(bytes);
            self.hold(bytes.len())?;
        }
        Ok(())
    }

    /// A file's content, or why there is none, as the C library says it.
    pub(crate) fn read_file(&mut self, path: &str) -> Result<Result<Vec<u8>, String>, Stop> {
        if path == "/dev/null" {
            return Ok(Ok(Vec::new()));
        }
        self.spend(1000)?;
        let read = self.node.read(path);
        if let Ok(bytes) = &read {
            self.spend(bytes.len())?;
        }
        if read == Err(crate::Refusal::TooLarge) {
            return Err(Stop::NotRun(format!("`{path}` is larger than is read")));
        }
        Ok(read.map_err(|refusal| refusal.to_string()))
    }
}
