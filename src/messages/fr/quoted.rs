//! Ce qui est cité, en français.

/// An outside text between French quotation marks; what controls a terminal in it is written out.
pub fn quoted(text: impl AsRef<str>) -> String {
    let mut told = String::from("« ");
    for letter in text.as_ref().chars() {
        match letter.is_control() {
            true => told.extend(letter.escape_debug()),
            false => told.push(letter),
        }
    }
    told + " »"
}
