package org.tutti.lightclient.wire;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.wire.WireException.Code;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Frames of protocol version 1: magic (4 bytes), command (12, ASCII padded with zeros), payload
/// length (4, little-endian), checksum (first 4 bytes of the payload's double SHA-256), payload.
///
/// Stateless but for the magic of its network; safe for use by many threads.
public final class FrameCodec {
    /// Bytes before the payload.
    public static final int HEADER_SIZE = 24;

    private static final int COMMAND_SIZE = 12;

    private static final int FIRST_CHUNK = 1 << 16;

    private static final Bytes HTTP = Bytes.wrap("HTTP".getBytes(StandardCharsets.US_ASCII));

    private final Bytes magic;

    /// @param magic the 4 bytes that every frame of the network starts with, as sent
    public FrameCodec(Bytes magic) {
        this.magic = magic.requireLength(4, "magic");
    }

    /// The whole frame of a message.
    ///
    /// @throws IllegalArgumentException if the payload is above the bound of its command
    public byte[] encode(P2pMessage message) {
        byte[] payload = MessageCodec.encode(message);
        if (payload.length > MessageCodec.maxPayload(message.command())) {
            throw new IllegalArgumentException(
                    message.command() + " of " + payload.length + " bytes is too long to send");
        }
        byte[] frame = new byte[HEADER_SIZE + payload.length];
        byte[] command = message.command().getBytes(StandardCharsets.US_ASCII);
        ByteBuffer.wrap(frame)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(magic.toArray())
                .put(Arrays.copyOf(command, COMMAND_SIZE))
                .putInt(payload.length)
                .put(checksum(payload))
                .put(payload);
        return frame;
    }

    /// Reads one frame, blocking until it is whole.
    ///
    /// Memory is taken as bytes arrive, not as the header announces them.
    ///
    /// @throws EOFException if the stream ends before the first byte of a frame
    /// @throws WireException if the bytes are wrong; the stream is then unusable
    public P2pMessage read(InputStream in) throws IOException {
        byte[] header = in.readNBytes(HEADER_SIZE);
        if (header.length == 0) {
            throw new EOFException("closed by the peer");
        }
        if (header.length < HEADER_SIZE) {
            throw new WireException(Code.TRUNCATED, "ended inside a frame header");
        }
        requireMagic(Bytes.of(header, 0, 4));
        String command = command(Arrays.copyOfRange(header, 4, 4 + COMMAND_SIZE));
        ByteBuffer tail = ByteBuffer.wrap(header, 16, 8).order(ByteOrder.LITTLE_ENDIAN);
        int length = tail.getInt();
        if (length < 0 || length > MessageCodec.maxPayload(command)) {
            throw new WireException(
                    Code.OVERSIZED,
                    command
                            + " announces "
                            + Integer.toUnsignedString(length)
                            + " bytes, at most "
                            + MessageCodec.maxPayload(command));
        }
        byte[] payload = readPayload(in, length, command);
        if (!Arrays.equals(checksum(payload), 0, 4, header, 20, HEADER_SIZE)) {
            throw new WireException(Code.BAD_CHECKSUM, command);
        }
        return MessageCodec.decode(command, payload);
    }

    private void requireMagic(Bytes first) throws WireException {
        if (magic.equals(first)) {
            return;
        }
        if (first.equals(HTTP)) {
            throw new WireException(
                    Code.HTTP, "a web server answers there, perhaps a node's RPC port");
        }
        for (Network network : Network.all()) {
            if (network.magic().equals(first)) {
                throw new WireException(Code.OTHER_NETWORK, "a node of " + network.name());
            }
        }
        throw new WireException(Code.WRONG_MAGIC, first.toHex());
    }

    /// Takes memory as bytes arrive, and never much more than twice what has.
    private static byte[] readPayload(InputStream in, int length, String command)
            throws IOException {
        byte[] payload = new byte[Math.min(length, FIRST_CHUNK)];
        int have = 0;
        while (have < length) {
            if (have == payload.length) {
                payload = Arrays.copyOf(payload, Math.min(length, 2 * have));
            }
            int count = in.read(payload, have, payload.length - have);
            if (count < 0) {
                throw new WireException(Code.TRUNCATED, "ended inside " + command);
            }
            have += count;
        }
        return payload;
    }

    private static String command(byte[] raw) throws WireException {
        int length = 0;
        while (length < raw.length && raw[length] != 0) {
            length++;
        }
        for (int i = 0; i < raw.length; i++) {
            boolean padding = i >= length;
            if (padding ? raw[i] != 0 : raw[i] < 0x20 || raw[i] > 0x7e) {
                throw new WireException(Code.BAD_COMMAND, Bytes.of(raw).toHex());
            }
        }
        return new String(raw, 0, length, StandardCharsets.US_ASCII);
    }

    private static byte[] checksum(byte[] payload) {
        return Arrays.copyOf(Sha256.twice(payload), 4);
    }
}
