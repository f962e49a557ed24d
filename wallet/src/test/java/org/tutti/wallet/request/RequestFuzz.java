package org.tutti.wallet.request;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.bitcoin.psbt.PsbtException;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.wallet.policy.RefusedException;
import org.tutti.wallet.request.RequestTransaction.KeyInput;

import java.util.List;
import java.util.Set;

/// The PSBT of a request: only a typed refusal leaves the reader, and what it lets through keeps
/// what is promised of it.
public final class RequestFuzz {
    private static final RequestFixture FIXTURE = new RequestFixture() {};

    private RequestFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        test(input);
    }

    static List<byte[]> seeds() {
        try {
            Psbt one = FIXTURE.payment();
            Psbt several =
                    Psbt.of(
                            RequestFixture.transaction(
                                    List.of(
                                            RequestFixture.coin(1),
                                            RequestFixture.coin(2),
                                            RequestFixture.coin(3)),
                                    RequestFixture.out(RequestFixture.FRIEND, 150_000),
                                    RequestFixture.out(FIXTURE.ours, 149_000)),
                            List.of(
                                    RequestFixture.out(FIXTURE.ours, 100_000),
                                    RequestFixture.out(
                                            Script.p2wpkh(Bytes.wrap(new byte[20])), 100_000),
                                    RequestFixture.out(FIXTURE.ours, 100_000)));
            return List.of(
                    one.serialize().toArray(),
                    one.asVersion0().serialize().toArray(),
                    several.serialize().toArray());
        } catch (PsbtException e) {
            throw new IllegalStateException(e);
        }
    }

    static void test(byte[] input) {
        RequestTransaction read;
        try {
            read = RequestTransaction.read(FIXTURE.group.wallet.keys(), Set.of(), Bytes.of(input));
        } catch (RefusedException _) {
            return;
        }
        for (KeyInput own : read.keyInputs()) {
            require(own.prevout().scriptPubKey().equals(FIXTURE.ours), "another's input");
            require(own.message().hash().equals(sighash(read, own.index())), "another message");
        }
        long own =
                read.prevouts().stream()
                        .filter(out -> out.scriptPubKey().equals(FIXTURE.ours))
                        .count();
        require(own == read.keyInputs().size(), "an input that nobody signs");
        require(
                sum(read.prevouts())
                        == sum(read.change()) + sum(read.destinations()) + read.fee().value(),
                "money from nowhere");
        require(
                Sat.isValid(read.outflow().value()) && read.hold().resources().size() == own,
                "another hold");
    }

    private static Bytes sighash(RequestTransaction read, int input) {
        try {
            return read.psbt().sighash(input);
        } catch (PsbtException e) {
            throw new AssertionError(e);
        }
    }

    private static long sum(List<TxOut> outputs) {
        return outputs.stream().mapToLong(output -> output.value().value()).sum();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
