package org.tutti.signing.service;

import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Asks this node's approval, each time on its own virtual thread, and interrupts decisions that
/// are no longer needed. The engine keeps the deadline.
final class Approvals implements AutoCloseable {
    private final Approval.Decider approval;
    private final BiConsumer<SessionId, Decision> answer;
    private final Consumer<Throwable> onError;
    private final Semaphore free;
    private final Map<SessionId, Thread> running = new ConcurrentHashMap<>();

    /// @param max most at a time; an approval that ignores its interrupt still counts
    /// @param onError told of an Error in an approval, such as exhausted memory
    Approvals(
            Approval.Decider approval,
            int max,
            BiConsumer<SessionId, Decision> answer,
            Consumer<Throwable> onError) {
        this.approval = approval;
        this.free = new Semaphore(max);
        this.answer = answer;
        this.onError = onError;
    }

    void ask(SigningRequest request, Member requester) {
        SessionId id = request.sessionId();
        if (!free.tryAcquire()) {
            answer.accept(id, new Decision.Refused("BUSY", "too many decisions are pending"));
            return;
        }
        Thread thread =
                Thread.ofVirtual()
                        .name("approve-" + id.brief())
                        .unstarted(() -> decide(request, requester));
        running.put(id, thread);
        thread.start();
    }

    private void decide(SigningRequest request, Member requester) {
        try {
            answer.accept(request.sessionId(), approval.decide(request, requester));
        } catch (InterruptedException _) {
            answer.accept(
                    request.sessionId(),
                    new Decision.Refused("APPROVAL_TIMEOUT", "no decision in time"));
        } catch (RuntimeException e) {
            answer.accept(
                    request.sessionId(),
                    new Decision.Refused("APPROVAL_FAILED", e.getClass().getSimpleName()));
        } catch (Error e) {
            answer.accept(
                    request.sessionId(),
                    new Decision.Refused("APPROVAL_FAILED", e.getClass().getSimpleName()));
            onError.accept(e);
        } finally {
            running.remove(request.sessionId());
            free.release();
        }
    }

    /// This decision is no longer needed.
    void cancel(SessionId id) {
        Thread thread = running.remove(id);
        if (thread != null) {
            thread.interrupt();
        }
    }

    @Override
    public void close() {
        running.values().forEach(Thread::interrupt);
    }
}
