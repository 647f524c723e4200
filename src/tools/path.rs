//! Paths as texts, absolute ones with `/` between their parts. Nothing is looked up.

/// The folder that holds it; of what stands directly below `/`, and of `/`, that is `/`.
#[must_use]
pub fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((folder, _)) if !folder.is_empty() => folder,
        _ => "/",
    }
}

/// `path` as seen from `folder` (absolute), without `.` and `..`; links are not looked at.
#[must_use]
pub fn absolute(folder: &str, path: &str) -> String {
    let from = if path.starts_with('/') { "" } else { folder };
    let mut parts: Vec<&str> = Vec::new();
    for part in from.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Whether `path` is `folder` or something in it; both absolute.
#[must_use]
pub fn is_within(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Bytes that a name may have beside which names are made of it: a file system takes 255.
const LONGEST: usize = 200;

/// A name that leaves room for what is written before and after it. One that is long is cut; two that are long stay two.
#[must_use]
pub fn cut(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    // FNV-1a.
    let mix = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let sum = name.bytes().fold(0xcbf2_9ce4_8422_2325, mix);
    let end = (0..=LONGEST - 17).rev().find(|at| name.is_char_boundary(*at)).unwrap_or_default();
    format!("{}~{sum:016x}", name.get(..end).unwrap_or_default())
}
