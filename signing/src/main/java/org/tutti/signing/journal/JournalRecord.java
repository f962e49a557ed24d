package org.tutti.signing.journal;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.pb.HoldPb;
import org.tutti.signing.pb.JournalAgreedPb;
import org.tutti.signing.pb.JournalConflictPb;
import org.tutti.signing.pb.JournalConsentPb;
import org.tutti.signing.pb.JournalEndPb;
import org.tutti.signing.pb.JournalHandedOverPb;
import org.tutti.signing.pb.JournalHeadsPb;
import org.tutti.signing.pb.JournalReadyPb;
import org.tutti.signing.pb.JournalRecoveredPb;
import org.tutti.signing.pb.JournalRecoveringPb;
import org.tutti.signing.pb.JournalRefusedPb;
import org.tutti.signing.pb.JournalSettledPb;
import org.tutti.signing.pb.JournalSignPb;
import org.tutti.signing.pb.JournalSnapshotEndPb;
import org.tutti.signing.pb.JournalStartedPb;
import org.tutti.signing.pb.JournalTimesPb;
import org.tutti.signing.request.SessionId;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// One entry of the journal.
public sealed interface JournalRecord {
    /// An entry about one session.
    sealed interface OfSession extends JournalRecord {
        SessionId session();
    }

    /// SAFETY 2: this attempt may have been announced; after a restart the signer takes the next
    /// one. Forced before the Ready message leaves, because otherwise a restarted signer could send
    /// two different messages for one slot and be blamed for it.
    ///
    /// @param restarts how often this session was resumed after a restart
    /// @param requestEnvelope the request, with the first attempt of a session; otherwise empty
    /// @param hold what the session holds from now on
    /// @param expiresMillis Unix time when the request expires, so that most are skipped without
    ///   being decoded; 0 without the request
    record Ready(
            SessionId session,
            int attempt,
            int restarts,
            Bytes requestEnvelope,
            Hold hold,
            long expiresMillis)
            implements OfSession {}

    /// SAFETY 3: the nonces of this attempt are spent on these messages under these aggregate
    /// nonces. Forced before the partial signatures leave.
    ///
    /// @param messages 32 bytes each
    /// @param nonceEnvelopes all signers' Nonces, in signer order
    /// @param aggregateNonces 66 bytes each, one for each message
    /// @param nonceSetHash 32 bytes
    /// @param ownPartials the only envelope with partial signatures that may be sent again
    record Sign(
            SessionId session,
            int attempt,
            List<Bytes> messages,
            List<Bytes> nonceEnvelopes,
            List<Bytes> aggregateNonces,
            Bytes nonceSetHash,
            Bytes ownPartials)
            implements OfSession {
        public Sign {
            messages = List.copyOf(messages);
            nonceEnvelopes = List.copyOf(nonceEnvelopes);
            aggregateNonces = List.copyOf(aggregateNonces);
        }
    }

    /// Finished with signatures, 64 bytes each.
    record Final(SessionId session, List<Bytes> signatures) implements OfSession {
        public Final {
            signatures = List.copyOf(signatures);
        }
    }

    /// Ended without signatures.
    record Ended(SessionId session, String code) implements OfSession {
        /// The code of a session that another member has handed over: it was over before this
        /// journal was made.
        public static final String HANDED_OVER = "HANDED_OVER";
    }

    /// The owner of a committed hold has settled it.
    ///
    /// @param requester index in the group
    /// @param idempotencyKey of the request; empty if it had none
    /// @param content of the hold
    /// @param keyFreeAt when the key may be used for something else
    /// @param outcome what its owner said became of it; empty if it said nothing
    record Settled(
            SessionId session,
            int requester,
            Bytes idempotencyKey,
            Bytes content,
            Instant keyFreeAt,
            Bytes outcome)
            implements OfSession {
        /// The same, with a key that is free at another time.
        Settled freeAt(Instant time) {
            return new Settled(session, requester, idempotencyKey, content, time, outcome);
        }
    }

    /// The operator lets another operation make this one impossible.
    record ConflictAllowed(SessionId session) implements OfSession {}

    /// The process was started. Random, so that two copies of a journal differ from then on.
    ///
    /// @param boot 16 random bytes
    record Started(Bytes boot) implements JournalRecord {}

