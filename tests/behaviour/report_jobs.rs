//! The jobs that `report` is told of: what `needs` says, what is wrong with it, and which job of the API
//! is meant.
#![allow(clippy::unwrap_used, missing_docs)]

use mangetamain_deploy::config::{self, Config};
use mangetamain_deploy::failure::Problem;
use mangetamain_deploy::host::Start;
use mangetamain_deploy::modes::report::culprits::{culprits, of_own_file};
use mangetamain_deploy::tools::ci_job::Job;
use mangetamain_deploy::tools::needs::{JobResult, is_named, read};

fn report(inputs: &[(&str, &str)], event: Option<&str>) -> Result<Config, Vec<Problem>> {
    let given = inputs.iter().chain(&[("mode", "report")]);
    let inputs = given.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let env = [("GITHUB_JOB", "build"), ("GITHUB_SHA", "c0ffee0000000000000000000000000000000001")];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    config::read(&Start { door: "action".to_owned(), inputs, env, ..Start::default() }, None, event)
}

fn refused(inputs: &[(&str, &str)]) -> Vec<String> {
    report(inputs, None).unwrap_err().iter().map(ToString::to_string).collect()
}

const NEEDS: &str = r#"{ "quality": { "result": "success", "outputs": {} }, "tests": { "result": "failure", "outputs": { "x": "1" } } }"#;

#[test]
fn jobs_that_did_not_succeed_come_first() {
    let jobs = report(&[("needs", NEEDS), ("optional", "quality")], None).unwrap().jobs;
    let seen: Vec<_> = jobs.iter().map(|job| (job.id.as_str(), &job.result, job.is_optional)).collect();
    assert_eq!(seen, [("tests", &JobResult::Failure, false), ("quality", &JobResult::Success, true)]);
}

#[test]
fn a_workflow_of_one_job_reports_its_own_status() {
    let jobs = report(&[("job-status", "failure")], None).unwrap().jobs;
    assert_eq!((jobs[0].id.as_str(), &jobs[0].result), ("build", &JobResult::Failure));
}

