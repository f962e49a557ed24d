package org.tutti.testkit.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.RecordValidator;
import org.tutti.libp2p.kad.record.ValidRecord;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Values that are valid only under their key, as signed records are, without the cost of
/// signatures: the value is its key.
final class SelfCertifying implements RecordValidator {
    static Bytes keyOf(String name) {
        return Bytes.wrap(("/sim/" + name).getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public String namespace() {
        return "sim";
    }

    @Override
    public ValidRecord validate(Bytes key, Bytes value, Instant now) throws InvalidRecordException {
        if (!value.equals(key)) {
            throw new InvalidRecordException(InvalidRecordException.Code.WRONG_KEY, "of another");
        }
        Instant expires = now.plus(MAX_AGE);
        return new ValidRecord(expires, expires, Optional.empty(), OptionalLong.empty());
    }

    @Override
    public int select(Bytes key, List<Bytes> values) {
        return 0;
    }
}
