//! `mcp-kit serve crm`, as processes that are spoken to over HTTP.
//!
//! [`server`] starts them, [`client`] speaks to them in both eras, [`place`] is where they keep their
//! data. What is sent is written byte by byte, because most of it is what no client library sends.

mod client;
mod place;
mod questions;
mod records;
mod relay;
mod server;

mod apart;
mod approve;
mod bank;
mod clients;
mod cluster;
mod crash;
mod envelope;
mod hostile;
mod install;
mod matrix;
mod outage;
#[cfg(unix)]
mod points;
mod sandbox;
mod secrecy;
mod starting;
mod tasks;
mod tokens;
mod trail;
mod writes;
