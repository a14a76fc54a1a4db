//! A server on a raw socket that cuts, stalls and lies as no real one would.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a connection.
#[derive(Clone, Copy)]
pub(super) enum Server {
    /// Speaks before it was asked, and in no language of the web.
    SpeaksFirst,
    /// Closes it at once.
    CutsBeforeReading,
    /// Reads the request and closes it.
    CutsAfterReading,
    /// Reads the request and says this.
    Says(&'static str),
    /// Says this and then nothing, leaving the connection open.
    SaysAndStalls(&'static str),
}

/// Starts a server for any number of connections; what it read can be looked at.
pub(super) async fn server(behaviour: Server) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let log = Arc::clone(&log);
            tokio::spawn(async move { serve(socket, behaviour, &log).await });
        }
    });
    (address, seen)
}

async fn serve(mut socket: TcpStream, behaviour: Server, log: &Mutex<Vec<String>>) {
    if matches!(behaviour, Server::CutsBeforeReading) {
        log.lock().unwrap().push(String::new());
        return;
    }
    if matches!(behaviour, Server::SpeaksFirst) {
        drop(socket.write_all(b"220 mail.example.org ready\r\n").await);
        drop(socket.read(&mut [0; 4096]).await);
        return;
    }
    let request = request(&mut socket).await;
    log.lock().unwrap().push(request);
    match behaviour {
        Server::SpeaksFirst | Server::CutsBeforeReading | Server::CutsAfterReading => {}
        Server::Says(words) => drop(socket.write_all(words.as_bytes()).await),
        Server::SaysAndStalls(words) => {
            drop(socket.write_all(words.as_bytes()).await);
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
    }
}

/// Reads one request: its head, and its body by Content-Length or to the last chunk.
async fn request(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = socket.read(&mut piece).await.unwrap_or(0);
        bytes.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if read == 0 {
            return text;
        }
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        if length.is_none_or(|length| body.len() >= length.trim().parse().unwrap()) {
            return text;
        }
    }
}
