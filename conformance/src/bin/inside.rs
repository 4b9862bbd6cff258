//! What has to run within the cluster's network: `inside KUBECONFIG post PATH | try PATH | read
//! [--configz] [--as USER]`.
//!
//! `post` reads bodies from standard input, one a line, posts them to the path, several at once,
//! and prints the answers in their order; `try` takes a refusal for an answer. `read` prints the records of `kuberlock_live::read`,
//! and last its identity or its error.
#![expect(clippy::print_stdout, reason = "this is how it answers")]

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use http::Request;
use kube::Client;
use kube::config::{Config, KubeConfigOptions, Kubeconfig};
use kuberlock_conformance::to_line;
use serde_json::{Value, json};
use tokio::task::JoinSet;

const AT_ONCE: usize = 16;

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [kubeconfig, word @ ("post" | "try"), path] => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(post(kubeconfig.into(), path, *word == "try"))
        }
        [kubeconfig, "read", flags @ ..] => read(kubeconfig.into(), flags),
        _ => bail!("KUBECONFIG post PATH | try PATH | read [--configz] [--as USER]"),
    }
}

fn read(kubeconfig: PathBuf, flags: &[&str]) -> anyhow::Result<()> {
    let named = flags.iter().position(|flag| *flag == "--as");
    let impersonate = named.and_then(|at| flags.get(at + 1)).map(|user| (*user).to_owned());
    let options = kuberlock_live::Options {
        impersonate,
        kubeconfig: Some(kubeconfig),
        configz: flags.contains(&"--configz"),
        ..kuberlock_live::Options::default()
    };
    let mut print = |batch: Vec<kuberlock_source::Record>| {
        for line in batch.iter().filter_map(to_line) {
            println!("{line}");
        }
    };
    match kuberlock_live::read(&options, &mut print) {
        Ok(identity) => println!("{}", json!({"user": identity.user, "groups": identity.groups})),
        Err(error) => println!("{}", json!({"error": error.to_string()})),
    }
    Ok(())
}

async fn post(kubeconfig: PathBuf, path: &str, may_refuse: bool) -> anyhow::Result<()> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let file = Kubeconfig::read_from(kubeconfig)?;
    let config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await?;
    let client = Client::try_from(config)?;
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    let path: Arc<str> = path.into();
    let mut waiting = input.lines().enumerate();
    let mut asked = JoinSet::new();
    let mut answers = vec![Value::Null; input.lines().count()];
    loop {
        while asked.len() < AT_ONCE
            && let Some((at, body)) = waiting.next()
        {
            let (client, path, body) = (client.clone(), Arc::clone(&path), body.to_owned());
            asked.spawn(async move { (at, one(&client, &path, body, may_refuse).await) });
        }
        let Some(done) = asked.join_next().await else { break };
        let (at, answer) = done?;
        let answer = answer.with_context(|| format!("line {}", at + 1))?;
        if let Some(place) = answers.get_mut(at) {
            *place = answer;
        }
    }
    answers.iter().for_each(|answer| println!("{answer}"));
    Ok(())
}

async fn one(client: &Client, path: &str, body: String, may_refuse: bool) -> anyhow::Result<Value> {
    let request = Request::post(path).header("Content-Type", "application/json");
    match client.request(request.body(body.into_bytes())?).await {
        Err(kube::Error::Api(status)) if may_refuse => Ok(serde_json::to_value(status)?),
        answer => Ok(answer?),
    }
}
