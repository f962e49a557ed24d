package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.pubsub.Pubsub;
import org.tutti.libp2p.transport.tcp.TcpTransport;
import org.tutti.node.events.LinePrinter;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/// What `pubsub subscribe` and `pubsub publish` share: a host with publish/subscribe that is
/// connected to the peers it was told of.
abstract class PubsubSession implements Callable<Integer> {
    @Mixin final PeerOptions peer = new PeerOptions();
    @Mixin final PubsubOptions pubsub = new PubsubOptions();

    @Option(names = "--topic", required = true, paramLabel = "NAME", description = "The topic.")
    @SuppressWarnings("NullAway.Init") // by picocli
    String topic;

    @Option(
            names = "--listen",
            paramLabel = "MULTIADDR",
            converter = PeerOptions.MultiaddrConverter.class,
            description = "Where to listen; may be given again. Nowhere, unless this is given.")
    private List<Multiaddr> listen = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    CommandSpec spec;

    /// Does it, with a host that has started and is connected.
    abstract void run(Host host, Pubsub service, ListenOutput output)
            throws IOException, InterruptedException;

    /// Before there is a connection.
    void prepare(Pubsub service, ListenOutput output) {}

    /// What ends this command by a signal, which is its normal end.
    void hook(Host host, LinePrinter printer) {}

    @Override
    public final Integer call() throws InterruptedException {
        for (Multiaddr address : pubsub.peers) {
            require(address.peerId().isPresent(), address + " does not end in /p2p and a peer id");
        }
        for (Multiaddr address : listen) {
            require(
                    new TcpTransport().handles(address),
                    "--listen: " + address + ": only TCP is supported so far");
        }
        PrivateKey key = peer.key();
        HostBuilder builder = peer.host(key);
        listen.forEach(builder::listen);
        Pubsub service = pubsub.addTo(builder, key);
        PrintWriter out = spec.commandLine().getOut();
        try (LinePrinter printer =
                        LinePrinter.start(line -> {
                            out.println(line);
                            out.flush();
                        });
                Host host = builder.build()) {
            ListenOutput output = new ListenOutput(peer, printer);
            host.start();
            hook(host, printer);
            prepare(service, output);
            if (!listen.isEmpty()) {
                Map<String, @Nullable Object> fields = PeerOptions.fields();
                fields.put("event", "listening");
                fields.put("peerId", host.peerId());
                fields.put("addresses", Identities.texts(host.addresses()));
                output.print(fields, "listening as " + host.peerId());
            }
            for (Multiaddr address : pubsub.peers) {
                host.connect(address);
            }
            run(host, service, output);
            return ExitCodes.OK;
        } catch (IOException e) {
            throw new CommandFailed(
                    ClientCommand.code(e), ExitCodes.FAILED, String.valueOf(e.getMessage()), e);
        }
    }

    final void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
    }
}
