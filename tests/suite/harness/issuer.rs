//! An OpenID Connect issuer with one user, whom it signs in without a question.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::web::{Data, Form, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PKCS_ED25519, PKCS_RSA_SHA256, PublicKeyData, RsaKeySize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

const CLIENT_ID: &str = "rubrica-console";
const CLIENT_SECRET: &str = "a secret with 100% of all: signs+spaces";
/// As it is sent (RFC 6749, section 2.3.1).
const ENCODED_SECRET: &str = "a%20secret%20with%20100%25%20of%20all%3A%20signs%2Bspaces";
/// Where the issuer redirects to. Tests use their own address of the service instead.
const REDIRECT_URL: &str = "https://admin.example.com/console/oidc/callback";

/// What it signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// The key that it publishes.
    Its,
    /// A foreign key with the id of its own.
    Forged,
    /// A key of its own that it has not published.
    Unpublished,
    /// The client's secret, which others may know.
    SharedSecret,
    /// Nothing at all.
    None,
}

/// A completed sign-in, by its code.
struct Granted {
    nonce: String,
    challenge: String,
    redirect_url: String,
}

struct State {
    url: String,
    /// Where its discovery document says that its endpoints are.
    endpoints: Mutex<String>,
    algorithm: Algorithm,
    key: Mutex<Key>,
    granted: Mutex<HashMap<String, Granted>>,
    /// The claims of its ID tokens.
    person: Mutex<Value>,
    /// Claims that replace these; `null` removes one.
    changes: Mutex<Value>,
    signature: Mutex<Signature>,
    /// How often its keys were requested.
    key_requests: AtomicU64,
    next_code: AtomicU64,
}

/// Listens until it is dropped.
pub struct Issuer {
    state: Arc<State>,
    server: ServerHandle,
    redirect_url: String,
}

impl Issuer {
    /// Listens on a port of its own, and signs by this algorithm.
    pub fn start(algorithm: Algorithm) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(State {
            // Another site than 127.0.0.1, for a browser.
            url: format!("http://localhost:{port}"),
            endpoints: Mutex::new(format!("http://localhost:{port}")),
            algorithm,
            key: Mutex::new(Key::new("1", algorithm)),
            granted: Mutex::default(),
            person: Mutex::new(json!({})),
            changes: Mutex::new(json!({})),
            signature: Mutex::new(Signature::Its),
            key_requests: AtomicU64::default(),
            next_code: AtomicU64::default(),
        });
        let data = Data::from(Arc::clone(&state));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route(
                    "/.well-known/openid-configuration",
                    web::get().to(discovery),
                )
                .route("/keys", web::get().to(keys))
                .route("/authorize", web::get().to(authorize))
                .route("/token", web::post().to(token))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("the port is ours")
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            state,
            server: handle,
            redirect_url: REDIRECT_URL.to_owned(),
        }
    }

    /// The settings of a service that trusts it.
    pub fn settings(&self) -> [(&'static str, &str); 5] {
        let algorithm = match self.state.algorithm {
            Algorithm::RS256 => "RS256",
            Algorithm::PS256 => "PS256",
            Algorithm::EdDSA => "EdDSA",
            _ => "ES256",
        };
        [
            ("oidc.issuer", self.state.url.as_str()),
            ("oidc.client_id", CLIENT_ID),
            ("oidc.client_secret", CLIENT_SECRET),
            ("oidc.redirect_url", &self.redirect_url),
            ("oidc.algorithm", algorithm),
        ]
    }

    /// Sets its user.
    pub fn knows(&self, subject: &str, email: &str) {
        *self.state.person.lock().unwrap() =
            json!({"sub": subject, "email": email, "email_verified": true});
    }

    /// Replaces claims of its later ID tokens; `null` removes one.
    pub fn says(&self, changes: &Value) {
        *self.state.changes.lock().unwrap() = changes.clone();
    }

    /// Redirects there from services with its later settings.
    pub fn sends_back_to(&mut self, url: &str) {
        url.clone_into(&mut self.redirect_url);
    }

    /// Publishes other endpoints.
    pub fn has_its_endpoints_at(&self, url: &str) {
        url.clone_into(&mut self.state.endpoints.lock().unwrap());
    }

    /// Changes how it signs.
    pub fn signs_with(&self, signature: Signature) {
        *self.state.signature.lock().unwrap() = signature;
    }

    /// Replaces its key and publishes only the new one.
    pub fn rotates_its_key(&self) {
        *self.state.key.lock().unwrap() = Key::new("2", self.state.algorithm);
    }

    /// How often its keys were requested.
    pub fn key_requests(&self) -> u64 {
        self.state.key_requests.load(Ordering::SeqCst)
    }

    /// Stops it. Services can only use what they have cached.
    pub async fn stop(&self) {
        self.server.stop(true).await;
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        // It ends with its runtime, too.
        drop(self.server.stop(false));
    }
}

/// A key of its own.
struct Key {
    id: String,
    pair: KeyPair,
    signing: EncodingKey,
}

