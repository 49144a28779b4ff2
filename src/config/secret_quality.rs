//! Checks the quality of secrets: weak and reused secrets are rejected, public ones cause a warning.

use secrecy::{ExposeSecret, SecretString};

use super::{KeyList, Settings};

/// The public secrets in `compose.yaml` and in the development overlay.
const DEVELOPMENT_SECRETS: [&str; 3] = [
    "development-only-token-key-0000000",
    "development-only-jwt-key-000000000",
    "development-only-suppression-key-0",
];

/// A secret with the name of its setting.
type Named<'a> = (&'static str, &'a SecretString);

fn all(settings: &Settings) -> Vec<Named<'_>> {
    let lists: [(&str, &KeyList); 3] = [
        ("auth.token_key", &settings.auth.token_key),
        ("auth.jwt_key", &settings.auth.jwt_key),
        ("privacy.suppression_key", &settings.privacy.suppression_key),
    ];
    let named = lists.into_iter().flat_map(|(setting, list)| {
        let secrets = std::iter::once(list.current()).chain(list.retired());
        secrets.map(move |secret| (setting, secret))
    });
    named.collect()
}

/// Rejects a secret that is used twice: a leaked secret must not reveal another one.
pub(super) fn check_reuse(settings: &Settings) -> Result<(), String> {
    let secrets = all(settings);
    for (index, (setting, secret)) in secrets.iter().enumerate() {
        let mut earlier = secrets.iter().take(index);
        let equal = earlier.find(|(_, other)| other.expose_secret() == secret.expose_secret());
        if let Some((other, _)) = equal {
            return Err(format!(
                "{setting}: a secret must be used only once, but {other} has the same one: make another \
                 one with openssl rand -hex 32"
            ));
        }
    }
    Ok(())
}

impl Settings {
    /// Warnings about public secrets, if the service listens on more than loopback.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        if self.http.listen.ip().is_loopback() {
            return Vec::new();
        }
        let secrets = all(self).into_iter();
        let known =
            secrets.filter(|(_, secret)| DEVELOPMENT_SECRETS.contains(&secret.expose_secret()));
        known
            .map(|(setting, _)| {
                format!(
                    "{setting} is a public development secret: use your own secret for anything but tests on \
                     this machine"
                )
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::DEVELOPMENT_SECRETS;

    #[test]
    fn the_development_secrets_are_those_in_the_repository() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in [
            "compose.yaml",
            "k8s/overlays/development/service-secrets.env",
        ] {
            let text = fs::read_to_string(root.join(file)).expect("the file is in the repository");
            for secret in DEVELOPMENT_SECRETS {
                assert!(text.contains(secret), "{secret} in {file}");
            }
            assert_eq!(text.matches("development-only-").count(), 3, "{file}");
        }
    }
}
