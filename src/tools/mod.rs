//! Pure: how to say a thing to git, compose, GitHub, Discord or a site, and what each answer proves:
//! it happened, it was refused, or it is not known. A time-out is the third, never the second.

pub mod backup;
pub mod ci_error;
pub mod ci_job;
pub mod ci_log;
pub mod ci_run;
pub mod compose;
pub mod compose_file;
pub mod deployment;
pub mod discord;
pub mod doctor;
pub mod freeze;
pub mod git;
pub mod github;
pub mod guard;
pub mod health;
pub mod health_log;
pub mod health_news;
pub mod http;
pub mod inline;
pub mod instant;
pub mod letters;
pub mod markdown;
pub mod needs;
pub mod path;
pub mod process;
pub mod profiles;
pub mod question;
pub mod secret;
pub mod shell;
pub mod spot;
pub mod strategy;
pub mod trigger;
pub mod user;
pub mod yaml;
