//! A trace collector for OTLP over HTTP.

use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer, web};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use super::eventually::eventually;

type Spans = Arc<Mutex<Vec<Span>>>;

/// Keeps all spans that are sent to it.
pub struct Collector {
    spans: Spans,
    port: u16,
    server: ServerHandle,
}

impl Collector {
    /// Listens on a port of its own.
    pub fn start() -> Self {
        let spans = Spans::default();
        let data = Data::from(Arc::clone(&spans));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/v1/traces", web::post().to(take))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .expect("a port is free");
        let port = server.addrs()[0].port();
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            spans,
            port,
            server: handle,
        }
    }

    /// The URL that accepts spans.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1/traces", self.port)
    }

    /// All spans up to now.
    pub fn spans(&self) -> Vec<Span> {
        self.spans.lock().unwrap().clone()
    }

    /// Waits until the spans are complete, and returns all.
    pub async fn until(&self, are_there: impl Fn(&[Span]) -> bool) -> Vec<Span> {
        eventually("spans", async || self.spans(), |spans| are_there(spans)).await
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // It ends with its runtime, too.
        drop(self.server.stop(false));
    }
}

async fn take(spans: Data<Mutex<Vec<Span>>>, body: Bytes) -> HttpResponse {
    let request = ExportTraceServiceRequest::decode(body).expect("an export");
    let sent = request
        .resource_spans
        .into_iter()
        .flat_map(|resource| resource.scope_spans)
        .flat_map(|scope| scope.spans);
    spans.lock().unwrap().extend(sent);
    HttpResponse::Ok().finish()
}
