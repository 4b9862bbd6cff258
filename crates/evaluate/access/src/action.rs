//! What is asked: the attributes of a request, as authorizers see them.

/// A request to be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The user's name, as the authenticator gives it; `system:serviceaccount:NAMESPACE:NAME` for
    /// a service account.
    pub user: String,
    /// The user's groups, all of them: `system:authenticated` is not added.
    pub groups: Vec<String>,
    /// What the user wants to do.
    pub action: Action,
}

/// What somebody wants to do. Verbs, groups and resources are compared as they are: `*` is asked
/// for by nobody but a SubjectAccessReview, and only a rule's `*` matches it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// On objects of the API.
    Resource {
        /// `get`, `list`, `create`, `impersonate` …
        verb: String,
        /// The API group; empty is the core group.
        group: String,
        /// The plural: `pods`.
        resource: String,
        /// `log`, `proxy` …; empty for the object itself.
        subresource: String,
        /// The namespace; empty for all of them, and for objects that have none.
        namespace: String,
        /// The object's name; empty where the request names none (list, create, deletecollection).
        name: String,
    },
    /// On any other path of the server.
    Path {
        /// `get`, `post` … in lower case.
        verb: String,
        /// `/metrics`
        path: String,
    },
}

impl Action {
    /// `verb` on objects, in all namespaces, none named. `resource` may be `pods` or `pods/log`.
    ///
    /// ```
    /// use kuberlock_access::Action;
    /// let exec = Action::resource("create", "", "pods/exec").in_namespace("shop").named("cart");
    /// assert_eq!(exec.to_string(), "create pods/exec `cart` in namespace `shop`");
    /// ```
    pub fn resource(verb: &str, group: &str, resource: &str) -> Self {
        let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        Self::Resource {
            verb: verb.to_owned(),
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: subresource.to_owned(),
            namespace: String::new(),
            name: String::new(),
        }
    }

    /// `verb` on a path that is no resource.
    pub fn path(verb: &str, path: &str) -> Self {
        Self::Path { verb: verb.to_owned(), path: path.to_owned() }
    }

    /// The same in one namespace; a path stays as it is.
    #[must_use]
    pub fn in_namespace(mut self, to: &str) -> Self {
        if let Self::Resource { namespace, .. } = &mut self {
            to.clone_into(namespace);
        }
        self
    }

    /// The same on one object; a path stays as it is.
    #[must_use]
    pub fn named(mut self, to: &str) -> Self {
        if let Self::Resource { name, .. } = &mut self {
            to.clone_into(name);
        }
        self
    }

    /// The namespace that role bindings are looked for in; None where they do not count.
    pub(crate) fn namespace(&self) -> Option<&str> {
        match self {
            Self::Resource { namespace, .. } if !namespace.is_empty() => Some(namespace),
            _ => None,
        }
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Resource { verb, group, resource, subresource, namespace, name } = self else {
            let Self::Path { verb, path } = self else {
                return Ok(());
            };
            return write!(f, "{verb} path `{path}`");
        };
        write!(f, "{verb} {resource}")?;
        for (separator, part) in [(".", group), ("/", subresource)] {
            if !part.is_empty() {
                write!(f, "{separator}{part}")?;
            }
        }
        if !name.is_empty() {
            write!(f, " `{name}`")?;
        }
        match namespace.as_str() {
            "" => Ok(()),
            namespace => write!(f, " in namespace `{namespace}`"),
        }
    }
}
