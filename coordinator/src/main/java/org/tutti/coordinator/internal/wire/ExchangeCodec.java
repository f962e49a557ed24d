package org.tutti.coordinator.internal.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.inbox.SealedDelivery;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageException.Code;
import org.tutti.coordinator.message.MessageLimits;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.coordinator.message.ReceiptCode;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.coordinator.pb.AdvertsPb;
import org.tutti.coordinator.pb.AdvertsTakenPb;
import org.tutti.coordinator.pb.AnswerPb;
import org.tutti.coordinator.pb.DeliveriesPb;
import org.tutti.coordinator.pb.DeliveryPb;
import org.tutti.coordinator.pb.FetchPb;
import org.tutti.coordinator.pb.FindPb;
import org.tutti.coordinator.pb.FoundPb;
import org.tutti.coordinator.pb.GreetingPb;
import org.tutti.coordinator.pb.GroupPb;
import org.tutti.coordinator.pb.InboxPb;
import org.tutti.coordinator.pb.InboxQueryPb;
import org.tutti.coordinator.pb.QuestionPb;
import org.tutti.coordinator.pb.ReceiptPb;
import org.tutti.coordinator.pb.ReceiptsPb;
import org.tutti.coordinator.pb.SealedPb;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Questions and answers as protobuf. The streams bound their length; what is in them is bounded
/// here.
public final class ExchangeCodec {
    /// Most requests that a recipient says it knows.
    public static final int MAX_KNOWN = 256;

    /// Most requests that are delivered at once.
    public static final int MAX_DELIVERIES = 64;

    /// Most requests that an inbox gives at once.
    public static final int MAX_ENTRIES = 64;

    /// Most statements about one proposal: four of each who takes part, and what ended it.
    public static final int MAX_GROUP_STATEMENTS = 4 * Proposal.MAX_PARTICIPANTS + 2;

    /// Most adverts that go together.
    public static final int MAX_ADVERTS = 64;

    private ExchangeCodec() {}

    public static byte[] encode(Question question) {
        QuestionPb.Builder pb = QuestionPb.newBuilder();
        switch (question) {
            case Question.Greeting greeting -> pb.setGreeting(greeting(greeting));
            case Question.Deliveries(List<Question.Delivery> all) -> {
                DeliveriesPb.Builder deliveries = DeliveriesPb.newBuilder();
                all.forEach(one -> deliveries.addDeliveries(delivery(one)));
                pb.setDeliveries(deliveries);
            }
            case Question.Fetch(RequestId id) ->
                    pb.setFetch(
                            FetchPb.newBuilder()
                                    .setRequestId(ProtobufBytes.toProtobuf(id.bytes())));
            case Question.InboxQuery(PublicKey recipient, Set<RequestId> known) -> {
                InboxQueryPb.Builder query =
                        InboxQueryPb.newBuilder()
                                .setRecipient(ProtobufBytes.toProtobuf(recipient.bytes()));
                known.stream()
                        .limit(MAX_KNOWN)
                        .forEach(id -> query.addKnown(ProtobufBytes.toProtobuf(id.bytes())));
                pb.setInbox(query);
            }
            case Question.Group asked -> {
                GroupPb.Builder group =
                        GroupPb.newBuilder()
                                .setProposalId(ProtobufBytes.toProtobuf(asked.id().bytes()))
                                .addAllStatements(ProtobufBytes.listToProtobuf(asked.statements()));
                asked.proposal().ifPresent(p -> group.setProposal(ProtobufBytes.toProtobuf(p)));
                asked.previous().ifPresent(p -> group.setPrevious(ProtobufBytes.toProtobuf(p)));
                pb.setGroup(group);
            }
            case Question.Adverts(List<Bytes> envelopes) ->
                    pb.setAdverts(
                            AdvertsPb.newBuilder()
                                    .addAllEnvelopes(ProtobufBytes.listToProtobuf(envelopes)));
            case Question.Find(Set<TransactionType> types, Optional<PublicKey> after) -> {
                FindPb.Builder find = FindPb.newBuilder();
                types.stream().sorted().forEach(type -> find.addTypes(AdvertFields.encode(type)));
                after.ifPresent(key -> find.setAfter(ProtobufBytes.toProtobuf(key.bytes())));
                pb.setFind(find);
            }
        }
        return pb.build().toByteArray();
    }

