//! How settings are written.

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

/// A list, or, in a variable, a text with commas.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let networks: Vec<IpNet> = texts(deserializer)?
        .iter()
        .map(|text| {
            text.parse().map_err(|_| {
                de::Error::custom(format_args!("{text:?} is no network such as 10.0.0.0/8"))
            })
        })
        .collect::<Result<_, _>>()?;
    // Also where several networks make up all addresses.
    let widest = IpNet::aggregate(&networks);
    match widest.iter().find(|network| network.prefix_len() == 0) {
        Some(everybody) => Err(de::Error::custom(format_args!(
            "{everybody} is every address there is: name the networks of the proxies alone"
        ))),
        None => Ok(networks),
    }
}

/// A list, or, in a variable, a text with commas.
pub(super) fn paths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
    let texts = texts(deserializer)?;
    Ok(texts.into_iter().map(PathBuf::from).collect())
}

/// The quota of two settings of a section, the first of which is called `name`. A section says itself
/// which of its settings do not fit together.
pub(super) fn quota(name: &str, limit: u32, window: Duration) -> Result<Quota, String> {
    Quota::new(limit, window).map_err(|error| format!("{name}: {error}"))
}

/// Texts such as `500ms`, `60s` and `24h`.
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
                "{text:?} is no duration such as 500ms, 60s or 24h"
            ))
        })
    }

    pub(in crate::config) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        // As people write it: humantime would say 400d in years and months.
        let seconds = duration.as_secs();
        if seconds > 0 && seconds.is_multiple_of(DAY) && duration.subsec_nanos() == 0 {
            return serializer.collect_str(&format_args!("{}d", seconds / DAY));
        }
        serializer.collect_str(&humantime::format_duration(*duration))
    }
}