#[test]
fn a_result_that_nobody_knows_is_no_success() {
    let jobs = read(r#"{"a":{"result":"neutral"}}"#).unwrap();
    assert_eq!(jobs, [("a".to_owned(), JobResult::Unknown("neutral".to_owned()))]);
}

#[test]
fn malformed_needs_are_refused_with_how_to_write_them() {
    let wrong =
        ["Object", "success", "[]", "{", "null", "{}", r#"{"a":{}}"#, r#"{"a":"success"}"#, r#"{"a":{"result":1}}"#];
    for text in wrong {
        let told = refused(&[("needs", text)]);
        assert_eq!(told.len(), 1, "{text}: {told:?}");
        assert!(told[0].starts_with("needs = ") && told[0].contains("needs: ${{ toJSON(needs) }}"), "{told:?}");
    }
    assert!(refused(&[("needs", "{}")])[0].contains("names no job"));
}

#[test]
fn without_needs_or_a_status_there_is_nothing_to_report() {
    let told = refused(&[]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("or `job-status` is required") && told[0].contains("${{ job.status }}"), "{told:?}");
}

#[test]
fn an_optional_job_that_is_none_is_refused_with_the_nearest() {
    let told = refused(&[("needs", NEEDS), ("optional", "test\nquality")]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("Did you mean `tests`?"), "{told:?}");
}

#[test]
fn a_job_status_is_one_of_githubs_words() {
    assert!(refused(&[("job-status", "failed")])[0].contains("must be success, failure or cancelled"));
}

#[test]
fn a_job_is_known_by_its_id_where_its_name_was_not_chosen() {
    for name in ["tests", "tests (3.13, ubuntu)", "tests / unit", "Tests", "tests (a / b)"] {
        assert!(is_named("tests", name), "{name}");
    }
    assert!(is_named("quality-checks", "Quality checks"));
    for name in ["tests-2", "unit tests", ""] {
        assert!(!is_named("tests", name), "{name}");
    }
    assert!(!is_named("", ""));
}

/// Names of the jobs that are blamed: `needs` as id, result; the API as name, conclusion.
fn blamed(needed: &[(&str, &str)], optional: &str, known: &[(&str, &str)]) -> Vec<String> {
    let needs: Vec<String> = needed.iter().map(|(id, result)| format!(r#""{id}":{{"result":"{result}"}}"#)).collect();
    let needs = format!("{{{}}}", needs.join(","));
    let jobs = report(&[("needs", needs.as_str()), ("optional", optional)], None).unwrap().jobs;
    let known = known.iter().zip(1..).map(|((name, conclusion), id): (_, u64)| {
        Job::read(&serde_json::json!({ "id": id, "name": name, "conclusion": conclusion })).unwrap()
    });
    let known: Vec<Job> = known.collect();
    culprits(&jobs, &known).iter().map(|job| job.name.clone()).collect()
}

#[test]
fn a_tolerated_job_is_not_named_as_the_cause_whatever_it_is_called() {
    let needed = [("quality", "success"), ("tests", "failure"), ("infra", "failure")];
    let known = [("Quality Checks", "success"), ("Tests Preprod", "failure"), ("Infrastructure Tests", "failure")];
    assert_eq!(blamed(&needed, "infra", &known), ["Tests Preprod"]);
    assert_eq!(blamed(&needed, "", &known), ["Tests Preprod", "Infrastructure Tests"]);
    let needed = [("tests", "failure"), ("infra", "failure")];
    assert_eq!(blamed(&needed, "infra", &[("tests", "failure"), ("S3 smoke", "failure")]), ["tests"]);
}

#[test]
fn a_job_that_may_go_on_with_an_error_is_not_named_as_the_cause() {
    let needed = [("quality", "success"), ("tests", "failure"), ("infra", "success")];
    let known = [("quality", "success"), ("tests", "failure"), ("infra", "failure"), ("summary", "failure")];
    assert_eq!(blamed(&needed, "", &known), ["tests"]);
}

#[test]
fn jobs_with_names_of_their_own_are_named_as_far_as_needed_ones_failed() {
    let needed = [("lint", "failure"), ("unit", "failure"), ("docs", "success")];
    let known = [("Ruff", "failure"), ("Docs", "success"), ("Pytest", "failure"), ("Nobody's", "failure")];
    assert_eq!(blamed(&needed, "", &known), ["Ruff", "Pytest"]);
    let others = [("lint-extra", "failure"), ("lint2", "failure"), ("Unit tests", "failure"), ("lint", "failure")];
    assert_eq!(blamed(&needed, "", &others), ["Unit tests", "lint"], "other jobs with ids of their own");
    let matrix = [("Unit 3.12", "failure"), ("Unit 3.13", "failure"), ("lint", "failure")];
    assert_eq!(blamed(&needed, "", &matrix), ["Unit 3.12", "Unit 3.13", "lint"]);
}

#[test]
fn the_event_tells_commit_author_and_fork() {
    let of = |event: &str| report(&[("needs", NEEDS)], Some(event)).unwrap().origin.change;
    let sha = "c0ffee0000000000000000000000000000000002";
    let push = of(&format!(
        r#"{{"head_commit":{{"id":"{sha}","message":"Fix it\n\nbody","author":{{"name":"Ada","username":"ada"}}}},"repository":{{"full_name":"o/r"}}}}"#
    ));
    assert_eq!((push.subject.as_str(), push.author.as_str(), push.fork), ("Fix it", "@ada", None));
    assert_eq!(push.sha.unwrap().as_str(), sha);
    let pull = |head: &str| {
        of(&format!(
            r#"{{"pull_request":{{"title":"A change","user":{{"login":"eve"}},"head":{{"sha":"{sha}","repo":{head}}}}},"repository":{{"full_name":"o/r"}}}}"#
        ))
    };
    assert_eq!(pull(r#"{"full_name":"o/r"}"#).fork, None);
    assert_eq!(pull(r#"{"full_name":"eve/r"}"#).fork.as_deref(), Some("eve/r"));
    let deleted = pull("null");
    assert_eq!((deleted.fork.as_deref(), deleted.author.as_str()), (Some("a deleted fork"), "@eve"));
    assert_eq!(of("not json"), config::Change::default());
}

#[test]
fn jobs_of_a_called_workflow_are_known_by_the_names_of_its_own_file() {
    let job = |(name, id): (&str, u64)| Job::read(&serde_json::json!({ "id": id, "name": name })).unwrap();
    let names = |known: &[&str]| -> Vec<String> {
        let needed = report(&[("needs", NEEDS)], None).unwrap().jobs;
        let known = known.iter().copied().zip(1..).map(job).collect();
        of_own_file(&needed, "build", known).into_iter().map(|job| job.name).collect()
    };
    let called = ["lint", "ci / tests (3.13)", "ci / quality", "ci / build", "other / tests"];
    assert_eq!(names(&called), ["tests (3.13)", "quality", "build"]);
    assert_eq!(names(&["all / ci / tests", "all / ci / build"]), ["tests", "build"]);
    for own in [&["tests", "build"][..], &["tests / unit", "x / build"], &["Unit", "Tell Discord"], &[]] {
        assert_eq!(names(own), own, "they are its own already, or nobody knows");
    }
}
