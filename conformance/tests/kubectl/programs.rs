//! Programs and inputs, through jq 1.6 and through ours.

use std::io::Write;
use std::process::{Command, Stdio};

use kuberlock_conformance::Outcome;
use kuberlock_kubectl::Output;
use kuberlock_kubectl::jq;
use libtest_mimic::Failed;

const LISTS: &str = r#"{"items":[
  {"kind":"Role","metadata":{"name":"a","namespace":"n"},"rules":[{"verbs":["get","*"],"resources":["secrets"],"apiGroups":[""]}]},
  {"kind":"Role","metadata":{"name":"b"},"rules":null,"subjects":[{"kind":"User","name":"x"},{"kind":"Group","name":"system:masters"}]},
  {"kind":"Pod","metadata":{"name":"p","namespace":"n"},"spec":{"containers":[{"name":"c","securityContext":{"privileged":true,"capabilities":{"add":["NET_ADMIN","SYS_TIME"]}}},{"name":"d"}],"hostPID":true}},
  {"metadata":{"name":"default"},"automountServiceAccountToken":false,"n":1.5}
]}
"#;

/// Arguments, and what stands on standard input.
const PROGRAMS: &[(&[&str], &str)] = &[
    (&["."], LISTS),
    (&["-c", "."], LISTS),
    (&["-cS", "."], LISTS),
    (&["-r", ".items[].metadata.name"], LISTS),
    (&["-c", ".items[] | .rules"], LISTS),
    (&[".items[]"], LISTS),
    (&[".items[] | select(.rules[]? | (.verbs[]? == \"*\" or .resources[]? == \"*\"))"], LISTS),
    (
        &[
            "[.items[] | select(.metadata.name == \"default\" and (.automountServiceAccountToken != false))] | length",
        ],
        LISTS,
    ),
    (
        &[
            "-r",
            "if any(.items[]?.spec.containers[]?; .securityContext?.privileged == true) then \"YES\" else \"NO\" end",
        ],
        LISTS,
    ),
    (&["-r", "if any(.items[]?; .spec.hostIPC == true) then \"YES\" else \"NO\" end"], LISTS),
    (
        &[
            "-r",
            ".items[] | \" namespace: \\(.metadata.namespace), token: \\(.automountServiceAccountToken | if . == null then \"notset\" else . end )\"",
        ],
        LISTS,
    ),
    (
        &[
            "-r",
            ".items[] | select((.subjects | length) > 0) | select(any(.subjects[]?; .kind==\"Group\")) | \"FOUND:\\(.metadata.name)\"",
        ],
        LISTS,
    ),
    (
        &[
            "-c",
            "[.items[] | .metadata.namespace] | group_by(.) | map({key: (.[0] // \"none\"), value: length}) | from_entries",
        ],
        LISTS,
    ),
    (&["-c", ".items | sort_by(.metadata.name) | map(.metadata.name)"], LISTS),
    (&["-c", "[.items[] | .spec.containers // [] | map(.name)] | add"], LISTS),
    (&["-c", ".items[2].spec.containers[0].securityContext.capabilities.add | join(\",\")"], LISTS),
    (&["-r", ".items[2].spec.containers[].securityContext.capabilities.add | .[]"], LISTS),
    (&["-c", ".items[2].spec.containers[] | {name, p: .securityContext.privileged}"], LISTS),
    (&["-c", "[.. | .name? // empty]"], LISTS),
    (&["-c", "def f($x; g): $x + g; .items | f(length; 1), map(type)"], LISTS),
    (&["-c", "reduce .items[] as $i (0; . + ($i.metadata.name | length))"], LISTS),
    (&["-c", ".items[3] | to_entries, keys, has(\"n\"), with_entries(.value |= .)"], "null"),
    (&["-c", ".items[3] | to_entries, keys, has(\"n\")"], LISTS),
    (
        &["-c", "[limit(3; .items[])] | length, (.[1:] | length), .[-1].n, first, (last | .n)"],
        LISTS,
    ),
    (
        &["-rs", "(.[0].items | map(.metadata.name)) as $n | [ $n[] | select(. != \"a\") ] | .[]"],
        LISTS,
    ),
    (&["-s", "."], "1 2\n[3]"),
    (&["-s", "."], ""),
    (&["."], ""),
    (&["-n", "[range(5)], 1 + 2 * 3, 7 % 3, 10 / 4, -(1)"], ""),
    (&["-e", ".a"], "{\"a\":false}"),
    (&["-e", ".a"], "{\"a\":1}"),
    (&["-e", "empty"], "1"),
    (&["-R", "."], "a b\nc\n"),
    (&["-r", "--arg", "x", "v", "$x + ."], "\"s\""),
    (&["-c", "--argjson", "x", "{\"a\":[1]}", "$x.a + ."], "[2]"),
    (&["."], "{\"a\":\"x\ny\"}\n"),
    (&["."], "]"),
    (&["."], "1,2"),
    (&["."], ":"),
    (&["."], "[1 2]"),
    (&["."], "{1:2}"),
    (&["."], "{\"a\" \"b\"}"),
    (&["."], "nope"),
    (&["."], "tru "),
    (&["."], "[1,]"),
    (&["."], "{\"a\":}"),
    (&["."], "{\"a\":1,}"),
    (&["."], "{,}"),
    (&["."], "\"abc"),
    (&["."], "[1"),
    (&["."], "error: a thing is not found\n"),
    (&["."], "Error from server (NotFound): pods \"x\" not found\n"),
    (&["."], "1\n2\n{\"a\""),
    (&["."], "{\"a\":\"\\q\"}"),
    (&["."], "\"\\u12\""),
    (
        &["-c", "."],
        "[3,1e17,1.5,100000000000000000000,1e-5,0.0001,12345678901234567890,0,-0,1.0,1e3]",
    ),
    (&["-c", "."], "\"\\u007f\\u0001\\u00e9\\ud83d\\ude00 \\/\""),
    (&["-c", "."], "{\"b\":1,\"a\":2,\"b\":3}"),
    (&[".[]"], "null\n"),
    (&[".a"], "{}\n{}\n[]"),
    (&[".a.b"], "{\"a\":1}"),
    (&[".[\"a\"]"], "[1]"),
    (&[".[0]"], "{}"),
    (&[".[]"], "\"a\""),
    (&[".[]"], "\"a text that is longer than eleven\""),
    (&[".[0] + \"a\""], "[1]"),
    (&[". - 1"], "{\"b\":1}"),
    (&["keys"], "5"),
    (&["error"], "\"a\""),
    (&["error"], "{}"),
    (&["-c", ".a?, (try error(\"x\") catch .), [.[]?]"], "[1]"),
    (&["-c", ".a // \"d\", (.b // empty), ([] | first), (null // 1, 2)"], "{\"a\":null}"),
    (&["-c", "if . == 1 then \"one\" elif . == 2 then \"two\" else \"more\" end"], "1 2 3"),
    (&["-c", "[.[] | tostring], (.[0] | tojson), (map(type))"], "[1,\"a\",null,{\"x\":[]}]"),
    (
        &[
            "-c",
            "map(ascii_downcase), (map(startswith(\"A\"))), (join(\"-\")), (.[0] | split(\"b\"))",
        ],
        "[\"Abc\",\"dEf\"]",
    ),
    (
        &["-c", "sort, unique, min, max, reverse, flatten, (index(2)), contains([1])"],
        "[3,1,2,[5,[6]],1]",
    ),
    (&["-c", "[.[] | . as $x | $x * 2] | add, any(. > 3), all(. > 3)"], "[1,2]"),
    (&["-c", ".a[1:], .a[:1], .s[1:3], .a[-1:]"], "{\"a\":[1,2,3],\"s\":\"abcdé\"}"),
    (
        &["-r", ".[] | \"\\(.a)-\\(.b | length)\""],
        "[{\"a\":1,\"b\":\"xyz\"},{\"a\":[1],\"b\":null}]",
    ),
    (&["-c", "[.[] | (.a, .b) = 1]"], "[]"),
    (&["."], "nan"),
    (&["-c", "[recurse] | length, ([..] | length)"], "[[1,[2]]]"),
    (&["-j", ".[]"], "[\"a\",1]"),
];

