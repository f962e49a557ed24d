package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.benchmarks.PeerProgram;
import org.tutti.benchmarks.discover.DiscoverBench;
import org.tutti.benchmarks.discover.DiscoverResult;
import org.tutti.benchmarks.headers.HeadersBench;
import org.tutti.benchmarks.headers.HeadersResult;
import org.tutti.benchmarks.journal.JournalBench;
import org.tutti.benchmarks.journal.JournalResult;
import org.tutti.benchmarks.kad.KadBench;
import org.tutti.benchmarks.kad.KadBenchResult;
import org.tutti.benchmarks.musig.MusigBench;
import org.tutti.benchmarks.p2p.EchoesBench;
import org.tutti.benchmarks.p2p.FloodBench;
import org.tutti.benchmarks.p2p.GossipBench;
import org.tutti.benchmarks.p2p.IdleBench;
import org.tutti.benchmarks.p2p.P2pBench;
import org.tutti.benchmarks.request.RequestBench;
import org.tutti.benchmarks.request.RequestResult;
import org.tutti.benchmarks.sign.SignBench;
import org.tutti.benchmarks.sign.SignResult;
import org.tutti.node.files.IoReason;
import org.tutti.node.files.TemporaryFolder;
import org.tutti.signing.group.GroupException;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// `./tutti bench …`: the measurements of the module `benchmarks`.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        subcommands = {
            KadSimulationCommand.class,
            TopicSimulationCommand.class,
            GossipSimulationCommand.class
        },
        description =
                "Measure this machine's signing, libp2p, MuSig2 and headers, and simulated networks.")
final class BenchCommand implements Runnable {
    /// As many connections between all of them as one process can hold.
    private static final int MAX_SIGNERS = 250;

    /// Their times are kept until the end.
    private static final int MAX_SESSIONS = 1_000_000;

    private static final int MAX_STRANGERS = 50;
    private static final int MAX_REQUESTS_AT_ONCE = 1_000;
    private static final int MAX_LIFETIME_SECONDS = 3_600;

    /// As many as a chain of regtest can have by its age.
    private static final int MAX_HEADERS = 900_000;

    /// As many live sessions as a node takes from one requester.
    private static final int MAX_CONCURRENCY = 128;

    private static final int MAX_ROUNDS = 99;

    /// As many as a host takes by itself where a process may have 20,000 descriptors.
    private static final int MAX_IDLE = 10_000;

    private static final int MAX_SECONDS = 3_600;
    private static final int MAX_ECHOES = 10_000;
    private static final int MAX_ECHO_BYTES = 16 << 20;
    private static final int MAX_UNREAD = 1_000;
    private static final int MAX_KAD_NODES = 100;
    private static final int MAX_KAD_ROUNDS = 100_000;

    /// Between ours and theirs, whose medians count.
    private static final int KAD_ALTERNATIONS = 7;

    private static final int MIN_PINGS = 100;
    private static final int MAX_PINGS = 1_000_000;

