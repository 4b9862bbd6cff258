//! Questions about etcd's settings, in the shapes that several checks share.
//!
//! A setting is a flag, a variable or a field of the configuration file ([`Running::etcd`]). etcd's
//! peers are asked about only where there are any: one member alone serves none.

use kuberlock_model::Remedy;

use crate::check::Outcome;
use crate::flag::{NamedFile, Said, is, missing, name_files};
use crate::running::{Running, Setting};

/// A setting of etcd: the flag, and the field of the configuration file.
pub(crate) type Name = (&'static str, &'static str);

/// The setting `name`, or the outcome that says why there is none.
pub(crate) fn setting(etcd: &Running<'_>, (flag, field): Name) -> Result<Setting, Box<Outcome>> {
    if let Some(outcome) = missing(etcd, flag) {
        return Err(Box::new(outcome));
    }
    etcd.etcd(flag, field).map_err(|path| {
        Box::new(Outcome::unknown(format!("its configuration file `{path}` was not seen")))
    })
}

/// A boolean setting that should be `wanted`.
pub(crate) fn boolean(etcd: &Running<'_>, name: Name, wanted: bool, said: Said) -> Outcome {
    match setting(etcd, name) {
        Err(outcome) => *outcome,
        Ok(setting) => is(&setting, wanted, said, || set(etcd, name, &wanted.to_string())),
    }
}

/// A certificate and its key, both of which should be named; `usual` is where kubeadm has them.
pub(crate) fn pair(
    etcd: &Running<'_>,
    names: [Name; 2],
    usual: [&'static str; 2],
    said: Said,
) -> Outcome {
    let settings = match names.map(|name| setting(etcd, name)) {
        [Ok(certificate), Ok(key)] => [certificate, key],
        [Err(outcome), _] | [_, Err(outcome)] => return *outcome,
    };
    let files = names.into_iter().zip(usual).map(|((flag, _), usual)| NamedFile { flag, usual });
    let pairs = settings.iter().zip(files);
    let absent: Vec<NamedFile> =
        pairs.filter(|(setting, _)| !setting.is_given()).map(|(_, file)| file).collect();
    let outcome = if absent.is_empty() {
        Outcome::pass(said.pass)
    } else {
        let host = etcd.context.cluster.host(&etcd.component.node);
        let set = |file: NamedFile| {
            let name = names.into_iter().find(|(flag, _)| *flag == file.flag);
            set(etcd, name.unwrap_or((file.flag, "")), file.usual)
        };
        Outcome::fail(said.fail, name_files(host, &absent, set))
    };
    outcome.with_all(settings.map(|setting| setting.evidence))
}

/// The outcome where etcd has no peers, and says nothing of them either.
pub(crate) fn alone(etcd: &Running<'_>, names: &[Name]) -> Option<Outcome> {
    let is_set = |name: &Name| setting(etcd, *name).is_ok_and(|setting| setting.is_set);
    if names.iter().any(is_set) {
        return None;
    }
    let members = setting(etcd, ("initial-cluster", "initial-cluster")).ok()?;
    let state = setting(etcd, ("initial-cluster-state", "initial-cluster-state")).ok()?;
    let joined = state.value.as_deref() == Some("existing");
    (members.elements().len() < 2 && !joined).then(|| {
        Outcome::not_applicable("this etcd is the only member: it has no peers")
            .with(members.evidence)
    })
}

/// The remedy that gives a setting this value: in the file, where a file decides.
fn set(etcd: &Running<'_>, (flag, field): Name, value: &str) -> Remedy {
    match etcd.etcd_file() {
        Some(path) => Remedy::Decision {
            question: format!("set `{field}: {value}` in `{path}`: flags are ignored there"),
        },
        None => etcd.set_flag(flag, value),
    }
}

/// Whether every one of the API server's `--etcd-servers` is a socket of the file system, as k3s
/// gives it a store of its own.
pub(crate) fn is_local_store(servers: &Setting) -> bool {
    let all = servers.elements();
    !all.is_empty() && all.iter().all(|server| server.starts_with("unix:"))
}