/// Why there is no jq to compare with, if so.
pub fn missing() -> Option<String> {
    let version = Command::new("jq").arg("--version").output();
    let version = version.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    match version {
        Ok(version) if version == "jq-1.6" => None,
        Ok(version) => Some(format!("compared with jq 1.6, and this is {version}")),
        Err(error) => Some(format!("there is none: {error}")),
    }
}

pub fn run() -> Outcome {
    let mut different = Vec::new();
    let mut unanswered = Vec::new();
    for (args, input) in PROGRAMS {
        let theirs = real(args, input)?;
        match jq::run(args, input) {
            Ok(ours) if ours == theirs => {}
            Ok(ours) => {
                different.push(format!("{args:?} < {input:?}\n  ours {ours:?}\n  jq   {theirs:?}"));
            }
            Err(why) => unanswered.push(format!("{args:?}: {why}")),
        }
    }
    println!("{} programs, {} not answered: {unanswered:#?}", PROGRAMS.len(), unanswered.len());
    // An update is no audit's business, and is refused on purpose.
    if !different.is_empty() || unanswered.len() > 2 {
        return Err(different.join("\n").into());
    }
    Ok(())
}

pub fn real(args: &[&str], input: &str) -> Result<Output, Failed> {
    let mut child = Command::new("jq")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // jq may have ended already: it read as far as it could.
        let _ = stdin.write_all(input.as_bytes());
    }
    let out = child.wait_with_output()?;
    Ok(Output {
        stdout: String::from_utf8_lossy(&out.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&out.stderr).into_owned(),
        status: u8::try_from(out.status.code().unwrap_or(255)).unwrap_or(255),
    })
}
