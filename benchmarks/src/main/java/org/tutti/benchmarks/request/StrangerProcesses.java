package org.tutti.benchmarks.request;

import org.tutti.base.Bytes;
import org.tutti.benchmarks.SameJvm;
import org.tutti.coordinator.message.RequestId;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// N signers, each in a process of its own, all connected.
final class StrangerProcesses implements RequestBench.Asking {
    private static final long TIMEOUT_SECONDS = 60;

    private final Path folder;
    private final List<Other> all = new ArrayList<>();
    private String keys = "";

    private StrangerProcesses(Path folder) {
        this.folder = folder;
    }

    static StrangerProcesses start(int count, Load load, Path parent, RequestBench.Told told)
            throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(parent, "tutti-bench-").toAbsolutePath();
        StrangerProcesses strangers = new StrangerProcesses(folder);
        try {
            for (int i = 0; i < count; i++) {
                Path own = Files.createDirectory(folder.resolve("signer" + i));
                strangers.all.add(new Other(own, load, told));
            }
            for (Other other : strangers.all) {
                other.ready(); // All start at the same time.
            }
            for (int i = 0; i < count; i++) {
                for (int j = i + 1; j < count; j++) {
                    var _ = strangers.all.get(i).tell("connect " + strangers.all.get(j).address);
                }
            }
            strangers.keys =
                    strangers.all.stream().map(o -> o.key).collect(Collectors.joining(","));
            return strangers;
        } catch (IOException | InterruptedException | RuntimeException e) {
            strangers.close();
            throw e;
        }
    }

    /// One of them.
    private static final class Other {
        private final Process process;
        private final Writer input;
        private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
        private String address = "";
        private String key = "";

        Other(Path folder, Load load, RequestBench.Told told) throws IOException {
            process =
                    new ProcessBuilder(
                                    SameJvm.command(
                                            StrangerStart.class,
                                            List.of(),
                                            List.of(
                                                    folder.toString(),
                                                    Integer.toString(load.atOnce()),
                                                    load.lifetime().toString())))
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            input = process.outputWriter();
            BufferedReader output = process.inputReader();
            Thread.ofPlatform().daemon().start(() -> read(output, told));
        }

        private void read(BufferedReader output, RequestBench.Told told) {
            try {
                for (String line = output.readLine(); line != null; line = output.readLine()) {
                    String[] words = line.split(" ", -1);
                    switch (words[0]) {
                        case "signed" ->
                                told.signed(
                                        new RequestId(Bytes.fromHex(words[1])),
                                        Long.parseLong(words[2]));
                        case "failed" -> told.failed(line);
                        default -> answers.add(line);
                    }
                }
            } catch (IOException e) {
                told.failed(String.valueOf(e.getMessage()));
            }
        }

        void ready() throws IOException, InterruptedException {
            String[] words = answer();
            address = words[1];
            key = words[2];
        }

        private String[] answer() throws IOException, InterruptedException {
            String line = answers.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            if (line == null) {
                throw new IOException("a signer's process gave no answer");
            }
            return line.split(" ", -1);
        }

        String[] tell(String line) throws IOException, InterruptedException {
            input.write(line + "\n");
            input.flush();
            return answer();
        }

        void close() throws IOException {
            input.close();
            try {
                if (!process.waitFor(5, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    var _ = process.waitFor(5, TimeUnit.SECONDS);
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public int size() {
        return all.size();
    }

    @Override
    public RequestBench.Asked ask(int requester) throws IOException, InterruptedException {
        String[] words = all.get(requester).tell("ask " + keys);
        return new RequestBench.Asked(
                new RequestId(Bytes.fromHex(words[1])), Long.parseLong(words[2]));
    }

    @Override
    public long cpuNanos() throws IOException, InterruptedException {
        long sum = 0;
        for (Other other : all) {
            sum += Long.parseLong(other.tell("cpu")[1]);
        }
        return sum;
    }

    @Override
    public Footprint footprint() throws IOException, InterruptedException {
        List<Footprint> each = new ArrayList<>();
        for (Other other : all) {
            String[] words = other.tell("footprint");
            each.add(
                    new Footprint(
                            Long.parseLong(words[1]),
                            Integer.parseInt(words[2]),
                            Integer.parseInt(words[3])));
        }
        return Footprint.sum(each);
    }

    @Override
    public void close() throws IOException {
        for (Other other : all) {
            other.close();
        }
        Strangers.delete(folder);
    }
}