    /// Much more than is written there.
    private static final long TEMPORARY_BYTES = 1L << 20;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(
            name = "p2p",
            mixinStandardHelpOptions = true,
            description =
                    "Connections, pings and bytes between two processes, the CPU of both counted;"
                            + " about two minutes.")
    int p2p(
            @Option(
                            names = "--rounds",
                            paramLabel = "N",
                            defaultValue = "1",
                            description =
                                    "How often all of it is measured, 1 to 99; the medians count"
                                            + " (default: ${DEFAULT-VALUE}).")
                    int rounds,
            @Option(
                            names = "--beside",
                            paramLabel = "PROGRAM",
                            description =
                                    "A program that measures another libp2p the same way, in turns"
                                            + " with ours: bash benchmarks/p2p-beside-go.sh builds one"
                                            + " and runs this.")
                    @Nullable Path beside,
            @Option(
                            names = "--json",
                            description = "Print one JSON object; the rest goes to stderr.")
                    boolean json) {
        requireBetween("--rounds", rounds, 1, MAX_ROUNDS);
        requireTemporaryFolder();
        try {
            P2pBench.Comparison result =
                    P2pBench.run(
                            P2pBench.Settings.defaults().withRounds(rounds),
                            Optional.ofNullable(beside),
                            json ? System.err : System.out);
            if (json) {
                spec.commandLine().getOut().println(result.json());
            }
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Command(
            name = "idle",
            mixinStandardHelpOptions = true,
            description =
                    "Memory and CPU of a host that holds many idle connections, from many addresses of"
                            + " 127/8; its clients are in another process. Two minutes.")
    int idle(
            @Option(
                            names = "--connections",
                            paramLabel = "N",
                            defaultValue = "10000",
                            description =
                                    "Connections, 1 to 10000 (default: ${DEFAULT-VALUE}). Each takes"
                                            + " a descriptor in both processes.")
                    int connections,
            @Option(
                            names = "--addresses",
                            paramLabel = "N",
                            defaultValue = "100",
                            description =
                                    "Addresses that they come from, 1 to 10000 (default:"
                                            + " ${DEFAULT-VALUE}).")
                    int addresses,
            @Option(
                            names = "--seconds",
                            paramLabel = "N",
                            defaultValue = "60",
                            description =
                                    "How long nothing happens, 1 to 3600 (default:"
                                            + " ${DEFAULT-VALUE}).")
                    int seconds,
            @Option(
                            names = "--json",
                            description = "Print one JSON object; the rest goes to stderr.")
                    boolean json) {
        requireBetween("--connections", connections, 1, MAX_IDLE);
        requireBetween("--addresses", addresses, 1, MAX_IDLE);
        requireBetween("--seconds", seconds, 1, MAX_SECONDS);
        requireTemporaryFolder();
        try {
            IdleBench.Result result =
                    IdleBench.run(connections, addresses, seconds, json ? System.err : System.out);
            if (json) {
                spec.commandLine().getOut().println(result.json());
            }
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Command(
            name = "echoes",
            mixinStandardHelpOptions = true,
            description =
                    "Many echoes at once on one connection between two processes, beside streams that"
                            + " nobody reads, and pings meanwhile; half a minute.")
    int echoes(
            @Option(
                            names = "--echoes",
                            paramLabel = "N",
                            defaultValue = "1000",
                            description = "Echoes at once, 1 to 10000 (default: ${DEFAULT-VALUE}).")
                    int echoes,
            @Option(
                            names = "--bytes",
                            paramLabel = "N",
                            defaultValue = "1048576",
                            description =
                                    "Bytes of each, 1 to 16777216 (default: ${DEFAULT-VALUE}).")
                    int bytes,
            @Option(
                            names = "--unread",
                            paramLabel = "N",
                            defaultValue = "10",
                            description =
                                    "Streams that nobody reads, 0 to 1000 (default:"
                                            + " ${DEFAULT-VALUE}).")
                    int unread,
            @Option(
                            names = "--json",
                            description = "Print one JSON object; the rest goes to stderr.")
                    boolean json) {
        requireBetween("--echoes", echoes, 1, MAX_ECHOES);
        requireBetween("--bytes", bytes, 1, MAX_ECHO_BYTES);
        requireBetween("--unread", unread, 0, MAX_UNREAD);
        requireTemporaryFolder();
        try {
            EchoesBench.Result result =
                    EchoesBench.run(echoes, bytes, unread, json ? System.err : System.out);
            if (json) {
                spec.commandLine().getOut().println(result.json());
            }
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Command(
            name = "flood",
            mixinStandardHelpOptions = true,
            description =
                    "How a host with one carrier thread serves others while one peer floods it; about half"
                            + " a minute.")
    int flood(
            @Option(
                            names = "--pings",
                            paramLabel = "N",
                            defaultValue = "2000",
                            description =
                                    "Pings beside each kind of flood, 100 to 1000000 (default:"
                                            + " ${DEFAULT-VALUE}).")
                    int pings,
            @Option(
                            names = "--json",
                            description =
                                    "Print one JSON object for each kind; the rest goes to stderr.")
                    boolean json) {
        requireBetween("--pings", pings, MIN_PINGS, MAX_PINGS);
        requireTemporaryFolder();
        try {
            for (FloodBench.Line line : FloodBench.run(pings, json ? System.err : System.out)) {
                if (json) {
                    spec.commandLine().getOut().println(line.json());
                }
            }
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Command(
            name = "kad",
            mixinStandardHelpOptions = true,
            description =
                    "Values put and got among nodes of a DHT in one warm process, and the first look-up of a"
                            + " fresh one; about half a minute, and longer against other programs.")
    int kad(
            @Option(
                            names = "--nodes",
                            paramLabel = "N",
                            defaultValue = "20",
                            description =
                                    "Servers in one process, 2 to 100 (default: ${DEFAULT-VALUE}).")
                    int nodes,
            @Option(
                            names = "--rounds",
                            paramLabel = "N",
                            defaultValue = "200",
                            description =
                                    "Values in each alternation, 1 to 100000 (default:"
                                            + " ${DEFAULT-VALUE}).")
                    int rounds,
            @Option(
                            names = "--against",
                            paramLabel = "NAME",
                            split = ",",
                            description =
                                    "Other programs that do the same, as NAME or NAME=PATH: go, rust (see"
                                            + " interop/PEERS.md).")
                    @Nullable List<String> against,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        requireBetween("--nodes", nodes, 2, MAX_KAD_NODES);
        requireBetween("--rounds", rounds, 1, MAX_KAD_ROUNDS);
        List<PeerProgram> programs = programs(against);
        try {
            KadBenchResult result = KadBench.run(nodes, rounds, KAD_ALTERNATIONS, programs);
            spec.commandLine().getOut().println(json ? result.json() : result.table());
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return ExitCodes.FAILED;
        }
    }

    private static List<PeerProgram> programs(@Nullable List<String> against) {
        Optional<String> folder = Optional.ofNullable(System.getenv("TUTTI_PEER_BIN"));
        try {
            return (against == null ? List.<String>of() : against)
                    .stream().map(a -> PeerProgram.of(a, folder)).toList();
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(
                    "NO_PROGRAM", ExitCodes.ENVIRONMENT, "--against: " + e.getMessage(), e);
        }
    }

    @Command(
            name = "gossip",
            mixinStandardHelpOptions = true,
            description =
                    "GossipSub between processes in a full mesh, 1 KiB, signed: first 50 messages a"
                            + " second, then as many as go; about half a minute a round.")
    int gossip(
            @Option(
                            names = "--peers",
                            paramLabel = "N",
                            defaultValue = "5",
                            description =
                                    "Processes, the publisher counted, 2 to 20 (default:"
                                            + " ${DEFAULT-VALUE}).")
                    int peers,
            @Option(
                            names = "--rounds",
                            paramLabel = "N",
                            defaultValue = "7",
                            description =
                                    "How often each is measured, in turns; medians count (default:"
                                            + " ${DEFAULT-VALUE}).")
                    int rounds,
            @Option(
                            names = "--seconds",
                            paramLabel = "N",
                            defaultValue = "10",
                            description =
                                    "How long 50 messages a second are sent (default:"
                                            + " ${DEFAULT-VALUE}).")
                    int seconds,
            @Option(
                            names = "--messages",
                            paramLabel = "N",
                            defaultValue = "20000",
                            description =
                                    "How many are sent as fast as they go (default:"
                                            + " ${DEFAULT-VALUE}).")
                    int messages,
            @Option(
                            names = "--against",
                            paramLabel = "NAME",
                            split = ",",
                            description =
                                    "Other programs to measure in turns with ours, as NAME or"
                                            + " NAME=PATH: go, rust (see interop/PEERS.md).")
                    @Nullable List<String> against,
            @Option(
                            names = "--json",
                            description = "Print one JSON object; the rest goes to stderr.")
                    boolean json) {
        requireBetween("--peers", peers, 2, 20);
        requireBetween("--rounds", rounds, 1, 99);
        requireBetween("--seconds", seconds, 1, 600);
        requireBetween("--messages", messages, 100, 10_000_000);
        requireTemporaryFolder();
        List<PeerProgram> programs = programs(against);
        try {
            GossipBench.Settings settings =
                    new GossipBench.Settings(peers, rounds, seconds, messages, programs);
            String result = GossipBench.run(settings, json ? System.err : System.out);
            if (json) {
                spec.commandLine().getOut().println(result);
            }
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return ExitCodes.FAILED;
        }
    }

    @Command(
            name = "sign",
            mixinStandardHelpOptions = true,
            description =
                    "Whole signing sessions between N signers in one process that share nothing, journals"
                            + " forced to disk.")
    int sign(
            @Option(
                            names = "--signers",
                            paramLabel = "N",
                            defaultValue = "3",
                            description =
                                    "Size of the group, 2 to 250 (default: ${DEFAULT-VALUE}).")
                    int signers,
            @Option(
                            names = "--sessions",
                            paramLabel = "N",
                            defaultValue = "400",
                            description =
                                    "Sessions measured, 1 to 1000000 (default: ${DEFAULT-VALUE}).")
                    int sessions,
            @Option(
                            names = "--concurrency",
                            paramLabel = "N",
                            defaultValue = "0",
                            description =
                                    "Sessions at once in the second part, 1 to 128; 0 chooses: 32, or 2"
                                            + " for large groups (default: ${DEFAULT-VALUE}).")
                    int concurrency,
            @Option(
                            names = "--dir",
                            paramLabel = "DIR",
                            defaultValue = ".",
                            description =
                                    "Where the journals are while it runs (default: the current folder).")
                    Path folder,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        requireBetween("--signers", signers, 2, MAX_SIGNERS);
        requireBetween("--sessions", sessions, 1, MAX_SESSIONS);
        requireBetween("--concurrency", concurrency, 0, MAX_CONCURRENCY);
        requireFolder(folder);
        try {
            SignResult result = SignBench.run(signers, sessions, concurrency, folder);
            spec.commandLine().getOut().println(json ? result.json() : result.table());
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        } catch (GroupException | IllegalStateException e) {
            throw new CommandFailed(
                    "BENCH", ExitCodes.FAILED, "the measurement failed: " + e.getMessage(), e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return ExitCodes.FAILED;
        }
    }

    @Command(
            name = "discover",
            mixinStandardHelpOptions = true,
            description =
                    "Adverts in one process: from advertising to verified two hops away by gossip, and a"
                            + " fresh host finding a signer by the DHT.")
    int discover(
            @Option(
                            names = "--adverts",
                            paramLabel = "N",
                            defaultValue = "200",
                            description =
                                    "Adverts measured, 1 to 10000 (default: ${DEFAULT-VALUE}).")
                    int adverts,
            @Option(
                            names = "--warmup",
                            paramLabel = "N",
                            defaultValue = "200",
                            description =
                                    "Adverts before that, 1 to 10000 (default: ${DEFAULT-VALUE}).")
                    int warmup,
            @Option(
                            names = "--servers",
                            paramLabel = "N",
                            defaultValue = "30",
                            description =
                                    "Servers of the DHT, 1 to 100 (default: ${DEFAULT-VALUE}).")
                    int servers,
            @Option(
                            names = "--seekers",
                            paramLabel = "N",
                            defaultValue = "7",
                            description =
                                    "Hosts that find the signer, 1 to 1000 (default:"
                                            + " ${DEFAULT-VALUE}).")
                    int seekers,
            @Option(
                            names = "--dir",
                            paramLabel = "DIR",
                            defaultValue = ".",
                            description =
                                    "Where the files are while it runs (default: the current folder).")
                    Path folder,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        requireBetween("--adverts", adverts, 1, 10_000);
        requireBetween("--warmup", warmup, 1, 10_000);
        requireBetween("--servers", servers, 1, 100);
        requireBetween("--seekers", seekers, 1, 1_000);
        requireFolder(folder);
        try {
            DiscoverResult result = DiscoverBench.run(adverts, warmup, servers, seekers, folder);
            spec.commandLine().getOut().println(json ? result.json() : result.table());
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        } catch (IllegalStateException e) {
            throw new CommandFailed(
                    "BENCH", ExitCodes.FAILED, "the measurement failed: " + e.getMessage(), e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return ExitCodes.FAILED;
        }
    }

    @Command(
            name = "request",
            mixinStandardHelpOptions = true,
            description =
                    "Whole requests between N strangers, from announcing to signatures, everything"
                            + " forced to disk.")
    int request(
            @Option(
                            names = "--signers",
                            paramLabel = "N",
                            defaultValue = "3",
                            description = "How many, 2 to 50 (default: ${DEFAULT-VALUE}).")
                    int signers,
            @Option(
                            names = "--requests",
                            paramLabel = "N",
                            defaultValue = "400",
                            description =
                                    "Requests measured, 1 to 1000000 (default: ${DEFAULT-VALUE}).")
                    int requests,
            @Option(
                            names = "--warmup",
                            paramLabel = "N",
                            defaultValue = "2000",
                            description =
                                    "Requests before that, 1 to 1000000 (default: ${DEFAULT-VALUE}).")
                    int warmup,
            @Option(
                            names = "--concurrency",
                            paramLabel = "N",
                            defaultValue = "32",
                            description =
                                    "Requests at once in the second part, 1 to 1000 (default:"
                                            + " ${DEFAULT-VALUE}).")
                    int concurrency,
            @Option(
                            names = "--lifetime",
                            paramLabel = "SECONDS",
                            defaultValue = "3600",
                            description =
                                    "How long a request counts, and is remembered, 10 to 3600;"
                                            + " clocks may differ by as much at most (default:"
                                            + " ${DEFAULT-VALUE}).")
                    int lifetime,
            @Option(
                            names = "--processes",
                            description =
                                    "Each signer in a process of its own (default: one for all).")
                    boolean processes,
            @Option(
                            names = "--dir",
                            paramLabel = "DIR",
                            defaultValue = ".",
                            description =
                                    "Where the files are while it runs (default: the current folder).")
                    Path folder,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        requireBetween("--signers", signers, 2, MAX_STRANGERS);
        requireBetween("--requests", requests, 1, MAX_SESSIONS);
        requireBetween("--warmup", warmup, 1, MAX_SESSIONS);
        requireBetween("--concurrency", concurrency, 1, MAX_REQUESTS_AT_ONCE);
        requireBetween("--lifetime", lifetime, 10, MAX_LIFETIME_SECONDS);
        requireFolder(folder);
        try {
            RequestResult result =
                    RequestBench.run(
                            signers,
                            requests,
                            warmup,
                            concurrency,
                            Duration.ofSeconds(lifetime),
                            processes,
                            folder);
            spec.commandLine().getOut().println(json ? result.json() : result.table());
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        } catch (IllegalStateException e) {
            throw new CommandFailed(
                    "BENCH", ExitCodes.FAILED, "the measurement failed: " + e.getMessage(), e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return ExitCodes.FAILED;
        }
    }

    @Command(
            name = "journal",
            mixinStandardHelpOptions = true,
            description =
                    "Starts of a node's journal after many finished sessions, in new processes; about"
                            + " half a minute.")
    int journal(
            @Option(
                            names = "--sessions",
                            paramLabel = "N",
                            defaultValue = "100000",
                            description =
                                    "Finished sessions, 1 to 1000000 (default: ${DEFAULT-VALUE}).")
                    int sessions,
            @Option(
                            names = "--dir",
                            paramLabel = "DIR",
                            defaultValue = ".",
                            description =
                                    "Where the journals are while it runs (default: the current folder).")
                    Path folder,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        requireBetween("--sessions", sessions, 1, MAX_SESSIONS);
        requireFolder(folder);
        try {
            JournalResult result = JournalBench.run(sessions, folder);
            spec.commandLine().getOut().println(json ? result.json() : result.table());
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return ExitCodes.FAILED;
        }
    }

    @Command(
            name = "headers",
            mixinStandardHelpOptions = true,
            description =
                    "Real headers through all rules into fresh stores, and a long chain opened; about a"
                            + " minute.")
    int headers(
            @Option(
                            names = "--file",
                            paramLabel = "FILE",
                            defaultValue = "vectors/headers-mainnet/mainnet_0-32259.bin.gz",
                            description =
                                    "Mainnet's headers from genesis on, 80 bytes each (default:"
                                            + " ${DEFAULT-VALUE}).")
                    Path file,
            @Option(
                            names = "--headers",
                            paramLabel = "N",
                            defaultValue = "900000",
                            description =
                                    "Length of the chain that is opened, 1000 to 900000 (default:"
                                            + " ${DEFAULT-VALUE}).")
                    int headers,
            @Option(
                            names = "--dir",
                            paramLabel = "DIR",
                            defaultValue = ".",
                            description =
                                    "Where the stores are while it runs (default: the current folder).")
                    Path folder,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        requireBetween("--headers", headers, 1_000, MAX_HEADERS);
        requireFolder(folder);
        try {
            HeadersResult result = HeadersBench.run(file, headers, folder);
            spec.commandLine().getOut().println(json ? result.json() : result.table());
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return ExitCodes.FAILED;
        }
    }

    @Command(
            name = "musig",
            mixinStandardHelpOptions = true,
            description =
                    "MuSig2 and Schnorr for 2 to 1000 signers, each operation against the bare native"
                            + " call; about a minute.")
    int musig(
            @Option(names = "--json", description = "Print one JSON object instead of the table.")
                    boolean json) {
        requireTemporaryFolder();
        try {
            MusigBench.run(json, System.out);
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static void requireFolder(Path folder) {
        if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new CommandFailed(
                    "NO_FOLDER",
                    ExitCodes.ENVIRONMENT,
                    "--dir: " + folder + ": not a folder that can be written to");
        }
    }

    /// Both measure how fast it is, too.
    private static void requireTemporaryFolder() {
        Optional<String> fault =
                TemporaryFolder.fault(TemporaryFolder.ofThisProcess(), TEMPORARY_BYTES);
        if (fault.isPresent()) {
            throw new CommandFailed("NO_FOLDER", ExitCodes.ENVIRONMENT, fault.get());
        }
    }

    private void requireBetween(String option, int value, int min, int max) {
        if (value < min || value > max) {
            CommandLine.ParseResult parsed = spec.commandLine().getParseResult();
            CommandLine.ParseResult last = parsed == null ? null : parsed.subcommand();
            throw new ParameterException(
                    last == null ? spec.commandLine() : last.commandSpec().commandLine(),
                    "%s: %d to %d, not %d".formatted(option, min, max, value));
        }
    }

    private static CommandFailed failed(IOException e) {
        String file =
                e instanceof FileSystemException of && of.getFile() != null
                        ? of.getFile() + ": "
                        : "";
        return new CommandFailed(
                "BENCH", ExitCodes.FAILED, "the measurement failed: " + file + IoReason.of(e), e);
    }
}
