package org.tutti.libp2p.host;

import org.tutti.libp2p.io.ReadTimeoutContract;
import org.tutti.libp2p.swarm.Stream;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/// The first read also waits for the remote's answer to the proposal.
class NegotiatedStreamReadTimeoutTest extends ReadTimeoutContract {
    @Override
    protected Ends open() throws Exception {
        MemoryHosts net = new MemoryHosts();
        CompletableFuture<Stream> bobs = new CompletableFuture<>();
        CountDownLatch done = new CountDownLatch(1);
        Host bob =
                net.start(
                        net.builder()
                                .handler(
                                        "/test/1",
                                        stream -> {
                                            bobs.complete(stream);
                                            try {
                                                done.await();
                                            } catch (InterruptedException e) {
                                                Thread.currentThread().interrupt();
                                            }
                                        }));
        Host alice = net.start(net.builder());
        Stream alices = alice.connect(MemoryHosts.addressOf(bob)).openStreamLazily("/test/1");
        alices.write(new byte[] {0}, 0, 1);
        Stream bobsStream = bobs.get();
        return new Ends(
                alices,
                bobsStream,
                bobsStream::closeWrite,
                () -> {
                    done.countDown();
                    net.close();
                });
    }
}
