package org.tutti.coordinator.service;

import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestId;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Asks the policy, each time on a virtual thread of its own. Most policies answer at once: then
/// request and join reach the disk, and the peer that brought the request, together.
final class Judges {
    /// How long whoever brings a request waits for the policy.
    private static final Duration QUICK = Duration.ofMillis(5);

    /// Most questions at a time.
    static final int MAX = 256;

    /// A transaction of more bytes is only looked at once its request was taken, for which there
    /// has to be room: reading a mebibyte takes a third of a second and tens of mebibytes.
    static final int LARGE = 64 << 10;

    /// Most of those at a time: strangers keep neither the processor nor the memory to themselves.
    static final int MAX_LARGE = 2;

    private final RequestPolicy policy;
    private final Tasks tasks;
    private final Told told;
    private final Semaphore room = new Semaphore(MAX);
    private final Semaphore roomForLarge = new Semaphore(MAX_LARGE);

    /// Questions that were asked before their requests were taken; as many as are brought at once.
    private final Map<RequestId, CompletableFuture<Judgement>> early = new ConcurrentHashMap<>();

    /// Takes a judgement that was not quick.
    interface Told {
        void judged(RequestId request, Judgement judgement) throws InterruptedException;
    }

    Judges(RequestPolicy policy, Tasks tasks, Told told) {
        this.policy = policy;
        this.tasks = tasks;
        this.told = told;
    }

    /// Asks about a request that is about to be taken. Close it when it was, or was not.
    Early early(Invitation request, Bytes psbt) {
        if (psbt.length() > LARGE) {
            return new Early(request.id(), Optional.empty());
        }
        CompletableFuture<Judgement> asked = new CompletableFuture<>();
        if (early.putIfAbsent(request.id(), asked) != null) {
            return new Early(request.id(), Optional.empty()); // Brought by two at once.
        }
        ask(request, psbt, asked);
        return new Early(request.id(), Optional.of(asked));
    }

    /// A question that may be answered in time.
    final class Early implements AutoCloseable {
        private final RequestId request;
        private final Optional<CompletableFuture<Judgement>> asked;

        private Early(RequestId request, Optional<CompletableFuture<Judgement>> asked) {
            this.request = request;
            this.asked = asked;
        }

        /// The answer, waiting a moment for it.
        Optional<Judgement> quick() throws InterruptedException {
            if (asked.isEmpty()) {
                return Optional.empty();
            }
            try {
                return Optional.of(asked.get().get(QUICK.toNanos(), TimeUnit.NANOSECONDS));
            } catch (TimeoutException e) {
                return Optional.empty();
            } catch (ExecutionException e) {
                throw new IllegalStateException("judgements are values, never failures", e);
            }
        }

        @Override
        public void close() {
            asked.ifPresent(own -> early.remove(request, own));
        }
    }

    /// The request was taken without a judgement: told when it is there.
    void judge(Invitation request, Bytes psbt) {
        CompletableFuture<Judgement> asked = early.get(request.id());
        if (asked == null) {
            asked = new CompletableFuture<>();
            ask(request, psbt, asked);
        }
        CompletableFuture<Judgement> answer = asked;
        tasks.run(
                "judged-" + request.id().brief(),
                () -> {
                    try {
                        told.judged(request.id(), answer.get());
                    } catch (ExecutionException e) {
                        throw new IllegalStateException("judgements are values, never failures", e);
                    }
                });
    }

    private void ask(Invitation request, Bytes psbt, CompletableFuture<Judgement> answer) {
        tasks.run(
                "judge-" + request.id().brief(),
                () -> {
                    Semaphore place = psbt.length() > LARGE ? roomForLarge : room;
                    place.acquire();
                    try {
                        answer.complete(policy.judge(request, psbt));
                    } catch (RuntimeException e) {
                        answer.complete(
                                new Judgement.Refused(
                                        "APPROVAL_FAILED", e.getClass().getSimpleName()));
                    } finally {
                        place.release();
                    }
                });
    }
}
