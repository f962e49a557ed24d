//! A rust-libp2p peer for interop/run-libp2p.sh: what it says and checks stands in interop/PEERS.md.

mod bench_gossip;
mod bench_kad;
mod chat;
mod checks;
mod dht;
mod near;
mod serve;
mod suite;

use std::{collections::HashSet, error::Error, io, time::Duration};

use futures::StreamExt;
use libp2p::{
    Multiaddr, PeerId, Swarm, SwarmBuilder, identify, identity::Keypair, multiaddr::Protocol, noise, ping, swarm::NetworkBehaviour,
    swarm::SwarmEvent, tcp, yamux,
};

const DEADLINE: Duration = Duration::from_secs(60);
const PINGS: usize = 5;

#[derive(NetworkBehaviour)]
struct Behaviour {
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    stream: libp2p_stream::Behaviour,
}

type Failure = Box<dyn Error + Send + Sync>;

fn key(kind: &str) -> Result<Keypair, Failure> {
    match kind {
        "ed25519" => Ok(Keypair::generate_ed25519()),
        "secp256k1" => Ok(Keypair::generate_secp256k1()),
        "ecdsa" => Ok(Keypair::generate_ecdsa()),
        // The crate makes no RSA keys; ours are read and verified all the same.
        _ => Err(format!("unknown kind of key {kind}").into()),
    }
}

fn swarm(key: Keypair) -> Result<Swarm<Behaviour>, Failure> {
    Ok(SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)?
        .with_behaviour(|key| Behaviour {
            identify: identify::Behaviour::new(
                identify::Config::new_with_signed_peer_record("ipfs/0.1.0".into(), key).with_agent_version("rust-libp2p/0.57.1".into()),
            ),
            ping: ping::Behaviour::new(ping::Config::new().with_interval(Duration::from_millis(50))),
            stream: libp2p_stream::Behaviour::new(),
        })?
        .with_swarm_config(|config| config.with_idle_connection_timeout(DEADLINE))
        .build())
}

fn quoted<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let all: Vec<String> = items.into_iter().map(|i| format!("\"{}\"", i.to_string())).collect();
    format!("[{}]", all.join(","))
}

fn describe(peer: PeerId, info: &identify::Info) -> String {
    format!(
        "\"peerId\":\"{peer}\",\"agentVersion\":\"{}\",\"protocolVersion\":\"{}\",\"protocols\":{},\"listenAddresses\":{},\"signedRecord\":{}",
        info.agent_version,
        info.protocol_version,
        quoted(&info.protocols),
        quoted(&info.listen_addrs),
        info.signed_peer_record.is_some(),
    )
}

fn say_listening(us: &PeerId, address: &Multiaddr) {
    println!("{{\"event\":\"listening\",\"peerId\":\"{us}\",\"addresses\":[\"{address}\"]}}");
}

/// What the words mean stands in interop/PEERS.md.
const USAGE: &str = "listen KEYTYPE | dial KEYTYPE ADDRESS | mdns KEYTYPE
dht serve PROTOCOL ADDRESSES | dht put|get|get-hex|provide|find-providers|find-peer PROTOCOL ADDRESSES ARGUMENT…
pubsub gossipsub|floodsub strict|none sender|sha256 TOPIC ADDRESSES
bench-kad NODES ROUNDS | bench-gossip SECONDS MESSAGES
--params FILE";

async fn listen(kind: &str) -> Result<(), Failure> {
    let mut swarm = swarm(key(kind)?)?;
    serve::start(swarm.behaviour().stream.new_control())?;
    swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse()?)?;
    let mut ended = tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink()));
    let mut pinged = HashSet::new();
    loop {
        tokio::select! {
            end = &mut ended => { end??; return Ok(()) },
            event = swarm.select_next_some() => match event {
                SwarmEvent::NewListenAddr { address, .. } => {
                    let us = *swarm.local_peer_id();
                    say_listening(&us, &address.with(Protocol::P2p(us)));
                }
                SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received { peer_id, info, .. })) => {
                    println!("{{\"event\":\"identified\",{}}}", describe(peer_id, &info));
                    if info.protocols.iter().any(|p| p.as_ref() == serve::NEW) {
                        let control = swarm.behaviour().stream.new_control();
                        tokio::spawn(async move {
                            if let Err(e) = serve::answer_push(control, peer_id).await {
                                eprintln!("{}: {e}", serve::NEW);
                            }
                        });
                    }
                }
                SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event { peer, result, .. })) => match result {
                    Ok(_) => if pinged.insert(peer) {
                        println!("{{\"event\":\"pinged\",\"peerId\":\"{peer}\"}}");
                    },
                    Err(e) => eprintln!("ping to {peer}: {e}"),
                },
                SwarmEvent::ConnectionClosed { peer_id, cause: Some(e), .. } => eprintln!("{peer_id} closed: {e}"),
                SwarmEvent::IncomingConnectionError { error, .. } => eprintln!("inbound: {error}"),
                _ => {}
            }
        }
    }
}

