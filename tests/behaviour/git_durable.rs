//! The git tools against the real git: what changes a repository has it on the disk before it answers.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::fs;

use crate::git_world::*;
use mangetamain_deploy::host::Run;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::git::*;

/// How often a command, and what it starts, had the disk write: git's own count (Documentation/technical/api-trace2).
fn flushes(world: &World, run: &Run) -> usize {
    let trace = world.path("trace");
    let mut run = run.clone();
    run.env.insert("GIT_TRACE2_EVENT".to_owned(), trace.clone());
    done(&perform(&run)).unwrap();
    let lines = fs::read_to_string(&trace).unwrap();
    fs::remove_file(trace).unwrap();
    lines.lines().filter(|line| line.contains("hardware-flush") && line.contains("fsync")).count()
}

#[test]
fn what_is_fetched_saved_and_put_in_place_is_on_the_disk_before_git_answers() {
    let world = World::new("durable");
    let second = world.commit("second");
    let git = world.vm("vm");
    world.write("vm/app/site.py", "mine\n");
    let stash = stash_told(&perform(&git.create_stash())).unwrap().unwrap();
    let name = kept_ref(Kept::Stash, Millis(1));
    let changes = [
        ("fetch", git.fetch_sha(&second, "main")),
        ("stash", git.create_stash()),
        ("ref", git.save_ref(&name, &stash)),
        ("reset", git.reset_hard(&second)),
    ];
    for (what, run) in changes {
        assert!(flushes(&world, &run) > 0, "{what} leaves it to the kernel: {run:?}");
    }
    assert_eq!(flushes(&world, &git.head()), 0, "a question writes nothing");
}
