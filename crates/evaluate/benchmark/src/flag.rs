//! Questions about flags of one component, in the shapes that several checks share.
//!
//! Enters: a component as it runs. Leaves: an outcome with its evidence. Always holds: an absent flag
//! counts as the release's default, and one that the release does not have is not-applicable: no
//! one is told to set what would stop the component.

use kuberlock_model::Remedy;
use kuberlock_model::host::Host;

use crate::check::Outcome;
use crate::running::{Running, Setting};

/// What is said of a flag that is as it should be, and of one that is not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    pub(crate) pass: &'static str,
    pub(crate) fail: &'static str,
}

/// A flag that names a file, and where kubeadm puts that file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NamedFile {
    pub(crate) flag: &'static str,
    /// Empty where no installer puts one.
    pub(crate) usual: &'static str,
}

/// The outcome where the release has no flag `name`, and nothing sets it.
pub(crate) fn missing(running: &Running<'_>, name: &str) -> Option<Outcome> {
    let setting = running.flag(name);
    (!setting.is_set && !running.knows(name)).then(|| {
        let minor = &running.context.table.table.minor;
        Outcome::not_applicable(format!("--{name} does not exist in {minor}"))
            .with(setting.evidence)
    })
}

/// A boolean flag that should be `wanted`.
pub(crate) fn boolean(running: &Running<'_>, name: &str, wanted: bool, said: Said) -> Outcome {
    if let Some(outcome) = missing(running, name) {
        return outcome;
    }
    let setting = running.flag(name);
    is(&setting, wanted, said, || running.set_flag(name, &wanted.to_string()))
}

/// A boolean setting that should be `wanted`.
pub(crate) fn is(
    setting: &Setting,
    wanted: bool,
    said: Said,
    remedy: impl FnOnce() -> Remedy,
) -> Outcome {
    match setting.as_bool() {
        Some(value) if value == wanted => Outcome::pass(said.pass),
        Some(_) => Outcome::fail(said.fail, remedy()),
        None => Outcome::unknown("its value is no boolean"),
    }
    .with(setting.evidence.clone())
}

/// Flags that should each name a file.
pub(crate) fn files(running: &Running<'_>, wanted: &[NamedFile], said: Said) -> Outcome {
    if let Some(outcome) = wanted.iter().find_map(|file| missing(running, file.flag)) {
        return outcome;
    }
    let settings: Vec<Setting> = wanted.iter().map(|file| running.flag(file.flag)).collect();
    let pairs = settings.iter().zip(wanted);
    let absent: Vec<NamedFile> =
        pairs.filter(|(setting, _)| !setting.is_given()).map(|(_, file)| *file).collect();
    let outcome = if absent.is_empty() {
        Outcome::pass(said.pass)
    } else {
        let host = running.context.cluster.host(&running.component.node);
        let set = |file: NamedFile| running.set_flag(file.flag, file.usual);
        Outcome::fail(said.fail, name_files(host, &absent, set))
    };
    outcome.with_all(settings.into_iter().map(|setting| setting.evidence))
}

/// The remedy that names the files which are `absent`. It is a change only where one is missing and
/// lies in its usual place: which file is meant only a person knows otherwise, and one of a pair
/// without the other stops the component.
pub(crate) fn name_files(
    host: Option<&Host>,
    absent: &[NamedFile],
    set: impl FnOnce(NamedFile) -> Remedy,
) -> Remedy {
    let is_there = |file: &NamedFile| {
        !file.usual.is_empty() && host.is_some_and(|host| host.file(file.usual).is_some())
    };
    if let [file] = absent
        && is_there(file)
    {
        return set(*file);
    }
    let name = |file: &NamedFile| match is_there(file) {
        true => format!("--{} (`{}` is there)", file.flag, file.usual),
        false => format!("--{}", file.flag),
    };
    let names: Vec<String> = absent.iter().map(name).collect();
    let question = format!(
        "which file should be named by {}? It must exist on the node and, where the component runs \
         in a pod, be mounted there, or the component does not start",
        names.join(" and by ")
    );
    Remedy::Decision { question }
}

/// A number that should lie within bounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number<'a> {
    pub(crate) flag: &'a str,
    /// The least, where there is one.
    pub(crate) least: Option<&'a str>,
    /// The most, where there is one.
    pub(crate) most: Option<&'a str>,
    /// What zero means, where that is as it should be.
    pub(crate) zero: Option<&'static str>,
    /// What is counted: `days`.
    pub(crate) unit: &'static str,
}

