//! The listener's side of the protocols.

use std::{future::Future, io};

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::{PeerId, Stream, StreamProtocol};
use libp2p_stream::Control;
use sha2::{Digest, Sha256};

use crate::{Failure, checks};

pub const ECHO: &str = "/tutti/interop/echo/1";
pub const BULK: &str = "/tutti/interop/bulk/1";
pub const RESET: &str = "/tutti/interop/reset/1";
/// Answered by the dialer, and only once it is connected: the listener learns of it by a push.
pub const NEW: &str = "/tutti/interop/new/1";

pub fn start(mut control: Control) -> Result<(), Failure> {
    serve(&mut control, ECHO, echo)?;
    serve(&mut control, BULK, bulk)?;
    serve(&mut control, RESET, reset)
}

fn serve<F>(control: &mut Control, protocol: &'static str, handler: fn(Stream) -> F) -> Result<(), Failure>
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let mut incoming = control.accept(StreamProtocol::new(protocol))?;
    tokio::spawn(async move {
        while let Some((_, stream)) = incoming.next().await {
            let running = handler(stream);
            tokio::spawn(async move {
                if let Err(e) = running.await {
                    eprintln!("{protocol}: {e}");
                }
            });
        }
    });
    Ok(())
}

/// Says nothing of a stream that was reset: rust-yamux tells its user that it has ended.
async fn echo(mut stream: Stream) -> io::Result<()> {
    let mut buffer = vec![0; checks::BLOCK];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return stream.close().await;
        }
        stream.write_all(&buffer[..count]).await?;
        stream.flush().await?;
    }
}

async fn bulk(mut stream: Stream) -> io::Result<()> {
    let mut wanted = [0; 8];
    stream.read_exact(&mut wanted).await?;
    let (_, hash) = checks::read_to_end(&mut stream).await?;
    stream.write_all(&hash).await?;
    let sent = checks::write_pattern(&mut stream, u64::from_be_bytes(wanted)).await?;
    stream.write_all(&sent).await?;
    stream.close().await
}

/// A stream that is dropped before it was closed is reset.
async fn reset(mut stream: Stream) -> io::Result<()> {
    stream.read_exact(&mut [0; 1]).await
}

/// Whoever pushed waits for this.
pub async fn answer_push(mut control: Control, peer: PeerId) -> Result<(), Failure> {
    let mut stream = control.open_stream(peer, StreamProtocol::new(NEW)).await?;
    stream.write_all(&[1]).await?;
    Ok(stream.close().await?)
}

pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
