//! Reads [`Settings`] from files and environment variables. Later layers override earlier ones.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use config::{Config, Value, ValueKind};

use super::former_names::{self, Conflict, Use, current_name};
use super::{Settings, secret_quality};

const DEFAULTS: &str = include_str!("../../config/default.toml");
const VARIABLE_PREFIX: &str = "RUBRICA__";
const FILE_SUFFIX: &str = "_file";
const WELL_KNOWN_VARIABLES: [(&str, &str); 4] = [
    ("DATABASE_URL", "database.url"),
    ("DATABASE_URL_FILE", "database.url_file"),
    ("REDIS_URL", "redis.url"),
    ("REDIS_URL_FILE", "redis.url_file"),
];

pub(super) const DATABASE_URL: &str = "database.url";
pub(super) const MIGRATE_URL: &str = "database.migrate_url";
pub(super) const REDIS_URL: &str = "redis.url";
pub(super) const TOKEN_KEY: &str = "auth.token_key";
const CLIENT_SECRET: &str = "oidc.client_secret";

/// The required secrets.
const REQUIRED: [&str; 4] = [
    DATABASE_URL,
    TOKEN_KEY,
    "auth.jwt_key",
    "privacy.suppression_key",
];

/// The settings that may be read from a file of their own (`section.key_file`).
const SECRETS: [&str; 8] = [
    DATABASE_URL,
    MIGRATE_URL,
    REDIS_URL,
    TOKEN_KEY,
    "auth.jwt_key",
    "privacy.suppression_key",
    "traces.headers",
    CLIENT_SECRET,
];

/// Why the configuration is invalid. The text names the setting, the variable or the file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read {path} ({named_by}): {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The setting or option that names it.
        named_by: String,
        /// The error of the system. It is not named `source`, because the text contains it already.
        cause: std::io::Error,
    },
    /// A configuration file is not TOML, or not a table of sections.
    #[error("{path} is not a configuration file: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// A secret is set twice in one layer.
    #[error("{0} is set, and so is the same setting without _FILE: set only one of them")]
    GivenTwice(String),
    /// A setting has its former name in one place, and another name in another place.
    #[error("{former} and {other} are the same setting: remove {former}, which is a former name")]
    SeveralNames {
        /// The variable, or the name in a file, to remove.
        former: String,
        /// The other one.
        other: String,
    },
    /// Required secrets are not set.
    #[error(
        "configuration: missing {0}: set each in a file or an environment variable, such as RUBRICA__AUTH__TOKEN_KEY for auth.token_key; `openssl rand -hex 32` makes a secret"
    )]
    Missing(String),
    /// A setting is unknown, or a value is invalid.
    #[error("configuration: {0}")]
    Invalid(String),
}

/// One layer: for each `section.key` the value and its origin, which errors name.
#[derive(Clone, Default)]
struct Layer(HashMap<String, (ValueKind, String)>);

impl Settings {
    /// Reads all settings from the compiled-in defaults, a file, and the environment.
    ///
    /// # Errors
    /// If a setting is unknown, invalid or missing, or a file cannot be read. The error names the first one, or all
    /// missing secrets.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        Sources::read(file, environment)?.settings()
    }
}

/// The layers of settings with their origins. Each command reads the settings that it uses.
#[derive(Clone)]
pub struct Sources {
    layers: Vec<Layer>,
    renamed: Vec<String>,
}

impl Sources {
    /// Reads the compiled-in defaults, a file and the environment. Files of secrets are not read yet.
    ///
    /// # Errors
    /// If the file is invalid, or a variable does not have the form of a setting.
    pub fn read(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut layers = vec![Layer::from_toml(
            DEFAULTS,
            Path::new("config/default.toml"),
        )?];
        if let Some(path) = file {
            let text = read(path, "--config or RUBRICA_CONFIG")?;
            layers.push(Layer::from_toml(&text, path)?);
        }
        layers.extend(Layer::from_environment(environment)?);
        // The defaults have current names, which must not count as a second name.
        let renamed = Self::replace_former_names(&mut layers[1..])?;
        Ok(Self { layers, renamed })
    }

    fn replace_former_names(layers: &mut [Layer]) -> Result<Vec<String>, ConfigError> {
        let mut uses: Vec<Use> = layers.iter_mut().flat_map(Layer::rename).collect();
        former_names::check(&mut uses)
            .map_err(|Conflict { former, other }| ConfigError::SeveralNames { former, other })
    }

