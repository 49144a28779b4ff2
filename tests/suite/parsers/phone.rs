//! Phone numbers.

use proptest::prelude::*;
use rubrica::domain::{Phone, PhoneError};
use serde_json::json;

use crate::harness::cases;

const EXAMPLES: &str = include_str!("../fixtures/phone_examples.txt");

/// Calling codes that are not assigned. Whole blocks are listed by their common digits.
const UNASSIGNED: [&str; 52] = [
    "0", "210", "214", "215", "217", "219", "259", "28", "292", "293", "294", "295", "296", "384",
    "422", "424", "425", "426", "427", "428", "429", "671", "684", "693", "694", "695", "696",
    "697", "698", "699", "801", "802", "803", "804", "805", "806", "807", "809", "83", "851",
    "854", "857", "858", "859", "884", "885", "887", "889", "89", "969", "978", "999",
];

#[test]
fn the_documented_pattern_matches_exactly_what_is_accepted() {
    let schema = json!({"type": "string", "pattern": Phone::pattern()});
    let pattern = jsonschema::validator_for(&schema).expect("a schema");
    let numbers = (0..10_000).flat_map(|beginning| {
        (0..=12).map(move |more| format!("+{beginning}{}", "1".repeat(more)))
    });
    let texts = [
        "",
        "+",
        "39",
        "0393391234567",
        "+39 339 1234567",
        "+39339123456\n",
    ];

    for text in numbers.chain(texts.map(str::to_owned)) {
        let is_accepted = Phone::parse(&text).is_ok();

        assert_eq!(pattern.is_valid(&json!(text)), is_accepted, "{text:?}");
    }
}

#[test]
fn example_numbers_of_every_region_are_accepted() {
    let mut examples = 0;
    for line in EXAMPLES.lines().filter(|line| !line.starts_with('#')) {
        let number = line.split(' ').next().unwrap();

        let phone = Phone::parse(number).unwrap_or_else(|error| panic!("{line}: {error}"));

        assert_eq!(phone.as_str(), number);
        examples += 1;
    }
    assert!(examples > 400, "of some 250 regions: {examples}");
}

#[test]
fn unassigned_calling_codes_are_refused() {
    for code in UNASSIGNED {
        let number = format!("+{code}5550100");

        assert_eq!(
            Phone::parse(&number),
            Err(PhoneError::CallingCode),
            "{number}"
        );
    }
}

#[test]
fn a_number_has_7_to_15_digits() {
    let number = |digits: usize| format!("+39{}", "3".repeat(digits - 2));

    for digits in 7..=15 {
        assert!(Phone::parse(&number(digits)).is_ok(), "{digits}");
    }
    for digits in [2, 3, 6, 16, 17, 100] {
        assert_eq!(
            Phone::parse(&number(digits)),
            Err(PhoneError::Length),
            "{digits}"
        );
    }
    assert_eq!(Phone::parse("+"), Err(PhoneError::Length));
}

#[test]
fn nothing_is_corrected() {
    let without_plus = [
        "",
        "393391234567",
        "00393391234567",
        "011393391234567",
        "3391234567",
        " +393391234567",
        "＋393391234567",
        "tel:+393391234567",
        "(+39)3391234567",
    ];
    let with_other_than_digits = [
        "+39 339 1234567",
        "+39-339-1234567",
        "+39.339.1234567",
        "+39(339)1234567",
        "+39/3391234567",
        "+393391234567 ",
        "++393391234567",
        "+39339123456a",
        "+393391234567x12",
        "+393391234567;ext=12",
        // Digits that E.164 does not allow.
        "+３９３３９１２３４５６７",
        "+٣٩٣٣٩١٢٣٤٥٦٧",
        "+39339123456७",
    ];

    for text in without_plus {
        assert_eq!(Phone::parse(text), Err(PhoneError::NoPlus), "{text:?}");
    }
    for text in with_other_than_digits {
        assert_eq!(Phone::parse(text), Err(PhoneError::NotDigits), "{text:?}");
    }
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn any_text_is_refused_or_kept_as_it_is(
        text in prop_oneof![any::<String>(), "\\+?[0-9]{0,18}", "\\+[0-9]{6,15}.?"],
    ) {
        let Ok(phone) = Phone::parse(&text) else { return Ok(()) };

        prop_assert_eq!(phone.as_str(), &text);
        prop_assert!(text.starts_with('+') && (8..=16).contains(&text.len()));
        prop_assert!(text[1..].bytes().all(|byte| byte.is_ascii_digit()));
    }
}

#[test]
fn debug_output_hides_the_phone() {
    let phone = Phone::parse("+393391234567").unwrap();

    assert_eq!(format!("{phone:?}"), "Phone(…)");
}
