//! How the numbers of the card networks begin, how long they are, and their check digit.

/// A range of beginnings, all of so many digits, with the fewest and the most digits of a whole number.
struct Range {
    from: u32,
    to: u32,
    fewest: usize,
    most: usize,
}

const fn range(from: u32, to: u32, fewest: usize, most: usize) -> Range {
    Range { from, to, fewest, most }
}

/// The networks' published ranges. Maestro's own is so wide that every long number with 5 or 6 in front would be in it: of
/// it only what its issuers use.
const RANGES: &[Range] = &[
    range(4, 4, 13, 13), // Visa
    range(4, 4, 16, 16),
    range(4, 4, 19, 19),
    range(51, 55, 16, 16), // Mastercard
    range(2221, 2720, 16, 16),
    range(34, 34, 15, 15), // American Express
    range(37, 37, 15, 15),
    range(300, 305, 14, 19), // Diners Club
    range(3095, 3095, 14, 19),
    range(36, 36, 14, 19),
    range(38, 39, 14, 19),
    range(6011, 6011, 16, 19), // Discover
    range(644, 649, 16, 19),
    range(65, 65, 16, 19),
    range(3528, 3589, 16, 19), // JCB
    range(62, 62, 16, 19),     // UnionPay
    range(81, 82, 16, 19),
    range(5018, 5018, 13, 19), // Maestro
    range(5020, 5020, 13, 19),
    range(5038, 5038, 13, 19),
    range(5893, 5893, 13, 19),
    range(6304, 6304, 13, 19),
    range(6759, 6759, 13, 19),
    range(6761, 6763, 13, 19),
    range(2200, 2204, 16, 19), // Mir
    range(60, 60, 16, 16),     // RuPay
    range(508, 508, 16, 16),
    range(9792, 9792, 16, 16),       // Troy
    range(5019, 5019, 16, 16),       // Dankort
    range(506_099, 506_198, 16, 19), // Verve
    range(5067, 5067, 16, 16),       // Elo
    range(5090, 5090, 16, 16),
    range(6277, 6277, 16, 16),
    range(6362, 6363, 16, 16),
];

/// Whether a network issues numbers that begin so and are so long.
pub(super) fn issues(digits: &[u8]) -> bool {
    let begins = |range: &Range| {
        let length = range.from.ilog10() as usize + 1;
        let front = digits.iter().take(length).fold(0_u32, |front, digit| front * 10 + u32::from(*digit));
        (range.from..=range.to).contains(&front) && (range.fewest..=range.most).contains(&digits.len())
    };
    RANGES.iter().any(begins)
}

/// Whether the last digit is the right one (ISO/IEC 7812-1, annex B: Luhn's formula).
pub(super) fn checks(digits: &[u8]) -> bool {
    let counted = digits.iter().rev().enumerate().map(|(place, digit)| match (place % 2, u32::from(*digit)) {
        (0, digit) => digit,
        (_, digit) => digit * 2 / 10 + digit * 2 % 10,
    });
    counted.sum::<u32>() % 10 == 0
}
