//! A server on loopback for plain HTTP/1.1: a thread a connection, requests without bodies, answers as a test writes them.

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// How a request's target is answered; an error ends the connection.
pub trait Answer: Fn(&str, &mut dyn Write) -> io::Result<()> + Send + Sync + 'static {}

impl<F: Fn(&str, &mut dyn Write) -> io::Result<()> + Send + Sync + 'static> Answer for F {}

/// Serves until the process ends, and returns the port.
///
/// # Errors
///
/// Where no port of loopback can be listened on.
pub fn serve(answer: impl Answer) -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            // A client that goes away is no fault of the test.
            std::thread::spawn(move || drop(talk(stream, &*answer)));
        }
    });
    Ok(port)
}

fn talk(stream: TcpStream, answer: &impl Answer) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut out = BufWriter::with_capacity(1 << 16, stream);
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request)? == 0 {
            return Ok(());
        }
        let mut header = String::new();
        while reader.read_line(&mut header)? > 0 && !header.trim().is_empty() {
            header.clear();
        }
        answer(request.split(' ').nth(1).unwrap_or_default(), &mut out)?;
        out.flush()?;
    }
}

/// Answers with JSON as a whole.
///
/// # Errors
///
/// Where the client has gone.
pub fn json(out: &mut dyn Write, code: u16, body: &str) -> io::Result<()> {
    let length = body.len();
    write!(
        out,
        "HTTP/1.1 {code} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// Begins an answer of JSON that comes in chunks.
///
/// # Errors
///
/// Where the client has gone.
pub fn begin_chunks(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
    )?;
    out.flush()
}

/// One chunk; an empty one is the end.
///
/// # Errors
///
/// Where the client has gone.
pub fn chunk(out: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    write!(out, "{:x}\r\n", bytes.len())?;
    out.write_all(bytes)?;
    out.write_all(b"\r\n")
}
