package org.tutti.lightclient.sync;

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

/// One connection to an endpoint, on a thread of its own: dials, shakes hands, reads until the
/// connection ends. The engine says when it is dialled again.
final class PeerRunner implements Runnable {
    /// Most memory of one peer's messages that wait for the engine, in KiB; the rest waits on the
    /// connection. A message above that waits alone, and nothing is read meanwhile.
    static final int MAX_PENDING_KIB = 1 << 10;

    private static final String USER_AGENT = "/tutti:0.1.0/";

    /// Longest silence on a connection. The engine asks long before that.
    private static final Duration SILENCE = Duration.ofMinutes(5);

    private final PeerAddress address;
    private final Network network;
    private final SyncSettings settings;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final LightClient client;

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
    }

    @Override
    public void run() {
        try {
            connectAndRead();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void connectAndRead() throws InterruptedException {
        long peer = 0;
        DisconnectReason reason;
        try {
            PeerConnection connection = dial();
            peer = client.register(connection);
            Handshake handshake = new Handshake(ourVersion(), true, Services.NEEDED);
            Version theirs = connection.handshake(handshake, settings.handshake());
            post(new SyncInput.PeerReady(peer, address.toString(), theirs, handshake.wtxidRelay()));
            reason = readAll(peer, connection);
        } catch (PeerException e) {
            reason = e.reason();
        } catch (IOException e) {
            reason = new DisconnectReason(Code.UNREACHABLE, String.valueOf(e.getMessage()));
        } catch (RuntimeException | OutOfMemoryError e) {
            // Whatever a message of this peer did to us, it ends the connection, and the peer is
            // dialled again. That our memory did not suffice is not its fault.
            reason = new DisconnectReason(Code.OUR_FAILURE, String.valueOf(e));
        }
        client.unregister(peer);
        post(new SyncInput.PeerGone(peer, address.toString(), reason));
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
        Semaphore pending = new Semaphore(MAX_PENDING_KIB);
        long bytesBefore = 0;
        try {
            while (true) {
                P2pMessage message = connection.read(SILENCE);
                long bytes = connection.bytesRead() - bytesBefore;
                bytesBefore += bytes;
                int kib = MemoryUse.kib(MemoryUse.of(message), MAX_PENDING_KIB);
                pending.acquire(kib);
                client.post(
                        new SyncInput.Received(peer, message, bytes), () -> pending.release(kib));
                if (kib == MAX_PENDING_KIB) {
                    pending.acquire(kib); // Not another one beside it.
                    pending.release(kib);
                }
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
