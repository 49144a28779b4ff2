//! Invisible characters: error messages name them.

use rubrica::domain::{Email, FieldKey, Label, Phone};

const NAMED: [(char, &str); 22] = [
    ('\0', "U+0000 (NULL)"),
    ('\n', "U+000A (LINE FEED)"),
    ('\u{85}', "U+0085 (NEXT LINE)"),
    ('\u{ad}', "U+00AD (SOFT HYPHEN)"),
    ('\u{34f}', "U+034F (COMBINING GRAPHEME JOINER)"),
    ('\u{61c}', "U+061C (ARABIC LETTER MARK)"),
    ('\u{180e}', "U+180E (MONGOLIAN VOWEL SEPARATOR)"),
    ('\u{200b}', "U+200B (ZERO WIDTH SPACE)"),
    ('\u{200c}', "U+200C (ZERO WIDTH NON-JOINER)"),
    ('\u{200d}', "U+200D (ZERO WIDTH JOINER)"),
    ('\u{200e}', "U+200E (LEFT-TO-RIGHT MARK)"),
    ('\u{2028}', "U+2028 (LINE SEPARATOR)"),
    ('\u{202a}', "U+202A (LEFT-TO-RIGHT EMBEDDING)"),
    ('\u{202c}', "U+202C (POP DIRECTIONAL FORMATTING)"),
    ('\u{202e}', "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
    ('\u{2060}', "U+2060 (WORD JOINER)"),
    ('\u{2066}', "U+2066 (LEFT-TO-RIGHT ISOLATE)"),
    ('\u{2069}', "U+2069 (POP DIRECTIONAL ISOLATE)"),
    ('\u{3164}', "U+3164 (HANGUL FILLER)"),
    ('\u{fe0f}', "U+FE0F (VARIATION SELECTOR-16)"),
    ('\u{feff}', "U+FEFF (ZERO WIDTH NO-BREAK SPACE)"),
    ('\u{e0041}', "U+E0041 (TAG)"),
];

/// The error of each type of text.
fn messages(email: &str, phone: &str, text: &str) -> [String; 4] {
    let message = |result: Result<(), String>| result.expect_err("refused");
    [
        message(Email::parse(email).map(drop).map_err(|e| e.to_string())),
        message(Phone::parse(phone).map(drop).map_err(|e| e.to_string())),
        message(text.parse::<Label>().map(drop).map_err(|e| e.to_string())),
        message(
            FieldKey::of_new_definition(text)
                .map(drop)
                .map_err(|e| e.to_string()),
        ),
    ]
}

#[test]
fn an_invisible_character_is_named_everywhere() {
    for (character, name) in NAMED {
        let message = |position| {
            format!("has an invisible character {name} at position {position}: remove it")
        };

        for (found, position) in messages(
            &format!("ja{character}ne@example.com"),
            &format!("+3{character}93391234567"),
            &format!("Ac{character}me"),
        )
        .into_iter()
        .zip([3, 3, 3, 3])
        {
            assert_eq!(found, message(position), "inside");
        }
        if character.is_whitespace() {
            // White space around an address is trimmed.
            continue;
        }
        for found in messages(
            &format!("{character}jane@example.com"),
            &format!("{character}+393391234567"),
            &format!("{character}Acme"),
        ) {
            assert_eq!(found, message(1), "in front");
        }
        for (found, position) in messages(
            &format!("jane@example.com{character}"),
            &format!("+393391234567{character}"),
            &format!("Acme{character}"),
        )
        .into_iter()
        .zip([17, 14, 5, 5])
        {
            assert_eq!(found, message(position), "behind");
        }
    }
}

#[test]
fn the_position_counts_characters_of_the_text_as_it_was_sent() {
    let error = Email::parse("  用户\u{200b}@example.com").unwrap_err();

    assert_eq!(
        error.to_string(),
        "has an invisible character U+200B (ZERO WIDTH SPACE) at position 5: remove it"
    );
}

#[test]
fn a_non_standard_space_is_refused_in_compared_texts_and_accepted_in_labels() {
    let message = "has an invisible character U+00A0 (NO-BREAK SPACE) at position 4: remove it";

    for error in [
        Email::parse("jan\u{a0}e@example.com")
            .unwrap_err()
            .to_string(),
        Phone::parse("+39\u{a0}3391234567").unwrap_err().to_string(),
        FieldKey::of_new_definition("the\u{a0}plan")
            .unwrap_err()
            .to_string(),
    ] {
        assert_eq!(error, message);
    }
    assert!("Société\u{a0}: Exemple".parse::<Label>().is_ok());
    assert!("山田\u{3000}太郎".parse::<Label>().is_ok());
}

#[test]
fn no_character_of_a_domain_is_dropped_silently() {
    for character in ['\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}', '\u{fe0f}'] {
        let text = format!("jane@exam{character}ple.com");

        let error = Email::parse(&text).unwrap_err().to_string();

        assert!(error.contains("at position 10"), "{error}");
    }
}

#[test]
fn a_label_may_hold_any_visible_text_and_is_normalised() {
    for (sent, kept) in [
        (" Acme ", "Acme"),
        ("Cafe\u{301}", "Café"),
        ("O'Neil & Sons – 50 % “off”", "O'Neil & Sons – 50 % “off”"),
        ("شركة می\u{200c}خواهم", "شركة می\u{200c}خواهم"),
        ("ශ්\u{200d}රී ලංකා", "ශ්\u{200d}රී ලංකා"),
        (
            "❤\u{fe0f} 👩🏽\u{200d}💻 1\u{fe0f}\u{20e3}",
            "❤\u{fe0f} 👩🏽\u{200d}💻 1\u{fe0f}\u{20e3}",
        ),
        ("葛\u{e0100}城市", "葛\u{e0100}城市"),
    ] {
        assert_eq!(sent.parse::<Label>().unwrap().as_str(), kept);
    }
}

#[test]
fn an_invisible_label_is_refused() {
    for text in [
        "",
        " ",
        "\u{a0}",
        "\u{3000}\u{2003}",
        "\u{2800}",
        "\u{115f}",
        "\u{200b}\u{200b}",
    ] {
        assert!(text.parse::<Label>().is_err(), "{text:?}");
    }
    assert!("x".repeat(200).parse::<Label>().is_ok());
    assert!("x".repeat(201).parse::<Label>().is_err());
}

#[test]
fn normalising_a_label_is_idempotent_for_every_character() {
    for character in char::MIN..=char::MAX {
        let Ok(once) = format!("a{character}\u{301}b").parse::<Label>() else {
            continue;
        };

        assert_eq!(once.as_str().parse::<Label>(), Ok(once), "{character:?}");
    }
}
