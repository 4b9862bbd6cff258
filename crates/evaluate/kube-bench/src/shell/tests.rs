//! What the conformance test proves against dash itself, in small; and that every script ends.

use proptest::prelude::*;

use super::*;
use crate::node::{Entry, FileType, NoCommands, Output, Process, Refusal, Status};

/// A node of a few folders, files and processes.
struct Small {
    processes: Vec<Process>,
}

const FILES: [(&str, u32, &str); 5] = [
    (
        "/usr/bin/checker",
        0o755,
        "#!/usr/bin/env bash\nread -r l\necho $1 $0 $l; [[ $1 == a ]] || exit 4\n",
    ),
    ("/usr/bin/other", 0o755, "\u{7f}ELF"),
    ("/etc/kubernetes/admin.conf", 0o600, "kind: Config\n"),
    ("/etc/kubernetes/pki/ca.crt", 0o644, "cert\n"),
    ("/etc/kubernetes/pki/ca.key", 0o640, "key\n"),
];

impl Small {
    fn new() -> Self {
        let process = |pid, line: &str| Process {
            pid,
            ppid: 1,
            comm: line.split(' ').next().unwrap().chars().take(15).collect(),
            args: line.split(' ').map(str::to_owned).collect(),
            started: "04:05".to_owned(),
            ..Process::default()
        };
        let kubelet = process(20, "kubelet --config=/var/lib/kubelet/config.yaml");
        Self { processes: vec![process(10, "kube-controller-manager --profiling=false"), kubelet] }
    }
}

