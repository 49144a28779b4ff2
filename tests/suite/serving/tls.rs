//! HTTPS on the public port and the admin port, and certificates that are renewed while it runs.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::Method;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::harness::{Binary, Serving, TestApp, eventually};

/// A certificate for localhost, signed by itself, and its key.
#[derive(Clone)]
struct Pair {
    certificate: String,
    key: String,
    root: CertificateDer<'static>,
}

impl Pair {
    fn new() -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        Self {
            certificate: cert.pem(),
            key: signing_key.serialize_pem(),
            root: cert.der().clone(),
        }
    }

    fn write(&self, directory: &Path) {
        std::fs::write(directory.join("tls.crt"), &self.certificate).unwrap();
        std::fs::write(directory.join("tls.key"), &self.key).unwrap();
    }
}

/// Sends a request over a new connection that trusts only these certificates, and returns the response.
fn ask(address: &str, trusted: &[&Pair]) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    for pair in trusted {
        roots.add(pair.root.clone()).expect("a root");
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
    let mut stream = StreamOwned::new(connection, TcpStream::connect(address)?);
    stream.write_all(b"GET /x HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

async fn serve(app: &TestApp, directory: &Path) -> Serving {
    let path = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    Binary::of(app)
        .set("RUBRICA__HTTP__TLS_CERTIFICATE", path("tls.crt"))
        .set("RUBRICA__HTTP__TLS_KEY", path("tls.key"))
        .serve()
        .await
}

/// Waits until the service presents this certificate.
async fn until_served(serving: &Serving, pair: &Pair) {
    let answer = async || ask(serving.public_address(), &[pair]);
    eventually("the certificate", answer, Result::is_ok)
        .await
        .expect("an answer");
}

#[tokio::test]
async fn with_a_certificate_the_public_port_speaks_only_https() {
    let app = TestApp::start().await;
    let directory = tempfile::tempdir().unwrap();
    let (pair, stranger) = (Pair::new(), Pair::new());
    pair.write(directory.path());
    let serving = serve(&app, directory.path()).await;

    let answer = ask(serving.public_address(), &[&pair]).unwrap();
    let untrusted = ask(serving.public_address(), &[&stranger]);
    let plain = serving.http().get(serving.url("/x")).send().await;

    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
    let security = "\r\nstrict-transport-security: max-age=31536000\r\n";
    assert!(answer.contains(security), "{answer}");
    assert!(untrusted.is_err());
    assert!(plain.is_err());
    assert_eq!(serving.ops("/livez").await.status, 200);
}

#[tokio::test]
async fn the_admin_port_presents_the_same_certificate() {
    let directory = tempfile::tempdir().unwrap();
    let pair = Pair::new();
    pair.write(directory.path());
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let app = TestApp::with_settings(&[
        ("admin.listen", "127.0.0.1:0"),
        ("http.tls_certificate", &path("tls.crt")),
        ("http.tls_key", &path("tls.key")),
    ])
    .await;

    let address = app.admin_address.expect("a port of its own").to_string();
    let answer = ask(&address, &[&pair]).unwrap();
    let plain = app.admin_request(Method::GET, "/x").send().await;

    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
    assert!(plain.is_err());
}

#[tokio::test]
async fn a_renewed_certificate_is_served_without_a_restart_or_a_failed_request() {
    let app = TestApp::start().await;
    let directory = tempfile::tempdir().unwrap();
    let (old, new) = (Pair::new(), Pair::new());
    old.write(directory.path());
    let serving = serve(&app, directory.path()).await;
    until_served(&serving, &old).await;

    let is_over = Arc::new(AtomicBool::new(false));
    let caller = std::thread::spawn({
        let (address, is_over) = (serving.public_address().to_owned(), Arc::clone(&is_over));
        let (old, new) = (old.clone(), new.clone());
        move || {
            let mut answers = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                answers.push(ask(&address, &[&old, &new]));
            }
            answers
        }
    });
    new.write(directory.path());
    until_served(&serving, &new).await;
    is_over.store(true, Ordering::Relaxed);

    let answers = caller.join().unwrap();
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert!(!answers.is_empty());
    assert!(ask(serving.public_address(), &[&old]).is_err());
}

#[tokio::test]
async fn a_mismatched_new_pair_leaves_the_old_one_in_use() {
    let app = TestApp::start().await;
    let directory = tempfile::tempdir().unwrap();
    let (old, new) = (Pair::new(), Pair::new());
    old.write(directory.path());
    let serving = serve(&app, directory.path()).await;
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();

    // Only one of the two files has been replaced so far.
    write("tls.crt", &new.certificate);
    serving
        .until_log("the new TLS certificate is invalid")
        .await;
    assert!(ask(serving.public_address(), &[&old]).is_ok());

    write("tls.key", &new.key);
    until_served(&serving, &new).await;
    assert!(!serving.log().join("").contains("PRIVATE KEY"));
}

#[tokio::test]
async fn an_unusable_pair_stops_the_start_and_names_the_setting() {
    let app = TestApp::start().await;
    let directory = tempfile::tempdir().unwrap();
    let (pair, stranger) = (Pair::new(), Pair::new());
    pair.write(directory.path());
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("empty"), "").unwrap();
    std::fs::write(path("stranger.key"), &stranger.key).unwrap();

    for (certificate, key, setting) in [
        ("missing", "tls.key", "http.tls_certificate"),
        ("tls.crt", "missing", "http.tls_key"),
        ("empty", "tls.key", "http.tls_certificate"),
        ("tls.crt", "empty", "http.tls_key"),
        ("tls.crt", "tls.crt", "http.tls_key"),
        ("tls.crt", "stranger.key", "http.tls_key"),
    ] {
        let run = Binary::of(&app)
            .set("RUBRICA__HTTP__TLS_CERTIFICATE", path(certificate))
            .set("RUBRICA__HTTP__TLS_KEY", path(key))
            .run(&["serve"]);

        assert!(
            run.error().contains(setting),
            "{certificate}, {key}: {run:?}"
        );
    }
}
