//! What the reader does when a server misbehaves. `conformance/tests/live.rs` reads a real one.
#![expect(clippy::unwrap_used, reason = "clippy sees only functions marked as tests as such")]

mod server;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use kuberlock_live::{Error, Identity, Options, read};
use kuberlock_model::coverage::Reading;
use kuberlock_model::{Kind, Reach};
use kuberlock_source::Record;

use server::{Say, Server, ok, status, usual, write};

const PODS: &str = "/api/v1/pods";
const TOKEN: &str = "abcdefghijklmnop-secret";

fn options(kubeconfig: PathBuf) -> Options {
    let timeout = Duration::from_millis(300);
    Options { kubeconfig: Some(kubeconfig), timeout, ..Options::default() }
}

fn read_from(server: &Server) -> (Result<Identity, Error>, Vec<Record>) {
    let mut records = Vec::new();
    let options = options(server.kubeconfig(&format!("{{token: {TOKEN}}}")));
    let result = read(&options, &mut |batch| records.extend(batch));
    (result, records)
}

fn reach(records: &[Record], kind: Kind) -> Reach {
    let mut found = records.iter().filter_map(|record| match record {
        Record::Reading(Reading::Kind(of, reach)) if *of == kind => Some(reach.clone()),
        _ => None,
    });
    let reach = found.next().unwrap();
    assert_eq!(found.next(), None, "told once");
    reach
}

fn names(records: &[Record]) -> Vec<String> {
    let origins = records.iter().filter_map(|record| match record {
        Record::Object { origin, .. } => origin.source.rsplit('/').next().map(str::to_owned),
        _ => None,
    });
    origins.collect()
}

