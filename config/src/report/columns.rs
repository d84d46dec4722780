//! Tables of plain text.

/// Rows of cells, indented, each column as wide as its widest cell.
pub(super) fn columns(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let mut text = String::new();
    for row in rows {
        let mut line = String::from(" ");
        for (column, cell) in row.iter().enumerate() {
            let blanks = width(column).saturating_sub(cell.chars().count());
            line += &format!(" {cell}{} ", " ".repeat(blanks));
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// Milliseconds as people say them: `90 s`, `5 min`, `36 h`.
pub(super) fn time(ms: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(3_600_000, "h"), (60_000, "min"), (1000, "s")];
    if ms == 0 {
        return "0 s".to_owned();
    }
    let whole = UNITS.iter().find(|(unit, _)| ms.is_multiple_of(*unit));
    whole.map_or_else(|| format!("{ms} ms"), |(unit, name)| format!("{} {name}", ms / unit))
}
