//! `config/default.toml` is the documentation of every setting.

use std::collections::BTreeMap;

use super::load;

const DEFAULTS: &str = include_str!("../../../config/default.toml");

/// The settings that the file names, as `section.key`, commented out or not, each with whether a
/// comment stands above it or above its neighbours.
pub fn described() -> BTreeMap<String, bool> {
    let mut settings = BTreeMap::new();
    let mut section = "";
    let mut is_described = false;
    for line in DEFAULTS.lines() {
        let setting = line.trim_start_matches("# ").split_once(" = ");
        let name = setting.map(|(name, _)| name).filter(|name| {
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        });
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            is_described = false;
        } else if let Some(name) = name {
            settings.insert(format!("{section}.{name}"), is_described);
        } else {
            is_described = line.starts_with("# ");
        }
    }
    settings
}

#[test]
fn every_setting_is_named_and_described() {
    let every_option = [
        ("RUBRICA__HTTP__TLS_CERTIFICATE", "x"),
        ("RUBRICA__HTTP__TLS_KEY", "x"),
        ("RUBRICA__ADMIN__LISTEN", "127.0.0.1:0"),
        ("RUBRICA__AUTH__JWT_PRIVATE_KEY", "x"),
        ("RUBRICA__AUTH__JWT_PUBLIC_KEYS", "x"),
        ("RUBRICA__DATABASE__MIGRATE_URL", "postgres://localhost"),
        ("RUBRICA__DATABASE__SERVICE_ROLE", "x"),
        ("RUBRICA__REDIS__URL", "redis://localhost"),
        ("RUBRICA__OIDC__ISSUER", "https://accounts.example.com"),
        ("RUBRICA__OIDC__CLIENT_ID", "x"),
        ("RUBRICA__OIDC__CLIENT_SECRET", "x"),
        (
            "RUBRICA__OIDC__REDIRECT_URL",
            "https://admin.example.com/console/oidc/callback",
        ),
        ("RUBRICA__TRACES__ENDPOINT", "http://localhost"),
        ("RUBRICA__TRACES__HEADERS", "a=b"),
    ];
    let settings = load(None, &every_option).unwrap();

    let shown = toml::Table::try_from(&settings).unwrap();
    let names: Vec<String> = shown
        .iter()
        .flat_map(|(section, keys)| {
            let keys = keys.as_table().expect("a section");
            keys.keys().map(move |key| format!("{section}.{key}"))
        })
        .collect();

    let described = described();
    for name in &names {
        assert_eq!(
            described.get(name),
            Some(&true),
            "{name} in config/default.toml"
        );
    }
    for name in described.keys() {
        assert!(
            names.contains(name),
            "{name} is described and does not exist"
        );
    }
}
