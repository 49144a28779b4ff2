//! API tokens.

use std::collections::HashSet;

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rubrica::domain::{ClientId, TokenKey, TokenKeys};
use secrecy::ExposeSecret;

use crate::harness::cases;

const BASE32: &str = "abcdefghijklmnopqrstuvwxyz234567";

fn token_key(name: &str) -> TokenKey {
    TokenKey::new(&format!("a secret of the deployment, called {name}").into())
}

fn ours() -> TokenKeys {
    TokenKeys::new(token_key("first"), vec![])
}

/// A token that is the same in every run.
fn issue(keys: &TokenKeys, seed: u64) -> String {
    let token = keys.issue(&mut StdRng::seed_from_u64(seed));
    token.whole().expose_secret().to_owned()
}

#[test]
fn a_token_has_the_form_that_secret_scanners_know() {
    for seed in 0..200 {
        // ^mn-[a-z2-7]{12}-[0-9A-Za-z]{49}$
        let token = issue(&ours(), seed);
        let parts: Vec<&str> = token.split('-').collect();

        assert_eq!(parts.len(), 3, "{token}");
        assert_eq!(parts[0], "mn");
        assert_eq!((parts[1].len(), parts[2].len()), (12, 49), "{token}");
        assert!(parts[1].chars().all(|c| BASE32.contains(c)), "{token}");
        assert!(
            parts[2].chars().all(|c| c.is_ascii_alphanumeric()),
            "{token}"
        );
    }
}

#[test]
fn an_issued_token_parses_into_its_two_halves() {
    for seed in 0..50 {
        let text = issue(&ours(), seed);

        let token = ours().parse(&text).expect("it is ours");

        assert_eq!(token.client_id().as_str(), &text[3..15]);
        assert_eq!(
            token.secret().expose_secret(),
            &text[16..59],
            "without its checksum"
        );
        assert_eq!(token.whole().expose_secret(), text);
    }
}

#[test]
fn tokens_and_their_digests_are_all_different() {
    let mut seen = HashSet::new();

    for seed in 0..1000 {
        let text = issue(&ours(), seed);
        let digest = || ours().parse(&text).unwrap().digest();

        assert_eq!(digest(), digest());
        assert!(seen.insert(digest()));
    }
}

#[test]
fn every_change_of_one_character_is_refused() {
    let token = issue(&ours(), 7);

    for place in 0..token.len() {
        let (before, after) = (&token[..place], &token[place + 1..]);
        for other in ('\0'..='\x7f').filter(|other| !token[place..].starts_with(*other)) {
            let changed = format!("{before}{other}{after}");
            assert!(ours().parse(&changed).is_none(), "{changed:?}");
        }
        assert!(
            ours().parse(&format!("{before}{after}")).is_none(),
            "without {place}"
        );
    }
}

#[test]
fn lookalikes_of_tokens_are_refused() {
    let token = issue(&ours(), 7);
    let twisted = token.replace("mn-", "MN-");
    let spaced = format!(" {token}");
    let longer = format!("{token}a");
    let unsigned = format!("mn-{}-{}", "a".repeat(12), "0".repeat(49));

    for text in [
        "",
        "mn-",
        "mn--",
        &twisted,
        &spaced,
        &longer,
        &token.to_lowercase(),
        &unsigned,
    ] {
        assert!(ours().parse(text).is_none(), "{text:?}");
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn no_text_that_was_not_issued_is_accepted(
        text in prop_oneof![any::<String>(), "mn-[a-z2-7]{12}-[0-9A-Za-z]{49}", "mn-.{62}"],
    ) {
        prop_assert!(ours().parse(&text).is_none());
    }

    #[test]
    fn two_swapped_characters_are_refused(seed: u64, a in 0..65_usize, b in 0..65_usize) {
        let token = issue(&ours(), seed);
        let mut bytes = token.clone().into_bytes();
        bytes.swap(a, b);
        let exchanged = String::from_utf8(bytes).unwrap();

        prop_assert_eq!(ours().parse(&exchanged).is_some(), exchanged == token);
    }
}

#[test]
fn a_token_of_another_deployment_is_refused() {
    let theirs = TokenKeys::new(token_key("theirs"), vec![]);

    assert!(ours().parse(&issue(&theirs, 1)).is_none());
    assert!(theirs.parse(&issue(&ours(), 1)).is_none());
}

#[test]
fn the_first_secret_signs_and_all_listed_secrets_verify() {
    let before = ours();
    let during = TokenKeys::new(token_key("second"), vec![token_key("first")]);
    let after = TokenKeys::new(token_key("second"), vec![]);

    let (old, new) = (issue(&before, 1), issue(&during, 2));

    assert!(during.parse(&old).is_some() && during.parse(&new).is_some());
    assert!(after.parse(&new).is_some() && after.parse(&old).is_none());
    assert!(before.parse(&new).is_none(), "the first signs");
}

#[test]
fn a_fingerprint_identifies_a_secret_without_revealing_it() {
    let fingerprint = token_key("first").fingerprint();

    assert_eq!(fingerprint, ours().signing().fingerprint());
    assert_ne!(fingerprint, token_key("second").fingerprint());
    assert_eq!(fingerprint.len(), 16);
    assert!(fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[test]
fn debug_output_hides_the_secret() {
    let token = ours().issue(&mut StdRng::seed_from_u64(1));
    let secret = token.secret();

    let shown = format!("{:?} {:?} {:?}", token.client_id(), token.whole(), secret);

    assert!(!shown.contains(secret.expose_secret()), "{shown}");
    assert!(
        !shown.contains(&token.whole().expose_secret()[59..]),
        "{shown}"
    );
}

#[test]
fn a_client_id_is_12_characters_of_lower_case_base32() {
    assert!("abcdefghij27".parse::<ClientId>().is_ok());
    for text in [
        "",
        "abcdefghij2",
        "abcdefghij277",
        "ABCDEFGHIJ27",
        "abcdefghij21",
        "abcdefghijé",
    ] {
        assert!(text.parse::<ClientId>().is_err(), "{text:?}");
    }
}
