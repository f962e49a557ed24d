package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.ExitCodes;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.kad.KadException;
import org.tutti.libp2p.kad.KadPeer;
import org.tutti.libp2p.kad.KadResult;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.LookupStats;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.MultiformatException;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A command that joins a DHT as a client, does one thing there, and prints one result, all of it
/// before a deadline.
abstract class DhtClientCommand implements Callable<Integer> {
    private static final long MAX_SECONDS = TimeUnit.DAYS.toSeconds(1);

    /// Is not there, or could not be done: no fault of the command's.
    static final class Refused extends Exception {
        private final String code;

        Refused(String code, String message) {
            super(message);
            this.code = code;
        }
    }

    @Mixin final PeerOptions peer = new PeerOptions();

    @Mixin final DhtOptions dht = new DhtOptions();

    @Option(
            names = "--listen",
            paramLabel = "MULTIADDR",
            converter = PeerOptions.MultiaddrConverter.class,
            description =
                    "Where others reach this peer while the command runs; may be given again (only for"
                            + " provide by default, on loopback).")
    private List<Multiaddr> listen = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "For everything from the first dial on (default: ${DEFAULT-VALUE}).")
    private long seconds;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    CommandSpec spec;

    /// Does it, on a thread that is interrupted at the deadline.
    ///
    /// @param identity of this peer
    /// @return the fields that follow `ok`
    abstract Map<String, @Nullable Object> run(Kademlia node, PrivateKey identity)
            throws IOException, InvalidRecordException, Refused;

    /// The result, for a person.
    abstract String sentence(Map<String, @Nullable Object> fields);

    /// Where to listen unless the user says otherwise.
    List<Multiaddr> defaultListen() {
        return List.of();
    }

    @Override
    public final Integer call() throws InterruptedException {
        require(!dht.bootstrap.isEmpty(), "--bootstrap is missing");
        for (Multiaddr address : dht.bootstrap) {
            require(
                    address.peerId().isPresent(),
                    "--bootstrap: " + address + " does not end in /p2p and a peer id");
        }
        require(
                seconds >= 1 && seconds <= MAX_SECONDS,
                "--timeout must be at least 1, and at most a day");
        Kademlia node = node();
        PrivateKey identity = peer.key();
        HostBuilder builder = peer.host(identity).behaviour(node);
        (listen.isEmpty() ? defaultListen() : listen).forEach(builder::listen);
        try (Host host = builder.build()) {
            host.start();
            FutureTask<Map<String, @Nullable Object>> work =
                    new FutureTask<>(() -> {
                        node.bootstrap(dht.bootstrap);
                        return run(node, identity);
                    });
            Thread.ofVirtual().name("p2p-dht").start(work);
            return await(work);
        } catch (IOException e) {
            return failed(code(e), e);
        }
    }

    private Kademlia node() {
        try {
            return dht.builder().build();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private Integer await(FutureTask<Map<String, @Nullable Object>> work)
            throws IOException, InterruptedException {
        try {
            Map<String, @Nullable Object> result = work.get(seconds, TimeUnit.SECONDS);
            Map<String, @Nullable Object> fields = PeerOptions.fields();
            fields.put("ok", true);
            fields.putAll(result);
            peer.print(spec.commandLine().getOut(), fields, sentence(result));
            return ExitCodes.OK;
        } catch (TimeoutException e) {
            work.cancel(true);
            throw new SocketTimeoutException("not done within " + seconds + " s");
        } catch (ExecutionException e) {
            return switch (e.getCause()) {
                case IOException failure -> throw failure;
                case InvalidRecordException invalid -> failed(invalid.code().name(), invalid);
                case Refused refused -> failed(refused.code, refused);
                case ParameterException wrong -> throw wrong;
                case RuntimeException fault -> throw fault;
                case null, default -> throw new IllegalStateException(e);
            };
        }
    }

    private static String code(IOException e) {
        return e instanceof KadException kad ? kad.code().name() : ClientCommand.code(e);
    }

    private int failed(String code, Exception e) {
        String message = String.valueOf(e.getMessage());
        if (peer.json) {
            Map<String, @Nullable Object> fields = PeerOptions.fields();
            fields.put("ok", false);
            fields.put("code", code);
            fields.put("message", message);
            peer.print(spec.commandLine().getOut(), fields, "");
        } else {
            spec.commandLine().getErr().println("tutti: " + message);
        }
        return ExitCodes.FAILED;
    }

    final void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
    }

    /// What every operation took.
    static Map<String, @Nullable Object> fields(KadResult result) {
        LookupStats stats = result.stats();
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        fields.put("millis", stats.duration().toNanos() / 1_000 / 1e3);
        fields.put("hops", stats.hops());
        fields.put("messages", stats.messages());
        return fields;
    }

    static List<String> named(KadPeer peer) {
        return peer.addresses().stream().map(a -> a.withPeerId(peer.peer()).toString()).toList();
    }

    /// A key in hex.
    final Bytes hex(String text) {
        try {
            return Bytes.fromHex(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "--key-hex: not an even number of hex digits", e);
        }
    }

    /// The multihash of a CID, or a multihash.
    final Bytes content(String text) {
        try {
            return DhtKey.ofContent(text);
        } catch (MultiformatException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    text + ": neither a CID nor a multihash: " + e.getMessage(),
                    e);
        }
    }
}
