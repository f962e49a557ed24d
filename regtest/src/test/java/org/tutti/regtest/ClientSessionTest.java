package org.tutti.regtest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.connection.WireConnection;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.BlockMessage;
import org.tutti.lightclient.wire.P2pMessage.GetData;
import org.tutti.lightclient.wire.P2pMessage.GetHeaders;
import org.tutti.lightclient.wire.P2pMessage.Headers;
import org.tutti.lightclient.wire.P2pMessage.Inv;
import org.tutti.lightclient.wire.P2pMessage.NotFound;
import org.tutti.lightclient.wire.P2pMessage.Ping;
import org.tutti.lightclient.wire.P2pMessage.Pong;
import org.tutti.lightclient.wire.P2pMessage.Reject;
import org.tutti.lightclient.wire.P2pMessage.SendHeaders;
import org.tutti.lightclient.wire.P2pMessage.TxMessage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The fixture's side of a connection, message by message.
class ClientSessionTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final P2pMessage WTXID_RELAY = new P2pMessage.Unknown("wtxidrelay", Bytes.EMPTY);

    private final Wallet alice = Wallet.of("alice");
    private RegtestNode node;
    private WireConnection bob;

    @BeforeEach
    void connect() throws IOException {
        node = RegtestNode.start(0, new RegtestEvents() {});
        bob = open();
        bob.write(new P2pMessage.Version(70_016, 8, 0, 1, "/bob:1/", 0, true));
        assertThat(read()).isInstanceOf(P2pMessage.Version.class);
        assertThat(read()).isEqualTo(WTXID_RELAY);
        assertThat(read()).isEqualTo(new P2pMessage.Verack());
        bob.write(new P2pMessage.Verack());
        // Once it answers, the handshake is behind it.
        bob.write(new Ping(1));
        assertThat(read()).isEqualTo(new Pong(1));
    }

    private WireConnection open() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.port());
        return new WireConnection(socket, Network.REGTEST.magic(), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        bob.close();
        node.close();
    }

    private P2pMessage read() throws IOException {
        return bob.read(TIMEOUT);
    }

    @Test
    void newBlocksAreAnnouncedAsTheClientWants() throws IOException {
        node.mine(1, alice.script());
        assertThat(read()).isEqualTo(new Inv(List.of(new InventoryItem.Block(node.tip(), false))));
        bob.write(new SendHeaders());
        bob.write(new Ping(2));
        assertThat(read()).isEqualTo(new Pong(2));
        node.mine(2, alice.script());
        assertThat(read())
                .isEqualTo(new Headers(List.of(node.block(2).header(), node.block(3).header())));
        node.mine(ClientSession.MAX_ANNOUNCED_HEADERS + 1, alice.script());
        assertThat(read()).isEqualTo(new Inv(List.of(new InventoryItem.Block(node.tip(), false))));
    }

    @Test
    void headersAndBlocksAreServedAndTheRestIsNotFound() throws Exception {
        node.mine(1, alice.script());
        read();
        bob.write(new GetHeaders(List.of(BlockHash.ZERO), BlockHash.ZERO));
        assertThat(read()).isEqualTo(new Headers(List.of(node.block(1).header())));
        InventoryItem none = new InventoryItem.Block(BlockHash.ZERO, true);
        bob.write(
                new GetData(
                        List.of(
                                new InventoryItem.Block(node.tip(), true),
                                none,
                                new InventoryItem.Block(node.tip(), false))));
        assertThat(read()).isEqualTo(new BlockMessage(node.block(1)));
        BlockMessage stripped = (BlockMessage) read();
        assertThat(stripped.block().decode().transactions().getFirst().hasWitness()).isFalse();
        assertThat(read()).isEqualTo(new NotFound(List.of(none)));
    }

    @Test
    void aTransactionIsAskedForTakenServedAndListed() throws IOException {
        node.mine(101, alice.script());
        read();
        Transaction payment = alice.spendReward(node.block(1), alice.script(), 1_000);
        Txid txid = payment.txid();
        InventoryItem item = new InventoryItem.Transaction(txid, false);
        bob.write(new Inv(List.of(item)));
        InventoryItem withWitness = new InventoryItem.Transaction(txid, true);
        assertThat(read()).isEqualTo(new GetData(List.of(withWitness)));
        bob.write(new TxMessage(payment));
        assertThat(read()).isEqualTo(new Inv(List.of(item)));
        bob.write(new GetData(List.of(withWitness)));
        assertThat(read()).isEqualTo(new TxMessage(payment));
        bob.write(new P2pMessage.Mempool());
        assertThat(read()).isEqualTo(new Inv(List.of(item)));
    }

    @Test
    void whoSpeaksOfWtxidsIsAskedAndToldByThemAlone() throws IOException {
        bob.close();
        bob = open();
        bob.write(new P2pMessage.Version(70_016, 8, 0, 2, "/bob:1/", 0, true));
        read();
        read();
        read();
        bob.write(WTXID_RELAY);
        bob.write(new P2pMessage.Verack());
        bob.write(new Ping(2));
        assertThat(read()).isEqualTo(new Pong(2));
        node.mine(101, alice.script());
        read();
        Transaction payment = alice.spendReward(node.block(1), alice.script(), 1_000);
        InventoryItem item = new InventoryItem.TransactionByWtxid(payment.wtxid());
        bob.write(new Inv(List.of(new InventoryItem.Transaction(payment.txid(), false))));
        bob.write(new Inv(List.of(item)));
        assertThat(read()).as("not by txid").isEqualTo(new GetData(List.of(item)));
        bob.write(new TxMessage(payment));
        assertThat(read()).isEqualTo(new Inv(List.of(item)));
        bob.write(new GetData(List.of(item)));
        assertThat(read()).isEqualTo(new TxMessage(payment));
    }

    @Test
    void aRefusedTransactionIsAnsweredWithTheReason() throws IOException {
        node.mine(1, alice.script());
        read();
        Transaction early = alice.spendReward(node.block(1), alice.script(), 1_000);
        bob.write(new TxMessage(early));
        Reject reject = (Reject) read();
        assertThat(reject.hash()).isEqualTo(early.txid().bytes());
        assertThat(reject.reason()).isEqualTo("bad-txns-premature-spend-of-coinbase");
    }

    @Test
    void moreClientsThanTheBoundAreClosedAtOnce() throws IOException {
        List<WireConnection> others = new ArrayList<>();
        try {
            for (int i = 1; i < RegtestNode.MAX_CLIENTS; i++) {
                others.add(open());
            }
            WireConnection tooMany = open();
            others.add(tooMany);
            assertThat(closedByPeer(tooMany)).isTrue();
            bob.write(new Ping(3));
            assertThat(read()).isEqualTo(new Pong(3));
        } finally {
            others.forEach(WireConnection::close);
        }
    }

    private static boolean closedByPeer(WireConnection connection) {
        try {
            connection.read(TIMEOUT);
            return false;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
