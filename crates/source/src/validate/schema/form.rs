//! The form of what is left.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::fault::{At, FaultKind, Faults, quoted};
use super::super::typed::found;
use super::{ANY, Fields, List, Shape, Text};

/// The faults of a `spec`'s form.
pub(in super::super) fn check(spec: &Value, schema: &'static Fields, faults: &mut Faults) {
    let at = At::ROOT.key("spec");
    if spec.is_null() {
        return missing(&at, faults);
    }
    form(spec, &Shape::Object(schema), &at, faults);
}

fn missing(at: &At<'_>, faults: &mut Faults) {
    faults.push(at, FaultKind::Required, "the field is missing");
}

fn form(value: &Value, shape: &Shape, at: &At<'_>, faults: &mut Faults) {
    match (shape, value) {
        (Shape::Text(of), Value::String(text)) => text_form(text, of, at, faults),
        (Shape::Number(least, most), Value::Number(_)) => {
            number_form(value, *least, *most, at, faults);
        }
        (Shape::List(list), Value::Array(items)) => list_form(items, list, at, faults),
        (Shape::Object(of), Value::Object(map)) => object_form(map, of, at, faults),
        (Shape::Texts, Value::Object(map)) => {
            for (key, value) in map {
                form(value, &Shape::Text(&ANY), &at.key(key), faults);
            }
        }
        (shape, _) => {
            let wanted = match shape {
                Shape::Text(_) => "a text",
                Shape::Number(..) => "a whole number",
                Shape::List(_) => "a list",
                Shape::Texts | Shape::Object(_) => "a mapping",
            };
            faults.push(at, FaultKind::Type, format!("{} where {wanted} belongs", found(value)));
            if let Shape::Text(Text { one_of: [_, ..], .. }) = shape {
                faults.push(
                    at,
                    FaultKind::NotSupported,
                    format!("{} is no such word", found(value)),
                );
            }
        }
    }
}

fn text_form(text: &str, of: &Text, at: &At<'_>, faults: &mut Faults) {
    if text.chars().count() > of.longest {
        let reason = format!("{} is longer than {} characters", quoted(text), of.longest);
        faults.push(at, FaultKind::TooLong, reason);
    } else if let Some(why) = (of.pattern)(text) {
        faults.invalid(at, format!("{} {why}", quoted(text)));
    }
    if !of.one_of.is_empty() && !of.one_of.contains(&text) {
        let reason = format!("{} is none of {}", quoted(text), of.one_of.join(", "));
        faults.push(at, FaultKind::NotSupported, reason);
    }
}

fn number_form(value: &Value, least: i64, most: i64, at: &At<'_>, faults: &mut Faults) {
    let told = || format!("{value} is none of {least} to {most}");
    match (value.as_i64(), value.as_f64()) {
        (Some(number), _) if !(least..=most).contains(&number) => faults.invalid(at, told()),
        (Some(_), _) | (None, None) => {}
        (None, Some(number)) => {
            // Beyond this a number with a point is not exact, and taken for none.
            if number.fract() != 0.0 || number.abs() > 9_007_199_254_740_991.0 {
                faults.push(at, FaultKind::Type, format!("{value} is no whole number"));
            }
            #[expect(clippy::cast_precision_loss, reason = "the bounds are those of ports")]
            let outside = number < least as f64 || number > most as f64;
            if outside {
                faults.invalid(at, told());
            }
        }
    }
}

fn list_form(items: &[Value], list: &List, at: &At<'_>, faults: &mut Faults) {
    for (index, item) in items.iter().enumerate() {
        form(item, &list.of, &at.index(index), faults);
    }
    if items.len() < list.least {
        faults.invalid(at, format!("the list asks for {} or more items", list.least));
    }
    if items.len() > list.most {
        let reason = format!("{} items, where there may be {}", items.len(), list.most);
        faults.push(at, FaultKind::TooMany, reason);
    }
    if list.is_set {
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            let times = times.entry(item.to_string()).or_default();
            *times += 1;
            // The third of the same is not told again.
            if *times == 2 {
                let reason = format!("{} is there before", found(item));
                faults.push(&at.index(index), FaultKind::Duplicate, reason);
            }
        }
    }
}

fn object_form(map: &Map<String, Value>, of: &Fields, at: &At<'_>, faults: &mut Faults) {
    let names = || of.fields.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let (least, most) = of.count;
    if map.len() < least {
        faults.invalid(at, format!("none of {} is there", names()));
    }
    if map.len() > most {
        let reason = format!("more than one of {} is there", names());
        faults.push(at, FaultKind::TooMany, reason);
    }
    for (name, shape) in of.fields {
        if let Some(value) = map.get(*name) {
            form(value, shape, &at.key(name), faults);
        }
    }
    for name in of.required {
        if !map.contains_key(*name) {
            missing(&at.key(name), faults);
        }
    }
}
