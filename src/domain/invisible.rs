//! Invisible characters, which come from copying and pasting, or are meant to deceive.

use std::fmt;

use icu_properties::props::{
    CanonicalCombiningClass, DefaultIgnorableCodePoint, Emoji, ExtendedPictographic,
    GeneralCategory, Ideographic, JoiningType,
};
use icu_properties::{CodePointMapData, CodePointSetData};

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
const VARIATION_SELECTOR_16: char = '\u{fe0f}';
const ENCLOSING_KEYCAP: char = '\u{20e3}';

/// An invisible character in a text: a control, format or bidirectional character, a blank other than the
/// space, a line separator, or one that Unicode calls default ignorable.
///
/// Its message follows the name of a field, as in "email has an invisible character …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("has an invisible character {} at position {position}: remove it", Named(*.character))]
pub struct InvisibleCharacter {
    character: char,
    position: usize,
}

impl InvisibleCharacter {
    /// The first invisible character of a text that machines compare. The zero width joiner and non-joiner
    /// are taken where the spelling of a word needs them (RFC 5892, appendix A.1 and A.2), and the
    /// variation selectors of emoji where they follow one.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::first(text, is_invisible)
    }

    /// The first invisible character of a text that people read: blanks of any width are fine there, and so
    /// are the variation selectors of ideographs and of Mongolian letters.
    #[must_use]
    pub fn find_in_prose(text: &str) -> Option<Self> {
        Self::first(text, |characters, place| {
            let character = characters[place];
            let is_blank = category(character) == GeneralCategory::SpaceSeparator;
            is_invisible(characters, place)
                && !is_blank
                && !selects_a_variant(&characters[..place], character)
        })
    }

    fn first(text: &str, is_found: impl Fn(&[char], usize) -> bool) -> Option<Self> {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return None;
        }
        let characters: Vec<char> = text.chars().collect();
        let place = (0..characters.len()).find(|place| is_found(&characters, *place))?;
        Some(Self {
            character: characters[place],
            position: place + 1,
        })
    }

    /// The same character, in a text of which some characters were cut off in front.
    #[must_use]
    pub fn after(self, characters_before: usize) -> Self {
        Self {
            position: self.position + characters_before,
            ..self
        }
    }
}

pub(super) fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}

fn is_invisible(characters: &[char], place: usize) -> bool {
    let character = characters[place];
    let (before, after) = (&characters[..place], &characters[place + 1..]);
    match character {
        // It looks like a blank, and is a symbol to Unicode.
        '\u{2800}' => true,
        // After the space, Arabic, Syriac and Kaithi signs: they are format characters, and show.
        ' '
        | '\u{600}'..='\u{605}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{890}'
        | '\u{891}'
        | '\u{8e2}'
        | '\u{110bd}'
        | '\u{110cd}' => false,
        ZERO_WIDTH_NON_JOINER => !follows_a_virama(before) && !breaks_a_ligature(before, after),
        ZERO_WIDTH_JOINER => !follows_a_virama(before) && !joins_emoji(before, after),
        '\u{fe0e}' | VARIATION_SELECTOR_16 => !presents_an_emoji(before, after),
        _ => {
            matches!(
                category(character),
                GeneralCategory::Control
                    | GeneralCategory::Format
                    | GeneralCategory::SpaceSeparator
                    | GeneralCategory::LineSeparator
                    | GeneralCategory::ParagraphSeparator
            ) || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
        }
    }
}

fn follows_a_virama(before: &[char]) -> bool {
    let classes = CodePointMapData::<CanonicalCombiningClass>::new();
    before
        .last()
        .is_some_and(|last| classes.get(*last) == CanonicalCombiningClass::Virama)
}

/// Between two letters that would join, as in Persian words.
fn breaks_a_ligature(before: &[char], after: &[char]) -> bool {
    let joining_type = |character: &char| CodePointMapData::<JoiningType>::new().get(*character);
    let mut left = before.iter().rev().map(joining_type);
    let mut right = after.iter().map(joining_type);
    let is_letter = |joining: &JoiningType| *joining != JoiningType::Transparent;
    let joins_left = left.find(is_letter).is_some_and(|joining| {
        matches!(joining, JoiningType::LeftJoining | JoiningType::DualJoining)
    });
    let joins_right = right.find(is_letter).is_some_and(|joining| {
        matches!(
            joining,
            JoiningType::RightJoining | JoiningType::DualJoining
        )
    });
    joins_left && joins_right
}

fn joins_emoji(before: &[char], after: &[char]) -> bool {
    let pictographs = CodePointSetData::new::<ExtendedPictographic>();
    let is_modifier = |character: &&char| {
        matches!(
            **character,
            VARIATION_SELECTOR_16 | '\u{1f3fb}'..='\u{1f3ff}'
        )
    };
    let left = before
        .iter()
        .rev()
        .find(|character| !is_modifier(character));
    left.is_some_and(|left| pictographs.contains(*left))
        && after
            .first()
            .is_some_and(|right| pictographs.contains(*right))
}

fn presents_an_emoji(before: &[char], after: &[char]) -> bool {
    before.last().is_some_and(|last| {
        let is_keycap = !last.is_ascii() || after.first() == Some(&ENCLOSING_KEYCAP);
        is_keycap && CodePointSetData::new::<Emoji>().contains(*last)
    })
}

