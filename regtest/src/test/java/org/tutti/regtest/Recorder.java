package org.tutti.regtest;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.sync.ChainListener;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Writes down what a light client tells, as text, and waits for it.
final class Recorder implements ChainListener {
    private static final long TIMEOUT_SECONDS = 30;

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Override
    public void blockConnected(int height, BlockHeader header, Block block) {
        events.add("+" + height + " " + header.hash());
    }

    @Override
    public void blockDisconnected(int height, BlockHeader header) {
        events.add("-" + height + " " + header.hash());
    }

    @Override
    public void tip(int height, BlockHash hash) {
        events.add("tip " + height + " " + hash);
    }

    @Override
    public void peerConnected(String peer, String userAgent) {
        events.add("connected " + userAgent);
    }

    @Override
    public void peerLost(String peer, DisconnectReason reason) {
        events.add("lost " + reason);
    }

    @Override
    public void broadcast(BroadcastEvent event) {
        events.add(
                switch (event) {
                    case BroadcastEvent.Refused refused ->
                            "refused " + refused.txid() + " " + refused.reason();
                    case BroadcastEvent.Confirmed mined ->
                            "mined " + mined.txid() + " " + mined.height();
                    case BroadcastEvent.NotTaken not ->
                            "nottaken " + not.txid() + " " + not.fault();
                    case BroadcastEvent other ->
                            other.getClass().getSimpleName().toLowerCase(Locale.ROOT)
                                    + " "
                                    + other.txid();
                });
    }

    /// All events up to and with the first that starts so.
    List<String> await(String start) {
        return await(event -> event.startsWith(start), start);
    }

    /// Waits for both, in whichever order they come.
    void awaitBoth(String one, String other) {
        String first =
                await(
                                event -> event.startsWith(one) || event.startsWith(other),
                                one + "\" or \"" + other)
                        .getLast();
        await(first.startsWith(one) ? other : one);
    }

    private List<String> await(Predicate<String> wanted, String what) {
        List<String> seen = new ArrayList<>();
        try {
            while (true) {
                String event = events.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
                if (event == null) {
                    throw new AssertionError("no \"" + what + "\" after " + seen);
                }
                seen.add(event);
                if (wanted.test(event)) {
                    return seen;
                }
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
