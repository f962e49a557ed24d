package org.tutti.libp2p.internal.pubsub;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.multiformats.Varint;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.MessageIdFunction;
import org.tutti.libp2p.pubsub.PubsubFormatException;
import org.tutti.libp2p.pubsub.PubsubFormatException.Code;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// RPCs as bytes (libp2p/specs pubsub/README.md, "The RPC"; pubsub/gossipsub, "Protobuf").
///
/// Written by hand because two bytes of an RPC can become a hundred in memory: each thing that is
/// read counts as it will lie there, and an RPC that would take more than `maxMemory` is refused
/// while it is read.
public final class RpcCodec {
    /// What an RPC may take in memory while it is handled, where its length is bounded already: a
    /// megabyte of ordinary messages takes less than three.
    public static final int MAX_MEMORY = 4 << 20;

    // What each thing takes beside its bytes, roughly.
    private static final int SUBSCRIPTION = 96;
    private static final int ID = 56;
    private static final int TOPIC = 64;
    private static final int PEER = 96;

    private final MessageIdFunction ids;
    private final int maxMemory;

    public RpcCodec(MessageIdFunction ids, int maxMemory) {
        this.ids = ids;
        this.maxMemory = maxMemory;
    }

    /// What was read of an RPC.
    ///
    /// @param withoutId messages for which there is no id: dropped here, and against their
    ///   forwarder
    public record Decoded(Rpc rpc, int withoutId) {}

    /// @throws PubsubFormatException if the bytes are no RPC, or would take too much memory
    public Decoded decode(byte[] bytes) throws PubsubFormatException {
        return new Reader().rpc(bytes);
    }

    /// The id of a message, if the function gives one that may be sent.
    public @Nullable Bytes idOf(Message message) {
        try {
            Bytes id = ids.id(message);
            return id.isEmpty() || id.length() > MessageIdFunction.MAX_BYTES ? null : id;
        } catch (RuntimeException e) {
            // A message that the function was not made for.
            return null;
        }
    }

    /// Reads one RPC.
    private final class Reader {
        private final List<SubscriptionChange> subscriptions = new ArrayList<>();
        private final List<IdentifiedMessage> messages = new ArrayList<>();
        private final List<Control.Ihave> ihaves = new ArrayList<>();
        private final List<Bytes> iwants = new ArrayList<>();
        private final List<String> grafts = new ArrayList<>();
        private final List<Control.Prune> prunes = new ArrayList<>();
        private final List<Bytes> idontwants = new ArrayList<>();
        private int withoutId;
        private long memory;

        private Decoded rpc(byte[] bytes) throws PubsubFormatException {
            try {
                CodedInputStream in = CodedInputStream.newInstance(bytes);
                for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                    switch (tag) {
                        case 0x0a -> within(in, this::subscription);
                        case 0x12 -> message(in, bytes);
                        case 0x1a -> within(in, this::control);
                        default -> skip(in, tag);
                    }
                }
            } catch (PubsubFormatException e) {
                throw e;
            } catch (InvalidProtocolBufferException e) {
                throw new PubsubFormatException(Code.MALFORMED, "not an RPC");
            } catch (IOException e) {
                throw new PubsubFormatException(Code.MALFORMED, "an RPC is cut short");
            }
            return new Decoded(
                    new Rpc(
                            List.copyOf(subscriptions),
                            List.copyOf(messages),
                            new Control(
                                    List.copyOf(ihaves),
                                    List.copyOf(iwants),
                                    List.copyOf(grafts),
                                    List.copyOf(prunes),
                                    List.copyOf(idontwants))),
                    withoutId);
        }

        private void take(long bytes) throws PubsubFormatException {
            memory += bytes;
            if (memory > maxMemory) {
                throw new PubsubFormatException(
                        Code.TOO_LARGE, "an RPC would take more than " + maxMemory + " bytes");
            }
        }

        private void message(CodedInputStream in, byte[] bytes) throws IOException {
            int length = in.readRawVarint32();
            int offset = in.getTotalBytesRead();
            in.skipRawBytes(length);
            Message message = Message.decode(bytes, offset, length);
            take(message.memory());
            Bytes id = idOf(message);
            if (id == null) {
                withoutId++;
            } else {
                take(ID + id.length());
                messages.add(new IdentifiedMessage(id, message));
            }
        }

