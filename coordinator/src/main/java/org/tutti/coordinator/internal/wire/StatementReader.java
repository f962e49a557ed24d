package org.tutti.coordinator.internal.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.base.PlainText;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.Held;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.Join;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.Leave;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageException.Code;
import org.tutti.coordinator.message.MessageLimits;
import org.tutti.coordinator.message.Refusal;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.Withdrawal;
import org.tutti.coordinator.pb.BodyPb;
import org.tutti.coordinator.pb.ContactPb;
import org.tutti.coordinator.pb.LeafPb;
import org.tutti.coordinator.pb.MessagePb;
import org.tutti.coordinator.pb.RefusePb;
import org.tutti.coordinator.pb.RequestPb;
import org.tutti.coordinator.pb.StatementPb;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.musig.taproot.TapLeaf;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Reads statements, cheapest checks first: size, encoding, network, times, limits, and last the
/// two signatures. Threads: any.
public final class StatementReader {
    /// The latest time that is understood: the year 9999.
    private static final long MAX_MILLIS = 253_402_300_799_000L;

    private final Bytes network;
    private final MessageLimits limits;

    /// @param network 32 bytes: statements for another chain are refused
    public StatementReader(Bytes network, MessageLimits limits) {
        this.network = network.requireLength(32, "network");
        this.limits = limits;
    }

    public MessageLimits limits() {
        return limits;
    }

    /// A statement that counts now.
    ///
    /// @throws MessageException if it is none, or none for this network, time and limits, or not
    ///   signed by those whom it names
    public Statement read(Bytes envelope, Instant now) throws MessageException {
        return readIf(envelope, now, _ -> true).orElseThrow();
    }

    /// As [#read], for one of many: what is not wanted is left out before a signature is looked at.
    ///
    /// @param wanted whether this statement, which nobody has verified, matters here
    public Optional<Statement> readIf(
            Bytes envelope, Instant now, Predicate<? super Statement> wanted)
            throws MessageException {
        Read read = decode(envelope);
        if (!wanted.test(read.statement())) {
            return Optional.empty();
        }
        requireTimes(read.statement(), now);
        read.verify();
        return Optional.of(read.statement());
    }

    /// A statement that was read before, when it counted: only its times are not looked at.
    ///
    /// @throws MessageException as [#read]
    public Statement readAgain(Bytes envelope) throws MessageException {
        Read read = decode(envelope);
        read.verify();
        return read.statement();
    }

    private record Read(
            Kind kind, Statement statement, SignedEnvelope envelope, Bytes body, Bytes signature) {
        void verify() throws MessageException {
            Statement.Header header = statement.header();
            if (!envelope.signer().equals(header.author())) {
                throw new MessageException(
                        Code.BAD_IDENTITY,
                        "a statement of " + header.author() + " in another peer's envelope");
            }
            try {
                envelope.verify(Kind.DOMAIN, kind.payloadType());
            } catch (EnvelopeException e) {
                throw new MessageException(Code.BAD_IDENTITY, String.valueOf(e.getMessage()));
            }
            byte[] message = TaggedHash.of(kind.tag(), body.toArray()).toArray();
            if (!Schnorr.verify(header.key().xOnly(), message, new SchnorrSignature(signature))) {
                throw new MessageException(
                        Code.BAD_SIGNATURE, header.key() + " did not sign what it is said to");
            }
        }
    }

