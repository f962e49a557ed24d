package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.perf.PerfException;
import org.tutti.libp2p.ping.PingException;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.SwarmException;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A command that connects to one peer, does one thing there, and prints one result, all of it
/// before a deadline.
abstract class ClientCommand implements Callable<Integer> {
    private static final long MAX_SECONDS = TimeUnit.DAYS.toSeconds(1);

    /// What is printed: the fields that follow `ok`, or the sentence.
    record Result(Map<String, @Nullable Object> fields, String sentence) {}

    @Mixin final PeerOptions peer = new PeerOptions();

    @Parameters(
            paramLabel = "MULTIADDR",
            converter = PeerOptions.MultiaddrConverter.class,
            description = "Such as /ip4/127.0.0.1/tcp/4001/p2p/12D3Koo…")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Multiaddr address;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "For everything from the dial to the result (default: ${DEFAULT-VALUE}).")
    private long seconds;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    CommandSpec spec;

    /// Looks at the options of the command.
    void check() {}

    /// Adds what the command needs of a host.
    void prepare(HostBuilder builder) {}

    /// Does it, on a thread of its own that is interrupted at the deadline.
    abstract Result run(Host host, Connection connection) throws IOException;

    final Duration timeout() {
        return Duration.ofSeconds(seconds);
    }

    final void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
    }

    @Override
    public final Integer call() throws InterruptedException {
        require(address.peerId().isPresent(), address + " does not end in /p2p and a peer id");
        require(
                seconds >= 1 && seconds <= MAX_SECONDS,
                "--timeout must be at least 1, and at most a day");
        check();
        HostBuilder builder = peer.host();
        prepare(builder);
        try (Host host = builder.build()) {
            host.start();
            FutureTask<Result> work = new FutureTask<>(() -> run(host, host.connect(address)));
            Thread.ofVirtual().name("p2p-client").start(work);
            return await(work);
        } catch (IOException e) {
            return failed(e);
        }
    }

    private int await(FutureTask<Result> work) throws IOException, InterruptedException {
        try {
            Result result = work.get(seconds, TimeUnit.SECONDS);
            Map<String, @Nullable Object> fields = PeerOptions.fields();
            fields.put("ok", true);
            fields.putAll(result.fields);
            peer.print(spec.commandLine().getOut(), fields, result.sentence);
            return ExitCodes.OK;
        } catch (TimeoutException e) {
            work.cancel(true);
            throw new SocketTimeoutException("not done within " + seconds + " s");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException fault -> throw fault;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    private int failed(IOException e) {
        String message = String.valueOf(e.getMessage());
        if (peer.json) {
            Map<String, @Nullable Object> fields = PeerOptions.fields();
            fields.put("ok", false);
            fields.put("code", code(e));
            fields.put("message", message);
            peer.print(spec.commandLine().getOut(), fields, "");
        } else {
            spec.commandLine().getErr().println("tutti: " + message);
        }
        return ExitCodes.FAILED;
    }

    /// What a program reads.
    static String code(IOException e) {
        return switch (e) {
            case SwarmException swarm -> swarm.code();
            case PingException _, EchoException _ -> "WRONG_ECHO";
            case PerfException perf -> perf.code().name();
            case SocketTimeoutException _ -> "TIMEOUT";
            default -> "CONNECTION_LOST";
        };
    }
}