/// A whole number that should lie within its bounds.
pub(crate) fn number(running: &Running<'_>, number: Number<'_>) -> Outcome {
    if let Some(outcome) = missing(running, number.flag) {
        return outcome;
    }
    let setting = running.flag(number.flag);
    let bound = |text: Option<&str>| text.map(str::parse::<i64>).transpose();
    let (Ok(least), Ok(most)) = (bound(number.least), bound(number.most)) else {
        return Outcome::unknown("a parameter of this check is no number").with(setting.evidence);
    };
    let Some(value) = setting.value.as_deref().and_then(|value| value.parse::<i64>().ok()) else {
        return Outcome::unknown("its value is no number").with(setting.evidence);
    };
    let Number { flag, unit, .. } = number;
    let set = |to: i64| running.set_flag(flag, &to.to_string());
    match (value, number.zero, least, most) {
        (0, Some(meaning), ..) => Outcome::pass(meaning),
        (_, _, Some(least), _) if value < least => {
            Outcome::fail(format!("{value} {unit}, less than {least}"), set(least))
        }
        (_, _, _, Some(most)) if value > most => {
            Outcome::fail(format!("{value} {unit}, more than {most}"), set(most))
        }
        _ => Outcome::pass(format!("{value} {unit}")),
    }
    .with(setting.evidence)
}

/// A flag whose address should be the loopback's.
pub(crate) fn loopback(running: &Running<'_>, name: &str) -> Outcome {
    if let Some(outcome) = missing(running, name) {
        return outcome;
    }
    let setting = running.flag(name);
    match setting.value.as_deref() {
        Some(address) if is_loopback(address) => Outcome::pass("it listens on the loopback only"),
        Some(_) => Outcome::fail(
            "it listens on every address, or on one of the network",
            running.set_flag(name, "127.0.0.1"),
        ),
        None => Outcome::unknown("its address depends on the machine"),
    }
    .with(setting.evidence)
}

/// Whether `address`, with or without a port, is one of the loopback.
pub(crate) fn is_loopback(address: &str) -> bool {
    use std::net::{IpAddr, SocketAddr};
    let plain = address.trim_matches(['[', ']']);
    let ip = plain.parse::<IpAddr>().ok();
    ip.or_else(|| address.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .is_some_and(|ip| ip.is_loopback())
        || plain == "localhost"
        || plain.starts_with("localhost:")
}

/// Seconds of a duration as Go writes one: `1m0s`, `4h`, `500ms`, `0`.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    let (text, sign) = text.strip_prefix('-').map_or((text, 1.0), |text| (text, -1.0));
    if text == "0" {
        return Some(0.0);
    }
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at_checked(end)?;
        let units = [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3)];
        let larger = [("s", 1.0), ("m", 60.0), ("h", 3600.0)];
        let (unit, each) =
            units.into_iter().chain(larger).find(|(unit, _)| tail.starts_with(unit))?;
        total += number.parse::<f64>().ok()? * each;
        rest = tail.strip_prefix(unit)?;
    }
    (!text.is_empty()).then_some(sign * total)
}

#[cfg(test)]
mod tests {
    use kuberlock_model::Verdict;
    use kuberlock_model::component::{Argument, Component, ComponentKind, Witness};

    use super::*;

    #[test]
    fn a_flag_that_the_release_lacks_is_not_applicable() {
        let cluster = kuberlock_model::Cluster::default();
        let context = crate::Context::new(&cluster);
        let component = |args: &[&str]| Component {
            kind: ComponentKind::ApiServer,
            node: "cp-1".into(),
            witness: Witness::Process,
            args: args
                .iter()
                .map(|text| Argument {
                    text: (*text).into(),
                    field: Default::default(),
                    origin: None,
                })
                .collect(),
            environment: Default::default(),
            origin: kuberlock_model::Origin::whole("test"),
        };
        let bare = Running { component: component(&["kube-apiserver"]), context: &context };
        let said = missing(&bare, "insecure-port").unwrap();
        assert!(said.message.starts_with("--insecure-port does not exist in 1."), "{said:?}");
        assert_eq!(boolean(&bare, "insecure-port", true, SAID).verdict, Verdict::NotApplicable);
        assert!(missing(&bare, "profiling").is_none());
        // What is written is judged, whatever the table says.
        let args = ["kube-apiserver", "--insecure-port=false"];
        let set = Running { component: component(&args), context: &context };
        assert_eq!(boolean(&set, "insecure-port", true, SAID).verdict, Verdict::Fail);
    }

    const SAID: Said = Said { pass: "on", fail: "off" };

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, expected) in [
            ("0", 0.0),
            ("0s", 0.0),
            ("1m0s", 60.0),
            ("4h0m0s", 14400.0),
            ("1.5h", 5400.0),
            ("500ms", 0.5),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in ["", "5", "s", "1x", "1m5"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn loopback_in_all_its_forms() {
        for address in ["127.0.0.1", "::1", "[::1]", "127.0.0.1:10249", "[::1]:10249", "localhost"]
        {
            assert!(is_loopback(address), "{address}");
        }
        for address in ["0.0.0.0", "::", "10.0.0.1", "0.0.0.0:10249", "", "localhostile"] {
            assert!(!is_loopback(address), "{address}");
        }
    }
}
