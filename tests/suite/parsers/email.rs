//! E-mail addresses.

use proptest::prelude::*;
use rubrica::domain::{Email, EmailError};

use crate::harness::cases;

/// The sent form and the stored form.
const ACCEPTED: [(&str, &str); 22] = [
    ("jane@example.com", "jane@example.com"),
    ("  Jane@Example.COM\t\r\n", "jane@example.com"),
    ("\u{3000}jane@example.com\u{a0}", "jane@example.com"),
    // Different mailboxes than jane@example.com.
    ("jane+tag@example.com", "jane+tag@example.com"),
    ("j.a.n.e@example.com", "j.a.n.e@example.com"),
    ("o'neil@example.com", "o'neil@example.com"),
    (
        "!#$%&'*+/=?^_`{|}~-@example.com",
        "!#$%&'*+/=?^_`{|}~-@example.com",
    ),
    ("1@2.co", "1@2.co"),
    ("a@b.cd", "a@b.cd"),
    ("jane@a.b.c.d.example.com", "jane@a.b.c.d.example.com"),
    ("jane@my-company.example", "jane@my-company.example"),
    ("jane@1and1.example", "jane@1and1.example"),
    // NFC: a letter and its accent become one character, whatever the sent form.
    ("JOSÉ@example.com", "josé@example.com"),
    ("JOSE\u{301}@example.com", "josé@example.com"),
    ("\u{212a}@example.com", "k@example.com"),
    ("ΝΙΚΟΣ@example.com", "νικος@example.com"),
    ("用户@example.com", "用户@example.com"),
    // IDNA: the form of a DNS query.
    ("jane@BÜCHER.example", "jane@xn--bcher-kva.example"),
    ("jane@BU\u{308}CHER.example", "jane@xn--bcher-kva.example"),
    ("jane@XN--BCHER-KVA.example", "jane@xn--bcher-kva.example"),
    ("jane@例え.テスト", "jane@xn--r8jz45g.xn--zckzah"),
    ("jane@example。com", "jane@example.com"),
];

#[test]
fn addresses_are_kept_in_one_normal_form() {
    for (sent, kept) in ACCEPTED {
        let email = Email::parse(sent).unwrap_or_else(|error| panic!("{sent:?} {error}"));

        assert_eq!(email.as_str(), kept, "{sent:?}");
    }
}

const NO_ADDRESS: [&str; 4] = ["", "   ", "jane", "example.com"];

const BAD_LOCAL_PARTS: [&str; 19] = [
    "@example.com",
    "a..b@example.com",
    ".a@example.com",
    "a.@example.com",
    "a@b@example.com",
    "jane doe@example.com",
    "jane,john@example.com",
    "jane;john@example.com",
    "mailto:jane@example.com",
    r"jane\@example.com",
    "jane[1]@example.com",
    // Quoted mailboxes are valid, but they would be a second form of the same address.
    r#""jane"@example.com"#,
    r#""jane doe"@example.com"#,
    r#""a@b"@example.com"#,
    r#""@example.com"#,
    "jane(comment)@example.com",
    "(comment)jane@example.com",
    "Jane Doe <jane@example.com>",
    "<jane@example.com>",
];

const BAD_DOMAINS: [&str; 22] = [
    "jane@",
    "jane@localhost",
    "jane@.com",
    "jane@example.",
    "jane@example.com.",
    "jane@example..com",
    "jane@.example.com",
    "jane@-example.com",
    "jane@example-.com",
    "jane@exam_ple.com",
    "jane@exam ple.com",
    "jane@example.com>",
    "jane@example.com(comment)",
    "jane@example.com/path",
    "jane@example.com:25",
    "jane@xn--a.example",
    "jane@127.0.0.1",
    "jane@[127.0.0.1]",
    "jane@[IPv6:::1]",
    "jane@2130706433",
    "jane@example.123",
    "jane@example.１２３",
];

#[test]
fn anything_but_a_plain_address_is_refused() {
    let tables = [
        (&NO_ADDRESS[..], EmailError::NotAnAddress),
        (&BAD_LOCAL_PARTS, EmailError::LocalPart),
        (&BAD_DOMAINS, EmailError::Domain),
    ];
    for (texts, error) in tables {
        for text in texts {
            assert_eq!(Email::parse(text), Err(error), "{text:?}");
        }
    }
}

#[test]
fn an_address_of_254_bytes_is_the_longest() {
    let local = "a".repeat(64);
    let label = "b".repeat(63);
    let longest = format!("{local}@{label}.{label}.{}", "c".repeat(61));
    assert_eq!(longest.len(), 254);

    assert!(Email::parse(&longest).is_ok());
    assert!(Email::parse(&format!("  {longest}  ")).is_ok());
    assert_eq!(
        Email::parse(&format!("{longest}c")),
        Err(EmailError::TooLong)
    );
    assert_eq!(
        Email::parse(&format!("{}@b.cd", "a".repeat(5000))),
        Err(EmailError::TooLong)
    );
}

#[test]
fn the_length_is_measured_in_the_bytes_of_the_normal_form() {
    // In its ASCII form each label grows from 57 bytes to 63.
    let label = format!("{}ü", "b".repeat(55));
    let sent = format!("{}@{label}.{label}.{label}", "a".repeat(64));
    assert!(sent.len() < 254);

    assert_eq!(Email::parse(&sent), Err(EmailError::TooLong));
}

#[test]
fn normalising_is_idempotent_for_every_character_in_the_local_part() {
    for character in char::MIN..=char::MAX {
        // At the end, too, because some letters have a different form there.
        let Ok(once) = Email::parse(&format!("Σ{character}b{character}@example.com")) else {
            continue;
        };

        assert_eq!(Email::parse(once.as_str()), Ok(once), "{character:?}");
    }
}

/// Characters that tend to break address parsers, among others.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[a-zA-Z0-9]",
        2 => any::<char>().prop_map(String::from),
        1 => prop::sample::select(vec!["@", ".", "-", "\"", " ", "xn--", "İ", "ß", "Σ", "\u{301}", "क्", "\u{200d}", "ำ"])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn any_text_is_refused_or_has_one_normal_form(
        text in prop_oneof![
            any::<String>(),
            (pieces(), pieces()).prop_map(|(local, domain)| format!("{local}@{domain}.com")),
        ],
    ) {
        let Ok(email) = Email::parse(&text) else { return Ok(()) };

        let (local, domain) = email.as_str().split_once('@').unwrap();
        prop_assert!(email.as_str().len() <= 254);
        prop_assert!(!local.is_empty() && !local.contains(char::is_whitespace));
        prop_assert!(domain.contains('.') && domain.is_ascii() && !domain.contains('@'));
        prop_assert_eq!(domain.to_lowercase(), domain);
        prop_assert_eq!(Email::parse(email.as_str()), Ok(email));
    }

    #[test]
    fn case_and_surrounding_space_do_not_matter(
        local in "[a-z0-9]{1,10}(\\.[a-z0-9]{1,10})?",
        domain in "[a-z][a-z0-9]{0,10}\\.[a-z]{2,6}",
    ) {
        let address = format!("{local}@{domain}");

        let email = Email::parse(&format!(" {} ", address.to_uppercase())).unwrap();

        prop_assert_eq!(email.as_str(), address);
    }
}

#[test]
fn debug_output_hides_the_email() {
    let email = Email::parse("jane@example.com").unwrap();

    assert_eq!(format!("{email:?}"), "Email(…)");
}
