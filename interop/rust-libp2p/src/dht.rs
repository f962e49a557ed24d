//! A DHT server, and one operation of a fresh client.

use crate::{DEADLINE, Failure, key, quoted, say_listening};
use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER};
use futures::StreamExt;
use libp2p::kad::store::{MemoryStore, RecordStore};
use libp2p::kad::{self, Behaviour as Kad, Mode, QueryId, QueryResult, Quorum, Record, RecordKey, RoutingUpdate, StoreInserts};
use libp2p::swarm::{DialError, NetworkBehaviour, SwarmEvent, dial_opts::DialOpts};
use libp2p::{Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder, identify, multiaddr::Protocol, noise, tcp, yamux};
use std::collections::HashSet;
use std::io;
use std::time::{Duration, Instant};

const SENDING: Duration = Duration::from_millis(500);

#[derive(NetworkBehaviour)]
pub struct Behaviour {
    identify: identify::Behaviour,
    pub kad: Kad<MemoryStore>,
}

pub struct Node {
    pub swarm: Swarm<Behaviour>,
    protocol: StreamProtocol,
    /// Servers that are in the routing table.
    pub routed: HashSet<PeerId>,
    /// Why a peer could not be dialled: look-ups go on without it.
    unreached: Option<DialError>,
}

impl Node {
    pub fn new(protocol: &str, mode: Mode) -> Result<Self, Failure> {
        let protocol = StreamProtocol::try_from_owned(protocol.to_string())?;
        let mut config = kad::Config::new(protocol.clone());
        config
            .set_record_filtering(StoreInserts::FilterBoth)
            .set_periodic_bootstrap_interval(None);
        let mut swarm = SwarmBuilder::with_existing_identity(key("ed25519")?)
            .with_tokio()
            .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)?
            .with_behaviour(|key| {
                let us = key.public().to_peer_id();
                Behaviour {
                    identify: identify::Behaviour::new(
                        identify::Config::new_with_signed_peer_record("ipfs/0.1.0".into(), key).with_agent_version("rust-libp2p/0.57.1".into()),
                    ),
                    kad: Kad::with_config(us, MemoryStore::new(us), config),
                }
            })?
            .with_swarm_config(|config| config.with_idle_connection_timeout(DEADLINE))
            .build();
        swarm.behaviour_mut().kad.set_mode(Some(mode));
        Ok(Node {
            swarm,
            protocol,
            routed: HashSet::new(),
            unreached: None,
        })
    }

    /// Waits until it listens: a provider's entry carries the addresses that are said to be external.
    pub async fn listen(&mut self) -> Result<Multiaddr, Failure> {
        self.swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse()?)?;
        loop {
            if let SwarmEvent::NewListenAddr { address, .. } = self.swarm.select_next_some().await {
                self.swarm.add_external_address(address.clone());
                return Ok(address.with(Protocol::P2p(*self.swarm.local_peer_id())));
            }
        }
    }

    /// Dials them all and waits until they are in the routing table.
    pub async fn bootstrap(&mut self, addresses: &[Multiaddr]) -> Result<(), Failure> {
        for address in addresses {
            // From a port of its own: two connections between the same two ports cannot be.
            self.swarm
                .dial(DialOpts::unknown_peer_id().address(address.clone()).allocate_new_port().build())?;
        }
        while self.routed.len() < addresses.len() {
            self.step().await;
            if let Some(e) = self.unreached.take() {
                return Err(e.into());
            }
        }
        Ok(())
    }

    /// One event; an outcome of a query is handed on.
    pub async fn step(&mut self) -> Option<(QueryId, QueryResult, bool)> {
        match self.swarm.select_next_some().await {
            SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received { peer_id, info, .. })) => {
                if info.protocols.contains(&self.protocol) {
                    for address in info.listen_addrs {
                        if let RoutingUpdate::Success = self.swarm.behaviour_mut().kad.add_address(&peer_id, address) {
                            self.routed.insert(peer_id);
                        }
                    }
                }
            }
            SwarmEvent::Behaviour(BehaviourEvent::Kad(kad::Event::InboundRequest { request })) => self.store(request),
            SwarmEvent::Behaviour(BehaviourEvent::Kad(kad::Event::OutboundQueryProgressed { id, result, step, .. })) => {
                return Some((id, result, step.last));
            }
            SwarmEvent::OutgoingConnectionError { error, .. } => self.unreached = Some(error),
            SwarmEvent::IncomingConnectionError { error, .. } => eprintln!("inbound: {error}"),
            _ => {}
        }
        None
    }

    /// rust has no validators: a value is stored if it stands under /test or /pk, and under /test only if it is larger than the one it replaces.
    fn store(&mut self, request: kad::InboundRequest) {
        let store = self.swarm.behaviour_mut().kad.store_mut();
        let stored = match request {
            kad::InboundRequest::PutRecord { record: Some(record), .. } => {
                let test = record.key.as_ref().starts_with(b"/test/");
                let better = store.get(&record.key).is_none_or(|old| old.value < record.value);
                match () {
                    () if !test && !record.key.as_ref().starts_with(b"/pk/") => return eprintln!("no validator for {:?}", record.key),
                    () if test && !better => Ok(()),
                    () => store.put(record),
                }
            }
            kad::InboundRequest::AddProvider { record: Some(record) } => store.add_provider(record),
            _ => return,
        };
        if let Err(e) = stored {
            eprintln!("not stored: {e}");
        }
    }

    /// All outcomes of a query.
    pub async fn outcomes(&mut self, query: QueryId) -> Vec<QueryResult> {
        let mut all = Vec::new();
        loop {
            if let Some((id, result, last)) = self.step().await {
                if id == query {
                    all.push(result);
                    if last {
                        return all;
                    }
                }
            }
        }
    }

    pub async fn put(&mut self, name: &[u8], value: Vec<u8>, quorum: Quorum) -> Result<(), Failure> {
        let query = self.swarm.behaviour_mut().kad.put_record(Record::new(name.to_vec(), value), quorum)?;
        match self.outcomes(query).await.pop() {
            Some(QueryResult::PutRecord(result)) => result.map(|_| ()).map_err(Failure::from),
            other => Err(format!("{other:?}").into()),
        }
    }

    /// The largest value of those that all who were asked have.
    pub async fn get(&mut self, name: &[u8]) -> Result<Vec<u8>, Failure> {
        let query = self.swarm.behaviour_mut().kad.get_record(RecordKey::from(name.to_vec()));
        let mut best = None;
        for outcome in self.outcomes(query).await {
            match outcome {
                QueryResult::GetRecord(Ok(kad::GetRecordOk::FoundRecord(found))) => best = best.max(Some(found.record.value)),
                QueryResult::GetRecord(Ok(_)) => {}
                QueryResult::GetRecord(Err(e)) if best.is_none() => return Err(e.into()),
                other => eprintln!("{other:?}"),
            }
        }
        best.ok_or("no value".into())
    }

    async fn provide(&mut self, multihash: Vec<u8>) -> Result<(), Failure> {
        let query = self.swarm.behaviour_mut().kad.start_providing(RecordKey::from(multihash))?;
        let outcome = self.outcomes(query).await.pop();
        // ADD_PROVIDER has no answer, and the outcome comes before it is sent.
        let until = Instant::now() + SENDING;
        while tokio::time::timeout_at(until.into(), self.step()).await.is_ok() {}
        match outcome {
            Some(QueryResult::StartProviding(result)) => result.map(|_| ()).map_err(Failure::from),
            other => Err(format!("{other:?}").into()),
        }
    }

    async fn providers(&mut self, multihash: Vec<u8>) -> Result<HashSet<PeerId>, Failure> {
        let query = self.swarm.behaviour_mut().kad.get_providers(RecordKey::from(multihash));
        let mut all = HashSet::new();
        for outcome in self.outcomes(query).await {
            if let QueryResult::GetProviders(result) = outcome {
                if let kad::GetProvidersOk::FoundProviders { providers, .. } = result? {
                    all.extend(providers);
                }
            }
        }
        Ok(all)
    }

    async fn find(&mut self, peer: PeerId) -> Result<Vec<Multiaddr>, Failure> {
        let query = self.swarm.behaviour_mut().kad.get_closest_peers(peer);
        for outcome in self.outcomes(query).await {
            if let QueryResult::GetClosestPeers(result) = outcome {
                if let Some(found) = result?.peers.into_iter().find(|p| p.peer_id == peer) {
                    return Ok(found.addrs);
                }
            }
        }
        Err("not found".into())
    }
}

