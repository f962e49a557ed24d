package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;

import java.nio.charset.StandardCharsets;

/// The envelope's domain and payload type for each kind of message, so that a signature for one
/// kind is not valid for another (libp2p RFC 0002). The strings are part of the protocol; some are
/// older than the names in this code.
@SuppressWarnings("ImmutableEnumChecker") // Bytes is immutable, only not annotated as such
enum PayloadType {
    HELLO("hello"),
    CHALLENGE("challenge"),
    ANSWER("answer"),
    CONSENT("consent"),
    HAND_OVER_REQUEST("hand-over-request"),
    HAND_OVER("hand-over"),
    REQUEST("request"),
    READY("ready"),
    NONCES("nonces"),
    PARTIALS("partials"),
    REFUSE("refuse"),
    ABORT("abort"),
    NONCE_SET("view"),
    FINAL("final"),
    RETRANSMISSION_REQUEST("want");

    static final String HELLO_DOMAIN = "tutti-sign-hello";
    static final String REQUEST_DOMAIN = "tutti-sign-request";
    static final String CONTRIBUTION_DOMAIN = "tutti-sign-contribution";

    private final Bytes bytes;

    PayloadType(String name) {
        this.bytes = Bytes.wrap(("/tutti/sign/2/" + name).getBytes(StandardCharsets.US_ASCII));
    }

    Bytes bytes() {
        return bytes;
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
