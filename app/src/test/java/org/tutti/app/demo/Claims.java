package org.tutti.app.demo;

import org.tutti.node.api.ApiException;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.control.ControlClient;
import org.tutti.wallet.payments.PaymentState;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/// What nodes say of one session's payment, asked again and again by `payments show` while things
/// happen to them; held against the chain afterwards.
///
/// Threads: one for each node, until it is closed; the monitor guards what was heard.
final class Claims implements AutoCloseable {
    private static final Duration BETWEEN = Duration.ofMillis(100);

    /// A node that stands still does not answer.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /// What a node said.
    ///
    /// @param ordered how many blocks the fixture had been told to mine by then
    private record Claim(int node, NodeStatus.Payment payment, int ordered) {}

    private final String session;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Claim> heard = new ArrayList<>();
    private final Map<Integer, PaymentState> last = new HashMap<>();
    private int ordered;
    private boolean closed;

    private Claims(String session, int ordered) {
        this.session = session;
        this.ordered = ordered;
    }

    static Claims listen(Cluster cluster, String session, int ordered) {
        Claims claims = new Claims(session, ordered);
        for (int number = 1; number <= cluster.folders().size(); number++) {
            int node = number;
            Path data = cluster.data(number);
            claims.threads.add(Thread.startVirtualThread(() -> claims.ask(node, data)));
        }
        return claims;
    }

    private void ask(int node, Path data) {
        while (!isClosed()) {
            try {
                add(node, new ControlClient(data, PATIENCE).payment(session));
            } catch (ApiException e) {
                // It does not run, stands still, or has not heard of it.
            }
            LockSupport.parkNanos(BETWEEN.toNanos());
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void add(int node, NodeStatus.Payment payment) {
        if (last.put(node, payment.state()) != payment.state()) {
            heard.add(new Claim(node, payment, ordered));
        }
    }

    /// To be called before the fixture is told to mine.
    synchronized void ordered(int height) {
        ordered = height;
    }

    /// Where what was said is not what the chain did.
    ///
    /// @param known the transactions that the fixture's memory pool ever took
    synchronized List<String> against(FixtureChain chain, Set<String> known) {
        List<String> wrong = new ArrayList<>();
        for (Claim claim : heard) {
            NodeStatus.Payment payment = claim.payment();
            boolean mined = chain.has(payment.txid());
            boolean isTrue =
                    switch (payment.state()) {
                        case PROPOSED, SIGNING, UNKNOWN, SIGNED -> true;
                        case SENT, SEEN -> known.contains(payment.txid());
                        case CONFIRMED ->
                                mined
                                        && payment.confirmations() >= 1
                                        && isAt(chain, payment, claim.ordered());
                        // Another session may have signed the very same transaction.
                        case GIVEN_UP -> true;
                        case CONFLICTED, REPLACED ->
                                chain.has(payment.conflict().orElse("")) && !mined;
                        case FAILED -> false;
                    };
            if (!isTrue) {
                wrong.add("node " + claim.node() + " said " + payment);
            }
        }
        return wrong;
    }

    /// Whether a node said that it can no longer be signed.
    synchronized boolean gaveUp() {
        return heard.stream().anyMatch(claim -> claim.payment().state() == PaymentState.GIVEN_UP);
    }

    private static boolean isAt(FixtureChain chain, NodeStatus.Payment payment, int ordered) {
        for (int height = 1; height <= ordered; height++) {
            if (chain.hash(height).equals(payment.blockHash().orElse(""))) {
                return true;
            }
        }
        return false;
    }

    /// The states in their order, for people.
    synchronized String text() {
        StringBuilder text = new StringBuilder();
        for (Claim claim : heard) {
            text.append(claim.node()).append(':').append(claim.payment().state()).append(' ');
        }
        return text.toString().strip();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
