//! One request: bounded in size and time, tried again where that can help.

use std::time::Duration;

use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kube::Client;
use kube::client::Body;
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use crate::Error;
use crate::connect::Target;
use crate::error::Cause;

/// The largest answer that is read.
const LARGEST: usize = 64 << 20;
/// How often a request is sent at most that the server refuses for the moment.
const ATTEMPTS: u32 = 5;
/// How often a request is sent at most that gets no answer.
const UNANSWERED: u32 = 3;
/// The first pause between attempts; it doubles.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest pause, whatever the server asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The longest text of the server that is shown.
const LONGEST_REASON: usize = 400;

/// A connection to one server.
#[derive(Clone)]
pub(crate) struct Connection {
    client: Client,
    server: String,
    silence: Duration,
}

/// What came of a request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// 200, and the body.
    Ok(Vec<u8>),
    /// Any other status, after as many attempts as make sense.
    Refused(Refusal),
    /// More than is read of one answer.
    TooLarge,
    /// No answer.
    Failed(Cause),
}

/// The server says no.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// What it says, fit to be shown.
    pub(crate) reason: String,
    /// Whether the body is a `Status` object of Kubernetes.
    pub(crate) is_status: bool,
    /// The token with which a list that expired may go on.
    pub(crate) token: String,
    after: Option<Duration>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    kind: String,
    message: String,
    metadata: StatusMetadata,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StatusMetadata {
    r#continue: String,
}

impl Connection {
    pub(crate) fn new(target: &Target, silence: Duration) -> Result<Self, Error> {
        // Fails only where a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut config = target.config.clone();
        let server = shown(&config.cluster_url);
        config.default_retry = false;
        config.connect_timeout = Some(silence.min(Duration::from_secs(10)));
        config.read_timeout = Some(silence);
        config.write_timeout = Some(silence);
        config.reset_reader_on_write = true;
        match Client::try_from(config) {
            Ok(client) => Ok(Self { client, server, silence }),
            Err(error) => Err(unusable(server, &error)),
        }
    }

    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Error> {
        self.send(Method::GET, path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Result<Answer, Error> {
        self.send(Method::POST, path, body).await
    }

    /// Sends until there is an answer that will not change. Only refused credentials are an
    /// error: nothing after them can succeed.
    async fn send(&self, method: Method, path: &str, body: &str) -> Result<Answer, Error> {
        let mut pause = PAUSE;
        let mut attempt = 1;
        loop {
            let answer = self.attempt(&method, path, body).await?;
            let most = if matches!(answer, Answer::Failed(_)) { UNANSWERED } else { ATTEMPTS };
            let Some(wait) = answer.pause(pause).filter(|_| attempt < most) else {
                return Ok(answer);
            };
            sleep(wait.min(LONGEST_PAUSE)).await;
            pause *= 2;
            attempt += 1;
        }
    }

    async fn attempt(&self, method: &Method, path: &str, body: &str) -> Result<Answer, Error> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("kuberlock/", env!("CARGO_PKG_VERSION")))
            .body(Body::from(body.as_bytes().to_vec()));
        let request = match request {
            Ok(request) => request,
            Err(error) => return Ok(Answer::Failed(error.into())),
        };
        // The connection itself notices silence; this bounds an answer that trickles.
        match timeout(self.silence * 5, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(late) => Ok(Answer::Failed(late.into())),
        }
    }

    async fn exchange(&self, request: Request<Body>) -> Result<Answer, Error> {
        let response = match self.client.send(request).await {
            Ok(response) => response,
            Err(error @ kube::Error::Auth(_)) => return Err(unusable(self.server.clone(), &error)),
            Err(kube::Error::Service(error)) => return Ok(Answer::Failed(error)),
            Err(kube::Error::HyperError(error)) => return Ok(Answer::Failed(error.into())),
            Err(error) => return Ok(Answer::Failed(error.into())),
        };
        let (head, body) = response.into_parts();
        let body = match Limited::new(body, LARGEST).collect().await {
            Ok(body) => body.to_bytes().to_vec(),
            Err(error) if error.is::<LengthLimitError>() => return Ok(Answer::TooLarge),
            Err(error) => return Ok(Answer::Failed(error)),
        };
        if head.status == StatusCode::OK || head.status == StatusCode::CREATED {
            return Ok(Answer::Ok(body));
        }
        let after = head.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        let refusal = Refusal::new(head.status, &body, after);
        if head.status == StatusCode::UNAUTHORIZED {
            return Err(self.unauthorised(refusal.reason));
        }
        Ok(Answer::Refused(refusal))
    }

    pub(crate) fn unauthorised(&self, reason: String) -> Error {
        Error::Unauthorised { server: self.server.clone(), reason }
    }

    pub(crate) fn unreachable(&self, source: Cause) -> Error {
        Error::Unreachable { server: self.server.clone(), source }
    }

    pub(crate) fn not_an_api_server(&self) -> Error {
        Error::NotAnApiServer { server: self.server.clone() }
    }
}

