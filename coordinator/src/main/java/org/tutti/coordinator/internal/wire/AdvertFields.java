package org.tutti.coordinator.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.AdvertTerms;
import org.tutti.coordinator.message.AmountRange;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.Retirement;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.coordinator.message.Vouch;
import org.tutti.coordinator.pb.AdvertPb;
import org.tutti.coordinator.pb.RetirePb;
import org.tutti.coordinator.pb.VouchPb;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The fields of adverts and retirements.
final class AdvertFields {
    private AdvertFields() {}

    static AdvertPb.Builder encode(AdvertTerms terms, List<Vouch> vouches) {
        AdvertPb.Builder pb =
                AdvertPb.newBuilder()
                        .setCustomType(terms.customType())
                        .setMinAmount(terms.amounts().min())
                        .setMaxAmount(terms.amounts().max())
                        .setPurpose(terms.purpose())
                        .setNickname(terms.nickname())
                        .setDescription(terms.description())
                        .setFee(terms.fee().base())
                        .setFeePpm(terms.fee().perMillion())
                        .setResponseSeconds((int) terms.responseTime().toSeconds())
                        .setMinReputation(terms.demands().minReputation())
                        .setVerifiedOnly(terms.demands().verifiedOnly());
        terms.types().forEach(type -> pb.addTypes(encode(type)));
        for (Vouch vouch : vouches) {
            pb.addVouches(
                    VouchPb.newBuilder()
                            .setKey(ProtobufBytes.toProtobuf(vouch.key().bytes()))
                            .setNotAfter(vouch.notAfter().toEpochMilli())
                            .setSignature(ProtobufBytes.toProtobuf(vouch.signature())));
        }
        return pb;
    }

    static Advert advert(Statement.Header header, AdvertPb pb, Bytes envelope)
            throws MessageException, KeyException {
        return new Advert(
                header,
                StatementReader.inboxKey(pb.getInboxKey()),
                StatementReader.addresses(pb.getAddressesList()),
                terms(pb),
                vouches(pb.getVouchesList()),
                envelope);
    }

    private static AdvertTerms terms(AdvertPb pb) throws MessageException {
        // Ranges and order are the records' to refuse: the reader makes MALFORMED of that.
        if (pb.getResponseSeconds() < 0) {
            throw StatementReader.malformed("a number out of range");
        }
        return new AdvertTerms(
                types(pb.getTypesList()),
                text(pb.getCustomType(), AdvertTerms.MAX_CUSTOM_TYPE, "custom type"),
                new AmountRange(pb.getMinAmount(), pb.getMaxAmount()),
                text(pb.getPurpose(), AdvertTerms.MAX_PURPOSE, "purpose"),
                text(pb.getNickname(), AdvertTerms.MAX_NICKNAME, "nickname"),
                text(pb.getDescription(), AdvertTerms.MAX_DESCRIPTION, "description"),
                new AdvertTerms.Fee(pb.getFee(), pb.getFeePpm()),
                Duration.ofSeconds(pb.getResponseSeconds()),
                new AdvertTerms.Demands(pb.getMinReputation(), pb.getVerifiedOnly()));
    }

    private static String text(String text, int max, String what) throws MessageException {
        return StatementReader.text(text, max, what);
    }

    static List<TransactionType> types(List<AdvertPb.Type> list) throws MessageException {
        if (list.size() > TransactionType.values().length) {
            throw StatementReader.limit(list.size() + " types");
        }
        List<TransactionType> types = new ArrayList<>();
        for (AdvertPb.Type type : list) {
            types.add(decode(type));
        }
        return types;
    }

    private static List<Vouch> vouches(List<VouchPb> list) throws MessageException, KeyException {
        if (list.size() > Vouch.MAX) {
            throw StatementReader.limit(list.size() + " vouches");
        }
        List<Vouch> vouches = new ArrayList<>();
        Set<Bytes> seen = new HashSet<>();
        for (VouchPb pb : list) {
            PublicKey key = PublicKey.parse(ProtobufBytes.fromProtobuf(pb.getKey()));
            if (!seen.add(key.xOnly().bytes()) || StatementReader.badTime(pb.getNotAfter())) {
                throw StatementReader.malformed("a vouch that is there twice, or without a time");
            }
            vouches.add(
                    new Vouch(
                            key,
                            Instant.ofEpochMilli(pb.getNotAfter()),
                            ProtobufBytes.fromProtobuf(pb.getSignature())));
        }
        return vouches;
    }

    /// A tombstone counts exactly as long as what it takes back could: no longer, or a key could
    /// have strangers remember it for ever; and no shorter, or an advert came back.
    static Retirement retirement(Statement.Header header, RetirePb pb, Bytes envelope)
            throws MessageException {
        long sequence = pb.getAdvertSequence();
        if (StatementReader.badTime(sequence)
                || sequence > header.sequence()
                || !header.notAfter().equals(end(sequence))) {
            throw StatementReader.malformed("a retirement of other adverts than it counts for");
        }
        return new Retirement(header, sequence, envelope);
    }

    static Instant end(long advertSequence) {
        return Instant.ofEpochMilli(advertSequence).plus(Advert.MAX_LIFETIME);
    }

    static AdvertPb.Type encode(TransactionType type) {
        return switch (type) {
            case SPEND -> AdvertPb.Type.TYPE_SPEND;
            case SWAP -> AdvertPb.Type.TYPE_SWAP;
            case COINJOIN -> AdvertPb.Type.TYPE_COINJOIN;
            case CUSTODY -> AdvertPb.Type.TYPE_CUSTODY;
            case ESCROW -> AdvertPb.Type.TYPE_ESCROW;
            case CHANNEL -> AdvertPb.Type.TYPE_CHANNEL;
            case CUSTOM -> AdvertPb.Type.TYPE_CUSTOM;
        };
    }

    private static TransactionType decode(AdvertPb.Type type) throws MessageException {
        return switch (type) {
            case TYPE_SPEND -> TransactionType.SPEND;
            case TYPE_SWAP -> TransactionType.SWAP;
            case TYPE_COINJOIN -> TransactionType.COINJOIN;
            case TYPE_CUSTODY -> TransactionType.CUSTODY;
            case TYPE_ESCROW -> TransactionType.ESCROW;
            case TYPE_CHANNEL -> TransactionType.CHANNEL;
            case TYPE_CUSTOM -> TransactionType.CUSTOM;
            case TYPE_UNSPECIFIED, UNRECOGNIZED ->
                    throw StatementReader.malformed("an unknown type of transaction");
        };
    }
}
