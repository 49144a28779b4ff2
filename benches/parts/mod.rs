//! The pure parts of an upsert as functions that can be repeated. The merge is missing, because Postgres does it.

use std::hint::black_box;
use std::time::Duration;

use rubrica::domain::{CustomFields, Email, Phone, Quota, TokenKey, TokenKeys};
use rubrica::limits::Meter;
use secrecy::ExposeSecret;

/// A part with its name.
pub struct Part {
    pub name: &'static str,
    pub run: Box<dyn FnMut()>,
}

const CUSTOM_FIELDS: &str = r#"{"plan": "enterprise", "seats": 250, "renewsAt": "2026-01-31",
    "address": {"city": "Torino", "postcode": "10121"}, "tags": ["new", "trial"], "vip": true}"#;

/// All parts.
#[expect(clippy::unwrap_used, reason = "the inputs are constant and valid")]
pub fn parts() -> Vec<Part> {
    let secret = "a secret of a deployment, of 32 characters and more";
    let keys = TokenKeys::new(TokenKey::new(&secret.into()), Vec::new());
    let token = keys.issue(&mut rubrica::ambient::random());
    let token = token.whole().expose_secret().to_owned();
    let quota = Quota::new(600, Duration::from_mins(1)).unwrap();
    let mut meter = Meter { used: 0.0, at: 0 };

    vec![
        part("token", move || {
            black_box(keys.parse(black_box(&token)).map(|token| token.digest()));
        }),
        part("email", || {
            black_box(Email::parse(black_box("Jane.Doe+News@Example.COM"))).unwrap();
        }),
        part("email_idn", || {
            black_box(Email::parse(black_box("jane@bücher.example"))).unwrap();
        }),
        part("phone", || {
            black_box(Phone::parse(black_box("+393391234567"))).unwrap();
        }),
        part("custom_fields", || {
            black_box(CustomFields::parse(black_box(CUSTOM_FIELDS))).unwrap();
        }),
        part("gcra", move || {
            (meter, _) = black_box(meter.take(quota, 1, meter.at + 50_000));
        }),
    ]
}

fn part(name: &'static str, run: impl FnMut() + 'static) -> Part {
    Part {
        name,
        run: Box::new(run),
    }
}
