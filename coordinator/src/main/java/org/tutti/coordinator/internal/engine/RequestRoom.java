package org.tutti.coordinator.internal.engine;

import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestLimits;
import org.tutti.musig.keys.PublicKey;

import java.util.HashMap;
import java.util.Map;

/// How much room the requests take that are not over. Signed ones of raw messages stay for a while
/// and count with their bytes alone.
final class RequestRoom {
    private final RequestLimits limits;
    private final Map<PublicKey, Share> shares = new HashMap<>();
    private int requests;
    private long bytes;

    /// Of one requester.
    private record Share(int requests, long bytes) {
        static final Share NONE = new Share(0, 0);
    }

    RequestRoom(RequestLimits limits) {
        this.limits = limits;
    }

    /// Whether there is room for another. Keys cost nothing: those that this node has never joined
    /// with share half of the room.
    boolean has(Invitation request, boolean trusted) {
        long needed = RequestCase.bytes(request);
        Share own = shares.getOrDefault(request.requester(), Share.NONE);
        return requests < (trusted ? limits.requests() : limits.requests() / 2)
                && own.requests() < limits.requestsPerRequester()
                && bytes + needed <= (trusted ? limits.bytes() : limits.bytes() / 2)
                && own.bytes() + needed <= limits.bytes() / 2;
    }

    void enter(Invitation request) {
        requests++;
        bytes += RequestCase.bytes(request);
        change(request, 1);
    }

    /// It is signed, and stays only because others may need what this node has sent.
    void linger(Invitation request) {
        requests--;
        change(request, -1);
    }

    /// It is over.
    ///
    /// @param lingered whether [#linger] was told before
    void leave(Invitation request, boolean lingered) {
        if (!lingered) {
            linger(request);
        }
        bytes -= RequestCase.bytes(request);
    }

    private void change(Invitation request, int by) {
        Share before = shares.getOrDefault(request.requester(), Share.NONE);
        Share after =
                new Share(before.requests() + by, before.bytes() + by * RequestCase.bytes(request));
        if (after.equals(Share.NONE)) {
            shares.remove(request.requester());
        } else {
            shares.put(request.requester(), after);
        }
    }

    /// Of all requests, also those that linger.
    long bytes() {
        return bytes;
    }
}
