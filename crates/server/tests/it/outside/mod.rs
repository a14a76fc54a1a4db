//! What the program keeps with systems outside, with the real ones: a server of S3, OpenBao, and one that plays AWS KMS.
//!
//! `scripts/outside.sh` installs them. Each is started once for all tests, when the first one needs it, and ends with them.

mod bucket;
mod root_keys;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::client::Client;
use crate::house::{PATIENCE, until};
use crate::process::free_address;

/// The access key of the storage.
const ACCESS_KEY: (&str, &str) = ("AKIDEXAMPLE", "a secret for the tests/+=");
/// The bucket that is there.
const BUCKET: &str = "files";
/// OpenBao's first token.
const ROOT_TOKEN: &str = "root-token-of-the-tests";

/// A running server. Its standard input is held: when that ends, however this process ends, the server is stopped.
struct Server {
    base: String,
    /// Another address of it, where its insides can be looked at.
    inside: String,
    child: Child,
    folder: TempDir,
}

impl Server {
    fn run(program: &str, arguments: &[String], address: &str, folder: TempDir) -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        // Beside what is built: the folder of the tests' own files is in the target folder.
        let installed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../outside/bin").join(program);
        assert!(installed.exists(), "{} is not there: run scripts/outside.sh", installed.display());
        let mut command = Command::new(repository.join("scripts/outside.sh"));
        command.arg("run").arg(folder.path()).arg(installed).args(arguments);
        command.env("HOME", folder.path());
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        Self { base: format!("http://{address}"), inside: String::new(), child, folder }
    }

    /// Starts one, and again with other ports if somebody took one before it could; it answers at a path.
    async fn answering(path: &str, start: impl Fn() -> Self) -> Self {
        for _ in 0..5 {
            let mut server = start();
            if server.answers(path).await {
                return server;
            }
        }
        panic!("no server answers at {path}: see above");
    }

    /// Waits until a path answers anything at all; `false` if the server ends before.
    async fn answers(&mut self, path: &str) -> bool {
        let nobody = Client::new(&self.base);
        let log = self.folder.path().join("log");
        let asking = async {
            while nobody.request(http::Method::GET, path).send().await.is_err() {
                if self.child.try_wait().unwrap().is_some() {
                    eprintln!("it ended: {}", std::fs::read_to_string(&log).unwrap_or_default());
                    return false;
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
            true
        };
        let answered = tokio::time::timeout(PATIENCE, asking).await;
        answered.unwrap_or_else(|_| panic!("{path}: {}", std::fs::read_to_string(&log).unwrap_or_default()))
    }

    /// Stops it, and waits until it is gone.
    fn stop(mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

/// A storage that checks signatures.
async fn storage() -> &'static Server {
    static STORAGE: OnceCell<Server> = OnceCell::const_new();
    STORAGE.get_or_init(|| Server::answering("/", start_storage)).await
}

fn start_storage() -> Server {
    let folder = TempDir::new().unwrap();
    let (id, secret) = ACCESS_KEY;
    let keys = serde_json::json!([{ "accessKey": id, "secretKey": secret }]);
    let actions = ["Admin", "Read", "Write", "List", "Tagging"];
    let identities = serde_json::json!({ "identities": [{ "name": "t", "credentials": keys, "actions": actions }] });
    std::fs::write(folder.path().join("s3.json"), identities.to_string()).unwrap();
    let fixed = "mini -dir=. -ip=127.0.0.1 -ip.bind=127.0.0.1 -s3.config=s3.json -webdav=false -admin.ui=false -s3.iam=false \
                 -s3.autoCreateBucket=false -s3.port.iceberg=0 -s3.port.lance=0";
    let mut arguments: Vec<String> = fixed.split_whitespace().map(str::to_owned).collect();
    arguments.push(format!("-bucket={BUCKET}"));
    let address = free_address();
    arguments.push(format!("-s3.port={}", port(&address)));
    let filer = free_address();
    arguments.push(format!("-filer.port={}", port(&filer)));
    let others = "s3.port.grpc filer.port.grpc master.port master.port.grpc volume.port volume.port.grpc admin.port \
                  admin.port.grpc";
    arguments.extend(others.split_whitespace().map(|name| format!("-{name}={}", port(&free_address()))));
    Server { inside: format!("http://{filer}"), ..Server::run("weed", &arguments, &address, folder) }
}

/// One that plays AWS KMS.
async fn new_kms() -> Server {
    Server::answering("/moto-api/", || {
        let address = free_address();
        let arguments = ["-H", "127.0.0.1", "-p", port(&address)].map(str::to_owned);
        Server::run("moto_server", &arguments, &address, TempDir::new().unwrap())
    })
    .await
}

async fn kms() -> &'static Server {
    static KMS: OnceCell<Server> = OnceCell::const_new();
    KMS.get_or_init(new_kms).await
}

async fn openbao() -> &'static Server {
    static OPENBAO: OnceCell<Server> = OnceCell::const_new();
    OPENBAO
        .get_or_init(|| async {
            let server = Server::answering("/v1/sys/health", start_openbao).await;
            let bao = Bao(&server.base);
            until("it is unsealed", async || (bao.ask("GET", "sys/health", "").await.0 == 200).then_some(())).await;
            bao.post("sys/mounts/transit", r#"{"type":"transit"}"#).await;
            bao.post("sys/auth/approle", r#"{"type":"approle"}"#).await;
            server
        })
        .await
}

fn start_openbao() -> Server {
    let address = free_address();
    // Its cluster has the next port, which is nobody's: it is counted as given away.
    free_address();
    let arguments = [
        "server".to_owned(),
        "-dev".to_owned(),
        "-dev-no-store-token".to_owned(),
        format!("-dev-root-token-id={ROOT_TOKEN}"),
        format!("-dev-listen-address={address}"),
    ];
    Server::run("bao", &arguments, &address, TempDir::new().unwrap())
}

fn port(address: &str) -> &str {
    address.rsplit(':').next().unwrap_or_default()
}

/// OpenBao as its administrator.
struct Bao<'a>(&'a str);

impl Bao<'_> {
    async fn post(&self, path: &str, body: &str) -> Value {
        let (status, answer) = self.ask("POST", path, body).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let method = method.parse::<http::Method>().unwrap();
        let request = Client::new(&format!("{}/v1", self.0)).with("x-vault-token", ROOT_TOKEN);
        let answer = request.send(method, &format!("/{path}"), "application/json", body.to_owned()).await;
        (answer.status.as_u16(), serde_json::from_slice(&answer.bytes).unwrap_or_default())
    }
}
