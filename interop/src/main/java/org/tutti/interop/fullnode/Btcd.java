package org.tutti.interop.fullnode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// btcd on regtest, and its btcctl.
final class Btcd extends FullNode {
    private final Path binaries;

    /// @param binaries folder with `btcd` and `btcctl`
    Btcd(Path binaries) throws IOException {
        this.binaries = binaries;
        Files.writeString(config(), "");
    }

    private Path config() {
        return folder().resolve("empty.conf");
    }

    @Override
    String name() {
        return "btcd";
    }

    @Override
    boolean keepsChain() {
        return false;
    }

    @Override
    boolean saysWhy() {
        return true;
    }

    @Override
    List<String> startCommand(String miningAddress) {
        return List.of(
                binaries.resolve("btcd").toString(),
                "--regtest",
                "--configfile=" + config(),
                "--datadir=" + folder().resolve("data"),
                "--logdir=" + folder().resolve("logs"),
                "--rpcuser=u",
                "--rpcpass=p",
                "--notls",
                "--rpclisten=127.0.0.1:" + rpcPort(),
                "--listen=127.0.0.1:" + p2pPort(),
                "--miningaddr=" + miningAddress);
    }

    @Override
    List<String> controlCommand() {
        return List.of(
                binaries.resolve("btcctl").toString(),
                "--configfile=" + config(),
                "--regtest",
                "--rpcuser=u",
                "--rpcpass=p",
                "--notls",
                "-s",
                "127.0.0.1:" + rpcPort());
    }

    @Override
    void generate(int blocks) throws IOException, InterruptedException {
        ctl("generate", Integer.toString(blocks));
    }

    @Override
    void disconnectFrom(FullNode other) throws IOException, InterruptedException {
        ctl("addnode", "127.0.0.1:" + other.p2pPort(), "remove");
    }
}
