package org.tutti.app.p2p;

import org.tutti.base.Bytes;
import org.tutti.libp2p.kad.record.RecordValidator;
import org.tutti.libp2p.kad.record.ValidRecord;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A namespace in which every value is valid, and the largest counts most: to try other programs
/// with. Anybody can put anything there.
record OpenValidator(String namespace) implements RecordValidator {
    @Override
    public ValidRecord validate(Bytes key, Bytes value, Instant now) {
        Instant expires = now.plus(MAX_AGE);
        return new ValidRecord(expires, expires, Optional.empty(), OptionalLong.empty());
    }

    @Override
    public int select(Bytes key, List<Bytes> values) {
        int best = 0;
        for (int i = 1; i < values.size(); i++) {
            if (values.get(i).compareTo(values.get(best)) > 0) {
                best = i;
            }
        }
        return best;
    }
}
