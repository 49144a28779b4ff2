//! Single sign-on with an OpenID Connect issuer.

use jsonwebtoken::Algorithm;
use reqwest::Method;
use rubrica::domain::{AdminState, Email, Role};
use secrecy::ExposeSecret;
use serde_json::json;
use time::OffsetDateTime;

use crate::harness::{Answer, Binary, Issuer, SendAndRead, Signature, TestApp, cookie, set_cookie};

const EMAIL: &str = "jane@example.com";
const SESSION: &str = "__Host-rubrica-session";
const PENDING: &str = "__Host-rubrica-oidc";

/// A service with an issuer that identifies its one operator.
async fn start() -> (TestApp, Issuer) {
    start_by(Algorithm::ES256).await
}

async fn start_by(algorithm: Algorithm) -> (TestApp, Issuer) {
    let issuer = Issuer::start(algorithm);
    issuer.knows("jane-1", EMAIL);
    let app = TestApp::with_settings(&issuer.settings()).await;
    app.admin(EMAIL, Role::Operator).await;
    (app, issuer)
}

/// The redirect of a browser back from the issuer.
struct Returning {
    cookie: String,
    query: String,
}

impl Returning {
    /// The same redirect with one parameter changed.
    fn with(&self, name: &str, value: &str) -> Self {
        let pairs = self.query.split('&').map(|pair| {
            let (found, _) = pair.split_once('=').expect("a value");
            if found == name {
                format!("{name}={value}")
            } else {
                pair.to_owned()
            }
        });
        Self {
            cookie: self.cookie.clone(),
            query: pairs.collect::<Vec<_>>().join("&"),
        }
    }
}

/// Signs in at the issuer.
async fn let_in(app: &TestApp) -> Returning {
    let begun = app.console(Method::GET, "/oidc").answer().await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let request = client.build().unwrap().get(begun.header("location"));
    let answer = request.answer().await;
    let location = answer.header("location");
    let (address, query) = location.split_once('?').expect("parameters");
    assert_eq!(address, "https://admin.example.com/console/oidc/callback");
    Returning {
        cookie: cookie(&begun, PENDING).expect("what the browser keeps"),
        query: query.to_owned(),
    }
}

async fn come_back(app: &TestApp, returning: &Returning) -> Answer {
    app.console(Method::GET, &format!("/oidc/callback?{}", returning.query))
        .header("cookie", &returning.cookie)
        .header("sec-fetch-site", "cross-site")
        .answer()
        .await
}

async fn sign_in(app: &TestApp) -> Answer {
    come_back(app, &let_in(app).await).await
}

#[track_caller]
fn assert_refused(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(set_cookie(answer, SESSION).is_none(), "{answer:?}");
}

#[tokio::test]
async fn an_administrator_identified_by_the_issuer_is_signed_in() {
    let (app, _issuer) = start().await;
    let form = app.console(Method::GET, "/sign-in").answer().await;
    assert!(
        form.text.contains("href=\"/console/oidc\""),
        "{}",
        form.text
    );

    let answer = sign_in(&app).await;

    assert_eq!(answer.status, 200, "{}", answer.text);
    let session = cookie(&answer, SESSION).expect("a session");
    assert_eq!(answer.header("cache-control"), "no-store");
    let kept = set_cookie(&answer, PENDING).expect("the end of the pending one");
    assert!(kept.contains("Max-Age=0"), "{kept}");
    let home = app
        .console(Method::GET, "/account")
        .header("cookie", session);
    assert!(home.answer().await.text.contains(EMAIL));
    let events = app.audit_events("admin.sign_in").await;
    assert_eq!(events[0]["after"]["by"], "single_sign_on");
}

#[tokio::test]
async fn the_cookie_of_a_sign_in_is_host_only_and_http_only() {
    let (app, _issuer) = start().await;

    let begun = app.console(Method::GET, "/oidc").answer().await;

    assert_eq!(begun.header("cache-control"), "no-store");
    let kept = set_cookie(&begun, PENDING).expect("a cookie");
    for part in [
        "HttpOnly",
        "Secure",
        "SameSite=Lax",
        "Path=/",
        "Max-Age=600",
    ] {
        assert!(kept.contains(part), "{kept}");
    }
}

