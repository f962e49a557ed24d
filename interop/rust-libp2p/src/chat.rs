//! Publish/subscribe: one topic, commands on standard input, a report at the end.

use crate::{DEADLINE, Failure, USAGE, dht::addresses_of, key, say_listening};
use data_encoding::{BASE64, HEXLOWER};
use futures::{StreamExt, channel::mpsc};
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{PeerId, Swarm, SwarmBuilder, floodsub, gossipsub, identify, identity::Keypair, multiaddr::Protocol, noise, tcp, yamux};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead};
use std::time::Duration;

#[derive(NetworkBehaviour)]
pub struct Behaviour {
    identify: identify::Behaviour,
    gossip: Toggle<gossipsub::Behaviour>,
    flood: Toggle<floodsub::Behaviour>,
}

/// What the spec has by default, from and seqno; or the hash of the data.
pub fn sender_id(message: &gossipsub::Message) -> gossipsub::MessageId {
    let mut id = message.source.map(|p| p.to_bytes()).unwrap_or_default();
    id.extend(message.sequence_number.unwrap_or_default().to_be_bytes());
    id.into()
}

fn data_id(message: &gossipsub::Message) -> gossipsub::MessageId {
    Sha256::digest(&message.data).to_vec().into()
}

/// Weights that let no reward hide a penalty: the rewards end at 0.02, the smallest penalty is 5.
fn scoring(topic: &gossipsub::IdentTopic) -> (gossipsub::PeerScoreParams, gossipsub::PeerScoreThresholds) {
    let of_topic = gossipsub::TopicScoreParams {
        topic_weight: 1.0,
        time_in_mesh_weight: 0.001,
        time_in_mesh_quantum: Duration::from_secs(1),
        time_in_mesh_cap: 10.0,
        first_message_deliveries_weight: 0.001,
        first_message_deliveries_decay: 0.9,
        first_message_deliveries_cap: 10.0,
        mesh_message_deliveries_weight: 0.0,
        mesh_failure_penalty_weight: 0.0,
        invalid_message_deliveries_weight: -10.0,
        invalid_message_deliveries_decay: 0.99,
        ..Default::default()
    };
    let params = gossipsub::PeerScoreParams {
        topics: HashMap::from([(topic.hash(), of_topic)]),
        ip_colocation_factor_weight: -5.0,
        ip_colocation_factor_threshold: 10.0,
        behaviour_penalty_weight: -10.0,
        behaviour_penalty_threshold: 0.0,
        behaviour_penalty_decay: 0.99,
        decay_interval: Duration::from_secs(1),
        decay_to_zero: 0.01,
        retain_score: Duration::from_secs(60),
        ..Default::default()
    };
    let thresholds = gossipsub::PeerScoreThresholds {
        gossip_threshold: -100.0,
        publish_threshold: -500.0,
        graylist_threshold: -1000.0,
        ..Default::default()
    };
    (params, thresholds)
}

fn authenticity(signature: &str, key: &Keypair) -> Result<(gossipsub::MessageAuthenticity, gossipsub::ValidationMode), Failure> {
    match signature {
        "strict" => Ok((gossipsub::MessageAuthenticity::Signed(key.clone()), gossipsub::ValidationMode::Strict)),
        "none" => Ok((gossipsub::MessageAuthenticity::Anonymous, gossipsub::ValidationMode::Anonymous)),
        _ => Err(USAGE.into()),
    }
}

fn gossip(key: &Keypair, signature: &str, id: &str, topic: &gossipsub::IdentTopic) -> Result<gossipsub::Behaviour, Failure> {
    let (author, validation) = authenticity(signature, key)?;
    let config = gossipsub::ConfigBuilder::default()
        .mesh_n(4)
        .mesh_n_low(3)
        .mesh_n_high(5)
        .mesh_outbound_min(1)
        .retain_scores(2)
        .validation_mode(validation)
        .message_id_fn(if id == "sha256" { data_id } else { sender_id })
        .build()?;
    let mut behaviour = gossipsub::Behaviour::new(author, config)?;
    let (params, thresholds) = scoring(topic);
    behaviour.with_peer_score(params, thresholds)?;
    Ok(behaviour)
}

