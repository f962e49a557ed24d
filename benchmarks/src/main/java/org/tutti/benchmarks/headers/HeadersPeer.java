package org.tutti.benchmarks.headers;

import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.connection.Handshake;
import org.tutti.lightclient.connection.PeerConnection;
import org.tutti.lightclient.connection.PeerException;
import org.tutti.lightclient.connection.WireConnection;
import org.tutti.lightclient.headers.HeaderBatch;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderSource;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.GetHeaders;
import org.tutti.lightclient.wire.P2pMessage.Headers;
import org.tutti.lightclient.wire.P2pMessage.Ping;
import org.tutti.lightclient.wire.P2pMessage.Pong;
import org.tutti.lightclient.wire.Services;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// A Bitcoin peer in a process of its own that has a long chain of regtest headers and serves them,
/// one client after the other. Prints its port when it is ready, and ends with its standard input.
final class HeadersPeer {
    private final HeaderChain chain = new HeaderChain(Network.REGTEST, new SplittableRandom(1));

    private HeadersPeer(byte[] headers) throws IOException {
        int length = HeaderChain.MAX_BATCH * BlockHeader.LENGTH;
        for (int from = 0; from < headers.length; from += length) {
            int to = Math.min(headers.length, from + length);
            chain.accept(
                    new HeaderSource.Operator(),
                    HeaderBatch.wrap(Arrays.copyOfRange(headers, from, to)),
                    Clock.systemUTC().instant());
        }
    }

    /// @param args how many headers
    public static void main(String[] args) throws IOException {
        HeadersPeer peer = new HeadersPeer(RegtestHeaders.make(Integer.parseInt(args[0])));
        ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> peer.acceptAll(server));
        System.out.println(server.getLocalPort());
        while (System.in.read() >= 0) {
            // Until whoever started this is gone.
        }
        System.exit(0);
    }

    private void acceptAll(ServerSocket server) {
        try {
            while (true) {
                serve(server.accept());
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket socket) throws IOException {
        try (PeerConnection connection =
                PeerConnection.start(
                        new WireConnection(socket, Network.REGTEST.magic(), Clock.systemUTC()),
                        Clock.systemUTC())) {
            connection.handshake(
                    new Handshake(
                            new P2pMessage.Version(
                                    P2pMessage.PROTOCOL_VERSION,
                                    Services.NEEDED,
                                    Clock.systemUTC().instant().getEpochSecond(),
                                    1,
                                    "/bench/",
                                    chain.tip().height(),
                                    true),
                            false,
                            0),
                    Duration.ofSeconds(10));
            while (true) {
                switch (connection.read(Duration.ofMinutes(2))) {
                    case Ping(long nonce) -> connection.offer(new Pong(nonce));
                    case GetHeaders(List<BlockHash> locator, BlockHash stop) ->
                            connection.offer(
                                    new Headers(
                                            chain.after(locator, stop, P2pMessage.MAX_HEADERS)));
                    default -> {
                        // Nothing else is served.
                    }
                }
            }
        } catch (PeerException e) {
            // The client has left.
        }
    }
}
