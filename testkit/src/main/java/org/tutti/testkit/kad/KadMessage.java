package org.tutti.testkit.kad;

import org.tutti.libp2p.internal.kad.Request;
import org.tutti.libp2p.internal.kad.Response;

/// What two nodes send each other, as the driver does on streams.
sealed interface KadMessage {
    /// @param id of the asker's stream
    record Ask(long id, Request request) implements KadMessage {}

    record Reply(long id, Response response) implements KadMessage {}

    /// The stream was reset: the request is refused.
    record Reset(long id) implements KadMessage {}
}
