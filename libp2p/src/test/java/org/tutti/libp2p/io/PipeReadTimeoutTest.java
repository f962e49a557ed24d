package org.tutti.libp2p.io;

/// The fake that other tests use keeps the contract, too.
class PipeReadTimeoutTest extends ReadTimeoutContract {
    @Override
    protected Ends open() {
        Pipe pipe = new Pipe(1000);
        return new Ends(
                pipe.dialer(), pipe.listener(), pipe.listener()::close, pipe.dialer()::close);
    }
}