async fn dial(kind: &str, address: Multiaddr) -> Result<(), Failure> {
    let mut swarm = swarm(key(kind)?)?;
    let us = *swarm.local_peer_id();
    let control = swarm.behaviour().stream.new_control();
    swarm.dial(address)?;
    let mut known = None;
    let mut pings = 0;
    let mut running = None;
    loop {
        if let (Some((peer, _, speaks)), true) = (&known, pings >= PINGS) {
            if running.is_none() {
                let (peer, speaks, control) = (*peer, *speaks, control.clone());
                running = Some(tokio::spawn(async move {
                    if speaks { checks::all(control, peer).await } else { Ok(Vec::new()) }
                }));
            }
        }
        let finished = async {
            match running.as_mut() {
                Some(task) => task.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            done = finished => {
                let checks = done??;
                let (_, description, _) = known.ok_or("not identified")?;
                println!("{{\"event\":\"dialled\",\"self\":\"{us}\",{description},\"pings\":{PINGS},\"checks\":{}}}", quoted(checks));
                return Ok(());
            }
            event = swarm.select_next_some() => match event {
                SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received { peer_id, info, .. })) => {
                    let speaks = info.protocols.iter().any(|p| p.as_ref() == serve::ECHO);
                    known = Some((peer_id, describe(peer_id, &info), speaks));
                }
                SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event { result, .. })) => { result?; pings += 1; }
                SwarmEvent::OutgoingConnectionError { error, .. } => return Err(error.into()),
                SwarmEvent::ConnectionClosed { cause, .. } => return Err(format!("connection closed: {cause:?}").into()),
                _ => {}
            }
        }
    }
}

async fn run(words: &[&str]) -> Result<(), Failure> {
    match words {
        ["listen", kind] => listen(kind).await,
        ["bench-kad", nodes, rounds] => bench_kad::run(nodes.parse()?, rounds.parse()?).await,
        ["bench-kad-first", address, name] => bench_kad::first(address, name).await,
        ["bench-gossip", seconds, messages] => bench_gossip::run(seconds.parse()?, messages.parse()?).await,
        ["bench-gossip-peer", addresses] => bench_gossip::subscribe(addresses).await,
        ["--params", file] => suite::run(file).await,
        ["mdns", kind] => match key(kind) {
            Ok(key) => near::look(key).await,
            Err(e) => Err(e),
        },
        ["dial", kind, address] => match address.parse() {
            Ok(address) => tokio::time::timeout(DEADLINE, dial(kind, address))
                .await
                .unwrap_or_else(|_| Err("not done in time".into())),
            Err(e) => Err(e.into()),
        },
        ["dht", "serve", protocol, addresses] => dht::serve(protocol, addresses).await,
        ["dht", operation, protocol, addresses, arguments @ ..] => {
            tokio::time::timeout(DEADLINE, dht::ask(operation, protocol, addresses, arguments))
                .await
                .unwrap_or_else(|_| Err("not done in time".into()))
        }
        ["pubsub", kind, signature, id, topic, addresses] => chat::run(kind, signature, id, topic, addresses).await,
        _ => Err(USAGE.into()),
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // Twenty nodes in one process share its cores; one node needs no second thread.
    let mut runtime = match words.first() {
        Some(&"bench-kad") => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    let result = match runtime.enable_all().build() {
        Ok(runtime) => runtime.block_on(run(&words)),
        Err(e) => Err(e.into()),
    };
    if let Err(e) = result {
        println!("{{\"event\":\"failed\",\"message\":{:?}}}", e.to_string());
        std::process::exit(1);
    }
    std::process::exit(0);
}
