//! Security contexts of pods and containers.

/// A container's `securityContext`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Security {
    /// `privileged`
    pub privileged: Option<bool>,
    /// `allowPrivilegeEscalation`
    pub allow_privilege_escalation: Option<bool>,
    /// `readOnlyRootFilesystem`
    pub read_only_root: Option<bool>,
    /// `runAsNonRoot`
    pub run_as_non_root: Option<bool>,
    /// `runAsUser`
    pub run_as_user: Option<i64>,
    /// `runAsGroup`
    pub run_as_group: Option<i64>,
    /// `procMount`
    pub proc_mount: Option<Box<str>>,
    /// `capabilities.add`
    pub added: Vec<Box<str>>,
    /// `capabilities.drop`
    pub dropped: Vec<Box<str>>,
    /// `seccompProfile`
    pub seccomp: Option<Profile>,
    /// `appArmorProfile`
    pub app_armor: Option<Profile>,
    /// `seLinuxOptions`
    pub se_linux: Option<Box<SeLinux>>,
    /// `windowsOptions.hostProcess`
    pub host_process: Option<bool>,
}

impl Security {
    /// A security context that sets nothing, as it is where there is none.
    pub(super) const NONE: Self = Self {
        privileged: None,
        allow_privilege_escalation: None,
        read_only_root: None,
        run_as_non_root: None,
        run_as_user: None,
        run_as_group: None,
        proc_mount: None,
        added: Vec::new(),
        dropped: Vec::new(),
        seccomp: None,
        app_armor: None,
        se_linux: None,
        host_process: None,
    };
}

/// A pod's `securityContext`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodSecurity {
    /// `runAsNonRoot`
    pub run_as_non_root: Option<bool>,
    /// `runAsUser`
    pub run_as_user: Option<i64>,
    /// `runAsGroup`
    pub run_as_group: Option<i64>,
    /// `fsGroup`
    pub fs_group: Option<i64>,
    /// `supplementalGroups`
    pub supplemental_groups: Vec<i64>,
    /// The names of `sysctls`.
    pub sysctls: Vec<Box<str>>,
    /// `seccompProfile`
    pub seccomp: Option<Profile>,
    /// `appArmorProfile`
    pub app_armor: Option<Profile>,
    /// `seLinuxOptions`
    pub se_linux: Option<Box<SeLinux>>,
    /// `windowsOptions.hostProcess`
    pub host_process: Option<bool>,
}

impl PodSecurity {
    /// A security context that sets nothing, as it is where there is none.
    pub(super) const NONE: Self = Self {
        run_as_non_root: None,
        run_as_user: None,
        run_as_group: None,
        fs_group: None,
        supplemental_groups: Vec::new(),
        sysctls: Vec::new(),
        seccomp: None,
        app_armor: None,
        se_linux: None,
        host_process: None,
    };
}

/// The type of a seccomp or AppArmor profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The container runtime's own.
    RuntimeDefault,
    /// One that lies on the node.
    Localhost,
    /// None.
    Unconfined,
    /// Another word, or an empty one.
    Other(Box<str>),
}

impl Profile {
    /// The profile's type from its word in a document.
    pub fn of(word: &str) -> Self {
        match word {
            "RuntimeDefault" => Self::RuntimeDefault,
            "Localhost" => Self::Localhost,
            "Unconfined" => Self::Unconfined,
            other => Self::Other(other.into()),
        }
    }

    /// Its word in a document.
    pub fn word(&self) -> &str {
        match self {
            Self::RuntimeDefault => "RuntimeDefault",
            Self::Localhost => "Localhost",
            Self::Unconfined => "Unconfined",
            Self::Other(word) => word,
        }
    }
}

/// `seLinuxOptions`; empty text is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeLinux {
    /// `type`
    pub kind: Box<str>,
    /// `user`
    pub user: Box<str>,
    /// `role`
    pub role: Box<str>,
}