#[tokio::test]
async fn a_sign_in_completes_once_and_only_in_the_browser_that_began_it() {
    let (app, _issuer) = start().await;
    let (mine, theirs) = (let_in(&app).await, let_in(&app).await);
    let stranger = Returning {
        cookie: "a=b".to_owned(),
        query: mine.query.clone(),
    };
    let crossed = Returning {
        cookie: theirs.cookie,
        query: mine.query.clone(),
    };

    assert_refused(&come_back(&app, &stranger).await, 400);
    assert_refused(&come_back(&app, &crossed).await, 400);
    assert_refused(&come_back(&app, &mine.with("state", "other")).await, 400);
    assert_eq!(come_back(&app, &mine).await.status, 200);
    // The issuer knows only its own codes.
    assert_refused(&come_back(&app, &mine).await, 401);
}

#[tokio::test]
async fn a_code_of_another_sign_in_is_refused() {
    let (app, _issuer) = start().await;
    let (mine, theirs) = (let_in(&app).await, let_in(&app).await);
    let code = theirs.query.split(['=', '&']).nth(1).expect("a code");

    assert_refused(&come_back(&app, &mine.with("code", code)).await, 401);
}

#[tokio::test]
async fn an_id_token_with_any_wrong_claim_is_refused_and_recorded() {
    let (app, issuer) = start().await;
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let wrong = [
        json!({"iss": "https://evil.example.com"}),
        json!({"iss": null}),
        json!({"aud": "another-client"}),
        json!({"aud": null}),
        json!({"aud": ["rubrica-console", "another-client"]}),
        json!({"aud": []}),
        json!({"sub": null}),
        json!({"exp": now - 120}),
        json!({"exp": null}),
        json!({"iat": now + 600}),
        json!({"nbf": now + 600}),
        json!({"nonce": "of another sign-in"}),
        json!({"nonce": null}),
        json!({"email_verified": false}),
        json!({"email_verified": null}),
        json!({"email": null}),
        json!({"email": "no address"}),
    ];

    for claims in &wrong {
        issuer.says(claims);
        let answer = sign_in(&app).await;
        assert_eq!(answer.status, 401, "{claims}: {}", answer.text);
        assert!(set_cookie(&answer, SESSION).is_none(), "{claims}");
    }

    issuer.says(&json!({}));
    assert_eq!(sign_in(&app).await.status, 200);
    let failures = app
        .audit_events_until("admin.sign_in_failed", wrong.len())
        .await;
    assert_eq!(failures.len(), wrong.len());
}

#[tokio::test]
async fn an_id_token_with_a_wrong_signature_is_refused() {
    let (app, issuer) = start().await;

    for signature in [Signature::Forged, Signature::SharedSecret, Signature::None] {
        issuer.signs_with(signature);
        let answer = sign_in(&app).await;
        assert_eq!(answer.status, 401, "{signature:?}: {}", answer.text);
        assert!(set_cookie(&answer, SESSION).is_none(), "{signature:?}");
    }
}

#[tokio::test]
async fn unknown_and_disabled_administrators_are_refused_alike() {
    let (app, issuer) = start().await;
    issuer.knows("stranger-1", "stranger@example.com");
    let stranger = sign_in(&app).await;
    issuer.knows("disabled-1", "disabled@example.com");
    let disabled = app.admin("disabled@example.com", Role::Operator).await;
    let (administration, principal) = app.administration();
    administration
        .disable_admin(&principal, disabled.admin_id)
        .await
        .expect("it is done");

    let disabled = sign_in(&app).await;

    assert_refused(&stranger, 401);
    assert_refused(&disabled, 401);
    assert_eq!(stranger.text, disabled.text);
}

