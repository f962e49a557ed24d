package org.tutti.musig.musig;

import org.tutti.base.Bytes;

import java.util.ArrayList;
import java.util.List;

/// What all signers sent of one kind, in signer order.
final class Contributions {
    private Contributions() {}

    /// Reads one contribution.
    interface Parser<T> {
        T parse(Bytes bytes) throws MusigException;
    }

    /// Parses every element; the exception has the index of the first signer whose contribution is
    /// invalid.
    static <T> List<T> parseAll(List<Bytes> encoded, Parser<T> parser) throws MusigException {
        List<T> parsed = new ArrayList<>(encoded.size());
        for (int i = 0; i < encoded.size(); i++) {
            try {
                parsed.add(parser.parse(encoded.get(i)));
            } catch (MusigException e) {
                throw e.by(i);
            }
        }
        return parsed;
    }
}
