//! The formats of setting values.

use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

use crate::domain::Quota;

fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Texts {
        List(Vec<String>),
        Text(String),
    }

    Ok(match Texts::deserialize(deserializer)? {
        Texts::List(texts) => texts,
        Texts::Text(text) => text.split(',').map(|item| item.trim().to_owned()).collect(),
    })
}

/// A list in a file, or a comma-separated string in an environment variable.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let networks: Vec<IpNet> = texts(deserializer)?
        .iter()
        .map(|text| {
            text.parse().map_err(|_| {
                de::Error::custom(format_args!(
                    "{text:?} is not a network: write it as 10.0.0.0/8"
                ))
            })
        })
        .collect::<Result<_, _>>()?;
    // Several networks together may also cover all addresses.
    let widest = IpNet::aggregate(&networks);
    match widest.iter().find(|network| network.prefix_len() == 0) {
        Some(everybody) => Err(de::Error::custom(format_args!(
            "{everybody} covers all addresses: list only the networks of the proxies"
        ))),
        None => Ok(networks),
    }
}

/// A list in a file, or a comma-separated string in an environment variable.
pub(super) fn paths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
    let texts = texts(deserializer)?;
    Ok(texts.into_iter().map(PathBuf::from).collect())
}

/// Builds the quota of two settings. `name` is the full name of the first one, which the error names.
pub(super) fn quota(name: &str, limit: u32, window: Duration) -> Result<Quota, String> {
    Quota::new(limit, window).map_err(|error| format!("{name}: {error}"))
}

/// Durations such as `500ms`, `60s` and `24h`.
pub(super) mod duration {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de};

    const DAY: u64 = 24 * 60 * 60;

    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_duration(&text).map_err(|_| {
            de::Error::custom(format_args!(
                "{text:?} is not a duration: write it as 500ms, 60s or 24h"
            ))
        })
    }

    pub(in crate::config) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        // humantime would write 400d in years and months.
        let seconds = duration.as_secs();
        if seconds > 0 && seconds.is_multiple_of(DAY) && duration.subsec_nanos() == 0 {
            return serializer.collect_str(&format_args!("{}d", seconds / DAY));
        }
        serializer.collect_str(&humantime::format_duration(*duration))
    }
}
