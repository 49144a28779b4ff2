//! Secret settings. They are masked in every output.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use redis::IntoConnectionInfo;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tokio_postgres::config::TargetSessionAttrs;

const MASK: &str = "***";
const MIN_SECRET_CHARACTERS: usize = 32;
/// A random string of 32 or more characters has more different characters, even if it is hexadecimal.
const MIN_DISTINCT_CHARACTERS: usize = 10;

/// A secret and the secrets that it replaces: the first signs, all verify.
#[derive(Clone)]
pub struct KeyList {
    current: SecretString,
    retired: Vec<SecretString>,
}

impl KeyList {
    /// The signing secret.
    #[must_use]
    pub const fn current(&self) -> &SecretString {
        &self.current
    }

    /// The secrets that only verify.
    #[must_use]
    pub fn retired(&self) -> &[SecretString] {
        &self.retired
    }
}

impl FromStr for KeyList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut secrets = text.split(',').map(|secret| {
            if secret.chars().count() < MIN_SECRET_CHARACTERS {
                return Err(format!(
                    "a secret must have at least {MIN_SECRET_CHARACTERS} characters and no comma"
                ));
            }
            check_distinct(secret)?;
            Ok(SecretString::from(secret))
        });
        let current = secrets
            .next()
            .unwrap_or_else(|| Err("a secret is missing".to_owned()))?;
        Ok(Self {
            current,
            retired: secrets.collect::<Result<_, _>>()?,
        })
    }
}

impl<'de> Deserialize<'de> for KeyList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Serialize for KeyList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&vec![MASK; 1 + self.retired.len()].join(","))
    }
}

impl fmt::Debug for KeyList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

/// A secret of any format.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Secret(SecretString);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl Secret {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

/// HTTP headers, which may contain credentials.
#[derive(Clone)]
pub struct Headers(Vec<(String, SecretString)>);

impl Headers {
    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let headers = self.0.iter();
        headers.map(|(name, value)| (name.as_str(), value.expose_secret()))
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = SecretString::from(String::deserialize(deserializer)?);
        let headers = text.expose_secret().split(',').map(|header| {
            let (name, value) = header.split_once('=')?;
            let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            let is_name = !name.trim().is_empty() && name.trim().bytes().all(is_token);
            is_name.then(|| (name.trim().to_owned(), value.trim().into()))
        });
        let headers = headers.collect::<Option<_>>();
        headers
            .map(Self)
            .ok_or_else(|| de::Error::custom("must be a list such as name=value,other=value"))
    }
}

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let masked = self.0.iter().map(|(name, _)| format!("{name}={MASK}"));
        serializer.serialize_str(&masked.collect::<Vec<_>>().join(","))
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

/// The URL of Postgres. Its password is masked.
#[derive(Clone)]
pub struct DatabaseUrl(tokio_postgres::Config);

impl DatabaseUrl {
    /// The parsed URL, as the driver takes it.
    #[must_use]
    pub const fn config(&self) -> &tokio_postgres::Config {
        &self.0
    }

    /// The hosts with their ports, such as `db.example:5432`.
    #[must_use]
    pub fn hosts(&self) -> String {
        let ports = self.0.get_ports();
        let hosts = self.0.get_hosts().iter().enumerate().map(|(index, host)| {
            let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
            match host {
                tokio_postgres::config::Host::Tcp(name) => format!("{name}:{port}"),
                #[cfg(unix)]
                tokio_postgres::config::Host::Unix(path) => format!("{}:{port}", path.display()),
            }
        });
        hosts.collect::<Vec<_>>().join(",")
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = SecretString::from(String::deserialize(deserializer)?);
        // The driver's message may contain a part of the URL, and with it a part of the password.
        let mut config: tokio_postgres::Config = text.expose_secret().parse().map_err(|_| {
            de::Error::custom("must be a URL such as postgres://user:password@host:5432/database, with percent-encoding for special characters")
        })?;
        // A standby may return outdated rows, so that an upsert would wrongly be reported as unchanged.
        if !text.expose_secret().contains("target_session_attrs=") {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        Ok(Self(config))
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let user = self.0.get_user().unwrap_or_default();
        let database = self.0.get_dbname().unwrap_or(user);
        serializer.collect_str(&format_args!(
            "postgres://{user}:{MASK}@{}/{database}",
            self.hosts()
        ))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

/// The URL of Redis. Its password is masked.
#[derive(Clone)]
pub struct RedisUrl(redis::ConnectionInfo);

impl RedisUrl {
    /// The parsed URL, as the driver takes it.
    #[must_use]
    pub const fn connection_info(&self) -> &redis::ConnectionInfo {
        &self.0
    }
}

impl<'de> Deserialize<'de> for RedisUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = SecretString::from(String::deserialize(deserializer)?);
        text.expose_secret()
            .into_connection_info()
            .map(Self)
            .map_err(|_| {
                de::Error::custom(
                    "must be a URL such as redis://:password@host:6379/0, or rediss:// for TLS",
                )
            })
    }
}

impl Serialize for RedisUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scheme = match self.0.addr() {
            redis::ConnectionAddr::TcpTls { .. } => "rediss",
            redis::ConnectionAddr::Unix(_) => "redis+unix",
            _ => "redis",
        };
        let settings = self.0.redis_settings();
        serializer.collect_str(&format_args!(
            "{scheme}://{}:{MASK}@{}/{}",
            settings.username().unwrap_or_default(),
            self.0.addr(),
            settings.db()
        ))
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

/// Rejects a secret that is easy to guess.
fn check_distinct(secret: &str) -> Result<(), String> {
    let distinct: HashSet<char> = secret.chars().collect();
    if distinct.len() < MIN_DISTINCT_CHARACTERS {
        return Err(format!(
            "a secret must have at least {MIN_DISTINCT_CHARACTERS} different characters: make one \
             with openssl rand -hex 32"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_distinct;

    #[test]
    fn a_secret_with_few_different_characters_is_rejected() {
        check_distinct("0123456789012345678901234567890123456789").unwrap();
        for secret in ["a".repeat(64), "012345678".repeat(8)] {
            assert!(check_distinct(&secret).is_err(), "{secret}");
        }
    }
}
