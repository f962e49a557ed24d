package org.tutti.benchmarks.request;

import org.tutti.base.Bytes;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// One signer in a process of its own, told by lines what to do: `connect ADDRESS`, `ask KEYS`,
/// `cpu`, `footprint`. It prints its address and key, `asked ID NANOS` with the time just before it
/// announced, and `signed ID NANOS` when it has the signatures. Nanoseconds are of the machine's
/// one monotonic clock (`CLOCK_MONOTONIC` is what `nanoTime` reads on Linux), so those of two
/// processes compare.
final class StrangerStart {
    private final Stranger stranger;

    private StrangerStart(Path folder, Load load) throws IOException {
        stranger = new Stranger(folder, load, this::see);
    }

    public static void main(String[] args)
            throws IOException, InterruptedException, CoordinatorException {
        var start =
                new StrangerStart(
                        Path.of(args[0]),
                        new Load(Integer.parseInt(args[1]), Duration.parse(args[2])));
        try (Stranger running = start.stranger) {
            print("ready " + running.address() + " " + running.key().bytes().toHex());
            start.obey();
        }
    }

    private void see(CoordinatorEvent event) {
        switch (event) {
            case CoordinatorEvent.Finalized done ->
                    print("signed " + done.request() + " " + System.nanoTime());
            case CoordinatorEvent.SessionAborted _, CoordinatorEvent.RequestRefused _ ->
                    print("failed " + event);
            default -> {
                // On the way.
            }
        }
    }

    private static synchronized void print(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private void obey() throws IOException, InterruptedException, CoordinatorException {
        BufferedReader input =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "connect" -> {
                    stranger.connect(Multiaddr.parse(words[1]));
                    print("connected");
                }
                case "ask" -> ask(words[1]);
                case "cpu" -> print("cpu " + RequestBench.ownCpuNanos());
                case "footprint" -> {
                    Footprint all = stranger.footprint(Footprint.heapAfterCollection());
                    print(
                            "footprint %d %d %d"
                                    .formatted(all.heapBytes(), all.connections(), all.streams()));
                }
                default -> throw new IOException("unknown: " + line);
            }
        }
    }

    private void ask(String keys) throws IOException, InterruptedException, CoordinatorException {
        List<PublicKey> all = new ArrayList<>();
        for (String key : keys.split(",", -1)) {
            try {
                all.add(PublicKey.parse(Bytes.fromHex(key)));
            } catch (KeyException e) {
                throw new IOException(key + ": no key", e);
            }
        }
        long start = System.nanoTime();
        print("asked " + stranger.ask(all).id() + " " + start);
    }
}
