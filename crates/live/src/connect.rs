//! Which server, and with which credentials: the kubeconfig, or the pod's service account.

use std::path::Path;

use kube::config::{Config, KubeConfigOptions, Kubeconfig, KubeconfigError};

use crate::{Error, Options, proxy};

/// A server to speak to.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) config: Config,
    /// The context that was chosen.
    pub(crate) context: Option<String>,
    /// The cluster's name in the kubeconfig.
    pub(crate) cluster: Option<String>,
    /// Namespaces to try where the whole may not be listed.
    pub(crate) namespaces: Vec<String>,
}

/// Finds the server that the options mean.
pub(crate) async fn target(options: &Options) -> Result<Target, Error> {
    let mut target = if options.in_cluster {
        in_cluster()?
    } else {
        match kubeconfig(options)? {
            Some(file) => of_kubeconfig(file, options).await?,
            None => in_cluster().map_err(|_| Error::Kubeconfig {
                what: "the default context".to_owned(),
                reason: "there is no kubeconfig, and this is no pod of a cluster".to_owned(),
            })?,
        }
    };
    if let Some(user) = &options.impersonate {
        target.config.auth_info.impersonate = Some(user.clone());
    }
    if let Some(namespace) = &options.namespace {
        target.namespaces.insert(0, namespace.clone());
        target.namespaces.dedup();
    }
    Ok(target)
}

fn in_cluster() -> Result<Target, Error> {
    let config = Config::incluster().map_err(|error| Error::Kubeconfig {
        what: "the service account of this pod".to_owned(),
        reason: error.to_string(),
    })?;
    let namespaces = vec![config.default_namespace.clone()];
    Ok(Target { config, context: None, cluster: None, namespaces })
}

/// The kubeconfig; None where the user named none and the usual places have none.
fn kubeconfig(options: &Options) -> Result<Option<Kubeconfig>, Error> {
    let (what, read) = match &options.kubeconfig {
        Some(path) => (shown(path), Kubeconfig::read_from(path)),
        None => ("the kubeconfig".to_owned(), Kubeconfig::read()),
    };
    match read {
        Ok(file) => Ok(Some(file)),
        Err(KubeconfigError::FindPath) => Ok(None),
        Err(KubeconfigError::ReadConfig(error, _))
            if options.kubeconfig.is_none()
                && options.context.is_none()
                && error.kind() == std::io::ErrorKind::NotFound =>
        {
            Ok(None)
        }
        Err(error) => Err(Error::Kubeconfig { what, reason: reason(&error) }),
    }
}

async fn of_kubeconfig(file: Kubeconfig, options: &Options) -> Result<Target, Error> {
    let context = options.context.clone().or_else(|| file.current_context.clone());
    let named = file.contexts.iter().find(|named| Some(&named.name) == context.as_ref());
    let cluster = named.and_then(|named| Some(named.context.as_ref()?.cluster.clone()));
    let entry = file.clusters.iter().find(|named| Some(&named.name) == cluster.as_ref());
    let own_proxy = entry.and_then(|named| named.cluster.as_ref()?.proxy_url.clone());
    let chosen = KubeConfigOptions { context: context.clone(), ..KubeConfigOptions::default() };
    let mut config =
        Config::from_custom_kubeconfig(file, &chosen).await.map_err(|error| Error::Kubeconfig {
            what: match &context {
                Some(context) => format!("context `{context}`"),
                None => "the kubeconfig".to_owned(),
            },
            reason: reason(&error),
        })?;
    let environment = |name: &str| std::env::var(name).ok();
    config.proxy_url = proxy::choose(own_proxy.as_deref(), environment, &config.cluster_url);
    let namespaces = vec![config.default_namespace.clone()];
    Ok(Target { config, context, cluster, namespaces })
}

fn shown(path: &Path) -> String {
    format!("`{}`", path.display())
}

/// Why, without any text of the file: a parser quotes what it stumbles over, be it a token.
fn reason(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::CurrentContextNotSet => "it has no current context".to_owned(),
        KubeconfigError::LoadContext(_) => "the kubeconfig has no such context".to_owned(),
        KubeconfigError::LoadClusterOfContext(cluster) => {
            format!("the kubeconfig has no cluster `{cluster}`")
        }
        KubeconfigError::ReadConfig(error, path) => format!("cannot read {}: {error}", shown(path)),
        KubeconfigError::Parse(_) => "it is no kubeconfig in YAML".to_owned(),
        KubeconfigError::LoadCertificateAuthority(_) | KubeconfigError::ParseCertificates(_) => {
            "its certificate authority cannot be read".to_owned()
        }
        KubeconfigError::LoadClientCertificate(_) => {
            "its client certificate cannot be read".to_owned()
        }
        KubeconfigError::LoadClientKey(_) => "its client key cannot be read".to_owned(),
        KubeconfigError::MissingClusterUrl | KubeconfigError::ParseClusterUrl(_) => {
            "the cluster's server is no URL".to_owned()
        }
        KubeconfigError::ParseProxyUrl(_) => "the cluster's proxy is no URL".to_owned(),
        KubeconfigError::ParseNoProxy(_) => "the variable NO_PROXY cannot be read".to_owned(),
        _ => "its parts do not fit together".to_owned(),
    }
}