        private void subscription(CodedInputStream in) throws IOException {
            boolean subscribe = false;
            String topic = null;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (tag) {
                    case 0x08 -> subscribe = in.readBool();
                    case 0x12 -> topic = topic(in);
                    default -> skip(in, tag);
                }
            }
            take(SUBSCRIPTION);
            if (topic != null) {
                subscriptions.add(new SubscriptionChange(subscribe, topic));
            }
        }

        private void control(CodedInputStream in) throws IOException {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (tag) {
                    case 0x0a -> within(in, this::ihave);
                    case 0x12 -> within(in, at -> ids(at, iwants));
                    case 0x1a -> within(in, this::graft);
                    case 0x22 -> within(in, this::prune);
                    case 0x2a -> within(in, at -> ids(at, idontwants));
                    default -> skip(in, tag);
                }
            }
        }

        private void ihave(CodedInputStream in) throws IOException {
            String topic = null;
            List<Bytes> advertised = new ArrayList<>();
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (tag) {
                    case 0x0a -> topic = topic(in);
                    case 0x12 -> advertised.add(id(in));
                    default -> skip(in, tag);
                }
            }
            take(TOPIC);
            if (topic != null) {
                ihaves.add(new Control.Ihave(topic, List.copyOf(advertised)));
            }
        }

        private void ids(CodedInputStream in, List<Bytes> all) throws IOException {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == 0x0a) {
                    all.add(id(in));
                } else {
                    skip(in, tag);
                }
            }
        }

        private void graft(CodedInputStream in) throws IOException {
            String topic = null;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == 0x0a) {
                    topic = topic(in);
                } else {
                    skip(in, tag);
                }
            }
            take(TOPIC);
            if (topic != null) {
                grafts.add(topic);
            }
        }

        private void prune(CodedInputStream in) throws IOException {
            String topic = null;
            long backoff = 0;
            List<Control.ExchangedPeer> peers = new ArrayList<>();
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (tag) {
                    case 0x0a -> topic = topic(in);
                    case 0x12 -> within(in, at -> exchanged(at, peers));
                    case 0x18 -> backoff = in.readUInt64();
                    default -> skip(in, tag);
                }
            }
            take(TOPIC);
            if (topic != null) {
                prunes.add(new Control.Prune(topic, List.copyOf(peers), backoff));
            }
        }

        private void exchanged(CodedInputStream in, List<Control.ExchangedPeer> peers)
                throws IOException {
            Bytes peer = Bytes.EMPTY;
            Bytes signedRecord = null;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (tag) {
                    case 0x0a -> peer = Bytes.wrap(in.readByteArray());
                    case 0x12 -> signedRecord = Bytes.wrap(in.readByteArray());
                    default -> skip(in, tag);
                }
            }
            take(PEER + peer.length() + (signedRecord == null ? 0 : signedRecord.length()));
            peers.add(new Control.ExchangedPeer(peer, signedRecord));
        }

        private String topic(CodedInputStream in) throws IOException {
            String topic = Message.text(in.readByteArray());
            take(2L * topic.length());
            return topic;
        }

        private Bytes id(CodedInputStream in) throws IOException {
            byte[] id = in.readByteArray();
            if (id.length > MessageIdFunction.MAX_BYTES) {
                throw new PubsubFormatException(
                        Code.TOO_LONG, "a message id of " + id.length + " bytes");
            }
            take(ID + id.length);
            return Bytes.wrap(id);
        }
    }

    /// Reads a message within a message.
    private interface Part {
        void read(CodedInputStream in) throws IOException;
    }

    private static void within(CodedInputStream in, Part part) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        part.read(in);
        in.checkLastTagWas(0);
        in.popLimit(outer);
    }

    private static void skip(CodedInputStream in, int tag) throws IOException {
        if (!in.skipField(tag)) {
            throw new PubsubFormatException(Code.MALFORMED, "a group ends where none began");
        }
    }

    // Writing.

    /// How many bytes the RPC takes with its length before it.
    public static int frameSize(Rpc rpc) {
        int size = bodySize(rpc);
        return Varint.size(size) + size;
    }

    private static int bodySize(Rpc rpc) {
        int size = 0;
        for (SubscriptionChange change : rpc.subscriptions()) {
            size += nested(subscriptionSize(change));
        }
        for (IdentifiedMessage message : rpc.messages()) {
            size += nested(message.message().encoded().length());
        }
        return rpc.control().isEmpty() ? size : size + nested(controlSize(rpc.control()));
    }

    /// Writes the RPC with its length before it, from `offset` on.
    ///
    /// @param target has room for `frameSize`
    /// @return the offset behind it
    public static int write(Rpc rpc, byte[] target, int offset) {
        int at = Varint.put(bodySize(rpc), target, offset);
        for (IdentifiedMessage message : rpc.messages()) {
            Bytes encoded = message.message().encoded();
            target[at++] = 0x12;
            at = Varint.put(encoded.length(), target, at);
            encoded.copyTo(target, at);
            at += encoded.length();
        }
        if (rpc.subscriptions().isEmpty() && rpc.control().isEmpty()) {
            return at;
        }
        CodedOutputStream out = CodedOutputStream.newInstance(target, at, target.length - at);
        try {
            for (SubscriptionChange change : rpc.subscriptions()) {
                out.writeUInt32NoTag(0x0a);
                out.writeUInt32NoTag(subscriptionSize(change));
                out.writeBool(1, change.subscribe());
                out.writeByteArray(2, utf8(change.topic()));
            }
            if (!rpc.control().isEmpty()) {
                out.writeUInt32NoTag(0x1a);
                out.writeUInt32NoTag(controlSize(rpc.control()));
                write(rpc.control(), out);
            }
            return at + out.getTotalBytesWritten();
        } catch (IOException e) {
            throw new IllegalStateException("an RPC is longer than it was measured", e);
        }
    }

    private static void write(Control control, CodedOutputStream out) throws IOException {
        for (Control.Ihave ihave : control.ihaves()) {
            out.writeUInt32NoTag(0x0a);
            out.writeUInt32NoTag(ihaveSize(ihave));
            out.writeByteArray(1, utf8(ihave.topic()));
            for (Bytes id : ihave.ids()) {
                out.writeByteArray(2, id.toArray());
            }
        }
        writeIds(control.iwants(), 0x12, out);
        for (String topic : control.grafts()) {
            byte[] name = utf8(topic);
            out.writeUInt32NoTag(0x1a);
            out.writeUInt32NoTag(nested(name.length));
            out.writeByteArray(1, name);
        }
        for (Control.Prune prune : control.prunes()) {
            out.writeUInt32NoTag(0x22);
            out.writeUInt32NoTag(pruneSize(prune));
            out.writeByteArray(1, utf8(prune.topic()));
            for (Control.ExchangedPeer peer : prune.peers()) {
                out.writeUInt32NoTag(0x12);
                out.writeUInt32NoTag(exchangedSize(peer));
                out.writeByteArray(1, peer.peerId().toArray());
                Bytes signedRecord = peer.signedRecord();
                if (signedRecord != null) {
                    out.writeByteArray(2, signedRecord.toArray());
                }
            }
            if (prune.backoffSeconds() != 0) {
                out.writeUInt64(3, prune.backoffSeconds());
            }
        }
        writeIds(control.idontwants(), 0x2a, out);
    }

    private static void writeIds(List<Bytes> all, int tag, CodedOutputStream out)
            throws IOException {
        if (!all.isEmpty()) {
            out.writeUInt32NoTag(tag);
            out.writeUInt32NoTag(idsSize(all));
            for (Bytes id : all) {
                out.writeByteArray(1, id.toArray());
            }
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// A field of one byte of tag, a length, and so many bytes.
    private static int nested(int length) {
        return 1 + Varint.size(length) + length;
    }

    private static int textSize(String text) {
        return nested(utf8(text).length);
    }

    private static int subscriptionSize(SubscriptionChange change) {
        return 2 + textSize(change.topic());
    }

    private static int idsSize(List<Bytes> all) {
        return all.stream().mapToInt(id -> nested(id.length())).sum();
    }

    private static int ihaveSize(Control.Ihave ihave) {
        return textSize(ihave.topic()) + idsSize(ihave.ids());
    }

    private static int exchangedSize(Control.ExchangedPeer peer) {
        Bytes signedRecord = peer.signedRecord();
        return nested(peer.peerId().length())
                + (signedRecord == null ? 0 : nested(signedRecord.length()));
    }

    private static int pruneSize(Control.Prune prune) {
        int size = textSize(prune.topic());
        for (Control.ExchangedPeer peer : prune.peers()) {
            size += nested(exchangedSize(peer));
        }
        long backoff = prune.backoffSeconds();
        return backoff == 0 ? size : size + CodedOutputStream.computeUInt64Size(3, backoff);
    }

    private static int controlSize(Control control) {
        int size = 0;
        for (Control.Ihave ihave : control.ihaves()) {
            size += nested(ihaveSize(ihave));
        }
        for (String topic : control.grafts()) {
            size += nested(textSize(topic));
        }
        for (Control.Prune prune : control.prunes()) {
            size += nested(pruneSize(prune));
        }
        size += control.iwants().isEmpty() ? 0 : nested(idsSize(control.iwants()));
        return size + (control.idontwants().isEmpty() ? 0 : nested(idsSize(control.idontwants())));
    }

    // What is longer than a peer takes.

    /// Cuts an RPC into several that take at most so many bytes each, as frames; a message that is
    /// longer alone stays whole. Those without messages come first, each list in its order.
    ///
    /// @param maxControl for subscriptions and control, at least 4 KiB
    /// @param maxFrame for messages
    public static List<Rpc> split(Rpc rpc, int maxControl, int maxFrame) {
        boolean isControl = rpc.messages().isEmpty();
        if (frameSize(rpc) <= (isControl ? maxControl : maxFrame)) {
            return List.of(rpc);
        }
        List<Rpc> parts = new ArrayList<>();
        splitSubscriptions(rpc.subscriptions(), maxControl, parts);
        splitControl(rpc.control(), maxControl, parts);
        List<IdentifiedMessage> some = new ArrayList<>();
        int size = 0;
        for (IdentifiedMessage message : rpc.messages()) {
            int next = nested(message.message().encoded().length());
            if (!some.isEmpty() && size + next > maxFrame - 5) {
                parts.add(new Rpc(List.of(), List.copyOf(some), Control.NONE));
                some.clear();
                size = 0;
            }
            some.add(message);
            size += next;
        }
        if (!some.isEmpty()) {
            parts.add(new Rpc(List.of(), List.copyOf(some), Control.NONE));
        }
        return parts;
    }

    private static void splitSubscriptions(List<SubscriptionChange> all, int max, List<Rpc> parts) {
        List<SubscriptionChange> some = new ArrayList<>();
        int size = 0;
        for (SubscriptionChange change : all) {
            int next = nested(subscriptionSize(change));
            if (size + next > max - 5) {
                parts.add(Rpc.subscriptions(List.copyOf(some)));
                some.clear();
                size = 0;
            }
            some.add(change);
            size += next;
        }
        if (!some.isEmpty()) {
            parts.add(Rpc.subscriptions(List.copyOf(some)));
        }
    }

    private static void splitControl(Control control, int max, List<Rpc> parts) {
        // Grafts and prunes first, those of one topic in one RPC or another.
        List<String> grafts = new ArrayList<>();
        int size = 0;
        for (String topic : control.grafts()) {
            int next = nested(textSize(topic)) + 4;
            if (size + next > max - 16) {
                parts.add(Rpc.mesh(List.copyOf(grafts), List.of()));
                grafts.clear();
                size = 0;
            }
            grafts.add(topic);
            size += next;
        }
        if (!grafts.isEmpty()) {
            parts.add(Rpc.mesh(List.copyOf(grafts), List.of()));
        }
        for (Control.Prune prune : control.prunes()) {
            // A prune that is too long even alone goes without the peers that it names.
            Control.Prune shorter = prune;
            if (nested(nested(pruneSize(prune))) > max - 16) {
                shorter = new Control.Prune(prune.topic(), List.of(), prune.backoffSeconds());
            }
            parts.add(Rpc.mesh(List.of(), List.of(shorter)));
        }
        for (Control.Ihave ihave : control.ihaves()) {
            int room = max - 32 - textSize(ihave.topic());
            for (List<Bytes> ids : portions(ihave.ids(), room)) {
                parts.add(Rpc.ihave(List.of(new Control.Ihave(ihave.topic(), ids))));
            }
        }
        portions(control.iwants(), max - 32).forEach(ids -> parts.add(Rpc.iwant(ids)));
        portions(control.idontwants(), max - 32).forEach(ids -> parts.add(Rpc.idontwant(ids)));
    }

    private static List<List<Bytes>> portions(List<Bytes> ids, int max) {
        List<List<Bytes>> portions = new ArrayList<>();
        List<Bytes> some = new ArrayList<>();
        int size = 0;
        for (Bytes id : ids) {
            int next = nested(id.length());
            if (size + next > max) {
                portions.add(List.copyOf(some));
                some.clear();
                size = 0;
            }
            some.add(id);
            size += next;
        }
        if (!some.isEmpty()) {
            portions.add(List.copyOf(some));
        }
        return portions;
    }
}
