//! Which country calling codes are assigned.
//!
//! Source: the ITU-T E.164 assigned country codes, as listed in libphonenumber's metadata v9.0.43,
//! services that belong to no country (800, 808, 870, 878, 881, 882, 883, 888 and 979) included.
//! A code that is assigned but under which no number exists, such as 379, is not listed there, so
//! it is not listed here.
//!
//! To refresh, compare the arrays with the keys of `COUNTRY_CODE_TO_REGION_CODE` in the newest
//! release of the Python package `phonenumbers`, which carries that metadata.

const ONE_DIGIT: [&str; 2] = ["1", "7"];

#[rustfmt::skip]
const TWO_DIGITS: [&str; 44] = [
    "20", "27",
    "30", "31", "32", "33", "34", "36", "39",
    "40", "41", "43", "44", "45", "46", "47", "48", "49",
    "51", "52", "53", "54", "55", "56", "57", "58",
    "60", "61", "62", "63", "64", "65", "66",
    "81", "82", "84", "86",
    "90", "91", "92", "93", "94", "95", "98",
];

#[rustfmt::skip]
const THREE_DIGITS: [&str; 169] = [
    "211", "212", "213", "216", "218",
    "220", "221", "222", "223", "224", "225", "226", "227", "228", "229",
    "230", "231", "232", "233", "234", "235", "236", "237", "238", "239",
    "240", "241", "242", "243", "244", "245", "246", "247", "248", "249",
    "250", "251", "252", "253", "254", "255", "256", "257", "258",
    "260", "261", "262", "263", "264", "265", "266", "267", "268", "269",
    "290", "291", "297", "298", "299",
    "350", "351", "352", "353", "354", "355", "356", "357", "358", "359",
    "370", "371", "372", "373", "374", "375", "376", "377", "378",
    "380", "381", "382", "383", "385", "386", "387", "389",
    "420", "421", "423",
    "500", "501", "502", "503", "504", "505", "506", "507", "508", "509",
    "590", "591", "592", "593", "594", "595", "596", "597", "598", "599",
    "670", "672", "673", "674", "675", "676", "677", "678", "679",
    "680", "681", "682", "683", "685", "686", "687", "688", "689",
    "690", "691", "692",
    "800", "808",
    "850", "852", "853", "855", "856",
    "870", "878",
    "880", "881", "882", "883", "886", "888",
    "960", "961", "962", "963", "964", "965", "966", "967", "968",
    "970", "971", "972", "973", "974", "975", "976", "977", "979",
    "992", "993", "994", "995", "996", "998",
];

/// Whether a number, given as the digits that follow its `+`, begins with an assigned code.
///
/// No code is a prefix of another, so at most one can match, in any order of the lookups.
pub(super) fn begins_with_assigned_code(digits: &str) -> bool {
    begins_with_one_of(digits, 1, &ONE_DIGIT)
        || begins_with_one_of(digits, 2, &TWO_DIGITS)
        || begins_with_one_of(digits, 3, &THREE_DIGITS)
}

fn begins_with_one_of(digits: &str, length: usize, codes: &[&str]) -> bool {
    digits
        .get(..length)
        .is_some_and(|code| codes.binary_search(&code).is_ok())
}

/// A regular expression, without anchors, of all numbers of 7 to 15 digits that begin with an
/// assigned code.
pub(super) fn pattern() -> String {
    let numbers = |codes: &[&str], length: usize| {
        let (fewest, most) = (7 - length, 15 - length);
        format!("({})[0-9]{{{fewest},{most}}}", alternatives(codes))
    };
    [
        numbers(&ONE_DIGIT, 1),
        numbers(&TWO_DIGITS, 2),
        numbers(&THREE_DIGITS, 3),
    ]
    .join("|")
}

/// Sorted codes as alternatives, those that differ in their last digit alone together.
fn alternatives(codes: &[&str]) -> String {
    let groups = codes.chunk_by(|left, right| left[..left.len() - 1] == right[..right.len() - 1]);
    let alternatives: Vec<String> = groups
        .map(|group| {
            let last: String = group.iter().map(|code| &code[code.len() - 1..]).collect();
            format!("{}[{last}]", &group[0][..group[0].len() - 1])
        })
        .collect();
    alternatives.join("|")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<&'static str> {
        [&ONE_DIGIT[..], &TWO_DIGITS, &THREE_DIGITS].concat()
    }

    #[test]
    fn the_codes_are_sorted_and_of_the_length_they_are_listed_under() {
        for (length, codes) in [(1, &ONE_DIGIT[..]), (2, &TWO_DIGITS), (3, &THREE_DIGITS)] {
            assert!(codes.is_sorted_by(|left, right| left < right));
            for code in codes {
                assert_eq!(code.len(), length, "{code}");
                assert!(code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
            }
        }
    }

    #[test]
    fn no_code_is_a_prefix_of_another() {
        let all = all();
        for code in &all {
            for other in &all {
                assert!(code == other || !other.starts_with(code), "{code} {other}");
            }
        }
    }

    #[test]
    fn assigned_codes_are_in() {
        for code in ["1", "7", "39", "44", "378", "800", "881", "979", "998"] {
            assert!(begins_with_assigned_code(code), "{code}");
            assert!(
                begins_with_assigned_code(&format!("{code}5550100")),
                "{code}"
            );
        }
    }

    #[test]
    fn unassigned_codes_are_out() {
        for code in [
            "0", "00", "001", "039", "210", "214", "28", "37", "379", "384", "388", "424", "699",
            "83", "89", "969", "991", "999",
        ] {
            assert!(!begins_with_assigned_code(code), "{code}");
        }
        for digits in ["03912345678", "21012345678", "37912345678", "99912345678"] {
            assert!(!begins_with_assigned_code(digits), "{digits}");
        }
    }
}