struct Chat {
    swarm: Swarm<Behaviour>,
    topic: gossipsub::IdentTopic,
    /// The last and the smallest score of each peer.
    scores: HashMap<PeerId, (f64, f64)>,
    /// FloodSub alone does not say who subscribed.
    flooded: HashSet<PeerId>,
}

pub async fn run(kind: &str, signature: &str, id: &str, topic: &str, addresses: &str) -> Result<(), Failure> {
    let key = key("ed25519")?;
    let topic = gossipsub::IdentTopic::new(topic);
    let (mut of_gossip, mut of_flood) = (None, None);
    match kind {
        "gossipsub" => of_gossip = Some(gossip(&key, signature, id, &topic)?),
        "floodsub" => of_flood = Some(floodsub::Behaviour::new(key.public().to_peer_id())),
        _ => return Err(USAGE.into()),
    }
    let swarm = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)?
        .with_behaviour(|key| Behaviour {
            identify: identify::Behaviour::new(
                identify::Config::new_with_signed_peer_record("ipfs/0.1.0".into(), key).with_agent_version("rust-libp2p/0.57.1".into()),
            ),
            gossip: of_gossip.into(),
            flood: of_flood.into(),
        })?
        .with_swarm_config(|config| config.with_idle_connection_timeout(DEADLINE * 60))
        .build();
    let mut chat = Chat {
        swarm,
        topic,
        scores: HashMap::new(),
        flooded: HashSet::new(),
    };
    chat.subscribe()?;
    chat.swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse()?)?;
    chat.connect(addresses)?;
    let (sender, mut commands) = mpsc::unbounded();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.unbounded_send(line).is_err() {
                return;
            }
        }
    });
    let mut second = tokio::time::interval(Duration::from_millis(500));
    loop {
        tokio::select! {
            line = commands.next() => match line {
                Some(line) => chat.command(&line)?,
                None => { chat.report(); return Ok(()) }
            },
            _ = second.tick() => chat.sample(),
            event = chat.swarm.select_next_some() => chat.on(event),
        }
    }
}

impl Chat {
    fn flood_topic(&self) -> floodsub::Topic {
        floodsub::Topic::new(self.topic.hash().into_string())
    }

    fn subscribe(&mut self) -> Result<(), Failure> {
        let flood_topic = self.flood_topic();
        let behaviour = self.swarm.behaviour_mut();
        if let Some(gossip) = behaviour.gossip.as_mut() {
            gossip.subscribe(&self.topic)?;
        }
        if let Some(flood) = behaviour.flood.as_mut() {
            flood.subscribe(flood_topic);
        }
        Ok(())
    }

    fn connect(&mut self, addresses: &str) -> Result<(), Failure> {
        for address in addresses_of(addresses)? {
            self.swarm.dial(address)?;
        }
        Ok(())
    }

    fn command(&mut self, line: &str) -> Result<(), Failure> {
        let command: serde_json::Value = serde_json::from_str(line)?;
        let flood_topic = self.flood_topic();
        match command["cmd"].as_str().unwrap_or_default() {
            "publish" => {
                let data = BASE64.decode(command["data"].as_str().unwrap_or_default().as_bytes())?;
                let behaviour = self.swarm.behaviour_mut();
                if let Some(flood) = behaviour.flood.as_mut() {
                    flood.publish(flood_topic, data);
                } else if let Some(gossip) = behaviour.gossip.as_mut() {
                    gossip.publish(self.topic.hash(), data)?;
                }
            }
            "connect" => self.connect(command["address"].as_str().unwrap_or_default())?,
            "subscribe" => self.subscribe()?,
            "unsubscribe" => {
                let behaviour = self.swarm.behaviour_mut();
                if let Some(flood) = behaviour.flood.as_mut() {
                    flood.unsubscribe(flood_topic);
                } else if let Some(gossip) = behaviour.gossip.as_mut() {
                    gossip.unsubscribe(&self.topic);
                }
            }
            "peers" => {
                let hash = self.topic.hash();
                let gossip = self.swarm.behaviour().gossip.as_ref();
                let count = gossip.map_or(self.flooded.len(), |g| {
                    g.all_peers().filter(|(_, topics)| topics.contains(&&hash)).count()
                });
                println!("{{\"event\":\"peers\",\"count\":{count}}}");
            }
            "report" => self.report(),
            other => return Err(format!("unknown command {other}").into()),
        }
        Ok(())
    }

