//! When two keys of custom fields are the same but for the case of their letters.

use unicode_normalization::UnicodeNormalization;

/// The letter that only languages with a dotless i have. Its upper case is an `I`, and yet `ıd` is not `id`.
const DOTLESS_I: char = 'ı';

/// The one form of all keys that differ in nothing but case: in upper case and NFC. It depends on no language:
/// as in Unicode's full case folding, `straße` and `STRASSE` are one key, and `ıd` and `id` are two.
///
/// `custom_field_key` in SQL does the same. A test compares the two over all of Unicode: it fails once the
/// compiler knows letters that the database does not, which then need a migration.
pub(super) fn fold(key: &str) -> String {
    if key.is_ascii() {
        return key.to_ascii_uppercase();
    }
    let folded: String = key.nfc().map(folded).collect();
    folded.nfc().collect()
}

/// By way of lower case, for some letters have an upper case only from there, such as `ẞ`.
fn folded(character: char) -> String {
    match character {
        DOTLESS_I => character.to_string(),
        _ => character
            .to_lowercase()
            .flat_map(char::to_uppercase)
            .collect(),
    }
}
