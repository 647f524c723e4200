//! Tools, configuration and what people see: data compared with data. One program, as each links the whole crate.

mod backup;
mod ci_error;
mod ci_log;
mod ci_run;
mod command;
mod command_line;
mod compose;
mod config;
mod config_promote;
mod consent;
mod containers;
mod discord;
mod doctor;
mod freeze;
mod french;
mod french_problems;
mod french_rebuffs;
mod french_typography;
mod git_reset;
mod git_tools;
mod git_world;
mod github;
mod health;
mod health_hours;
mod health_news;
mod http;
mod markdown;
mod notices;
mod page;
mod report_jobs;
#[path = "../story/mod.rs"]
mod story;
mod strategy;
mod summary;
mod watchtower;
mod way_back;