    /// A member has shown a head that this node signed and that this journal does not have: it went
    /// back, or is not the one that was used. Nothing is signed with it for this group any more.
    ///
    /// @param statement this node's own envelope with that head
    record Refused(Bytes statement) implements JournalRecord {}

    /// An entry of a snapshot alone: of a journal's beginning, after it was compacted.
    sealed interface OfSnapshot extends JournalRecord {}

    /// Where a group's chain continues, and what it had before.
    ///
    /// @param count entries of the chain when the snapshot was made, at least 1
    /// @param hashes of the last of these entries, oldest first, 32 bytes each: at least one, at
    ///   most [OwnHeads#MAX_KEPT]
    /// @param forgotten when the requests expire whose sessions were left out, in ascending order,
    ///   at most [ForgottenTimes#MAX_RANGES]
    /// @param agreedMillis as [GroupState#agreedTime]; 0 if there is none
    record Heads(long count, Bytes hashes, List<ForgottenTimes.Range> forgotten, long agreedMillis)
            implements OfSnapshot {
        public Heads {
            forgotten = List.copyOf(forgotten);
            if (forgotten.size() > ForgottenTimes.MAX_RANGES) {
                throw new IllegalArgumentException(forgotten.size() + " ranges of times");
            }
            int kept = hashes.length() / 32;
            if (hashes.length() % 32 != 0 || kept < 1 || kept > OwnHeads.MAX_KEPT || count < kept) {
                throw new IllegalArgumentException("heads that no snapshot has");
            }
        }

        /// The last of them, 32 bytes.
        Bytes lastHash() {
            return hashes.slice(hashes.length() - 32, hashes.length());
        }
    }

    /// The last entry of a snapshot.
    ///
    /// @param entries how many are before it
    record SnapshotEnd(long entries) implements OfSnapshot {}

    /// A member has agreed to the group's terms.
    ///
    /// @param signer index in the group, not negative
    /// @param terms opaque
    /// @param signature of the signing key, 64 bytes
    record Agreed(int signer, Bytes terms, Bytes signature) implements JournalRecord {
        public Agreed {
            if (signer < 0) {
                throw new IllegalArgumentException("signer " + signer);
            }
        }
    }

    /// An entry about the recovery of a member whose journal was lost.
    sealed interface OfRecovery extends JournalRecord {}

    /// The journal was made to take the place of one that is lost: nothing is signed with it before
    /// every other member has consented and handed over what it remembers.
    ///
    /// @param earlierUnknown the operator knows that all may have lost their journals, so that
    ///   nobody remembers earlier payments
    record Recovering(boolean earlierUnknown) implements OfRecovery {}

    /// A member may go on with a new journal: this one's consent to another, or another's to this
    /// one.
    ///
    /// @param signer who consents, index in the group
    /// @param member whose journal is new, index in the group
    /// @param journal id of the new one, 16 bytes
    /// @param oldHead the highest of an earlier one that the signer remembers
    /// @param recovering the signer's own journal was lost too, and it had not recovered
    /// @param replaced ids of earlier ones, which count no more; at most [#MAX_REPLACED]
    /// @param signature of the signer's signing key, 64 bytes
    record Consent(
            int signer,
            int member,
            Bytes journal,
            Optional<JournalHead> oldHead,
            boolean recovering,
            List<Bytes> replaced,
            Bytes signature)
            implements OfRecovery {
        /// Most ids of replaced journals that are remembered of a member.
        public static final int MAX_REPLACED = 64;

        public Consent {
            journal.requireLength(JournalHead.JOURNAL_ID_BYTES, "journal id");
            replaced = List.copyOf(replaced);
            replaced.forEach(id -> id.requireLength(JournalHead.JOURNAL_ID_BYTES, "journal id"));
            signature.requireLength(64, "consent");
            if (signer < 0 || member < 0 || replaced.size() > MAX_REPLACED) {
                throw new IllegalArgumentException("an invalid consent");
            }
        }
    }

    /// A member has handed over all that it remembers.
    ///
    /// @param signer index in the group, not negative
    record HandedOver(int signer) implements OfRecovery {
        public HandedOver {
            if (signer < 0) {
                throw new IllegalArgumentException("signer " + signer);
            }
        }
    }

    /// This journal is used from here on.
    record Recovered() implements OfRecovery {}

