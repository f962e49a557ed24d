package org.tutti.wallet.request;

import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.message.Invitation;

import java.util.ArrayList;
import java.util.List;

/// What a request really does, as lines for people; what its requester claims is marked as that.
final class RequestSummary {
    /// The most outputs that have a line of their own.
    static final int MAX_OUTPUTS = 20;

    private static final int MAX_SCRIPT = 42;

    private RequestSummary() {}

    static List<String> of(Invitation request, RequestTransaction transaction, Network network) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "takes %s from %d coins of these %d keys, fee included"
                        .formatted(
                                transaction.outflow(),
                                transaction.keyInputs().size(),
                                request.keys().size()));
        if (transaction.othersValue().isMoreThan(Sat.ZERO)) {
            lines.add("others bring " + transaction.othersValue());
        }
        List<TxOut> destinations = transaction.destinations();
        destinations.stream()
                .limit(MAX_OUTPUTS)
                .forEach(output ->
                        lines.add("pays " + output.value() + " to " + whom(output, network)));
        if (destinations.size() > MAX_OUTPUTS) {
            List<TxOut> rest = destinations.subList(MAX_OUTPUTS, destinations.size());
            lines.add(
                    "pays %s to %d others"
                            .formatted(
                                    Sat.sum(rest.stream().map(TxOut::value).toList()),
                                    rest.size()));
        }
        lines.add("fee " + transaction.fee());
        Sat back = Sat.sum(transaction.change().stream().map(TxOut::value).toList());
        lines.add("change " + back + " to these keys");
        lines.addAll(claims(request));
        Sat paid = Sat.sum(destinations.stream().map(TxOut::value).toList());
        if (request.amount() != paid.value()) {
            lines.add("its requester claims another amount than it pays, " + paid);
        }
        return List.copyOf(lines);
    }

    static List<String> ofRaw(Invitation request) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "signs %d bare messages: they can be signature hashes of anything that these %d"
                                .formatted(request.messages().size(), request.keys().size())
                        + " keys own");
        lines.addAll(claims(request));
        return List.copyOf(lines);
    }

    private static List<String> claims(Invitation request) {
        return List.of(
                "claims to be: %s of %s"
                        .formatted(printable(request.type()), Sat.of(claimed(request))),
                "claims: " + printable(request.description()),
                "claims to be for: " + printable(request.purpose()));
    }

    private static long claimed(Invitation request) {
        return Math.clamp(request.amount(), 0, Sat.MAX_VALUE);
    }

    private static String whom(TxOut output, Network network) {
        Script script = output.scriptPubKey();
        try {
            return Address.of(script, network).text();
        } catch (AddressException _) {
            return "script "
                    + (script.length() <= MAX_SCRIPT
                            ? script.toHex()
                            : script.slice(0, MAX_SCRIPT).toHex() + "…");
        }
    }

    /// A requester's words in one line, without what moves a terminal's cursor or turns text
    /// around.
    private static String printable(String text) {
        StringBuilder plain = new StringBuilder();
        text.codePoints().map(c -> isPlain(c) ? c : '?').forEach(plain::appendCodePoint);
        return "\"" + plain + "\"";
    }

    private static boolean isPlain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
