//! A node of libp2p's GossipSub interop tests, as their specification for implementations wants it.

use crate::{DEADLINE, Failure};
use futures::StreamExt;
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, SwarmBuilder, gossipsub, identify, identity::Keypair, noise, tcp, yamux};
use serde_json::Value;
use std::collections::HashSet;
use std::net::ToSocketAddrs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const PORT: u16 = 9000;
const MAX_MESSAGE: usize = 10 << 20;

fn key(id: i32) -> Result<Keypair, Failure> {
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&id.to_le_bytes());
    Ok(Keypair::ed25519_from_bytes(seed)?)
}

fn id_of(data: &[u8]) -> String {
    data.first_chunk::<8>().map_or(0, |first| u64::from_be_bytes(*first)).to_string()
}

/// RFC 3339 in UTC, by the usual count of days in eras of 400 years that begin in March.
fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, second) = ((since.as_secs() / 86_400) as i64 + 719_468, since.as_secs() % 86_400);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:09}Z",
        since.subsec_nanos()
    )
}

/// go's names; durations are its nanoseconds. What is absent keeps its default.
fn configure(config: &mut gossipsub::ConfigBuilder, params: &Value) {
    let number = |name: &str| params[name].as_u64().map(|n| n as usize);
    let duration = |name: &str| params[name].as_u64().map(Duration::from_nanos);
    let settings: [(&str, fn(&mut gossipsub::ConfigBuilder, usize) -> &mut gossipsub::ConfigBuilder); 9] = [
        ("D", gossipsub::ConfigBuilder::mesh_n),
        ("Dlo", gossipsub::ConfigBuilder::mesh_n_low),
        ("Dhi", gossipsub::ConfigBuilder::mesh_n_high),
        ("Dscore", gossipsub::ConfigBuilder::retain_scores),
        ("Dout", gossipsub::ConfigBuilder::mesh_outbound_min),
        ("HistoryLength", gossipsub::ConfigBuilder::history_length),
        ("HistoryGossip", gossipsub::ConfigBuilder::history_gossip),
        ("Dlazy", gossipsub::ConfigBuilder::gossip_lazy),
        ("IDontWantMessageThreshold", gossipsub::ConfigBuilder::idontwant_message_size_threshold),
    ];
    for (name, set) in settings {
        if let Some(value) = number(name) {
            set(config, value);
        }
    }
    let times: [(&str, fn(&mut gossipsub::ConfigBuilder, Duration) -> &mut gossipsub::ConfigBuilder); 5] = [
        ("HeartbeatInitialDelay", gossipsub::ConfigBuilder::heartbeat_initial_delay),
        ("HeartbeatInterval", gossipsub::ConfigBuilder::heartbeat_interval),
        ("FanoutTTL", gossipsub::ConfigBuilder::fanout_ttl),
        ("PruneBackoff", gossipsub::ConfigBuilder::prune_backoff),
        ("UnsubscribeBackoff", gossipsub::ConfigBuilder::unsubscribe_backoff),
    ];
    for (name, set) in times {
        if let Some(value) = duration(name) {
            set(config, value);
        }
    }
    if let Some(factor) = params["GossipFactor"].as_f64() {
        config.gossip_factor(factor);
    }
}

#[derive(NetworkBehaviour)]
struct Behaviour {
    /// go opens no stream to whom it does not know to speak the protocol.
    identify: identify::Behaviour,
    gossip: gossipsub::Behaviour,
}

struct Node {
    id: i32,
    began: Instant,
    swarm: Option<Swarm<Behaviour>>,
    /// The library asks for a message's id when it is published too, and that is no arrival.
    publishing: Arc<AtomicBool>,
    connected: HashSet<PeerId>,
}

pub async fn run(file: &str) -> Result<(), Failure> {
    let began = Instant::now();
    let params: Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")?;
    let id: i32 = name.trim().strip_prefix("node").ok_or("the host name is not node<n>")?.parse()?;
    println!(
        "{{\"time\":\"{}\",\"msg\":\"PeerID\",\"id\":\"{}\",\"node_id\":{id}}}",
        now(),
        key(id)?.public().to_peer_id()
    );
    let mut node = Node {
        id,
        began,
        swarm: None,
        publishing: Arc::default(),
        connected: HashSet::new(),
    };
    for instruction in params["script"].as_array().ok_or("no script")? {
        node.follow(instruction).await?;
    }
    Ok(())
}

