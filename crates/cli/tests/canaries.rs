//! Planted credentials must not come out again: not in a snapshot, not in any output.
//!
//! Each canary lies in another carrier; all are planted in each of three styles.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails hard")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What canaries look like.
#[derive(Clone, Copy, Debug)]
enum Style {
    /// As real credentials: letters and digits without sense.
    Random,
    /// As bad passwords: a word and a number.
    Word,
    /// As whoever plants canaries writes them.
    Telling,
}

impl Style {
    fn canary(self, number: usize) -> String {
        match self {
            Self::Random => random(number),
            Self::Word => {
                format!("{}{}", ["tulip", "otter", "maple", "cedar"][number % 4], number + 10)
            }
            Self::Telling => format!("canary-{number:02}-do-not-leak"),
        }
    }
}

fn random(number: usize) -> String {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(number as u64 + 1);
    let letters = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    (0..24)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            letters[(state >> 33) as usize % letters.len()] as char
        })
        .collect()
}

fn base64(text: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let number = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for at in 0..4 {
            out.push(if at > chunk.len() {
                '='
            } else {
                ALPHABET[(number >> (18 - 6 * at)) as usize & 63] as char
            });
        }
    }
    out
}

struct Planted {
    manifests: String,
    files: Vec<(&'static str, String)>,
    secrets: Vec<(&'static str, String)>,
}

#[expect(clippy::too_many_lines, reason = "a list of carriers is clearest in one place")]
fn planted(style: Style) -> Planted {
    let canary = |number| style.canary(number);
    let mut secrets = Vec::new();
    let mut plant = |carrier: &'static str, text: String| {
        secrets.push((carrier, text.clone()));
        text
    };
    let manifests = format!(
        r#"apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {{"apiVersion":"v1","kind":"Secret","stringData":{{"password":"{last_applied}"}}}}
    example.com/rotated-by: "{annotation}"
stringData: {{ password: "{string_data}" }}
data: {{ token: "{data}" }}
---
apiVersion: v1
kind: ConfigMap
metadata: {{ name: app, namespace: shop }}
data:
  DB_PASSWORD: {map_key}
  app.properties: |
    greeting=hello
    spring.datasource.password={map_properties}
  config.json: '{{"smtp": {{"user": "app", "pass": "{map_json}"}}}}'
  url: postgres://app:{map_url}@db.shop.svc:5432/shop
  notes: the old key was {map_prose} and still works
binaryData: {{ blob: "{map_binary}" }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{{"spec":{{"env":[{{"name":"X","value":"{deployment_applied}"}}]}}}}'
spec:
  selector: {{ matchLabels: {{ app: web }} }}
  template:
    metadata:
      labels: {{ app: web }}
      annotations: {{ vault.example.com/token: "{template_annotation}" }}
    spec:
      initContainers:
      - name: init
        image: busybox:1.37
        command: ["sh", "-c", "curl -H 'Authorization: Bearer {script}' http://api.shop.svc/init"]
      containers:
      - name: web
        image: web:1
        args: ["--listen=:8080", "--api-token", "{arg_space}", "--db-password={arg_equals}"]
        env:
        - {{ name: AWS_SECRET_ACCESS_KEY, value: "{env_aws}" }}
        - {{ name: PASSPHRASE, value: "{env_word}" }}
        - {{ name: UPSTREAM, value: "https://user:{env_url}@upstream.example/path" }}
        - {{ name: CHAT_HOOK, value: "https://hooks.example.com/services/T01/B02/{env_hook}" }}
        - {{ name: SESSION, value: "eyJhbGciOiJIUzI1NiJ9.{env_jwt}.sig" }}
        livenessProbe:
          httpGet: {{ path: /healthz, port: 8080, httpHeaders: [{{ name: X-Auth, value: "{probe_header}" }}] }}
        lifecycle:
          postStart: {{ exec: {{ command: ["mysql", "-uroot", "-p{lifecycle}"] }} }}
---
apiVersion: example.com/v1
kind: Database
metadata: {{ name: main, namespace: shop }}
spec: {{ adminPassword: "{custom}", backup: {{ s3: {{ secretKey: "{custom_deep}" }} }} }}
"#,
        last_applied = plant("last-applied of a Secret", canary(1)),
        annotation = plant("annotation of a Secret", canary(2)),
        string_data = plant("stringData", canary(30)),
        data = base64(&plant("data", canary(3))),
        map_key = plant("config map, by key", canary(31)),
        map_properties = plant("config map, properties", canary(32)),
        map_json = plant("config map, JSON", canary(33)),
        map_url = plant("config map, URL", canary(4)),
        map_prose = plant("config map, prose", canary(5)),
        map_binary = base64(&plant("config map, binary", canary(6))),
        deployment_applied = plant("last-applied of a Deployment", canary(7)),
        template_annotation = plant("annotation of a template", canary(8)),
        script = plant("script of an init container", canary(9)),
        arg_space = plant("argument behind a flag", canary(34)),
        arg_equals = plant("argument of a flag", canary(35)),
        env_aws = plant("environment, by name", canary(10)),
        env_word = plant("environment, a word", canary(36)),
        env_url = plant("environment, URL", canary(11)),
        env_hook = plant("environment, chat hook", canary(12)),
        env_jwt = plant("environment, JWT", canary(13)),
        probe_header = plant("header of a probe", canary(14)),
        lifecycle = plant("lifecycle command", canary(37)),
        custom = plant("custom resource", canary(15)),
        custom_deep = plant("custom resource, nested", canary(16)),
    );
    let kubeconfig = format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster:\n    server: https://10.0.0.10:6443\n    certificate-authority-data: {}\nusers:\n- name: u\n  user:\n    client-certificate-data: {}\n    client-key-data: {}\n    token: {}\n- name: b\n  user:\n    username: admin\n    password: {}\n",
        base64(&plant("kubeconfig, authority", canary(17))),
        base64(&plant("kubeconfig, certificate", canary(18))),
        base64(&plant("kubeconfig, key", canary(19))),
        plant("kubeconfig, token", canary(20)),
        plant("kubeconfig, password", canary(38)),
    );
    let encryption = format!(
        "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  providers:\n  - aescbc:\n      keys:\n      - name: key1\n        secret: {}\n",
        base64(&plant("encryption key", canary(21)))
    );
    let manifest = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{ name: kube-apiserver, namespace: kube-system }}\nspec:\n  containers:\n  - name: kube-apiserver\n    image: kube-apiserver:v1.37.2\n    command:\n    - kube-apiserver\n    - --oidc-client-secret={}\n    - --encryption-provider-config=/etc/kubernetes/enc.yaml\n    env:\n    - name: CLOUD_PASSWORD\n      value: {}\n",
        plant("flag of the API server", canary(22)),
        plant("environment of a static pod", canary(23)),
    );
    let unit = format!(
        "[Service]\nEnvironment=\"KUBELET_EXTRA_ARGS=--bootstrap-token={}\"\nExecStart=/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml $KUBELET_EXTRA_ARGS\n",
        plant("unit file", canary(24))
    );
    let containerd = format!(
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry.configs.\"registry.example\".auth]\n  username = \"puller\"\n  password = \"{}\"\n",
        plant("containerd registry", canary(39))
    );
    let key = format!(
        "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n",
        base64(&plant("private key", format!("{}{}", canary(25), canary(26))))
    );
    let cni = format!(
        "{{\"cniVersion\": \"1.0.0\", \"name\": \"net\", \"plugins\": [{{\"type\": \"x\", \"etcd_password\": \"{}\"}}]}}\n",
        plant("CNI configuration", canary(27))
    );
    Planted {
        manifests,
        files: vec![
            ("etc/kubernetes/admin.conf", kubeconfig),
            ("etc/kubernetes/enc.yaml", encryption),
            ("etc/kubernetes/manifests/kube-apiserver.yaml", manifest),
            ("etc/systemd/system/kubelet.service", unit),
            ("etc/containerd/config.toml", containerd),
            ("etc/kubernetes/pki/ca.key", key),
            ("etc/cni/net.d/10-net.conflist", cni),
            ("etc/hostname", "cp-1\n".to_owned()),
        ],
        secrets,
    }
}

