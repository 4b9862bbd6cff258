//! What is answered, and above all what is not.

use std::collections::BTreeMap;

use kuberlock_kubectl::Session;
use kuberlock_model::coverage::Reading;
use kuberlock_model::object::{Metadata, Object, ServiceAccount};
use kuberlock_model::origin::Origin;
use kuberlock_model::{Change, Cluster, Kind, Reach};

fn account(namespace: &str, name: &str, automount_token: Option<bool>) -> Change {
    let metadata = Metadata {
        name: name.to_owned(),
        namespace: Some(namespace.to_owned()),
        uid: None,
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
        controller: None,
        origin: Origin::whole("test"),
    };
    Change::upsert(Object::ServiceAccount(ServiceAccount { metadata, automount_token }))
}

fn cluster(reach: Reach) -> Cluster {
    let mut cluster = Cluster::default();
    cluster.apply(account("a-b", "default", None));
    cluster.apply(account("a", "default", Some(false)));
    cluster.apply(Change::Reading(Reading::Kind(Kind::ServiceAccount, reach)));
    cluster
}

const ACCOUNTS: [&str; 5] = ["get", "sa", "-A", "-o", "custom-columns=N:.metadata.namespace"];

#[test]
fn objects_are_in_the_order_of_the_servers_keys() {
    let cluster = cluster(Reach::Complete);
    let out = Session::new(&cluster).kubectl(&ACCOUNTS).unwrap();
    assert_eq!(out.stdout, "N\na-b\na\n");
}

#[test]
fn what_was_not_seen_whole_is_not_answered() {
    for reach in
        [Reach::NotAsked, Reach::Forbidden("no".into()), Reach::Partial("one namespace".into())]
    {
        let cluster = cluster(reach);
        let session = Session::new(&cluster);
        assert!(session.kubectl(&ACCOUNTS).is_err());
        // What is there is there; what is not may still be.
        assert!(session.kubectl(&["get", "sa", "default", "-n", "a", "-o", "name"]).is_ok());
        assert!(session.kubectl(&["get", "sa", "other", "-n", "a", "-o", "name"]).is_err());
        assert!(session.kubectl(&["auth", "can-i", "get", "pods", "--as=x"]).is_err());
    }
}

#[test]
fn fields_that_the_model_does_not_hold_are_not_answered() {
    let cluster = cluster(Reach::Complete);
    let session = Session::new(&cluster);
    let json = session.kubectl(&["get", "sa", "-A", "-o", "json"]).unwrap().stdout;
    let secrets = session.jq(&[".items[].secrets"], &json).unwrap_err();
    assert_eq!(secrets.to_string(), "the model does not hold `secrets` of a ServiceAccount");
    assert!(session.jq(&[".items[] | keys"], &json).is_err());
    assert!(session.jq(&[".items[].metadata.labels.any"], &json).is_ok());
    assert!(session.jq(&[".items[].automountServiceAccountToken"], &json).is_ok());
    for format in ["jsonpath={..secrets}", "custom-columns=S:.secrets", "yaml", "go-template={{.}}"]
    {
        assert!(session.kubectl(&["get", "sa", "-A", "-o", format]).is_err(), "{format}");
    }
    assert!(session.kubectl(&["get", "sa", "-A"]).is_err(), "a table shows ages");
}

#[test]
fn commands_that_change_or_ask_more_are_not_answered() {
    let cluster = cluster(Reach::Complete);
    let session = Session::new(&cluster);
    for call in [
        &["delete", "sa", "x"][..],
        &["get", "widgets"],
        &["get", "sa", "-w"],
        &["get", "sa", "--raw", "/api"],
        &["version"],
        &["auth", "can-i", "--list"],
        &[],
    ] {
        assert!(session.kubectl(call).is_err(), "{call:?}");
    }
}
