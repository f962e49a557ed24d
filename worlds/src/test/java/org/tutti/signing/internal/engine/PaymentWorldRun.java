package org.tutti.signing.internal.engine;

/// Runs one world whose operations are payments.
public final class PaymentWorldRun extends WorldRun {
    @Override
    WorldChain chain(WorldGroup group) {
        return new PaymentWorldChain(group);
    }
}
