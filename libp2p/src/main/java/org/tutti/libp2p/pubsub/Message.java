package org.tutti.libp2p.pubsub;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.libp2p.multiformats.Varint;
import org.tutti.libp2p.pubsub.PubsubFormatException.Code;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// One message of a topic (libp2p/specs pubsub/README.md, "The Message"). Immutable; equal by its
/// bytes.
///
/// It is kept as the bytes that go to the next peer, once, whoever it goes to: the four fields that
/// are signed, then signature and key. What fields came beside them is dropped, as rust does.
public final class Message {
    /// "Message Signing": what is signed begins with this.
    private static final byte[] SIGN_PREFIX = "libp2p-pubsub:".getBytes(StandardCharsets.US_ASCII);

    private static final int FROM = tag(1);
    private static final int DATA = tag(2);
    private static final int SEQNO = tag(3);
    private static final int TOPIC = tag(4);
    private static final int SIGNATURE = tag(5);
    private static final int KEY = tag(6);

    /// What an object of this class takes beside `encoded`, roughly.
    private static final int OVERHEAD = 200;

    private final Bytes encoded;

    /// Of `encoded`, what the signature is over.
    private final int signedLength;

    private final int dataOffset;
    private final int dataLength;
    private final String topic;
    private final @Nullable Bytes from;
    private final @Nullable Bytes seqno;
    private final @Nullable Bytes signature;
    private final @Nullable Bytes key;

    /// The fields, and where they come from.
    private Message(
            @Nullable Bytes from,
            byte[] source,
            int dataStart,
            int dataLength,
            @Nullable Bytes seqno,
            String topic,
            @Nullable Bytes signature,
            @Nullable Bytes key) {
        byte[] topicBytes = topic.getBytes(StandardCharsets.UTF_8);
        boolean hasData = dataStart >= 0;
        int size =
                size(from)
                        + (hasData ? size(dataLength) : 0)
                        + size(seqno)
                        + size(topicBytes.length)
                        + size(signature)
                        + size(key);
        byte[] out = new byte[size];
        int at = put(FROM, from, out, 0);
        if (hasData) {
            at = head(DATA, dataLength, out, at);
            System.arraycopy(source, dataStart, out, at, dataLength);
        }
        this.dataOffset = at;
        this.dataLength = dataLength;
        at += dataLength;
        at = put(SEQNO, seqno, out, at);
        at = head(TOPIC, topicBytes.length, out, at);
        System.arraycopy(topicBytes, 0, out, at, topicBytes.length);
        at += topicBytes.length;
        this.signedLength = at;
        at = put(SIGNATURE, signature, out, at);
        put(KEY, key, out, at);
        this.encoded = Bytes.wrap(out);
        this.topic = topic;
        this.from = from;
        this.seqno = seqno;
        this.signature = signature;
        this.key = key;
    }

    private static int tag(int field) {
        return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    private static int size(@Nullable Bytes value) {
        return value == null ? 0 : size(value.length());
    }

    private static int size(int length) {
        return 1 + Varint.size(length) + length;
    }

    private static int head(int tag, int length, byte[] out, int at) {
        out[at] = (byte) tag;
        return Varint.put(length, out, at + 1);
    }

    private static int put(int tag, @Nullable Bytes value, byte[] out, int at) {
        if (value == null) {
            return at;
        }
        int start = head(tag, value.length(), out, at);
        value.copyTo(out, start);
        return start + value.length();
    }

    /// Without author and signature, as `STRICT_NO_SIGN` wants it.
    ///
    /// @throws IllegalArgumentException if `topic` is not the name of one
    public static Message anonymous(String topic, Bytes data) {
        byte[] content = data.toArray();
        return new Message(
                null, content, 0, content.length, null, Topic.require(topic), null, null);
    }

    /// With an author and without a signature.
    ///
    /// @param sequenceNumber unsigned
    /// @throws IllegalArgumentException if `topic` is not the name of one
    public static Message unsigned(PeerId from, long sequenceNumber, String topic, Bytes data) {
        byte[] content = data.toArray();
        return new Message(
                from.multihash(),
                content,
                0,
                content.length,
                seqnoOf(sequenceNumber),
                Topic.require(topic),
                null,
                null);
    }

    /// Signed by its author, as `STRICT_SIGN` wants it. The key goes along where the author's id is
    /// too short to carry it ("Message Signing": "When the key can be extracted from the peer ID …
    /// the key field may be omitted").
    ///
    /// @param sequenceNumber unsigned; no two messages of one author have the same
    /// @throws IllegalArgumentException if `topic` is not the name of one
    public static Message signed(PrivateKey author, long sequenceNumber, String topic, Bytes data) {
        PublicKey publicKey = author.publicKey();
        PeerId id = publicKey.peerId();
        Message bare = unsigned(id, sequenceNumber, topic, data);
        byte[] encoded = bare.encoded.toArray();
        return new Message(
                bare.from,
                encoded,
                bare.dataOffset,
                bare.dataLength,
                bare.seqno,
                topic,
                Bytes.wrap(author.sign(bare.signedBytes())),
                id.inlineKey().isPresent() ? null : publicKey.toProtobuf());
    }

    private static Bytes seqnoOf(long sequenceNumber) {
        return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(sequenceNumber).array());
    }