    /// The record's kind in the file.
    default int type() {
        return switch (this) {
            case Ready _ -> 1;
            case Sign _ -> 2;
            case Final _ -> 3;
            case Ended _ -> 4;
            case Settled _ -> 5;
            case ConflictAllowed _ -> 6;
            case Started _ -> 7;
            case Refused _ -> 8;
            case Agreed _ -> 9;
            case Heads _ -> 10;
            case SnapshotEnd _ -> 11;
            case Recovering _ -> 12;
            case Consent _ -> 13;
            case HandedOver _ -> 14;
            case Recovered _ -> 15;
        };
    }

    /// Whether it must be on disk before any later message leaves the process.
    default boolean mustForce() {
        return switch (this) {
            case Ready _,
                    Sign _,
                    Settled _,
                    ConflictAllowed _,
                    Started _,
                    Refused _,
                    Agreed _,
                    OfRecovery _ ->
                    true;
            case Final _, Ended _, OfSnapshot _ -> false;
        };
    }

    default Bytes payload() {
        return Bytes.wrap(
                switch (this) {
                    case Ready ready -> encode(ready).toByteArray();
                    case Sign sign -> encode(sign).toByteArray();
                    case Final fin ->
                            JournalEndPb.newBuilder()
                                    .setSession(ProtobufBytes.toProtobuf(fin.session.bytes()))
                                    .addAllSignatures(ProtobufBytes.listToProtobuf(fin.signatures))
                                    .build()
                                    .toByteArray();
                    case Ended ended ->
                            JournalEndPb.newBuilder()
                                    .setSession(ProtobufBytes.toProtobuf(ended.session.bytes()))
                                    .setCode(ended.code)
                                    .build()
                                    .toByteArray();
                    case Started started ->
                            JournalStartedPb.newBuilder()
                                    .setBoot(ProtobufBytes.toProtobuf(started.boot))
                                    .build()
                                    .toByteArray();
                    case Refused refused ->
                            JournalRefusedPb.newBuilder()
                                    .setStatement(ProtobufBytes.toProtobuf(refused.statement))
                                    .build()
                                    .toByteArray();
                    case Agreed agreed ->
                            JournalAgreedPb.newBuilder()
                                    .setSigner(agreed.signer)
                                    .setTerms(ProtobufBytes.toProtobuf(agreed.terms))
                                    .setSignature(ProtobufBytes.toProtobuf(agreed.signature))
                                    .build()
                                    .toByteArray();
                    case Settled settled -> encode(settled).toByteArray();
                    case Heads heads -> encode(heads).toByteArray();
                    case SnapshotEnd end ->
                            JournalSnapshotEndPb.newBuilder()
                                    .setEntries(end.entries)
                                    .build()
                                    .toByteArray();
                    case Recovering recovering ->
                            JournalRecoveringPb.newBuilder()
                                    .setEarlierUnknown(recovering.earlierUnknown)
                                    .build()
                                    .toByteArray();
                    case Consent consent -> encode(consent).toByteArray();
                    case HandedOver over ->
                            JournalHandedOverPb.newBuilder()
                                    .setSigner(over.signer)
                                    .build()
                                    .toByteArray();
                    case Recovered _ -> JournalRecoveredPb.getDefaultInstance().toByteArray();
                    case ConflictAllowed allowed ->
                            JournalConflictPb.newBuilder()
                                    .setSession(ProtobufBytes.toProtobuf(allowed.session.bytes()))
                                    .build()
                                    .toByteArray();
                });
    }

