package org.tutti.node.daemon;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.node.control.ControlException;
import org.tutti.node.control.ControlHandler;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;
import org.tutti.signing.group.Member;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.payments.PaymentOrder;
import org.tutti.wallet.payments.PaymentProcessor;
import org.tutti.wallet.payments.PaymentRequester;
import org.tutti.wallet.payments.SignedPayment;
import org.tutti.wallet.payments.SigningFailedException;
import org.tutti.wallet.payments.TrackedPayment;
import org.tutti.wallet.spend.CoinSelection;
import org.tutti.wallet.spend.PaymentBuilder;
import org.tutti.wallet.spend.PaymentException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Answers `address`, `status` and `pay` on the control socket.
///
/// Threads: any number at once; no state of its own.
final class NodeControl implements ControlHandler {
    /// Most coins and payments listed in a status.
    private static final int MAX_LISTED = 200;

    private final Setup setup;
    private final UtxoStore coins;
    private final ChainReports chain;
    private final PaymentProcessor payments;
    private final MemberConnector mesh;
    private final PaymentRequester requester;

    NodeControl(
            Setup setup,
            UtxoStore coins,
            ChainReports chain,
            PaymentProcessor payments,
            MemberConnector mesh,
            PaymentRequester requester) {
        this.setup = setup;
        this.coins = coins;
        this.chain = chain;
        this.payments = payments;
        this.mesh = mesh;
        this.requester = requester;
    }

    @Override
    public Map<String, @Nullable Object> handle(JsonObject request) throws ControlException {
        try {
            return switch (request.string("op")) {
                case "address" -> address();
                case "status" -> status();
                case "pay" -> pay(request);
                case String other -> throw bad("op: " + other + " is none of address, status, pay");
            };
        } catch (JsonLineException e) {
            throw bad(e.reason());
        }
    }

    private Map<String, @Nullable Object> address() {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("address", setup.wallet().address().text());
        answer.put("network", setup.wallet().network().name().toLowerCase(java.util.Locale.ROOT));
        answer.put("internalKey", setup.wallet().internalKey().bytes().toHex());
        answer.put("outputKey", setup.wallet().outputKey().bytes().toHex());
        return answer;
    }

    private Map<String, @Nullable Object> status() {
        Map<String, @Nullable Object> answer = address();
        answer.put("peerId", setup.self().peerId().toString());
        answer.put("height", chain.tip().height());
        answer.put("tip", chain.tip().height() < 0 ? null : chain.tip().hash());
        answer.put("members", members());
        answer.put("totalSat", coins.balance().value());
        List<Utxo> spendable = coins.spendable();
        answer.put("spendableSat", spendable.stream().mapToLong(c -> c.value().value()).sum());
        answer.put("spendableCoins", spendable.size());
        answer.put(
                "coins",
                coins.unspent().stream()
                        .limit(MAX_LISTED)
                        .map(coin -> coin(coin, spendable.contains(coin)))
                        .toList());
        answer.put(
                "payments",
                payments.payments().reversed().stream()
                        .limit(MAX_LISTED)
                        .map(this::payment)
                        .toList());
        return answer;
    }

    private List<Map<String, @Nullable Object>> members() {
        Set<PeerId> connected = mesh.connected();
        List<Map<String, @Nullable Object>> members = new ArrayList<>();
        for (Member member : setup.group().members()) {
            Map<String, @Nullable Object> line = new LinkedHashMap<>();
            line.put("signer", member.index());
            line.put("peerId", member.peerId().toString());
            line.put("signingKey", member.signingKey().bytes().toHex());
            line.put("self", member.equals(setup.self()));
            line.put("connected", connected.contains(member.peerId()));
            members.add(line);
        }
        return members;
    }

    private static Map<String, @Nullable Object> coin(Utxo coin, boolean spendable) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("txid", coin.outPoint().txid().toString());
        line.put("vout", coin.outPoint().vout());
        line.put("valueSat", coin.value().value());
        line.put("height", coin.height());
        line.put("coinbase", coin.coinbase());
        line.put("spendable", spendable);
        return line;
    }

    private Map<String, @Nullable Object> payment(TrackedPayment payment) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("txid", payment.txid().toString());
        line.put("state", payment.state().name().toLowerCase(java.util.Locale.ROOT));
        line.put(
                "confirmations",
                payment.confirmation().map(c -> c.depth(coins.tipHeight())).orElse(0));
        payment.confirmation().ifPresent(c -> line.put("blockHash", c.blockHash().toString()));
        return line;
    }

    private Map<String, @Nullable Object> pay(JsonObject request)
            throws ControlException, JsonLineException {
        try {
            SignedPayment signed = requester.pay(order(request));
            Map<String, @Nullable Object> answer = new LinkedHashMap<>();
            answer.put("session", signed.session().toString());
            answer.put("txid", signed.txid().toString());
            answer.put("feeSat", signed.fee().value());
            return answer;
        } catch (PaymentException e) {
            throw new ControlException(e.code().name(), String.valueOf(e.getMessage()));
        } catch (SigningFailedException e) {
            throw new ControlException(e.code(), e.reason());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlException("SHUTTING_DOWN", "the node is ending");
        }
    }

    private PaymentOrder order(JsonObject request) throws ControlException, JsonLineException {
        long amount = request.integer("amountSat");
        if (amount < 1 || !Sat.isValid(amount)) {
            throw bad("amountSat: " + amount + " is no amount");
        }
        long rate = request.has("feeRate") ? request.integer("feeRate") : 2;
        if (rate < 1 || rate > 100_000) {
            throw bad("feeRate: 1 to 100000 sat/vB, not " + rate);
        }
        CoinSelection choice = new CoinSelection.Fewest();
        if (request.has("coins")) {
            long count = request.integer("coins");
            if (count < 1 || count > PaymentBuilder.MAX_INPUTS) {
                throw bad("coins: 1 to " + PaymentBuilder.MAX_INPUTS + ", not " + count);
            }
            choice = new CoinSelection.AtLeast((int) count);
        }
        try {
            Address to = Address.parse(request.string("to"), setup.wallet().network());
            return new PaymentOrder(to, Sat.of(amount), FeeRate.satPerVirtualByte(rate), choice);
        } catch (AddressException e) {
            throw bad("to: " + e.getMessage());
        }
    }

    private static ControlException bad(String reason) {
        return new ControlException("BAD_REQUEST", reason);
    }
}
