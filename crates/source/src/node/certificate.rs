//! What the certificates of a node's files say.
//!
//! Enters: a file's text, before it is redacted. Leaves: facts of each certificate in it: blocks of
//! PEM, and `*-certificate-data` and `certificate-authority-data` of kubeconfigs. Always holds: keys
//! are passed over; what does not parse is passed over; counts are bounded.

use kuberlock_model::Timestamp;
use kuberlock_model::certificate::Certificate;
use serde_json::Value;
use x509_parser::certificate::X509Certificate;
use x509_parser::der_parser::oid::Oid;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::X509Name;

use crate::yaml;

/// Certificates of one file: a bundle of a system's authorities has some 150.
const MOST: usize = 500;

/// The certificates in the file at `path` with this text.
pub(super) fn of_file(path: &str, text: &str) -> Vec<Certificate> {
    if text.contains("-----BEGIN CERTIFICATE-----") {
        return of_pem(path, None, text.as_bytes());
    }
    if !text.contains("certificate-authority-data") && !text.contains("client-certificate-data") {
        return Vec::new();
    }
    let Ok(document) = yaml::to_value(text) else { return Vec::new() };
    let lists = [
        ("users", "user", "client-certificate-data"),
        ("clusters", "cluster", "certificate-authority-data"),
    ];
    let mut found: Vec<Certificate> = Vec::new();
    for (list, inner, field) in lists {
        for entry in document.get(list).and_then(Value::as_array).into_iter().flatten() {
            let name = entry.get("name").and_then(Value::as_str).unwrap_or_default();
            let Some(data) = entry.get(inner).and_then(|e| e.get(field)) else { continue };
            let Ok(data) = serde_json::from_value::<k8s_openapi::ByteString>(data.clone()) else {
                continue;
            };
            found.extend(of_pem(path, Some(&format!("{inner} {name}")), &data.0));
        }
    }
    found.truncate(MOST);
    found.iter_mut().enumerate().for_each(|(index, certificate)| certificate.index = index);
    found
}

fn of_pem(path: &str, entry: Option<&str>, text: &[u8]) -> Vec<Certificate> {
    let blocks = Pem::iter_from_buffer(text).take(MOST).map_while(Result::ok);
    let certificates = blocks.filter(|block| block.label == "CERTIFICATE").filter_map(|block| {
        let (_, certificate) = X509Certificate::from_der(&block.contents).ok()?;
        facts(path, entry, &certificate)
    });
    let numbered = certificates.enumerate();
    numbered.map(|(index, certificate)| Certificate { index, ..certificate }).collect()
}

fn facts(path: &str, entry: Option<&str>, of: &X509Certificate<'_>) -> Option<Certificate> {
    let validity = of.validity();
    let (key, bits) = key(of);
    let usage = of.extended_key_usage().ok().flatten().map(|usage| usage.value);
    let may = |purpose: fn(&x509_parser::extensions::ExtendedKeyUsage<'_>) -> bool| {
        usage.is_none_or(|usage| usage.any || purpose(usage))
    };
    let is_authority = of.is_ca();
    Some(Certificate {
        path: path.to_owned(),
        index: 0,
        entry: entry.map(str::to_owned),
        subject: name(of.subject()),
        issuer: name(of.issuer()),
        organizations: organizations(of.subject()),
        names: names(of),
        not_before: Timestamp::from_second(validity.not_before.timestamp()).ok()?,
        not_after: Timestamp::from_second(validity.not_after.timestamp()).ok()?,
        serial: of.raw_serial().iter().map(|byte| format!("{byte:02x}")).collect(),
        key,
        bits,
        signature: signature(&of.signature_algorithm.algorithm),
        is_authority,
        is_client: !is_authority && may(|usage| usage.client_auth),
        is_server: !is_authority && may(|usage| usage.server_auth),
    })
}

fn name(name: &X509Name<'_>) -> String {
    let text = name.to_string();
    text.chars().filter(|c| !c.is_control()).take(500).collect()
}

fn organizations(name: &X509Name<'_>) -> Vec<String> {
    let values = name.iter_organization().filter_map(|value| value.as_str().ok());
    values.take(50).map(|value| value.chars().take(253).collect()).collect()
}