impl Answer {
    /// How long to wait before it is worth asking again; None where it is not.
    fn pause(&self, usual: Duration) -> Option<Duration> {
        match self {
            Self::Refused(refusal) if refusal.passes() => Some(refusal.after.unwrap_or(usual)),
            // A name that does not resolve or a port that refuses will do so again.
            Self::Failed(error) if !is_connect(error) => Some(usual),
            _ => None,
        }
    }
}

impl Refusal {
    fn new(status: StatusCode, body: &[u8], after: Option<&str>) -> Self {
        let said: Status = serde_json::from_slice(body).unwrap_or_default();
        let is_status = said.kind == "Status";
        let reason = match fit(&said.message) {
            reason if is_status && !reason.is_empty() => reason,
            _ => format!("the server answered {status}"),
        };
        let after = after.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        Self { status, reason, is_status, token: said.metadata.r#continue, after }
    }

    fn passes(&self) -> bool {
        self.status == StatusCode::TOO_MANY_REQUESTS || self.status.is_server_error()
    }
}

/// One line of bounded length.
fn fit(text: &str) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut line: String = line.take(LONGEST_REASON + 1).collect();
    if line.chars().count() > LONGEST_REASON {
        line.pop();
        line.push('…');
    }
    line.trim().to_owned()
}

/// A URL without user, password, path and query.
fn shown(url: &http::Uri) -> String {
    let host = url.host().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}", url.scheme_str().unwrap_or("https"))
}

/// Why there can be no connection, before one was tried. What a plugin printed may be a
/// credential, so it is not repeated.
fn unusable(server: String, error: &kube::Error) -> Error {
    use kube::client::AuthError;
    let proxy = |reason: &str| Error::Kubeconfig {
        what: format!("the proxy to `{server}`"),
        reason: reason.to_owned(),
    };
    let error = match error {
        kube::Error::Auth(error) => error,
        kube::Error::ProxyProtocolUnsupported { .. }
        | kube::Error::ProxyProtocolDisabled { .. } => {
            return proxy("only http, https and socks5 proxies are");
        }
        _ => {
            let reason = "the client certificate, its key or the authority cannot be used";
            return Error::Credentials { server, reason: reason.to_owned() };
        }
    };
    let reason = match error {
        AuthError::AuthExecStart(source) => format!("the plugin cannot be started: {source}"),
        // The command line and its environment may hold one too.
        AuthError::AuthExecRun { out, .. } => format!("the plugin ended with {}", out.status),
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            "the plugin answered no credential".to_owned()
        }
        AuthError::ReadTokenFile(source, path) => {
            format!("cannot read `{}`: {source}", path.display())
        }
        AuthError::MissingCommand => "the kubeconfig names no plugin".to_owned(),
        _ => "they cannot be used".to_owned(),
    };
    Error::Credentials { server, reason }
}

/// Whether no connection came about, for a reason that stays: a name that is not known, a port
/// that refuses, a certificate that is not trusted.
fn is_connect(error: &Cause) -> bool {
    use std::io::ErrorKind::{
        ConnectionRefused, HostUnreachable, InvalidData, NetworkUnreachable, TimedOut,
    };
    let stays = [ConnectionRefused, HostUnreachable, InvalidData, NetworkUnreachable];
    let connecting = causes(error.as_ref()).any(|cause| cause.to_string().contains("(Connect)"));
    causes(error.as_ref()).any(|cause| {
        let kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        kind.is_some_and(|kind| stays.contains(&kind) || (connecting && kind == TimedOut))
            || cause.to_string().starts_with("dns error")
    })
}

/// An error and what caused it, outermost first.
pub(crate) fn causes<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// A name as one segment of a path. The server's names need no escapes; hostile ones get them.
pub(crate) fn segment(name: &str) -> String {
    use std::fmt::Write;
    let mut escaped = String::with_capacity(name.len());
    let dots = name.chars().all(|c| c == '.');
    for byte in name.bytes() {
        match byte {
            b'.' if dots => escaped.push_str("%2E"),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            // Writing to a String does not fail.
            _ => drop(write!(escaped, "%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_shows_one_bounded_line() {
        let body = format!(r#"{{"kind":"Status","message":"a\u001b[31m\n{}"}}"#, "x".repeat(9000));
        let refusal = Refusal::new(StatusCode::FORBIDDEN, body.as_bytes(), Some("7"));
        assert!(refusal.is_status && refusal.reason.starts_with("a [31m x"));
        assert_eq!(refusal.reason.chars().count(), LONGEST_REASON + 1);
        assert_eq!(refusal.after, Some(Duration::from_secs(7)));
        let html = Refusal::new(StatusCode::BAD_GATEWAY, b"<html>", Some("soon"));
        assert_eq!(html.reason, "the server answered 502 Bad Gateway");
        assert!(html.passes() && !html.is_status && html.after.is_none());
    }

    #[test]
    fn names_stay_one_segment() {
        assert_eq!(segment("node-1.example"), "node-1.example");
        assert_eq!(segment("../x?y#z"), "..%2Fx%3Fy%23z");
        assert_eq!(segment(".."), "%2E%2E");
        assert_eq!(segment("é"), "%C3%A9");
    }

    #[test]
    fn a_server_is_shown_without_its_password() {
        let url = "https://jane:secret@host:6443/path?token=x".parse().unwrap();
        assert_eq!(shown(&url), "https://host:6443");
    }
}