    /// @throws JournalException if it is not an entry of this program
    static JournalRecord decode(int type, byte[] bytes, int offset, int length)
            throws JournalException {
        try {
            return switch (type) {
                case 1 -> {
                    JournalReadyPb pb = JournalReadyPb.parser().parseFrom(bytes, offset, length);
                    yield new Ready(
                            id(pb.getSession()),
                            pb.getAttempt(),
                            pb.getRestarts(),
                            ProtobufBytes.fromProtobuf(pb.getRequest()),
                            !pb.hasHold()
                                    ? Hold.NONE
                                    : new Hold(
                                            new HashSet<>(
                                                    ProtobufBytes.listFromProtobuf(
                                                            pb.getHold().getResourcesList())),
                                            ProtobufBytes.fromProtobuf(pb.getHold().getContent()),
                                            pb.getHold().getDistinct()),
                            pb.getExpiresMillis());
                }
                case 2 -> sign(JournalSignPb.parser().parseFrom(bytes, offset, length));
                case 3 -> {
                    JournalEndPb pb = JournalEndPb.parser().parseFrom(bytes, offset, length);
                    yield new Final(
                            id(pb.getSession()),
                            ProtobufBytes.listFromProtobuf(pb.getSignaturesList()));
                }
                case 4 -> {
                    JournalEndPb pb = JournalEndPb.parser().parseFrom(bytes, offset, length);
                    yield new Ended(id(pb.getSession()), pb.getCode());
                }
                case 5 -> {
                    JournalSettledPb pb =
                            JournalSettledPb.parser().parseFrom(bytes, offset, length);
                    yield new Settled(
                            id(pb.getSession()),
                            pb.getRequester(),
                            ProtobufBytes.fromProtobuf(pb.getIdempotencyKey()),
                            ProtobufBytes.fromProtobuf(pb.getContent()),
                            Instant.ofEpochMilli(pb.getKeyFreeMillis()),
                            ProtobufBytes.fromProtobuf(pb.getOutcome()));
                }
                case 6 ->
                        new ConflictAllowed(
                                id(
                                        JournalConflictPb.parser()
                                                .parseFrom(bytes, offset, length)
                                                .getSession()));
                case 7 ->
                        new Started(
                                ProtobufBytes.fromProtobuf(
                                        JournalStartedPb.parser()
                                                .parseFrom(bytes, offset, length)
                                                .getBoot()));
                case 8 -> {
                    JournalRefusedPb pb =
                            JournalRefusedPb.parser().parseFrom(bytes, offset, length);
                    yield new Refused(ProtobufBytes.fromProtobuf(pb.getStatement()));
                }
                case 9 -> {
                    JournalAgreedPb pb = JournalAgreedPb.parser().parseFrom(bytes, offset, length);
                    yield new Agreed(
                            pb.getSigner(),
                            ProtobufBytes.fromProtobuf(pb.getTerms()),
                            ProtobufBytes.fromProtobuf(pb.getSignature()));
                }
                case 10 -> heads(JournalHeadsPb.parser().parseFrom(bytes, offset, length));
                case 11 ->
                        new SnapshotEnd(
                                JournalSnapshotEndPb.parser()
                                        .parseFrom(bytes, offset, length)
                                        .getEntries());
                case 12 ->
                        new Recovering(
                                JournalRecoveringPb.parser()
                                        .parseFrom(bytes, offset, length)
                                        .getEarlierUnknown());
                case 13 -> consent(JournalConsentPb.parser().parseFrom(bytes, offset, length));
                case 14 ->
                        new HandedOver(
                                JournalHandedOverPb.parser()
                                        .parseFrom(bytes, offset, length)
                                        .getSigner());
                case 15 -> {
                    JournalRecoveredPb.parser().parseFrom(bytes, offset, length);
                    yield new Recovered();
                }
                default ->
                        throw new JournalException(
                                JournalException.Code.CORRUPT,
                                "the journal has an entry of unknown type " + type);
            };
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new JournalException(
                    JournalException.Code.CORRUPT,
                    "a journal entry does not decode: " + e.getMessage());
        }
    }

    private static JournalReadyPb encode(Ready ready) {
        JournalReadyPb.Builder pb =
                JournalReadyPb.newBuilder()
                        .setSession(ProtobufBytes.toProtobuf(ready.session.bytes()))
                        .setAttempt(ready.attempt)
                        .setRestarts(ready.restarts)
                        .setRequest(ProtobufBytes.toProtobuf(ready.requestEnvelope))
                        .setExpiresMillis(ready.expiresMillis);
        if (!ready.hold.isNone()) {
            List<Bytes> resources = ready.hold.resources().stream().sorted().toList();
            pb.setHold(
                    HoldPb.newBuilder()
                            .addAllResources(ProtobufBytes.listToProtobuf(resources))
                            .setContent(ProtobufBytes.toProtobuf(ready.hold.content()))
                            .setDistinct(ready.hold.distinct()));
        }
        return pb.build();
    }

