//! The grants that Kubernetes and its installers make for their own parts.
//!
//! Enters: somebody, and the binding and role that name them. Leaves: whether the grant is one that
//! every cluster of that kind has. Always holds: binding, role and principal all have to be the
//! installer's: another subject in a default binding, or a default role bound by another name, is
//! somebody's own doing.

use kuberlock_model::ObjectKey;
use kuberlock_model::rbac::Principal;

/// Who a grant of [`GRANTS`] is for.
#[derive(Clone, Copy)]
enum Part {
    User(&'static str),
    Group(&'static str),
    /// A service account of `kube-system`.
    Account(&'static str),
}

/// Joining nodes, by kubeadm's own tokens.
const JOINING: Part = Part::Group("system:bootstrappers:kubeadm:default-node-token");

/// Binding, role, and for whom. The API server's own are in its `bootstrappolicy`.
const GRANTS: [(&str, &str, Part); 25] = [
    // The API server.
    ("cluster-admin", "cluster-admin", Part::Group("system:masters")),
    ("system:kube-controller-manager", SAME, Part::User("system:kube-controller-manager")),
    ("system:kube-scheduler", SAME, Part::User("system:kube-scheduler")),
    ("system:volume-scheduler", SAME, Part::User("system:kube-scheduler")),
    ("system:node-proxier", SAME, Part::User("system:kube-proxy")),
    ("system:kube-dns", SAME, Part::Account("kube-dns")),
    ("system:monitoring", SAME, Part::Group("system:monitoring")),
    (
        "system::leader-locking-kube-controller-manager",
        SAME,
        Part::User("system:kube-controller-manager"),
    ),
    (
        "system::leader-locking-kube-controller-manager",
        SAME,
        Part::Account("kube-controller-manager"),
    ),
    (
        "system::leader-locking-kube-controller-manager",
        SAME,
        Part::Account("leader-election-controller"),
    ),
    ("system::leader-locking-kube-scheduler", SAME, Part::User("system:kube-scheduler")),
    ("system::leader-locking-kube-scheduler", SAME, Part::Account("kube-scheduler")),
    // kubeadm.
    ("kubeadm:cluster-admins", "cluster-admin", Part::Group("kubeadm:cluster-admins")),
    (
        "kubeadm:apiserver-kubelet-client",
        "system:kubelet-api-admin",
        Part::User("kube-apiserver-kubelet-client"),
    ),
    ("kubeadm:get-nodes", SAME, JOINING),
    ("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", JOINING),
    (
        "kubeadm:node-autoapprove-bootstrap",
        "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
        JOINING,
    ),
    (
        "kubeadm:node-autoapprove-certificate-rotation",
        "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
        Part::Group("system:nodes"),
    ),
    ("kubeadm:node-proxier", "system:node-proxier", Part::Account("kube-proxy")),
    ("kubeadm:kubelet-config", SAME, JOINING),
    ("kubeadm:nodes-kubeadm-config", SAME, JOINING),
    ("kube-proxy", SAME, JOINING),
    ("system:coredns", SAME, Part::Account("coredns")),
    // k3s and RKE2.
    ("kube-apiserver-kubelet-admin", "system:kubelet-api-admin", Part::User("kube-apiserver")),
    (
        "local-path-provisioner-bind",
        "local-path-provisioner-role",
        Part::Account("local-path-provisioner-service-account"),
    ),
];

/// A role that is called as its binding is.
const SAME: &str = "";

/// Whether `binding` gives `role` to `principal` in every cluster of its kind.
pub(crate) fn is_own(principal: &Principal, binding: &ObjectKey, role: &ObjectKey) -> bool {
    is_controller(principal, binding, role)
        || GRANTS.iter().any(|(of, granted, part)| {
            let granted = if *granted == SAME { of } else { granted };
            *of == binding.name && *granted == role.name && part.is(principal)
        })
}

/// Each controller of the controller manager has an account, a role and a binding of one name.
fn is_controller(principal: &Principal, binding: &ObjectKey, role: &ObjectKey) -> bool {
    let Principal::ServiceAccount { namespace, name } = principal else { return false };
    namespace == "kube-system"
        && binding.name == role.name
        && binding.name.strip_prefix("system:controller:") == Some(name)
}

impl Part {
    fn is(self, principal: &Principal) -> bool {
        match (self, principal) {
            (Self::User(wanted), Principal::User { name })
            | (Self::Group(wanted), Principal::Group { name }) => wanted == name,
            (Self::Account(wanted), Principal::ServiceAccount { namespace, name }) => {
                namespace == "kube-system" && wanted == name
            }
            _ => false,
        }
    }
}

/// Roles that every cluster has, which allow less than everything.
pub(crate) fn is_built_in(role: &str) -> bool {
    matches!(role, "admin" | "edit" | "view") || role.starts_with("system:")
}

/// Whether `principal` is a group of administrators, who may do everything by design.
pub(crate) fn is_administrators(principal: &Principal) -> bool {
    matches!(principal, Principal::Group { name } if matches!(name.as_str(), "system:masters" | "kubeadm:cluster-admins"))
}
