package org.tutti.libp2p.internal.multistream;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.tutti.base.Bytes;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.multistream.NegotiationException;
import org.tutti.libp2p.multistream.NegotiationException.Code;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Optional;

/// The messages of multistream-select: a varint length, UTF-8 text, a newline, which the length
/// counts.
///
/// Holds what has arrived and has not been read as a message yet.
final class Messages {
    /// Both sides' first message.
    static final String HEADER = "/multistream/1.0.0";

    /// The answer to a proposal that is not available, and to `ls`, which go answers so too.
    static final String NOT_AVAILABLE = "na";

    /// The longest message that we accept, newline included: go's limit, far above any protocol id.
    static final int MAX_LENGTH = 1024;

    private static final int NEWLINE = '\n';

    private byte[] held = new byte[0];
    private boolean headerSeen;

    static byte[] encode(String... messages) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String message : messages) {
            out.writeBytes(Frames.encode((message + '\n').getBytes(UTF_8)));
        }
        return out.toByteArray();
    }

    /// Whether a protocol id can be sent at all.
    static String requireSendable(String protocol) {
        if (protocol.isEmpty()
                || protocol.indexOf('\n') >= 0
                || protocol.equals(NOT_AVAILABLE)
                || protocol.getBytes(UTF_8).length >= MAX_LENGTH) {
            throw new IllegalArgumentException("not a protocol id: " + protocol);
        }
        return protocol;
    }

    void add(byte[] bytes, int offset, int length) {
        int before = held.length;
        held = Arrays.copyOf(held, before + length);
        System.arraycopy(bytes, offset, held, before, length);
    }

    /// Takes the header, which has to be the first message, if all of it is here.
    ///
    /// @return whether it was taken just now
    boolean headerArrived() throws NegotiationException {
        if (headerSeen) {
            return false;
        }
        Optional<String> first = take();
        // "If either side receives anything other than the multistream protocol id as the first
        // message, they abort the negotiation process."
        if (first.isPresent() && !first.get().equals(HEADER)) {
            throw malformed("the first message is not the multistream header");
        }
        headerSeen = first.isPresent();
        return headerSeen;
    }

    /// Takes the next message behind the header, if all of it is here.
    Optional<String> next() throws NegotiationException {
        return headerSeen ? take() : Optional.empty();
    }

    private Optional<String> take() throws NegotiationException {
        if (held.length == 0) {
            return Optional.empty();
        }
        int prefix = held[0] < 0 ? 2 : 1;
        if (held.length < prefix) {
            return Optional.empty();
        }
        int length = prefix == 1 ? held[0] : (held[0] & 0x7f) | (held[1] << 7);
        // 1024 takes two bytes: a third byte, or a second one that is zero, is not allowed.
        boolean notMinimal = prefix == 2 && held[1] <= 0;
        if (notMinimal || length < 1 || length > MAX_LENGTH) {
            throw malformed("message with a length that is not allowed");
        }
        if (held.length < prefix + length) {
            return Optional.empty();
        }
        if (held[prefix + length - 1] != NEWLINE) {
            throw malformed("message without a newline");
        }
        String text = decode(ByteBuffer.wrap(held, prefix, length - 1));
        held = Arrays.copyOfRange(held, prefix + length, held.length);
        return Optional.of(text);
    }

    /// What has arrived behind the last message: the protocol's own bytes.
    Bytes rest() {
        return Bytes.of(held);
    }

    private static String decode(ByteBuffer text) throws NegotiationException {
        try {
            return UTF_8.newDecoder().decode(text).toString();
        } catch (CharacterCodingException e) {
            throw malformed("message that is not UTF-8");
        }
    }

    static NegotiationException malformed(String message) {
        return new NegotiationException(Code.MALFORMED, message);
    }
}
