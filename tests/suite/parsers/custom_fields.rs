//! Custom fields: the values that can be stored. The size and the number of keys are checked after the merge.

use proptest::prelude::*;
use rubrica::domain::CustomFieldsError::{self, *};
use rubrica::domain::{
    CustomFields, MAX_CUSTOM_FIELDS, MAX_CUSTOM_FIELDS_BYTES, MAX_DEPTH, MAX_KEY_CHARACTERS,
};
use serde_json::{Map, Value, json};

use crate::harness::cases;

fn parse(json: &str) -> Result<Value, CustomFieldsError> {
    CustomFields::parse(json).map(|fields| serde_json::from_str(fields.as_json()).unwrap())
}

fn nested(open: &str, close: &str, levels: usize) -> String {
    format!("{}1{}", open.repeat(levels), close.repeat(levels))
}

#[test]
fn the_limits_are_those_of_the_contract() {
    assert_eq!(MAX_CUSTOM_FIELDS, 250);
    assert_eq!(MAX_KEY_CHARACTERS, 128);
    assert_eq!(MAX_DEPTH, 8);
    assert_eq!(MAX_CUSTOM_FIELDS_BYTES, 64 * 1024);
}

#[test]
fn values_of_every_kind_are_kept_as_they_were_sent() {
    let documents = [
        "{}",
        r#" {"a": 0, "b": false, "c": "", "d": [], "e": {}, "f": null} "#,
        r#"{"Key": 1, "key": 2, " key ": 3, "": 4, "naïve/~key": 5, "🙂": 6}"#,
        r#"{"a": {"b": [1, {"c": null}, [null]]}, "text": "\"\\\u00e9\n\ud83d\ude00"}"#,
    ];
    for document in documents {
        let sent: Value = serde_json::from_str(document).unwrap();

        assert_eq!(parse(document), Ok(sent), "{document}");
    }
}

#[test]
fn the_last_of_duplicate_keys_counts() {
    let document = r#"{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}"#;

    assert_eq!(parse(document), Ok(json!({"a": 3, "b": {"c": 2}})));
}

#[test]
fn only_an_object_is_accepted() {
    for document in ["[]", r#"[{"a": 1}]"#, "1", "true", "null", r#""{}""#] {
        assert_eq!(parse(document), Err(NotAnObject), "{document}");
    }
}

#[test]
fn up_to_250_keys_and_any_number_of_removals_are_accepted() {
    let document = |kept: usize, removed: usize| {
        let kept = (0..kept).map(|n| (format!("kept{n}"), json!(n)));
        let removed = (0..removed).map(|n| (format!("removed{n}"), Value::Null));
        Value::Object(kept.chain(removed).collect::<Map<_, _>>()).to_string()
    };

    assert!(parse(&document(250, 0)).is_ok());
    assert!(parse(&document(250, 300)).is_ok());
    assert_eq!(parse(&document(251, 0)), Err(TooManyKeys));
    assert!(
        parse(
            &json!({"one": serde_json::from_str::<Value>(&document(251, 0)).unwrap()}).to_string()
        )
        .is_ok(),
        "only top-level keys are counted"
    );
}

#[test]
fn a_key_has_128_characters_at_most_at_any_depth() {
    let (longest, too_long) = ("é".repeat(128), "é".repeat(129));
    let at = format!("/{}", "é".repeat(64));

    assert!(parse(&json!({&longest: {&longest: 1}}).to_string()).is_ok());
    for (document, at) in [
        (json!({&too_long: 1}), at.clone()),
        (json!({"a": {&too_long: 1}}), format!("/a{at}")),
        (json!({"a": [{}, {&too_long: 1}]}), format!("/a/1{at}")),
        (json!({"a": [{&too_long: null}]}), format!("/a/0{at}")),
    ] {
        assert_eq!(parse(&document.to_string()), Err(KeyTooLong { at }));
    }
    assert!(
        parse(&json!({&too_long: null}).to_string()).is_ok(),
        "a removal stores no key"
    );
}

