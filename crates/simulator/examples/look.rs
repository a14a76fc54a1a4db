//! scratch
#[tokio::main]
async fn main() {
    let port = std::env::args().nth(1).unwrap();
    let sim = simulator::Simulator::new(simulator::Options { open_tokens: true, ..Default::default() });
    let l = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await.unwrap();
    sim.serve(l).await.unwrap();
}
