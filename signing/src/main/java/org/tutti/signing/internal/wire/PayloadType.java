package org.tutti.signing.internal.wire;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/// The envelope's domain and payload type for each kind of message, so that a signature for one
/// kind is not valid for another (libp2p RFC 0002). The strings are part of the protocol; some are
/// older than the names in this code.
@SuppressWarnings("ImmutableEnumChecker") // Bytes is immutable, only not annotated as such
enum PayloadType {
    HELLO("hello", PayloadType.HELLO_DOMAIN),
    CHALLENGE("challenge", PayloadType.HELLO_DOMAIN),
    ANSWER("answer", PayloadType.HELLO_DOMAIN),
    CONSENT("consent", PayloadType.HELLO_DOMAIN),
    HAND_OVER_REQUEST("hand-over-request", PayloadType.HELLO_DOMAIN),
    HAND_OVER("hand-over", PayloadType.HELLO_DOMAIN),
    REQUEST("request", PayloadType.REQUEST_DOMAIN),
    READY("ready", PayloadType.CONTRIBUTION_DOMAIN),
    NONCES("nonces", PayloadType.CONTRIBUTION_DOMAIN),
    PARTIALS("partials", PayloadType.CONTRIBUTION_DOMAIN),
    REFUSE("refuse", PayloadType.CONTRIBUTION_DOMAIN),
    ABORT("abort", PayloadType.CONTRIBUTION_DOMAIN),
    NONCE_SET("view", PayloadType.CONTRIBUTION_DOMAIN),
    FINAL("final", PayloadType.CONTRIBUTION_DOMAIN),
    RETRANSMISSION_REQUEST("want", PayloadType.CONTRIBUTION_DOMAIN);

    static final String HELLO_DOMAIN = "tutti-sign-hello";
    static final String REQUEST_DOMAIN = "tutti-sign-request";
    static final String CONTRIBUTION_DOMAIN = "tutti-sign-contribution";

    private static final Map<Bytes, PayloadType> BY_BYTES =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(t -> t.bytes, t -> t));

    private final Bytes bytes;
    private final String domain;

    PayloadType(String name, String domain) {
        this.bytes = Bytes.wrap(("/tutti/sign/2/" + name).getBytes(StandardCharsets.US_ASCII));
        this.domain = domain;
    }

    Bytes bytes() {
        return bytes;
    }

    /// The domain of its envelopes.
    String domain() {
        return domain;
    }

    /// The one that is written like this; null if none is.
    static @Nullable PayloadType find(Bytes bytes) {
        return BY_BYTES.get(bytes);
    }

    static PayloadType of(Contribution.Body body) {
        return switch (body) {
            case Contribution.Ready _ -> READY;
            case Contribution.Nonces _ -> NONCES;
            case Contribution.Partials _ -> PARTIALS;
            case Contribution.Refuse _ -> REFUSE;
            case Contribution.Abort _ -> ABORT;
            case Contribution.NonceSet _ -> NONCE_SET;
            case Contribution.Final _ -> FINAL;
            case Contribution.RetransmissionRequest _ -> RETRANSMISSION_REQUEST;
        };
    }
}