    fn sample(&mut self) {
        let Some(gossip) = self.swarm.behaviour().gossip.as_ref() else { return };
        for (peer, _) in gossip.all_peers() {
            if let Some(score) = gossip.peer_score(peer) {
                let known = self.scores.entry(*peer).or_insert((score, 0.0));
                *known = (score, known.1.min(score));
            }
        }
    }

    fn report(&self) {
        let all: Vec<String> = self
            .scores
            .iter()
            .map(|(peer, (score, min))| format!("\"{peer}\":{{\"score\":{score},\"min\":{min}}}"))
            .collect();
        println!("{{\"event\":\"report\",\"peers\":{{{}}}}}", all.join(","));
    }

    fn on(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::NewListenAddr { address, .. } => {
                let us = *self.swarm.local_peer_id();
                say_listening(&us, &address.with(Protocol::P2p(us)));
            }
            SwarmEvent::ConnectionEstablished { peer_id, .. } => {
                if let Some(flood) = self.swarm.behaviour_mut().flood.as_mut() {
                    flood.add_node_to_partial_view(peer_id);
                }
            }
            SwarmEvent::ConnectionClosed { peer_id, cause, .. } => {
                println!("{{\"event\":\"disconnected\",\"peerId\":\"{peer_id}\"}}");
                eprintln!("{peer_id} closed: {cause:?}");
            }
            SwarmEvent::OutgoingConnectionError { error, .. } => eprintln!("outbound: {error}"),
            SwarmEvent::IncomingConnectionError { error, .. } => eprintln!("inbound: {error}"),
            SwarmEvent::Behaviour(BehaviourEvent::Gossip(gossipsub::Event::Message {
                propagation_source,
                message_id,
                message,
            })) => {
                let from = message.source.map(|p| p.to_string()).unwrap_or_default();
                let id = HEXLOWER.encode(&message_id.0);
                say_message(message.topic.as_str(), &from, &id, &message.data, &propagation_source);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Gossip(gossipsub::Event::SlowPeer { peer_id, failed_messages })) => {
                eprintln!("slow: {peer_id} {failed_messages:?}");
            }
            SwarmEvent::Behaviour(BehaviourEvent::Flood(floodsub::Event::Subscribed { peer_id, .. })) => {
                self.flooded.insert(peer_id);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Flood(floodsub::Event::Unsubscribed { peer_id, .. })) => {
                self.flooded.remove(&peer_id);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Flood(floodsub::Event::Message(message))) => {
                let topic = message.topics.first().map(|t| t.id().to_string()).unwrap_or_default();
                let id = HEXLOWER.encode(&message.sequence_number);
                // It does not say who passed it on.
                say_message(&topic, &message.source.to_string(), &id, &message.data, &message.source);
            }
            _ => {}
        }
    }
}

fn say_message(topic: &str, from: &str, id: &str, data: &[u8], via: &PeerId) {
    println!(
        "{{\"event\":\"message\",\"topic\":{topic:?},\"from\":\"{from}\",\"id\":\"{id}\",\"data\":\"{}\",\"via\":\"{via}\"}}",
        BASE64.encode(data)
    );
}
