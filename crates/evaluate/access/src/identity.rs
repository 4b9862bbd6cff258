//! Who asks: user names, groups, and the principals that bindings name.

use kuberlock_model::rbac::Principal;

/// The group whose members may do everything, before any other authorizer is asked.
pub const MASTERS: &str = "system:masters";

const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

/// The user name by which the API server knows `principal`; None for a group, and for a service
/// account without a namespace, which matches nobody.
///
/// ```
/// use kuberlock_model::rbac::Principal;
/// let account = Principal::ServiceAccount { namespace: "shop".into(), name: "cart".into() };
/// assert_eq!(kuberlock_access::user_name(&account).unwrap(), "system:serviceaccount:shop:cart");
/// ```
pub fn user_name(principal: &Principal) -> Option<String> {
    match principal {
        Principal::User { name } => Some(name.clone()),
        Principal::Group { .. } => None,
        Principal::ServiceAccount { namespace, name } => {
            (!namespace.is_empty()).then(|| format!("{SERVICE_ACCOUNT}{namespace}:{name}"))
        }
    }
}

/// The groups that `principal` is in by being what it is: all that authenticate, and for a
/// service account those of its namespace and of all service accounts. A group stands for itself.
pub fn implied_groups(principal: &Principal) -> Vec<String> {
    let authenticated = "system:authenticated".to_owned();
    match canonical(principal) {
        Principal::Group { name } => vec![name],
        Principal::User { name } if name == "system:anonymous" => {
            vec!["system:unauthenticated".to_owned()]
        }
        Principal::User { .. } => vec![authenticated],
        Principal::ServiceAccount { namespace, .. } => vec![
            "system:serviceaccounts".to_owned(),
            format!("system:serviceaccounts:{namespace}"),
            authenticated,
        ],
    }
}

/// The same principal in one form: the user name of a service account becomes the account.
pub fn canonical(principal: &Principal) -> Principal {
    let Principal::User { name } = principal else {
        return principal.clone();
    };
    let account = name.strip_prefix(SERVICE_ACCOUNT).and_then(|rest| rest.split_once(':'));
    match account {
        Some((namespace, account))
            if !namespace.is_empty() && !account.is_empty() && !account.contains(':') =>
        {
            Principal::ServiceAccount { namespace: namespace.to_owned(), name: account.to_owned() }
        }
        _ => principal.clone(),
    }
}