impl Node for Small {
    fn stat(&self, path: &str, _: bool) -> Result<Status, Refusal> {
        let whole = path.trim_end_matches('/');
        let status =
            |mode| Status { mode, uid: 0, gid: 0, size: 5, links: 1, inode: 1, modified: 0 };
        if let Some((_, mode, _)) = FILES.iter().find(|(file, ..)| *file == whole) {
            return Ok(status(0o100_000 | mode));
        }
        let folder = FILES.iter().any(|(file, ..)| file.starts_with(&format!("{whole}/")));
        if folder { Ok(status(0o040_755)) } else { Err(Refusal::Absent) }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Refusal> {
        let found = FILES.iter().find(|(file, ..)| *file == path);
        found.map(|(.., text)| text.as_bytes().to_vec()).ok_or(Refusal::Absent)
    }

    fn list(&self, path: &str) -> Result<Vec<Entry>, Refusal> {
        let prefix = format!("{}/", path.trim_end_matches('/'));
        let mut entries: Vec<Entry> = Vec::new();
        for rest in FILES.iter().filter_map(|(file, ..)| file.strip_prefix(&prefix)) {
            let (name, kind) = match rest.split_once('/') {
                Some((name, _)) => (name, FileType::Directory),
                None => (rest, FileType::File),
            };
            if !entries.iter().any(|entry| entry.name == name) {
                entries.push(Entry { name: name.to_owned(), kind });
            }
        }
        Ok(entries)
    }

    fn link(&self, _: &str) -> Result<String, Refusal> {
        Err(Refusal::Absent)
    }

    fn processes(&self) -> &[Process] {
        &self.processes
    }

    fn user(&self, _: u32) -> Option<String> {
        Some("root".to_owned())
    }

    fn group(&self, _: u32) -> Option<String> {
        Some("root".to_owned())
    }
}

fn ran(script: &str) -> (String, u8) {
    let finished = run(script, &Small::new(), &NoCommands, Limits::default()).unwrap();
    (String::from_utf8(finished.output).unwrap(), finished.status)
}

fn not_run(script: &str) -> String {
    let limits = Limits { steps: 20_000_000, ..Limits::default() };
    run(script, &Small::new(), &NoCommands, limits).unwrap_err().0
}

#[test]
fn words_and_quotes() {
    for (script, output) in [
        (r#"a=1; b="$a 2"; echo $b "$b" '$b' ${c:-d} ${a:+z}"#, "1 2 1 2 $b d z\n"),
        ("x=/a/b.yaml; echo ${x##*/} ${x%.yaml} ${#x}", "b.yaml /a/b 9\n"),
        (r#"echo "a'b" 'c"d' g\ h"#, "a'b c\"d g h\n"),
        (
            "echo /etc/kubernetes/pki/* /no/*",
            "/etc/kubernetes/pki/ca.crt /etc/kubernetes/pki/ca.key /no/*\n",
        ),
        ("echo $((2*(3+4))) $(echo in) `echo tick`", "14 in tick\n"),
        ("set -- a 'b c'; for x in \"$@\"; do echo \"[$x]\"; done", "[a]\n[b c]\n"),
        ("cat <<E\n$((1+1))\nE\necho end", "2\nend\n"),
    ] {
        assert_eq!(ran(script), (output.to_owned(), 0), "{script}");
    }
}

#[test]
fn what_the_shell_complains_of_it_complains_of() {
    for (script, output, status) in [
        ("nosuch a", "/bin/sh: 1: nosuch: not found\n", 127),
        ("echo a\n[[ x == x ]]", "a\n/bin/sh: 2: [[: not found\n", 127),
        ("echo ${x//a/b}; echo no", "/bin/sh: 1: Bad substitution\n", 2),
        ("echo a; fi", "/bin/sh: 1: Syntax error: \"fi\" unexpected\n", 2),
        ("echo 'open", "/bin/sh: 1: Syntax error: Unterminated quoted string\n", 2),
        ("set -e; false; echo no", "", 1),
        ("cat /nope", "cat: /nope: No such file or directory\n", 1),
        (
            "echo | xargs stat",
            "stat: missing operand\nTry 'stat --help' for more information.\n",
            123,
        ),
    ] {
        assert_eq!(ran(script), (output.to_owned(), status), "{script}");
    }
}

#[test]
fn files_and_processes() {
    for (script, output) in [
        (
            "stat -c 'permissions=%a %U:%G' /etc/kubernetes/admin.conf",
            "permissions=600 root:root\n",
        ),
        ("find /etc/kubernetes/pki/ -name '*.key' | xargs stat -c %a", "640\n"),
        ("find /etc -type f ! -perm 600 | wc -l", "2\n"),
        (
            "/bin/ps -fC kubelet | tail -n1 | awk '{print $NF}'",
            "--config=/var/lib/kubelet/config.yaml\n",
        ),
        // The kernel keeps 15 bytes of a name, and ps compares as many.
        (
            "ps -C kube-controller-manager -o cmd --no-headers",
            "kube-controller-manager --profiling=false\n",
        ),
        ("ps -ef | grep kubelet | grep -v grep | wc -l", "1\n"),
        // ps sees the programs of its own pipeline.
        ("ps -ef | grep kubelet | wc -l", "2\n"),
        ("/bin/sh -c 'if test -e /etc/kubernetes; then echo yes; fi'", "yes\n"),
    ] {
        assert_eq!(ran(script), (output.to_owned(), 0), "{script}");
    }
}

#[test]
fn what_only_bash_reads() {
    for (script, output) in [
        ("[[ -f /etc/kubernetes/admin.conf && -d /etc && ! -e /no ]] && echo y", "y\n"),
        ("[[ abc == a* ]] && echo glob; [[ abc == \"a*\" ]] || echo quoted", "glob\nquoted\n"),
        ("[[ v1.28 =~ ^v([0-9]+)\\.(2.|x) ]] && echo ${BASH_REMATCH[2]}", "28\n"),
        ("[[ ( -z $no || 1 -gt 2 ) && $no -eq 0 ]]; echo $?", "0\n"),
        ("set -o pipefail; false | true; echo $?", "1\n"),
        (
            "read -r a b <<< \"x y\"; echo $b; while read -r l; do echo $l; done < <(echo in)",
            "y\nin\n",
        ),
        (
            "trap \"echo E\" ERR; false; f() { false; }; f; false || true; (exit 3); echo end",
            "E\nE\nE\nend\n",
        ),
        (
            "(( 2 > 1 )) && echo y; nosuch; cat < /no; echo $?",
            "y\nbash: line 1: nosuch: command not found\nbash: line 1: /no: No such file or directory\n1\n",
        ),
        ("x=a.b.c; echo ${x//./-} ${x/b/} ${x:2:1} ${x: -1} ${x^^}", "a-b-c a..c b c A.B.C\n"),
    ] {
        assert_eq!(ran(&format!("bash -c '{script}'")), (output.to_owned(), 0), "{script}");
    }
    assert_eq!(not_run("bash -c 'echo {a,b}'"), "it uses an expansion of braces");
    assert_eq!(not_run("bash -c 'x=(a b)'"), "bash would not read it as dash does");
}

#[test]
fn what_ends_a_shell_and_where_it_is() {
    for (script, output, status) in [
        (
            "trap 'echo bye $?' EXIT; (trap 'echo sub' 0; exit 3); echo $?; exit 5",
            "sub\n3\nbye 5\n",
            5,
        ),
        ("trap 'x' ERR; echo $?", "trap: ERR: bad trap\n1\n", 0),
        ("trap '' INT; trap 'a' EXIT; trap - 0; trap", "trap -- '' INT\n", 0),
        ("set -e; { false; echo no; } | cat; echo after", "after\n", 0),
        (
            "cd /etc/kubernetes; pwd; cat admin.conf; (cd pki; ls); cd ..; pwd; cd no",
            "/etc/kubernetes\nkind: Config\nca.crt\nca.key\n/etc\n/bin/sh: 1: cd: can't cd to no\n",
            2,
        ),
        ("X=1 sh -c 'echo $X'; export Y=2; sh -c 'echo $Y$X'", "1\n2\n", 0),
        ("'a\nb'; nosuch", "/bin/sh: 2: a\nb: not found\n/bin/sh: 2: nosuch: not found\n", 127),
        (
            "/etc/kubernetes/admin.conf",
            "/bin/sh: 1: /etc/kubernetes/admin.conf: Permission denied\n",
            126,
        ),
    ] {
        assert_eq!(ran(script), (output.to_owned(), status), "{script}");
    }
}

#[test]
fn programs_of_the_node_that_are_scripts_are_run() {
    let (output, status) = ran("echo b | checker a; /usr/bin/checker -x; echo $?");
    assert_eq!((output.as_str(), status), ("a /usr/bin/checker b\n-x /usr/bin/checker\n4\n", 0));
    assert_eq!(not_run("other x"), "it needs `other`");
}

#[test]
fn text_tools() {
    for (script, output) in [
        (r"echo '--d=/a b' | sed 's%.*d[= ]\([^ ]*\).*%\1%'", "/a\n"),
        ("printf 'a\\nb\\nc\\n' | grep -A1 a | tail -n1", "b\n"),
        ("echo 'x --ca=/f y' | awk -F '--ca=' '{print $2}' | awk '{print $1}'", "/f\n"),
        ("printf 'b\\na\\nb\\n' | sort -u | tr '\\n' ,", "a,b,"),
        (r"echo aab | grep -o 'a\{2\}'; echo ac | grep -cE 'a(b|c)'", "aa\n1\n"),
        ("printf '%-4s|%03d\\n' ab 7", "ab  |007\n"),
        ("echo /etc/kubernetes/pki/c[a-b].[!c]*", "/etc/kubernetes/pki/ca.key\n"),
        // The longest of what begins leftmost.
        (
            "echo 'a:  b' | awk -F ':|: *' '{print $NF}'; echo foobar | grep -oE 'foo|foobar'",
            "b\nfoobar\n",
        ),
        (
            "echo a | grep 'a\\)'; echo $?; echo a | grep 'b['; echo $?",
            "grep: Unmatched ) or \\)\n2\ngrep: Unmatched [, [^, [:, [., or [=\n2\n",
        ),
        (
            "/bin/cat /no; /usr/bin/stat; echo",
            "/bin/cat: /no: No such file or directory\n/usr/bin/stat: missing operand\nTry '/usr/bin/stat --help' for more information.\n\n",
        ),
        (
            "date -u -d '2025-01-31 10:00:00' '+%s %j'; date -u -d @0 +%F",
            "1738317600 031\n1970-01-01\n",
        ),
        ("echo a:b | cut -d: -f2", "b\n"),
    ] {
        assert_eq!(ran(script), (output.to_owned(), 0), "{script}");
    }
}

#[test]
fn what_is_not_known_is_not_run() {
    assert_eq!(not_run("echo x > /tmp/file"), "it writes to `/tmp/file`");
    assert_eq!(not_run("grep --line-buffered x"), "it uses `grep --line-buffered`");
    assert_eq!(not_run("sleep 1 &"), "it uses a command in the background");
    let short = Limits { steps: 100_000, ..Limits::default() };
    let endless = run("while true; do :; done", &Small::new(), &NoCommands, short);
    assert!(endless.unwrap_err().0.contains("more steps"));
    assert!(not_run("f() { f; }; f").contains("nests deeper"));
    assert!(not_run("x=a; while true; do x=$x$x; done").contains("beyond 4 MiB"));
}

/// A command of the caller's.
struct Caller;

impl Commands for Caller {
    fn run(&self, name: &str, args: &[String], stdin: &[u8]) -> Option<Result<Output, String>> {
        let said = format!("{name} {} {}\n", args.join(" "), String::from_utf8_lossy(stdin).trim());
        (name == "kubectl" || name == "jq")
            .then(|| Ok(Output { stdout: said.into_bytes(), ..Output::default() }))
    }
}

#[test]
fn the_callers_commands_take_part() {
    let script = "printf 'a\\nb\\n' | while read -r x; do kubectl get $x | jq .; done";
    let finished = run(script, &Small::new(), &Caller, Limits::default()).unwrap();
    assert_eq!(finished.output, b"jq . kubectl get a\njq . kubectl get b\n");
}

proptest! {
    #[test]
    fn any_text_ends(script in "[a-z $(){}\\[\\];|&<>\"'`\\\\#*?=!/\n0-9.%-]{0,80}") {
        let limits = Limits { steps: 100_000, ..Limits::default() };
        drop(run(&script, &Small::new(), &NoCommands, limits));
    }

    #[test]
    fn any_program_of_awk_and_sed_ends(text in "[a-z {}()$;/\"0-9+*=~!,.-]{0,40}") {
        let limits = Limits { steps: 100_000, ..Limits::default() };
        let script = format!("echo 'a b' | awk '{text}'; echo 'a b' | sed '{text}'");
        drop(run(&script, &Small::new(), &NoCommands, limits));
    }
}
