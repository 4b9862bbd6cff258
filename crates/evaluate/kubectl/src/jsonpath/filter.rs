//! Filters: `[?(@.name == "x")]`, `[?(@.name)]`.

use std::borrow::Cow;

use serde_json::Value;

use super::find::{Found, Walk, children};
use super::{Error, Filter, compare, error, sprint};

impl<'a> Walk<'a> {
    pub(super) fn filter(
        &mut self,
        input: Found<'a>,
        filter: &'a Filter,
    ) -> Result<Found<'a>, Error> {
        let mut found = Vec::new();
        for value in input {
            if !value.is_array() {
                let text = sprint(&value);
                return error(format!("{text} is not array or slice and cannot be filtered"));
            }
            for element in children(&value) {
                if self.passes(element.clone(), filter)? {
                    found.push(element);
                }
            }
        }
        Ok(found)
    }

    fn passes(&mut self, element: Cow<'a, Value>, filter: &'a Filter) -> Result<bool, Error> {
        let left = self.node(vec![element.clone()], &filter.left);
        let Some((operator, right)) = &filter.comparison else {
            // As in client-go: a path that cannot be followed does not exist.
            return Ok(left.is_ok_and(|found| !found.is_empty()));
        };
        let Some(left) = single(left?)? else { return Ok(false) };
        let Some(right) = single(self.node(vec![element], right)?)? else {
            return Ok(false);
        };
        compare::holds(operator, &left, &right)
    }
}

fn single(found: Found<'_>) -> Result<Option<Cow<'_, Value>>, Error> {
    if found.len() > 1 {
        return error("can only compare one element at a time");
    }
    Ok(found.into_iter().next())
}