fn page(from: usize, to: usize, token: &str) -> Say {
    let items: Vec<String> = (from..to)
        .map(|n| format!(r#"{{"metadata":{{"name":"p{n}","namespace":"shop"}}}}"#))
        .collect();
    ok(format!(
        r#"{{"kind":"PodList","metadata":{{"continue":"{token}"}},"items":[{}]}}"#,
        items.join(",")
    ))
}

fn whole_message(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    text
}

#[test]
fn a_healthy_server_is_asked_once_a_kind_and_nothing_else() {
    let server = Server::start(|_, path, _| usual(path));
    let (identity, records) = read_from(&server);
    let identity = identity.unwrap();
    assert_eq!(identity.user.as_deref(), Some("jane"));
    assert_eq!(identity.groups, ["dev"]);
    assert_eq!(identity.context.as_deref(), Some("jane@shop"));
    assert!(records.contains(&Record::Name("shop".into())));
    assert!(records.contains(&Record::Release("1.37.2".parse().unwrap())));
    let kinds = Kind::all().iter().filter(|k| k.kind != Kind::Secret);
    assert!(kinds.clone().all(|k| reach(&records, k.kind) == Reach::Complete));
    let requests = server.requests();
    assert_eq!(requests.len(), 2 + kinds.count());
    assert!(requests.iter().all(|line| !line.contains("secrets")));
    let posts: Vec<_> = requests.iter().filter(|line| !line.starts_with("GET ")).collect();
    assert_eq!(posts, ["POST /apis/authentication.k8s.io/v1/selfsubjectreviews"]);
}

#[test]
fn pages_are_followed_to_the_end_within_the_bound() {
    let server = Server::start(|_, path, _| match path {
        "/api/v1/pods?limit=500" => page(0, 500, "a+/="),
        "/api/v1/pods?limit=500&continue=a%2B%2F%3D" => page(500, 1000, "b"),
        "/api/v1/pods?limit=500&continue=b" => page(1000, 1203, ""),
        path => usual(path),
    });
    let (result, records) = read_from(&server);
    result.unwrap();
    assert_eq!(names(&records).len(), 1203);
    assert_eq!(server.count(PODS), 3);
}

#[test]
fn a_list_that_expires_goes_on_where_the_server_lets_it() {
    let gone = r#"{"kind":"Status","message":"expired","metadata":{"continue":"c"}}"#;
    let server = Server::start(move |_, path, _| match path {
        "/api/v1/pods?limit=500" => page(0, 500, "b"),
        "/api/v1/pods?limit=500&continue=b" => Say::This(410, "", gone.into()),
        "/api/v1/pods?limit=500&continue=c" => page(500, 600, ""),
        path => usual(path),
    });
    let (result, records) = read_from(&server);
    result.unwrap();
    assert_eq!(names(&records).len(), 600);
    assert_eq!(reach(&records, Kind::Pod), Reach::Complete);
}

#[test]
fn a_list_that_expires_starts_again_once_and_no_object_comes_twice() {
    for expires_for_ever in [false, true] {
        let server = Server::start(move |_, path, before| match path {
            "/api/v1/pods?limit=500" => page(0, 500, "b"),
            "/api/v1/pods?limit=500&continue=b" if before == 0 || expires_for_ever => {
                status(410, "expired")
            }
            "/api/v1/pods?limit=500&continue=b" => page(500, 600, ""),
            path => usual(path),
        });
        let (result, records) = read_from(&server);
        result.unwrap();
        if expires_for_ever {
            assert_eq!(names(&records).len(), 500);
            let reason = "after 500 objects: expired".to_owned();
            assert_eq!(reach(&records, Kind::Pod), Reach::Partial(reason));
        } else {
            assert_eq!(names(&records).len(), 600);
            assert_eq!(reach(&records, Kind::Pod), Reach::Complete);
        }
    }
}

#[test]
fn a_busy_server_is_asked_again_and_a_broken_one_given_up_kind_by_kind() {
    let server = Server::start(|_, path, before| match path.split('?').next().unwrap() {
        PODS if before < 2 => status(429, "too many requests"),
        "/api/v1/services" => status(500, "etcdserver: request timed out"),
        _ => usual(path),
    });
    let (result, records) = read_from(&server);
    result.unwrap();
    assert_eq!(reach(&records, Kind::Pod), Reach::Complete);
    let reason = "etcdserver: request timed out".to_owned();
    assert_eq!(reach(&records, Kind::Service), Reach::Partial(reason));
    assert_eq!(reach(&records, Kind::ConfigMap), Reach::Complete);
    assert_eq!((server.count(PODS), server.count("/api/v1/services")), (3, 5));
}

#[test]
fn half_open_connections_end_and_the_rest_is_not_waited_for() {
    for silence in [Say::Nothing, Say::HalfAnAnswer, Say::Close] {
        let silent = silence.clone();
        let server = Server::start(move |_, path, _| match path {
            path if path.starts_with("/api/v1/pods") => silent.clone(),
            path => usual(path),
        });
        let started = Instant::now();
        let (result, records) = read_from(&server);
        result.unwrap();
        assert!(matches!(reach(&records, Kind::Pod), Reach::Partial(_)));
        assert_eq!(reach(&records, Kind::ConfigMap), Reach::Complete, "one kind's silence");
        assert!(started.elapsed() < Duration::from_secs(10));

        let silent = silence.clone();
        let server = Server::start(move |_, path, _| match path {
            path if path.contains("limit=") => silent.clone(),
            path => usual(path),
        });
        let (result, records) = read_from(&server);
        result.unwrap();
        let asked = server.requests().iter().filter(|line| line.contains("limit=")).count();
        assert!(asked <= 8, "two kinds of up to four tries each, not {asked}");
        assert!(matches!(reach(&records, Kind::ConfigMap), Reach::Partial(_)));
    }
}

#[test]
fn forbidden_kinds_are_coverage_and_a_namespace_is_better_than_nothing() {
    let server = Server::start(|_, path, _| {
        let pod = r#"{"kind":"List","items":[{"metadata":{"name":"web","namespace":"till"}}]}"#;
        match path.split('?').next().unwrap() {
            "/api/v1/namespaces/till/pods" => ok(pod),
            "/api/v1/namespaces" => ok(r#"{"kind":"List","items":[{"metadata":{"name":"bank"}}]}"#),
            "/apis/batch/v1/jobs" => Say::This(404, "", "404 page not found".into()),
            path if path.contains("pods") || path.contains("services") => {
                status(403, "pods is forbidden")
            }
            _ => usual(path),
        }
    });
    let (result, records) = read_from(&server);
    result.unwrap();
    let partial = "only in namespace `till`: pods is forbidden".to_owned();
    assert_eq!(reach(&records, Kind::Pod), Reach::Partial(partial));
    assert_eq!(reach(&records, Kind::Service), Reach::Forbidden("pods is forbidden".into()));
    assert_eq!(reach(&records, Kind::Job), Reach::NotServed);
    assert_eq!(server.count("/api/v1/namespaces/bank/services"), 1);
    assert_eq!(names(&records), ["bank", "web"]);
}

#[test]
fn refused_credentials_end_it_without_a_word_of_them() {
    let server = Server::start(|_, path, _| match path {
        "/api/v1/pods?limit=500" => status(401, "Unauthorized"),
        path => usual(path),
    });
    let (result, _) = read_from(&server);
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Unauthorised { .. }), "{error}");
    assert!(!whole_message(&error).contains(TOKEN));
    assert_eq!(server.count(PODS), 1, "no second try");

    let server = Server::start(|_, path, _| match path {
        path if path.contains("limit=") => status(403, "is forbidden"),
        path => usual(path),
    });
    assert!(matches!(read_from(&server).0, Err(Error::Unauthorised { .. })));
}

#[test]
fn what_is_no_api_server_is_told_as_such() {
    for body in ["<html>", "{}", "[]", "null", ""] {
        let server = Server::start(move |_, _, _| ok(body));
        assert!(matches!(read_from(&server).0, Err(Error::NotAnApiServer { .. })), "{body}");
    }
    let server = Server::start(|_, _, _| Say::This(404, "", "<html>".into()));
    assert!(matches!(read_from(&server).0, Err(Error::NotAnApiServer { .. })));
}

#[test]
fn nobody_there_is_unreachable_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path().join("c"), "https://127.0.0.1:1", "{}");
    let started = Instant::now();
    let error = read(&options(file), &mut |_| ()).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    assert_eq!(error.to_string(), "`https://127.0.0.1:1` cannot be reached");
    assert!(whole_message(&error).contains("refused"), "{}", whole_message(&error));
    assert!(started.elapsed() < Duration::from_millis(400));
}

