//! Finds peers by mDNS and is found, until standard input ends.

use crate::{Failure, quoted};
use futures::StreamExt;
use libp2p::identity::Keypair;
use libp2p::swarm::SwarmEvent;
use libp2p::{SwarmBuilder, mdns, noise, tcp, yamux};
use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

pub async fn look(key: Keypair) -> Result<(), Failure> {
    let us = key.public().to_peer_id();
    let mut swarm = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)?
        .with_behaviour(|_| {
            // Its answers wait for its own questions in places: ask often.
            let config = mdns::Config {
                query_interval: Duration::from_secs(2),
                ..mdns::Config::default()
            };
            mdns::tokio::Behaviour::new(config, us).map_err(Failure::from)
        })?
        .build();
    swarm.listen_on("/ip4/0.0.0.0/tcp/0".parse()?)?;
    println!("{{\"event\":\"listening\",\"peerId\":\"{us}\",\"addresses\":[]}}");
    let mut ended = tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink()));
    loop {
        tokio::select! {
            end = &mut ended => { end??; return Ok(()) },
            event = swarm.select_next_some() => match event {
                SwarmEvent::Behaviour(mdns::Event::Discovered(found)) => {
                    let mut peers = BTreeMap::new();
                    for (peer, address) in found {
                        peers.entry(peer).or_insert_with(Vec::new).push(address);
                    }
                    for (peer, addresses) in peers {
                        let addresses = quoted(&addresses);
                        println!("{{\"event\":\"discovered\",\"peerId\":\"{peer}\",\"addresses\":{addresses}}}");
                    }
                }
                SwarmEvent::Behaviour(mdns::Event::Expired(gone)) => {
                    for (peer, _) in gone {
                        println!("{{\"event\":\"expired\",\"peerId\":\"{peer}\"}}");
                    }
                }
                _ => {}
            }
        }
    }
}
