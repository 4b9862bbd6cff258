//! Volumes of a pod, by their type.

use crate::origin::FieldPath;

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its name.
    pub name: Box<str>,
    /// What it is of.
    pub source: VolumeSource,
}

impl Volume {
    /// The path of the volume's source, the `index`th below the pod's spec at `spec`.
    pub fn path(&self, spec: &FieldPath, index: usize) -> FieldPath {
        spec.key("volumes").index(index).key(self.source.field())
    }
}

/// An object of the pod's own namespace that a pod takes values of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// The config map of this name.
    ConfigMap(Box<str>),
    /// The Secret of this name.
    Secret(Box<str>),
}

/// What a volume is of. The field's name tells it in a document; a volume that says nothing is an
/// empty directory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the API's fields")]
pub enum VolumeSource {
    /// A path of the node.
    HostPath(Box<str>),
    /// Several sources in one.
    Projected {
        /// Whether a token of the pod's service account is among them.
        token: bool,
        /// The Secrets and config maps among them.
        of: Box<[Reference]>,
    },
    /// The config map of this name.
    ConfigMap(Box<str>),
    /// The claim of this name.
    PersistentVolumeClaim(Box<str>),
    /// The Secret of this name.
    Secret(Box<str>),
    AwsElasticBlockStore,
    AzureDisk,
    AzureFile,
    CephFs,
    Cinder,
    Csi,
    DownwardApi,
    EmptyDir,
    Ephemeral,
    FibreChannel,
    FlexVolume,
    Flocker,
    GcePersistentDisk,
    GitRepo,
    Glusterfs,
    Image,
    Iscsi,
    Nfs,
    PhotonPersistentDisk,
    PortworxVolume,
    Quobyte,
    Rbd,
    ScaleIo,
    StorageOs,
    VsphereVolume,
}

impl VolumeSource {
    /// The field's name in a volume.
    pub fn field(&self) -> &'static str {
        match self {
            Self::HostPath(_) => "hostPath",
            Self::Projected { .. } => "projected",
            Self::AwsElasticBlockStore => "awsElasticBlockStore",
            Self::AzureDisk => "azureDisk",
            Self::AzureFile => "azureFile",
            Self::CephFs => "cephfs",
            Self::Cinder => "cinder",
            Self::ConfigMap(_) => "configMap",
            Self::Csi => "csi",
            Self::DownwardApi => "downwardAPI",
            Self::EmptyDir => "emptyDir",
            Self::Ephemeral => "ephemeral",
            Self::FibreChannel => "fc",
            Self::FlexVolume => "flexVolume",
            Self::Flocker => "flocker",
            Self::GcePersistentDisk => "gcePersistentDisk",
            Self::GitRepo => "gitRepo",
            Self::Glusterfs => "glusterfs",
            Self::Image => "image",
            Self::Iscsi => "iscsi",
            Self::Nfs => "nfs",
            Self::PersistentVolumeClaim(_) => "persistentVolumeClaim",
            Self::PhotonPersistentDisk => "photonPersistentDisk",
            Self::PortworxVolume => "portworxVolume",
            Self::Quobyte => "quobyte",
            Self::Rbd => "rbd",
            Self::ScaleIo => "scaleIO",
            Self::Secret(_) => "secret",
            Self::StorageOs => "storageos",
            Self::VsphereVolume => "vsphereVolume",
        }
    }
}
