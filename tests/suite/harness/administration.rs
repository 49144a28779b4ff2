//! Administrators, and the endpoints of the admin API.

use std::sync::Arc;

use reqwest::{Method, RequestBuilder};
use rubrica::administration::{AdminPrincipal, Administration};
use rubrica::ambient;
use rubrica::auth::InvalidationPublisher;
use rubrica::domain::{Admin, CompanyId, Email, Password, Role};
use serde_json::{Value, json};

use super::app::TestApp;
use super::endpoints::SendAndRead;
use super::eventually::eventually;
use super::http::Answer;

/// The password of all administrators in the tests.
pub const PASSWORD: &str = "correct horse battery staple";

/// An administrator who is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    pub admin: String,
    pub email: String,
    pub access_token: String,
    pub refresh_token: String,
}

impl Session {
    /// The session in the response to a sign-in or a refresh.
    #[track_caller]
    pub fn of(admin: String, email: String, answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.text);
        let pair = answer.json();
        let token = |name: &str| pair[name].as_str().expect("a token").to_owned();
        Self {
            admin,
            email,
            access_token: token("accessToken"),
            refresh_token: token("refreshToken"),
        }
    }
}

impl TestApp {
    /// The actions of administrators, as the command line uses them.
    pub fn administration(&self) -> (Administration, AdminPrincipal) {
        let prefix = self.settings.redis.prefix.clone();
        let invalidations = Arc::new(InvalidationPublisher::new(None, prefix, None, |_| {}));
        let store = self.store.clone();
        let administration =
            Administration::new(&self.settings, store, invalidations, Arc::default());
        (
            administration.expect("the keys are right"),
            AdminPrincipal::command_line(self.actor.clone(), ambient::now()),
        )
    }

    /// An administrator with the password of the tests.
    pub async fn admin(&self, email: &str, role: Role) -> Admin {
        let (administration, principal) = self.administration();
        let email = Email::parse(email).expect("an address");
        let password = Password::parse(PASSWORD).expect("a password");
        administration
            .create_admin(&principal, &email, &password, role)
            .await
            .expect("an administrator")
    }

    /// An operator who is signed in.
    pub async fn operator(&self) -> Session {
        self.signed_in("operator@example.com", Role::Operator).await
    }

    /// The administrator of a company, signed in.
    pub async fn company_admin(&self, company: CompanyId) -> Session {
        let email = format!("admin-of-{company}@example.com");
        self.signed_in(&email, Role::CompanyAdmin(company)).await
    }

    async fn signed_in(&self, email: &str, role: Role) -> Session {
        let admin = self.admin(email, role).await;
        let answer = self.sign_in(email, PASSWORD).await;
        Session::of(admin.admin_id.to_string(), email.to_owned(), &answer)
    }

    /// `POST /admin/v1/login`
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        let body = json!({"email": email, "password": password});
        self.post_unsigned("login", &body).await
    }

    /// `POST /admin/v1/refresh`
    pub async fn refresh(&self, token: &str) -> Answer {
        let body = json!({"refreshToken": token});
        self.post_unsigned("refresh", &body).await
    }

    /// `POST /admin/v1/logout`
    pub async fn sign_out(&self, token: &str) -> Answer {
        let body = json!({"refreshToken": token});
        self.post_unsigned("logout", &body).await
    }

    /// `POST /admin/v1/accept-invitation`
    pub async fn accept_invitation(&self, token: &str, password: &str) -> Answer {
        let body = json!({"token": token, "password": password});
        self.post_unsigned("accept-invitation", &body).await
    }

    /// `POST /admin/v1/{path}` without a session.
    async fn post_unsigned(&self, path: &str, body: &Value) -> Answer {
        let path = format!("/admin/v1/{path}");
        let request = self.admin_request(Method::POST, &path);
        request.json(body).answer().await
    }

    /// `GET /admin/v1/me`
    pub async fn me(&self, access_token: &str) -> Answer {
        let request = self.admin_request(Method::GET, "/admin/v1/me");
        request.bearer_auth(access_token).answer().await
    }

    /// `GET /admin/v1/{path}`
    pub async fn admin_get(&self, session: &Session, path: &str) -> Answer {
        self.admin_call(Method::GET, session, path).answer().await
    }

    /// `POST /admin/v1/{path}`
    pub async fn admin_post(&self, session: &Session, path: &str, body: &Value) -> Answer {
        let request = self.admin_call(Method::POST, session, path);
        request.json(body).answer().await
    }

    /// `PATCH /admin/v1/{path}`
    pub async fn admin_patch(&self, session: &Session, path: &str, body: &Value) -> Answer {
        let request = self.admin_call(Method::PATCH, session, path);
        request.json(body).answer().await
    }

    /// Starts a call of `/admin/v1/{path}`.
    pub fn admin_call(&self, method: Method, session: &Session, path: &str) -> RequestBuilder {
        self.admin_request(method, &format!("/admin/v1/{path}"))
            .bearer_auth(&session.access_token)
    }

    /// Any request to the port of the admin API.
    pub fn admin_request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = self.admin_address.unwrap_or(self.address);
        self.http.request(method, format!("http://{address}{path}"))
    }

    /// Waits for this many [`TestApp::audit_events`], because failures are recorded after the response.
    pub async fn audit_events_until(&self, action: &str, count: usize) -> Vec<Value> {
        let events = async || self.audit_events(action).await;
        eventually(action, events, |events| events.len() >= count).await
    }

    /// The recorded events with this action, as JSON, the oldest first.
    pub async fn audit_events(&self, action: &str) -> Vec<Value> {
        let sql = "select to_jsonb(e) from audit_events as e where action = $1 order by id";
        let rows = self.sql().await.query(sql, &[&action]).await.expect("rows");
        rows.iter().map(|row| row.get(0)).collect()
    }
}
