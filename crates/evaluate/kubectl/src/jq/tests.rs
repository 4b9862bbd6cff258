use super::*;

fn stdout(args: &[&str], stdin: &str) -> String {
    run(args, stdin).unwrap().stdout
}

#[test]
fn a_step_behind_a_question_mark_fails_alone() {
    let input = r#"[{"a":[1]},{},{"a":[2]}]"#;
    assert_eq!(stdout(&["-c", "[.[].a[]?]"], input), "[1,2]\n");
}

#[test]
fn endless_programs_end() {
    for program in [
        "def f: f; f",
        "def f: 1 + f; f",
        "[range(1e18)] | length",
        "[.[] | recurse(.; true)]",
        "def r: ., ([.] | r); [r] | length",
    ] {
        let refused = run(&[program], "[1]").unwrap_err();
        assert!(
            refused.to_string().contains("more than") || program.contains("recurse"),
            "{refused}"
        );
    }
    let deep = "[".repeat(5000);
    assert!(run(&[&deep], "1").is_err());
    assert_eq!(run(&["."], &deep).unwrap().status, 4);
}

#[test]
fn what_is_not_known_is_not_answered() {
    for program in [
        "test(\"x\")",
        ".a |= 1",
        "@sh",
        "input",
        "$ENV",
        "[.[] | frob]",
        "foreach .[] as $x (0; .)",
    ] {
        assert!(run(&[program], "[\"x\"]").is_err(), "{program}");
    }
}

#[test]
fn the_fields_of_a_program_are_told() {
    let of = |program: &str| -> Vec<String> {
        fields(&[program]).iter().map(|path| path.join(".")).collect()
    };
    assert_eq!(of(".items[].metadata.labels.app"), ["items.metadata.labels.app"]);
    assert_eq!(of("[.a[]? | select(.b == \"c\")] | {d: .e}"), ["a", "b", "e"]);
    assert_eq!(of("map(keys), .x[\"y\"]"), ["keys", "x.y"]);
    assert_eq!(of("\"\\(.a.b)\""), ["a.b"]);
}
