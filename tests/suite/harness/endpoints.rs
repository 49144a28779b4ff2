//! A method for each endpoint.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::app::TestApp;
use super::documented::check_documented;
use super::http::Answer;

impl TestApp {
    /// `POST /public/v1/contacts`
    pub async fn upsert(&self, key: &str, body: &Value) -> Answer {
        self.post_contact(key).json(body).answer().await
    }

    /// `POST /public/v1/contacts` with any text as body.
    pub async fn upsert_text(&self, key: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.post_contact(key)
            .header("content-type", "application/json")
            .body(body)
            .answer()
            .await
    }

    /// Starts `POST /public/v1/contacts`.
    pub fn post_contact(&self, key: &str) -> RequestBuilder {
        self.request(Method::POST, "/public/v1/contacts")
            .bearer_auth(key)
    }

    /// `POST /public/v1/contacts/batch`
    pub async fn upsert_batch(&self, key: &str, contacts: &[Value]) -> Answer {
        let request = self.contact(Method::POST, key, "batch");
        let body = json!({"contacts": contacts});
        request.json(&body).answer().await
    }

    /// `GET /public/v1/contacts/{rest}`
    pub async fn get_contact(&self, key: &str, rest: &str) -> Answer {
        self.contact(Method::GET, key, rest).answer().await
    }

    /// `GET /public/v1/contacts?{query}`
    pub async fn list_contacts(&self, key: &str, query: &str) -> Answer {
        let path = format!("/public/v1/contacts?{query}");
        self.request(Method::GET, &path)
            .bearer_auth(key)
            .answer()
            .await
    }

    /// `PUT /public/v1/contacts/{id}`
    pub async fn put_contact(&self, key: &str, id: &str, body: &Value) -> Answer {
        self.contact(Method::PUT, key, id).json(body).answer().await
    }

    /// `DELETE /public/v1/contacts/{id}`
    pub async fn delete_contact(&self, key: &str, id: &str) -> Answer {
        self.contact(Method::DELETE, key, id).answer().await
    }

    /// `POST /public/v1/contacts/{id}/erase`
    pub async fn erase_contact(&self, key: &str, id: &str) -> Answer {
        let path = format!("{id}/erase");
        self.contact(Method::POST, key, &path).answer().await
    }

    /// `DELETE /public/v1/suppressions`
    pub async fn lift_suppressions(&self, key: &str, body: &Value) -> Answer {
        self.request(Method::DELETE, "/public/v1/suppressions")
            .bearer_auth(key)
            .json(body)
            .answer()
            .await
    }

    /// `POST /public/v1/custom-fields`
    pub async fn define(&self, key: &str, body: &Value) -> Answer {
        let request = self.custom_fields(Method::POST, key, "");
        request.json(body).answer().await
    }

    /// `PATCH /public/v1/custom-fields/{field}`
    pub async fn redefine(&self, key: &str, field: &str, body: &Value) -> Answer {
        let request = self.custom_fields(Method::PATCH, key, &format!("/{field}"));
        request.json(body).answer().await
    }

    /// Starts a request for `/public/v1/custom-fields{rest}`.
    pub fn custom_fields(&self, method: Method, key: &str, rest: &str) -> RequestBuilder {
        self.request(method, &format!("/public/v1/custom-fields{rest}"))
            .bearer_auth(key)
    }

    /// Starts a request for `/public/v1/contacts/{rest}`.
    pub fn contact(&self, method: Method, key: &str, rest: &str) -> RequestBuilder {
        self.request(method, &format!("/public/v1/contacts/{rest}"))
            .bearer_auth(key)
    }

    /// Any request to the public port.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("http://{}{path}", self.address))
    }

    /// `GET` from the operations port.
    pub async fn ops(&self, path: &str) -> Answer {
        self.http
            .get(format!("http://{}{path}", self.ops_address))
            .answer()
            .await
    }

    /// The value of the metric whose line has these words, or 0.
    pub async fn metric(&self, words: &[&str]) -> f64 {
        self.ops("/metrics").await.metric(words)
    }
}

/// Sends a request and reads the whole response.
pub trait SendAndRead {
    /// The whole response.
    fn answer(self) -> impl Future<Output = Answer>;
}

impl SendAndRead for RequestBuilder {
    async fn answer(self) -> Answer {
        let (client, request) = self.build_split();
        let request = request.expect("a request");
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = client.execute(request).await.expect("the service answers");
        let answer = Answer::read(response).await;
        check_documented(&method, &path, &answer);
        answer
    }
}
