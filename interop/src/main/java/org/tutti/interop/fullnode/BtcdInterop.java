package org.tutti.interop.fullnode;

import org.tutti.musig.keys.SecretKey;

import java.nio.file.Path;
import java.security.SecureRandom;

/// The light client with a real btcd, and a group that pays through one.
public final class BtcdInterop {
    private BtcdInterop() {}

    /// @param args the folder with `btcd` and `btcctl`
    public static void main(String[] args) throws Exception {
        if (args.length != 1) {
            System.err.println("usage: BtcdInterop FOLDER_WITH_BTCD_AND_BTCCTL");
            System.exit(2);
        }
        Path binaries = Path.of(args[0]);
        try (Btcd first = new Btcd(binaries);
                Btcd second = new Btcd(binaries);
                SecretKey key = SecretKey.generate(new SecureRandom())) {
            new FullNodeChecks(first, second, System.out, key).run();
        }
        try (Btcd bitcoin = new Btcd(binaries);
                PaymentChecks payments = new PaymentChecks(bitcoin)) {
            payments.run(System.out);
        }
        System.out.println("ok: btcd agrees");
        System.exit(0);
    }
}