    public static byte[] encode(Answer answer) {
        AnswerPb.Builder pb = AnswerPb.newBuilder();
        switch (answer) {
            case Question.Greeting greeting -> pb.setGreeting(greeting(greeting));
            case Question.Delivery delivery -> pb.setFetched(delivery(delivery));
            case Answer.Receipts(List<Answer.Receipt> all) -> {
                ReceiptsPb.Builder receipts = ReceiptsPb.newBuilder();
                all.forEach(receipt -> receipts.addReceipts(encode(receipt)));
                pb.setReceipts(receipts);
            }
            case Answer.Inbox(List<SealedDelivery> entries) -> {
                InboxPb.Builder inbox = InboxPb.newBuilder();
                for (SealedDelivery entry : entries) {
                    inbox.addEntries(
                            SealedPb.newBuilder()
                                    .setRequestId(ProtobufBytes.toProtobuf(entry.request().bytes()))
                                    .setEncapsulated(ProtobufBytes.toProtobuf(entry.encapsulated()))
                                    .setCiphertext(ProtobufBytes.toProtobuf(entry.ciphertext())));
                }
                pb.setInbox(inbox);
            }
            case Answer.Group(Answer.Receipt receipt) -> pb.setGroup(encode(receipt));
            case Answer.AdvertsTaken() -> pb.setAdverts(AdvertsTakenPb.getDefaultInstance());
            case Answer.Found(List<Bytes> envelopes, boolean more) ->
                    pb.setFound(
                            FoundPb.newBuilder()
                                    .addAllEnvelopes(ProtobufBytes.listToProtobuf(envelopes))
                                    .setMore(more));
        }
        return pb.build().toByteArray();
    }

    /// A delivery by itself, as it is encrypted.
    public static Bytes encodeDelivery(Question.Delivery delivery) {
        return Bytes.wrap(delivery(delivery).build().toByteArray());
    }

    /// @throws MessageException if it is none, or beyond a limit
    public static Question.Delivery decodeDelivery(Bytes bytes, MessageLimits limits)
            throws MessageException {
        try {
            return delivery(DeliveryPb.parseFrom(bytes.toArray()), limits);
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw malformed();
        }
    }

    /// @throws MessageException if it is none, or beyond a limit
    public static Question decodeQuestion(byte[] bytes, MessageLimits limits)
            throws MessageException {
        try {
            QuestionPb pb = QuestionPb.parseFrom(bytes);
            return switch (pb.getQuestionCase()) {
                case GREETING -> greeting(pb.getGreeting(), limits);
                case DELIVERIES -> deliveries(pb.getDeliveries(), limits);
                case FETCH -> new Question.Fetch(id(pb.getFetch().getRequestId()));
                case INBOX -> query(pb.getInbox());
                case GROUP -> group(pb.getGroup(), limits);
                case ADVERTS -> new Question.Adverts(adverts(pb.getAdverts().getEnvelopesList()));
                case FIND -> find(pb.getFind());
                case QUESTION_NOT_SET -> throw malformed();
            };
        } catch (InvalidProtocolBufferException | IllegalArgumentException | KeyException e) {
            throw malformed();
        }
    }

    /// @throws MessageException if it is none, or beyond a limit
    public static Answer decodeAnswer(byte[] bytes, MessageLimits limits) throws MessageException {
        try {
            AnswerPb pb = AnswerPb.parseFrom(bytes);
            return switch (pb.getAnswerCase()) {
                case GREETING -> greeting(pb.getGreeting(), limits);
                case RECEIPTS -> receipts(pb.getReceipts(), limits);
                case FETCHED -> delivery(pb.getFetched(), limits);
                case INBOX -> inbox(pb.getInbox());
                case GROUP ->
                        new Answer.Group(
                                new Answer.Receipt(
                                        decode(pb.getGroup().getCode()),
                                        statements(
                                                pb.getGroup().getStatementsList(),
                                                MAX_GROUP_STATEMENTS,
                                                limits)));
                case ADVERTS -> new Answer.AdvertsTaken();
                case FOUND ->
                        new Answer.Found(
                                adverts(pb.getFound().getEnvelopesList()), pb.getFound().getMore());
                case ANSWER_NOT_SET -> throw malformed();
            };
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw malformed();
        }
    }