pub fn addresses_of(text: &str) -> Result<Vec<Multiaddr>, Failure> {
    if text == "-" {
        return Ok(Vec::new());
    }
    text.split(',').map(|each| each.parse().map_err(Failure::from)).collect()
}

/// The multihash in a CID of version 1 with codec raw, in base32.
fn multihash(cid: &str) -> Result<Vec<u8>, Failure> {
    let digits = cid.strip_prefix('b').ok_or("a CID in base32 is needed")?;
    let bytes = BASE32_NOPAD.decode(digits.to_uppercase().as_bytes())?;
    match bytes.as_slice() {
        [0x01, 0x55, multihash @ ..] => Ok(multihash.to_vec()),
        _ => Err("a CID of version 1 with codec raw is needed".into()),
    }
}

pub async fn serve(protocol: &str, bootstraps: &str) -> Result<(), Failure> {
    let mut node = Node::new(protocol, Mode::Server)?;
    let address = node.listen().await?;
    say_listening(node.swarm.local_peer_id(), &address);
    tokio::time::timeout(DEADLINE, node.bootstrap(&addresses_of(bootstraps)?)).await??;
    println!("{{\"event\":\"bootstrapped\",\"peers\":{}}}", node.routed.len());
    let mut ended = tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink()));
    loop {
        tokio::select! {
            end = &mut ended => { end??; return Ok(()) },
            _ = node.step() => {}
        }
    }
}