    /// A warning, if former names of settings are used.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        (!self.renamed.is_empty()).then(|| {
            let renamed = self.renamed.join("; ");
            format!("the next release rejects former names of settings: {renamed}")
        })
    }

    /// All settings.
    ///
    /// # Errors
    /// If a setting is unknown, invalid or missing, or a file cannot be read. The error names the first one, or all
    /// missing secrets.
    pub fn settings(self) -> Result<Settings, ConfigError> {
        self.settings_with(&SECRETS)
    }

    /// Whether a secret is set, as a value or as a file.
    pub(super) fn is_set(&self, secret: &str) -> bool {
        let file = format!("{secret}{FILE_SUFFIX}");
        let mut layers = self.layers.iter();
        layers.any(|layer| layer.0.contains_key(secret) || layer.0.contains_key(&file))
    }

    /// All settings, for a command that uses only the secrets in `used`. All values must be valid. Other secrets do
    /// not have to be set, and their files are not read: they get a placeholder.
    pub(super) fn settings_with(mut self, used: &[&str]) -> Result<Settings, ConfigError> {
        for secret in SECRETS.iter().filter(|secret| !used.contains(secret)) {
            self.drop_secret_file(secret);
        }
        let missing: Vec<&str> = REQUIRED
            .into_iter()
            .filter(|secret| !self.is_set(secret))
            .collect();
        for secret in &missing {
            self.set_placeholder(secret);
        }
        let settings = merge(self.layers)?;
        let needed: Vec<&str> = missing
            .into_iter()
            .filter(|secret| used.contains(secret))
            .collect();
        if needed.is_empty() {
            Ok(settings)
        } else {
            Err(ConfigError::Missing(needed.join(", ")))
        }
    }

    /// Drops the file of a secret that the command does not use.
    fn drop_secret_file(&mut self, secret: &str) {
        let file = format!("{secret}{FILE_SUFFIX}");
        let had_file = self
            .layers
            .iter_mut()
            .filter_map(|layer| layer.0.remove(&file))
            .count();
        // The check of [oidc] requires a client secret if an issuer is set.
        if had_file > 0 && secret == CLIENT_SECRET && !self.is_set(secret) {
            self.set_placeholder(secret);
        }
    }

    fn set_placeholder(&mut self, secret: &str) {
        let placeholder = if secret == DATABASE_URL {
            "postgres://placeholder@localhost/placeholder".to_owned()
        } else {
            format!("{secret} is not set and this command does not use it")
        };
        let value = (ValueKind::from(placeholder), secret.to_owned());
        self.layers
            .push(Layer(HashMap::from([(secret.to_owned(), value)])));
    }
}

fn merge(layers: Vec<Layer>) -> Result<Settings, ConfigError> {
    let mut builder = Config::builder();
    let mut origins = BTreeMap::new();
    let sections: toml::Table = DEFAULTS.parse().unwrap_or_default();
    for section in sections.keys() {
        // An empty section makes the error name the missing setting instead of the section.
        let empty = Value::from(HashMap::<String, Value>::new());
        builder = builder
            .set_default(section, empty)
            .map_err(|error| ConfigError::Invalid(error.to_string()))?;
    }
    for layer in layers {
        for (key, (value, origin)) in layer.read_secret_files()?.0 {
            builder = builder
                .set_override(&key, value)
                .map_err(|_| ConfigError::Invalid(format!("{origin}: unknown setting")))?;
            origins.insert(key, origin);
        }
    }
    let merged = builder
        .build()
        .map_err(|error| ConfigError::Invalid(error.to_string()))?;
    let settings: Settings = serde_path_to_error::deserialize(merged).map_err(|error| {
        let path = error.path().to_string();
        // The error of a section that checks two settings together names the first one already.
        if let config::ConfigError::At { error, .. } = error.inner()
            && sections.contains_key(&path)
        {
            return ConfigError::Invalid(error.to_string());
        }
        // For an unknown section, the origin of any of its settings is used.
        let of_unknown_section = || {
            let mut settings = origins.range(format!("{path}.")..);
            let (key, origin) = settings.next()?;
            (!sections.contains_key(&path) && key.split('.').next() == Some(&path))
                .then_some(origin)
        };
        let origin = origins
            .get(&path)
            .or_else(of_unknown_section)
            .unwrap_or(&path);
        ConfigError::Invalid(format!("{origin}: {}", error.inner()))
    })?;
    settings.check().map_err(ConfigError::Invalid)?;
    secret_quality::check_reuse(&settings).map_err(ConfigError::Invalid)?;
    Ok(settings)
}

