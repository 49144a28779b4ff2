//! The console for a browser that follows no redirects.

use reqwest::{Client, Method, RequestBuilder, redirect};
use rubrica::domain::{CompanyId, Role};

use super::administration::PASSWORD;
use super::app::TestApp;
use super::endpoints::SendAndRead;
use super::http::Answer;

/// An administrator who is signed in to the console.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The name and the value of the session's cookie.
    pub cookie: String,
    /// The form token of the session.
    pub form_token: String,
}

impl TestApp {
    /// An operator, signed in to the console.
    pub async fn visiting_operator(&self) -> Visitor {
        self.visitor("operator@example.com", Role::Operator).await
    }

    /// The administrator of a company, signed in to the console.
    pub async fn visiting_admin(&self, company: CompanyId) -> Visitor {
        let email = format!("admin-of-{company}@example.com");
        self.visitor(&email, Role::CompanyAdmin(company)).await
    }

    async fn visitor(&self, email: &str, role: Role) -> Visitor {
        self.admin(email, role).await;
        let answer = self.console_sign_in(email, PASSWORD).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let mut visitor = Visitor {
            cookie: cookie(&answer, "__Host-rubrica-session").expect("a session"),
            form_token: String::new(),
        };
        let page = self.page(&visitor, "account").await;
        visitor.form_token = hidden(&page.text, "form_token").expect("a form");
        visitor
    }

    /// `POST /console/sign-in`
    pub async fn console_sign_in(&self, email: &str, password: &str) -> Answer {
        self.console(Method::POST, "/sign-in")
            .header("sec-fetch-site", "same-origin")
            .form(&[("email", email), ("password", password)])
            .answer()
            .await
    }

    /// `GET /console/{path}`
    pub async fn page(&self, visitor: &Visitor, path: &str) -> Answer {
        self.visit(Method::GET, visitor, path).answer().await
    }

    /// `POST /console/{path}`, from a page of this session.
    pub async fn submit(&self, visitor: &Visitor, path: &str, form: &[(&str, &str)]) -> Answer {
        let token = ("form_token", visitor.form_token.as_str());
        let form = [form, &[token]].concat();
        self.visit(Method::POST, visitor, path)
            .header("sec-fetch-site", "same-origin")
            .form(&form)
            .answer()
            .await
    }

    /// Starts a request for `/console/{path}` with the session's cookie.
    pub fn visit(&self, method: Method, visitor: &Visitor, path: &str) -> RequestBuilder {
        self.console(method, &format!("/{path}"))
            .header("cookie", &visitor.cookie)
    }

    /// Starts a request for `/console{path}` without a session.
    pub fn console(&self, method: Method, path: &str) -> RequestBuilder {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none());
        let address = self.admin_address.unwrap_or(self.address);
        let url = format!("http://{address}/console{path}");
        client.build().expect("a client").request(method, url)
    }
}

/// The name and the value of a cookie that an answer sets.
pub fn cookie(answer: &Answer, name: &str) -> Option<String> {
    set_cookie(answer, name).map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned())
}

/// The whole `Set-Cookie` header of a cookie.
pub fn set_cookie(answer: &Answer, name: &str) -> Option<String> {
    let cookies = answer.headers.get_all("set-cookie").iter();
    let mut cookies = cookies.filter_map(|cookie| cookie.to_str().ok());
    let found = cookies.find(|cookie| cookie.starts_with(&format!("{name}=")));
    found.map(str::to_owned)
}

/// The value of a hidden field of a page.
pub fn hidden(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    rest.split('"').next().map(str::to_owned)
}