/// One operation of a fresh client.
pub async fn ask(operation: &str, protocol: &str, bootstraps: &str, arguments: &[&str]) -> Result<(), Failure> {
    let mut node = Node::new(protocol, Mode::Client)?;
    node.listen().await?;
    node.bootstrap(&addresses_of(bootstraps)?).await?;
    let began = Instant::now();
    let mut more = String::new();
    let done = match (operation, arguments) {
        ("put", [name, value]) => {
            more = format!(",\"key\":\"{}\"", HEXLOWER.encode(name.as_bytes()));
            node.put(name.as_bytes(), value.as_bytes().to_vec(), Quorum::One).await
        }
        ("get", [name]) => node
            .get(name.as_bytes())
            .await
            .map(|value| more = format!(",\"value\":\"{}\"", BASE64.encode(&value))),
        ("get-hex", [name]) => node
            .get(&HEXLOWER.decode(name.as_bytes())?)
            .await
            .map(|value| more = format!(",\"value\":\"{}\"", BASE64.encode(&value))),
        ("provide", [cid]) => node.provide(multihash(cid)?).await,
        ("find-providers", [cid]) => node
            .providers(multihash(cid)?)
            .await
            .map(|found| more = format!(",\"providers\":{}", quoted(found))),
        ("find-peer", [peer]) => node
            .find(peer.parse()?)
            .await
            .map(|found| more = format!(",\"addresses\":{}", quoted(found))),
        _ => Err(crate::USAGE.into()),
    };
    let millis = began.elapsed().as_secs_f64() * 1000.0;
    let us = node.swarm.local_peer_id();
    match done {
        Ok(()) => println!("{{\"ok\":true,\"self\":\"{us}\",\"millis\":{millis:.3}{more}}}"),
        Err(e) => {
            println!(
                "{{\"ok\":false,\"self\":\"{us}\",\"millis\":{millis:.3},\"message\":{:?}{more}}}",
                e.to_string()
            );
            std::process::exit(1);
        }
    }
    Ok(())
}
