//! `openssl x509`: what a certificate says of itself, as openssl 1.1.1 to 3.1 write it.

use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

use super::{Done, unknown};
use crate::shell::{Io, Stop};

/// What is asked of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    Subject,
    Issuer,
    Serial,
    Start,
    End,
}

/// Names of the parts of a name, by their identifiers.
const PARTS: [(&str, &str); 16] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.42", "GN"),
    ("2.5.4.97", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("0.9.2342.19200300.100.1.25", "DC"),
];

pub(super) fn run(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let Some(("x509", rest)) = args.split_first().map(|(first, rest)| (first.as_str(), rest))
    else {
        return unknown("openssl", &args.join(" "));
    };
    let (mut file, mut silent, mut within) = (None, false, None);
    let mut questions = Vec::new();
    let mut rest = rest.iter();
    while let Some(arg) = rest.next() {
        // Each option may be written with two dashes; the last place where one stands counts.
        let option = arg.strip_prefix("--").or(arg.strip_prefix('-')).unwrap_or_default();
        let asked: &[Question] = match option {
            "in" => {
                file = rest.next().cloned();
                &[]
            }
            "inform" if rest.next().is_some_and(|form| form.eq_ignore_ascii_case("pem")) => &[],
            "noout" => {
                silent = true;
                &[]
            }
            "checkend" => {
                within = rest.next().and_then(|seconds| seconds.parse::<i64>().ok());
                if within.is_none() {
                    return unknown("openssl", &args.join(" "));
                }
                &[]
            }
            "subject" => &[Question::Subject],
            "issuer" => &[Question::Issuer],
            "serial" => &[Question::Serial],
            "startdate" => &[Question::Start],
            "enddate" => &[Question::End],
            "dates" => &[Question::Start, Question::End],
            _ => return unknown("openssl x509", arg),
        };
        questions.retain(|question| !asked.contains(question));
        questions.extend_from_slice(asked);
    }
    if !silent {
        return unknown("openssl x509", "without -noout");
    }
    answered(file.as_deref(), &questions, within, io)
}

fn answered(
    file: Option<&str>,
    questions: &[Question],
    within: Option<i64>,
    io: &mut Io<'_, '_>,
) -> Done {
    let Ok(text) = io.read(file.unwrap_or("-"))? else {
        // openssl tells more of it, with the number of its thread.
        let file = file.unwrap_or_default();
        io.err(&format!("Could not open file or uri for loading certificate from {file}\n"))?;
        io.err("Unable to load certificate\n")?;
        return Ok(1);
    };
    io.spend(10 * text.len())?;
    let blocks = Pem::iter_from_buffer(&text).map_while(Result::ok);
    let block = blocks.into_iter().find(|block| block.label == "CERTIFICATE");
    let Some(block) = block else {
        io.err(&format!("Could not read certificate from {}\n", file.unwrap_or("<stdin>")))?;
        io.err("Unable to load certificate\n")?;
        return Ok(1);
    };
    let Ok((_, certificate)) = X509Certificate::from_der(&block.contents) else {
        return unknown("openssl x509", "on a certificate that is not understood");
    };
    for question in questions {
        let line = line(*question, &certificate)?;
        io.out(line + "\n")?;
    }
    let Some(within) = within else { return Ok(0) };
    let end = certificate.validity().not_after.timestamp();
    let holds = end > super::date::now(io.node())?.saturating_add(within);
    io.out(format!("Certificate will{} expire\n", if holds { " not" } else { "" }))?;
    Ok(u8::from(!holds))
}

fn line(question: Question, certificate: &X509Certificate<'_>) -> Result<String, Stop> {
    Ok(match question {
        Question::Subject => format!("subject={}", name(certificate.subject())?),
        Question::Issuer => format!("issuer={}", name(certificate.issuer())?),
        Question::Serial => {
            let bytes = certificate.raw_serial();
            let bytes = bytes.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(bytes);
            let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            format!("serial={digits}")
        }
        Question::Start => format!("notBefore={}", time(certificate.validity().not_before)),
        Question::End => format!("notAfter={}", time(certificate.validity().not_after)),
    })
}

/// `Jan  2 03:04:05 2030 GMT`.
fn time(time: ASN1Time) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let time = time.to_datetime();
    let month = MONTHS.get(usize::from(u8::from(time.month())) - 1).copied().unwrap_or_default();
    let (hour, minute, second) = time.to_hms();
    format!("{month} {:2} {hour:02}:{minute:02}:{second:02} {} GMT", time.day(), time.year())
}

/// `O = system:masters, CN = kubernetes-admin`; several parts at one place are joined by ` + `.
fn name(name: &X509Name<'_>) -> Result<String, Stop> {
    let mut places = Vec::new();
    for place in name.iter() {
        let mut parts = Vec::new();
        for part in place.iter() {
            let id = part.attr_type().to_id_string();
            let known = PARTS.iter().find(|(known, _)| *known == id);
            let (Some((_, short)), Ok(value)) = (known, part.as_str()) else {
                return unknown("openssl x509", "on a name that is not understood");
            };
            parts.push(format!("{short} = {}", escaped(value)?));
        }
        places.push(parts.join(" + "));
    }
    Ok(places.join(", "))
}

/// A value, between quotes where it holds what parts a name.
fn escaped(value: &str) -> Result<String, Stop> {
    if value.contains(['"', '\\']) {
        return unknown("openssl x509", "on a name that it would escape");
    }
    // What is no printable ASCII is shown by its bytes.
    let byte = |byte: u8| match byte {
        b' '..=b'~' => char::from(byte).to_string(),
        byte => format!("\\{byte:02X}"),
    };
    let value: String = value.bytes().map(byte).collect();
    let edges = value.starts_with([' ', '#']) || value.ends_with(' ');
    match edges || value.contains([',', '+', '<', '>', ';']) {
        true => Ok(format!("\"{value}\"")),
        false => Ok(value),
    }
}
