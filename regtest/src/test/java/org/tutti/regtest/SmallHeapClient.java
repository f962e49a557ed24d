package org.tutti.regtest;

import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.lightclient.sync.LightClient;

import java.util.concurrent.CountDownLatch;

/// A light client in a process of its own: follows the peers at these ports up to a height, and
/// prints what it lost and how long it took.
final class SmallHeapClient {
    private SmallHeapClient() {}

    /// @param args the height, then the ports
    public static void main(String[] args) throws InterruptedException {
        int wanted = Integer.parseInt(args[0]);
        CountDownLatch done = new CountDownLatch(1);
        LightClient.Builder builder = LightClient.builder().network(Network.REGTEST);
        for (int i = 1; i < args.length; i++) {
            builder.peer("127.0.0.1", Integer.parseInt(args[i]));
        }
        long start = System.nanoTime();
        builder.listener(
                new ChainListener() {
                    @Override
                    public void tip(int height, BlockHash hash) {
                        if (height == wanted) {
                            long millis = (System.nanoTime() - start) / 1_000_000;
                            System.out.println("followed to " + hash + " after " + millis + " ms");
                            done.countDown();
                        }
                    }

                    @Override
                    public void peerLost(String peer, DisconnectReason reason) {
                        System.out.println("lost " + reason);
                    }

                    @Override
                    public void failed(Throwable defect) {
                        System.out.println("failed " + defect);
                        done.countDown();
                    }
                });
        try (LightClient _ = builder.start()) {
            done.await();
        }
        System.exit(0);
    }
}
