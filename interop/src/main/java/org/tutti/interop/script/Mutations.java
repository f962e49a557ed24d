package org.tutti.interop.script;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.interop.script.Draft.Spend;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Changes a spend after it was put together, without regard to what that breaks.
final class Mutations {
    private final Choices choices;

    Mutations(Choices choices) {
        this.choices = choices;
    }

    Spend mutated(Spend spend) {
        Spend changed = spend;
        for (int i = choices.between(1, 3); i > 0; i--) {
            changed = once(changed);
        }
        return changed;
    }

    private Spend once(Spend spend) {
        return switch (choices.below(8)) {
            case 0, 1 -> {
                byte[] scriptSig = bytes(Special.scriptSig(spend));
                yield replaced(spend, scriptSig, Special.witness(spend));
            }
            case 2, 3 -> replaced(spend, Special.scriptSig(spend), items(Special.witness(spend)));
            case 4, 5 -> withOutput(spend, bytes(own(spend).scriptPubKey().bytes().toArray()));
            case 6 -> withAmount(spend);
            default -> withTransaction(spend);
        };
    }

    private static TxOut own(Spend spend) {
        return spend.shape().spent().get(spend.shape().input());
    }

    private static Spend replaced(Spend spend, byte[] scriptSig, List<byte[]> witness) {
        List<TxIn> inputs = new ArrayList<>(spend.transaction().inputs());
        TxIn old = Special.input(spend);
        inputs.set(
                spend.shape().input(),
                new TxIn(
                        old.outPoint(),
                        Script.of(Bytes.wrap(scriptSig)),
                        old.sequence(),
                        witness.stream().map(Bytes::wrap).toList()));
        Transaction tx = spend.transaction();
        return new Spend(
                new Transaction(tx.version(), inputs, tx.outputs(), tx.lockTime()), spend.shape());
    }

    private byte[] bytes(byte[] bytes) {
        if (bytes.length == 0 || choices.percent(20)) {
            return inserted(bytes);
        }
        byte[] changed = bytes.clone();
        int at = choices.below(bytes.length);
        switch (choices.below(3)) {
            case 0 -> changed[at] ^= (byte) (1 << choices.below(8));
            case 1 -> changed[at] = (byte) choices.below(256);
            default -> changed = Arrays.copyOf(bytes, at);
        }
        return changed;
    }

    /// With one more byte, which is an opcode more often than not.
    private byte[] inserted(byte[] bytes) {
        int at = choices.below(bytes.length + 1);
        byte[] longer = new byte[bytes.length + 1];
        System.arraycopy(bytes, 0, longer, 0, at);
        longer[at] = (byte) choices.of(choices.between(0x4f, 0xba), choices.below(256));
        System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
        return longer;
    }

    private List<byte[]> items(List<byte[]> items) {
        int at = choices.below(items.size() + 1);
        switch (choices.below(5)) {
            case 0 -> items.add(at, choices.bytes(choices.below(6)));
            case 1 -> items.add(concat(0x50, choices.bytes(choices.below(40))));
            case 2 -> {
                if (at < items.size()) {
                    items.remove(at);
                }
            }
            case 3 -> {
                if (items.size() > 1) {
                    items.add(items.removeFirst());
                }
            }
            default -> {
                if (at < items.size()) {
                    items.set(at, bytes(items.get(at)));
                }
            }
        }
        return items;
    }

    private static byte[] concat(int first, byte[] rest) {
        return Bytes.concat(Bytes.wrap(new byte[] {(byte) first}), Bytes.wrap(rest)).toArray();
    }

    private static Spend withOutput(Spend spend, byte[] scriptPubKey) {
        return new Spend(spend.transaction(), spend.shape().spending(scriptPubKey));
    }

    private Spend withAmount(Spend spend) {
        Shape shape = spend.shape();
        List<TxOut> spent = new ArrayList<>(shape.spent());
        int at = choices.below(spent.size());
        TxOut old = spent.get(at);
        long other = old.value().value() == 0 ? 1 : old.value().value() - 1;
        spent.set(at, new TxOut(Sat.of(other), old.scriptPubKey()));
        return new Spend(spend.transaction(), new Shape(shape.transaction(), spent, shape.input()));
    }

    private Spend withTransaction(Spend spend) {
        Transaction tx = spend.transaction();
        List<TxIn> inputs = new ArrayList<>(tx.inputs());
        int version = tx.version();
        LockTime lockTime = tx.lockTime();
        switch (choices.below(3)) {
            case 0 -> version = choices.of(1, 2, -1);
            case 1 -> lockTime = LockTime.of(choices.anyU32());
            default -> {
                int at = choices.below(inputs.size());
                TxIn old = inputs.get(at);
                inputs.set(
                        at,
                        new TxIn(
                                old.outPoint(),
                                old.scriptSig(),
                                Sequence.of(choices.anyU32()),
                                old.witness()));
            }
        }
        return new Spend(new Transaction(version, inputs, tx.outputs(), lockTime), spend.shape());
    }
}
