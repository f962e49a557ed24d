package org.tutti.interop.fullnode;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.BroadcastFault;
import org.tutti.lightclient.broadcast.Reach;
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
    public void broadcast(BroadcastEvent event) {
        lines.add(
                switch (event) {
                    case BroadcastEvent.Announced(Txid txid, String peer, Reach _) ->
                            "announced " + txid + " to " + peer;
                    case BroadcastEvent.HeldBack(Txid txid, String peer) ->
                            "held back " + txid + " from " + peer;
                    case BroadcastEvent.Requested(Txid txid, String peer, Reach _) ->
                            "requested " + txid + " by " + peer;
                    case BroadcastEvent.Accepted(Txid txid, String peer, Reach _) ->
                            "accepted " + txid + " by " + peer;
                    case BroadcastEvent.Seen(Txid txid, String peer, Reach _) ->
                            "seen " + txid + " at " + peer;
                    case BroadcastEvent.Refused(Txid txid, String _, int code, String reason) ->
                            "refused " + txid + " " + code + " " + reason;
                    case BroadcastEvent.Dropped(Txid txid, String peer) ->
                            "dropped " + txid + " by " + peer;
                    case BroadcastEvent.BelowFeeFilter(Txid txid, String peer, long rate) ->
                            "below fee filter " + txid + " of " + peer + ": " + rate;
                    case BroadcastEvent.Unseen(Txid txid, int rounds, Reach _) ->
                            "unseen " + txid + " " + rounds;
                    case BroadcastEvent.Confirmed(Txid txid, int height) ->
                            "mined " + txid + " " + height;
                    case BroadcastEvent.Conflicted(Txid txid, OutPoint _, Txid by, int height) ->
                            "conflicted " + txid + " by " + by + " " + height;
                    case BroadcastEvent.Reopened(Txid txid, int height) ->
                            "reopened " + txid + " " + height;
                    case BroadcastEvent.NotTaken(Txid txid, BroadcastFault fault, String _) ->
                            "not taken " + txid + " " + fault;
                    case BroadcastEvent.Displaced(Txid txid) -> "displaced " + txid;
                    case BroadcastEvent.NotSaved(Txid txid, String reason) ->
                            "not saved " + txid + " " + reason;
                });
    }

    /// Waits for a line with this start, and drops the lines before it.
    String await(String start) throws InterruptedException {
        while (true) {
            String line = next(start);
            if (line.startsWith(start)) {
                return line;
            }
        }
    }

    private String next(String awaited) throws InterruptedException {
        String line = lines.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (line == null) {
            throw new IllegalStateException("no \"" + awaited + "\" in " + TIMEOUT_SECONDS + " s");
        }
        return line;
    }

    /// Whether one line comes before another, and drops the lines up to the one that came.
    boolean hasBefore(String early, String late) throws InterruptedException {
        while (true) {
            String line = next(late);
            if (line.startsWith(early)) {
                return true;
            }
            if (line.startsWith(late)) {
                return false;
            }
        }
    }
}
