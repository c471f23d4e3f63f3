//! The streamable HTTP transport: a listener on the loopback address, one thread a connection.

use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::connection::Connection;
use crate::endpoint::{Endpoint, Exchange};
use crate::life;
use crate::message::{Ask, Message};
use crate::way::Way;

/// No server of ours lives longer than this.
const LIMIT: Duration = Duration::from_secs(120);

/// Prints the URL, then serves until standard input closes.
pub(crate) fn serve(way: &'static Way) -> io::Result<()> {
    life::limit(LIMIT);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let endpoint = Arc::new(Endpoint::new(way, listener.local_addr()?.port()));
    writeln!(io::stdout(), "{}", endpoint.url("127.0.0.1"))?;

    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let endpoint = Arc::clone(&endpoint);
            // A connection fails when the client leaves it, which is the client's right.
            thread::spawn(move || converse(&endpoint, stream).ok());
        }
    });
    io::copy(&mut io::stdin(), &mut io::sink()).map(drop)
}

/// Answers one request after another until either side closes the connection.
fn converse(endpoint: &Endpoint, stream: TcpStream) -> io::Result<()> {
    let way = endpoint.way;
    let mut connection = Connection::new(stream)?;
    while connection.open {
        let Some(request) = connection.receive()? else { break };
        let message = Message::read(&request.body);
        let mut exchange = Exchange { endpoint, request, message };
        endpoint.count(&mut exchange);
        let response = endpoint.respond(&exchange);
        if way.at.includes(exchange.ask().map_or("", |ask: &Ask| &ask.method)) {
            (way.replies)(&exchange, response, &mut connection)?;
        } else {
            connection.send(&response)?;
        }
    }
    Ok(())
}
