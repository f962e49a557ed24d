package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.mdns.Mdns;
import org.tutti.libp2p.mdns.MdnsEvent;
import org.tutti.libp2p.multiaddr.Multiaddr;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;

/// `./tutti p2p mdns`: who is on the local network.
@Command(
        name = "mdns",
        mixinStandardHelpOptions = true,
        description = {
            "Find libp2p peers on the local network by multicast DNS, and be found by them.",
            "Prints whoever comes and goes."
        })
final class MdnsCommand implements Callable<Integer> {
    @Mixin private final PeerOptions peer = new PeerOptions();

    @Option(
            names = "--listen",
            paramLabel = "MULTIADDR",
            defaultValue = "/ip4/0.0.0.0/tcp/0",
            converter = PeerOptions.MultiaddrConverter.class,
            description =
                    "Where to listen, and so what is announced; may be given again (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // by picocli
    private List<Multiaddr> listen;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "10",
            description = "How long (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    private final Set<String> present = new ConcurrentSkipListSet<>();

    @Override
    public Integer call() throws InterruptedException {
        if (seconds < 1) {
            throw new ParameterException(spec.commandLine(), "--seconds must be at least 1");
        }
        var builder = peer.host();
        listen.forEach(builder::listen);
        PrintWriter out = spec.commandLine().getOut();
        try (Host host = builder.build();
                Mdns mdns = new Mdns(host.peerId(), host::addresses, event -> report(out, event))) {
            host.start();
            Map<String, @Nullable Object> fields = PeerOptions.fields();
            fields.put("event", "listening");
            fields.put("peerId", host.peerId());
            fields.put("addresses", texts(host.addresses()));
            peer.print(out, fields, "listening as " + host.peerId());
            mdns.start();
            Thread hook = endWithZero(mdns);
            TimeUnit.SECONDS.sleep(seconds);
            unhook(hook);
        } catch (IOException e) {
            throw new CommandFailed(
                    "MDNS_FAILED", ExitCodes.ENVIRONMENT, String.valueOf(e.getMessage()), e);
        }
        Map<String, @Nullable Object> result = PeerOptions.fields();
        result.put("ok", true);
        result.put("peers", List.copyOf(present));
        peer.print(out, result, present.size() + " peers");
        return ExitCodes.OK;
    }

    /// Ctrl-C and SIGTERM end it with a goodbye, and are a normal end.
    private static Thread endWithZero(Mdns mdns) {
        Thread hook =
                new Thread(
                        () -> {
                            mdns.close();
                            Runtime.getRuntime().halt(ExitCodes.OK);
                        },
                        "p2p-mdns-end");
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    private static void unhook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending, and the hook has run.
        }
    }

    private void report(PrintWriter out, MdnsEvent event) {
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        switch (event) {
            case MdnsEvent.Discovered(PeerId found, List<Multiaddr> addresses) -> {
                present.add(found.toString());
                fields.put("event", "discovered");
                fields.put("peerId", found);
                fields.put("addresses", texts(addresses));
                peer.print(out, fields, "discovered " + found + " " + texts(addresses));
            }
            case MdnsEvent.Expired(PeerId gone) -> {
                present.remove(gone.toString());
                fields.put("event", "expired");
                fields.put("peerId", gone);
                peer.print(out, fields, "expired " + gone);
            }
            case MdnsEvent.Unavailable _ -> {}
        }
    }

    private static List<String> texts(List<Multiaddr> addresses) {
        return addresses.stream().map(Multiaddr::toString).toList();
    }
}
