//! JSON numbers as Postgres stores them: as `numeric`, digit by digit.

/// The most digits after the decimal point. The shortest unique text of a double has fewer. Postgres prints
/// all digits of a scale, so that without a limit a few stored bytes would become thousands.
pub(super) const MAX_DECIMAL_PLACES: i64 = 400;
/// The largest exponent of a zero, of either sign.
const MAX_ZERO_EXPONENT: i64 = 16_383;
/// An integer of this many characters is within the range of a double, whatever its digits.
const MAX_SAFE_CHARACTERS: usize = 300;

/// A number in the range of an IEEE 754 double that Postgres can store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StorableNumber<'a> {
    /// Its JSON text. A zero has no exponent: Postgres would store `0e-16383` with 16,383 places.
    pub(super) text: &'a str,
    /// How many bytes it takes as Postgres prints it: without an exponent.
    pub(super) printed_bytes: usize,
}

impl<'a> StorableNumber<'a> {
    /// Checks the text of a well-formed JSON number.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let is_integer = unsigned.bytes().all(|byte| byte.is_ascii_digit());
        if is_integer && text.len() <= MAX_SAFE_CHARACTERS {
            let printed_bytes = if unsigned == "0" { 1 } else { text.len() };
            return Some(Self {
                text,
                printed_bytes,
            });
        }

        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let exponent: i64 = exponent.parse().ok()?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = || whole.bytes().chain(fraction.bytes());
        let leading_zeros = digits().take_while(|digit| *digit == b'0').count();
        let is_zero = leading_zeros == digits().count();

        if is_zero {
            let is_storable =
                exponent.abs() <= MAX_ZERO_EXPONENT && length(fraction) <= MAX_DECIMAL_PLACES;
            return is_storable.then_some(Self {
                text: &text[..text.len() - unsigned.len() + mantissa.len()],
                printed_bytes: mantissa.len(),
            });
        }
        let places = length(fraction).checked_sub(exponent)?.max(0);
        if places > MAX_DECIMAL_PLACES {
            return None;
        }
        let value: f64 = text.parse().ok()?;
        if !value.is_finite() || value == 0.0 {
            return None;
        }
        let whole_digits = length(whole) + exponent - i64::try_from(leading_zeros).ok()?;
        let point_and_places = if places > 0 { 1 + places } else { 0 };
        let printed = whole_digits.max(1) + point_and_places;
        let sign = text.len() - unsigned.len();
        Some(Self {
            text,
            printed_bytes: sign + usize::try_from(printed).ok()?,
        })
    }
}

fn length(digits: &str) -> i64 {
    // No text in memory has more bytes than an i64 counts.
    i64::try_from(digits.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_loses_its_exponent_and_keeps_its_places() {
        for (sent, stored) in [
            ("0e-16383", "0"),
            ("-0E+5", "-0"),
            ("0.000e-9", "0.000"),
            ("0.00", "0.00"),
        ] {
            assert_eq!(
                StorableNumber::of(sent).map(|number| number.text),
                Some(stored)
            );
        }
        assert_eq!(
            StorableNumber::of("1.50e-3").map(|number| number.text),
            Some("1.50e-3")
        );
    }
}
