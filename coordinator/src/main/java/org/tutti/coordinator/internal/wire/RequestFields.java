package org.tutti.coordinator.internal.wire;

import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageException.Code;
import org.tutti.coordinator.pb.RequestPb;

/// Enumerations of a request.
final class RequestFields {
    private RequestFields() {}

    static RequestPb.KeyOrder encode(KeyOrder order) {
        return switch (order) {
            case SORTED -> RequestPb.KeyOrder.KEY_ORDER_SORTED;
            case AS_GIVEN -> RequestPb.KeyOrder.KEY_ORDER_AS_GIVEN;
        };
    }

    static KeyOrder decode(RequestPb.KeyOrder order) throws MessageException {
        return switch (order) {
            case KEY_ORDER_SORTED -> KeyOrder.SORTED;
            case KEY_ORDER_AS_GIVEN -> KeyOrder.AS_GIVEN;
            case KEY_ORDER_UNSPECIFIED, UNRECOGNIZED ->
                    throw new MessageException(Code.BAD_KEYS, "an unknown order of keys");
        };
    }

    static RequestPb.Election encode(ElectionMethod method) {
        return switch (method) {
            case LEXICOGRAPHIC -> RequestPb.Election.ELECTION_LEXICOGRAPHIC;
            case HASH -> RequestPb.Election.ELECTION_HASH;
            case FIRST -> RequestPb.Election.ELECTION_FIRST;
            case LAST -> RequestPb.Election.ELECTION_LAST;
        };
    }

    static ElectionMethod decode(RequestPb.Election method) throws MessageException {
        return switch (method) {
            case ELECTION_LEXICOGRAPHIC -> ElectionMethod.LEXICOGRAPHIC;
            case ELECTION_HASH -> ElectionMethod.HASH;
            case ELECTION_FIRST -> ElectionMethod.FIRST;
            case ELECTION_LAST -> ElectionMethod.LAST;
            case ELECTION_UNSPECIFIED, UNRECOGNIZED ->
                    throw new MessageException(Code.MALFORMED, "an unknown method of election");
        };
    }
}