fn selects_a_variant(before: &[char], selector: char) -> bool {
    let Some(last) = before.last() else {
        return false;
    };
    match selector {
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {
            CodePointSetData::new::<Ideographic>().contains(*last)
        }
        '\u{180b}'..='\u{180d}' | '\u{180f}' => matches!(last, '\u{1820}'..='\u{18aa}'),
        _ => false,
    }
}

/// A character as people look it up: its code point, and its name in Unicode where it is often met.
struct Named(char);

impl fmt::Display for Named {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "U+{:04X}", u32::from(self.0))?;
        match name(self.0) {
            Some(name) => write!(formatter, " ({name})"),
            None => Ok(()),
        }
    }
}

fn name(character: char) -> Option<&'static str> {
    Some(match character {
        '\0' => "NULL",
        '\t' => "CHARACTER TABULATION",
        '\n' => "LINE FEED",
        '\u{b}' => "LINE TABULATION",
        '\u{c}' => "FORM FEED",
        '\r' => "CARRIAGE RETURN",
        '\u{1b}' => "ESCAPE",
        '\u{7f}' => "DELETE",
        '\u{85}' => "NEXT LINE",
        '\u{a0}' => "NO-BREAK SPACE",
        '\u{ad}' => "SOFT HYPHEN",
        '\u{34f}' => "COMBINING GRAPHEME JOINER",
        '\u{61c}' => "ARABIC LETTER MARK",
        '\u{115f}' => "HANGUL CHOSEONG FILLER",
        '\u{1160}' => "HANGUL JUNGSEONG FILLER",
        '\u{1680}' => "OGHAM SPACE MARK",
        '\u{180e}' => "MONGOLIAN VOWEL SEPARATOR",
        '\u{2000}' => "EN QUAD",
        '\u{2001}' => "EM QUAD",
        '\u{2002}' => "EN SPACE",
        '\u{2003}' => "EM SPACE",
        '\u{2004}' => "THREE-PER-EM SPACE",
        '\u{2005}' => "FOUR-PER-EM SPACE",
        '\u{2006}' => "SIX-PER-EM SPACE",
        '\u{2007}' => "FIGURE SPACE",
        '\u{2008}' => "PUNCTUATION SPACE",
        '\u{2009}' => "THIN SPACE",
        '\u{200a}' => "HAIR SPACE",
        '\u{200b}' => "ZERO WIDTH SPACE",
        ZERO_WIDTH_NON_JOINER => "ZERO WIDTH NON-JOINER",
        ZERO_WIDTH_JOINER => "ZERO WIDTH JOINER",
        '\u{200e}' => "LEFT-TO-RIGHT MARK",
        '\u{200f}' => "RIGHT-TO-LEFT MARK",
        '\u{2028}' => "LINE SEPARATOR",
        '\u{2029}' => "PARAGRAPH SEPARATOR",
        '\u{202a}' => "LEFT-TO-RIGHT EMBEDDING",
        '\u{202b}' => "RIGHT-TO-LEFT EMBEDDING",
        '\u{202c}' => "POP DIRECTIONAL FORMATTING",
        '\u{202d}' => "LEFT-TO-RIGHT OVERRIDE",
        '\u{202e}' => "RIGHT-TO-LEFT OVERRIDE",
        '\u{202f}' => "NARROW NO-BREAK SPACE",
        '\u{205f}' => "MEDIUM MATHEMATICAL SPACE",
        '\u{2060}' => "WORD JOINER",
        '\u{2061}' => "FUNCTION APPLICATION",
        '\u{2062}' => "INVISIBLE TIMES",
        '\u{2063}' => "INVISIBLE SEPARATOR",
        '\u{2064}' => "INVISIBLE PLUS",
        '\u{2066}' => "LEFT-TO-RIGHT ISOLATE",
        '\u{2067}' => "RIGHT-TO-LEFT ISOLATE",
        '\u{2068}' => "FIRST STRONG ISOLATE",
        '\u{2069}' => "POP DIRECTIONAL ISOLATE",
        '\u{206a}' => "INHIBIT SYMMETRIC SWAPPING",
        '\u{206b}' => "ACTIVATE SYMMETRIC SWAPPING",
        '\u{206c}' => "INHIBIT ARABIC FORM SHAPING",
        '\u{206d}' => "ACTIVATE ARABIC FORM SHAPING",
        '\u{206e}' => "NATIONAL DIGIT SHAPES",
        '\u{206f}' => "NOMINAL DIGIT SHAPES",
        '\u{2800}' => "BRAILLE PATTERN BLANK",
        '\u{3000}' => "IDEOGRAPHIC SPACE",
        '\u{3164}' => "HANGUL FILLER",
        '\u{fe0e}' => "VARIATION SELECTOR-15",
        VARIATION_SELECTOR_16 => "VARIATION SELECTOR-16",
        '\u{feff}' => "ZERO WIDTH NO-BREAK SPACE",
        '\u{ffa0}' => "HALFWIDTH HANGUL FILLER",
        '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}' => "VARIATION SELECTOR",
        '\u{e0001}' | '\u{e0020}'..='\u{e007f}' => "TAG",
        _ if character.is_control() => "CONTROL CHARACTER",
        _ => return None,
    })
}
