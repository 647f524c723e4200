//! Which paths a glob of `guard-paths` means.

use mangetamain_deploy::tools::guard::{guarded, idle};

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn is_guarded(glob: &str, path: &str, prefix: &str) -> bool {
    !guarded(&owned(&[glob]), owned(&[path]), prefix).is_empty()
}

#[test]
fn a_glob_counts_from_the_top_folder_and_from_where_the_application_stands() {
    for glob in ["migrations/**", "migrations/*.sql", "migrations", "migrations/", "/migrations/**", "./migrations"] {
        assert!(is_guarded(glob, "migrations/1.sql", ""), "{glob} at the top");
        assert!(is_guarded(glob, "10_preprod/migrations/1.sql", "10_preprod/"), "{glob} below app-path");
        assert!(!is_guarded(glob, "20_prod/migrations/1.sql", "10_preprod/"), "{glob} beside app-path");
        assert!(!is_guarded(glob, "site/migrations.md", ""), "{glob} is no part of a name");
    }
    assert!(is_guarded("20_prod/**", "20_prod/x", "10_preprod/"));
    assert!(is_guarded("**/migrations", "a/b/migrations/c/1.sql", ""));
    assert!(is_guarded("schema.sql", "schema.sql", "") && !is_guarded("*.sql", "a/schema.sql", ""));
    assert!(is_guarded("!docs/**", "src/x", "") && !is_guarded("!docs/**", "docs/x", ""));
}

#[test]
fn a_glob_that_means_nothing_is_named() {
    let globs = owned(&["migrations/**", "migration/**"]);
    assert_eq!(idle(&globs, &owned(&["app/migrations/1.sql", "x"]), "app/").collect::<Vec<_>>(), [&globs[1]]);
    assert_eq!(idle(&globs[..1], &owned(&["app/migrations/1.sql"]), "app/").next(), None);
    assert_eq!(idle(&globs, &[], "").count(), globs.len());
}
