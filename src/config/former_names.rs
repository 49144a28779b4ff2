//! Former names of settings. One release accepts them, and warns.

use std::collections::HashMap;

use super::layers::{ConfigError, FILE_SUFFIX, Layer, VARIABLE_PREFIX};

/// Renamed settings and sections: the former name, then the current one. A setting comes before its section.
pub const FORMER_NAMES: [(&str, &str); 2] = [
    ("groups.at_once", "batching.direct_connections"),
    ("groups", "batching"),
];

/// One place that sets a setting.
struct Use {
    /// The name in this place, as `section.key`.
    name: String,
    /// The current name.
    setting: String,
    /// What to call the place in a message: a variable, or a name in a file.
    origin: String,
}

/// Gives all settings their current names. The result says which were renamed.
///
/// # Errors
/// If one setting has several names, even in different layers: a reader could not tell which one wins.
pub(super) fn replace(layers: &mut [Layer]) -> Result<Vec<String>, ConfigError> {
    let mut uses: Vec<Use> = Vec::new();
    for layer in layers {
        let mut renamed = HashMap::with_capacity(layer.0.len());
        for (name, (value, origin)) in layer.0.drain() {
            let setting = current_name(&name);
            uses.push(Use {
                name,
                setting: setting.clone(),
                origin: origin.clone(),
            });
            renamed.insert(setting, (value, origin));
        }
        layer.0 = renamed;
    }
    uses.sort_by(|a, b| (&a.setting, &a.origin).cmp(&(&b.setting, &b.origin)));

    let former = uses.iter().filter(|it| it.name != it.setting);
    former
        .map(|it| {
            let mut others = uses.iter();
            match others.find(|other| other.setting == it.setting && other.name != it.name) {
                Some(other) => Err(ConfigError::SeveralNames {
                    former: it.origin.clone(),
                    other: other.origin.clone(),
                }),
                None => Ok(format!("{} is now {}", it.origin, it.current_origin())),
            }
        })
        .collect()
}

fn current_name(name: &str) -> String {
    let renamed = FORMER_NAMES.iter().find_map(|(former, current)| {
        let rest = name.strip_prefix(former)?;
        let is_it = rest.is_empty() || rest == FILE_SUFFIX || rest.starts_with('.');
        is_it.then(|| format!("{current}{rest}"))
    });
    renamed.unwrap_or_else(|| name.to_owned())
}

impl Use {
    fn current_origin(&self) -> String {
        if self.origin.starts_with(VARIABLE_PREFIX) {
            let path = self.setting.replace('.', "__").to_uppercase();
            format!("{VARIABLE_PREFIX}{path}")
        } else {
            self.setting.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::current_name;

    #[test]
    fn a_setting_is_renamed_before_its_section() {
        for (name, current) in [
            ("groups.at_once", "batching.direct_connections"),
            (
                "batching.direct_connections_file",
                "batching.direct_connections_file",
            ),
            ("batching.size", "batching.size"),
            ("groupings.size", "groupings.size"),
            ("batching.size", "batching.size"),
        ] {
            assert_eq!(current_name(name), current);
        }
    }
}
