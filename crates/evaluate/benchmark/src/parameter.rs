//! What a user may set of a check: a threshold, a list of exceptions.
//!
//! A check declares its parameters in its doc comment, under `# Parameters`, one a line:
//! ``- `name` = `default`: what it means``. Values come from a tailoring file; a check asks
//! [`Context::parameter`](crate::Context::parameter) and never knows where a value comes from.

use std::collections::BTreeMap;

/// A parameter as a check declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// The value it has unless a user sets another.
    pub default: &'static str,
    /// What it means.
    pub what: &'static str,
}

/// The values that a user set: by check, then by parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, BTreeMap<String, String>>);

/// A value for a parameter that no check declares.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAParameter {
    /// No check has this id.
    #[error("there is no check `{0}`")]
    NoCheck(String),
    /// The check has no such parameter.
    #[error("check `{check}` has no parameter `{name}`")]
    NoParameter {
        /// The check's id.
        check: String,
        /// The name that it does not declare.
        name: String,
    },
}

impl Parameters {
    /// Sets the parameter `name` of `check`.
    ///
    /// # Errors
    /// The check does not exist, or declares no such parameter.
    pub fn set(&mut self, check: &str, name: &str, value: &str) -> Result<(), NotAParameter> {
        let Some(registered) = crate::find(check) else {
            return Err(NotAParameter::NoCheck(check.to_owned()));
        };
        if !registered.manual.parameters.iter().any(|parameter| parameter.name == name) {
            return Err(NotAParameter::NoParameter {
                check: check.to_owned(),
                name: name.to_owned(),
            });
        }
        let of_check = self.0.entry(check.to_owned()).or_default();
        of_check.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// These, and what `over` sets in place of them.
    #[must_use]
    pub fn overlaid(mut self, over: &Self) -> Self {
        for (check, values) in &over.0 {
            let of_check = self.0.entry(check.clone()).or_default();
            of_check.extend(values.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        self
    }

    /// The value of the parameter `name` of `check`: what was set, else its default, else nothing.
    pub fn get(&self, check: &str, name: &str) -> &str {
        let set = self.0.get(check).and_then(|of_check| of_check.get(name));
        let default = || {
            let parameters = crate::find(check).map(|registered| registered.manual.parameters)?;
            parameters.iter().find(|parameter| parameter.name == name).map(|p| p.default)
        };
        set.map(String::as_str).or_else(default).unwrap_or_default()
    }
}
