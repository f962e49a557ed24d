package org.tutti.signing.wire;

import org.tutti.base.Bytes;

import java.nio.charset.StandardCharsets;

/// The envelope's domain and payload type for each kind of message, so that no signature for one
/// can be shown as another (libp2p RFC 0002).
@SuppressWarnings("ImmutableEnumChecker") // Bytes is immutable, only not annotated as such
enum PayloadType {
    REQUEST("request"),
    READY("ready"),
    NONCES("nonces"),
    PARTIALS("partials"),
    REFUSE("refuse"),
    ABORT("abort"),
    VIEW("view"),
    FINAL("final"),
    WANT("want");

    static final String REQUEST_DOMAIN = "tutti-sign-request";
    static final String CONTRIBUTION_DOMAIN = "tutti-sign-contribution";

    private final Bytes bytes;

    PayloadType(String name) {
        this.bytes = Bytes.wrap(("/tutti/sign/1/" + name).getBytes(StandardCharsets.US_ASCII));
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
            case Contribution.View _ -> VIEW;
            case Contribution.Final _ -> FINAL;
            case Contribution.Want _ -> WANT;
        };
    }
}
