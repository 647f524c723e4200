//! Paths between whose versions the machine does not go back by itself: which of those that differ are meant.

/// Those of `paths` (from the repository's top folder) that one of the globs means. A glob counts from there, and
/// from the folder at `prefix` (`site/`; empty: the top), where the application stands; a folder means all below it.
#[must_use]
pub fn guarded(globs: &[String], paths: Vec<String>, prefix: &str) -> Vec<String> {
    paths.into_iter().filter(|path| globs.iter().any(|glob| means(glob, path, prefix))).collect()
}

/// The globs that mean none of these paths.
pub fn idle<'a>(globs: &'a [String], paths: &'a [String], prefix: &'a str) -> impl Iterator<Item = &'a String> {
    globs.iter().filter(move |glob| !paths.iter().any(|path| means(glob, path, prefix)))
}

fn means(glob: &str, path: &str, prefix: &str) -> bool {
    let glob = glob.strip_prefix("./").unwrap_or(glob).trim_start_matches('/').trim_end_matches('/');
    let inside = path.strip_prefix(prefix).filter(|_| !prefix.is_empty());
    let below = format!("{glob}/**");
    // Of what begins with `!` the rest is meant: nothing is widened there.
    let globs = [Some(glob), Some(below.as_str()).filter(|_| !glob.starts_with('!'))];
    let is_meant = |path: &str| globs.iter().flatten().any(|glob| fast_glob::glob_match(glob, path));
    inside.is_some_and(is_meant) || is_meant(path)
}
