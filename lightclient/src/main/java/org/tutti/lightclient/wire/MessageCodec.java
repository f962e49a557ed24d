package org.tutti.lightclient.wire;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.SerializedBlock;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Hash256;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.wire.P2pMessage.BlockMessage;
import org.tutti.lightclient.wire.P2pMessage.FeeFilter;
import org.tutti.lightclient.wire.P2pMessage.GetAddr;
import org.tutti.lightclient.wire.P2pMessage.GetData;
import org.tutti.lightclient.wire.P2pMessage.GetHeaders;
import org.tutti.lightclient.wire.P2pMessage.Headers;
import org.tutti.lightclient.wire.P2pMessage.Inv;
import org.tutti.lightclient.wire.P2pMessage.Mempool;
import org.tutti.lightclient.wire.P2pMessage.NotFound;
import org.tutti.lightclient.wire.P2pMessage.Ping;
import org.tutti.lightclient.wire.P2pMessage.Pong;
import org.tutti.lightclient.wire.P2pMessage.Reject;
import org.tutti.lightclient.wire.P2pMessage.SendHeaders;
import org.tutti.lightclient.wire.P2pMessage.TxMessage;
import org.tutti.lightclient.wire.P2pMessage.Unknown;
import org.tutti.lightclient.wire.P2pMessage.Verack;
import org.tutti.lightclient.wire.P2pMessage.Version;
import org.tutti.lightclient.wire.WireException.Code;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Payload bytes to messages and back. Stateless.
final class MessageCodec {
    /// Most bytes of any payload (Bitcoin Core's MAX_PROTOCOL_MESSAGE_LENGTH).
    static final int MAX_PAYLOAD = 4_000_000;

    /// Most bytes of a message that we have no use for. The longest that an honest peer sends
    /// unasked is `addrv2` with a thousand addresses.
    static final int MAX_UNKNOWN = 100_000;

    /// Most bytes of a `reject`, whose reason may quote what was wrong.
    private static final int MAX_REJECT = 10_000;

    /// Services, address and port of one side, as `version` carries it. We send zeros: nobody reads
    /// it.
    private static final int NET_ADDRESS = 26;

    /// What a `reject` without a hash is about: neither a transaction nor a block.
    private static final Bytes NO_HASH = Bytes.wrap(new byte[Hash256.LENGTH]);

    private MessageCodec() {}

    /// Most bytes that the payload of this command may have, so that a frame header alone cannot
    /// make us wait for, or hold, more than the message could honestly need.
    static int maxPayload(String command) {
        return switch (command) {
            case "version" -> 1_024;
            case "verack", "sendheaders", "mempool", "getaddr", "ping", "pong", "feefilter" -> 64;
            case "reject" -> MAX_REJECT;
            case "getheaders" -> 4 + 9 + 32 * (P2pMessage.MAX_LOCATOR + 1);
            case "headers" -> 9 + 81 * P2pMessage.MAX_HEADERS;
            case "inv", "getdata", "notfound" -> 9 + 36 * P2pMessage.MAX_INVENTORY;
            case "block", "tx" -> MAX_PAYLOAD;
            default -> MAX_UNKNOWN;
        };
    }

    /// @throws WireException with [Code#MALFORMED] when the bytes are not what the command says
    static P2pMessage decode(String command, byte[] payload) throws WireException {
        try {
            if (command.equals("block")) {
                return new BlockMessage(SerializedBlock.wrap(payload));
            }
            WireReader in = new WireReader(payload);
            P2pMessage message = read(command, in);
            in.requireEnd();
            return message;
        } catch (DecodeException e) {
            throw new WireException(Code.MALFORMED, command + ": " + e.getMessage());
        }
    }

    private static P2pMessage read(String command, WireReader in) throws DecodeException {
        return switch (command) {
            case "version" -> version(in);
            case "verack" -> new Verack();
            case "ping" -> new Ping(in.i64());
            case "pong" -> new Pong(in.i64());
            case "getheaders" -> getHeaders(in);
            case "headers" -> headers(in);
            case "inv" -> new Inv(inventory(in));
            case "getdata" -> new GetData(inventory(in));
            case "notfound" -> new NotFound(inventory(in));
            case "tx" -> new TxMessage(Transaction.read(in));
            case "sendheaders" -> new SendHeaders();
            case "feefilter" -> new FeeFilter(in.i64());
            case "mempool" -> new Mempool();
            case "getaddr" -> new GetAddr();
            case "reject" -> reject(in);
            default -> new Unknown(command, in.bytes(in.remaining()));
        };
    }