impl Key {
    fn new(id: &str, algorithm: Algorithm) -> Self {
        let pair = match algorithm {
            Algorithm::RS256 | Algorithm::PS256 => {
                KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)
            }
            Algorithm::EdDSA => KeyPair::generate_for(&PKCS_ED25519),
            _ => KeyPair::generate(),
        };
        let pair = pair.expect("a key");
        let pem = pair.serialize_pem();
        let signing = match algorithm {
            Algorithm::RS256 | Algorithm::PS256 => EncodingKey::from_rsa_pem(pem.as_bytes()),
            Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
            _ => EncodingKey::from_ec_pem(pem.as_bytes()),
        };
        Self {
            id: id.to_owned(),
            pair,
            signing: signing.expect("a key"),
        }
    }

    /// As it is published (RFC 7517).
    fn published(&self, algorithm: Algorithm) -> Value {
        let mut key = if algorithm == Algorithm::EdDSA {
            let public = URL_SAFE_NO_PAD.encode(self.pair.der_bytes());
            json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": public})
        } else {
            let key = Jwk::from_encoding_key(&self.signing, algorithm).expect("a public key");
            json!(key)
        };
        key["use"] = "sig".into();
        key["kid"] = self.id.as_str().into();
        key
    }
}

async fn discovery(state: Data<State>) -> HttpResponse {
    let url = state.endpoints.lock().unwrap();
    HttpResponse::Ok().json(json!({
        "issuer": state.url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [state.algorithm],
    }))
}

async fn keys(state: Data<State>) -> HttpResponse {
    state.key_requests.fetch_add(1, Ordering::SeqCst);
    let key = state.key.lock().unwrap().published(state.algorithm);
    HttpResponse::Ok().json(json!({"keys": [key]}))
}

async fn authorize(
    state: Data<State>,
    Query(asked): Query<HashMap<String, String>>,
) -> HttpResponse {
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["client_id"], CLIENT_ID);
    assert_eq!(asked["scope"], "openid email");
    assert_eq!(asked["code_challenge_method"], "S256");
    let number = state.next_code.fetch_add(1, Ordering::SeqCst);
    let code = format!("authorization-code-{number}");
    let granted = Granted {
        nonce: asked["nonce"].clone(),
        challenge: asked["code_challenge"].clone(),
        redirect_url: asked["redirect_uri"].clone(),
    };
    let back = &asked["redirect_uri"];
    let location = format!("{back}?code={code}&state={}", asked["state"]);
    state.granted.lock().unwrap().insert(code, granted);
    HttpResponse::Found()
        .insert_header(("location", location))
        .finish()
}

async fn token(
    state: Data<State>,
    request: HttpRequest,
    Form(asked): Form<HashMap<String, String>>,
) -> HttpResponse {
    let credentials = STANDARD.encode(format!("{CLIENT_ID}:{ENCODED_SECRET}"));
    let authorization = request.headers().get("authorization").expect("credentials");
    assert_eq!(authorization, &format!("Basic {credentials}"));
    assert_eq!(asked["grant_type"], "authorization_code");
    let Some(granted) = state.granted.lock().unwrap().remove(&asked["code"]) else {
        return HttpResponse::BadRequest().json(json!({"error": "invalid_grant"}));
    };
    assert_eq!(asked["redirect_uri"], granted.redirect_url);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&asked["code_verifier"]));
    if challenge != granted.challenge {
        return HttpResponse::BadRequest().json(json!({"error": "invalid_grant"}));
    }
    HttpResponse::Ok().json(json!({
        "access_token": "of no use here",
        "token_type": "Bearer",
        "id_token": state.id_token(&granted.nonce),
    }))
}

impl State {
    fn id_token(&self, nonce: &str) -> String {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let claims = json!({
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
        });
        let claims = claims_with(claims, &self.person.lock().unwrap());
        let mut claims = claims_with(claims, &self.changes.lock().unwrap());
        let all = claims.as_object_mut().expect("claims");
        all.retain(|_, value| !value.is_null());
        let key = self.key.lock().unwrap();
        let signature = *self.signature.lock().unwrap();
        let mut header = Header::new(self.algorithm);
        header.kid = Some(key.id.clone());
        let forged = Key::new("forged", self.algorithm);
        let signing = match signature {
            Signature::Its => &key.signing,
            Signature::Forged => &forged.signing,
            Signature::Unpublished => {
                header.kid = Some("unpublished".to_owned());
                &forged.signing
            }
            Signature::SharedSecret => {
                header.alg = Algorithm::HS256;
                &EncodingKey::from_secret(CLIENT_SECRET.as_bytes())
            }
            Signature::None => return unsigned(&claims),
        };
        jsonwebtoken::encode(&header, &claims, signing).expect("a token")
    }
}

fn claims_with(mut claims: Value, others: &Value) -> Value {
    for (name, value) in others.as_object().expect("claims") {
        claims[name] = value.clone();
    }
    claims
}

fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({"alg": "none"})), part(claims))
}
