package org.tutti.libp2p.security.noise;

import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.security.SecurityContract;
import org.tutti.libp2p.security.SecurityProtocol;

import java.util.List;

class NoiseContractTest extends SecurityContract {
    @Override
    protected SecurityProtocol protocol(PrivateKey key) {
        return new NoiseSecurity(key, List.of("/yamux/1.0.0"));
    }
}
