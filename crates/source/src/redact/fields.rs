//! The fields, annotations and kinds that Kubernetes itself defines, and that hold no credential.
//!
//! What is not listed here is judged by its name and shape.

use kuberlock_model::Kind;

use crate::convert::kind_in;

/// Fields whose text is a name or a word of the API in every kind that the model knows.
pub(super) static NAMES: [&str; 102] = [
    "action",
    "add",
    "apiGroup",
    "apiGroups",
    "apiVersion",
    "architecture",
    "bootID",
    "cidr",
    "claimName",
    "clusterIP",
    "clusterIPs",
    "completionMode",
    "concurrencyPolicy",
    "containerID",
    "containerRuntimeVersion",
    "controller-uid",
    "destinationNamedPort",
    "dnsPolicy",
    "domainNames",
    "driver",
    "drop",
    "effect",
    "except",
    "externalTrafficPolicy",
    "fieldPath",
    "finalizers",
    "generateName",
    "group",
    "hostIP",
    "hostIPs",
    "hostPID",
    "hostname",
    "image",
    "imageID",
    "imagePullPolicy",
    "internalTrafficPolicy",
    "ip",
    "ipFamilies",
    "ipFamilyPolicy",
    "kernelVersion",
    "key",
    "kind",
    "kubeProxyVersion",
    "kubeletVersion",
    "loadBalancerIP",
    "machineID",
    "matchLabelKeys",
    "medium",
    "mountPath",
    "mountPropagation",
    "name",
    "namedPort",
    "namespace",
    "networkName",
    "networks",
    "nodeName",
    "nominatedNodeName",
    "nonResourceURLs",
    "operatingSystem",
    "operator",
    "osImage",
    "persistentVolumeReclaimPolicy",
    "phase",
    "podCIDR",
    "podCIDRs",
    "podIP",
    "podManagementPolicy",
    "policyTypes",
    "port",
    "preemptionPolicy",
    "priorityClassName",
    "procMount",
    "protocol",
    "qosClass",
    "reason",
    "resource",
    "resourceNames",
    "resourceVersion",
    "resources",
    "restartPolicy",
    "role",
    "runtimeClassName",
    "schedule",
    "schedulerName",
    "secretName",
    "selfLink",
    "serviceAccount",
    "serviceAccountName",
    "serviceName",
    "sessionAffinity",
    "storageClassName",
    "subPath",
    "subdomain",
    "targetPort",
    "terminationMessagePolicy",
    "tier",
    "topology",
    "topologyKey",
    "type",
    "uid",
    "values",
    "verbs",
];

/// Fields that hold a map of names.
pub(super) static NAME_MAPS: [&str; 4] = ["labels", "matchLabels", "nodeSelector", "selector"];

/// Annotations of Kubernetes' own that hold no credential, though some look like one.
pub(super) static ANNOTATIONS: [&str; 9] = [
    "container.apparmor.security.beta.kubernetes.io/",
    "container.seccomp.security.alpha.kubernetes.io/",
    "deployment.kubernetes.io/revision",
    "kubeadm.kubernetes.io/",
    "kubernetes.io/config.",
    "kubernetes.io/service-account.",
    "rbac.authorization.kubernetes.io/",
    "seccomp.security.alpha.kubernetes.io/",
    "kubernetes.io/psp",
];

/// Annotations that name networks.
pub(super) static NETWORK_ANNOTATIONS: [&str; 2] =
    ["k8s.v1.cni.cncf.io/networks", "k8s.v1.cni.cncf.io/policy-for"];

/// Config maps of Kubernetes' own, whose documents are read by the checks.
pub(super) static CLUSTER_CONFIG_MAPS: [&str; 6] = [
    "cluster-info",
    "coredns",
    "extension-apiserver-authentication",
    "kube-proxy",
    "kube-root-ca.crt",
    "kubeadm-config",
];

/// A kind the model converts, in whatever group it lived before.
pub(super) fn is_known(group: &str, kind: &str) -> bool {
    kind_in(group, kind).is_some()
        || (group == "extensions" && Kind::all().iter().any(|known| known.name == kind))
}

/// A document of a component: a configuration API of Kubernetes, a kubeconfig, or no API at all
/// (etcd's, the CNI's, what `configz` answers).
pub(super) fn is_configuration(group: &str, kind: &str) -> bool {
    let own = [
        "apiserver.config.k8s.io",
        "apiserver.k8s.io",
        "audit.k8s.io",
        "client.authentication.k8s.io",
        "controllermanager.config.k8s.io",
        "eventratelimit.admission.k8s.io",
        "kubeadm.k8s.io",
        "kubecontrollermanager.config.k8s.io",
        "kubelet.config.k8s.io",
        "kubeproxy.config.k8s.io",
        "kubescheduler.config.k8s.io",
        "pod-security.admission.config.k8s.io",
        "imagepolicy.k8s.io",
        "resourcequota.admission.k8s.io",
    ];
    own.contains(&group) || (group.is_empty() && matches!(kind, "" | "Config"))
}
