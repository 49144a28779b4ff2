//! HTTP responses.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// The status, headers and body of a response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// Reads a response to its end.
    pub async fn read(response: reqwest::Response) -> Self {
        let status: StatusCode = response.status();
        let headers = response.headers().clone();
        let text = response.text().await.expect("a body arrives");
        Self {
            status: status.as_u16(),
            headers,
            text,
        }
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|_| panic!("{}: the body is no JSON: {}", self.status, self.text))
    }

    /// The sum of the metrics whose lines have all of these words.
    pub fn metric(&self, words: &[&str]) -> f64 {
        self.text
            .lines()
            .filter(|line| !line.starts_with('#') && words.iter().all(|word| line.contains(word)))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }

    /// A header as text.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let value = self
            .headers
            .get(name)
            .unwrap_or_else(|| panic!("no header {name}: {self:?}"));
        value.to_str().expect("a header is text")
    }

    /// The result of a successful upsert.
    #[track_caller]
    pub fn result(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        let mut results: Vec<Value> = serde_json::from_str(&self.text).expect("an array");
        assert_eq!(results.len(), 1, "{}", self.text);
        results.remove(0)
    }

    /// The `error` of a response with this status and code.
    #[track_caller]
    pub fn error(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        let error = self.json()["error"].clone();
        assert_eq!(error["code"], code, "{}", self.text);
        assert!(error["message"].is_string(), "{}", self.text);
        error
    }
}
