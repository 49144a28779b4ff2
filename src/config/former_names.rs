//! Former names of settings. One release accepts them, and warns.

/// Renamed settings and sections: the former name, then the current one. A setting comes before its section.
pub const FORMER_NAMES: [(&str, &str); 2] = [
    ("groups.at_once", "batching.direct_connections"),
    ("groups", "batching"),
];

/// One place that sets a setting.
pub(super) struct Use {
    /// The name in this place, as `section.key`.
    pub(super) name: String,
    /// The current name.
    pub(super) setting: String,
    /// What to call the place in a message: a variable, or a name in a file.
    pub(super) origin: String,
}

/// Two places that set one setting by different names.
pub(super) struct Conflict {
    /// The place with the former name.
    pub(super) former: String,
    /// The other place.
    pub(super) other: String,
}

/// The current name of a setting with a former name.
pub(super) fn current_name(name: &str) -> Option<String> {
    FORMER_NAMES.iter().find_map(|(former, current)| {
        let rest = name.strip_prefix(former)?;
        (rest.is_empty() || rest.starts_with('.')).then(|| format!("{current}{rest}"))
    })
}

/// Says which former names are used.
///
/// # Errors
/// If one setting has several names, even in different layers: a reader could not tell which one wins.
pub(super) fn check(uses: &mut [Use]) -> Result<Vec<String>, Conflict> {
    uses.sort_by(|a, b| (&a.setting, &a.origin).cmp(&(&b.setting, &b.origin)));
    let former = uses.iter().filter(|it| it.name != it.setting);
    former
        .map(|it| {
            let mut others = uses.iter();
            match others.find(|other| other.setting == it.setting && other.name != it.name) {
                Some(other) => Err(Conflict {
                    former: it.origin.clone(),
                    other: other.origin.clone(),
                }),
                None => Ok(format!("{} is now {}", it.origin, it.current_origin())),
            }
        })
        .collect()
}

impl Use {
    /// The name of the variable with the current name, or the current name itself.
    fn current_origin(&self) -> String {
        let variable = |name: &str| name.replace('.', "__").to_uppercase();
        match self.origin.strip_suffix(&variable(&self.name)) {
            Some(prefix) => format!("{prefix}{}", variable(&self.setting)),
            None => self.setting.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::current_name;

    #[test]
    fn a_setting_is_renamed_before_its_section() {
        for (name, current) in [
            ("groups.at_once", Some("batching.direct_connections")),
            ("groups.size", Some("batching.size")),
            ("groupings.size", None),
            ("batching.size", None),
        ] {
            assert_eq!(current_name(name).as_deref(), current);
        }
    }
}
