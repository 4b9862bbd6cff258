//! np-guard's baseline rules: a list of rules, each of which allows or denies.
//!
//! `deny` is [`Expect::Denied`], `allow` (also where nothing is written) is [`Expect::Allowed`]. A side
//! without selector is everybody. Its format is told in the repository `np-guard/baseline-rules`.

use kuberlock_model::Severity;
use kuberlock_model::network::{PortMatch, Ports, Protocol};
use kuberlock_model::selector::LabelSelector;

use super::read::{Field, Result, labels, net, unique};
use super::{Assertion, Assertions, Expect, Selector};

pub(super) fn read(file: &Field<'_>) -> Result<Assertions> {
    let tests: Vec<Assertion> = file.items()?.iter().map(rule).collect::<Result<_>>()?;
    unique(&tests)?;
    Ok(Assertions { tests })
}

fn rule(field: &Field<'_>) -> Result<Assertion> {
    let keys = [
        "name",
        "description",
        "action",
        "from",
        "to",
        "from_ns",
        "to_ns",
        "protocol",
        "port_min",
        "port_max",
    ];
    field.mapping(&keys)?;
    let text = |key: &str| field.get(key).map(|found| found.text()).transpose();
    let expect = match (text("action")?, field.get("action")) {
        (None | Some("allow"), _) => Expect::Allowed,
        (Some("deny"), _) => Expect::Denied,
        (Some(other), Some(at)) => {
            return at.wrong(format!("`{other}` is neither allow nor deny"));
        }
        (Some(_), None) => Expect::Allowed,
    };
    Ok(Assertion {
        name: text("name")?.map_or_else(|| field.path.to_string(), str::to_owned),
        reason: text("description")?.filter(|text| !text.is_empty()).map(str::to_owned),
        severity: Severity::High,
        from: vec![side(field, "from", "from_ns")?],
        to: vec![side(field, "to", "to_ns")?],
        ports: ports(field)?,
        expect,
        may_be_empty: false,
        path: field.path.clone(),
    })
}

fn side(field: &Field<'_>, key: &str, namespaces: &str) -> Result<Selector> {
    let of = |key: &str| -> Result<Option<LabelSelector>> {
        let found =
            field.get(key).map(|at| at.text().map(|text| (at.clone(), text))).transpose()?;
        found.filter(|(_, text)| !text.trim().is_empty()).map(|(at, _)| labels(&at)).transpose()
    };
    let spaces = of(namespaces)?;
    if let Some(at) = field.get(key)
        && at.text()?.starts_with(|c: char| c.is_ascii_hexdigit() || c == ':')
        && let Ok(cidr) = net(&at)
    {
        return match field.get(namespaces).filter(|_| spaces.is_some()) {
            Some(at) => at.wrong("a range of addresses has no namespaces"),
            None => Ok(Selector::Block { cidr, except: Vec::new() }),
        };
    }
    Ok(match (of(key)?, spaces) {
        (None, None) => Selector::Any,
        (pods, namespaces) => Selector::Labelled {
            names: Vec::new(),
            namespaces: namespaces.unwrap_or_default(),
            pods: pods.unwrap_or_default(),
            workload: None,
        },
    })
}

fn ports(field: &Field<'_>) -> Result<Box<[PortMatch]>> {
    let number = |key: &str| -> Result<Option<u16>> {
        let Some(at) = field.get(key) else { return Ok(None) };
        let number = at.value.as_u64().and_then(|number| u16::try_from(number).ok());
        match number.filter(|number| *number > 0) {
            Some(number) => Ok(Some(number)),
            None => at.wrong("a port is a number from 1 to 65535"),
        }
    };
    let (first, last) = (number("port_min")?, number("port_max")?);
    let protocols = match field.get("protocol") {
        None => Protocol::ALL.to_vec(),
        Some(at) => match Protocol::find(at.text()?) {
            Some(protocol) => vec![protocol],
            None => return at.wrong("it is none of TCP, UDP, SCTP"),
        },
    };
    if protocols.len() > 1 && first.is_none() && last.is_none() {
        return Ok(Box::default());
    }
    let (first, last) = (first.unwrap_or(1), last.unwrap_or(u16::MAX));
    if first > last {
        return field.wrong("`port_min` is above `port_max`");
    }
    let port = |protocol| PortMatch { protocol: Some(protocol), ports: Ports::Range(first, last) };
    Ok(protocols.into_iter().map(port).collect())
}
