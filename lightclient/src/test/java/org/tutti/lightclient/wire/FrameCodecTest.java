package org.tutti.lightclient.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.hash.Wtxid;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.wire.WireException.Code;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

class FrameCodecTest {
    private static final Block GENESIS = Network.REGTEST.genesis();

    private static final Txid TXID = GENESIS.transactions().getFirst().txid();

    private final FrameCodec codec = new FrameCodec(Network.REGTEST.magic());

    /// One of every kind.
    static List<P2pMessage> messages() {
        BlockHash hash = GENESIS.hash();
        List<InventoryItem> items =
                List.of(
                        new InventoryItem.Transaction(TXID, false),
                        new InventoryItem.Transaction(TXID, true),
                        new InventoryItem.TransactionByWtxid(Wtxid.of(TXID.bytes())),
                        new InventoryItem.Block(hash, false),
                        new InventoryItem.Block(hash, true),
                        new InventoryItem.Unknown(0x7777_7777, hash.bytes()));
        return List.of(
                new P2pMessage.Version(70_016, 9, 1_700_000_000L, -3, "/alice:1/", 7, true),
                new P2pMessage.Verack(),
                new P2pMessage.Ping(Long.MIN_VALUE),
                new P2pMessage.Pong(5),
                new P2pMessage.GetHeaders(List.of(hash, BlockHash.ZERO), hash),
                new P2pMessage.Headers(List.of(GENESIS.header(), GENESIS.header())),
                new P2pMessage.Headers(List.of()),
                new P2pMessage.Inv(items),
                new P2pMessage.GetData(items),
                new P2pMessage.NotFound(items),
                new P2pMessage.BlockMessage(GENESIS),
                new P2pMessage.TxMessage(GENESIS.transactions().getFirst()),
                new P2pMessage.SendHeaders(),
                new P2pMessage.FeeFilter(1_000),
                new P2pMessage.Mempool(),
                new P2pMessage.GetAddr(),
                new P2pMessage.Reject("tx", RejectCode.INVALID, "no", hash.bytes()),
                new P2pMessage.Unknown("sendaddrv2", Bytes.EMPTY),
                new P2pMessage.Unknown("cmpctblock", Bytes.fromHex("00ff")));
    }

    private P2pMessage read(byte[] bytes) throws IOException {
        return codec.read(new ByteArrayInputStream(bytes));
    }