#[test]
fn hostile_lists_are_partial() {
    let endless = Server::start(|_, path, _| match path {
        path if path.starts_with("/api/v1/pods") => page(0, 1, "same"),
        path => usual(path),
    });
    let (result, records) = read_from(&endless);
    result.unwrap();
    assert!(matches!(reach(&records, Kind::Pod), Reach::Partial(_)));
    assert_eq!(endless.count(PODS), 2);

    let huge = Server::start(|_, path, _| match path {
        path if path.starts_with("/api/v1/pods") => ok(" ".repeat((64 << 20) + 1)),
        path => usual(path),
    });
    let mut records = Vec::new();
    let options = Options { timeout: Duration::from_secs(20), ..options(huge.kubeconfig("{}")) };
    read(&options, &mut |batch| records.extend(batch)).unwrap();
    let reason = "one object is too large to be read".to_owned();
    assert_eq!(reach(&records, Kind::Pod), Reach::Partial(reason));
    assert_eq!(huge.count(PODS), 3, "500, 50, 5 objects a page");
}

#[test]
fn kubelets_are_asked_only_when_told_and_their_refusals_are_coverage() {
    let server = Server::start(|_, path, _| match path {
        "/api/v1/nodes?limit=500" => ok(
            r#"{"kind":"List","items":[{"metadata":{"name":"b"}},{"metadata":{"name":"a"}},{"metadata":{"name":"../x"}}]}"#,
        ),
        "/api/v1/nodes/a/proxy/configz" => ok(r#"{"kubeletconfig":{}}"#),
        "/api/v1/nodes/b/proxy/configz" => status(403, "nodes is forbidden"),
        path if path.ends_with("/proxy/configz") => ok("no"),
        path => usual(path),
    });
    read_from(&server).0.unwrap();
    assert!(server.requests().iter().all(|line| !line.contains("configz")));
    let mut records = Vec::new();
    let options = Options { configz: true, ..options(server.kubeconfig("{}")) };
    read(&options, &mut |batch| records.extend(batch)).unwrap();
    let asked = |node: &str| server.count(&format!("/api/v1/nodes/{node}/proxy/configz"));
    assert_eq!((asked("a"), asked("b"), asked("..%2Fx")), (1, 1, 1));
    assert_eq!(records.iter().filter(|r| matches!(r, Record::Host { .. })).count(), 1);
    let unread = |r: &&Record| matches!(r, Record::Reading(Reading::Unread(_)));
    assert_eq!(records.iter().filter(unread).count(), 2);
}

#[test]
fn kubeconfigs_that_cannot_be_used_are_told_without_their_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c");
    let fails = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let error = read(&options(path.clone()), &mut |_| ()).unwrap_err();
        let message = whole_message(&error);
        assert!(!message.contains(TOKEN), "{message}");
        error
    };
    let broken = fails(&format!("users: [{{user: {{token: [{TOKEN}}}}}]"));
    assert!(matches!(broken, Error::Kubeconfig { .. }), "{broken}");
    assert!(matches!(fails("{}"), Error::Kubeconfig { .. }));
    let file = write(path.clone(), "https://127.0.0.1:1", "{}");
    let wrong = Options { context: Some("other".into()), ..options(file) };
    let error = read(&wrong, &mut |_| ()).unwrap_err();
    assert_eq!(error.to_string(), "cannot use context `other`: the kubeconfig has no such context");
    let gone = Options { kubeconfig: Some(folder.path().join("none")), ..Options::default() };
    assert!(matches!(read(&gone, &mut |_| ()), Err(Error::Kubeconfig { .. })));
}

#[test]
fn a_plugin_that_fails_is_told_without_what_it_printed() {
    let server = Server::start(|_, path, _| usual(path));
    for script in [format!("echo '{{token: {TOKEN}'"), format!("echo {TOKEN}; exit 3")] {
        let exec = format!(
            "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: sh, \
             args: [-c, \"{script}\"], interactiveMode: Never}}}}"
        );
        let error = read(&options(server.kubeconfig(&exec)), &mut |_| ()).unwrap_err();
        assert!(matches!(error, Error::Credentials { .. }), "{error}");
        assert!(!whole_message(&error).contains(TOKEN), "{error}");
    }
}
