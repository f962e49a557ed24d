//! Servers of one process, each connected to each: what a put and a get cost, and the first look-up of a fresh process.

use crate::{DEADLINE, Failure, dht::Node};
use futures::{StreamExt, channel::mpsc, channel::oneshot};
use libp2p::Multiaddr;
use libp2p::kad::store::RecordStore;
use libp2p::kad::{Mode, Quorum, RecordKey};
use std::num::NonZeroUsize;
use std::process::Command;
use std::time::{Duration, Instant};

const PROTOCOL: &str = "/tutti/kad/1.0.0";
const WARM_UP: usize = 10;
const STARTS: usize = 20;
const VALUE_BYTES: usize = 100;

enum Ask {
    Put(String, Vec<u8>, Quorum),
    Get(String),
    /// What comes later has to come from others.
    Forget(String),
    Routed,
}

type Answer = Result<usize, Failure>;

struct Remote {
    asks: mpsc::UnboundedSender<(Ask, oneshot::Sender<Answer>)>,
    address: Multiaddr,
}

impl Remote {
    async fn start(known: &[Multiaddr]) -> Result<Self, Failure> {
        let mut node = Node::new(PROTOCOL, Mode::Server)?;
        let address = node.listen().await?;
        let known = known.to_vec();
        let (asks, mut incoming) = mpsc::unbounded::<(Ask, oneshot::Sender<Answer>)>();
        node.bootstrap(&known).await?;
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    ask = incoming.next() => match ask {
                        Some((ask, answer)) => {
                            // Who asked may be gone.
                            let _ = answer.send(serve(&mut node, ask).await);
                        }
                        None => return,
                    },
                    _ = node.step() => {}
                }
            }
        });
        Ok(Remote { asks, address })
    }

    async fn ask(&self, ask: Ask) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.asks.unbounded_send((ask, answer))?;
        answered.await?
    }
}

async fn serve(node: &mut Node, ask: Ask) -> Answer {
    match ask {
        Ask::Put(name, value, quorum) => node.put(name.as_bytes(), value, quorum).await.map(|()| 0),
        Ask::Get(name) => node.get(name.as_bytes()).await.map(|value| value.len()),
        Ask::Forget(name) => {
            node.swarm.behaviour_mut().kad.store_mut().remove(&RecordKey::from(name.into_bytes()));
            Ok(0)
        }
        Ask::Routed => Ok(node.routed.len()),
    }
}

fn millis(of: Duration) -> f64 {
    of.as_secs_f64() * 1000.0
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    (all[(all.len() - 1) / 2] + all[all.len() / 2]) / 2.0
}

pub async fn run(count: usize, rounds: usize) -> Result<(), Failure> {
    let mut nodes: Vec<Remote> = Vec::new();
    for _ in 0..count {
        let known: Vec<Multiaddr> = nodes.iter().map(|n| n.address.clone()).collect();
        nodes.push(Remote::start(&known).await?);
    }
    for node in &nodes {
        while node.ask(Ask::Routed).await? < count - 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    let everybody = Quorum::N(NonZeroUsize::new(count - 1).ok_or("one node is no network")?);
    let (mut puts, mut gets, mut name) = (Vec::new(), Vec::new(), String::new());
    for round in 0..WARM_UP + rounds {
        let writer = round % count;
        let reader = match (round * 7 + 3) % count {
            same if same == writer => (writer + 1) % count,
            other => other,
        };
        name = format!("/test/{round:016x}");
        let began = Instant::now();
        nodes[writer]
            .ask(Ask::Put(name.clone(), vec![round as u8; VALUE_BYTES], everybody))
            .await?;
        let put = began.elapsed();
        nodes[reader].ask(Ask::Forget(name.clone())).await?;
        let began = Instant::now();
        if nodes[reader].ask(Ask::Get(name.clone())).await? != VALUE_BYTES {
            return Err("another value".into());
        }
        if round >= WARM_UP {
            puts.push(millis(put));
            gets.push(millis(began.elapsed()));
        }
    }
    let mut firsts = Vec::new();
    for _ in 0..STARTS {
        let child = Command::new(std::env::current_exe()?)
            .args(["bench-kad-first", &nodes[0].address.to_string(), &name])
            .output()?;
        let line: serde_json::Value = serde_json::from_slice(&child.stdout)?;
        firsts.push(line["millis"].as_f64().ok_or_else(|| format!("a fresh process said {line}"))?);
    }
    println!(
        "{{\"event\":\"bench-kad\",\"nodes\":{count},\"rounds\":{rounds},\"putMillis\":{:.3},\"getMillis\":{:.3},\"starts\":{STARTS},\"firstLookupMillis\":{:.3}}}",
        median(puts),
        median(gets),
        median(firsts)
    );
    Ok(())
}

/// From the end of identify with the one peer that is known to the value.
pub async fn first(address: &str, name: &str) -> Result<(), Failure> {
    let mut node = Node::new(PROTOCOL, Mode::Client)?;
    node.bootstrap(&[address.parse()?]).await?;
    let began = Instant::now();
    tokio::time::timeout(DEADLINE, node.get(name.as_bytes())).await??;
    println!("{{\"millis\":{:.3}}}", millis(began.elapsed()));
    Ok(())
}