    private static JournalSettledPb encode(Settled settled) {
        return JournalSettledPb.newBuilder()
                .setSession(ProtobufBytes.toProtobuf(settled.session.bytes()))
                .setRequester(settled.requester)
                .setIdempotencyKey(ProtobufBytes.toProtobuf(settled.idempotencyKey))
                .setContent(ProtobufBytes.toProtobuf(settled.content))
                .setKeyFreeMillis(settled.keyFreeAt.toEpochMilli())
                .setOutcome(ProtobufBytes.toProtobuf(settled.outcome))
                .build();
    }

    private static JournalHeadsPb encode(Heads heads) {
        JournalHeadsPb.Builder pb =
                JournalHeadsPb.newBuilder()
                        .setCount(heads.count)
                        .setHashes(ProtobufBytes.toProtobuf(heads.hashes))
                        .setAgreedMillis(heads.agreedMillis);
        for (ForgottenTimes.Range range : heads.forgotten) {
            pb.addForgotten(
                    JournalTimesPb.newBuilder()
                            .setFirstMillis(range.first())
                            .setLastMillis(range.last()));
        }
        return pb.build();
    }

    private static Heads heads(JournalHeadsPb pb) {
        List<ForgottenTimes.Range> forgotten = new ArrayList<>();
        if (pb.getForgottenUntilMillis() > 0) {
            forgotten.add(new ForgottenTimes.Range(0, pb.getForgottenUntilMillis()));
        }
        for (JournalTimesPb times : pb.getForgottenList()) {
            forgotten.add(new ForgottenTimes.Range(times.getFirstMillis(), times.getLastMillis()));
        }
        return new Heads(
                pb.getCount(),
                ProtobufBytes.fromProtobuf(pb.getHashes()),
                forgotten,
                pb.getAgreedMillis());
    }

    private static JournalConsentPb encode(Consent consent) {
        JournalConsentPb.Builder pb =
                JournalConsentPb.newBuilder()
                        .setSigner(consent.signer)
                        .setMember(consent.member)
                        .setJournal(ProtobufBytes.toProtobuf(consent.journal))
                        .setRecovering(consent.recovering)
                        .addAllReplaced(ProtobufBytes.listToProtobuf(consent.replaced))
                        .setSignature(ProtobufBytes.toProtobuf(consent.signature));
        consent.oldHead.ifPresent(head -> pb.setOldHead(JournalHeadCodec.encode(head)));
        return pb.build();
    }

    private static Consent consent(JournalConsentPb pb) {
        return new Consent(
                pb.getSigner(),
                pb.getMember(),
                ProtobufBytes.fromProtobuf(pb.getJournal()),
                pb.hasOldHead()
                        ? Optional.of(JournalHeadCodec.decode(pb.getOldHead()))
                        : Optional.empty(),
                pb.getRecovering(),
                ProtobufBytes.listFromProtobuf(pb.getReplacedList()),
                ProtobufBytes.fromProtobuf(pb.getSignature()));
    }

    private static JournalSignPb encode(Sign sign) {
        return JournalSignPb.newBuilder()
                .setSession(ProtobufBytes.toProtobuf(sign.session.bytes()))
                .setAttempt(sign.attempt)
                .addAllMessages(ProtobufBytes.listToProtobuf(sign.messages))
                .addAllNonces(ProtobufBytes.listToProtobuf(sign.nonceEnvelopes))
                .addAllAggregateNonces(ProtobufBytes.listToProtobuf(sign.aggregateNonces))
                .setNonceSetHash(ProtobufBytes.toProtobuf(sign.nonceSetHash))
                .setOwnPartials(ProtobufBytes.toProtobuf(sign.ownPartials))
                .build();
    }

    private static Sign sign(JournalSignPb pb) {
        return new Sign(
                id(pb.getSession()),
                pb.getAttempt(),
                ProtobufBytes.listFromProtobuf(pb.getMessagesList()),
                ProtobufBytes.listFromProtobuf(pb.getNoncesList()),
                ProtobufBytes.listFromProtobuf(pb.getAggregateNoncesList()),
                ProtobufBytes.fromProtobuf(pb.getNonceSetHash()),
                ProtobufBytes.fromProtobuf(pb.getOwnPartials()));
    }

    private static SessionId id(ByteString bytes) {
        return new SessionId(ProtobufBytes.fromProtobuf(bytes));
    }
}