#[tokio::test]
async fn a_reassigned_email_is_refused_until_an_operator_resets_the_identity() {
    let (app, issuer) = start().await;
    assert_eq!(sign_in(&app).await.status, 200);
    issuer.knows("another-jane-2", EMAIL);
    assert_refused(&sign_in(&app).await, 401);

    let forgotten = Binary::of(&app).run(&["admin", "forget-identity", "--email", EMAIL]);

    assert_eq!(forgotten.status, Some(0), "{forgotten:?}");
    assert_eq!(sign_in(&app).await.status, 200);
    issuer.knows("jane-1", EMAIL);
    assert_refused(&sign_in(&app).await, 401);
}

#[tokio::test]
async fn an_identity_belongs_to_one_administrator() {
    let (app, issuer) = start().await;
    assert_eq!(sign_in(&app).await.status, 200);
    app.admin("john@example.com", Role::Operator).await;

    issuer.knows("jane-1", "john@example.com");

    assert_refused(&sign_in(&app).await, 401);
}

#[tokio::test]
async fn keys_of_the_issuer_are_cached_until_it_has_a_new_one() {
    let (app, issuer) = start().await;
    for _ in 0..3 {
        assert_eq!(sign_in(&app).await.status, 200);
    }
    assert_eq!(issuer.key_requests(), 1);

    issuer.rotates_its_key();

    assert_eq!(sign_in(&app).await.status, 200);
    assert_eq!(issuer.key_requests(), 2);
}

#[tokio::test]
async fn tokens_with_unknown_keys_do_not_cause_a_request_each() {
    let (app, issuer) = start().await;
    issuer.signs_with(Signature::Unpublished);

    for _ in 0..10 {
        assert_refused(&sign_in(&app).await, 401);
    }

    // Usually two; more if the machine is so slow that one takes ten seconds.
    assert!(issuer.key_requests() < 10, "{}", issuer.key_requests());
}

#[tokio::test]
async fn every_configured_algorithm_is_accepted() {
    for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::EdDSA] {
        let (app, issuer) = start_by(algorithm).await;
        let answer = sign_in(&app).await;
        assert_eq!(answer.status, 200, "{algorithm:?}: {}", answer.text);
        issuer.signs_with(Signature::Forged);
        assert_refused(&sign_in(&app).await, 401);
    }
}

#[tokio::test]
async fn an_audience_list_may_hold_only_our_client_id() {
    let (app, issuer) = start().await;
    issuer.says(&json!({"aud": ["rubrica-console"]}));

    assert_eq!(sign_in(&app).await.status, 200);
}

#[tokio::test]
async fn an_email_that_only_looks_like_an_administrators_is_refused() {
    let (app, issuer) = start().await;
    app.admin("kate@example.com", Role::Operator).await;
    // The Kelvin sign, whose lower case is an ASCII k.
    issuer.knows("kelvin-1", "\u{212A}ate@example.com");

    assert_refused(&sign_in(&app).await, 401);
}

#[tokio::test]
async fn an_invited_administrator_needs_no_password_and_may_still_set_one() {
    let (app, issuer) = start().await;
    let (administration, principal) = app.administration();
    let email = Email::parse("new@example.com").expect("an address");
    let invited = administration
        .invite_admin(&principal, &email, Role::Operator)
        .await
        .expect("an invitation");
    issuer.knows("new-1", "new@example.com");

    assert_eq!(sign_in(&app).await.status, 200);

    let changed = administration
        .forget_identity(&principal, invited.admin.admin_id)
        .await;
    assert_eq!(changed.expect("it is forgotten").state, AdminState::Invited);
    let token = invited.token.text().expose_secret();
    let accepted = app.accept_invitation(token, crate::harness::PASSWORD).await;
    assert_eq!(accepted.status, 204, "{}", accepted.text);
}