    /// The payload, without its frame.
    static byte[] encode(P2pMessage message) {
        WireWriter out = new WireWriter();
        switch (message) {
            case Version version -> write(out, version);
            case Ping(long nonce) -> out.i64(nonce);
            case Pong(long nonce) -> out.i64(nonce);
            case GetHeaders(List<BlockHash> locator, BlockHash stop) -> {
                out.i32(P2pMessage.PROTOCOL_VERSION).compactSize(locator.size());
                locator.forEach(hash -> hash.write(out));
                stop.write(out);
            }
            case Headers(List<BlockHeader> headers) -> {
                out.compactSize(headers.size());
                headers.forEach(header -> out.bytes(header.serialize()).u8(0));
            }
            case Inv(List<InventoryItem> items) -> write(out, items);
            case GetData(List<InventoryItem> items) -> write(out, items);
            case NotFound(List<InventoryItem> items) -> write(out, items);
            case BlockMessage(SerializedBlock block) -> out.bytes(block.bytes());
            case TxMessage(Transaction transaction) -> out.bytes(transaction.serialize());
            case FeeFilter(long satPerKvb) -> out.i64(satPerKvb);
            case Reject reject ->
                    out.varBytes(ascii(reject.refused()))
                            .u8(reject.code())
                            .varBytes(ascii(sentReason(reject)))
                            .bytes(reject.hash());
            case Unknown(String _, Bytes payload) -> out.bytes(payload);
            case Verack _, SendHeaders _, Mempool _, GetAddr _ -> {
                // No payload.
            }
        }
        return out.toArray();
    }

    private static String sentReason(Reject reject) {
        return reject.reason()
                .substring(0, Math.min(reject.reason().length(), Reject.MAX_SENT_REASON));
    }

    private static Version version(WireReader in) throws DecodeException {
        int protocol = in.i32();
        long services = in.i64();
        long timestamp = in.i64();
        in.bytes(2 * NET_ADDRESS);
        long nonce = in.i64();
        String userAgent = text(in, P2pMessage.MAX_USER_AGENT, "user agent");
        int startHeight = in.i32();
        // BIP37 appended the flag; a peer that leaves it out wants everything.
        boolean relay = in.remaining() == 0 || in.u8() != 0;
        // Later versions may append fields.
        in.bytes(in.remaining());
        return new Version(protocol, services, timestamp, nonce, userAgent, startHeight, relay);
    }

    private static void write(WireWriter out, Version version) {
        out.i32(version.protocol())
                .i64(version.services())
                .i64(version.timestamp())
                .bytes(new byte[2 * NET_ADDRESS])
                .i64(version.nonce())
                .varBytes(ascii(version.userAgent()))
                .i32(version.startHeight())
                .u8(version.relay() ? 1 : 0);
    }

    private static GetHeaders getHeaders(WireReader in) throws DecodeException {
        in.i32(); // the sender's protocol version: nobody acts on it
        int count = count(in, P2pMessage.MAX_LOCATOR, 32, "locator");
        List<BlockHash> locator = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            locator.add(BlockHash.read(in));
        }
        return new GetHeaders(locator, BlockHash.read(in));
    }

    private static Headers headers(WireReader in) throws DecodeException {
        int count = count(in, P2pMessage.MAX_HEADERS, 81, "headers");
        List<BlockHeader> headers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            headers.add(BlockHeader.read(in));
            // Headers travel as blocks without transactions.
            if (in.compactSize() != 0) {
                throw new DecodeException(
                        DecodeException.Code.BAD_VALUE, "transactions behind a header");
            }
        }
        return new Headers(headers);
    }

    private static List<InventoryItem> inventory(WireReader in) throws DecodeException {
        int count = count(in, P2pMessage.MAX_INVENTORY, 36, "inventory");
        List<InventoryItem> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            items.add(InventoryItem.read(in));
        }
        return items;
    }

    private static void write(WireWriter out, List<InventoryItem> items) {
        out.compactSize(items.size());
        items.forEach(item -> item.write(out));
    }

    private static Reject reject(WireReader in) throws DecodeException {
        String refused = text(in, 12, "refused command");
        int code = in.u8();
        String reason = text(in, MAX_REJECT, "reason");
        Bytes hash = in.remaining() >= Hash256.LENGTH ? in.bytes(Hash256.LENGTH) : NO_HASH;
        in.bytes(in.remaining());
        return new Reject(refused, code, reason, hash);
    }

    /// At most `max` things of `bytesEach` bytes.
    private static int count(WireReader in, int max, int bytesEach, String what)
            throws DecodeException {
        int count = in.count(bytesEach, what);
        if (count > max) {
            throw new DecodeException(
                    DecodeException.Code.TOO_LARGE, count + " " + what + ", at most " + max);
        }
        return count;
    }

    /// A string of at most `max` bytes. What is not printable ASCII becomes a question mark: the
    /// text may reach a log.
    private static String text(WireReader in, int max, String what) throws DecodeException {
        byte[] raw = in.bytes(count(in, max, 1, what)).toArray();
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] < 0x20 || raw[i] > 0x7e) {
                raw[i] = '?';
            }
        }
        return new String(raw, StandardCharsets.US_ASCII);
    }

    private static Bytes ascii(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
