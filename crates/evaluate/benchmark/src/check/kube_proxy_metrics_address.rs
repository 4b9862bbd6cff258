//! kube-proxy gives its metrics on the loopback only.
//!
//! # What
//! `metricsBindAddress` of the file that `--config` of kube-proxy names, or of the config map
//! `kube-system/kube-proxy` that is mounted there; without a file, `--metrics-bind-address`. It
//! fails where it is no address of the loopback. Empty is the release's default. Where the network
//! does without kube-proxy, the question does not arise.
//!
//! # Why
//! The metrics port also serves the configuration, and profiling where it is on, to whoever reaches
//! the node.
//!
//! # Remedy
//! Set `metricsBindAddress: 127.0.0.1:10249` in the config map `kube-system/kube-proxy`, then
//! restart the pods of the DaemonSet.
//!
//! # What the remedy may break
//! Monitoring that reads the metrics of kube-proxy over the network.
//!
//! # References
//! - https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/

use kuberlock_model::component::ComponentKind;
use kuberlock_model::configuration::Configuration;
use kuberlock_model::{Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::document::Document;
use crate::flag::{self, is_loopback};
use crate::running::Running;
use crate::running::{Setting, in_file as in_fields, scalar};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::KubeProxy, evaluate),
};

const FLAG: &str = "metrics-bind-address";
const FIELD: &str = "metricsBindAddress";
/// The config maps that installers mount for kube-proxy, and the key: kubeadm, EKS.
const CONFIG_MAPS: [(&str, &str); 2] =
    [("kube-proxy", "config.conf"), ("kube-proxy-config", "config")];

fn evaluate(kube_proxy: &Running<'_>) -> Outcome {
    let file = kube_proxy.flag("config");
    let flag = || kube_proxy.flag(FLAG);
    let setting = match file.value.as_deref().filter(|path| !path.is_empty()) {
        None => Ok(flag()),
        Some(path) => in_file(kube_proxy, path),
    };
    let setting = match setting {
        Ok(setting) if setting.is_given() => setting,
        // Empty is not set.
        Ok(_) => kube_proxy.default_of(FLAG),
        Err(why) => return Outcome::unknown(why).with(file.evidence),
    };
    if !setting.is_given() {
        return flag::missing(kube_proxy, FLAG)
            .unwrap_or_else(|| Outcome::unknown("the release's default is not known"));
    }
    let outcome = if is_loopback(setting.value.as_deref().unwrap_or_default()) {
        Outcome::pass("its metrics are on the loopback only")
    } else {
        Outcome::fail("its metrics are on the network", remedy(kube_proxy, file.is_given()))
    };
    outcome.with(setting.evidence)
}

/// The field of the file at `path` of the node, else of the config map that is mounted there.
fn in_file(kube_proxy: &Running<'_>, path: &str) -> Result<Setting, String> {
    let default = || kube_proxy.default_of(FLAG);
    if let Some(read) = kube_proxy.configuration(path)
        && let Configuration::KubeProxy(fields) = &read.configuration
    {
        return Ok(in_fields(fields, FIELD, &read.origin, default));
    }
    let cluster = kube_proxy.context.cluster;
    let mut documents = Vec::new();
    for (name, key) in CONFIG_MAPS {
        documents.extend(Document::find(cluster, name, key)?);
    }
    let Some(document) = documents.first() else {
        return Err(format!("`{path}` decides, and was not seen, nor was the config map"));
    };
    let fields = document.fields();
    Ok(match fields.get(FIELD).map(scalar) {
        None => default(),
        Some(value) => {
            let evidence = document.evidence(format!("{FIELD}: {value}"));
            Setting { value: Some(value), evidence, is_set: true }
        }
    })
}

fn remedy(kube_proxy: &Running<'_>, by_file: bool) -> Remedy {
    if !by_file {
        return kube_proxy.set_flag(FLAG, "127.0.0.1:10249");
    }
    let question = "who reads kube-proxy's metrics over the network? Then set `metricsBindAddress` \
                    to 127.0.0.1:10249 in its configuration and restart it";
    Remedy::Decision { question: question.to_owned() }
}