    private void refuses(byte[] bytes, Code code) {
        assertThatThrownBy(() -> read(bytes))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    /// A frame with a right checksum around any payload.
    static byte[] frame(String command, byte[] payload) {
        byte[] name = Arrays.copyOf(command.getBytes(StandardCharsets.US_ASCII), 12);
        return ByteBuffer.allocate(FrameCodec.HEADER_SIZE + payload.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(Network.REGTEST.magic().toArray())
                .put(name)
                .putInt(payload.length)
                .put(Sha256.twice(payload), 0, 4)
                .put(payload)
                .array();
    }

    @Test
    void everyMessageComesBackAsItWas() throws IOException {
        for (P2pMessage message : messages()) {
            assertThat(read(codec.encode(message))).isEqualTo(message);
        }
    }

    @Test
    void framesFollowOneAnother() throws IOException {
        InputStream both =
                new ByteArrayInputStream(
                        Bytes.concat(
                                        Bytes.of(codec.encode(new P2pMessage.Ping(1))),
                                        Bytes.of(codec.encode(new P2pMessage.Verack())))
                                .toArray());
        assertThat(codec.read(both)).isEqualTo(new P2pMessage.Ping(1));
        assertThat(codec.read(both)).isEqualTo(new P2pMessage.Verack());
        assertThatThrownBy(() -> codec.read(both)).isInstanceOf(EOFException.class);
    }

    @Test
    void anotherNetworksMagicIsRefused() {
        byte[] frame = new FrameCodec(Network.MAINNET.magic()).encode(new P2pMessage.Verack());
        refuses(frame, Code.OTHER_NETWORK);
        assertThatThrownBy(() -> read(frame)).hasMessageContaining("a node of mainnet");
        frame[0] ^= 1;
        refuses(frame, Code.WRONG_MAGIC);
    }

    @Test
    void theAnswerOfAWebServerIsNamedAsThat() {
        refuses("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII), Code.HTTP);
    }

    @Test
    void aWrongChecksumIsRefused() {
        byte[] frame = codec.encode(new P2pMessage.Ping(1));
        frame[FrameCodec.HEADER_SIZE] ^= 1;
        refuses(frame, Code.BAD_CHECKSUM);
    }

    @Test
    void aCommandThatIsNotPaddedTextIsRefused() {
        byte[] unprintable = codec.encode(new P2pMessage.Verack());
        unprintable[4] = 7;
        refuses(unprintable, Code.BAD_COMMAND);
        byte[] afterPadding = codec.encode(new P2pMessage.Verack());
        afterPadding[15] = 'x';
        refuses(afterPadding, Code.BAD_COMMAND);
    }

    @Test
    void aStreamThatEndsInsideAFrameIsRefused() {
        byte[] frame = codec.encode(new P2pMessage.Ping(1));
        for (int length = 1; length < frame.length; length++) {
            refuses(Arrays.copyOf(frame, length), Code.TRUNCATED);
        }
    }

    @Test
    void aLengthAboveTheBoundOfItsCommandIsRefusedFromTheHeaderAlone() {
        for (String command :
                List.of("version", "ping", "headers", "inv", "reject", "block", "x")) {
            byte[] header = Arrays.copyOf(frame(command, new byte[0]), FrameCodec.HEADER_SIZE);
            ByteBuffer.wrap(header)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(16, MessageCodec.maxPayload(command) + 1);
            refuses(header, Code.OVERSIZED);
            ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putInt(16, -1);
            refuses(header, Code.OVERSIZED);
        }
        assertThat(MessageCodec.maxPayload("block")).isEqualTo(MessageCodec.MAX_PAYLOAD);
        assertThat(MessageCodec.maxPayload("x")).isEqualTo(MessageCodec.MAX_UNKNOWN);
    }

    @Test
    void countsAboveTheirBoundsAreRefused() {
        byte[] inventory = new byte[3 + 36 * (P2pMessage.MAX_INVENTORY + 1)];
        // 50,001 as a CompactSize, and as many zero entries: within no frame bound, so decode
        // directly.
        inventory[0] = (byte) 0xfd;
        inventory[1] = (byte) 0x51;
        inventory[2] = (byte) 0xc3;
        assertThatThrownBy(() -> MessageCodec.decode("inv", inventory))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("50001");
        byte[] locator = new byte[4 + 1 + 32 * 103];
        locator[4] = 102;
        assertThatThrownBy(() -> MessageCodec.decode("getheaders", locator))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("102");
        assertThatThrownBy(() ->
                        new P2pMessage.Headers(
                                Collections.nCopies(P2pMessage.MAX_HEADERS + 1, GENESIS.header())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void payloadsThatAreNotWhatTheirCommandSaysAreRefused() {
        refuses(frame("ping", new byte[7]), Code.MALFORMED);
        refuses(frame("ping", new byte[9]), Code.MALFORMED);
        refuses(frame("verack", new byte[1]), Code.MALFORMED);
        refuses(frame("block", new byte[80]), Code.MALFORMED);
        refuses(frame("tx", new byte[] {1, 0, 0, 0, 0, 1}), Code.MALFORMED);
        byte[] headerWithTransactions = new byte[82];
        headerWithTransactions[0] = 1;
        headerWithTransactions[81] = 1;
        refuses(frame("headers", headerWithTransactions), Code.MALFORMED);
        refuses(frame("headers", new byte[] {(byte) 0xfd, 1, 0}), Code.MALFORMED);
    }

    @Test
    void aVersionWithMoreAtItsEndIsRead() throws IOException {
        P2pMessage.Version version = new P2pMessage.Version(70_016, 9, 1, 2, "/bob:1/", 3, false);
        byte[] payload = MessageCodec.encode(version);
        byte[] longer = Arrays.copyOf(payload, payload.length + 5);
        assertThat(read(frame("version", longer))).isEqualTo(version);
        byte[] withoutRelay = Arrays.copyOf(payload, payload.length - 1);
        assertThat(((P2pMessage.Version) read(frame("version", withoutRelay))).relay()).isTrue();
    }

    @Test
    void whatIsNotPrintableInAUserAgentDoesNotReachALog() throws IOException {
        byte[] payload =
                MessageCodec.encode(new P2pMessage.Version(70_016, 9, 1, 2, "/mallory/", 3, true));
        int agent = 4 + 8 + 8 + 52 + 8 + 1;
        payload[agent] = 27;
        assertThat(((P2pMessage.Version) read(frame("version", payload))).userAgent())
                .isEqualTo("?mallory/");
    }

    @Test
    void aUserAgentAboveItsBoundIsRefused() {
        int most = P2pMessage.MAX_USER_AGENT;
        byte[] good =
                MessageCodec.encode(
                        new P2pMessage.Version(70_016, 9, 1, 2, "a".repeat(most), 3, true));
        byte[] longer = Arrays.copyOf(good, good.length + 1);
        int length = 4 + 8 + 8 + 52 + 8;
        assertThat(longer[length]).as("a length of three bytes").isEqualTo((byte) 0xfd);
        longer[length + 1] = (byte) (most + 1);
        longer[length + 2] = (byte) ((most + 1) >> 8);
        refuses(frame("version", longer), Code.MALFORMED);
    }

    @Test
    void aLongReasonOfBtcdIsCutAndNotRefused() throws IOException {
        byte[] reason = "r".repeat(900).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer payload =
                ByteBuffer.allocate(3 + 1 + 3 + 900 + 32).order(ByteOrder.LITTLE_ENDIAN);
        payload.put((byte) 2).put((byte) 't').put((byte) 'x').put((byte) 0x10);
        payload.put((byte) 0xfd).putShort((short) 900).put(reason).put(new byte[32]);
        P2pMessage.Reject reject = (P2pMessage.Reject) read(frame("reject", payload.array()));
        assertThat(reject.reason()).hasSize(P2pMessage.Reject.MAX_REASON);
        P2pMessage.Reject again = (P2pMessage.Reject) read(codec.encode(reject));
        assertThat(again.reason()).hasSize(P2pMessage.Reject.MAX_SENT_REASON);
    }
}
