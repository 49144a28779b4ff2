//! Permissions: every operation of the document, called by each role.

use rubrica::domain::{CompanyId, Email, Role};
use serde_json::{Value, json};

use crate::harness::{Answer, SendAndRead, Session, TestApp};
use crate::openapi::{Operation, Specification};

/// The status of each operation for an operator, for an administrator of the company, and for an
/// administrator of another company. Lists hold only what the caller may see.
const TABLE: [(&str, [u16; 3]); 25] = [
    ("listCompanies", [200, 200, 200]),
    ("createCompany", [201, 403, 403]),
    ("getCompany", [200, 200, 404]),
    ("updateCompany", [200, 200, 404]),
    ("listKeys", [200, 200, 404]),
    ("createKey", [201, 201, 404]),
    ("getKey", [200, 200, 404]),
    ("updateKey", [200, 200, 404]),
    ("rotateKey", [201, 201, 404]),
    ("revokeKey", [200, 200, 404]),
    ("getKeyUsage", [200, 200, 404]),
    ("listAdmins", [200, 200, 200]),
    ("inviteAdmin", [201, 201, 404]),
    ("getAdmin", [200, 200, 404]),
    ("deleteAdmin", [204, 403, 404]),
    ("inviteAdminAgain", [200, 200, 404]),
    ("disableAdmin", [200, 200, 404]),
    ("enableAdmin", [200, 200, 404]),
    ("listAuditEvents", [200, 200, 404]),
    ("getMe", [200, 200, 200]),
    // For the own account only; here with a wrong password.
    ("changePassword", [422, 422, 422]),
    // The status depends on what is sent, not on the caller.
    ("signIn", [401, 401, 401]),
    ("refresh", [401, 401, 401]),
    ("signOut", [204, 204, 204]),
    ("acceptInvitation", [422, 422, 422]),
];

/// The company that the operations act on.
struct Target<'a> {
    app: &'a TestApp,
    company: CompanyId,
}

/// Its records that operations may name.
struct Things {
    client: String,
    admin: String,
    new_email: String,
}

impl Target<'_> {
    /// A key and an administrator of their own for each call.
    async fn things(&self) -> Things {
        let app = self.app;
        let number = app.count("select count(*) from admins").await;
        let email = format!("colleague-{number}@example.com");
        let (administration, principal) = app.administration();
        let invited = administration
            .invite_admin(
                &principal,
                &Email::parse(&email).expect("an address"),
                Role::CompanyAdmin(self.company),
            )
            .await;
        Things {
            client: app.key(self.company, |_| {}).await.client.to_string(),
            admin: invited
                .expect("an administrator")
                .admin
                .admin_id
                .to_string(),
            new_email: format!("new-{number}@example.com"),
        }
    }

    /// Calls an operation on this company and its records.
    async fn call(
        &self,
        operation: &Operation<'_>,
        things: &Things,
        session: Option<&Session>,
    ) -> Answer {
        let path = operation
            .path
            .replace("{companyId}", &self.company.to_string())
            .replace("{clientId}", &things.client)
            .replace("{adminId}", &things.admin);
        let query = match operation.value["operationId"].as_str() {
            Some("listAuditEvents") => format!("?companyId={}", self.company),
            _ => String::new(),
        };
        let path = format!("{path}{query}");
        let request = self.app.admin_request(operation.method.clone(), &path);
        let request = match session {
            Some(session) => request.bearer_auth(&session.access_token),
            None => request,
        };
        match self.body(operation, things) {
            Some(body) => request.json(&body).answer().await,
            None => request.answer().await,
        }
    }

    /// The body of the example, about this company, without what only operators set.
    fn body(&self, operation: &Operation<'_>, things: &Things) -> Option<Value> {
        let content = operation
            .value
            .pointer("/requestBody/content/application~1json")?;
        let mut body = content["example"].clone();
        let members = body.as_object_mut().expect("an object");
        members.remove("rateLimit");
        for (name, value) in [
            ("companyId", json!(self.company)),
            ("email", json!(things.new_email)),
            ("currentPassword", json!("not what it is")),
        ] {
            if members.contains_key(name) {
                members.insert(name.to_owned(), value);
            }
        }
        Some(body)
    }

    /// Everything that administrators can read of this company.
    async fn contents(&self) -> String {
        let sql = "select string_agg(line, chr(10) order by line) from (
            select companies::text as line from companies where id = $1
            union all select api_keys::text from api_keys where company_id = $1
            union all select admins::text from admins where company_id = $1
            union all select audit_events::text from audit_events where company_id = $1
        ) as lines";
        let row = self
            .app
            .sql()
            .await
            .query_one(sql, &[&self.company.get()])
            .await;
        row.expect("a text").get(0)
    }
}

fn expected(operation: &Operation<'_>) -> [u16; 3] {
    let id = operation.value["operationId"].as_str().expect("an id");
    let row = TABLE.iter().find(|(name, _)| *name == id);
    row.unwrap_or_else(|| panic!("{id} is a new operation: say above who may do it"))
        .1
}

