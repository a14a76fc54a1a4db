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
        Self { base: format!("http://{address}"), child, folder }
    }

    /// Waits until a path answers anything at all.
    async fn answers(self, path: &str) -> Self {
        let nobody = Client::new(&self.base);
        let asking = async {
            while nobody.request(http::Method::GET, path).send().await.is_err() {
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, asking).await.is_err() {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            panic!("{}{path} does not answer: {log}", self.base);
        }
        self
    }

    /// Stops it, and waits until it is gone.
    fn stop(mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

/// A storage that checks signatures, and where its internals can be looked at.
struct Storage {
    server: Server,
    filer: String,
}

async fn storage() -> &'static Storage {
    static STORAGE: OnceCell<Storage> = OnceCell::const_new();
    STORAGE
        .get_or_init(|| async {
            let folder = TempDir::new().unwrap();
            let (id, secret) = ACCESS_KEY;
            let keys = serde_json::json!([{ "accessKey": id, "secretKey": secret }]);
            let actions = ["Admin", "Read", "Write", "List", "Tagging"];
            let identities =
                serde_json::json!({ "identities": [{ "name": "t", "credentials": keys, "actions": actions }] });
            std::fs::write(folder.path().join("s3.json"), identities.to_string()).unwrap();
            let [s3, filer] = [free_address(), free_address()];
            let port = |address: &str| address.rsplit(':').next().unwrap().to_owned();
            let mut arguments: Vec<String> =
                ["mini", "-dir=.", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3.config=s3.json", "-webdav=false"]
                    .into_iter()
                    .chain([
                        "-admin.ui=false",
                        "-s3.iam=false",
                        "-s3.autoCreateBucket=false",
                        "-s3.port.iceberg=0",
                        "-s3.port.lance=0",
                    ])
                    .map(str::to_owned)
                    .collect();
            arguments.push(format!("-bucket={BUCKET}"));
            arguments.push(format!("-s3.port={}", port(&s3)));
            arguments.push(format!("-filer.port={}", port(&filer)));
            for name in ["s3.port.grpc", "filer.port.grpc", "master.port", "master.port.grpc", "volume.port"]
                .into_iter()
                .chain(["volume.port.grpc", "admin.port", "admin.port.grpc"])
            {
                arguments.push(format!("-{name}={}", port(&free_address())));
            }
            let server = Server::run("weed", &arguments, &s3, folder).answers("/").await;
            Storage { server, filer: format!("http://{filer}") }
        })
        .await
}

/// One that plays AWS KMS.
async fn new_kms() -> Server {
    let address = free_address();
    let port = address.rsplit(':').next().unwrap();
    let arguments = ["-H", "127.0.0.1", "-p", port].map(str::to_owned);
    Server::run("moto_server", &arguments, &address, TempDir::new().unwrap()).answers("/moto-api/").await
}

async fn kms() -> &'static Server {
    static KMS: OnceCell<Server> = OnceCell::const_new();
    KMS.get_or_init(new_kms).await
}

async fn openbao() -> &'static Server {
    static OPENBAO: OnceCell<Server> = OnceCell::const_new();
    OPENBAO
        .get_or_init(|| async {
            let address = free_address();
            let arguments = [
                "server".to_owned(),
                "-dev".to_owned(),
                "-dev-no-store-token".to_owned(),
                format!("-dev-root-token-id={ROOT_TOKEN}"),
                format!("-dev-listen-address={address}"),
            ];
            let server = Server::run("bao", &arguments, &address, TempDir::new().unwrap());
            let server = server.answers("/v1/sys/health").await;
            let bao = Bao(&server.base);
            until("the server is unsealed", async || (bao.status("GET", "sys/health", "").await == 200).then_some(()))
                .await;
            bao.post("sys/mounts/transit", r#"{"type":"transit"}"#).await;
            bao.post("sys/auth/approle", r#"{"type":"approle"}"#).await;
            server
        })
        .await
}

/// OpenBao as its administrator.
struct Bao<'a>(&'a str);

impl Bao<'_> {
    async fn status(&self, method: &str, path: &str, body: &str) -> u16 {
        self.ask(method, path, body).await.0
    }

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
