package org.tutti.coordinator.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.Held;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.Join;
import org.tutti.coordinator.message.Leave;
import org.tutti.coordinator.message.MessageLimits;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.Refusal;
import org.tutti.coordinator.message.Retirement;
import org.tutti.coordinator.message.Seal;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.Succession;
import org.tutti.coordinator.message.Withdrawal;
import org.tutti.coordinator.pb.BodyPb;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// The kinds of statements. A kind is in the envelope's payload type, in the tag of the key's
/// signature and in the body, so that one is never taken for another.
enum Kind {
    CONTACT("contact", BodyPb.ContentCase.CONTACT),
    REQUEST("request", BodyPb.ContentCase.REQUEST),
    JOIN("join", BodyPb.ContentCase.JOIN),
    REFUSE("refuse", BodyPb.ContentCase.REFUSE),
    WITHDRAW("withdraw", BodyPb.ContentCase.WITHDRAW),
    ADVERT("advert", BodyPb.ContentCase.ADVERT),
    RETIRE("retire", BodyPb.ContentCase.RETIRE),
    PROPOSAL("proposal", BodyPb.ContentCase.PROPOSAL),
    CONSENT("consent", BodyPb.ContentCase.CONSENT),
    SEAL("seal", BodyPb.ContentCase.SEAL),
    HELD("held", BodyPb.ContentCase.HELD),
    LEAVE("leave", BodyPb.ContentCase.LEAVE),
    SUCCESSION("succession", BodyPb.ContentCase.SUCCESSION);

    /// The domain of the envelopes.
    static final String DOMAIN = "tutti-coordinator";

    private final String name;
    private final BodyPb.ContentCase content;

    Kind(String name, BodyPb.ContentCase content) {
        this.name = name;
        this.content = content;
    }

    static Kind of(Statement statement) {
        return switch (statement) {
            case Contact _ -> CONTACT;
            case Invitation _ -> REQUEST;
            case Join _ -> JOIN;
            case Refusal _ -> REFUSE;
            case Withdrawal _ -> WITHDRAW;
            case Proposal _ -> PROPOSAL;
            case Consent _ -> CONSENT;
            case Seal _ -> SEAL;
            case Held _ -> HELD;
            case Leave _ -> LEAVE;
            case Succession _ -> SUCCESSION;
            case Advert _ -> ADVERT;
            case Retirement _ -> RETIRE;
        };
    }

    static Optional<Kind> ofPayloadType(Bytes type) {
        return Arrays.stream(values()).filter(kind -> kind.payloadType().equals(type)).findFirst();
    }

    Bytes payloadType() {
        return Bytes.wrap(("/tutti/coordinator/1/" + name).getBytes(StandardCharsets.US_ASCII));
    }

    BodyPb.ContentCase content() {
        return content;
    }

    /// Of BIP340's tagged hash that the key signs.
    String tag() {
        return "tutti/coordinator/" + name;
    }

    /// Whether it belongs to a request or a proposal.
    boolean hasSubject() {
        return switch (this) {
            case CONTACT, REQUEST, PROPOSAL, ADVERT, RETIRE -> false;
            case JOIN, REFUSE, WITHDRAW, CONSENT, SEAL, HELD, LEAVE, SUCCESSION -> true;
        };
    }

    /// The largest of them, envelope included.
    int maxBytes(MessageLimits limits) {
        return switch (this) {
            case REQUEST -> limits.requestBytes();
            case ADVERT -> Advert.MAX_BYTES;
            case PROPOSAL -> Proposal.MAX_BYTES;
            case CONTACT, JOIN, REFUSE, WITHDRAW, RETIRE, CONSENT, SEAL, HELD, LEAVE, SUCCESSION ->
                    limits.statementBytes();
        };
    }
}