    private Read decode(Bytes bytes) throws MessageException {
        // The largest kind first: nothing longer is looked at.
        if (bytes.length() > limits.requestBytes()) {
            throw tooLarge(bytes);
        }
        try {
            SignedEnvelope envelope = SignedEnvelope.decode(bytes);
            // One encoding, or strangers could pad what others signed, or make many of one.
            if (!envelope.encode().equals(bytes)) {
                throw malformed("an envelope in another encoding than ours");
            }
            Kind kind =
                    Kind.ofPayloadType(envelope.payloadType())
                            .orElseThrow(() -> malformed("an envelope of something else"));
            if (bytes.length() > kind.maxBytes(limits)) {
                throw tooLarge(bytes);
            }
            StatementPb pb = StatementPb.parseFrom(envelope.payload().toArray());
            if (pb.getSignature().size() != 64) {
                throw malformed("a signature of " + pb.getSignature().size() + " bytes");
            }
            if (pb.getSerializedSize() != envelope.payload().length()
                    || !pb.getUnknownFields().asMap().isEmpty()) {
                throw malformed("a payload in another encoding than ours");
            }
            Bytes body = ProtobufBytes.fromProtobuf(pb.getBody());
            Statement statement = statement(kind, BodyPb.parseFrom(pb.getBody()), body, bytes);
            return new Read(
                    kind, statement, envelope, body, ProtobufBytes.fromProtobuf(pb.getSignature()));
        } catch (EnvelopeException | InvalidProtocolBufferException e) {
            throw malformed(String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) { // Of lengths, numbers, peer ids.
            throw malformed(String.valueOf(e.getMessage()));
        } catch (KeyException e) {
            throw malformed("a key that is none");
        }
    }

    private static MessageException tooLarge(Bytes bytes) {
        return new MessageException(Code.TOO_LARGE, "a statement of " + bytes.length() + " bytes");
    }

    static MessageException malformed(String text) {
        return new MessageException(Code.MALFORMED, text);
    }

    private Statement statement(Kind kind, BodyPb pb, Bytes body, Bytes envelope)
            throws MessageException, KeyException {
        if (pb.getVersion() != StatementSigner.VERSION) {
            throw new MessageException(
                    Code.WRONG_VERSION,
                    "a statement of version " + Integer.toUnsignedString(pb.getVersion()));
        }
        if (pb.getContentCase() != kind.content()) {
            throw new MessageException(
                    Code.WRONG_KIND, "an envelope of a " + kind + " with something else");
        }
        Bytes chain = ProtobufBytes.fromProtobuf(pb.getNetwork());
        if (!chain.equals(network)) {
            throw new MessageException(Code.WRONG_NETWORK, "a statement for another chain");
        }
        Statement.Header header = header(kind, pb);
        return switch (kind) {
            case CONTACT -> contact(header, pb.getContact(), envelope);
            case REQUEST -> request(header, pb.getRequest(), body, envelope);
            case JOIN -> new Join(header, envelope);
            case REFUSE -> refusal(header, pb.getRefuse(), envelope);
            case WITHDRAW ->
                    new Withdrawal(
                            header,
                            text(pb.getWithdraw().getReason(), Refusal.MAX_REASON, "reason"),
                            envelope);
            case PROPOSAL -> GroupFields.proposal(header, pb.getProposal(), body, envelope);
            case CONSENT -> GroupFields.consent(header, pb.getConsent(), envelope);
            case SEAL -> GroupFields.seal(header, pb.getSeal(), envelope);
            case HELD ->
                    new Held(
                            header,
                            ProtobufBytes.fromProtobuf(pb.getHeld().getDescriptorId()),
                            envelope);
            case LEAVE -> new Leave(header, envelope);
            case SUCCESSION -> GroupFields.succession(header, pb.getSuccession(), envelope);
            case ADVERT -> AdvertFields.advert(header, pb.getAdvert(), envelope);
            case RETIRE -> AdvertFields.retirement(header, pb.getRetire(), envelope);
        };
    }

    private Statement.Header header(Kind kind, BodyPb pb) throws MessageException, KeyException {
        if (badTime(pb.getSequence()) || badTime(pb.getNotAfter())) {
            throw malformed("times out of range");
        }
        Bytes subject = ProtobufBytes.fromProtobuf(pb.getSubject());
        if (kind.hasSubject() == subject.isEmpty()) {
            throw malformed(
                    kind.hasSubject() ? "it belongs to nothing" : "it belongs to something");
        }
        return new Statement.Header(
                network,
                subject.isEmpty() ? Optional.empty() : Optional.of(subject),
                new PeerId(ProtobufBytes.fromProtobuf(pb.getAuthor())),
                PublicKey.parse(ProtobufBytes.fromProtobuf(pb.getKey())),
                pb.getSequence(),
                Instant.ofEpochMilli(pb.getNotAfter()));
    }

    static boolean badTime(long millis) {
        return millis < 0 || millis > MAX_MILLIS;
    }

    private static Contact contact(Statement.Header header, ContactPb pb, Bytes envelope)
            throws MessageException {
        return new Contact(
                header, inboxKey(pb.getInboxKey()), addresses(pb.getAddressesList()), envelope);
    }

    static List<Multiaddr> addresses(List<ByteString> list) throws MessageException {
        if (list.size() > Contact.MAX_ADDRESSES) {
            throw limit(list.size() + " addresses");
        }
        List<Multiaddr> addresses = new ArrayList<>();
        for (ByteString address : list) {
            addresses.add(Multiaddr.fromBytes(address.toByteArray()));
        }
        return addresses;
    }

    static Optional<Bytes> inboxKey(ByteString bytes) {
        Bytes inbox = ProtobufBytes.fromProtobuf(bytes);
        return inbox.isEmpty()
                ? Optional.empty()
                : Optional.of(inbox.requireLength(32, "an inbox key"));
    }

    private static Refusal refusal(Statement.Header header, RefusePb pb, Bytes envelope)
            throws MessageException {
        return new Refusal(
                header,
                text(pb.getCode(), Refusal.MAX_CODE, "code"),
                text(pb.getReason(), Refusal.MAX_REASON, "reason"),
                envelope);
    }

    static String text(String text, int max, String what) throws MessageException {
        if (text.length() > max) {
            throw limit("a " + what + " of " + text.length() + " characters");
        }
        if (!PlainText.isPlain(text)) {
            throw malformed("a " + what + " with characters that are not plain text");
        }
        return text;
    }

    static MessageException limit(String what) {
        return new MessageException(Code.LIMIT, what);
    }

    private Invitation request(Statement.Header header, RequestPb pb, Bytes body, Bytes envelope)
            throws MessageException, KeyException {
        requireCounts(pb);
        requireSalt(pb);
        KeyOrder order = RequestFields.decode(pb.getKeyOrder());
        List<PublicKey> keys = keys(header, pb, order);
        List<RequestedMessage> messages = new ArrayList<>();
        for (MessagePb message : pb.getMessagesList()) {
            messages.add(message(message));
        }
        Optional<Invitation.PsbtReference> psbt = psbt(pb);
        if (psbt.isPresent() && order != KeyOrder.SORTED) {
            throw new MessageException(
                    Code.BAD_KEYS, "keys of an address that are not sorted (BIP327 KeySort)");
        }
        return new Invitation(
                RequestId.of(body),
                header,
                keys,
                order,
                messages,
                nonNegative(pb.getAmount()),
                text(pb.getType(), InvitationDraft.Description.MAX_TYPE, "type"),
                text(
                        pb.getDescription(),
                        InvitationDraft.Description.MAX_DESCRIPTION,
                        "description"),
                text(pb.getPurpose(), InvitationDraft.Description.MAX_PURPOSE, "purpose"),
                psbt,
                RequestFields.decode(pb.getElection()),
                (int) nonNegative(pb.getBirthday()),
                envelope);
    }

    static long nonNegative(long number) throws MessageException {
        if (number < 0) {
            throw malformed("a number out of range");
        }
        return number;
    }

    private static void requireSalt(RequestPb pb) throws MessageException {
        if (pb.getSalt().size() != 32) {
            throw malformed("a salt of " + pb.getSalt().size() + " bytes");
        }
    }

    private void requireCounts(RequestPb pb) throws MessageException {
        if (pb.getKeysCount() < 2 || pb.getKeysCount() > limits.keys()) {
            throw limit(pb.getKeysCount() + " keys");
        }
        if (pb.getMessagesCount() < 1 || pb.getMessagesCount() > limits.messages()) {
            throw limit(pb.getMessagesCount() + " messages");
        }
        int leaves = pb.getMessagesList().stream().mapToInt(MessagePb::getTreeCount).sum();
        if (leaves > limits.leaves()) {
            throw limit(leaves + " leaves");
        }
    }

    private Optional<Invitation.PsbtReference> psbt(RequestPb pb) throws MessageException {
        Bytes hash = ProtobufBytes.fromProtobuf(pb.getPsbtHash());
        int length = pb.getPsbtLength();
        if (hash.isEmpty() != (length == 0)) {
            throw malformed("a PSBT without length or hash");
        }
        if (length < 0 || length > limits.psbtBytes()) {
            throw limit("a PSBT of " + Integer.toUnsignedString(length) + " bytes");
        }
        return hash.isEmpty()
                ? Optional.empty()
                : Optional.of(new Invitation.PsbtReference(hash, length));
    }

    private static List<PublicKey> keys(Statement.Header header, RequestPb pb, KeyOrder order)
            throws MessageException, KeyException {
        List<PublicKey> keys = PublicKey.parseAll(ProtobufBytes.listFromProtobuf(pb.getKeysList()));
        Set<Bytes> seen = new HashSet<>();
        for (PublicKey key : keys) {
            // Keys that differ in parity alone are one key: whoever has its secret signs for both.
            if (!seen.add(key.xOnly().bytes())) {
                throw new MessageException(Code.DUPLICATE_KEY, key + " is there twice");
            }
        }
        if (order == KeyOrder.SORTED && !KeySort.sort(keys).equals(keys)) {
            throw new MessageException(Code.BAD_KEYS, "the keys are not sorted");
        }
        if (!keys.contains(header.key())) {
            throw new MessageException(
                    Code.BAD_KEYS, "the requester's key is none of those that are to sign");
        }
        return keys;
    }

    private static RequestedMessage message(MessagePb pb) throws MessageException {
        RequestedMessage.Tweak tweak =
                switch (pb.getTweak()) {
                    case TWEAK_NONE -> {
                        if (pb.getTreeCount() > 0) {
                            throw malformed("a tree without a tweak");
                        }
                        yield new RequestedMessage.None();
                    }
                    case TWEAK_BIP341_KEY_PATH -> new RequestedMessage.KeyPath(tree(pb));
                    case UNRECOGNIZED -> throw malformed("an unknown tweak");
                };
        RequestedMessage message =
                new RequestedMessage(
                        ProtobufBytes.fromProtobuf(pb.getHash()), tweak, pb.getPathList());
        var _ = message.toSign(); // A tree that is none is refused here.
        return message;
    }

    private static List<RequestedMessage.Leaf> tree(MessagePb pb) {
        List<RequestedMessage.Leaf> tree = new ArrayList<>();
        for (LeafPb leaf : pb.getTreeList()) {
            tree.add(
                    new RequestedMessage.Leaf(
                            leaf.getDepth(),
                            new TapLeaf(
                                    leaf.getVersion(),
                                    ProtobufBytes.fromProtobuf(leaf.getScript()))));
        }
        return tree;
    }

    private void requireTimes(Statement statement, Instant now) throws MessageException {
        Statement.Header header = statement.header();
        if (!header.notAfter().isAfter(now)) {
            throw new MessageException(
                    Code.EXPIRED, "a statement that counted until " + header.notAfter());
        }
        if (header.made().isAfter(now.plus(limits.clockSkew()))) {
            throw new MessageException(Code.BAD_TIMES, "a statement of " + header.made());
        }
        Duration lifetime =
                switch (Kind.of(statement)) {
                    case CONTACT -> limits.contactLifetime();
                    case ADVERT, RETIRE -> Advert.MAX_LIFETIME;
                    case REQUEST, JOIN, REFUSE, WITHDRAW, PROPOSAL, CONSENT, LEAVE ->
                            limits.requestLifetime();
                    // They count as long as the group.
                    case SEAL, HELD, SUCCESSION -> GroupFields.SEAL_LIFETIME;
                };
        if (header.notAfter().isBefore(header.made())
                || header.notAfter().isAfter(header.made().plus(lifetime))) {
            throw new MessageException(
                    Code.BAD_TIMES,
                    "a statement from " + header.made() + " until " + header.notAfter());
        }
    }
}