impl Layer {
    /// Replaces former names by current ones. Returns all settings of this layer.
    fn rename(&mut self) -> Vec<Use> {
        let values: Vec<_> = self.0.drain().collect();
        let rename = |(name, (value, origin)): (String, (ValueKind, String))| {
            let (stem, suffix) = match name.strip_suffix(FILE_SUFFIX) {
                Some(stem) => (stem, FILE_SUFFIX),
                None => (name.as_str(), ""),
            };
            let current = current_name(stem).map(|current| format!("{current}{suffix}"));
            let setting = current.unwrap_or_else(|| name.clone());
            self.0.insert(setting.clone(), (value, origin.clone()));
            Use {
                name,
                setting,
                origin,
            }
        };
        values.into_iter().map(rename).collect()
    }

    fn from_toml(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let malformed = |reason: String| ConfigError::Malformed {
            path: path.into(),
            reason,
        };
        let sections: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| malformed(error.message().to_owned()))?;

        let mut layer = Self::default();
        for (section, keys) in sections {
            let toml::Value::Table(keys) = keys else {
                return Err(malformed(format!("{section} is outside of a [section]")));
            };
            for (key, value) in keys {
                let name = format!("{section}.{key}");
                let origin = format!("{name} in {}", path.display());
                let value = from_toml(value)
                    .ok_or_else(|| malformed(format!("{name} must be a string, number or list")))?;
                layer.0.insert(name, (value, origin));
            }
        }
        Ok(layer)
    }

    /// Two layers: well-known variables such as `DATABASE_URL`, then `RUBRICA__SECTION__KEY`. Variables such as
    /// `RUBRICA_PORT`, which Kubernetes injects for a service named rubrica, are ignored.
    fn from_environment(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<[Self; 2], ConfigError> {
        let (mut well_known, mut own) = (Self::default(), Self::default());
        for (variable, value) in variables.into_iter().filter(|(_, value)| !value.is_empty()) {
            let value = ValueKind::from(value);
            if let Some(path) = variable.strip_prefix(VARIABLE_PREFIX) {
                let key = path.to_lowercase().replace("__", ".");
                let is_setting = key.split('.').count() == 2 && !key.split('.').any(str::is_empty);
                if !is_setting {
                    return Err(ConfigError::Invalid(format!("{variable}: unknown setting")));
                }
                own.0.insert(key, (value, variable));
            } else if let Some((_, key)) = WELL_KNOWN_VARIABLES
                .iter()
                .find(|(name, _)| *name == variable)
            {
                well_known.0.insert((*key).to_owned(), (value, variable));
            }
        }
        Ok([well_known, own])
    }

    /// Replaces each `secret_file` with a `secret` that has the content of the file.
    fn read_secret_files(mut self) -> Result<Self, ConfigError> {
        for secret in SECRETS {
            let Some((path, origin)) = self.0.remove(&format!("{secret}{FILE_SUFFIX}")) else {
                continue;
            };
            if self.0.contains_key(secret) {
                return Err(ConfigError::GivenTwice(origin));
            }
            let mut content = read(Path::new(&Value::from(path).to_string()), &origin)?;
            if content.ends_with('\n') {
                content.truncate(content.len() - 1);
                if content.ends_with('\r') {
                    content.truncate(content.len() - 1);
                }
            }
            self.0.insert(secret.to_owned(), (content.into(), origin));
        }
        Ok(self)
    }
}

fn from_toml(value: toml::Value) -> Option<ValueKind> {
    match value {
        toml::Value::String(text) => Some(text.into()),
        toml::Value::Integer(number) => Some(number.into()),
        toml::Value::Float(number) => Some(number.into()),
        toml::Value::Boolean(flag) => Some(flag.into()),
        toml::Value::Array(items) => {
            let items: Option<Vec<ValueKind>> = items.into_iter().map(from_toml).collect();
            items.map(ValueKind::from)
        }
        toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

fn read(path: &Path, named_by: &str) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable {
        path: path.into(),
        named_by: named_by.into(),
        cause,
    })
}
