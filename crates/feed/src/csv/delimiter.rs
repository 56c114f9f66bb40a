//! Which character stands between the cells of a text.

/// The delimiter that splits the first lines into the same number of cells, at least two; of
/// several the one that gives the most cells.
pub(super) fn detect_delimiter(head: &[u8]) -> u8 {
    let lines: Vec<&[u8]> =
        head.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty()).take(8).collect();
    // The last line may be cut off by the end of the head.
    let lines = if lines.len() > 1 { &lines[..lines.len() - 1] } else { &lines[..] };
    let cells = |line: &[u8], delimiter: u8| {
        let mut quoted = false;
        1 + line
            .iter()
            .filter(|&&b| {
                quoted ^= b == b'"';
                !quoted && b == delimiter
            })
            .count()
    };
    let even = |delimiter: u8| {
        let first = lines.first().map_or(1, |line| cells(line, delimiter));
        let same = lines.iter().all(|line| cells(line, delimiter) == first);
        (same, first)
    };
    *b",;\t|"
        .iter()
        .rev()
        .max_by_key(|&&d| {
            let (same, count) = even(d);
            (count > 1, same, count)
        })
        .unwrap_or(&b',')
}
