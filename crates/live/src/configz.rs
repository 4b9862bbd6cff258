//! The kubelets' own account of their configuration, through the API server's proxy.

use kuberlock_model::Origin;
use kuberlock_model::coverage::{Reading, Unread};
use kuberlock_source::{HostRecord, Record, redact};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::Error;
use crate::request::{Answer, Connection, segment};

/// How many kubelets are asked at once. A node that is gone keeps the API server waiting, so one
/// after the other would take too long; more at once would be a burden.
const AT_ONCE: usize = 8;

/// Asks every node. A kubelet that does not answer is coverage.
pub(crate) async fn every_node(
    connection: &Connection,
    nodes: Vec<String>,
    emit: &mut dyn FnMut(Vec<Record>),
) -> Result<(), Error> {
    let mut waiting = nodes.into_iter();
    let mut asked = JoinSet::new();
    let mut found = Vec::new();
    loop {
        while asked.len() < AT_ONCE
            && let Some(node) = waiting.next()
        {
            let connection = connection.clone();
            asked.spawn(async move { one(&connection, node).await });
        }
        match asked.join_next().await {
            None => break,
            Some(Ok(record)) => found.push(record?),
            // A task neither panics nor is cancelled; were it so, its node would be silent.
            Some(Err(_)) => {}
        }
    }
    // In the order of names, whoever answered first.
    found.sort_by(|(left, _), (right, _)| left.cmp(right));
    emit(found.into_iter().map(|(_, record)| record).collect());
    Ok(())
}

async fn one(connection: &Connection, node: String) -> Result<(String, Record), Error> {
    let path = format!("/api/v1/nodes/{}/proxy/configz", segment(&node));
    let reason = match connection.get(&path).await? {
        Answer::Ok(body) => match serde_json::from_slice::<Value>(&body) {
            Ok(mut answer) if answer.is_object() => {
                redact::object(&mut answer);
                let record = HostRecord::Configz(answer);
                return Ok((node.clone(), Record::Host { node, record }));
            }
            _ => "the kubelet's answer is no JSON object".to_owned(),
        },
        Answer::Refused(refusal) => refusal.reason,
        Answer::TooLarge => "the kubelet's answer is too large".to_owned(),
        Answer::Failed(error) => format!("no answer: {error}"),
    };
    let origin = Origin::whole(format!("api:{path}"));
    Ok((node, Record::Reading(Reading::Unread(Unread::new(origin, reason)))))
}