fn names(of: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(alternatives)) = of.subject_alternative_name() else { return Vec::new() };
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(name.chars().take(253).collect()),
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    };
    alternatives.value.general_names.iter().filter_map(text).take(100).collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    let four = <[u8; 4]>::try_from(bytes).map(|bytes| std::net::IpAddr::from(bytes).to_string());
    let sixteen =
        <[u8; 16]>::try_from(bytes).map(|bytes| std::net::IpAddr::from(bytes).to_string());
    four.or(sixteen).ok()
}

/// Kind and size of the key.
fn key(of: &X509Certificate<'_>) -> (String, Option<usize>) {
    let algorithm = of.public_key().algorithm.algorithm.to_id_string();
    match of.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => ("RSA".to_owned(), Some(key.key_size())),
        Ok(PublicKey::EC(point)) => ("EC".to_owned(), Some(point.key_size())),
        Ok(PublicKey::DSA(_)) => ("DSA".to_owned(), None),
        _ if algorithm == "1.3.101.112" => ("Ed25519".to_owned(), None),
        _ => (algorithm, None),
    }
}

/// The digest of a signature's algorithm.
fn signature(algorithm: &Oid<'_>) -> String {
    let number = algorithm.to_id_string();
    let digest = match number.as_str() {
        "1.2.840.113549.1.1.2" => "MD2",
        "1.2.840.113549.1.1.4" => "MD5",
        "1.2.840.113549.1.1.5" | "1.2.840.10040.4.3" | "1.2.840.10045.4.1" => "SHA1",
        "1.2.840.113549.1.1.11" | "1.2.840.10045.4.3.2" => "SHA256",
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => "SHA384",
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => "SHA512",
        "1.3.101.112" => "Ed25519",
        other => other,
    };
    digest.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made for this test; nobody has its key.
    const AUTHORITY: &str = include_str!("testdata/authority.crt");
    const ADMIN: &str = include_str!("testdata/admin.crt");

    #[test]
    fn a_certificate_tells_who_it_is_and_how_long() {
        let found = of_file("/etc/kubernetes/pki/ca.crt", AUTHORITY);
        let [ca] = found.as_slice() else { panic!("{found:?}") };
        assert!(ca.is_authority && ca.is_self_issued() && !ca.is_client && !ca.is_server);
        assert_eq!((ca.key.as_str(), ca.bits), ("RSA", Some(2048)));
        assert_eq!(ca.signature, "SHA256");
        assert_eq!(ca.subject, "CN=kubernetes");
        let found = of_file("/x.crt", &format!("{AUTHORITY}{ADMIN}"));
        let admin = &found[1];
        assert_eq!((admin.index, admin.key.as_str(), admin.bits), (1, "EC", Some(256)));
        assert_eq!(admin.organizations, ["system:masters"]);
        assert_eq!(admin.names, ["node-1", "10.0.0.10"]);
        assert!(admin.is_client && !admin.is_server && !admin.is_authority);
        assert!(admin.not_before < admin.not_after);
    }

    #[test]
    fn a_kubeconfig_tells_its_user_and_its_authority() {
        let encode = |text: &str| {
            serde_json::to_string(&k8s_openapi::ByteString(text.as_bytes().to_vec())).unwrap()
        };
        let text = format!(
            "kind: Config\nclusters:\n- name: c\n  cluster: {{certificate-authority-data: {}}}\n\
             users:\n- name: admin\n  user: {{client-certificate-data: {}, client-key-data: QQ==}}\n",
            encode(AUTHORITY),
            encode(ADMIN)
        );
        let found = of_file("/etc/kubernetes/admin.conf", &text);
        let entries: Vec<_> = found.iter().map(|c| (c.index, c.entry.as_deref())).collect();
        assert_eq!(entries, [(0, Some("user admin")), (1, Some("cluster c"))]);
    }

    #[test]
    fn what_is_no_certificate_is_passed_over() {
        let torn = AUTHORITY.split_at(AUTHORITY.len() / 2).0;
        for text in [
            "",
            torn,
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "users: [{user: {client-certificate-data: 7}}]",
            "client-certificate-data: [",
            "users: x # client-certificate-data",
        ] {
            assert!(of_file("/x", text).is_empty(), "{text}");
        }
    }
}
