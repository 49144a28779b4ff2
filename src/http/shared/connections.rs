//! Limits the connections of one client address, and how long a client may leave a response unread.

use std::any::Any;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::Extensions;
use actix_web::http::ConnectionType;
use actix_web::rt::net::TcpStream;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use socket2::SockRef;

use super::client_address::TrustedProxies;
use super::error::ApiError;
use crate::fair_share::{BoundReached, FairShares, Holder, Resource, Share};

/// Counts the connections of a port.
#[derive(Clone)]
pub struct Connections {
    shares: Arc<FairShares>,
    trusted_proxies: Arc<TrustedProxies>,
    write_timeout: Duration,
}

/// A connection's share of the connections of its address, or the bound that was reached.
struct Admission(Result<Share, BoundReached>);

impl Connections {
    /// Counts connections in `shares`, except those of trusted proxies, which many clients share. A
    /// client may leave a response unread for `write_timeout`.
    #[must_use]
    pub const fn new(
        shares: Arc<FairShares>,
        trusted_proxies: Arc<TrustedProxies>,
        write_timeout: Duration,
    ) -> Self {
        Self {
            shares,
            trusted_proxies,
            write_timeout,
        }
    }

    /// Counts a new connection until it is closed.
    pub fn begin(&self, connection: &dyn Any, data: &mut Extensions) {
        let stream = connection.downcast_ref::<TcpStream>().or_else(|| {
            Some(
                connection
                    .downcast_ref::<TlsStream<TcpStream>>()?
                    .get_ref()
                    .0,
            )
        });
        let Some((stream, peer)) = stream.and_then(|it| Some((it, it.peer_addr().ok()?))) else {
            return;
        };
        limit_writes(stream, self.write_timeout);
        let address = peer.ip().to_canonical();
        if !self.trusted_proxies.trusts(address) {
            data.insert(Admission(self.admit(address)));
        }
    }

    fn admit(&self, address: IpAddr) -> Result<Share, BoundReached> {
        let holder = Holder::Address(address.into());
        self.shares.take(holder, Resource::Connections, 1)
    }
}

/// Closes a connection whose peer acknowledges no byte for this long (`TCP_USER_TIMEOUT`, RFC 5482).
fn limit_writes(stream: &TcpStream, timeout: Duration) {
    #[cfg(target_os = "linux")]
    if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(timeout)) {
        tracing::debug!(%error, "cannot set the write timeout of a connection");
    }
}

/// The response to a request on a connection beyond the limit of its address. It closes the connection.
pub(in crate::http) fn refused(request: &HttpRequest) -> Option<HttpResponse> {
    let Admission(Err(bound)) = request.conn_data()? else {
        return None;
    };
    let mut response = ApiError::from(*bound).error_response();
    response
        .head_mut()
        .set_connection_type(ConnectionType::Close);
    Some(response)
}