#[tokio::test]
async fn each_role_has_its_permissions_and_other_companies_are_not_found() {
    let settings = [
        ("auth.failure_limit", "10000"),
        ("admin.sign_in_limit", "1000"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let specification = Specification::of_administration(&app).await;
    let (company, other) = (app.tenant().await.company, app.tenant().await.company);
    let sessions = [
        app.operator().await,
        app.company_admin(company).await,
        app.company_admin(other).await,
    ];
    let target = Target { app: &app, company };

    let operations = specification.operations();
    assert_eq!(operations.len(), TABLE.len());
    for operation in &operations {
        for (session, status) in sessions.iter().zip(expected(operation)) {
            let things = target.things().await;
            let answer = target.call(operation, &things, Some(session)).await;

            let what = format!("{} as {}", operation.name(), session.email);
            assert_eq!(answer.status, status, "{what}: {}", answer.text);
            specification.check_answer(operation, &answer);
        }
    }
}

#[tokio::test]
async fn company_administrators_neither_see_nor_change_another_company() {
    let settings = [
        ("auth.failure_limit", "10000"),
        ("admin.sign_in_limit", "1000"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let specification = Specification::of_administration(&app).await;
    let (company, other) = (app.tenant().await.company, app.tenant().await.company);
    let stranger = app.company_admin(other).await;
    let target = Target { app: &app, company };

    for operation in specification.operations() {
        let things = target.things().await;
        let before = target.contents().await;

        let answer = target.call(&operation, &things, Some(&stranger)).await;

        let what = operation.name();
        assert_eq!(target.contents().await, before, "{what}");
        let own = format!("\"companyId\":\"{company}\"");
        for hidden in ["colleague-", &things.client, &own] {
            assert!(!answer.text.contains(hidden), "{what}: {}", answer.text);
        }
    }
    let sql = "select count(*) from audit_events as e
        inner join admins on e.actor = 'admin:' || admins.id
        where e.company_id is distinct from admins.company_id";
    assert_eq!(app.count(sql).await, 0);
}

#[tokio::test]
async fn without_an_access_token_only_the_sign_in_endpoints_answer() {
    let settings = [
        ("auth.failure_limit", "10000"),
        ("admin.sign_in_limit", "1000"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let specification = Specification::of_administration(&app).await;
    let tenant = app.tenant().await;
    let target = Target {
        app: &app,
        company: tenant.company,
    };
    let with_key = Session {
        access_token: tenant.key,
        admin: String::new(),
        email: String::new(),
        refresh_token: String::new(),
    };

    for operation in specification.operations() {
        let is_open = operation.value["security"] == json!([]);
        let expected = expected(&operation)[0];
        for session in [None, Some(&with_key)] {
            let things = target.things().await;
            let answer = target.call(&operation, &things, session).await;

            let status = if is_open { expected } else { 401 };
            assert_eq!(
                answer.status,
                status,
                "{}: {}",
                operation.name(),
                answer.text
            );
            specification.check_answer(&operation, &answer);
        }
    }
}

#[tokio::test]
async fn only_operators_set_limits_suspend_companies_and_invite_operators() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (company, client) = (tenant.company, &tenant.client);
    let admin = app.company_admin(company).await;
    let operator = app.operator().await;
    let invitation = json!({"email": "new@example.com", "role": "operator"});
    let companies = format!("companies/{company}");
    let keys = format!("companies/{company}/keys");

    for (method, path, body) in [
        ("PATCH", companies.clone(), json!({"rateLimit": "1/1s"})),
        ("PATCH", companies.clone(), json!({"rateLimit": null})),
        ("PATCH", companies.clone(), json!({"suspended": false})),
        (
            "PATCH",
            format!("keys/{client}"),
            json!({"rateLimit": "1/1s"}),
        ),
        (
            "PATCH",
            format!("keys/{client}"),
            json!({"rateLimit": null}),
        ),
        ("POST", keys, json!({"name": "shop", "rateLimit": "1/1s"})),
        ("POST", "admins".to_owned(), invitation),
    ] {
        let call = async |session: &Session| {
            let request = app.admin_call(method.parse().unwrap(), session, &path);
            request.json(&body).answer().await
        };
        let refused = call(&admin).await;
        let error = refused.error(403, "forbidden");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("only operators"), "{path}: {message}");
        let allowed = call(&operator).await;
        assert!(allowed.status < 300, "{path}: {}", allowed.text);
    }
}

#[tokio::test]
async fn administrators_of_a_suspended_company_may_read_but_not_change() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let admin = app.company_admin(tenant.company).await;
    let operator = app.operator().await;
    let company = format!("companies/{}", tenant.company);

    let suspended = app
        .admin_patch(&operator, &company, &json!({"suspended": true}))
        .await;
    assert_eq!(suspended.status, 200);

    assert_eq!(app.admin_get(&admin, &company).await.status, 200);
    let rename = app
        .admin_patch(&admin, &company, &json!({"name": "New"}))
        .await;
    rename.error(403, "forbidden");
    let own = format!("admins/{}", admin.admin);
    let invitation = json!({"email": "new@example.com", "role": "company_admin",
        "companyId": tenant.company.to_string()});
    for (path, body) in [
        (format!("{company}/keys"), json!({"name": "shop"})),
        (format!("keys/{}/revoke", tenant.client), json!({})),
        (
            format!("keys/{}/rotate", tenant.client),
            json!({"graceDays": 1}),
        ),
        ("admins".to_owned(), invitation),
        (format!("{own}/invite"), json!({})),
        (format!("{own}/enable"), json!({})),
    ] {
        let refused = app.admin_post(&admin, &path, &body).await;
        refused.error(403, "forbidden");
    }
    let change = app
        .admin_patch(
            &admin,
            &format!("keys/{}", tenant.client),
            &json!({"name": "New"}),
        )
        .await;
    change.error(403, "forbidden");
    let sql =
        "select count(*) from audit_events where actor = 'admin:1' and action <> 'admin.sign_in'";
    assert_eq!(app.count(sql).await, 0);
}