impl Node {
    fn swarm(&mut self) -> Result<&mut Swarm<Behaviour>, Failure> {
        self.swarm.as_mut().ok_or("no initGossipSub".into())
    }

    async fn follow(&mut self, instruction: &Value) -> Result<(), Failure> {
        let mut instruction = instruction;
        while instruction["type"] == "ifNodeIDEquals" {
            if instruction["nodeID"].as_i64() != Some(self.id.into()) {
                return Ok(());
            }
            instruction = &instruction["instruction"];
        }
        let topic = gossipsub::IdentTopic::new(instruction["topicID"].as_str().unwrap_or_default());
        match instruction["type"].as_str().unwrap_or_default() {
            "initGossipSub" => self.swarm = Some(self.start(&instruction["gossipSubParams"])?),
            "connect" => self.connect(instruction["connectTo"].as_array().ok_or("nobody to connect to")?).await?,
            "waitUntil" => {
                let until = self.began + Duration::from_secs(instruction["elapsedSeconds"].as_u64().unwrap_or(0));
                while Instant::now() < until {
                    let _ = tokio::time::timeout_at(until.into(), self.step()).await;
                }
            }
            "subscribeToTopic" => {
                self.swarm()?.behaviour_mut().gossip.subscribe(&topic)?;
            }
            "publish" => {
                let size = instruction["messageSizeBytes"].as_u64().unwrap_or(0) as usize;
                let mut data = vec![0; size.max(8)];
                data[..8].copy_from_slice(&instruction["messageID"].as_u64().unwrap_or(0).to_be_bytes());
                self.publishing.store(true, Ordering::Relaxed);
                self.swarm()?.behaviour_mut().gossip.publish(topic, data)?;
                self.publishing.store(false, Ordering::Relaxed);
            }
            other => return Err(format!("unknown instruction {other}").into()),
        }
        Ok(())
    }

    fn start(&self, params: &Value) -> Result<Swarm<Behaviour>, Failure> {
        let publishing = self.publishing.clone();
        let mut config = gossipsub::ConfigBuilder::default();
        configure(&mut config, params);
        // Asked for every message that comes, also for duplicates, of which no event tells.
        config
            .validation_mode(gossipsub::ValidationMode::Anonymous)
            .max_transmit_size(MAX_MESSAGE)
            .message_id_fn(move |message| {
                let id = id_of(&message.data);
                if !publishing.load(Ordering::Relaxed) {
                    println!(
                        "{{\"time\":\"{}\",\"msg\":\"Received Message\",\"id\":\"{id}\",\"topic\":{:?}}}",
                        now(),
                        message.topic.as_str()
                    );
                }
                id.into_bytes().into()
            });
        let gossip: gossipsub::Behaviour = gossipsub::Behaviour::new(gossipsub::MessageAuthenticity::Anonymous, config.build()?)?;
        let mut swarm = SwarmBuilder::with_existing_identity(key(self.id)?)
            .with_tokio()
            .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)?
            .with_behaviour(|key| Behaviour {
                identify: identify::Behaviour::new(identify::Config::new("ipfs/0.1.0".into(), key.public())),
                gossip,
            })?
            .with_swarm_config(|config| config.with_idle_connection_timeout(DEADLINE * 60))
            .build();
        swarm.listen_on(format!("/ip4/0.0.0.0/tcp/{PORT}").parse()?)?;
        Ok(swarm)
    }

    async fn connect(&mut self, ids: &[Value]) -> Result<(), Failure> {
        let mut wanted = Vec::new();
        for id in ids {
            let id = id.as_i64().ok_or("a node is a number")? as i32;
            let address = (format!("node{id}"), PORT).to_socket_addrs()?.next().ok_or("no address")?.ip();
            let them = key(id)?.public().to_peer_id();
            let address: Multiaddr = format!("/ip4/{address}/tcp/{PORT}/p2p/{them}").parse()?;
            self.swarm()?.dial(address)?;
            wanted.push(them);
        }
        while !wanted.iter().all(|peer| self.connected.contains(peer)) {
            tokio::time::timeout(DEADLINE, self.step()).await??;
        }
        Ok(())
    }

    async fn step(&mut self) -> Result<(), Failure> {
        match self.swarm()?.select_next_some().await {
            SwarmEvent::ConnectionEstablished { peer_id, .. } => {
                self.connected.insert(peer_id);
            }
            SwarmEvent::OutgoingConnectionError { error, .. } => return Err(error.into()),
            _ => {}
        }
        Ok(())
    }
}
