//! What the names and labels of pods tell of what made them.

use kuberlock_model::{Kind, ObjectKey};

/// Labels that tell one pod, or one generation of a workload's pods, from another: never those to
/// select by.
static VOLATILE: [&str; 11] = [
    "apps.kubernetes.io/pod-index",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "pod-template-generation",
    "pod-template-hash",
    "rollouts-pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "kubevirt.io/nodeName",
];

/// Whether a label changes while its workload stays: set by controllers for each pod or generation.
pub(crate) fn is_volatile(key: &str) -> bool {
    VOLATILE.contains(&key) || key.starts_with("batch.kubernetes.io/")
}

/// Whether a pod called `pod` may have been made by `head`, as controllers name what they make.
pub(super) fn may_have_made(head: &ObjectKey, pod: &str) -> bool {
    let Some(rest) = pod.strip_prefix(&*head.name).and_then(|rest| rest.strip_prefix('-')) else {
        return false;
    };
    let parts: Vec<&str> = rest.split('-').collect();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match (head.kind, parts.as_slice()) {
        (Kind::Deployment, [hash, suffix]) => is_hash(hash) && is_suffix(suffix),
        (Kind::StatefulSet, [index]) => digits(index),
        (Kind::CronJob, [minute, suffix]) => digits(minute) && is_suffix(suffix),
        (Kind::CronJob, [minute, index, suffix]) => {
            digits(minute) && digits(index) && is_suffix(suffix)
        }
        (Kind::Job, [index, suffix]) => digits(index) && is_suffix(suffix),
        (
            Kind::DaemonSet | Kind::ReplicaSet | Kind::ReplicationController | Kind::Job,
            [suffix],
        ) => is_suffix(suffix),
        _ => false,
    }
}

/// Whether `pattern` (`web-6f9c-*`) can be of the pods of `head`.
pub(super) fn pattern_is_of(head: &ObjectKey, pattern: &str) -> bool {
    let stem = pattern.trim_end_matches('*').trim_end_matches('-');
    if stem == head.name {
        return true;
    }
    let rest = stem.strip_prefix(&*head.name).and_then(|rest| rest.strip_prefix('-'));
    rest.is_some_and(|rest| match head.kind {
        Kind::Deployment => is_hash(rest),
        Kind::CronJob | Kind::StatefulSet | Kind::Job => rest.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    })
}

/// Five letters of the alphabet that Kubernetes makes names of (no vowels, no 0, 1, 3).
fn is_suffix(part: &str) -> bool {
    part.len() == 5 && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn is_hash(part: &str) -> bool {
    (1..=10).contains(&part.len())
        && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_made_a_pod() {
        let of = |kind, name: &str| ObjectKey::new(kind, Some("shop"), name);
        assert!(may_have_made(&of(Kind::Deployment, "web"), "web-6f9cd4b7f8-x2x4z"));
        assert!(!may_have_made(&of(Kind::Deployment, "web"), "web-api-6f9cd4b7f8-x2x4z"));
        assert!(may_have_made(&of(Kind::Deployment, "web-api"), "web-api-6f9cd4b7f8-x2x4z"));
        assert!(may_have_made(&of(Kind::StatefulSet, "db"), "db-0"));
        assert!(!may_have_made(&of(Kind::StatefulSet, "db"), "db-x2x4z"));
        assert!(may_have_made(&of(Kind::CronJob, "backup"), "backup-29365440-x2x4z"));
        assert!(may_have_made(&of(Kind::DaemonSet, "agent"), "agent-x2x4z"));
        assert!(pattern_is_of(&of(Kind::Deployment, "web"), "web-6f9cd4b7f8-*"));
        assert!(pattern_is_of(&of(Kind::StatefulSet, "db"), "db-*"));
        assert!(!pattern_is_of(&of(Kind::Deployment, "web"), "web-api-6f9c-*"));
    }
}