    private static Question.Deliveries deliveries(DeliveriesPb pb, MessageLimits limits)
            throws MessageException {
        requireFew(pb.getDeliveriesCount());
        List<Question.Delivery> all = new ArrayList<>();
        for (DeliveryPb one : pb.getDeliveriesList()) {
            all.add(delivery(one, limits));
        }
        return new Question.Deliveries(all);
    }

    private static Answer.Receipts receipts(ReceiptsPb pb, MessageLimits limits)
            throws MessageException {
        requireFew(pb.getReceiptsCount());
        List<Answer.Receipt> all = new ArrayList<>();
        for (ReceiptPb one : pb.getReceiptsList()) {
            all.add(
                    new Answer.Receipt(
                            decode(one.getCode()),
                            requestStatements(one.getStatementsList(), limits)));
        }
        return new Answer.Receipts(all);
    }

    private static void requireFew(int count) throws MessageException {
        if (count < 1 || count > MAX_DELIVERIES) {
            throw new MessageException(Code.LIMIT, count + " deliveries");
        }
    }

    private static MessageException malformed() {
        return new MessageException(Code.MALFORMED, "not a message of this protocol");
    }

    private static GreetingPb.Builder greeting(Question.Greeting greeting) {
        GreetingPb.Builder pb = GreetingPb.newBuilder();
        greeting.contact().ifPresent(c -> pb.setContact(ProtobufBytes.toProtobuf(c)));
        return pb;
    }

    private static Question.Greeting greeting(GreetingPb pb, MessageLimits limits)
            throws MessageException {
        if (pb.getContact().size() > limits.statementBytes()) {
            throw new MessageException(Code.TOO_LARGE, "a contact that is too long");
        }
        return new Question.Greeting(
                pb.getContact().isEmpty()
                        ? Optional.empty()
                        : Optional.of(ProtobufBytes.fromProtobuf(pb.getContact())));
    }

    private static DeliveryPb.Builder delivery(Question.Delivery delivery) {
        DeliveryPb.Builder pb =
                DeliveryPb.newBuilder()
                        .setRequestId(ProtobufBytes.toProtobuf(delivery.id().bytes()))
                        .setPsbt(ProtobufBytes.toProtobuf(delivery.psbt()))
                        .addAllStatements(ProtobufBytes.listToProtobuf(delivery.statements()));
        delivery.request().ifPresent(r -> pb.setRequest(ProtobufBytes.toProtobuf(r)));
        return pb;
    }

    private static Question.Delivery delivery(DeliveryPb pb, MessageLimits limits)
            throws MessageException {
        if (pb.getRequest().size() > limits.requestBytes()
                || pb.getPsbt().size() > limits.psbtBytes()) {
            throw new MessageException(Code.TOO_LARGE, "a request that is too long");
        }
        return new Question.Delivery(
                id(pb.getRequestId()),
                pb.getRequest().isEmpty()
                        ? Optional.empty()
                        : Optional.of(ProtobufBytes.fromProtobuf(pb.getRequest())),
                ProtobufBytes.fromProtobuf(pb.getPsbt()),
                requestStatements(pb.getStatementsList(), limits));
    }

    private static Question.Group group(GroupPb pb, MessageLimits limits) throws MessageException {
        if (pb.getProposal().size() > Proposal.MAX_BYTES) {
            throw new MessageException(Code.TOO_LARGE, "a proposal that is too long");
        }
        if (pb.getPrevious().size() > GroupDescriptor.MAX_BYTES) {
            throw new MessageException(Code.TOO_LARGE, "a descriptor that is too long");
        }
        return new Question.Group(
                new ProposalId(ProtobufBytes.fromProtobuf(pb.getProposalId())),
                optional(pb.getProposal()),
                statements(pb.getStatementsList(), MAX_GROUP_STATEMENTS, limits),
                optional(pb.getPrevious()));
    }

    private static Optional<Bytes> optional(ByteString bytes) {
        return bytes.isEmpty() ? Optional.empty() : Optional.of(ProtobufBytes.fromProtobuf(bytes));
    }

    /// Each signer says one thing at a time and has a contact, and the requester says one more.
    private static List<Bytes> requestStatements(List<ByteString> list, MessageLimits limits)
            throws MessageException {
        return statements(list, 2 * limits.keys() + 1, limits);
    }

