package org.tutti.examples;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.HandlerFailed;
import org.tutti.libp2p.swarm.PeerLists;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.SwarmEvent;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// Sends back what it is sent, but only to peers that it knows; the list changes while it runs.
public final class GatedEcho implements AutoCloseable {
    static final String PROTOCOL = "/tutti/examples/echo/1.0.0";

    private final PeerLists friends = PeerLists.only(List.of());
    private final Host host;

    /// @param identity a file with the key of this peer, made if it is not there
    GatedEcho(Path identity, String address) throws IOException {
        host =
                Host.builder()
                        .identityFile(identity)
                        .listen(address)
                        .gater(friends)
                        .handler(PROTOCOL, GatedEcho::echo)
                        .build();
        var _ = host.subscribe(HandlerFailed.class, event -> System.err.println(event.cause()));
        var _ =
                host.subscribe(event -> {
                    if (event instanceof SwarmEvent.InboundRefused refused) {
                        System.err.println("refused " + refused.remoteAddress());
                    }
                });
        host.start();
        host.addresses().forEach(System.out::println);
    }

    /// Runs until the handler returns, and the stream is closed then. A peer that says nothing for
    /// a minute ends it with an exception, and its stream is reset.
    private static void echo(Stream stream) throws IOException {
        stream.inputStream().transferTo(stream.outputStream());
    }

    /// Asks an echo for a line.
    static String ask(Host from, String address, String line) throws IOException {
        try (Stream stream = from.connect(address).openStream(PROTOCOL);
                PrintWriter out =
                        new PrintWriter(stream.outputStream(), true, StandardCharsets.UTF_8);
                BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(
                                        stream.inputStream(), StandardCharsets.UTF_8))) {
            out.println(line);
            return in.readLine();
        }
    }

    /// @param args a file for the identity, an address to listen on; then each line that is typed
    ///   is a peer id that may use the echo from now on, or with a `-` before it no longer
    public static void main(String[] args) throws IOException {
        try (GatedEcho echo = new GatedEcho(Path.of(args[0]), args[1])) {
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                    .lines()
                    .forEach(echo::change);
        }
    }

    void change(String line) {
        if (line.startsWith("-")) {
            friends.disallow(PeerId.parse(line.substring(1)));
        } else {
            friends.allow(PeerId.parse(line));
        }
    }

    String address() {
        return host.addresses().getFirst().toString();
    }

    @Override
    public void close() {
        host.close();
    }
}
