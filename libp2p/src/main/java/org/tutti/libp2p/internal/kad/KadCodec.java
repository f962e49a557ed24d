package org.tutti.libp2p.internal.kad;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.libp2p.multiformats.Varint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The bytes of messages, without the length before them (kad-dht, RPC messages: one protobuf
/// message `Message` for requests and responses).
///
/// Read and written field by field, and not by generated classes: a message of 128 KiB can hold
/// 60,000 empty peers, which would be objects before anybody counts them.
public final class KadCodec {
    /// The longest message that is read. go sends what it has, js and rust at most 16 KiB.
    public static final int MAX_MESSAGE = 128 * 1024;

    /// The longest message that is written: rust reads no more.
    public static final int MAX_WRITTEN = 16 * 1024;

    /// The most peers in one list that is read: four times what any answer has. Longer lists are
    /// malformed.
    public static final int MAX_PEERS = 80;

    /// Addresses of one peer that are looked at. The rest is skipped.
    static final int MAX_READ_ADDRESSES = 32;

    /// Addresses of one peer that are written.
    private static final int MAX_WRITTEN_ADDRESSES = 8;

    /// The longest address that is looked at: no transport's is longer.
    private static final int MAX_ADDRESS = 256;

    private static final int PUT_VALUE = 0;
    private static final int GET_VALUE = 1;
    private static final int ADD_PROVIDER = 2;
    private static final int GET_PROVIDERS = 3;
    private static final int FIND_NODE = 4;
    private static final int PING = 5;

    // Field numbers of Message.
    private static final int TYPE = 1;
    private static final int KEY = 2;
    private static final int RECORD = 3;
    private static final int CLOSER = 8;
    private static final int PROVIDERS = 9;

    // Of Record, whose 3 and 4 were author and signature once, and 666 and 777 are rust's.
    private static final int RECORD_KEY = 1;
    private static final int RECORD_VALUE = 2;
    private static final int RECORD_RECEIVED = 5;

    // Of Peer, whose 3 says how far the sender is connected to it, which nobody uses.
    private static final int PEER_ID = 1;
    private static final int PEER_ADDRESS = 2;

    private KadCodec() {}

    /// What any message holds; which of it counts depends on the type.
    private static final class Fields {
        // proto3 leaves out a field of value 0, which is PUT_VALUE.
        private int type = PUT_VALUE;
        private Bytes key = Bytes.EMPTY;
        private @Nullable Value record;
        private final List<Contact> closer = new ArrayList<>();
        private final List<Contact> providers = new ArrayList<>();
        private int closerCount;
        private int providerCount;
    }

    /// @throws KadFormatException if it is no request
    public static Request decodeRequest(byte[] message) throws KadFormatException {
        Fields fields = read(message);
        return switch (fields.type) {
            case PUT_VALUE -> new Request.PutValue(recordOfKey(fields));
            case GET_VALUE -> new Request.GetValue(fields.key);
            case ADD_PROVIDER -> new Request.AddProvider(fields.key, fields.providers);
            case GET_PROVIDERS -> new Request.GetProviders(fields.key);
            case FIND_NODE -> new Request.FindNode(fields.key);
            case PING -> new Request.Ping(fields.key);
            default -> throw new KadFormatException("a message of type " + fields.type);
        };
    }

    private static Value recordOfKey(Fields fields) throws KadFormatException {
        Value record = fields.record;
        if (record == null) {
            throw new KadFormatException("a value without a record");
        }
        if (!record.key().equals(fields.key)) {
            throw new KadFormatException("a record of another key than its message's");
        }
        return record;
    }

    /// @param to what was asked
    /// @throws KadFormatException if it is no response to that
    public static Response decodeResponse(Request to, byte[] message) throws KadFormatException {
        Fields fields = read(message);
        if (fields.type != type(to)) {
            throw new KadFormatException(
                    "a response of type " + fields.type + " to a request of type " + type(to));
        }
        return switch (to) {
            case Request.FindNode _ -> new Response.Closer(fields.closer);
            case Request.GetValue _ ->
                    new Response.Found(Optional.ofNullable(fields.record), fields.closer);
            case Request.PutValue _ -> new Response.Stored(recordOfKey(fields));
            case Request.GetProviders _ -> new Response.Providers(fields.providers, fields.closer);
            case Request.Ping _ -> new Response.Pong();
            case Request.AddProvider _ ->
                    throw new KadFormatException("a response to a request that has none");
        };
    }

    private static int type(Request request) {
        return switch (request) {
            case Request.PutValue _ -> PUT_VALUE;
            case Request.GetValue _ -> GET_VALUE;
            case Request.AddProvider _ -> ADD_PROVIDER;
            case Request.GetProviders _ -> GET_PROVIDERS;
            case Request.FindNode _ -> FIND_NODE;
            case Request.Ping _ -> PING;
        };
    }

    private static Fields read(byte[] message) throws KadFormatException {
        if (message.length > MAX_MESSAGE) {
            throw new KadFormatException("a message of " + message.length + " bytes");
        }
        try {
            Fields fields = new Fields();
            CodedInputStream in = CodedInputStream.newInstance(message);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                readField(in, tag, fields);
            }
            return fields;
        } catch (KadFormatException e) {
            throw e;
        } catch (IOException e) {
            throw new KadFormatException("not a message: " + e.getMessage());
        }
    }

    private static void readField(CodedInputStream in, int tag, Fields fields) throws IOException {
        switch (WireFormat.getTagFieldNumber(tag)) {
            case TYPE -> {
                require(tag, WireFormat.WIRETYPE_VARINT);
                fields.type = in.readInt32();
            }
            case KEY -> {
                require(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                fields.key = Bytes.wrap(in.readByteArray());
            }
            case RECORD -> {
                int limit = enter(in, tag);
                fields.record = readRecord(in);
                leave(in, limit);
            }
            case CLOSER -> {
                fields.closerCount++;
                readPeer(in, tag, fields.closer, fields.closerCount);
            }
            case PROVIDERS -> {
                fields.providerCount++;
                readPeer(in, tag, fields.providers, fields.providerCount);
            }
            default -> skip(in, tag);
        }
    }

    private static void require(int tag, int wireType) throws KadFormatException {
        if (WireFormat.getTagWireType(tag) != wireType) {
            throw new KadFormatException(
                    "field " + WireFormat.getTagFieldNumber(tag) + " has another wire type");
        }
    }

    private static int enter(CodedInputStream in, int tag) throws IOException {
        require(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        return in.pushLimit(in.readRawVarint32());
    }

    private static void leave(CodedInputStream in, int limit) throws IOException {
        in.checkLastTagWas(0);
        in.popLimit(limit);
    }

    private static void skip(CodedInputStream in, int tag) throws IOException {
        // Groups nest, and are in no message of this protocol.
        if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_START_GROUP
                || !in.skipField(tag)) {
            throw new KadFormatException("a group");
        }
    }

    private static Value readRecord(CodedInputStream in) throws IOException {
        Bytes key = Bytes.EMPTY;
        Bytes value = Bytes.EMPTY;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case RECORD_KEY -> {
                    require(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    key = Bytes.wrap(in.readByteArray());
                }
                case RECORD_VALUE -> {
                    require(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    value = Bytes.wrap(in.readByteArray());
                }
                // When the sender received it is the sender's business.
                default -> skip(in, tag);
            }
        }
        return new Value(key, value, 0);
    }

    private static void readPeer(CodedInputStream in, int tag, List<Contact> into, int count)
            throws IOException {
        if (count > MAX_PEERS) {
            throw new KadFormatException("more than " + MAX_PEERS + " peers in one list");
        }
        int limit = enter(in, tag);
        @Nullable PeerId peer = null;
        List<Multiaddr> addresses = new ArrayList<>();
        int read = 0;
        for (int field = in.readTag(); field != 0; field = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(field)) {
                case PEER_ID -> {
                    require(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    peer = peer(in.readByteArray());
                }
                case PEER_ADDRESS -> {
                    require(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    read++;
                    if (read <= MAX_READ_ADDRESSES) {
                        address(in.readByteArray(), addresses);
                    } else {
                        skip(in, field);
                    }
                }
                default -> skip(in, field);
            }
        }
        leave(in, limit);
        if (peer != null) {
            into.add(Contact.of(peer, addresses));
        }
    }

    /// Others may know kinds of ids that we do not.
    private static @Nullable PeerId peer(byte[] id) {
        try {
            return PeerId.fromBytes(id);
        } catch (MultiformatException e) {
            return null;
        }
    }

    private static void address(byte[] bytes, List<Multiaddr> into) {
        if (bytes.length <= MAX_ADDRESS) {
            Multiaddr.tryFromBytes(bytes)
                    .map(Multiaddr::withoutPeerId)
                    .filter(a -> !a.isEmpty() && !into.contains(a))
                    .ifPresent(into::add);
        }
    }

    /// The message of a request.
    public static byte[] encode(Request request) {
        Writer out = new Writer(type(request), request.key());
        switch (request) {
            case Request.PutValue(Value value) -> out.record(value);
            case Request.AddProvider add -> out.peers(PROVIDERS, add.providers());
            case Request.FindNode _,
                    Request.GetValue _,
                    Request.GetProviders _,
                    Request.Ping _ -> {}
        }
        return out.toByteArray();
    }

    /// The message of a response. Peers that do not fit into `MAX_WRITTEN` are left out, the last
    /// first.
    ///
    /// @param to what was asked: go repeats the key, and so do we
    public static byte[] encode(Request to, Response response) {
        Writer out = new Writer(type(to), to.key());
        switch (response) {
            case Response.Found found -> found.value().ifPresent(out::record);
            case Response.Stored(Value value) -> out.record(value);
            case Response.Providers providers -> out.peers(PROVIDERS, providers.providers());
            case Response.Closer _, Response.Pong _ -> {}
        }
        out.peers(CLOSER, response.closer());
        return out.toByteArray();
    }

    /// Writes fields into memory, which does not fail.
    private static final class Writer {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);

        private Writer(int type, Bytes key) {
            // Written although it may be 0: older readers of proto2 demand it.
            append(tag(TYPE, WireFormat.WIRETYPE_VARINT));
            append(type);
            field(KEY, key.toArray());
        }

        private static int tag(int field, int wireType) {
            return field << 3 | wireType;
        }

        private void append(int varint) {
            byte[] encoded = new byte[CodedOutputStream.computeUInt32SizeNoTag(varint)];
            Varint.put(varint, encoded, 0);
            bytes.writeBytes(encoded);
        }

        private void field(int number, byte[] content) {
            append(tag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED));
            append(content.length);
            bytes.writeBytes(content);
        }

        private void record(Value value) {
            Writer record = new Writer();
            record.field(RECORD_KEY, value.key().toArray());
            record.field(RECORD_VALUE, value.value().toArray());
            // RFC 3339, as go writes it. js takes no record without it.
            record.field(
                    RECORD_RECEIVED,
                    Instant.ofEpochMilli(value.receivedMillis())
                            .toString()
                            .getBytes(StandardCharsets.US_ASCII));
            field(RECORD, record.toByteArray());
        }

        private Writer() {}

        private void peers(int number, List<Contact> contacts) {
            for (Contact contact : contacts) {
                Writer peer = new Writer();
                peer.field(PEER_ID, contact.peer().toBytes());
                List<Multiaddr> addresses = contact.addresses();
                int count = Math.min(addresses.size(), MAX_WRITTEN_ADDRESSES);
                for (int i = 0; i < count; i++) {
                    peer.field(PEER_ADDRESS, addresses.get(i).toBytes());
                }
                byte[] encoded = peer.toByteArray();
                if (bytes.size() + encoded.length + 4 > MAX_WRITTEN) {
                    return;
                }
                field(number, encoded);
            }
        }

        private byte[] toByteArray() {
            return bytes.toByteArray();
        }
    }
}