#[test]
fn objects_and_arrays_are_nested_8_deep_at_most() {
    let objects = |levels| nested(r#"{"a":"#, "}", levels);
    let arrays = |levels| format!(r#"{{"a":{}}}"#, nested("[", "]", levels - 1));

    for levels in 1..=8 {
        assert!(parse(&objects(levels)).is_ok(), "{levels}");
        assert!(levels == 1 || parse(&arrays(levels)).is_ok(), "{levels}");
    }
    for levels in [9, 10, 100, 127, 128, 129, 1000, 20_000] {
        assert_eq!(parse(&objects(levels)), Err(TooDeep), "{levels}");
        assert_eq!(parse(&arrays(levels)), Err(TooDeep), "{levels}");
    }
}

#[test]
fn the_nul_character_is_refused_everywhere() {
    for (document, at) in [
        (r#"{"a": "x\u0000"}"#, "/a"),
        (r#"{"a": {"b": [1, "\u0000"]}}"#, "/a/b/1"),
        (r#"{"a~/b": {"c": "\u0000"}}"#, "/a~0~1b/c"),
    ] {
        assert_eq!(
            parse(document),
            Err(NulCharacter { at: at.to_owned() }),
            "{document}"
        );
    }
    for key in [r#"{"\u0000": 1}"#, r#"{"a": [{"b\u0000": null}]}"#] {
        assert!(matches!(parse(key), Err(NulCharacter { .. })), "{key}");
    }
    assert!(
        parse(r#"{"a": "\\u0000 \u0001"}"#).is_ok(),
        "a backslash, and another character"
    );
}

#[test]
fn half_of_a_surrogate_pair_is_refused() {
    for document in [
        r#"{"a": "\ud83d"}"#,
        r#"{"a": "\ude00"}"#,
        r#"{"a": "\ude00\ud83d"}"#,
        r#"{"a": ["\ud83dx"]}"#,
        r#"{"\ud83d": 1}"#,
        r#"{"a": {"\ud83d\n": 1}}"#,
    ] {
        assert_eq!(parse(document), Err(LoneSurrogate), "{document}");
    }
}

#[test]
fn numbers_are_those_of_an_ieee_double() {
    let zeros = "0".repeat(400);
    let accepted = [
        "0",
        "-0",
        "0.0",
        "0e5",
        "1",
        "-1.5",
        "1E2",
        "12345678901234567890123",
        "0.1234567890123456789",
        "1.7976931348623157e308",
        "-1.7976931348623157e308",
        "5e-324",
        "2.2250738585072014e-308",
        &format!("1{}", &zeros[..308]),
        &format!("0.{}1", &zeros[..300]),
        &format!("0.{zeros}"),
        &format!("1.{zeros}"),
        "0e-16383",
    ];
    let refused = [
        "0e-16384",
        &format!("1.{zeros}0"),
        &format!("0.{zeros}0"),
        &format!("1.{zeros}e-1"),
        "1e309",
        "-1e309",
        "1.8e308",
        "1e-400",
        "-1e-400",
        "1e99999",
        "1e-99999",
        "1e99999999999999999999",
        "0e99999999999999999999",
        &format!("1{zeros}"),
        &format!("0.{zeros}1"),
        &format!("1e{zeros}400"),
    ];

    for number in accepted {
        assert!(parse(&format!(r#"{{"a": {number}}}"#)).is_ok(), "{number}");
    }
    for number in refused {
        let at = "/a/0".to_owned();
        let document = format!(r#"{{"a": [{number}]}}"#);
        assert_eq!(parse(&document), Err(NumberOutOfRange { at }), "{number}");
    }
}

/// JSON of any shape, including values that are too deep and keys that are too long.
fn documents() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    scalar.prop_recursive(10, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn any_document_is_refused_or_kept_as_it_was_sent(document in documents()) {
        if let Ok(kept) = parse(&document.to_string()) {
            prop_assert_eq!(kept, document);
        }
    }
}

#[test]
fn debug_output_hides_values() {
    let fields = CustomFields::parse(r#"{"secret": "value"}"#).unwrap();

    assert_eq!(format!("{fields:?}"), "CustomFields(…)");
}
