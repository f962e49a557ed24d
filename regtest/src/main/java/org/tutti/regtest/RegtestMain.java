package org.tutti.regtest;

import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// The fixture as a process: commands on standard input, one JSON object a line on standard output.
public final class RegtestMain {
    /// Everything went well.
    public static final int OK = 0;

    /// The port is taken, or the host is not ours.
    public static final int CANNOT_LISTEN = 1;

    /// The arguments make no sense.
    public static final int USAGE = 2;

    /// What `--help` prints.
    public static final String HELP =
            """
            Usage: tutti regtest [--host HOST] [--port PORT] [--exit-on-eof] [--json]

            A Bitcoin peer on regtest. This is a FIXTURE for the demo and for tests: it keeps nothing on
            disk, mines only when told to, and takes no blocks from others. Keep no money on it.

              --host HOST     address to listen on (127.0.0.1)
              --port PORT     port to listen on, 0 for any free one (0)
              --exit-on-eof   end when standard input ends
              --json          accepted for symmetry with other commands; output is always JSON lines

            Standard input, one command a line:
              mine N ADDRESS  mine N blocks that pay ADDRESS, the first with what waits in the memory pool
              reorg N         leave the last N blocks behind for N + 1 without transactions
              status          print height, tip and memory pool
              quit            end

            Standard output, one JSON object a line: listening, mined, reorged, mempool (a transaction
            was taken), tx-refused, client, client-lost, status, error.
            """;

    /// Longest command that is read.
    private static final int MAX_COMMAND = 1_000;

    private final PrintStream out;

    private RegtestMain(PrintStream out) {
        this.out = out;
    }

    /// Runs until standard input says so, or the process is ended.
    public static void main(String[] args) {
        System.exit(run(List.of(args), System.in, System.out, System.err));
    }

    /// The whole process.
    ///
    /// @return its exit code
    public static int run(List<String> args, InputStream in, PrintStream out, PrintStream err) {
        if (args.contains("--help") || args.contains("-h")) {
            out.print(HELP);
            return OK;
        }
        try {
            return new RegtestMain(out).serve(Options.parse(args), in, err);
        } catch (IllegalArgumentException e) {
            err.println("tutti regtest: " + e.getMessage());
            return USAGE;
        }
    }

    private int serve(Options options, InputStream in, PrintStream err) {
        InetSocketAddress address;
        try {
            address = new InetSocketAddress(InetAddress.getByName(options.host()), options.port());
        } catch (IOException e) {
            err.println("tutti regtest: --host: no such address: " + options.host());
            return CANNOT_LISTEN;
        }
        try (RegtestNode node =
                RegtestNode.start(address, Clock.systemUTC(), new SecureRandom(), new Printer())) {
            print(
                    Json.event("listening")
                            .put("fixture", true)
                            .put("network", "regtest")
                            .put("host", node.host())
                            .put("port", node.port())
                            .put("address", hostAndPort(node)));
            boolean quit = readCommands(node, in);
            if (!quit && !options.exitOnEof()) {
                new CountDownLatch(1).await();
            }
            return OK;
        } catch (IOException e) {
            err.println("tutti regtest: cannot listen on " + address + ": " + e.getMessage());
            return CANNOT_LISTEN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OK;
        }
    }

    private static String hostAndPort(RegtestNode node) {
        String host = node.host();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + node.port();
    }

    /// @return whether the end was asked for, and not only reached
    private boolean readCommands(RegtestNode node, InputStream in) {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.strip().split("\\s+");
                if (words[0].equals("quit")) {
                    return true;
                }
                if (line.length() > MAX_COMMAND) {
                    error("a command of more than " + MAX_COMMAND + " characters");
                } else if (!words[0].isEmpty()) {
                    command(node, words);
                }
            }
        } catch (IOException e) {
            // As good as the end.
        }
        return false;
    }

    private void command(RegtestNode node, String[] words) {
        try {
            switch (words[0]) {
                case "mine" -> {
                    need(words, 3, "mine N ADDRESS");
                    node.mine(number(words[1]), script(words[2]));
                }
                case "reorg" -> {
                    need(words, 2, "reorg N");
                    node.reorganise(number(words[1]));
                }
                case "status" ->
                        print(
                                Json.event("status")
                                        .put("height", node.height())
                                        .put("tip", node.tip().toString())
                                        .put(
                                                "mempool",
                                                node.mempool().stream()
                                                        .map(Txid::toString)
                                                        .toList()));
                default ->
                        error(
                                "no such command: "
                                        + words[0]
                                        + "; there are mine, reorg, status, quit");
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            error(String.valueOf(e.getMessage()));
        }
    }

    private static void need(String[] words, int count, String form) {
        if (words.length != count) {
            throw new IllegalArgumentException("expected: " + form);
        }
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a number: " + text, e);
        }
    }

    private static Script script(String address) {
        try {
            return Address.parse(address, Network.REGTEST).scriptPubKey();
        } catch (AddressException e) {
            throw new IllegalArgumentException(
                    "not a regtest address: " + address + ": " + e.getMessage(), e);
        }
    }

    private void error(String message) {
        print(Json.event("error").put("message", message));
    }

    private void print(Json json) {
        synchronized (out) {
            out.println(json);
            out.flush();
        }
    }

    private final class Printer implements RegtestEvents {
        @Override
        public void clientConnected(String remote, String userAgent) {
            print(Json.event("client").put("remote", remote).put("userAgent", userAgent));
        }

        @Override
        public void clientLost(String remote, String reason) {
            print(Json.event("client-lost").put("remote", remote).put("reason", reason));
        }

        @Override
        public void accepted(Txid txid) {
            print(Json.event("mempool").put("txid", txid.toString()));
        }

        @Override
        public void refused(Txid txid, Refusal refusal) {
            print(
                    Json.event("tx-refused")
                            .put("txid", txid.toString())
                            .put("code", refusal.code())
                            .put("reason", refusal.reason()));
        }

        @Override
        public void mined(int count, int height, BlockHash tip) {
            print(
                    Json.event("mined")
                            .put("count", count)
                            .put("height", height)
                            .put("tip", tip.toString()));
        }

        @Override
        public void reorganised(int depth, int height, BlockHash tip) {
            print(
                    Json.event("reorged")
                            .put("depth", depth)
                            .put("height", height)
                            .put("tip", tip.toString()));
        }
    }

    private record Options(String host, int port, boolean exitOnEof) {
        static Options parse(List<String> args) {
            String host = "127.0.0.1";
            int port = 0;
            boolean exitOnEof = false;
            for (int i = 0; i < args.size(); i++) {
                switch (args.get(i)) {
                    case "--host" -> host = value(args, ++i, "--host");
                    case "--port" -> port = port(value(args, ++i, "--port"));
                    case "--exit-on-eof" -> exitOnEof = true;
                    case "--json" -> {
                        // It never prints anything else.
                    }
                    default ->
                            throw new IllegalArgumentException(
                                    "no such option: " + args.get(i) + "; try --help");
                }
            }
            return new Options(host, port, exitOnEof);
        }

        private static String value(List<String> args, int index, String option) {
            if (index >= args.size()) {
                throw new IllegalArgumentException(option + " needs a value");
            }
            return args.get(index);
        }

        private static int port(String text) {
            int port = number(text);
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("--port: 0 to 65535, not " + port);
            }
            return port;
        }
    }
}
