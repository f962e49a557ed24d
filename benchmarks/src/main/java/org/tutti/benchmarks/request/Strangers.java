package org.tutti.benchmarks.request;

import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.musig.keys.PublicKey;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// N signers in one process that share nothing and are no group, all connected.
final class Strangers implements RequestBench.Asking {
    private final Path folder;
    private final List<Stranger> all = new ArrayList<>();

    private Strangers(Path folder) {
        this.folder = folder;
    }

    static Strangers start(int count, Load load, Path parent, RequestBench.Told told)
            throws IOException {
        Strangers strangers = new Strangers(Files.createTempDirectory(parent, "tutti-bench-"));
        try {
            for (int i = 0; i < count; i++) {
                Path own = Files.createDirectory(strangers.folder.resolve("signer" + i));
                strangers.all.add(new Stranger(own, load, event -> see(event, told)));
            }
            for (int i = 0; i < count; i++) {
                for (int j = i + 1; j < count; j++) {
                    strangers.all.get(i).connect(strangers.all.get(j).address());
                }
            }
            return strangers;
        } catch (IOException | RuntimeException e) {
            strangers.close();
            throw e;
        }
    }

    private static void see(CoordinatorEvent event, RequestBench.Told told) {
        switch (event) {
            case CoordinatorEvent.Finalized done -> told.signed(done.request(), System.nanoTime());
            case CoordinatorEvent.RequestRefused refused -> told.failed(refused.toString());
            case CoordinatorEvent.SessionAborted aborted -> told.failed(aborted.toString());
            default -> {
                // On the way.
            }
        }
    }

    @Override
    public int size() {
        return all.size();
    }

    @Override
    public RequestBench.Asked ask(int requester) throws InterruptedException {
        List<PublicKey> keys = all.stream().map(Stranger::key).toList();
        try {
            long start = System.nanoTime();
            return new RequestBench.Asked(all.get(requester).ask(keys).id(), start);
        } catch (CoordinatorException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public long cpuNanos() {
        return RequestBench.ownCpuNanos();
    }

    /// One process, so one heap.
    @Override
    public Footprint footprint() {
        Footprint open = Footprint.sum(all.stream().map(one -> one.footprint(0)).toList());
        return new Footprint(Footprint.heapAfterCollection(), open.connections(), open.streams());
    }

    @Override
    public void close() throws IOException {
        for (Stranger stranger : all) {
            stranger.close();
        }
        delete(folder);
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
