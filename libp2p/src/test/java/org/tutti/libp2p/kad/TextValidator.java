package org.tutti.libp2p.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.RecordValidator;
import org.tutti.libp2p.kad.record.ValidRecord;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Values of the namespace `text` are a version and a text, such as `3 hello`; the highest version
/// counts most.
public final class TextValidator implements RecordValidator {
    public static Bytes key(String name) {
        return bytes("/text/" + name);
    }

    public static Bytes bytes(String text) {
        return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
    }

    public static String text(Bytes value) {
        return new String(value.toArray(), StandardCharsets.UTF_8);
    }

    @Override
    public String namespace() {
        return "text";
    }

    @Override
    public ValidRecord validate(Bytes key, Bytes value, Instant now) throws InvalidRecordException {
        long version = version(value);
        return new ValidRecord(
                now.plus(MAX_AGE), now.plus(MAX_AGE), Optional.empty(), OptionalLong.of(version));
    }

    private static long version(Bytes value) throws InvalidRecordException {
        String text = text(value);
        int space = text.indexOf(' ');
        try {
            return Long.parseLong(space < 0 ? text : text.substring(0, space));
        } catch (NumberFormatException e) {
            throw new InvalidRecordException(
                    InvalidRecordException.Code.MALFORMED, "no version in front");
        }
    }

    @Override
    public int select(Bytes key, List<Bytes> values) throws InvalidRecordException {
        int best = 0;
        for (int i = 1; i < values.size(); i++) {
            if (version(values.get(i)) > version(values.get(best))) {
                best = i;
            }
        }
        return best;
    }
}
