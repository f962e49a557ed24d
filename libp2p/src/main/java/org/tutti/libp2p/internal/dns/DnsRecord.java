package org.tutti.libp2p.internal.dns;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.tutti.base.Bytes;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A resource record (RFC 1035 section 4.1.3) of the internet class.
///
/// @param flush RFC 6762 section 10.2: whether it takes the place of older records of its name
/// @param ttl in seconds
public record DnsRecord(DnsName name, boolean flush, long ttl, Data data) {
    /// The types that we read; all others are [Other].
    public enum Type {
        A(1),
        CNAME(5),
        PTR(12),
        TXT(16),
        AAAA(28),
        SRV(33),
        ANY(255);

        private final int code;

        Type(int code) {
            this.code = code;
        }

        /// Its number on the wire.
        public int code() {
            return code;
        }

        static Optional<Type> of(int code) {
            return Arrays.stream(values()).filter(t -> t.code == code).findFirst();
        }
    }

    /// What a record says.
    public sealed interface Data {
        /// The number of its type on the wire.
        int type();
    }

    /// An IPv4 address of 4 bytes or an IPv6 address of 16.
    public record Address(Bytes bytes) implements Data {
        @Override
        public int type() {
            return (bytes.length() == 4 ? Type.A : Type.AAAA).code;
        }
    }

    /// Another name that this one stands for (`CNAME`).
    public record Alias(DnsName target) implements Data {
        @Override
        public int type() {
            return Type.CNAME.code;
        }
    }

    /// A name that belongs to this one (`PTR`).
    public record Pointer(DnsName target) implements Data {
        @Override
        public int type() {
            return Type.PTR.code;
        }
    }

    /// Character strings of up to 255 bytes.
    public record Text(List<Bytes> strings) implements Data {
        public Text {
            strings = List.copyOf(strings);
        }

        /// All of them as one text; empty if it is not UTF-8.
        public Optional<String> joined() {
            ByteBuffer all = ByteBuffer.wrap(Bytes.concat(strings.toArray(Bytes[]::new)).toArray());
            try {
                return Optional.of(UTF_8.newDecoder().decode(all).toString());
            } catch (CharacterCodingException e) {
                return Optional.empty();
            }
        }

        @Override
        public int type() {
            return Type.TXT.code;
        }
    }

    /// Where a service is (`SRV`, RFC 2782).
    ///
    /// @param priority the lowest is tried first
    /// @param weight how often it is chosen among equals
    public record Service(int priority, int weight, int port, DnsName target) implements Data {
        @Override
        public int type() {
            return Type.SRV.code;
        }
    }

    /// Of a type that we do not read.
    public record Other(int type, Bytes bytes) implements Data {}
}
