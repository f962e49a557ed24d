//! Five processes, each connected to each, one of which publishes: 50 messages a second, then as many as go.

use crate::{DEADLINE, Failure, chat::sender_id, dht::addresses_of, key, say_listening};
use futures::{StreamExt, channel::mpsc};
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, Swarm, SwarmBuilder, gossipsub, multiaddr::Protocol, noise, tcp, yamux};
use serde_json::Value;
use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const PEERS: usize = 5;
const TOPIC: &str = "bench";
const BYTES: usize = 1024;
const PACE: u64 = 50;
const WINDOW: u64 = 256;
const REPORT_EVERY: u64 = 32;
const MESH: Duration = Duration::from_secs(4);
const QUIET: Duration = Duration::from_secs(5);

fn unix_nanos() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64)
}

/// Of all threads, from the kernel's count in hundredths of a second.
fn cpu_micros() -> Result<u64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: u64 = fields.get(11).ok_or("no stat")?.parse::<u64>()? + fields.get(12).ok_or("no stat")?.parse::<u64>()?;
    Ok(ticks * 10_000)
}

fn lines_of(input: impl io::Read + Send + 'static) -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded();
    std::thread::spawn(move || {
        for line in BufReader::new(input).lines().map_while(Result::ok) {
            if sender.unbounded_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

struct Peer {
    swarm: Swarm<gossipsub::Behaviour>,
    subscribed: HashSet<libp2p::PeerId>,
}

impl Peer {
    async fn start(known: &str) -> Result<(Self, Multiaddr), Failure> {
        let key = key("ed25519")?;
        let us = key.public().to_peer_id();
        let config = gossipsub::ConfigBuilder::default().message_id_fn(sender_id).build()?;
        let mut behaviour: gossipsub::Behaviour = gossipsub::Behaviour::new(gossipsub::MessageAuthenticity::Signed(key.clone()), config)?;
        behaviour.subscribe(&gossipsub::IdentTopic::new(TOPIC))?;
        let mut swarm = SwarmBuilder::with_existing_identity(key)
            .with_tokio()
            .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)?
            .with_behaviour(|_| behaviour)?
            .with_swarm_config(|config| config.with_idle_connection_timeout(DEADLINE * 60))
            .build();
        swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse()?)?;
        for address in addresses_of(known)? {
            swarm.dial(address)?;
        }
        loop {
            if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
                return Ok((
                    Peer {
                        swarm,
                        subscribed: HashSet::new(),
                    },
                    address.with(Protocol::P2p(us)),
                ));
            }
        }
    }

    /// One event; the data of a message is handed on.
    async fn step(&mut self) -> Option<Vec<u8>> {
        match self.swarm.select_next_some().await {
            SwarmEvent::Behaviour(gossipsub::Event::Message { message, .. }) => return Some(message.data),
            SwarmEvent::Behaviour(gossipsub::Event::Subscribed { peer_id, .. }) => {
                self.subscribed.insert(peer_id);
            }
            SwarmEvent::OutgoingConnectionError { error, .. } => eprintln!("outbound: {error}"),
            _ => {}
        }
        None
    }
}

/// A subscriber: takes "begin MESSAGES" and "end" on standard input; what it says between them is counted from zero.
pub async fn subscribe(known: &str) -> Result<(), Failure> {
    let (mut peer, address) = Peer::start(known).await?;
    say_listening(peer.swarm.local_peer_id(), &address);
    let mut commands = lines_of(io::stdin());
    let (mut latencies, mut expected, mut last, mut began) = (Vec::new(), 0, 0, 0);
    loop {
        tokio::select! {
            line = commands.next() => match line.as_deref().map(|l| l.split_once(' ').unwrap_or((l, ""))) {
                Some(("begin", count)) => {
                    (latencies, expected, last, began) = (Vec::new(), count.parse()?, 0, cpu_micros()?);
                    println!("{{\"event\":\"began\"}}");
                }
                Some(_) => println!(
                    "{{\"event\":\"ended\",\"count\":{},\"last\":{last},\"latencies\":{latencies:?},\"cpuMicros\":{}}}",
                    latencies.len(),
                    cpu_micros()? - began
                ),
                None => return Ok(()),
            },
            data = peer.step() => if let Some(sent) = data.as_deref().and_then(|d| d.first_chunk::<8>()) {
                last = unix_nanos();
                latencies.push(last as i64 - u64::from_be_bytes(*sent) as i64);
                let count = latencies.len() as u64;
                if count % REPORT_EVERY == 0 || count == expected {
                    println!("{{\"event\":\"received\",\"count\":{count}}}");
                }
            },
        }
    }
}

struct Publisher {
    peer: Peer,
    inputs: Vec<ChildStdin>,
    lines: mpsc::UnboundedReceiver<(usize, Value)>,
    counts: Vec<u64>,
}

struct Phase {
    deliveries: u64,
    lost: u64,
    cpu_micros: u64,
    seconds: f64,
    latencies: Vec<i64>,
}

impl Publisher {
    /// Until the next event of the network or the next line of a subscriber: that line, unless it tells of progress.
    async fn step(&mut self) -> Option<(usize, Value)> {
        tokio::select! {
            _ = self.peer.step() => None,
            line = self.lines.next() => {
                let (child, line) = line?;
                if line["event"] == "received" {
                    self.counts[child] = line["count"].as_u64().unwrap_or(0);
                    return None;
                }
                Some((child, line))
            }
        }
    }

    async fn await_event(&mut self, child: usize, event: &str) -> Result<Value, Failure> {
        loop {
            match tokio::time::timeout(DEADLINE, self.step()).await? {
                Some((from, line)) if from == child && line["event"] == event => return Ok(line),
                Some((_, line)) if line["event"] == "failed" => return Err(line.to_string().into()),
                _ => {}
            }
        }
    }

    fn slowest(&self) -> u64 {
        self.counts.iter().copied().min().unwrap_or(0)
    }

    fn publish(&mut self) -> Result<bool, Failure> {
        let mut data = vec![0; BYTES];
        data[..8].copy_from_slice(&unix_nanos().to_be_bytes());
        match self.peer.swarm.behaviour_mut().publish(gossipsub::IdentTopic::new(TOPIC), data) {
            Ok(_) => Ok(true),
            Err(gossipsub::PublishError::AllQueuesFull(_)) => Ok(false),
            Err(e) => Err(e.into()),
        }
    }

    async fn phase(&mut self, messages: u64, paced: bool) -> Result<Phase, Failure> {
        for child in 0..self.inputs.len() {
            self.counts[child] = 0;
            writeln!(self.inputs[child], "begin {messages}")?;
            self.await_event(child, "began").await?;
        }
        let (cpu, began, began_nanos) = (cpu_micros()?, Instant::now(), unix_nanos());
        let (mut sent, mut progress, mut moved) = (0, 0, Instant::now());
        while self.slowest() < messages {
            let due = if paced {
                (began.elapsed().as_micros() as u64 * PACE / 1_000_000).min(messages)
            } else {
                messages
            };
            while sent < due && sent < self.slowest() + WINDOW && self.publish()? {
                sent += 1;
            }
            let next = if paced && sent < messages {
                began + Duration::from_micros((sent + 1) * 1_000_000 / PACE)
            } else {
                Instant::now() + QUIET
            };
            let _ = tokio::time::timeout_at(next.into(), self.step()).await;
            let sum: u64 = self.counts.iter().sum();
            if sum > progress || sent < messages {
                (progress, moved) = (sum, if sum > progress { Instant::now() } else { moved });
            }
            if moved.elapsed() > QUIET && began.elapsed() > QUIET {
                break;
            }
        }
        let mut all = Phase {
            deliveries: 0,
            lost: 0,
            cpu_micros: cpu_micros()? - cpu,
            seconds: 0.0,
            latencies: Vec::new(),
        };
        let mut last = 0;
        for child in 0..self.inputs.len() {
            writeln!(self.inputs[child], "end")?;
            let line = self.await_event(child, "ended").await?;
            all.deliveries += line["count"].as_u64().unwrap_or(0);
            all.cpu_micros += line["cpuMicros"].as_u64().unwrap_or(0);
            all.latencies
                .extend(line["latencies"].as_array().into_iter().flatten().filter_map(Value::as_i64));
            last = last.max(line["last"].as_u64().unwrap_or(0));
        }
        all.lost = messages * self.inputs.len() as u64 - all.deliveries;
        all.seconds = last.saturating_sub(began_nanos) as f64 / 1e9;
        Ok(all)
    }
}

fn percentile(sorted: &[i64], of: f64) -> f64 {
    let index = (of * sorted.len() as f64) as usize;
    sorted
        .get(index.min(sorted.len().saturating_sub(1)))
        .map_or(0.0, |nanos| *nanos as f64 / 1e6)
}

pub async fn run(seconds: u64, messages: u64) -> Result<(), Failure> {
    let (peer, address) = Peer::start("-").await?;
    let (sender, lines) = mpsc::unbounded();
    let mut publisher = Publisher {
        peer,
        inputs: Vec::new(),
        lines,
        counts: Vec::new(),
    };
    let mut known = address.to_string();
    let mut children = Vec::new();
    for index in 0..PEERS - 1 {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["bench-gossip-peer", &known])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        publisher.inputs.push(child.stdin.take().ok_or("no input")?);
        publisher.counts.push(0);
        let (output, sender) = (child.stdout.take().ok_or("no output")?, sender.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Ok(line) = serde_json::from_str(&line) {
                    if sender.unbounded_send((index, line)).is_err() {
                        return;
                    }
                }
            }
        });
        children.push(child);
        let listening = publisher.await_event(index, "listening").await?;
        known = format!("{known},{}", listening["addresses"][0].as_str().unwrap_or_default());
    }
    while publisher.peer.subscribed.len() < PEERS - 1 {
        publisher.step().await;
    }
    let meshed = Instant::now() + MESH;
    while Instant::now() < meshed {
        let _ = tokio::time::timeout_at(meshed.into(), publisher.step()).await;
    }
    let mut paced = publisher.phase(PACE * seconds, true).await?;
    let unpaced = publisher.phase(messages, false).await?;
    drop(publisher);
    for mut child in children {
        child.wait()?;
    }
    paced.latencies.sort_unstable();
    println!(
        "{{\"event\":\"bench-gossip\",\"peers\":{PEERS},\"p50Millis\":{:.3},\"p99Millis\":{:.3},\"deliveriesPerSecond\":{:.0},\"lost\":{},\"cpuMicrosPerDelivery\":{:.1}}}",
        percentile(&paced.latencies, 0.5),
        percentile(&paced.latencies, 0.99),
        unpaced.deliveries as f64 / unpaced.seconds,
        paced.lost + unpaced.lost,
        unpaced.cpu_micros as f64 / unpaced.deliveries as f64
    );
    Ok(())
}
