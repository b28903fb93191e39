//! The program as other programs and people run it, and the files that it reads and writes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is a failed test")]

#[path = "../support/mod.rs"]
mod support;

mod audit;
mod commands;
mod configuration;
mod demo;
mod export_reading;
mod import_posting;
mod import_reading;
mod import_whole;
mod journal;
mod json;
mod login;
mod order_files;
mod pages;
mod privacy;
mod shell;
mod streams;
