package org.tutti.interop.btcd;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.lightclient.broadcast.BroadcastResult;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.sync.ChainListener;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// What the light client tells, as lines to wait for.
final class Events implements ChainListener {
    private static final int TIMEOUT_SECONDS = 60;

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    @Override
    public void blockConnected(int height, BlockHeader header, Block block) {
        lines.add("connected block " + height + " " + block.hash());
    }

    @Override
    public void blockDisconnected(int height, BlockHeader header) {
        lines.add("disconnected block " + height + " " + header.hash());
    }

    @Override
    public void tip(int height, BlockHash hash) {
        lines.add("tip " + height + " " + hash);
    }

    @Override
    public void peerConnected(String peer, String userAgent) {
        lines.add("peer " + userAgent);
    }

    @Override
    public void peerLost(String peer, DisconnectReason reason) {
        lines.add("lost " + reason);
    }

    @Override
    public void broadcast(BroadcastResult result) {
        lines.add(
                switch (result) {
                    case BroadcastResult.Accepted(Txid txid, String _) -> "accepted " + txid;
                    case BroadcastResult.Refused(Txid txid, String _, int code, String reason) ->
                            "refused " + txid + " " + code + " " + reason;
                    case BroadcastResult.Mined(Txid txid, int height) ->
                            "mined " + txid + " " + height;
                    case BroadcastResult.GivenUp(Txid txid) -> "given up " + txid;
                });
    }

    /// Waits for a line with this start, and drops the lines before it.
    String await(String start) throws InterruptedException {
        while (true) {
            String line = lines.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            if (line == null) {
                throw new IllegalStateException(
                        "no \"" + start + "\" in " + TIMEOUT_SECONDS + " s");
            }
            if (line.startsWith(start)) {
                return line;
            }
        }
    }
}