fn kuberlock(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kuberlock")).args(args).output().unwrap()
}

fn assert_clean(what: &str, text: &str, secrets: &[(&str, String)]) {
    for (carrier, secret) in secrets {
        assert!(!text.contains(secret.as_str()), "{what} holds the canary of: {carrier}");
        assert!(
            !text.contains(&base64(secret)),
            "{what} holds, in base64, the canary of: {carrier}"
        );
    }
}

fn plant_into(folder: &Path, planted: &Planted) -> (PathBuf, PathBuf) {
    let manifests = folder.join("manifests.yaml");
    fs::write(&manifests, &planted.manifests).unwrap();
    let root = folder.join("root");
    for (path, text) in &planted.files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    (manifests, root)
}

#[test]
fn no_canary_leaves() {
    for style in [Style::Random, Style::Word, Style::Telling] {
        none_leaves(style);
    }
}

fn none_leaves(style: Style) {
    let planted = planted(style);
    assert!(planted.secrets.len() >= 30);
    let folder = tempfile::tempdir().unwrap();
    let (manifests, root) = plant_into(folder.path(), &planted);
    let sources =
        ["-f", manifests.to_str().unwrap(), "--root", &format!("cp-1={}", root.display())]
            .map(str::to_owned);
    let with = |rest: &[&str]| {
        let mut args: Vec<&str> = rest.to_vec();
        args.extend(sources.iter().map(String::as_str));
        kuberlock(&args)
    };
    for format in ["table", "json", "html"] {
        let output = with(&["scan", "--all", "--fail-on", "none", "-o", format]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_clean(
            &format!("{style:?}: {format}"),
            &String::from_utf8_lossy(&output.stdout),
            &planted.secrets,
        );
        assert_clean("standard error", &String::from_utf8_lossy(&output.stderr), &planted.secrets);
    }
    let snapshot = folder.path().join("snapshot");
    let output = with(&["collect", "-o", snapshot.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut files = 0;
    let mut folders = vec![snapshot];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files += 1;
                let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
                assert_clean(&format!("{style:?}: {}", path.display()), &text, &planted.secrets);
            }
        }
    }
    assert!(files >= 5, "the snapshot holds {files} files: too few for this to prove anything");
}
