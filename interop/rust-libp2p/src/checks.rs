//! The dialer's checks.

use std::io;

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt, future::try_join_all};
use libp2p::{PeerId, Stream, StreamProtocol};
use libp2p_stream::Control;
use sha2::{Digest, Sha256};

use crate::{Failure, serve};

pub const BLOCK: usize = 65_536;
const BULK_BYTES: u64 = 64 << 20;
const STREAMS: usize = 100;

pub async fn all(mut control: Control, peer: PeerId) -> Result<Vec<&'static str>, Failure> {
    bulk(&mut control, peer).await.map_err(|e| format!("bulk: {e}"))?;
    many_streams(&mut control, peer).await.map_err(|e| format!("many-streams: {e}"))?;
    half_close(&mut control, peer).await.map_err(|e| format!("half-close: {e}"))?;
    reset_by_them(&mut control, peer).await.map_err(|e| format!("reset-by-them: {e}"))?;
    reset_by_us(&mut control, peer).await.map_err(|e| format!("reset-by-us: {e}"))?;
    refused(&mut control, peer).await.map_err(|e| format!("refused: {e}"))?;
    push(&mut control).await.map_err(|e| format!("push: {e}"))?;
    Ok(vec![
        "bulk",
        "many-streams",
        "half-close",
        "reset-by-them",
        "reset-by-us",
        "refused",
        "push",
    ])
}

async fn open(control: &mut Control, peer: PeerId, protocol: &'static str) -> Result<Stream, Failure> {
    Ok(control.open_stream(peer, StreamProtocol::new(protocol)).await?)
}

/// Writes bytes of which no two blocks are alike; answers with their hash.
pub async fn write_pattern(stream: &mut Stream, length: u64) -> io::Result<[u8; 32]> {
    let mut block: Vec<u8> = (0..BLOCK).map(|i| (i * 31 + i / 251) as u8).collect();
    let mut hash = Sha256::new();
    let mut done = 0;
    while done < length {
        block[..8].copy_from_slice(&done.to_be_bytes());
        let count = (length - done).min(BLOCK as u64) as usize;
        hash.update(&block[..count]);
        stream.write_all(&block[..count]).await?;
        done += count as u64;
    }
    Ok(hash.finalize().into())
}

pub async fn read_to_end(stream: &mut Stream) -> io::Result<(u64, [u8; 32])> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; BLOCK];
    let mut length = 0;
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok((length, hash.finalize().into()));
        }
        hash.update(&buffer[..count]);
        length += count as u64;
    }
}

async fn bulk(control: &mut Control, peer: PeerId) -> Result<(), Failure> {
    let mut stream = open(control, peer, serve::BULK).await?;
    stream.write_all(&BULK_BYTES.to_be_bytes()).await?;
    let sent = write_pattern(&mut stream, BULK_BYTES).await?;
    stream.close().await?;
    let mut theirs = [0; 32];
    stream.read_exact(&mut theirs).await?;
    if theirs != sent {
        return Err("they got something else".into());
    }
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await?;
    if rest.len() as u64 != BULK_BYTES + 32 {
        return Err(format!("{} bytes came", rest.len()).into());
    }
    let (data, hash) = rest.split_at(BULK_BYTES as usize);
    if serve::sha256(data) != hash {
        return Err("we got something else".into());
    }
    Ok(())
}

async fn many_streams(control: &mut Control, peer: PeerId) -> Result<(), Failure> {
    let mut streams = Vec::new();
    for i in 0..STREAMS {
        let mut stream = open(control, peer, serve::ECHO).await?;
        exchange(&mut stream, &[i as u8]).await?;
        streams.push(stream);
    }
    try_join_all(streams.into_iter().enumerate().map(|(i, mut stream)| async move {
        let sent = vec![i as u8; BLOCK];
        exchange(&mut stream, &sent).await?;
        stream.close().await?;
        match stream.read(&mut [0; 1]).await? {
            0 => Ok(()),
            _ => Err("more than was sent".into()),
        }
    }))
    .await
    .map(|_| ())
}

async fn exchange(stream: &mut Stream, sent: &[u8]) -> Result<(), Failure> {
    stream.write_all(sent).await?;
    stream.flush().await?;
    let mut received = vec![0; sent.len()];
    stream.read_exact(&mut received).await?;
    if received == sent { Ok(()) } else { Err("another echo".into()) }
}

async fn half_close(control: &mut Control, peer: PeerId) -> Result<(), Failure> {
    let mut stream = open(control, peer, serve::ECHO).await?;
    let sent = vec![7; 3 * BLOCK];
    stream.write_all(&sent).await?;
    stream.close().await?;
    let mut received = Vec::new();
    stream.read_to_end(&mut received).await?;
    if received == sent {
        Ok(())
    } else {
        Err(format!("{} bytes came back", received.len()).into())
    }
}

/// rust-yamux tells its user of a reset as of an end, so this is all that can be asked here.
async fn reset_by_them(control: &mut Control, peer: PeerId) -> Result<(), Failure> {
    let mut stream = open(control, peer, serve::RESET).await?;
    stream.write_all(&[1]).await?;
    stream.flush().await?;
    match stream.read(&mut [0; 1]).await {
        Err(_) | Ok(0) => Ok(()),
        Ok(count) => Err(format!("read gave {count}").into()),
    }
}

async fn reset_by_us(control: &mut Control, peer: PeerId) -> Result<(), Failure> {
    let mut stream = open(control, peer, serve::ECHO).await?;
    exchange(&mut stream, &[1]).await?;
    drop(stream);
    let mut next = open(control, peer, serve::ECHO).await?;
    exchange(&mut next, &[2]).await?;
    next.close().await?;
    Ok(())
}

async fn refused(control: &mut Control, peer: PeerId) -> Result<(), Failure> {
    if open(control, peer, "/tutti/interop/nobody/1").await.is_ok() {
        return Err("it was accepted".into());
    }
    let mut stream = open(control, peer, serve::ECHO).await?;
    exchange(&mut stream, &[3]).await?;
    stream.close().await?;
    Ok(())
}

/// The listener opens a stream as soon as our push says that we take it.
async fn push(control: &mut Control) -> Result<(), Failure> {
    let mut incoming = control.accept(StreamProtocol::new(serve::NEW))?;
    let (_, mut stream) = incoming.next().await.ok_or("no stream came after the push")?;
    Ok(stream.read_exact(&mut [0; 1]).await?)
}
