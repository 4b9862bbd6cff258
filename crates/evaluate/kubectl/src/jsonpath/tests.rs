use serde_json::json;

use super::*;

fn render(template: &str, value: &Value) -> Result<String, String> {
    Template::parse(template).and_then(|t| t.render(value, true)).map_err(|e| e.to_string())
}

#[test]
fn templates_give_what_client_go_gives() {
    let pods = json!({
        "kind": "List",
        "items": [
            {"name": "a", "n": 1, "tags": ["x", "y"], "at": {"node": "one"}},
            {"name": "b", "n": 2.5, "at": {"node": "two"}, "dotted.key/x": null},
        ],
    });
    for (template, text) in [
        ("kind is {.kind}!", "kind is List!"),
        ("{.items[*].name}", "a b"),
        ("{.items[0,1].at.node}", "one two"),
        ("{.items[-1].name}", "b"),
        ("{.items[0:2:2].name}", "a"),
        ("{.items[:1]['name']}", "a"),
        ("{.items[*]['name','n']}", "a b 1 2.5"),
        ("{.items[?(@.n>1)].name}", ""),
        ("{.items[?(@.name=='b')].n}", "2.5"),
        ("{.items[?(@.name!=\"b\")].tags}", "[\"x\",\"y\"]"),
        ("{.items[?(@.tags)].at}", "{\"node\":\"one\"}"),
        ("{.items[?(@..node)].name}", "a b"),
        ("{..node}", "one two"),
        ("{.items[1].dotted\\.key/x}", "null"),
        ("{range .items[*]}{.name}={.at.node}{'\\n'}{end}.", "a=one\nb=two\n."),
        ("{range .none[*]}{.name}{end}after", "after"),
        ("{range .items[*]}{range .tags[*]}{@}{end};{end}", "xy;;"),
        ("{'quo\\'ted'} {true} {1} {-2}", "quo'ted true 1 -2"),
        ("{.none}", ""),
    ] {
        let expected = match template {
            // An integer and a float are not compared.
            "{.items[?(@.n>1)].name}" => Err("incompatible types for comparison".to_owned()),
            _ => Ok(text.to_owned()),
        };
        assert_eq!(render(template, &pods), expected, "{template}");
    }
}

#[test]
fn what_client_go_refuses_is_refused_in_its_words() {
    let value = json!({"list": [1], "map": {}});
    for (template, text) in [
        ("{.a", "unclosed action"),
        ("{.a[0}", "unterminated array"),
        ("{.a[x]}", "invalid array index x"),
        ("{.a[?(@.x}", "unterminated filter"),
        ("{.a....b}", "invalid multiple recursive descent"),
        ("{'x}", "unterminated quoted string"),
        ("{~}", "unrecognized character in action: U+007E '~'"),
        ("{end}", "not in range, nothing to end"),
        ("{frob}", "unrecognized identifier frob"),
        ("{.list[3]}", "array index out of bounds: index 3, length 1"),
        ("{.map[0]}", "map[string]interface {} is not array or slice"),
        ("{.list[?(@==\"a\")]}", "incompatible types for comparison"),
    ] {
        assert_eq!(render(template, &value), Err(text.to_owned()), "{template}");
    }
    let missing = Template::parse("{.none}").unwrap().render(&value, false).unwrap_err();
    assert_eq!(missing.to_string(), "none is not found");
}

proptest::proptest! {
    #[test]
    fn no_template_panics(template in "[{}\\[\\]?()@.*'\"a-z0-9:,=$ \\\\]{0,40}") {
        let value = json!({"a": [1, {"b": "c"}], "d": null});
        let _ = render(&template, &value);
    }
}
