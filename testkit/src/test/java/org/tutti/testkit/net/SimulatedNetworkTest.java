package org.tutti.testkit.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

class SimulatedNetworkTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    /// Notes everything; sends what it is told to once it is connected.
    private static final class Recorder implements Node<Integer> {
        final List<String> events = new ArrayList<>();
        final List<Integer> received = new ArrayList<>();
        Actions<Integer> net = new NoActions();
        int toSend;

        @Override
        public void started(Actions<Integer> actions) {
            net = actions;
            events.add("started");
        }

        @Override
        public void received(int peer, Integer message) {
            received.add(message);
        }

        @Override
        public void connected(int peer, boolean outbound) {
            events.add((outbound ? "dialled " : "accepted ") + peer);
            for (int i = 0; i < toSend; i++) {
                net.send(peer, i);
            }
        }

        @Override
        public void closed(int peer) {
            events.add("closed " + peer);
        }

        @Override
        public void dialFailed(int peer) {
            events.add("failed " + peer);
        }

        @Override
        public void woken() {
            events.add("woken " + net.now());
        }
    }

    private static final class NoActions implements Actions<Integer> {
        @Override
        public long now() {
            return 0;
        }

        @Override
        public boolean isConnected(int peer) {
            return false;
        }

        @Override
        public void connect(int peer) {}

        @Override
        public void send(int peer, Integer message) {}

        @Override
        public void close(int peer) {}

        @Override
        public void wakeAt(long nanos) {}
    }

    private final List<Recorder> nodes = new ArrayList<>();

    private SimulatedNetwork<Integer> network(NetworkSettings settings, int count) {
        SimulatedNetwork<Integer> net = new SimulatedNetwork<>(settings, 7);
        for (int i = 0; i < count; i++) {
            Recorder node = new Recorder();
            nodes.add(node);
            net.start(net.add(node));
        }
        return net;
    }

    private static NetworkSettings quiet() {
        return NetworkSettings.internet().withoutLoss();
    }

    @Test
    void delaysAreLogNormalWithMedian60MillisAndSigma07() {
        Delays delays = new Delays(1, NetworkSettings.internet());
        double[] logs = new double[200_000];
        for (int i = 0; i < logs.length; i++) {
            logs[i] = Math.log(delays.nanos(i, i / 3 + 1_000_000) / 1e6);
        }
        Arrays.sort(logs);
        double mean = Arrays.stream(logs).average().orElseThrow();
        double variance = Arrays.stream(logs).map(l -> (l - mean) * (l - mean)).sum() / logs.length;
        assertThat(Math.exp(logs[logs.length / 2])).isCloseTo(60, within(0.5));
        assertThat(Math.sqrt(variance)).isCloseTo(0.7, within(0.01));
        // The quantiles of a normal distribution, in between and far out.
        for (double[] quantile : new double[][] {{0.1587, -1}, {0.8413, 1}, {0.9987, 3}}) {
            double found = logs[(int) (quantile[0] * logs.length)];
            assertThat((found - Math.log(60)) / 0.7).isCloseTo(quantile[1], within(0.06));
        }
    }

    @Test
    void aPairHasOneDelayBothWaysAndAnotherSeedAnother() {
        Delays delays = new Delays(1, NetworkSettings.internet());
        assertThat(delays.nanos(3, 9)).isEqualTo(delays.nanos(9, 3));
        assertThat(delays.nanos(3, 9)).isNotEqualTo(delays.nanos(3, 10));
        assertThat(new Delays(2, NetworkSettings.internet()).nanos(3, 9))
                .isNotEqualTo(delays.nanos(3, 9));
    }

    @Test
    void aDialTakesTwoRoundTripsAndAMessageOneWay() {
        SimulatedNetwork<Integer> net = network(quiet(), 2);
        long delay = net.delay(0, 1);
        nodes.get(0).toSend = 1;
        nodes.get(0).net.connect(1);
        net.run(Duration.ofNanos(4 * delay - 1));
        assertThat(nodes.get(1).events).contains("accepted 0");
        assertThat(nodes.get(0).events).doesNotContain("dialled 1");
        net.run(Duration.ofNanos(1));
        assertThat(nodes.get(0).events).contains("dialled 1");
        net.run(Duration.ofNanos(delay - 1));
        assertThat(nodes.get(1).received).isEmpty();
        net.run(Duration.ofNanos(1));
        assertThat(nodes.get(1).received).containsExactly(0);
    }

    @Test
    void whatIsLostComesLaterAndInOrder() {
        SimulatedNetwork<Integer> net = network(NetworkSettings.internet().withLoss(0.3, 0), 2);
        nodes.get(0).toSend = 2_000;
        nodes.get(0).net.connect(1);
        net.run(LONG);
        assertThat(nodes.get(1).received).hasSize(2_000).isSorted();
        assertThat(nodes.get(0).events).doesNotContain("closed 1");
    }

    /// Never a hole: what arrived is a beginning of what was sent, and both ends hear of the end.
    @Test
    void aBrokenConnectionLosesItsEndAlone() {
        SimulatedNetwork<Integer> net = network(NetworkSettings.internet().withLoss(0.1, 0.001), 2);
        nodes.get(0).toSend = 20_000;
        nodes.get(0).net.connect(1);
        net.run(LONG);
        List<Integer> received = nodes.get(1).received;
        assertThat(received).hasSizeLessThan(20_000);
        for (int i = 0; i < received.size(); i++) {
            assertThat(received.get(i)).isEqualTo(i);
        }
        assertThat(nodes.get(0).events).contains("closed 1");
        assertThat(nodes.get(1).events).contains("closed 0");
    }

    @Test
    void whatWasSentBeforeACloseArrivesBeforeIt() {
        SimulatedNetwork<Integer> net = network(quiet(), 2);
        nodes.get(0).toSend = 5;
        nodes.get(0).net.connect(1);
        net.run(Duration.ofNanos(4 * net.delay(0, 1)));
        nodes.get(0).net.close(1);
        net.run(LONG);
        assertThat(nodes.get(1).received).hasSize(5);
        assertThat(nodes.get(1).events).containsExactly("started", "accepted 0", "closed 0");
        assertThat(nodes.get(0).events).as("not told of its own").doesNotContain("closed 1");
    }

    @Test
    void twoThatDialEachOtherGetOneConnection() {
        SimulatedNetwork<Integer> net = network(quiet(), 2);
        nodes.get(0).net.connect(1);
        nodes.get(1).net.connect(0);
        net.run(LONG);
        assertThat(net.connections(0)).isOne();
        assertThat(net.connections(1)).isOne();
        assertThat(nodes.get(0).events).hasSize(2);
        assertThat(nodes.get(1).events).hasSize(2);
        nodes.get(0).net.send(1, 4);
        nodes.get(1).net.send(0, 5);
        net.run(LONG);
        assertThat(nodes.get(0).received).containsExactly(5);
        assertThat(nodes.get(1).received).containsExactly(4);
    }

    @Test
    void whoVanishesIsMissedAfter30SecondsAndCannotBeDialled() {
        SimulatedNetwork<Integer> net = network(quiet(), 2);
        nodes.get(0).net.connect(1);
        net.run(Duration.ofSeconds(5));
        net.stop(1);
        net.run(Duration.ofSeconds(29));
        assertThat(nodes.get(0).events).doesNotContain("closed 1");
        net.run(Duration.ofSeconds(2));
        assertThat(nodes.get(0).events).contains("closed 1");
        nodes.get(0).net.connect(1);
        net.run(Duration.ofSeconds(6));
        assertThat(nodes.get(0).events).endsWith("failed 1");
        net.start(1);
        nodes.get(0).net.connect(1);
        net.run(Duration.ofSeconds(6));
        assertThat(nodes.get(0).events).endsWith("dialled 1");
    }

    @Test
    void whoIsIsolatedGetsEverythingLaterOrLosesTheConnection() {
        SimulatedNetwork<Integer> net = network(quiet(), 2);
        nodes.get(0).net.connect(1);
        net.run(Duration.ofSeconds(5));
        net.isolate(1, Duration.ofSeconds(20));
        nodes.get(0).net.send(1, 8);
        net.run(Duration.ofSeconds(19));
        assertThat(nodes.get(1).received).isEmpty();
        net.run(Duration.ofSeconds(2));
        assertThat(nodes.get(1).received).containsExactly(8);
        net.isolate(1, Duration.ofSeconds(40));
        nodes.get(0).net.send(1, 9);
        net.run(Duration.ofSeconds(50));
        assertThat(nodes.get(1).received).containsExactly(8);
        assertThat(nodes.get(0).events).endsWith("closed 1");
        assertThat(nodes.get(1).events).endsWith("closed 0");
    }

    @Test
    void theConnectionUsedLeastRecentlyMakesRoom() {
        SimulatedNetwork<Integer> net = network(quiet().withMaxConnections(2), 4);
        for (int peer = 1; peer <= 2; peer++) {
            nodes.get(0).net.connect(peer);
            net.run(Duration.ofSeconds(5));
        }
        nodes.get(0).net.send(1, 1);
        nodes.get(0).net.connect(3);
        net.run(Duration.ofSeconds(5));
        assertThat(net.connections(0)).isEqualTo(2);
        assertThat(nodes.get(0).events).contains("closed 2", "dialled 3");
        assertThat(nodes.get(2).events).contains("closed 0");
    }

    @Test
    void aNodeIsWokenOnceAtTheTimeThatItAskedForLast() {
        SimulatedNetwork<Integer> net = network(quiet(), 1);
        nodes.getFirst().net.wakeAt(50);
        nodes.getFirst().net.wakeAt(80);
        nodes.getFirst().net.wakeAt(70);
        net.run(Duration.ofNanos(1_000));
        assertThat(nodes.getFirst().events).containsExactly("started", "woken 70");
        nodes.getFirst().net.wakeAt(2_000);
        nodes.getFirst().net.wakeAt(Long.MAX_VALUE);
        net.run(Duration.ofNanos(5_000));
        assertThat(nodes.getFirst().events).hasSize(2);
    }

    /// 50 nodes that dial, send, close, vanish and return at random.
    private static long storm(long seed) {
        SimulatedNetwork<Integer> net =
                new SimulatedNetwork<>(NetworkSettings.internet().withLoss(0.05, 0.01), seed);
        List<Recorder> storm = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            storm.add(new Recorder());
            storm.get(i).toSend = 3;
            net.start(net.add(storm.get(i)));
        }
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 3_000; i++) {
            int node = random.nextInt(50);
            int peer = random.nextInt(50);
            Actions<Integer> actions = storm.get(node).net;
            switch (random.nextInt(8)) {
                case 0 -> net.stop(node);
                case 1, 2 -> net.start(node);
                case 3 -> actions.close(peer);
                case 4 -> actions.wakeAt(net.now() + random.nextLong(1_000_000_000));
                default -> actions.connect(peer);
            }
            net.run(Duration.ofMillis(random.nextInt(200)));
        }
        long events = storm.stream().mapToLong(n -> n.events.size() + n.received.size()).sum();
        assertThat(events).isGreaterThan(3_000);
        return net.trace();
    }

    @Test
    void oneSeedGivesOneRunAndAnotherAnother() {
        assertThat(storm(5)).isEqualTo(storm(5));
        assertThat(storm(5)).isNotEqualTo(storm(6));
    }
}
