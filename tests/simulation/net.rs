//! The servers of the pretend world: the site, GitHub's API, the store of its logs, Discord.

use std::collections::BTreeMap;

use mangetamain_deploy::host::{Answered, Http, Phase, Reply};
use serde_json::json;

use super::world::{CiRun, DAWN, DISCORD, Deployment, Mood, SITE, World, number, sha};

fn answered(status: u16, body: String) -> Answered {
    Answered { status, headers: BTreeMap::new(), body, whole: true, location: None, ms: 20, certificate_ends_ms: None }
}

fn time(at: u64) -> String {
    let seconds = (at - DAWN) / 1000;
    format!(
        "2026-01-{:02}T{:02}:{:02}:{:02}Z",
        1 + seconds / 86_400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60
    )
}

impl World {
    pub fn http(&mut self, http: &Http) -> Reply {
        let url = http.url.as_str();
        if url.starts_with(SITE) {
            self.site()
        } else if let Some(path) = url.strip_prefix("https://api.github.com/repos/team/site") {
            match Self::mood(&self.github, self.now) {
                Mood::Well if path.starts_with("/deployments") => self.deployments(path, http),
                Mood::Well => self.github(path, http),
                Mood::Silent => Reply::Unreached { phase: Phase::Timeout, text: "no answer".to_owned() },
                Mood::Garbage => Reply::Answered(answered(200, "<html>Unicorn!</html>".to_owned())),
                Mood::Status(status) => Reply::Answered(answered(status, json!({ "message": "no" }).to_string())),
            }
        } else if url.starts_with("https://logs.example/") {
            assert!(!http.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")), "{http:?}");
            let log = "2026-01-01T00:00:01.0Z one\n2026-01-01T00:00:02.0Z FAILED test_home ##[add-mask]x\n";
            Reply::Answered(answered(200, log.to_owned()))
        } else if let Some(rest) = url.strip_prefix(&DISCORD.replace("/api/webhooks/", "/api/v10/webhooks/")) {
            self.discord(&http.method, rest, http.body.as_deref().unwrap_or_default())
        } else {
            panic!("nobody taught the pretend world: {} {url}", http.method)
        }
    }

    fn site(&self) -> Reply {
        let refused = || Reply::Unreached { phase: Phase::Connect, text: "ECONNREFUSED".to_owned() };
        let Some(container) = self.container.as_ref().filter(|one| one.running) else {
            return refused();
        };
        // It takes a second and a half before it listens.
        if self.now < container.started_at + 1_500 {
            return refused();
        }
        let bad = number(&container.version).is_some_and(|version| self.unhealthy.contains(&version));
        Reply::Answered(answered(if bad { 500 } else { 200 }, format!("<p>{}</p>", container.version)))
    }

    fn github(&self, path: &str, http: &Http) -> Reply {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let body = match parts.as_slice() {
            ["actions", "workflows", "ci.yml", "runs"] => {
                let asked = query.split('&').find_map(|pair| pair.strip_prefix("head_sha="));
                // The newest attempt is the one that is listed.
                let mut newest: BTreeMap<u64, &CiRun> = BTreeMap::new();
                for run in self.runs.iter().filter(|run| run.appears_at <= self.now) {
                    newest.insert(run.id, run);
                }
                let wanted = |run: &&&CiRun| asked.is_none_or(|asked| !self.search_lags && asked == sha(run.commit));
                let runs: Vec<serde_json::Value> = newest.values().filter(wanted).map(|run| self.listed(run)).collect();
                json!({ "total_count": runs.len(), "workflow_runs": runs }).to_string()
            }
            ["actions", "workflows"] => {
                let one = json!({ "name": "CI", "path": ".github/workflows/ci.yml", "state": "active" });
                json!({ "total_count": 1, "workflows": [one] }).to_string()
            }
            ["actions", "runs", id, "attempts", _, "jobs"] => {
                let step = json!({ "number": 3, "name": "pytest ::set-output name=x::y", "conclusion": "failure",
                    "started_at": "2026-01-01T00:00:00Z", "completed_at": "2026-01-01T00:00:03Z" });
                let job = json!({ "id": 5, "name": "test @everyone", "conclusion": "failure", "steps": [step],
                    "html_url": format!("https://github.com/team/site/actions/runs/{id}/job/5") });
                json!({ "total_count": 1, "jobs": [job] }).to_string()
            }
            ["actions", "jobs", "5", "logs"] => {
                let location = Some("https://logs.example/5?sig=abc".to_owned());
                return Reply::Answered(Answered { location, ..answered(302, String::new()) });
            }
            other => panic!("nobody taught the pretend world: GET {other:?} of {http:?}"),
        };
        let etag =
            format!("W/\"{:x}\"", body.bytes().fold(5381u64, |hash, byte| hash.wrapping_mul(33) ^ u64::from(byte)));
        if http.headers.iter().any(|(name, value)| name == "If-None-Match" && *value == etag) {
            return Reply::Answered(answered(304, String::new()));
        }
        let mut answer = answered(200, body);
        answer.headers.insert("etag".to_owned(), etag);
        Reply::Answered(answer)
    }

    /// GitHub's deployments, with what it does by itself: a success makes earlier ones inactive, but for
    /// what end users work with.
    fn deployments(&mut self, path: &str, http: &Http) -> Reply {
        if !self.may_deploy {
            return Reply::Answered(answered(403, json!({ "message": "Resource not accessible" }).to_string()));
        }
        let body = || serde_json::from_str::<serde_json::Value>(http.body.as_deref().unwrap()).unwrap();
        let path = path.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let index = |id: &str| id.parse::<usize>().unwrap() - 1;
        match (http.method.as_str(), parts.as_slice()) {
            ("GET", ["deployments"]) => {
                let one = |(at, deployment): (usize, &Deployment)| {
                    let mut one = deployment.asked.clone();
                    one["id"] = json!(at + 1);
                    one
                };
                let all: Vec<serde_json::Value> = self.deployments.iter().enumerate().map(one).rev().collect();
                Reply::Answered(answered(200, json!(all).to_string()))
            }
            ("POST", ["deployments"]) => {
                let asked = body();
                assert!(asked["auto_merge"] == json!(false) && asked["required_contexts"] == json!([]), "{asked}");
                self.deployments.push(Deployment { asked, states: Vec::new() });
                Reply::Answered(answered(201, json!({ "id": self.deployments.len() }).to_string()))
            }
            ("GET", ["deployments", id, "statuses"]) => {
                let states: Vec<&serde_json::Value> = self.deployments[index(id)].states.iter().rev().collect();
                Reply::Answered(answered(200, json!(states).to_string()))
            }
            ("POST", ["deployments", id, "statuses"]) => {
                let (at, said) = (index(id), body());
                if said["state"] == "success" {
                    let is_success =
                        |one: &Deployment| one.states.last().is_some_and(|last| last["state"] == "success");
                    let earlier = self.deployments[..at].iter_mut().filter(|one| is_success(one));
                    for one in earlier.filter(|one| one.asked["production_environment"] != json!(true)) {
                        one.states.push(json!({ "state": "inactive" }));
                    }
                }
                self.deployments[at].states.push(said);
                Reply::Answered(answered(201, json!({ "id": 1 }).to_string()))
            }
            other => panic!("nobody taught the pretend world: {other:?}"),
        }
    }

    /// A run as the API and the event describe it.
    pub fn listed(&self, run: &CiRun) -> serde_json::Value {
        let ended = run.ends_at <= self.now;
        json!({
            "id": run.id, "run_attempt": run.attempt, "event": "push", "head_branch": "main",
            "head_sha": sha(run.commit), "path": ".github/workflows/ci.yml", "name": "CI",
            "status": if ended { "completed" } else { "in_progress" },
            "conclusion": if ended { Some(&run.conclusion) } else { None },
            "html_url": format!("https://github.com/team/site/actions/runs/{}", run.id),
            "head_repository": { "full_name": "team/site" }, "run_started_at": time(run.appears_at),
        })
    }

    /// Posts and edits, in the order in which they came; an edit of what was never posted is refused.
    fn discord(&mut self, method: &str, rest: &str, body: &str) -> Reply {
        if method == "GET" {
            let webhook = json!({ "id": "42", "name": "town" }).to_string();
            return match Self::mood(&self.discord, self.now) {
                Mood::Well => Reply::Answered(answered(200, webhook)),
                Mood::Silent => Reply::Unreached { phase: Phase::Connect, text: "ECONNREFUSED".to_owned() },
                Mood::Garbage => Reply::Answered(answered(502, "<html>".to_owned())),
                Mood::Status(status) => Reply::Answered(answered(status, "{}".to_owned())),
            };
        }
        self.posts += 1;
        let is_json = serde_json::from_str::<serde_json::Value>(body)
            .is_ok_and(|json| json["allowed_mentions"]["parse"].is_array());
        assert!(is_json, "a message without allowed_mentions could ring anybody: {body}");
        match Self::mood(&self.discord, self.now) {
            Mood::Well if method == "PATCH" => {
                let id = rest.strip_prefix("/messages/").and_then(|id| id.parse::<u64>().ok());
                if id.is_none_or(|id| id == 0 || id > self.channel || self.forgotten.contains(&id)) {
                    return Reply::Answered(answered(404, json!({ "code": 10008 }).to_string()));
                }
                self.messages.push(body.to_owned());
                self.edits += 1;
                Reply::Answered(answered(200, json!({ "id": id.unwrap_or_default().to_string() }).to_string()))
            }
            Mood::Well => {
                assert!(method == "POST" && (rest.is_empty() || rest == "?wait=true"), "{method} {rest}");
                self.messages.push(body.to_owned());
                self.channel += 1;
                let told = json!({ "id": self.channel.to_string() }).to_string();
                Reply::Answered(if rest.is_empty() { answered(204, String::new()) } else { answered(200, told) })
            }
            Mood::Silent => Reply::Unreached { phase: Phase::Connect, text: "ECONNREFUSED".to_owned() },
            Mood::Garbage => Reply::Answered(answered(502, "<html>".to_owned())),
            Mood::Status(429) => Reply::Answered(answered(429, json!({ "retry_after": 0.5 }).to_string())),
            Mood::Status(status) => Reply::Answered(answered(status, "{}".to_owned())),
        }
    }
}
