//! Which access tokens the service accepts. The tests of `auth::session_tokens` check each claim.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PKCS_ED25519};
use serde_json::{Value, json};

use crate::harness::{Binary, Session, TestApp, eventually};

const OLD: &str = "an old secret of the tests that is long enough";
const NEW: &str = "a new secret of the tests that is long enough";

/// Key files in a directory of their own.
struct KeyFiles(tempfile::TempDir);

impl KeyFiles {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    /// Writes a new key pair and returns the names of its private and its public file.
    fn pair(&self, name: &str) -> (String, String) {
        let pair = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
        let write = |suffix: &str, pem: String| {
            let path = self.0.path().join(format!("{name}{suffix}.pem"));
            std::fs::write(&path, pem).expect("a file");
            path.to_str().expect("a text").to_owned()
        };
        (
            write("", pair.serialize_pem()),
            write(".public", pair.public_key_pem()),
        )
    }
}

/// The header and the claims of a token.
fn parts(token: &str) -> (Header, Value) {
    let header = jsonwebtoken::decode_header(token).expect("a header");
    let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(token).expect("claims");
    (header, claims.claims)
}

async fn status(app: &TestApp, token: &str) -> u16 {
    app.me(token).await.status
}

#[tokio::test]
async fn an_invalid_access_token_is_refused() {
    let app = TestApp::start().await;
    let session = app.operator().await;
    let key = app.tenant().await.key;
    let token = &session.access_token;
    let (signed, signature) = token.rsplit_once('.').unwrap();

    for wrong in [
        "",
        "x",
        "a.b.c",
        &key,
        &session.refresh_token,
        signed,
        &format!("{signed}."),
        &format!("{token}{signature}"),
    ] {
        let answer = app.me(wrong).await;
        answer.error(401, "unauthorized");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    assert_eq!(status(&app, token).await, 200);
}

#[tokio::test]
async fn an_access_token_is_refused_by_the_public_api() {
    let app = TestApp::start().await;
    let session = app.operator().await;

    for token in [&session.access_token, &session.refresh_token] {
        let answer = app.upsert(token, &json!({"email": "a@example.com"})).await;
        answer.error(401, "unauthorized");
    }
}

#[tokio::test]
async fn an_access_token_expires_before_its_session() {
    let app = TestApp::with_settings(&[("admin.access_token_ttl", "1s")]).await;
    let session = app.operator().await;

    let status = async || status(&app, &session.access_token).await;
    eventually("its expiry", status, |status| *status == 401).await;

    let answer = app.refresh(&session.refresh_token).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_signing_secret_is_replaced_without_signing_anybody_out() {
    let app = TestApp::with_settings(&[("auth.jwt_key", OLD)]).await;
    let both = app
        .replica(&[("auth.jwt_key", &format!("{NEW},{OLD}"))])
        .await;
    let new = app.replica(&[("auth.jwt_key", NEW)]).await;
    let session = app.operator().await;

    assert_eq!(status(&both, &session.access_token).await, 200);
    assert_eq!(status(&new, &session.access_token).await, 401);
    let answer = both.refresh(&session.refresh_token).await;
    let next = Session::of(session.admin, session.email, &answer);
    assert_eq!(status(&new, &next.access_token).await, 200);
    assert_eq!(status(&app, &next.access_token).await, 401);
}

#[tokio::test]
async fn sessions_can_be_signed_by_a_private_key_and_verified_by_public_ones() {
    let files = KeyFiles::new();
    let (private, public) = files.pair("old");
    let (new_private, new_public) = files.pair("new");
    let settings = [
        ("auth.jwt_private_key", private.as_str()),
        ("auth.jwt_public_keys", public.as_str()),
    ];
    let app = TestApp::with_settings(&settings).await;
    let replaced = [
        ("auth.jwt_private_key", new_private.as_str()),
        ("auth.jwt_public_keys", &format!("{new_public},{public}")),
    ];
    let other = app.replica(&replaced).await;

    let session = app.operator().await;

    let (header, _) = parts(&session.access_token);
    assert_eq!(header.alg, Algorithm::EdDSA);
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    assert_eq!(status(&app, &session.access_token).await, 200);
    assert_eq!(status(&other, &session.access_token).await, 200);
}

#[tokio::test]
async fn a_public_key_cannot_sign_an_access_token() {
    let files = KeyFiles::new();
    let (private, public) = files.pair("key");
    let settings = [
        ("auth.jwt_private_key", private.as_str()),
        ("auth.jwt_public_keys", public.as_str()),
    ];
    let app = TestApp::with_settings(&settings).await;
    let session = app.operator().await;
    let (good, claims) = parts(&session.access_token);
    let pem = std::fs::read(&public).expect("a file");
    let secret = EncodingKey::from_secret(&pem);

    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let header = Header {
            alg: algorithm,
            ..good.clone()
        };
        let forged = jsonwebtoken::encode(&header, &claims, &secret).expect("a token");
        assert_eq!(status(&app, &forged).await, 401, "{algorithm:?}");
    }
    // {"typ":"at+jwt","alg":"none"}
    let header = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJub25lIn0";
    let claims = session.access_token.split('.').nth(1).unwrap();
    assert_eq!(status(&app, &format!("{header}.{claims}.")).await, 401);
}

#[tokio::test]
async fn mismatched_key_files_stop_the_start_and_name_the_setting() {
    let files = KeyFiles::new();
    let (private, public) = files.pair("one");
    let (_, other_public) = files.pair("other");
    let app = TestApp::start().await;

    for (private, public, words) in [
        (&private, &other_public, "auth.jwt_public_keys"),
        (&public, &public, "auth.jwt_private_key"),
        (&private, &private, "auth.jwt_public_keys"),
        (&private, &"/nowhere.pem".to_owned(), "auth.jwt_public_keys"),
    ] {
        let rubrica = Binary::of(&app)
            .set("RUBRICA__AUTH__JWT_PRIVATE_KEY", private)
            .set("RUBRICA__AUTH__JWT_PUBLIC_KEYS", public);
        let run = rubrica.run(&["serve"]);
        let last = run.errors.lines().last().unwrap_or_default();
        assert!(run.status != Some(0) && last.contains(words), "{run:?}");
    }
}
