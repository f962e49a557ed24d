package org.tutti.wallet.request;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.message.Statement;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.wallet.Group;
import org.tutti.wallet.policy.RefusedException;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Requests of three keys, one of which is this node's; the first of them asks.
abstract class RequestFixture {
    static final Network NETWORK = Network.REGTEST;
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    static final Script FRIEND = Script.fromHex("0014" + "f1".repeat(20));
    private static final PeerId PEER =
            PeerId.of(Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey());

    final Group group = new Group();
    final Script ours = group.wallet.scriptPubKey();
    private int requests;

    PublicKey requester() {
        return group.publicKeys().getFirst();
    }

    static OutPoint coin(int number) {
        return new OutPoint(Txid.hashOf(new byte[] {(byte) number, (byte) (number >> 8)}), 0);
    }

    static TxOut out(Script script, long sat) {
        return new TxOut(Sat.of(sat), script);
    }

    static Transaction transaction(int version, LockTime lock, List<OutPoint> in, TxOut... out) {
        return new Transaction(
                version,
                in.stream().map(c -> TxIn.unsigned(c, Sequence.REPLACEABLE)).toList(),
                List.of(out),
                lock);
    }

    static Transaction transaction(List<OutPoint> in, TxOut... out) {
        return transaction(2, LockTime.NONE, in, out);
    }

    /// Of one coin of 100,000 sat 60,000 go to a friend, 39,000 come back.
    Psbt payment() {
        return payment(1);
    }

    Psbt payment(int coin) {
        return Psbt.of(
                transaction(List.of(coin(coin)), out(FRIEND, 60_000), out(ours, 39_000)),
                List.of(out(ours, 100_000)));
    }

    /// A request for what the keys sign of it.
    Invitation request(Psbt psbt, KeyDerivation... derivations) throws RefusedException {
        Bytes bytes = psbt.serialize();
        return request(
                bytes,
                RequestTransaction.read(
                                group.wallet.keys(),
                                new LinkedHashSet<>(List.of(derivations)),
                                bytes)
                        .messages());
    }

    Invitation request(Bytes psbt, List<RequestedMessage> messages) {
        return request(psbt, messages, NETWORK.id(), KeyOrder.SORTED, group.wallet.keys());
    }

    Invitation request(
            Bytes psbt,
            List<RequestedMessage> messages,
            Bytes network,
            KeyOrder order,
            List<PublicKey> keys) {
        requests++;
        return new Invitation(
                new RequestId(Bytes.wrap(Sha256.single(new byte[] {(byte) requests, (byte) 77}))),
                new Statement.Header(
                        network,
                        Optional.empty(),
                        PEER,
                        requester(),
                        NOW.toEpochMilli(),
                        NOW.plusSeconds(3600)),
                keys,
                order,
                messages,
                60_000,
                "spend",
                "for a test",
                "test",
                psbt.isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                new Invitation.PsbtReference(
                                        Bytes.wrap(Sha256.single(psbt.toArray())), psbt.length())),
                ElectionMethod.LEXICOGRAPHIC,
                0,
                Bytes.EMPTY);
    }

    /// What all keys sign of it.
    List<SchnorrSignature> signatures(Psbt psbt) throws RefusedException {
        List<SchnorrSignature> signatures = new ArrayList<>();
        for (RequestedMessage message : read(psbt.serialize()).messages()) {
            signatures.add(group.sign(message.hash()));
        }
        return signatures;
    }

    RequestTransaction read(Bytes psbt) throws RefusedException {
        return RequestTransaction.read(group.wallet.keys(), Set.of(), psbt);
    }

    static Bytes hash(int number) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) number;
        return Bytes.wrap(bytes);
    }
}
