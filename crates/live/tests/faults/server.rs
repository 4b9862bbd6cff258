//! A loopback server that says what it is told to: for faults that no real server shows at will.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

/// What to say to a request.
#[derive(Clone)]
pub enum Say {
    /// Status, header lines, body.
    This(u16, &'static str, String),
    /// Nothing, and the connection stays open.
    Nothing,
    /// The head of an answer, and then nothing.
    HalfAnAnswer,
    /// Nothing, and the connection is closed.
    Close,
}

/// Gets method and path of a request, and how often the very same was sent before.
type Script = dyn Fn(&str, &str, usize) -> Say + Send + Sync;

pub struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
    folder: tempfile::TempDir,
}

pub fn ok(body: impl Into<String>) -> Say {
    Say::This(200, "", body.into())
}

pub fn status(code: u16, message: &str) -> Say {
    let body = format!(r#"{{"kind":"Status","apiVersion":"v1","message":"{message}"}}"#);
    Say::This(code, "Retry-After: 0\r\n", body)
}

/// What a small healthy server says.
pub fn usual(path: &str) -> Say {
    match path.split('?').next().unwrap_or_default() {
        "/version" => ok(r#"{"gitVersion":"v1.37.2"}"#),
        "/apis/authentication.k8s.io/v1/selfsubjectreviews" => {
            ok(r#"{"status":{"userInfo":{"username":"jane","groups":["dev"]}}}"#)
        }
        _ => ok(r#"{"kind":"List","metadata":{},"items":[]}"#),
    }
}

impl Server {
    /// Threads of this server end with the test's process.
    pub fn start(say: impl Fn(&str, &str, usize) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Script> = Arc::new(say);
        let counts = Arc::new(Mutex::new(HashMap::new()));
        let log = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (script, log, counts) =
                    (Arc::clone(&script), Arc::clone(&log), Arc::clone(&counts));
                thread::spawn(move || serve(stream.unwrap(), &*script, &log, &counts));
            }
        });
        Self { url, requests, folder: tempfile::tempdir().unwrap() }
    }

    /// Every request so far: method and path.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// How many requests have this path, whatever their query.
    pub fn count(&self, path: &str) -> usize {
        let path = |line: &&String| line.split([' ', '?']).nth(1) == Some(path);
        self.requests().iter().filter(path).count()
    }

    /// A kubeconfig with this user entry.
    pub fn kubeconfig(&self, user: &str) -> PathBuf {
        write(self.folder.path().join("config"), &self.url, user)
    }
}

pub fn write(path: PathBuf, url: &str, user: &str) -> PathBuf {
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: jane@shop\n\
         clusters: [{{name: shop, cluster: {{server: '{url}'}}}}]\n\
         contexts: [{{name: jane@shop, context: {{cluster: shop, user: jane, namespace: till}}}}]\n\
         users: [{{name: jane, user: {user}}}]\n"
    );
    std::fs::write(&path, text).unwrap();
    path
}

fn serve(
    mut stream: TcpStream,
    script: &Script,
    log: &Mutex<Vec<String>>,
    counts: &Mutex<HashMap<String, usize>>,
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if header.trim().is_empty() {
                break;
            }
        }
        reader.by_ref().take(length).read_to_end(&mut Vec::new()).unwrap();
        let request = line.rsplit_once(' ').unwrap().0.to_owned();
        log.lock().unwrap().push(request.clone());
        let before = {
            let mut counts = counts.lock().unwrap();
            let count = counts.entry(request.clone()).or_insert(0);
            *count += 1;
            *count - 1
        };
        let (method, path) = request.split_once(' ').unwrap();
        match script(method, path, before) {
            Say::This(code, headers, body) => {
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {code} X\r\n{headers}Content-Type: application/json\r\n\
                     Content-Length: {length}\r\n\r\n"
                );
                let said = stream.write_all(head.as_bytes());
                if said.and_then(|()| stream.write_all(body.as_bytes())).is_err() {
                    return;
                }
            }
            Say::Nothing => loop {
                thread::park();
            },
            Say::HalfAnAnswer => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{").unwrap();
                loop {
                    thread::park();
                }
            }
            Say::Close => return,
        }
    }
}