#[tokio::test]
async fn a_company_administrator_reaches_only_their_company() {
    let (app, issuer) = start().await;
    let (own, other) = (app.tenant().await.company, app.tenant().await.company);
    app.admin("clerk@example.com", Role::CompanyAdmin(own))
        .await;
    issuer.knows("clerk-1", "clerk@example.com");

    let session = cookie(&sign_in(&app).await, SESSION).expect("a session");

    for (company, status) in [(own, 200), (other, 404)] {
        let page = app.console(Method::GET, &format!("/companies/{company}"));
        let answer = page.header("cookie", &session).answer().await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

#[tokio::test]
async fn an_administrator_has_one_identity_per_issuer() {
    let (app, _issuer) = start().await;
    assert_eq!(sign_in(&app).await.status, 200);
    let next = Issuer::start(Algorithm::ES256);
    next.knows("jane-at-the-next", EMAIL);

    let replica = app.replica(&next.settings()).await;

    assert_eq!(sign_in(&replica).await.status, 200);
    assert_eq!(sign_in(&app).await.status, 200);
}

#[tokio::test]
async fn an_issuer_without_tls_is_refused() {
    let (app, issuer) = start().await;
    issuer.has_its_endpoints_at("http://issuer.example.com");

    let answer = app.console(Method::GET, "/oidc").answer().await;

    assert_refused(&answer, 503);
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((5..=8).contains(&wait), "{wait}");
}

#[tokio::test]
async fn another_site_cannot_use_up_the_limit() {
    let (app, _issuer) = start().await;

    for path in ["/oidc", "/oidc/callback?code=1&state=1"] {
        let image = app
            .console(Method::GET, path)
            .header("sec-fetch-mode", "no-cors");
        assert_refused(&image.answer().await, 403);
    }
}

#[tokio::test]
async fn a_password_works_while_the_issuer_is_down() {
    let (app, issuer) = start().await;
    let under_way = let_in(&app).await;
    issuer.stop().await;

    let answer = come_back(&app, &under_way).await;

    assert_refused(&answer, 503);
    assert!(
        answer.text.contains("with your password"),
        "{}",
        answer.text
    );
    let password = app.console_sign_in(EMAIL, crate::harness::PASSWORD).await;
    assert_eq!(password.status, 303);
}

#[tokio::test]
async fn an_issuer_that_was_never_reached_is_reported_as_unavailable() {
    let (app, issuer) = start().await;
    issuer.stop().await;

    let answer = app.console(Method::GET, "/oidc").answer().await;

    assert_refused(&answer, 503);
    assert!(set_cookie(&answer, PENDING).is_none());
}

#[tokio::test]
async fn without_an_issuer_there_is_no_single_sign_on() {
    let app = TestApp::start().await;

    let form = app.console(Method::GET, "/sign-in").answer().await;

    assert!(!form.text.contains("/console/oidc"));
    for path in ["/oidc", "/oidc/callback?code=1&state=1"] {
        assert_refused(&app.console(Method::GET, path).answer().await, 404);
    }
}

#[tokio::test]
async fn nothing_of_a_sign_in_is_logged() {
    let (app, issuer) = start().await;
    let mut serving = Binary::of(&app)
        .set("RUBRICA__LOG__LEVEL", "debug")
        .serve()
        .await;
    serving.wait_until_ready().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.build().unwrap();
    let get = async |url: &str, cookie: &str| {
        let request = client.get(url).header("cookie", cookie);
        request.answer().await
    };

    let begun = get(&serving.url("/console/oidc"), "").await;
    let pending = cookie(&begun, PENDING).expect("what the browser keeps");
    let returning = get(begun.header("location"), "").await;
    let (_, query) = returning.header("location").split_once('?').unwrap();
    let back = serving.url(&format!("/console/oidc/callback?{query}"));
    let session = cookie(&get(&back, &pending).await, SESSION).expect("a session");
    let account = get(&serving.url("/console/account"), &session).await;
    assert!(account.text.contains(EMAIL));
    // The code was used.
    assert_eq!(get(&back, &pending).await.status, 401);

    serving.signal("TERM");
    let (_, log) = serving.end().await;
    let log = log.join("\n");
    assert!(log.contains("an identity was refused"), "{log}");
    let secret = issuer.settings()[2].1;
    let others = [EMAIL, "jane-1", "authorization-code", secret];
    let kept = pending.split(['=', '.']).chain(session.split('='));
    for hidden in kept
        .filter(|part| !part.starts_with("__Host"))
        .chain(others)
    {
        assert!(!log.contains(hidden), "{hidden} in {log}");
    }
}
