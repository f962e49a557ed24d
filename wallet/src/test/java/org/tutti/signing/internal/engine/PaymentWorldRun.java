package org.tutti.signing.internal.engine;

/// Runs one world whose operations are payments.
public final class PaymentWorldRun extends WorldRun {
    @Override
    WorldChain chain(World world) {
        return new PaymentWorldChain(world);
    }
}