    /// Reads one message of an RPC. Whether its fields are those that a policy wants is not looked
    /// at here.
    ///
    /// @throws PubsubFormatException if the bytes are none, or its topic is no name of one
    public static Message decode(byte[] source, int offset, int length)
            throws PubsubFormatException {
        Bytes from = null;
        Bytes seqno = null;
        Bytes signature = null;
        Bytes key = null;
        String topic = null;
        int dataStart = -1;
        int dataLength = 0;
        try {
            CodedInputStream in = CodedInputStream.newInstance(source, offset, length);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                // Of a field that comes twice the last counts, as protobuf has it.
                if (tag == DATA) {
                    dataLength = in.readRawVarint32();
                    dataStart = offset + in.getTotalBytesRead();
                    in.skipRawBytes(dataLength);
                } else if (tag == FROM) {
                    from = Bytes.wrap(in.readByteArray());
                } else if (tag == SEQNO) {
                    seqno = Bytes.wrap(in.readByteArray());
                } else if (tag == TOPIC) {
                    topic = text(in.readByteArray());
                } else if (tag == SIGNATURE) {
                    signature = Bytes.wrap(in.readByteArray());
                } else if (tag == KEY) {
                    key = Bytes.wrap(in.readByteArray());
                } else if (!in.skipField(tag)) {
                    throw new PubsubFormatException(Code.MALFORMED, "a group ends in a message");
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new PubsubFormatException(Code.MALFORMED, "not a message");
        } catch (PubsubFormatException e) {
            throw e;
        } catch (IOException e) {
            throw new PubsubFormatException(Code.MALFORMED, "a message is cut short");
        }
        if (topic == null) {
            throw new PubsubFormatException(Code.MALFORMED, "a message without a topic");
        }
        return new Message(from, source, dataStart, dataLength, seqno, topic, signature, key);
    }

    /// The name of a topic as it is on the wire.
    ///
    /// @throws PubsubFormatException if it is not UTF-8, empty, or longer than names may be
    public static String text(byte[] name) throws PubsubFormatException {
        if (name.length == 0 || name.length > Topic.MAX_BYTES) {
            throw new PubsubFormatException(
                    Code.TOO_LONG, "the name of a topic has " + name.length + " bytes");
        }
        try {
            // Strictly: a name that is changed by reading it would be another topic.
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
        } catch (CharacterCodingException e) {
            throw new PubsubFormatException(Code.MALFORMED, "the name of a topic is not UTF-8");
        }
    }

    /// The name of its topic.
    public String topic() {
        return topic;
    }

    /// A copy of the content.
    public Bytes data() {
        return encoded.slice(dataOffset, dataOffset + dataLength);
    }

    /// How many bytes `data` has.
    public int dataLength() {
        return dataLength;
    }

    /// The author, if the message names one and it is a peer id.
    public Optional<PeerId> from() {
        if (from == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new PeerId(from));
        } catch (MultiformatException e) {
            return Optional.empty();
        }
    }

    /// The field `from` as it came; no bytes where it is absent.
    public Bytes fromBytes() {
        return from == null ? Bytes.EMPTY : from;
    }

    /// The field `seqno`: 8 bytes, big-endian, where the author keeps to the spec; no bytes where
    /// it is absent.
    public Bytes sequenceNumber() {
        return seqno == null ? Bytes.EMPTY : seqno;
    }

    /// The field `signature`, if it is there.
    public Optional<Bytes> signature() {
        return Optional.ofNullable(signature);
    }

    /// The field `key`, if it is there: an encoded public key.
    public Optional<Bytes> key() {
        return Optional.ofNullable(key);
    }

    /// Whether the field `from` is there.
    public boolean hasFrom() {
        return from != null;
    }

    /// Whether the field `seqno` is there.
    public boolean hasSequenceNumber() {
        return seqno != null;
    }

    /// What goes over the wire: a `Message` in protobuf, without its length.
    public Bytes encoded() {
        return encoded;
    }

    /// How much memory it takes, in bytes.
    public int memory() {
        return encoded.length() + OVERHEAD + 2 * topic.length() + fields();
    }

    private int fields() {
        return fromBytes().length()
                + sequenceNumber().length()
                + (signature == null ? 0 : signature.length())
                + (key == null ? 0 : key.length());
    }

    /// The key that its author signs with: the one that the author's id carries, or the field `key`
    /// ("Message Signing": "the key field … must match the peer ID").
    ///
    /// @throws KeyFormatException if there is none, or it is not the author's
    public PublicKey authorKey() throws KeyFormatException {
        PeerId author =
                from().orElseThrow(() ->
                        new KeyFormatException(KeyFormatException.Code.INVALID, "no author"));
        if (key == null) {
            return author.inlineKey()
                    .orElseThrow(() ->
                            new KeyFormatException(
                                    KeyFormatException.Code.INVALID, "no key of the author"));
        }
        PublicKey named = PublicKey.fromProtobuf(key.toArray());
        if (!author.matches(named)) {
            throw new KeyFormatException(
                    KeyFormatException.Code.INVALID, "the key is not the author's");
        }
        return named;
    }

    /// Whether the signature is this key's. The key is for the caller to check: see `authorKey`.
    public boolean isSignedBy(PublicKey author) {
        return signature != null && author.verify(signedBytes(), signature.toArray());
    }

    /// "Message Signing": the prefix, and the message without signature and key.
    private byte[] signedBytes() {
        byte[] out = Arrays.copyOf(SIGN_PREFIX, SIGN_PREFIX.length + signedLength);
        encoded.slice(0, signedLength).copyTo(out, SIGN_PREFIX.length);
        return out;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Message message && encoded.equals(message.encoded);
    }

    @Override
    public int hashCode() {
        return encoded.hashCode();
    }

    @Override
    public String toString() {
        return dataLength + " bytes on " + topic;
    }
}
