//! Fetches the headers of a regtest chain, and the filter headers if told so, with bip157 (kyoto): a client to compare with.
//! Arguments: HOST:PORT, the height of the last header, `headers` or `filter-headers`. Ends when they are there; who starts it counts its CPU.

use std::net::SocketAddr;
use std::process::exit;

use bip157::builder::Builder;
use bip157::{Client, Info, Network, TrustedPeer};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let peer: SocketAddr = args[1].parse().expect("HOST:PORT");
    let height: u32 = args[2].parse().expect("a height");
    let headers_only = args[3] == "headers";
    let mut builder = Builder::new(Network::Regtest)
        .required_peers(1)
        .whitelist_only()
        .add_peer(TrustedPeer::from_socket_addr(peer));
    if headers_only {
        builder = builder.headers_only_sync();
    }
    let (node, client) = builder.build();
    tokio::task::spawn(async move { node.run().await });
    let Client { requester, mut info_rx, .. } = client;
    let mut end = 0;
    loop {
        match info_rx.recv().await {
            Some(Info::NewChainHeight(at)) if headers_only => end = at,
            Some(Info::CFHeadersAdded(at)) => end = at,
            Some(_) => {}
            None => exit(1),
        }
        if end >= height {
            println!("{end}");
            let _ = requester.shutdown();
            exit(0);
        }
    }
}
