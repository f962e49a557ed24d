package org.tutti.lightclient.sync;

import org.tutti.base.Backoff;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.connection.DisconnectReason.Code;
import org.tutti.lightclient.connection.Handshake;
import org.tutti.lightclient.connection.PeerConnection;
import org.tutti.lightclient.connection.PeerException;
import org.tutti.lightclient.connection.WireConnection;
import org.tutti.lightclient.peers.PeerAddress;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.Version;
import org.tutti.lightclient.wire.Services;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

/// The thread of one configured peer: dials, shakes hands, reads until the connection ends, waits,
/// and starts again.
final class PeerRunner implements Runnable {
    /// Most messages of one peer that wait for the engine: the rest waits on the connection.
    static final int MAX_PENDING = 16;

    /// As how many messages a block counts there: it may have 4 MB, and four times that in memory.
    static final int BLOCK_WEIGHT = MAX_PENDING / 2;

    private static final String USER_AGENT = "/tutti:0.1.0/";

    /// Longest silence on a connection. The engine asks long before that.
    private static final Duration SILENCE = Duration.ofMinutes(5);

    private final PeerAddress address;
    private final Network network;
    private final SyncSettings settings;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final LightClient client;
    private final Backoff backoff;

    PeerRunner(
            PeerAddress address,
            Network network,
            SyncSettings settings,
            InstantSource clock,
            RandomGenerator random,
            LightClient client) {
        this.address = address;
        this.network = network;
        this.settings = settings;
        this.clock = clock;
        this.random = random;
        this.client = client;
        this.backoff = new Backoff(settings.firstBackoff(), settings.maxBackoff(), random);
    }

    @Override
    public void run() {
        try {
            while (!client.isClosed()) {
                DisconnectReason reason = connectAndRead();
                Duration wait = backoff.next();
                if (reason.code().isMisbehaviour()) {
                    wait = wait.plus(settings.misbehaviourPause());
                }
                Thread.sleep(wait);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private DisconnectReason connectAndRead() throws InterruptedException {
        long peer = 0;
        DisconnectReason reason;
        try {
            PeerConnection connection = dial();
            peer = client.register(connection);
            Handshake handshake = new Handshake(ourVersion(), true, Services.NEEDED);
            Version theirs = connection.handshake(handshake, settings.handshake());
            post(new SyncInput.PeerReady(peer, address.toString(), theirs, handshake.wtxidRelay()));
            reason = readAll(peer, connection);
            if (isFresh(reason)) {
                backoff.reset();
            }
        } catch (PeerException e) {
            reason = e.reason();
        } catch (IOException e) {
            reason = new DisconnectReason(Code.UNREACHABLE, String.valueOf(e.getMessage()));
        } catch (RuntimeException | OutOfMemoryError e) {
            // Whatever a message of this peer did to us, it ends the connection and not the thread
            // that would dial again. A block of 4 MB may be of four million empty witness items.
            reason = new DisconnectReason(Code.WIRE, String.valueOf(e));
        }
        client.unregister(peer);
        post(new SyncInput.PeerGone(peer, address.toString(), reason));
        return reason;
    }

    /// Whether the next attempt may come soon: a connection that worked and then broke. A peer that
    /// stalled would stall again.
    private static boolean isFresh(DisconnectReason reason) {
        return reason.code() == Code.CLOSED
                || reason.code() == Code.UNREACHABLE
                || reason.code() == Code.SILENT;
    }

    private PeerConnection dial() throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(
                    new InetSocketAddress(address.host(), address.port()),
                    (int) settings.handshake().toMillis());
            return PeerConnection.start(new WireConnection(socket, network.magic(), clock), clock);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private Version ourVersion() {
        // Relay: true, because a peer says only then whether it has a transaction of ours. What
        // others announce is kept away by a fee filter.
        return new Version(
                P2pMessage.PROTOCOL_VERSION,
                Services.LIGHT_CLIENT,
                clock.instant().getEpochSecond(),
                random.nextLong(),
                USER_AGENT,
                0,
                true);
    }

    private DisconnectReason readAll(long peer, PeerConnection connection)
            throws InterruptedException {
        Semaphore pending = new Semaphore(MAX_PENDING);
        try {
            while (true) {
                P2pMessage message = connection.read(SILENCE);
                int weight = message instanceof P2pMessage.BlockMessage ? BLOCK_WEIGHT : 1;
                pending.acquire(weight);
                client.post(new SyncInput.Received(peer, message), () -> pending.release(weight));
            }
        } catch (PeerException e) {
            return e.reason();
        } finally {
            connection.close();
        }
    }

    private void post(SyncInput input) throws InterruptedException {
        client.post(input, () -> {});
    }
}
