package org.tutti.coordinator.service;

import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.message.RequestId;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/// Who waits for the signatures of which request: one future each, however many ask. Of the loop's
/// thread, and of whoever closes once that has ended.
final class Finals {
    private final Map<RequestId, CompletableFuture<List<SchnorrSignature>>> waiting =
            new HashMap<>();

    /// @param signatures empty if they are not here yet
    Future<List<SchnorrSignature>> of(RequestId request, List<SchnorrSignature> signatures) {
        return signatures.isEmpty()
                ? waiting.computeIfAbsent(request, _ -> new CompletableFuture<>()).copy()
                : CompletableFuture.completedFuture(signatures);
    }

    void see(CoordinatorEvent event) {
        if (event instanceof CoordinatorEvent.Finalized done) {
            CompletableFuture<List<SchnorrSignature>> all = waiting.remove(done.request());
            if (all != null) {
                all.complete(done.signatures());
            }
        } else if (event instanceof CoordinatorEvent.SessionClosed over) {
            fail(
                    over.request(),
                    new CoordinatorException(
                            CoordinatorException.Code.NO_SUCH_REQUEST,
                            "it ended without signatures"));
        }
    }

    private void fail(RequestId request, Exception reason) {
        CompletableFuture<List<SchnorrSignature>> all = waiting.remove(request);
        if (all != null) {
            all.completeExceptionally(reason);
        }
    }

    void close() {
        for (RequestId request : List.copyOf(waiting.keySet())) {
            fail(request, new IllegalStateException("the coordinator is closed"));
        }
    }
}