    private static List<Bytes> statements(List<ByteString> list, int max, MessageLimits limits)
            throws MessageException {
        if (list.size() > max) {
            throw new MessageException(Code.LIMIT, list.size() + " statements");
        }
        for (ByteString statement : list) {
            if (statement.size() > limits.statementBytes()) {
                throw new MessageException(
                        Code.TOO_LARGE, "a statement of " + statement.size() + " bytes");
            }
        }
        return ProtobufBytes.listFromProtobuf(list);
    }

    private static RequestId id(ByteString bytes) {
        return new RequestId(ProtobufBytes.fromProtobuf(bytes));
    }

    private static Question.InboxQuery query(InboxQueryPb pb)
            throws MessageException, KeyException {
        if (pb.getKnownCount() > MAX_KNOWN) {
            throw new MessageException(Code.LIMIT, pb.getKnownCount() + " known requests");
        }
        Set<RequestId> known = new HashSet<>();
        for (ByteString one : pb.getKnownList()) {
            known.add(id(one));
        }
        return new Question.InboxQuery(
                PublicKey.parse(ProtobufBytes.fromProtobuf(pb.getRecipient())), known);
    }

    private static Answer.Inbox inbox(InboxPb pb) throws MessageException {
        if (pb.getEntriesCount() > MAX_ENTRIES) {
            throw new MessageException(Code.LIMIT, pb.getEntriesCount() + " entries");
        }
        List<SealedDelivery> entries = new ArrayList<>();
        for (SealedPb entry : pb.getEntriesList()) {
            entries.add(
                    new SealedDelivery(
                            id(entry.getRequestId()),
                            ProtobufBytes.fromProtobuf(entry.getEncapsulated()),
                            ProtobufBytes.fromProtobuf(entry.getCiphertext())));
        }
        return new Answer.Inbox(entries);
    }

    private static ReceiptPb encode(Answer.Receipt receipt) {
        return ReceiptPb.newBuilder()
                .setCode(encode(receipt.code()))
                .addAllStatements(ProtobufBytes.listToProtobuf(receipt.statements()))
                .build();
    }

    private static List<Bytes> adverts(List<ByteString> envelopes) throws MessageException {
        if (envelopes.size() > MAX_ADVERTS) {
            throw new MessageException(Code.LIMIT, envelopes.size() + " adverts");
        }
        for (ByteString envelope : envelopes) {
            if (envelope.size() > Advert.MAX_BYTES) {
                throw new MessageException(
                        Code.TOO_LARGE, "an advert of " + envelope.size() + " bytes");
            }
        }
        return ProtobufBytes.listFromProtobuf(envelopes);
    }

    private static Question.Find find(FindPb pb) throws MessageException, KeyException {
        List<TransactionType> types = AdvertFields.types(pb.getTypesList());
        return new Question.Find(
                new HashSet<>(types),
                pb.getAfter().isEmpty()
                        ? Optional.empty()
                        : Optional.of(PublicKey.parse(ProtobufBytes.fromProtobuf(pb.getAfter()))));
    }

    private static ReceiptPb.Code encode(ReceiptCode code) {
        return switch (code) {
            case TAKEN -> ReceiptPb.Code.CODE_TAKEN;
            case UNKNOWN_REQUEST -> ReceiptPb.Code.CODE_UNKNOWN_REQUEST;
            case NOT_ASKED -> ReceiptPb.Code.CODE_NOT_ASKED;
            case BUSY -> ReceiptPb.Code.CODE_BUSY;
            case INVALID -> ReceiptPb.Code.CODE_INVALID;
            case OVER -> ReceiptPb.Code.CODE_OVER;
            case UNKNOWN_PREVIOUS -> ReceiptPb.Code.CODE_UNKNOWN_PREVIOUS;
        };
    }

    private static ReceiptCode decode(ReceiptPb.Code code) throws MessageException {
        return switch (code) {
            case CODE_TAKEN -> ReceiptCode.TAKEN;
            case CODE_UNKNOWN_REQUEST -> ReceiptCode.UNKNOWN_REQUEST;
            case CODE_NOT_ASKED -> ReceiptCode.NOT_ASKED;
            case CODE_BUSY -> ReceiptCode.BUSY;
            case CODE_INVALID -> ReceiptCode.INVALID;
            case CODE_OVER -> ReceiptCode.OVER;
            case CODE_UNKNOWN_PREVIOUS -> ReceiptCode.UNKNOWN_PREVIOUS;
            case CODE_UNSPECIFIED, UNRECOGNIZED ->
                    throw new MessageException(Code.MALFORMED, "an unknown receipt");
        };
    }
}
