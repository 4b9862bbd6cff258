//! What the definitions have in common.

use serde_json::{Map, Value};

use super::super::cidr::is_range;
use super::super::schema::{ANY, FREE, Fields, List, Shape, Text};
use super::super::text::{Why, domain_pattern};

pub(super) const TEXT: Shape = Shape::Text(&ANY);
pub(super) const PORT: Shape = Shape::Number(1, 65_535);
pub(super) const PRIORITY: Shape = Shape::Number(0, 1000);
/// The name of a rule.
pub(super) const NAME: Shape = Shape::Text(&Text { longest: 100, ..ANY });

/// A label selector: only its form, since the server does not know it for one.
pub(super) const SELECTOR: Shape = Shape::Object(&Fields {
    fields: &[
        (
            "matchExpressions",
            Shape::List(&List {
                of: Shape::Object(&Fields {
                    fields: &[
                        ("key", TEXT),
                        ("operator", TEXT),
                        (
                            "values",
                            Shape::List(&List {
                                of: TEXT,
                                least: 0,
                                most: usize::MAX,
                                is_set: false,
                            }),
                        ),
                    ],
                    required: &["key", "operator"],
                    ..FREE
                }),
                least: 0,
                most: usize::MAX,
                is_set: false,
            }),
        ),
        ("matchLabels", Shape::Texts),
    ],
    ..FREE
});

pub(super) const NETWORKS: Shape = Shape::List(&List {
    of: Shape::Text(&Text {
        longest: 43,
        rule: |text| (!is_range(text)).then_some("is no range of addresses"),
        ..ANY
    }),
    least: 1,
    most: 25,
    is_set: true,
});

pub(super) const DOMAIN_NAMES: Shape = Shape::List(&List {
    of: Shape::Text(&Text { pattern: domain_pattern, ..ANY }),
    least: 1,
    most: 25,
    is_set: true,
});

/// Nothing outside the pods has named ports.
pub(super) fn named_port_of_pods(
    rule: &Map<String, Value>,
    ports: &str,
    name: &str,
    outside: &[&str],
) -> Why {
    let any = |list: &str, keys: &[&str]| {
        let items = rule.get(list).and_then(Value::as_array).into_iter().flatten();
        items.into_iter().any(|item| keys.iter().any(|key| item.get(key).is_some()))
    };
    (any("to", outside) && any(ports, &[name]))
        .then_some("a named port is of pods only, not of networks, nodes or domain names")
}
