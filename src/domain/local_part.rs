//! The characters before the `@` of an e-mail address.

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, Script};
use unicode_normalization::UnicodeNormalization;

use super::invisible::category;

/// Whether a normalised text, without invisible characters, can stand before the `@`: parts of one
/// character or more between single dots (the dot-atom of RFC 5322). They consist of ASCII `atext` and of
/// what the `IdentifierClass` of PRECIS takes (RFC 8264), which is how mailboxes outside ASCII are named (RFC 6531).
pub(super) fn is_local_part(text: &str) -> bool {
    if text.is_ascii() {
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(is_atext);
        return text.split('.').all(is_part);
    }
    text.split('.').all(|part| {
        let characters: Vec<char> = part.chars().collect();
        !characters.is_empty() && (0..characters.len()).all(|place| is_taken(&characters, place))
    })
}

const fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'/'
                | b'='
                | b'?'
                | b'^'
                | b'_'
                | b'`'
                | b'{'
                | b'|'
                | b'}'
                | b'~'
                | b'-'
        )
}

fn is_taken(characters: &[char], place: usize) -> bool {
    let character = characters[place];
    let last = place.checked_sub(1).map(|last| characters[last]);
    if character.is_ascii() {
        return u8::try_from(character).is_ok_and(is_atext);
    }
    match character {
        // They are allowed where `InvisibleCharacter` let them pass: the spelling of a word needs them.
        '\u{200c}' | '\u{200d}' => true,
        _ => match category(character) {
            GeneralCategory::LowercaseLetter
            | GeneralCategory::UppercaseLetter
            | GeneralCategory::ModifierLetter
            | GeneralCategory::OtherLetter
            | GeneralCategory::DecimalNumber => is_in_its_usual_form(character),
            GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark => {
                last.is_some_and(bears_a_mark) && is_in_its_usual_form(character)
            }
            _ => is_between_its_letters(character, last, characters.get(place + 1).copied()),
        },
    }
}

/// A mark is part of a letter or digit, also where a joiner or another mark stands between.
fn bears_a_mark(last: char) -> bool {
    last.is_alphanumeric()
        || matches!(last, '\u{200c}' | '\u{200d}')
        || matches!(
            category(last),
            GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark
        )
}

/// Full-width, superscript and mathematical letters, ligatures and presentation forms look like letters that
/// they are not. Thai and Lao keyboards write some vowels and letters that Unicode counts among those.
fn is_in_its_usual_form(character: char) -> bool {
    matches!(character, '\u{e33}' | '\u{eb3}' | '\u{edc}' | '\u{edd}')
        || std::iter::once(character).nfkc().eq([character])
}

/// Punctuation that belongs to words, where it does (RFC 5892, appendix A.3 to A.7; UTS 39, table 3a).
fn is_between_its_letters(character: char, last: Option<char>, next: Option<char>) -> bool {
    let script = |character: Option<char>| {
        character.map(|character| CodePointMapData::<Script>::new().get(character))
    };
    match character {
        // MIDDLE DOT, as in the Catalan "col·legi".
        '\u{b7}' => last == Some('l') && next == Some('l'),
        // GREEK LOWER NUMERAL SIGN
        '\u{375}' => script(next) == Some(Script::Greek),
        // HEBREW PUNCTUATION GERESH, GERSHAYIM
        '\u{5f3}' | '\u{5f4}' => script(last) == Some(Script::Hebrew),
        // TIBETAN MARK INTERSYLLABIC TSHEG
        '\u{f0b}' => script(last) == Some(Script::Tibetan),
        // KATAKANA MIDDLE DOT
        '\u{30fb}' => matches!(
            script(last),
            Some(Script::Hiragana | Script::Katakana | Script::Han)
        ),
        _ => false,
    }
}
